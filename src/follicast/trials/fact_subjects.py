"""Who the facts are asked of: a healthy scalp, and the people of trials; each grown once, each course run once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.observer import Reading, read
from follicast.regimen import Regimen
from follicast.scalp import Scalp
from follicast.simulation import clocks, run
from follicast.trials.anchors import healthy
from follicast.trials.cohort import WEEK_D, Cohort, Grown, cohorts, grow, treat
from follicast.trials.observations import observations
from follicast.trials.virtual import PERSONS
from follicast.weather import Weather, weather

PHOTOGRAPHED = "photographed"
LONG = 260  # weeks: five years, as long as the longest trial
YOUNG = 25.0  # years: nothing has aged yet
_NEVER = 999.0  # years: hair loss never begins


@dataclass
class Subjects:
    """Virtual people under some parameter sets [draw], how many of them, and how many follicles of each.

    By default they are the people of calibration, with more follicles, for some facts are counted person by
    person. The healthy scalp lives at `latitude`
    [degrees], where seasons are drawn; by default a temperate one.
    """

    parameters: Mapping[str, Floats]
    persons: int = PERSONS
    follicles: int = 800
    healthy_follicles: int = 20_000
    latitude: float | None = None
    _grown: dict[Cohort, Grown] = field(default_factory=dict)
    _courses: dict[tuple[Cohort, str, int, float], Reading] = field(default_factory=dict)
    _lives: dict[str, Reading] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many parameter sets there are."""
        return self.parameters["anagen"].size

    @cached_property
    def scalp(self) -> Scalp:
        """A large scalp of each draw that androgens leave alone."""
        return healthy(self.parameters, self.healthy_follicles)

    def of(self, cohort: Cohort) -> Grown:
        """Return the people of a cohort at baseline."""
        if cohort not in self._grown:
            self._grown[cohort] = grow(cohort, self.parameters, self.persons, self.follicles)
        return self._grown[cohort]

    def each(self, cohort: Cohort, arm: str, weeks: int = LONG, cutoff_um: float | None = None) -> Reading:
        """Return what is read of each person under an arm [draw x person, week]."""
        key = (cohort, arm, weeks, cutoff() if cutoff_um is None else cutoff_um)
        if key not in self._courses:
            self._courses[key] = treat(self.of(cohort), Regimen(arm), weeks, key[-1])
        return self._courses[key]

    def course(self, cohort: Cohort, arm: str, what: str = "total_density", weeks: int = LONG) -> Floats:
        """Return the mean of a quantity over the people of a cohort under an arm [draw, week].

        `photographed` is the count of hairs that show on a photograph of the area.
        """
        if what == PHOTOGRAPHED:
            shown = float(evidence().numbers["cohorts.photograph"])
            return self.of(cohort).mean(self.each(cohort, arm, weeks, shown).terminal_density)
        return self.of(cohort).mean(getattr(self.each(cohort, arm, weeks), what))

    def gain(self, cohort: Cohort, arm: str, what: str = "total_density") -> Floats:
        """Return how much more of a quantity there is than untreated [draw, week]."""
        return self.course(cohort, arm, what) - self.course(cohort, "none", what)

    def life(
        self, weeks: int, season: Floats | None = None, hold: Floats | None = None, jump: Floats | None = None
    ) -> Reading:
        """Read the healthy scalp every week under a weather, as `Weather` has it; without any, a calm one."""
        quiet = calm(self.parameters, weeks + 1, WEEK_D)
        now = replace(
            quiet,
            season=quiet.season if season is None else season,
            hold=quiet.hold if hold is None else hold,
            jump=quiet.jump if jump is None else jump,
        )
        counts, _ = run(self.scalp, clocks(self.scalp, self.parameters, now), WEEK_D, weeks + 1, cutoff())
        return read(counts, self.scalp, WEEK_D)

    def once(self, name: str, live: Callable[[], Reading]) -> Reading:
        """Return a life by name, lived the first time it is asked for."""
        if name not in self._lives:
            self._lives[name] = live()
        return self._lives[name]


def calm(parameters: Mapping[str, Floats], steps: int, step_d: float) -> Weather:
    """Return weather in which nothing happens and nobody ages."""
    never = np.full(parameters["anagen"].size, _NEVER)
    return weather("M", np.full(steps, YOUNG), step_d, parameters, final_period_age=_NEVER, onset=never)


def people_of(study: str) -> Cohort:
    """Return the (first) cohort that calibration takes for a study's people."""
    return observations([evidence().studies[study]])[0].cohorts[0]


def men() -> Cohort:
    """Return the usual men of trials."""
    return cohorts()["men"]


def women() -> Cohort:
    """Return the usual women of trials."""
    return cohorts()["women"]


def cutoff() -> float:
    """Return the diameter [um] from which a hair counts as terminal."""
    return float(evidence().numbers["reading.cutoff"])


def smoothed(course: Floats, weeks: int) -> Floats:
    """Return the running mean [draw, week] over some weeks; ends are shorter by what is missing."""
    sums = np.cumsum(np.pad(course, ((0, 0), (1, 0))), axis=1)
    return (sums[:, weeks:] - sums[:, :-weeks]) / weeks


def percent(now: Floats, before: Floats) -> Floats:
    """Return the change [%] against what was before."""
    return 100.0 * (now / before - 1.0)
