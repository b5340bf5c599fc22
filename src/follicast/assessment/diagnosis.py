"""How likely each kind of hair loss is: prior odds, times a likelihood ratio for each finding known.

Each probability stands alone: pattern loss and an effluvium may both be true, so they need not sum to one. Two
limits follow: findings are multiplied as if they were independent, and one kind explains another away only where
a finding says so (a needle's mark speaks against alopecia areata). Most ratios are elicited; each has a band,
and the probability an interval that holds it whatever the ratios are within their bands, all at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from follicast.assessment.answer import Diagnosis, Weight
from follicast.assessment.curves import told_by
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.errors import InputError, did_you_mean
from follicast.evidence.condition import Condition, Finding, Setting
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.strength import band, prior_band, strength

SETTINGS: dict[Setting, str] = {"specialist": "in specialist clinics", "general": "in general practice"}
AREATA = ("alopecia-areata", "alopecia-totalis")  # ids of its forms begin so


@dataclass(frozen=True)
class Weighed:
    """One finding on one patient: whether it is there, and the ratio that its being so gives."""

    finding: Finding
    there: bool | None
    ratio: Number | None


def setting_of(asked: str) -> Setting:
    """Return a setting whose prior odds are held; raises `InputError` for another name."""
    for setting in SETTINGS:
        if setting == asked:
            return setting
    hint = did_you_mean(asked, SETTINGS)
    raise InputError(f"no setting is called '{asked}'.{hint} There are: {', '.join(SETTINGS)}")


def diagnose(facts: Facts, setting: Setting = "specialist") -> list[Diagnosis]:
    """Return every condition that this person could have, the likeliest first."""
    found = [_diagnosis(condition, facts, setting) for condition in _possible(facts)]
    return sorted(found, key=lambda diagnosis: (-diagnosis.probability, diagnosis.condition))


def pattern_likely(facts: Facts, setting: Setting = "specialist") -> bool | None:
    """Whether pattern loss is likelier than not, whatever the unknown findings may turn out to be."""
    return _likely(facts, setting, lambda condition: condition.kind == "pattern")


def areata_likely(facts: Facts, setting: Setting = "specialist") -> bool | None:
    """Whether one of the forms of alopecia areata is likelier than not, read as `pattern_likely` is."""
    return _likely(facts, setting, lambda condition: condition.id.startswith(AREATA))


def _likely(facts: Facts, setting: Setting, meant: Callable[[Condition], bool]) -> bool | None:
    """Take unknown findings at their worst and at their best; if the ends disagree it is unknown.

    So knowing less can never turn a no into a yes.
    """
    least, most = 0.0, 0.0
    for condition in filter(meant, _possible(facts)):
        low, high = _bounds(condition, facts, setting)
        least, most = max(least, low), max(most, high)
    bound = evidence().numbers["assessment.likely"].value
    return True if least >= bound else False if most < bound else None


def _possible(facts: Facts) -> Iterator[Condition]:
    return (c for c in evidence().conditions.values() if facts.patient.sex in c.sex)


def _weigh(condition: Condition, facts: Facts) -> list[Weighed]:
    bounds = {name: number.value for name, number in condition.thresholds.items()}
    known = {**facts.known, **bounds}
    return [_weigh_one(finding, known) for finding in condition.findings]


def _weigh_one(finding: Finding, known: dict[str, Any]) -> Weighed:
    """Weigh one finding; a count that was taken speaks in place of a yes or no."""
    if finding.curve and finding.curve.of in known:
        ratio = told_by(finding.curve, known[finding.curve.of])
        return Weighed(finding, ratio.value >= 1, ratio)
    there = expression(finding.when).verdict(known)
    return Weighed(finding, there, None if there is None else finding.present if there else finding.absent)


def _diagnosis(condition: Condition, facts: Facts, setting: Setting) -> Diagnosis:
    weighed, prior = _weigh(condition, facts), condition.prior[setting]
    weights = [_prior_weight(prior), *(_weight(w, w.ratio) for w in weighed if w.ratio)]
    low, middle, high = (
        never_certain(_share(math.prod(getattr(weight, end) for weight in weights)), prior.value)
        for end in ("low", "ratio", "high")
    )
    return Diagnosis(
        condition.id,
        condition.name,
        middle,
        _reasons(prior, setting, weighed),
        condition.kind,
        sorted({*condition.citekeys, *(key for weight in weights for key in weight.source)}),
        low,
        high,
        weights,
    )


def _prior_weight(prior: Number) -> Weight:
    odds = _odds(prior.value)
    return Weight("prior odds", None, odds, *prior_band(prior), None, prior.kind, prior.citekeys)


def _weight(weighed: Weighed, ratio: Number) -> Weight:
    says, size = weighed.finding.says, ratio.value
    return Weight(says, weighed.there, size, *band(ratio), strength(size), ratio.kind, ratio.citekeys)


def never_certain(probability: float, prior: float) -> float:
    """Return a probability no nearer to 0 or 1 than a story with assumed ratios can carry it.

    What is rarer than that bound to begin with stays as rare: doubt does not make a tumour common.
    """
    surest = evidence().numbers["assessment.surest"].value
    return min(max(probability, min(1 - surest, prior)), surest)


def _bounds(condition: Condition, facts: Facts, setting: Setting) -> tuple[float, float]:
    low = high = _odds(condition.prior[setting].value)
    for weighed in _weigh(condition, facts):
        if weighed.finding.gate:
            ratios = _ratios(weighed)
            low, high = low * min(ratios), high * max(ratios)
    return _share(low), _share(high)


def _ratios(weighed: Weighed) -> list[float]:
    """The ratios that a finding may still give: one if it is known, both if not."""
    if weighed.there is not None:
        return [weighed.ratio.value if weighed.ratio else 1.0]
    return [weighed.finding.present.value, weighed.finding.absent.value if weighed.finding.absent else 1.0]


def _odds(share: float) -> float:
    return share / (1 - share)


def _share(odds: float) -> float:
    return odds / (1 + odds)


def _reasons(prior: Number, setting: Setting, weighed: list[Weighed]) -> list[str]:
    where = SETTINGS[setting]
    said = [f"before anything is known, {100 * prior.value:.0f} of 100 with hair loss {where} ({prior.kind})"]
    moving = [(w, w.ratio) for w in weighed if w.ratio]
    said += [_moved(w, ratio) for w, ratio in sorted(moving, key=lambda m: -abs(math.log(m[1].value)))]
    asked = [w.finding.says for w in weighed if w.there is None]
    return [*said, f"not known: {', '.join(asked)}"] if asked else said


def _moved(weighed: Weighed, ratio: Number) -> str:
    there = "there" if weighed.there else "not there"
    times = (
        f"{ratio.value:g} times the odds"
        if ratio.value >= 1
        else f"the odds divided by {1 / ratio.value:.3g}"
    )
    return f"{weighed.finding.says}: {there}, {times} ({ratio.kind})"
