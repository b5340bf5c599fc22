"""What trials printed, made comparable: each datum says what the model must predict and how far it may be off.

A datum is a change from baseline in one arm, or a printed difference between two arms. What was not printed
(an SD, a number of people) is assumed, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from follicast.errors import FollicastError
from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.evidence.study import POOLED, Result, Study
from follicast.evidence.therapy import Sex
from follicast.regimen import Regimen
from follicast.sites import site_factor
from follicast.trials.cohort import Cohort, cohorts

COUNTED = {"total_density", "terminal_density", "anagen_density"}
# What else the observer reads, with the unit of its change: percent of baseline, um, percentage points.
READ = {"hair_weight": "%", "mean_diameter": "um", "anagen_share": "%"}
Z95 = 1.959964
_Z = {"ci95": Z95, "ci90": 1.644854}


@dataclass(frozen=True)
class Datum:
    """One printed result in the model's terms.

    value and se [unit]; unit is "/cm2", "%" of the baseline, "um" or, for the anagen share, "points"; minus is None
    for an arm. `cohorts` are those whose mean is the arm. `read_as` is what the observer must read: a total counted on
    photographs is that of hairs thick enough to show. `offset` is the kind of drift that arms of this trial
    share (none in a contrast, where it cancels). `therapies` says with which sign each therapy's own between-trial
    deviation enters.
    """

    study: str
    arm: str
    minus: str | None
    cohorts: tuple[Cohort, ...]
    regimen: str
    against: str | None
    week: int
    endpoint: str
    read_as: str
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
    unit = _unit(study, result)
    if (
        unit is None
        or study.design in POOLED
        or None in regimens
        or result.week < 1
        or study.condition not in _PATTERN
    ):
        return None
    per = _per(study, result)
    if result.change is None or result.sure == "M":
        return None  # what nobody has read in a source is not held against the model
    se, how = _error(study, result)
    on_photographs = study.photographs and result.endpoint == "total_density"
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
        read_as="terminal_density" if on_photographs else result.endpoint,
        unit=unit,
        value=result.change * per,
        se=se * per,
        se_source=how,
        offset="none" if result.minus else study.offset,
        therapies=_signs(main, other),
        bias=study.risk_of_bias,
        cutoff_um=_number("photograph")
        if on_photographs
        else study.cutoff_um or float(evidence().numbers["reading.cutoff"]),
        in_fit=result.calibrates,
        baseline=result.baseline * per if result.baseline is not None and result.unit != "%" else None,
    )


def _unit(study: Study, result: Result) -> str | None:
    """Return the unit of a datum, or None where the observer could not read what was printed."""
    if result.endpoint in COUNTED:
        known = result.unit in ("/cm2", "%") or (result.unit == "{hairs}" and study.area_cm2)
        return ("%" if result.unit == "%" else "/cm2") if known else None
    if READ.get(result.endpoint) != result.unit:
        return None
    return "points" if result.endpoint == "anagen_share" else result.unit


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
    """Return an arm's regimen, or None where it holds a therapy that the evidence gives no curve."""
    words = study.arm(arm).regimen
    if words is None:
        return None
    try:
        regimen = Regimen(words)
    except FollicastError:
        return None
    return regimen if all(_has_a_curve(part.therapy, study) for part in regimen.parts) else None


def _has_a_curve(therapy: str, study: Study) -> bool:
    """Say whether a therapy acts in the model: always, or because studies have lifted its refusal in that sex."""
    sexes: tuple[Sex, ...] = ("F", "M") if study.sex == "both" else (study.sex,)
    return any(standing(evidence(), therapy, sex).grade != "refused" for sex in sexes)


def _cohorts(study: Study) -> tuple[Cohort, ...]:
    """Return the cohort of a study: its sex, age, menopause and site where printed, else the usual ones."""
    women = "women_post" if study.menopause == "post" else "women"
    names = {"M": ("men",), "F": (women,), "both": ("men", women)}[study.sex]
    return tuple(_alike(cohorts()[name], study) for name in names)


def _alike(usual: Cohort, study: Study) -> Cohort:
    step = _number("age_step")  # so that trials share people
    age = step * round((_age(study) or usual.age) / step)
    past = study.menopause == "post"
    final = min(usual.final_period_age, age - _number("menopause_before")) if past else usual.final_period_age
    there = round(site_factor(usual.sex, study.site), 1)
    return replace(usual, age=age, final_period_age=final, site_factor=there)


def _age(study: Study) -> float | None:
    if study.age is None and study.age_low is not None and study.age_high is not None:
        return 0.5 * (study.age_low + study.age_high)
    return study.age


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
    per = study.area_cm2 or 1.0 if result.unit == "{hairs}" else 1.0
    sd = (
        "change_sd_weight"
        if result.endpoint == "hair_weight"
        else _ASSUMED_SD[_unit(study, result) or "/cm2"]
    )
    return _number(sd) * root * per, "assumed"


_ASSUMED_SD = {
    "/cm2": "change_sd",
    "%": "change_sd_percent",
    "um": "change_sd_diameter",
    "points": "change_sd_anagen",
}


def _number(name: str) -> float:
    return float(evidence().numbers[f"cohorts.{name}"])
