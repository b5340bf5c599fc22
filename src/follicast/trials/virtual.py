"""Published arms run again as virtual trials: which runs are needed, and what each datum becomes in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats
from follicast.observer import Reading
from follicast.regimen import Regimen
from follicast.trials.cohort import Cohort, Grown, grow, treat
from follicast.trials.observations import Datum

PERSONS, FOLLICLES = 56, 180
Course = tuple[Floats, Floats]  # mean change since baseline [set, week], mean baseline [set, 1]


@dataclass(frozen=True)
class Run:
    """One virtual arm: a cohort under a regimen, read at a cut-off [um]."""

    cohort: Cohort
    regimen: str
    cutoff_um: float


def runs(data: list[Datum]) -> dict[Run, int]:
    """Return the virtual arms that data need, and for how many weeks each must be followed."""
    needed: dict[Run, int] = {}
    for datum in data:
        for cohort in datum.cohorts:
            for regimen in (datum.regimen, datum.against):
                if regimen:
                    run = Run(cohort, regimen, datum.cutoff_um)
                    needed[run] = max(needed.get(run, 0), datum.week)
    return needed


def predict(
    data: list[Datum], parameters: Mapping[str, Floats], persons: int = PERSONS, follicles: int = FOLLICLES
) -> Floats:
    """Return what the virtual trials of data find under parameter sets [set, datum], without error of measurement."""
    courses: dict[tuple[Run, str], Course] = {}
    needed = runs(data)
    endpoints = {datum.read_as for datum in data}
    for cohort in dict.fromkeys(run.cohort for run in needed):
        grown = grow(cohort, parameters, persons, follicles)
        for run in (r for r in needed if r.cohort == cohort):
            reading = treat(grown, Regimen(run.regimen), needed[run], run.cutoff_um)
            courses |= {(run, endpoint): _course(grown, reading, endpoint) for endpoint in endpoints}
    sets = parameters["anagen"].size
    return np.stack([_predicted(datum, courses, sets) for datum in data], axis=1)


def _course(grown: Grown, reading: Reading, endpoint: str) -> Course:
    """Return the mean change since baseline [set, week] of an endpoint, and the mean baseline [set, 1]."""
    values = getattr(reading, endpoint)
    return grown.mean(values - values[:, :1]), grown.mean(values[:, :1])


def _predicted(datum: Datum, courses: Mapping[tuple[Run, str], Course], sets: int) -> Floats:
    total = np.zeros(sets)
    for cohort in datum.cohorts:
        for regimen, sign in ((datum.regimen, 1.0), (datum.against, -1.0)):
            if regimen:
                moved, base = courses[Run(cohort, regimen, datum.cutoff_um), datum.read_as]
                change = moved[:, datum.week]
                total += sign * (100.0 * change / base[:, 0] if datum.unit == "%" else change)
    return total / len(datum.cohorts)
