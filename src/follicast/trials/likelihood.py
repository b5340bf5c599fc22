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


@dataclass(frozen=True)
class Printed:
    """Printed results as one multivariate normal, in blocks of one study each.

    value [datum]; sampling [datum, datum] is covariance of sampling, inflated by bias; offset [datum, kind]
    says which drift mean an arm carries; drift and therapy [datum, datum] are covariances of unit deviations.
    """

    value: Floats
    sampling: Floats
    offset: Floats
    drift: Floats
    therapy: Floats

    def covariance(self, drift_sd: float, therapy_sd: float) -> Floats:
        """Return the covariance [datum, datum] of the printed results around the prediction."""
        return self.sampling + drift_sd**2 * self.drift + therapy_sd**2 * self.therapy


def printed(data: list[Datum]) -> Printed:
    """Put data into matrices; data of different studies share nothing but what is fitted."""
    percent = float(evidence().numbers["cohorts.percent"])  # in hairs/cm2
    unit = np.array([1.0 / percent if d.unit == "%" else 1.0 for d in data])
    arm = unit * np.array([0.0 if d.minus else 1.0 for d in data])
    together = np.array([[float(a.study == b.study) for b in data] for a in data])
    therapies = sorted({t for d in data for t in d.therapies})
    signs = np.array([[d.therapies.get(t, 0) for t in therapies] for d in data], dtype=float) * unit[:, None]
    return Printed(
        value=np.array([d.value for d in data]),
        sampling=_sampling(data) * together,
        offset=np.array(
            [[a * (d.offset == kind) for kind in OFFSETS] for d, a in zip(data, arm, strict=True)]
        ),
        drift=np.outer(arm, arm) * together,
        therapy=(signs @ signs.T) * together,
    )


def _sampling(data: list[Datum]) -> Floats:
    """Sampling errors: visits of the same arm go together, arms do not."""
    bias = [float(evidence().numbers[f"cohorts.bias_{d.bias}"]) for d in data]
    sd = np.array([d.se * np.sqrt(b) for d, b in zip(data, bias, strict=True)])
    repeat = float(evidence().numbers["cohorts.repeat_correlation"])
    same = np.array(
        [
            [1.0 if a is b else repeat if (a.arm, a.minus) == (b.arm, b.minus) else 0.0 for b in data]
            for a in data
        ]
    )
    return same * np.outer(sd, sd)


def nuisance_prior() -> tuple[Floats, Floats]:
    """Return prior means and SDs [nuisance]; the two spreads are on a log scale."""
    numbers = [evidence().numbers[f"cohorts.{name}"] for name in NUISANCES]
    mean = np.array([float(n) for n in numbers])
    mean[-2:] = np.log(mean[-2:])
    return mean, np.array([n.spread.value if n.spread and n.spread.value else 1.0 for n in numbers])


def log_likelihood(
    data: Printed, predicted: Floats, nuisance: Floats, extra: Floats
) -> tuple[float, Floats, Floats]:
    """Return the log likelihood and its slopes by prediction [datum] and by nuisance [nuisance].

    `extra` [datum] is variance added to each datum for the emulator's own error.
    """
    spread = np.exp(nuisance[-2:])
    cov = data.covariance(*spread) + np.diag(extra)
    inverse = np.linalg.inv(cov)
    left = data.value - predicted - data.offset @ nuisance[:-2]
    pull = inverse @ left
    value = -0.5 * (left @ pull + np.linalg.slogdet(cov)[1])
    shapes = [2.0 * sd**2 * shape for sd, shape in zip(spread, (data.drift, data.therapy), strict=True)]
    by_spread = [0.5 * (pull @ shape @ pull - np.sum(inverse * shape)) for shape in shapes]
    return float(value), pull, np.concatenate([pull @ data.offset, by_spread])
