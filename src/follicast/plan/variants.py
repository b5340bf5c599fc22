"""What if: doses missed, a break, an early stop, a year of waiting, a second therapy, each against the plan.

All variants run in one pass from the same follicles with the same luck, so that a difference is the variant's own
and not chance. It does not know how likely a person is to do any of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from follicast.evidence.library import evidence
from follicast.forecast import HIGH, JUDGED_AT, LOW, MEDIAN, ArmForecast, Curve, Forecast
from follicast.plan.stopping import stopped, worded
from follicast.regimen import MONTH_D, Part, Regimen


@dataclass(frozen=True)
class Variant:
    """One way in which things may go otherwise: its name, what it says, and the regimen that it makes."""

    name: str
    plain: str
    regimen: Regimen


@dataclass(frozen=True)
class WhatIf:
    """A variant beside the plan: both forecasts, and the variant less the plan, draw by draw.

    `difference` is of terminal hairs per cm2 [month]; `plan` is the forecast that the plan rests on.
    """

    variant: Variant
    arm: ArmForecast
    plan: ArmForecast

    @property
    def difference(self) -> Curve:
        """Terminal hairs per cm2 more (or fewer) than under the plan: median and 90 % interval [month]."""
        apart = self.arm.values("terminal_density") - self.plan.values("terminal_density")
        low, median, high = np.quantile(apart, (LOW, MEDIAN, HIGH), axis=0)
        return Curve(median, low, high)

    def at(self, month: int) -> dict[str, float]:
        """Return the difference [/cm2] at a month: median and the ends of its 90 % interval."""
        curve = self.difference
        return {name: float(getattr(curve, name)[month]) for name in ("median", "low", "high")}

    def as_json(self) -> dict[str, Any]:
        """Return the variant, its own course, and how it differs from the plan."""
        told, last = self.arm.curves["terminal_density"], self.arm.months[-1]
        judged = {str(month): _rounded(self.at(month)) for month in sorted({min(JUDGED_AT, last), last})}
        ends = ("median", "low", "high")
        return {
            "name": self.variant.name,
            "plain": self.variant.plain,
            "arm": self.arm.arm,
            "months": self.arm.months,
            "terminal_density": {end: _course(getattr(told, end)) for end in ends},
            "difference": {end: _course(getattr(self.difference, end)) for end in ends},
            "at": judged,
            "of_100": self.arm.of_100,
            "month_of_visible_benefit": self.arm.month_of_visible_benefit,
        }


def what_if(forecast: Forecast, arm: ArmForecast, variants: Sequence[Variant]) -> list[WhatIf]:
    """Return each variant of an arm beside it; those without evidence for a curve are left out.

    Variants are run in one pass, from the follicles and with the luck of the forecast.
    """
    found = forecast.under(variant.regimen for variant in variants)
    return [
        WhatIf(variant, other, arm)
        for variant, other in zip(variants, found, strict=True)
        if other.refused is None
    ]


def usual_variants(regimen: Regimen, horizon_d: float, second: Regimen | None = None) -> list[Variant]:
    """Return the handful of variants that people ask about; those that would change nothing are left out.

    `second` is the regimen with a second therapy added, where there is a sensible one; `horizon_d` [d] is how far
    the forecast looks.
    """
    if not regimen.parts:
        return []
    number = {name: float(evidence().numbers[f"choice.{name}"]) for name in _NUMBERS}
    pause = (number["pause_from"] * MONTH_D, number["pause_to"] * MONTH_D)
    parts = regimen.parts
    found = [_missed(parts, number["missed_doses"])]
    if pause[0] < horizon_d - 1.0:
        found.append(
            Variant("pause", _pause(regimen, pause, horizon_d), _each(parts, lambda p: _paused(p, pause)))
        )
    stops = (number["stop_early"], number["stop_late"])
    found += [_stop(regimen, month) for month in stops if month * MONTH_D < horizon_d - 1.0]
    found.append(_later(parts, number["later"]))
    if second is not None:
        added = [part.record.short for part in second.parts if part.therapy not in regimen.therapies]
        found.append(Variant("add", f"{' and '.join(added)} is added", second))
    return [variant for variant in found if variant.regimen.parts and variant.regimen != regimen]


_NUMBERS = ("missed_doses", "pause_from", "pause_to", "stop_early", "stop_late", "later")


def with_second(regimen: Regimen, pairs: Iterable[Regimen]) -> Regimen | None:
    """Return a regimen with the partner of the first pair that holds all its therapies, its own options kept."""
    for pair in pairs:
        more = [part for part in pair.parts if part.therapy not in regimen.therapies]
        if more and set(regimen.therapies) < set(pair.therapies):
            return worded([*regimen.parts, *more])
    return None


def _each(parts: Sequence[Part], change: Callable[[Part], Part]) -> Regimen:
    return worded(change(part) for part in parts)


def _missed(parts: Sequence[Part], kept: float) -> Variant:
    said = f"only {100 * kept:.0f} of 100 doses and sessions are kept"
    return Variant(
        "missed-doses", said, _each(parts, lambda part: replace(part, adherence=part.adherence * kept))
    )


def _later(parts: Sequence[Part], months: float) -> Variant:
    said = f"it is begun {months:.0f} months later"
    return Variant("later", said, _each(parts, lambda part: _shifted(part, months * MONTH_D)))


def _stop(regimen: Regimen, month: float) -> Variant:
    return Variant(f"stop-{month:.0f}", f"it is stopped at month {month:.0f}", stopped(regimen, month))


def _paused(part: Part, pause: tuple[float, float]) -> Part:
    if part.stop_d <= pause[0] or part.start_d >= pause[1]:
        return part
    return replace(part, pauses=(*part.pauses, pause))


def _pause(regimen: Regimen, pause: tuple[float, float], horizon_d: float) -> str:
    """Say what a pause is, and how many sessions it skips."""
    skipped = sum(
        len(part.session_days(horizon_d)) - len(_paused(part, pause).session_days(horizon_d))
        for part in regimen.parts
    )
    said = f"there is a break from month {pause[0] / MONTH_D:.0f} to month {pause[1] / MONTH_D:.0f}"
    return f"{said}, sessions skipped: {skipped}" if skipped else said


def _shifted(part: Part, by: float) -> Part:
    later = tuple((low + by, high + by) for low, high in part.pauses)
    stop = part.stop_d + by if math.isfinite(part.stop_d) else part.stop_d
    return replace(part, start_d=part.start_d + by, stop_d=stop, pauses=later)


def _rounded(ends: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in ends.items()}


def _course(values: Any) -> list[float]:
    return [round(float(value), 2) for value in values]
