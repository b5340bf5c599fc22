"""Published arms run again as virtual trials: which runs are needed, and what each datum becomes in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast import observer
from follicast.cycle import Floats
from follicast.regimen import Regimen
from follicast.trials.cohort import cohorts, grow, treat
from follicast.trials.observations import Datum

PERSONS, FOLLICLES = 40, 240


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
) -> tuple[Floats, Floats, Floats]:
    """Run the virtual trials of data under parameter sets [set].

    Returns the predicted data [set, datum], the predicted baselines [set, baseline] and the SD of change between
    people [set, datum], the last two without any error of measurement.
    """
    sets = parameters["anagen"].size
    changes: dict[tuple[Run, str], tuple[Floats, Floats, Floats]] = {}
    starts: dict[Baseline, Floats] = {}
    needed = runs(data)
    everyone = cohorts()
    for name in dict.fromkeys([run.cohort for run in needed] + [b.cohort for b in baselines]):
        cohort = grow(everyone[name], parameters, persons, follicles)
        for baseline in (b for b in baselines if b.cohort == name):
            standing = observer.standing(cohort.scalp, baseline.cutoff_um)
            starts[baseline] = cohort.mean(getattr(standing, baseline.endpoint))[:, 0]
        for run, weeks in needed.items():
            if run.cohort == name:
                reading = treat(cohort, Regimen(run.regimen), weeks, run.cutoff_um)
                for endpoint in {d.endpoint for d in data}:
                    values = getattr(reading, endpoint)
                    moved = values - values[:, :1]
                    changes[run, endpoint] = (
                        cohort.mean(moved),
                        cohort.spread(moved),
                        cohort.mean(values[:, :1]),
                    )
    predicted = np.stack([_predicted(datum, changes, sets) for datum in data], axis=1)
    spread = np.stack(
        [changes[Run(d.cohorts[0], d.regimen, d.cutoff_um), d.endpoint][1][:, d.week] for d in data], axis=1
    )
    start = np.stack([starts[b] for b in baselines], axis=1) if baselines else np.zeros((sets, 0))
    return predicted, start, spread


def _predicted(
    datum: Datum, changes: dict[tuple[Run, str], tuple[Floats, Floats, Floats]], sets: int
) -> Floats:
    total = np.zeros(sets)
    for cohort in datum.cohorts:
        for regimen, sign in ((datum.regimen, 1.0), (datum.against, -1.0)):
            if regimen:
                moved, _, base = changes[Run(cohort, regimen, datum.cutoff_um), datum.endpoint]
                change = moved[:, datum.week]
                total += sign * (100.0 * change / base[:, 0] if datum.unit == "%" else change)
    return total / len(datum.cohorts)
