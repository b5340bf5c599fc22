"""Virtual people like those of a published trial, treated as they were.

A cohort is one sex at one age with pattern loss of the usual degree, seen at one site. It does not know drop-out,
nor the single ages of a trial's people.
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
from follicast.people import closely, evenly, people, responders
from follicast.pull import Pull, pull
from follicast.regimen import MONTH_D, Regimen
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.weather import YEAR_D, Weather, weather

WEEK_D = 7.0
SEED = 20_021
_EVERYBODY = 1e9  # severity is not selected at all


@dataclass(frozen=True)
class Cohort:
    """Who took part: sex, age [years], where they were counted, and how severe the loss was that was let in.

    Severity is coverage relative to the person's own full hair [1] in men, the Sinclair grade [1] in women;
    `severity_sd` says how sharply it was selected. `site_factor` [1] scales sensitivity at the site counted.
    """

    name: str
    sex: Sex
    age: float
    severity: float
    severity_sd: float
    site_factor: float = 1.0
    final_period_age: float = 51.0
    ancestry: str | None = None

    @property
    def lets_everybody_in(self) -> bool:
        """Whether severity is not selected at all."""
        return self.severity_sd >= _EVERYBODY


def cohorts() -> dict[str, Cohort]:
    """Return the cohorts that stand for the usual people of published trials."""
    rows: list[tuple[str, Sex]] = [("men", "M"), ("women", "F"), ("women_post", "F")]
    return {
        name: Cohort(
            name,
            sex,
            _number(f"cohorts.{name}_age"),
            _number(f"cohorts.severity_{sex.lower()}"),
            _number(f"cohorts.severity_{sex.lower()}_sd"),
            final_period_age=_number("hormones.final_period_age"),
        )
        for name, sex in rows
    }


def everybody(sex: Sex, age: float, ancestry: str | None = None) -> Cohort:
    """Return a cohort of one sex and age [years] into which everybody was let."""
    final = _number("hormones.final_period_age")
    return Cohort("everybody", sex, age, 0.0, _EVERYBODY, final_period_age=final, ancestry=ancestry)


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

    @property
    def own_coverage(self) -> Floats:
        """Coverage as a share of the person's own full hair [draw]."""
        return _own_coverage(self.scalp)


def grow(cohort: Cohort, parameters: Mapping[str, Floats], persons: int, follicles: int) -> Grown:
    """Grow the scalps of a cohort from puberty to baseline under parameter sets [set].

    The same people, follicle by follicle, stand under every parameter set, so that sets differ by what they say.
    """
    sets = parameters["anagen"].size
    wide = {name: np.repeat(values, persons) for name, values in parameters.items()}
    keys = np.tile(np.array([luck_key(SEED, p) for p in range(persons)], dtype=np.uint64), sets)
    share, met = closely((np.arange(persons) + 0.5) / persons)
    who = people(keys, wide, cohort.sex, np.tile(share, sets), cohort.ancestry)
    scalp = born(keys, wide, who.sensitivity, who.density, who.full_um, follicles, cohort.site_factor)
    ages = np.arange(_number("hair_cycle.puberty"), cohort.age, MONTH_D / YEAR_D)
    past = _weather(cohort, ages, MONTH_D, wide, who.onset)
    _, state = run(scalp, clocks(scalp, wide, past))
    scalp = replace(scalp, state=state)
    weight = (
        met / met.sum() * np.ones((sets, 1)) if cohort.lets_everybody_in else _let_in(cohort, scalp, sets)
    )
    return Grown(cohort, scalp, wide, responders(keys, wide), weight, who.onset)


def treat(
    grown: Grown, regimen: Regimen, weeks: int, cutoff_um: float, season: Floats | None = None
) -> Reading:
    """Treat a grown cohort and read it every week from week 0 to `weeks`; `season` [day] as in `weather`."""
    return follow(grown, pulled(grown, regimen, weeks), weeks, cutoff_um, season)


def pulled(grown: Grown, regimen: Regimen, weeks: int) -> Pull:
    """Return the pull [draw, week] of a regimen on a cohort, week by week."""
    by_day = pull(regimen, grown.parameters, grown.responders, grown.cohort.sex, _days(weeks))
    return Pull(*(_by_week(column) for column in vars(by_day).values()))


def follow(grown: Grown, pulled: Pull, weeks: int, cutoff_um: float, season: Floats | None = None) -> Reading:
    """Read a grown cohort every week under a weekly pull [draw, week], whatever it is that pulls."""
    ages = grown.cohort.age + np.arange(weeks + 1) * WEEK_D / YEAR_D
    swing = None if season is None else _by_week(season[None])[0]
    now = _weather(grown.cohort, ages, WEEK_D, grown.parameters, grown.onset, swing)
    wound = clocks(grown.scalp, grown.parameters, now, pulled)
    counts, _ = run(grown.scalp, wound, WEEK_D, weeks + 1, cutoff_um)
    return observer.read(counts, grown.scalp, WEEK_D)


def still(grown: Grown, weeks: int) -> Pull:
    """Return a pull [draw, week] that does nothing."""
    nothing = np.zeros((grown.onset.size, weeks + 1))
    return Pull(nothing + 1.0, nothing, nothing, nothing, nothing)


def aged(grown: Grown, age: float, final_period_age: float) -> Grown:
    """Return the same people at a later age [years], untreated, with their weights as they were let in."""
    older = replace(grown.cohort, final_period_age=final_period_age)
    ages = np.arange(grown.cohort.age, age, MONTH_D / YEAR_D)
    since = _weather(older, ages, MONTH_D, grown.parameters, grown.onset)
    _, state = run(grown.scalp, clocks(grown.scalp, grown.parameters, since))
    return replace(grown, cohort=replace(older, age=age), scalp=replace(grown.scalp, state=state))


def _weather(
    cohort: Cohort,
    ages: Floats,
    step_d: float,
    parameters: Mapping[str, Floats],
    onset: Floats,
    season: Floats | None = None,
) -> Weather:
    return weather(
        cohort.sex,
        ages,
        step_d,
        parameters,
        final_period_age=cohort.final_period_age,
        onset=onset,
        ancestry=cohort.ancestry,
        season=season,
    )


def _days(weeks: int) -> int:
    return int((weeks + 1) * WEEK_D)


def _by_week(daily: Floats) -> Floats:
    """Return weekly means [draw, week] of daily values [draw, day]; days beyond the last whole week are left out."""
    weeks = daily.shape[1] // int(WEEK_D)
    return daily[:, : weeks * int(WEEK_D)].reshape(daily.shape[0], weeks, -1).mean(axis=2)


def full_coverage(scalp: Scalp) -> Floats:
    """Return what coverage [draw, cm/cm2] would be with every follicle full-grown and its hair seen."""
    return scalp.density * scalp.follicles.full_um.mean(axis=1) * 1e-4


def _own_coverage(scalp: Scalp) -> Floats:
    return observer.standing(scalp).coverage[:, 0] / full_coverage(scalp)


def _let_in(cohort: Cohort, scalp: Scalp, sets: int) -> Floats:
    """Return how much each person [set, person] counts, so that severity is spread as the entry criteria say."""
    severity = (
        observer.sinclair(observer.standing(scalp).coverage[:, 0])
        if cohort.sex == "F"
        else _own_coverage(scalp)
    ).reshape(sets, -1)
    away = (severity - cohort.severity) / cohort.severity_sd
    weight = evenly(severity) * np.exp(-0.5 * away**2) + 1e-12
    return weight / weight.sum(axis=1, keepdims=True)


def _number(name: str) -> float:
    return float(evidence().numbers[name])
