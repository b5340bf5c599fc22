"""What the model must agree with besides trials: baselines, tissue, withdrawal, how common loss is at each age.

An anchor is a value with an error that calibration sees as it sees a printed result. Whatever is an anchor is a
*fitted* fact, never evidence that the mechanism is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

import numpy as np
from scipy.special import ndtr

from follicast import cycle, observer
from follicast.cycle import Floats, luck_key, luck_keys
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.therapy import Sex
from follicast.people import people
from follicast.regimen import Regimen
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.trials.cohort import SEED, Grown, cohorts, full_coverage, grow, treat
from follicast.weather import YEAR_D, weather

DECADE_D = 10.0 * YEAR_D
AGES = (25, 35, 45, 55, 65, 75)
STOP_WEEK, LATER = 96, 24
_CROWD, _CROWD_FOLLICLES = 96, 40  # many people, each seen coarsely: a prevalence is about people
_HEALTHY_FOLLICLES = 4000
_FROM_AGE = 15.0
SURVEYS = ("europe", "korea", "china")


@dataclass
class Stage:
    """One set of parameters and the virtual people that anchors share under it."""

    parameters: Mapping[str, Floats]
    persons: int
    follicles: int

    def __post_init__(self) -> None:
        self.grown: dict[str, Grown] = {}
        self.crowds: dict[tuple[Sex, str], Floats] = {}

    def cohort(self, name: str) -> Grown:
        """Return one of the usual cohorts, grown once."""
        if name not in self.grown:
            self.grown[name] = grow(cohorts()[name], self.parameters, self.persons, self.follicles)
        return self.grown[name]

    def prevalence(self, sex: Sex, survey: str) -> Floats:
        """Return the share [%] of people of a population with loss that a survey counts [set, age of AGES]."""
        if (sex, survey) not in self.crowds:
            self.crowds[sex, survey] = prevalence(self.parameters, sex, survey)
        return self.crowds[sex, survey]


def _baseline(name: str, endpoint: str, stage: Stage) -> Floats:
    people = stage.cohort(name)
    return people.mean(getattr(observer.standing(people.scalp), endpoint))[:, 0]


def _on_photographs(name: str, stage: Stage) -> Floats:
    people, shown = stage.cohort(name), float(evidence().numbers["cohorts.photograph"])
    return people.mean(observer.standing(people.scalp, shown).terminal_density)[:, 0]


def _anagen_in_tissue(stage: Stage) -> Floats:
    return anagen_in_tissue(healthy(stage.parameters, _HEALTHY_FOLLICLES))


def _left_after_stopping(stage: Stage) -> Floats:
    """Hairs/cm2 over untreated men that are left 24 weeks after 96 weeks of the lotion."""
    men, weeks = stage.cohort("men"), STOP_WEEK + LATER
    stopped = Regimen(f"minoxidil-topical-5:stop@{STOP_WEEK}wk")
    treated, none = (treat(men, arm, weeks, 0.0).total_density for arm in (stopped, Regimen("none")))
    return men.mean(treated - none)[:, weeks]


def _common(sex: Sex, survey: str, age: int, stage: Stage) -> Floats:
    shares = stage.prevalence(sex, survey)
    return np.array([np.interp(age, AGES, row) for row in shares])


@cache
def anchors() -> dict[str, Callable[[Stage], Floats]]:
    """Return every anchor that the evidence holds a number for, and how it is found, by name."""
    found: dict[str, Callable[[Stage], Floats]] = {
        "men_total": partial(_baseline, "men", "total_density"),
        "men_anagen": partial(_baseline, "men", "anagen_share"),
        "men_on_photographs": partial(_on_photographs, "men"),
        "women_on_photographs": partial(_on_photographs, "women"),
        "women_diameter": partial(_baseline, "women", "mean_diameter"),
        "anagen_in_tissue": _anagen_in_tissue,
        "left_after_stopping": _left_after_stopping,
    }
    sexes: list[tuple[str, Sex]] = [("men", "M"), ("women", "F")]
    for survey, (who, sex), age in product(SURVEYS, sexes, sorted({*AGES, 30, 50, 70})):
        found[f"{survey}_{who}_{age}"] = partial(_common, sex, survey, age)
    return {name: how for name, how in found.items() if f"anchors.{name}" in evidence().numbers}


def observed() -> tuple[Floats, Floats]:
    """Return the value and the error [anchor] of every anchor, in their order."""
    numbers = [number(name) for name in anchors()]
    return np.array([float(n) for n in numbers]), np.array([_error(n) for n in numbers])


def number(name: str) -> Number:
    """Return the evidence behind an anchor."""
    return evidence().numbers[f"anchors.{name}"]


def measure(parameters: Mapping[str, Floats], persons: int, follicles: int) -> Floats:
    """Return what the model makes of every anchor [set, anchor]."""
    stage = Stage(parameters, persons, follicles)
    return np.stack([found(stage) for found in anchors().values()], axis=1)


def _error(number: Number) -> float:
    assert number.spread is not None and number.spread.value is not None
    return number.spread.value


# --- a healthy scalp, and everybody --------------------------------------------------------------------------


def healthy(believed: Mapping[str, Floats], follicles: int = 20_000) -> Scalp:
    """Return a large scalp of each draw that androgens leave alone."""
    draws = believed["anagen"].size
    none, density, full = 1e-6 * np.ones(draws), believed["follicle_density"], believed["full_diameter"]
    return born(luck_keys(3, draws), believed, none, density, full, follicles)


def anagen_in_tissue(scalp: Scalp) -> Floats:
    """Return the share [%] in anagen of follicles that hold a hair [draw], as histology counts them."""
    phase = scalp.state.phase
    return 100.0 * (phase == cycle.ANAGEN).sum(axis=1) / (phase < cycle.KENOGEN).sum(axis=1)


def prevalence(parameters: Mapping[str, Floats], sex: Sex, survey: str) -> Floats:
    """Return the share [%] of a whole population with loss that a survey counts [set, age of AGES]."""
    coverage = own_coverage(parameters, sex, survey)
    counted, doubt = (_severity(name) for name in ("counted_as_loss", "counted_as_loss_error"))
    sets = parameters["anagen"].size
    return 100.0 * ndtr((counted - coverage) / doubt).reshape(sets, _CROWD, -1).mean(axis=1)


def own_coverage(parameters: Mapping[str, Floats], sex: Sex, survey: str) -> Floats:
    """Return what is left of the full hair of each person's age [set x person, age of AGES] in a population."""
    sets = parameters["anagen"].size
    wide = {name: np.repeat(values, _CROWD) for name, values in parameters.items()}
    keys = np.tile(np.array([luck_key(SEED, p) for p in range(_CROWD)], dtype=np.uint64), sets)
    share = np.tile((np.arange(_CROWD) + 0.5) / _CROWD, sets)
    who = people(keys, wide, sex, share, survey)
    scalp = born(keys, wide, who.sensitivity, who.density, who.full_um, _CROWD_FOLLICLES)
    months = np.arange(_FROM_AGE, AGES[-1] + 0.5, 1.0 / 12.0)
    final = float(evidence().numbers["hormones.final_period_age"])
    calm = weather(sex, months, YEAR_D / 12.0, wide, final_period_age=final, onset=who.onset, ancestry=survey)
    counts, _ = run(scalp, clocks(scalp, wide, calm), DECADE_D, len(AGES) + 1)
    # A grader compares the top of the head with its back, which ages as well.
    aged = np.interp(AGES, months, calm.ageing)
    return observer.read(counts, scalp, DECADE_D).coverage[:, 1:] / (full_coverage(scalp)[:, None] * aged)


def _severity(name: str) -> float:
    return float(evidence().numbers[f"severity.{name}"])
