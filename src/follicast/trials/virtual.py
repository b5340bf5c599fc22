"""Published arms run again as virtual trials: which runs are needed, and what each datum becomes in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast import observer
from follicast.cycle import Floats
from follicast.observer import Reading
from follicast.regimen import Regimen
from follicast.trials.cohort import Grown, cohorts, grow, treat
from follicast.trials.observations import Datum

PERSONS, FOLLICLES = 40, 240
Course = tuple[Floats, Floats]  # mean change since baseline [set, week], mean baseline [set, 1]


@dataclass(frozen=True)
class Run:
    """One virtual arm: a cohort under a regimen, read at a cut-off [um]."""

    cohort: str
    regimen: str
    cutoff_um: float


@dataclass(frozen=True)
class Baseline:
    """A cohort's baseline in one endpoint at a cut-off [um]."""

    cohort: str
    endpoint: str
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
    data: list[Datum],
    baselines: list[Baseline],
    parameters: Mapping[str, Floats],
    persons: int = PERSONS,
    follicles: int = FOLLICLES,
) -> tuple[Floats, Floats]:
    """Run the virtual trials of data under parameter sets [set].

    Returns the predicted data [set, datum] and the predicted baselines [set, baseline], without any error of
    measurement.
    """
    courses: dict[tuple[Run, str], Course] = {}
    starts: dict[Baseline, Floats] = {}
    needed, everyone = runs(data), cohorts()
    endpoints = {datum.endpoint for datum in data}
    for name in dict.fromkeys([run.cohort for run in needed] + [b.cohort for b in baselines]):
        cohort = grow(everyone[name], parameters, persons, follicles)
        for baseline in (b for b in baselines if b.cohort == name):
            standing = observer.standing(cohort.scalp, baseline.cutoff_um)
            starts[baseline] = cohort.mean(getattr(standing, baseline.endpoint))[:, 0]
        for run in (r for r in needed if r.cohort == name):
            reading = treat(cohort, Regimen(run.regimen), needed[run], run.cutoff_um)
            courses |= {(run, endpoint): _course(cohort, reading, endpoint) for endpoint in endpoints}
    sets = parameters["anagen"].size
    predicted = np.stack([_predicted(datum, courses, sets) for datum in data], axis=1)
    return predicted, np.stack([starts[b] for b in baselines], axis=1) if baselines else np.zeros((sets, 0))


def _course(cohort: Grown, reading: Reading, endpoint: str) -> Course:
    """Return the mean change since baseline [set, week] of an endpoint, and the mean baseline [set, 1]."""
    values = getattr(reading, endpoint)
    return cohort.mean(values - values[:, :1]), cohort.mean(values[:, :1])


def _predicted(datum: Datum, courses: Mapping[tuple[Run, str], Course], sets: int) -> Floats:
    total = np.zeros(sets)
    for cohort in datum.cohorts:
        for regimen, sign in ((datum.regimen, 1.0), (datum.against, -1.0)):
            if regimen:
                moved, base = courses[Run(cohort, regimen, datum.cutoff_um), datum.endpoint]
                change = moved[:, datum.week]
                total += sign * (100.0 * change / base[:, 0] if datum.unit == "%" else change)
    return total / len(datum.cohorts)
