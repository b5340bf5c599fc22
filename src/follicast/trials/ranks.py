"""Simulation-based calibration of the sampler and the likelihood, around the posterior (Säilynoja 2025).

A truth is drawn from the posterior, results are made up from it as the likelihood says, and the model is fitted to
the printed and the made-up results together: if all is right, the truth stands at a uniformly random rank among
the new draws (arXiv:2502.03279). It runs on the emulator, which is what the sampler sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import kstest

from follicast.cycle import Floats
from follicast.trials import emulator, likelihood
from follicast.trials.problem import Problem
from follicast.trials.rounds import Say
from follicast.trials.sampling import EMULATOR_SHARE, Sample, sample

TRUTHS = 16
_KEEP = 200


@dataclass(frozen=True)
class Ranks:
    """Where each truth stood among the draws [truth, parameter], as a share 0..1."""

    shares: Floats

    @property
    def p_value(self) -> float:
        """The chance of ranks as uneven as these if all is right, over every truth and parameter (Kolmogorov-Smirnov).

        Parameters that the data hardly move have ranks that are nearly independent, which the test takes for granted.
        """
        return float(kstest(self.shares.ravel(), "uniform").pvalue)

    def as_json(self) -> dict[str, Any]:
        """Return what the recipe keeps."""
        low, high = np.quantile(self.shares, [0.05, 0.95])
        return {
            "truths": len(self.shares),
            "inside_90": round(float(np.mean((self.shares > 0.05) & (self.shares < 0.95))), 3),
            "quantiles_5_95": [round(float(low), 3), round(float(high), 3)],
            "p_value": round(self.p_value, 4),
        }


def check(
    fitted: emulator.Emulator,
    task: Problem,
    posterior: Sample,
    switched: dict[str, float],
    seed: int,
    say: Say,
) -> Ranks:
    """Return the ranks of truths drawn from the posterior."""
    luck = np.random.default_rng(seed)
    found = []
    free = [k for k in range(posterior.z.shape[1]) if np.ptp(posterior.z[:, k]) > 0.0]
    for truth, pick in enumerate(luck.choice(len(posterior.z), TRUTHS, replace=False)):
        z, nuisance = posterior.z[pick], posterior.nuisance[pick]
        again = _made_up(fitted, task, z, nuisance, luck)
        drawn = sample(fitted, task, seed + truth, switched, again=again, keep=_KEEP, tune=400, chains=2)
        found.append((drawn.z[:, free] < z[free]).mean(axis=0))
        say(f"ranks: {truth + 1} of {TRUTHS} truths")
    return Ranks(np.array(found))


def _made_up(
    fitted: emulator.Emulator, task: Problem, z: Floats, nuisance: Floats, luck: np.random.Generator
) -> Floats:
    """Return results [datum] as the likelihood would have them printed under one truth."""
    count = len(task.data)
    told = likelihood.printed(task.data)
    drift, spreads = likelihood.split(nuisance)
    mean = fitted(np.maximum(z, task.floor)[None])[0, :count] + told.offset @ drift
    extra = np.diag((EMULATOR_SHARE * fitted.error[:count]) ** 2)
    return luck.multivariate_normal(mean, told.covariance(spreads) + extra, method="cholesky")
