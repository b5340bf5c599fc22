"""What trials printed, made comparable: each datum says what the model must predict and how far it may be off.

A datum is a change from baseline in one arm, or a printed difference between two arms. What was not printed
(an SD, a number of people) is assumed, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from follicast.errors import FollicastError
from follicast.evidence.library import evidence
from follicast.evidence.study import POOLED, Result, Study
from follicast.regimen import Regimen

COUNTED = {"total_density", "terminal_density", "anagen_density"}
Z95 = 1.959964
_Z = {"ci95": Z95, "ci90": 1.644854}


@dataclass(frozen=True)
class Datum:
    """One printed result in the model's terms.

    value and se [unit]; unit is "/cm2" or "%"; minus is None for an arm. `offset` is the kind of drift that
    arms of this trial share (none in a contrast, where it cancels). `therapies` says with which sign each
    therapy's own between-trial deviation enters.
    """

    study: str
    arm: str
    minus: str | None
    cohorts: tuple[str, ...]
    regimen: str
    against: str | None
    week: int
    endpoint: str
    unit: str
    value: float
    se: float
    se_source: str
    offset: str
    therapies: dict[str, int]
    bias: str
    cutoff_um: float
    in_fit: bool
    baseline: float | None

    @property
    def kind(self) -> str:
        """ "arm" or "contrast"."""
        return "contrast" if self.minus else "arm"


def observations(studies: Iterable[Study]) -> list[Datum]:
    """Return every count that the model can be held against, calibrating or not."""
    return [datum for study in studies for result in study.results if (datum := _datum(study, result))]


def _datum(study: Study, result: Result) -> Datum | None:
    regimens = [_regimen(study, name) for name in (result.arm, result.minus) if name]
    if (
        result.endpoint not in COUNTED
        or study.design in POOLED
        or None in regimens
        or result.week < 1
        or study.condition not in _PATTERN
    ):
        return None
    if result.unit not in ("/cm2", "%", "{hairs}") or (result.unit == "{hairs}" and not study.area_cm2):
        return None
    per = _per(study, result)
    if result.change is None or result.sure == "M":
        return None  # what nobody has read in a source is not held against the model
    se, how = _error(study, result)
    main, other = regimens[0], regimens[1] if result.minus else None
    return Datum(
        study=study.id,
        arm=result.arm,
        minus=result.minus,
        cohorts=_cohorts(study),
        regimen=str(main),
        against=str(other) if other else None,
        week=round(result.week),
        endpoint=result.endpoint,
        unit="%" if result.unit == "%" else "/cm2",
        value=result.change * per,
        se=se * per,
        se_source=how,
        offset="none" if result.minus else study.offset,
        therapies=_signs(main, other),
        bias=study.risk_of_bias,
        cutoff_um=study.cutoff_um or float(evidence().numbers["reading.cutoff"]),
        in_fit=result.calibrates,
        baseline=result.baseline * per if result.baseline is not None and result.unit != "%" else None,
    )


def counted_per_cm2(study: Study, result: Result) -> float | None:
    """Return a change of a count [/cm2]; None where it was not printed, or not in hairs per known area."""
    if result.change is None or (result.unit == "{hairs}" and not study.area_cm2):
        return None
    return result.change * _per(study, result) if result.unit in ("/cm2", "{hairs}") else None


def error_per_cm2(study: Study, result: Result) -> tuple[float, str]:
    """Return the standard error of a count [/cm2], and whether it was printed or assumed."""
    se, how = _error(study, result)
    return se * _per(study, result), how


def _per(study: Study, result: Result) -> float:
    return 1.0 / study.area_cm2 if result.unit == "{hairs}" and study.area_cm2 else 1.0


_PATTERN = {"male-androgenetic-alopecia", "female-pattern-hair-loss-faga"}


def _regimen(study: Study, arm: str) -> Regimen | None:
    """Return an arm's regimen, or None where it holds a therapy for which the model has no action."""
    words = study.arm(arm).regimen
    if words is None:
        return None
    try:
        regimen = Regimen(words)
    except FollicastError:
        return None
    return regimen if all(part.record.actions for part in regimen.parts) else None


def _cohorts(study: Study) -> tuple[str, ...]:
    if study.sex == "M":
        return ("men",)
    women = "women_post" if study.menopause == "post" else "women"
    return (women,) if study.sex == "F" else ("men", women)


def _signs(main: Regimen | None, other: Regimen | None) -> dict[str, int]:
    signs: dict[str, int] = {}
    for regimen, sign in ((main, 1), (other, -1)):
        for therapy in regimen.therapies if regimen else []:
            signs[family(therapy)] = signs.get(family(therapy), 0) + sign
    return {therapy: sign for therapy, sign in signs.items() if sign}


def family(therapy: str) -> str:
    """Return the drug a therapy is a form of: all strengths of topical minoxidil share one deviation."""
    return therapy.rsplit("-", 1)[0] if therapy.startswith("minoxidil-topical") else therapy


def _error(study: Study, result: Result) -> tuple[float, str]:
    """Return the standard error [printed unit] and whether it was printed or assumed."""
    arms = [study.arm(name) for name in (result.arm, result.minus) if name]
    people = [arm.n or int(_number("people_assumed")) for arm in arms]
    root = float(np.sqrt(sum(1.0 / n for n in people)))
    counted = "printed" if all(arm.n and not arm.n_assumed for arm in arms) else "assumed"
    spread = result.spread
    if spread and spread.kind == "se" and spread.value is not None:
        return spread.value, "printed"
    if spread and spread.kind == "sd" and spread.value is not None:
        return spread.value * root, counted
    if spread and spread.kind in _Z and spread.low is not None and spread.high is not None:
        return (spread.high - spread.low) / (2 * _Z[spread.kind]), "printed"
    sd = _number("change_sd") if result.unit != "%" else _number("change_sd_percent")
    return sd * root * (study.area_cm2 or 1.0 if result.unit == "{hairs}" else 1.0), "assumed"


def _number(name: str) -> float:
    return float(evidence().numbers[f"cohorts.{name}"])
