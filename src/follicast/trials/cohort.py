"""Virtual people like those of a published trial, treated as they were.

A cohort is one sex at one age with pattern loss of the usual degree. It does not yet know drop-out, nor the
single ages of a trial's people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from follicast import observer
from follicast.cycle import Floats, luck_key
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.observer import Reading
from follicast.people import people, responders
from follicast.regimen import MONTH_D, Pull, Regimen, pull
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.weather import YEAR_D, weather

WEEK_D = 7.0
SEED = 20_021


@dataclass(frozen=True)
class Cohort:
    """Who took part: sex, age [years], and how severe the loss was that was let in.

    Severity is coverage relative to the person's own full hair [1] in men, the Sinclair grade [1] in women;
    `severity_sd` says how sharply it was selected.
    """

    name: str
    sex: Sex
    age: float
    severity: float
    severity_sd: float


def cohorts() -> dict[str, Cohort]:
    """Return the cohorts that stand for the people of published trials."""
    number = {name.removeprefix("cohorts."): float(n) for name, n in evidence().numbers.items()}
    rows: list[tuple[str, Sex]] = [("men", "M"), ("women", "F"), ("women_post", "F")]
    return {
        name: Cohort(
            name,
            sex,
            number[f"{name}_age"],
            number[f"severity_{sex.lower()}"],
            number[f"severity_{sex.lower()}_sd"],
        )
        for name, sex in rows
    }


@dataclass(frozen=True)
class Grown:
    """A cohort at baseline under many parameter sets; a draw is parameter set x person.

    weight [set, person] says how much each person counts among those a trial would have let in.
    """

    cohort: Cohort
    scalp: Scalp
    parameters: dict[str, Floats]
    responders: dict[str, Floats]
    weight: Floats
    onset: Floats

    def mean(self, values: Floats) -> Floats:
        """Return the mean over people [set, observation] of values [draw, observation]."""
        sets, persons = self.weight.shape
        return np.einsum("sp,spk->sk", self.weight, values.reshape(sets, persons, -1))


def grow(cohort: Cohort, parameters: Mapping[str, Floats], persons: int, follicles: int) -> Grown:
    """Grow the scalps of a cohort from puberty to baseline under parameter sets [set].

    The same people, follicle by follicle, stand under every parameter set, so that sets differ by what they say.
    """
    sets = parameters["anagen"].size
    wide = {name: np.repeat(values, persons) for name, values in parameters.items()}
    keys = np.tile(np.array([luck_key(SEED, p) for p in range(persons)], dtype=np.uint64), sets)
    share = np.tile((np.arange(persons) + 0.5) / persons, sets)
    who = people(keys, wide, cohort.sex, share)
    young = born(keys, wide, who.sensitivity, who.density, who.full_um, follicles)
    puberty = float(evidence().numbers["hair_cycle.puberty"])
    ages = np.arange(puberty, cohort.age, MONTH_D / YEAR_D)
    final = float(evidence().numbers["hormones.final_period_age"])
    past = weather(cohort.sex, ages, MONTH_D, wide, final_period_age=final, onset=who.onset)
    _, state = run(young, clocks(young, wide, past))
    scalp = Scalp(keys, young.life, young.follicles, state, young.susceptibility, young.density)
    weight = _let_in(cohort, scalp, wide, who.full_um).reshape(sets, persons)
    return Grown(
        cohort, scalp, wide, responders(keys, wide), weight / weight.sum(axis=1, keepdims=True), who.onset
    )


def treat(
    grown: Grown, regimen: Regimen, weeks: int, cutoff_um: float, season: Floats | None = None
) -> Reading:
    """Treat a grown cohort and read it every week from week 0 to `weeks`; `season` [day] as in `weather`."""
    pulled = pull(regimen, grown.parameters, grown.responders, grown.cohort.sex, _days(weeks))
    return follow(grown, pulled, weeks, cutoff_um, season)


def follow(grown: Grown, pulled: Pull, weeks: int, cutoff_um: float, season: Floats | None = None) -> Reading:
    """Read a grown cohort every week under a daily pull [draw, day], whatever it is that pulls."""
    ages = grown.cohort.age + np.arange(_days(weeks)) / YEAR_D
    final = float(evidence().numbers["hormones.final_period_age"])
    now = weather(
        grown.cohort.sex,
        ages,
        1.0,
        grown.parameters,
        final_period_age=final,
        onset=grown.onset,
        season=season,
    )
    counts, _ = run(
        grown.scalp, clocks(grown.scalp, grown.parameters, now, pulled), WEEK_D, weeks + 1, cutoff_um
    )
    return observer.read(counts, grown.scalp, WEEK_D)


def _days(weeks: int) -> int:
    return int(weeks * WEEK_D) + 1


def aged(grown: Grown, age: float, final_period_age: float) -> Grown:
    """Return the same people at a later age [years], untreated, with their weights as they were let in."""
    ages = np.arange(grown.cohort.age, age, MONTH_D / YEAR_D)
    since = weather(
        grown.cohort.sex,
        ages,
        MONTH_D,
        grown.parameters,
        final_period_age=final_period_age,
        onset=grown.onset,
    )
    _, state = run(grown.scalp, clocks(grown.scalp, grown.parameters, since))
    return replace(grown, cohort=replace(grown.cohort, age=age), scalp=replace(grown.scalp, state=state))


def _let_in(cohort: Cohort, scalp: Scalp, parameters: Mapping[str, Floats], full_um: Floats) -> Floats:
    """Return how likely each person's loss [draw] is to have met the trial's entry criteria."""
    coverage = observer.standing(scalp).coverage[:, 0]
    left = coverage / (scalp.density * full_um * 1e-4)
    severity = observer.sinclair(coverage) if cohort.sex == "F" else left
    return np.exp(-0.5 * ((severity - cohort.severity) / cohort.severity_sd) ** 2) + 1e-9
