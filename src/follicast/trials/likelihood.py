"""How likely the printed results are, given what the model predicts for them.

Within a trial all arms share a drift that is not biology (its mean depends on the kind of trial, its spread is
fitted), and each therapy a deviation of its own; the trial's sampling error is inflated by risk of bias. Both
are integrated out, so that a trial is one multivariate normal. Contrasts carry no drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.trials.observations import Datum

OFFSETS = ("topical", "needle", "tablet", "none")
NUISANCES = [*(f"offset_{kind}" for kind in OFFSETS), "offset_between", "therapy_between"]
_UNIT_PERCENT = 1.7  # hairs per cm2 in one percent of a baseline near 170


@dataclass(frozen=True)
class Trial:
    """The data of one study, in matrices: index [datum] into all data, and what multiplies each nuisance."""

    study: str
    index: Floats
    value: Floats
    sampling: Floats  # covariance [datum, datum] of sampling, inflated by bias
    drift: Floats  # [datum] 1 for an arm, 0 for a contrast, in the datum's unit
    kind: int  # which offset mean
    therapy: Floats  # [datum, datum] covariance of unit therapy deviations

    def covariance(self, drift_sd: float, therapy_sd: float) -> Floats:
        """Return the covariance [datum, datum] of the printed results around the prediction."""
        return self.sampling + drift_sd**2 * np.outer(self.drift, self.drift) + therapy_sd**2 * self.therapy


def trials(data: list[Datum]) -> list[Trial]:
    """Group data into trials."""
    studies = dict.fromkeys(datum.study for datum in data)
    return [_trial(study, data) for study in studies]


def _trial(study: str, data: list[Datum]) -> Trial:
    index = np.array([i for i, datum in enumerate(data) if datum.study == study])
    rows = [data[i] for i in index]
    unit = np.array([1.0 / _UNIT_PERCENT if row.unit == "%" else 1.0 for row in rows])
    drift = unit * np.array([0.0 if row.minus else 1.0 for row in rows])
    therapies = sorted({t for row in rows for t in row.therapies})
    signs = np.array([[row.therapies.get(t, 0) for t in therapies] for row in rows], dtype=float).reshape(len(rows), -1)
    signs *= unit[:, None]
    offset = next((row.offset for row in rows if row.offset != "none"), "none")
    return Trial(study, index, np.array([row.value for row in rows]), _sampling(rows), drift, OFFSETS.index(offset),
                 signs @ signs.T)


def _sampling(rows: list[Datum]) -> Floats:
    """Sampling errors: visits of the same arm go together, arms do not."""
    bias = [float(evidence().numbers[f"cohorts.bias_{row.bias}"]) for row in rows]
    sd = np.array([row.se * np.sqrt(b) for row, b in zip(rows, bias, strict=True)])
    repeat = float(evidence().numbers["cohorts.repeat_correlation"])
    same = np.array([[1.0 if a is b else repeat if a.arm == b.arm else 0.0 for b in rows] for a in rows])
    return same * np.outer(sd, sd)


def nuisance_prior() -> tuple[Floats, Floats]:
    """Return prior means and SDs [nuisance]; the two spreads are on a log scale."""
    numbers = [evidence().numbers[f"cohorts.{name}"] for name in NUISANCES]
    mean = np.array([float(n) for n in numbers])
    mean[-2:] = np.log(mean[-2:])
    return mean, np.array([n.spread.value if n.spread and n.spread.value else 1.0 for n in numbers])


def log_likelihood(trial: Trial, predicted: Floats, nuisance: Floats, extra: Floats) -> tuple[float, Floats, Floats]:
    """Return the log likelihood of a trial and its slopes by prediction [datum of all] and by nuisance.

    `extra` [datum of all] is variance added to each datum for the emulator's own error.
    """
    drift_sd, therapy_sd = np.exp(nuisance[-2:])
    cov = trial.covariance(drift_sd, therapy_sd) + np.diag(extra[trial.index])
    inverse = np.linalg.inv(cov)
    left = trial.value - predicted[trial.index] - nuisance[trial.kind] * trial.drift
    pull = inverse @ left
    value = -0.5 * (left @ pull + np.linalg.slogdet(cov)[1])
    slope = np.zeros_like(nuisance)
    slope[trial.kind] = pull @ trial.drift
    for k, (sd, shape) in enumerate(((drift_sd, np.outer(trial.drift, trial.drift)), (therapy_sd, trial.therapy))):
        change = 2.0 * sd**2 * shape
        slope[len(OFFSETS) + k] = 0.5 * (pull @ change @ pull - np.sum(inverse * change))
    return float(value), pull, slope
