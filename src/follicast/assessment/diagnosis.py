"""How likely each kind of hair loss is: prior odds, times a likelihood ratio for each finding known.

Each probability stands alone: pattern loss and an effluvium may both be true. Most ratios are elicited, and
the reasons say so. It orders questions and says what is being assumed; it is not an examination.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from follicast.assessment.answer import Diagnosis
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.evidence.condition import Condition, Finding, Setting
from follicast.evidence.library import evidence
from follicast.evidence.number import Number

AREATA = ("alopecia-areata", "alopecia-totalis")  # ids of its forms begin so


@dataclass(frozen=True)
class Weighed:
    """One finding on one patient: whether it is there, and the ratio that its being so gives."""

    finding: Finding
    there: bool | None
    ratio: Number | None


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
    weighed = []
    for finding in condition.findings:
        there = expression(finding.when).verdict(known)
        ratio = None if there is None else finding.present if there else finding.absent
        weighed.append(Weighed(finding, there, ratio))
    return weighed


def _diagnosis(condition: Condition, facts: Facts, setting: Setting) -> Diagnosis:
    weighed = _weigh(condition, facts)
    prior = condition.prior[setting]
    odds = _odds(prior.value) * math.prod(w.ratio.value for w in weighed if w.ratio)
    rests_on = [*condition.citekeys, *prior.citekeys]
    rests_on += [key for w in weighed if w.ratio for key in w.ratio.citekeys]
    return Diagnosis(
        condition.id,
        condition.name,
        never_certain(odds / (1 + odds), prior.value),
        _reasons(prior, setting, weighed),
        condition.kind,
        sorted(set(rests_on)),
        odds,
    )


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
    return low / (1 + low), high / (1 + high)


def _ratios(weighed: Weighed) -> list[float]:
    """The ratios that a finding may still give: one if it is known, both if not."""
    present = weighed.finding.present.value
    absent = weighed.finding.absent.value if weighed.finding.absent else 1.0
    return [present, absent] if weighed.there is None else [present] if weighed.there else [absent]


def _odds(share: float) -> float:
    return share / (1 - share)


def _reasons(prior: Number, setting: Setting, weighed: list[Weighed]) -> list[str]:
    where = "in specialist clinics" if setting == "specialist" else "in general practice"
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
