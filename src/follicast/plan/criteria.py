"""What each option is like on each criterion: one value, or as many as there are tries where it is not known.

A value lies between 0 (the worst that counts) and 1 (the best). What is not known is not taken for nothing: it is
drawn evenly over its whole range, so that it counts in the middle on average and its doubt shows in the ranking.
What does not apply to an option counts in the middle always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Therapy
from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.patient import Budget
from follicast.plan.effort import Effort
from follicast.plan.harms import HarmLine, burden, worst
from follicast.plan.preferences import CRITERIA
from follicast.plan.pregnancy import LEAVES, Pregnancy
from follicast.plan.stopping import Stopping

_GRADES = ("very low", "low", "moderate", "high")
_MIDDLE = 0.5
_OWN = ("blood-derived",)  # families made of the person's own body
_DRUG_FREE = ("procedure", "supplement")


@dataclass(frozen=True)
class Traits:
    """What is known of one option, each in its own unit: what the criteria are read from."""

    arm: ArmForecast
    harms: list[HarmLine]
    effort: Effort
    stopping: Stopping | None
    pregnancy: Pregnancy | None
    grade: str | None
    approval: str | None
    cost: float | None
    currency: str | None = None


@dataclass(frozen=True)
class Measured:
    """An option on every criterion: `middle` [criterion] and `tries` [try, criterion], both 0 to 1.

    `unknown` names the criteria that are not known, `beside` those that do not apply; both count in the middle.
    """

    middle: Floats
    tries: Floats
    unknown: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def measured(traits: Traits, cost: float | None, random: np.random.Generator, tries: int) -> Measured:
    """Return an option on every criterion, with as many tries as are wanted; `cost` is its share of the worst."""
    apart = _not_applying(traits)
    values = {**_of_hair(traits, tries), **_of_harms(traits, random, tries), **_plain(traits, cost)}
    columns, middle, unknown = [], [], []
    for name in CRITERIA:
        value = values[name]
        if value is None:
            columns.append(np.full(tries, _MIDDLE) if name in apart else random.uniform(size=tries))
            middle.append(_MIDDLE)
            unknown.append(name)
            continue
        scaled = _scaled(name, np.asarray(value, dtype=float))
        columns.append(np.broadcast_to(scaled, (tries,)))
        middle.append(float(np.median(scaled)))
    return Measured(
        np.array(middle),
        np.stack(columns, axis=1),
        [name for name in unknown if name not in apart],
        [name for name in unknown if name in apart],
    )


def ends(name: str) -> tuple[float, float]:
    """Return the worst and the best of a criterion, beyond which more counts no further."""
    number = evidence().numbers
    return float(number[f"choice.{name}_worst"]), float(number[f"choice.{name}_best"])


def _scaled(name: str, value: Floats) -> Floats:
    low, high = ends(name)
    return np.clip((value - low) / (high - low), 0.0, 1.0)


def _not_applying(traits: Traits) -> set[str]:
    """Return the criteria that say nothing of no treatment: it makes no claim that evidence could bear out."""
    return set() if traits.arm.regimen.parts else {"evidence"}


def _of_hair(traits: Traits, tries: int) -> Mapping[str, Floats | float | None]:
    """Return what the draws of the forecast say, the same draws for every option."""
    arm = traits.arm
    draws = np.arange(tries) % arm.extra.shape[0]
    last = ends("soon")[0]
    shed, left = arm.early_shed, traits.stopping.left_percent if traits.stopping else None
    return {
        "benefit": arm.extra[draws, min(JUDGED_AT, arm.months[-1])],
        "soon": np.minimum(arm.first_visible[draws], last),
        "early_shed": shed.ratio if shed else 1.0,
        "lasting": 0.0 if traits.stopping is None or left is None else left,
    }


def _of_harms(traits: Traits, random: np.random.Generator, tries: int) -> Mapping[str, Floats | float | None]:
    """Return how common harms may be; none for no treatment, unknown where nobody counted."""
    if not traits.arm.regimen.parts:
        return {"safety": 0.0, "side_effects": 0.0}
    return {
        "safety": _together(traits.harms, "moderate", "serious", random, tries),
        "side_effects": _together(traits.harms, "mild", "mild", random, tries),
    }


def _together(
    lines: list[HarmLine], least: str, most: str, random: np.random.Generator, tries: int
) -> Floats | None:
    """Return of 100 people how many meet the commonest harm of any part, the parts independent of each other."""
    spared = np.ones(tries)
    for therapy in dict.fromkeys(line.therapy for line in lines):
        found = burden(worst([line for line in lines if line.therapy == therapy], least, most), random, tries)
        if found is None:
            return None
        spared *= 1.0 - found / 100.0
    return 100.0 * (1.0 - spared) if lines else None


def _plain(traits: Traits, cost: float | None) -> Mapping[str, Floats | float | None]:
    """Return what is one number, or not known."""
    number = evidence().numbers
    leaves = LEAVES[traits.pregnancy.stop] if traits.pregnancy else "choice.pregnancy_best"
    return {
        "effort": traits.effort.hours,
        "flexible": traits.effort.bound_days,
        "natural": float(all(_own(part.record) for part in traits.arm.regimen.parts)),
        "pregnancy": float(number[leaves]) if leaves else None,
        "evidence": float(_GRADES.index(traits.grade)) if traits.grade else None,
        "approved": _approved(traits.approval),
        "cost": cost,
    }


def _own(record: Therapy) -> bool:
    return record.route in _DRUG_FREE or any(family in _OWN for family in record.family)


def _approved(stands: str | None) -> float | None:
    """Return how an approval counts; None where nobody looked it up. No treatment needs none."""
    worst_end, best_end = ends("approved")
    if stands is None:
        return best_end
    half = float(evidence().numbers["choice.off_label"])
    return {"approved": best_end, "off-label": half, "unknown": None}.get(stands, worst_end)


def cost_shares(options: Mapping[str, Traits], budget: Budget | None) -> dict[str, float | None]:
    """Return the first year of each option as a share of the budget, or without one of the dearest known.

    None where a cost is not known, or stands in another currency than what it is measured by: none is converted.
    """
    priced = [one for one in options.values() if one.cost and one.currency]
    most = max(priced, key=lambda one: one.cost or 0.0, default=None)
    if budget is not None:
        amount, currency = budget.amount, budget.currency
    elif most is not None and len({one.currency for one in priced}) == 1:
        amount, currency = float(most.cost or 0.0), str(most.currency)
    else:
        amount, currency = 0.0, ""
    return {name: _share(one, amount, currency) for name, one in options.items()}


def _share(one: Traits, amount: float, currency: str) -> float | None:
    if one.cost == 0:
        return 0.0
    return one.cost / amount if one.cost and amount and one.currency == currency else None
