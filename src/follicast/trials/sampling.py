"""Draws from the posterior on the emulator, by a no-U-turn sampler, and how well its chains agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from follicast import parameters as prior
from follicast.cycle import Floats
from follicast.trials import emulator, likelihood
from follicast.trials.problem import Problem
from follicast.trials.rounds import under

CHAINS, TUNE, KEEP = 4, 700, 500
# Most of the emulator's left-out error is the noise of single runs, which it averages out.
EMULATOR_SHARE = 0.4

Density = Callable[..., tuple[float, Floats]]


@dataclass(frozen=True)
class Sample:
    """Draws of parameters z [draw, parameter] and of nuisances [draw, nuisance], with how well chains agreed."""

    z: Floats
    nuisance: Floats
    r_hat: float
    least_ess: float
    divergences: int

    def thin(self, count: int) -> tuple[Floats, Floats]:
        """Return `count` draws of z and nuisance, spread over the chains."""
        pick = np.linspace(0, len(self.z) - 1, count).astype(int)
        return self.z[pick], self.nuisance[pick]


def sample(
    fitted: emulator.Emulator,
    task: Problem,
    seed: int,
    switched: dict[str, float],
    without: str | None = None,
    again: Floats | None = None,
    keep: int = KEEP,
    tune: int = TUNE,
    chains: int = CHAINS,
) -> Sample:
    """Draw from the posterior of all studies or all but one; `again` [datum] are data seen a second time."""
    import arviz
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    dims = len(prior.names())
    density = log_density(fitted, task, without, again)
    size = dims + len(likelihood.NUISANCES)
    model = from_pyfunc(
        size,
        lambda: density,
        lambda *_: lambda x, **_: {"x": np.asarray(x, dtype=float)},
        [np.dtype("float64")],
        [(size,)],
        ["x"],
        dims={"x": ["part"]},
        coords={"part": np.arange(size)},
    )
    trace = nutpie.sample(
        model, draws=keep, tune=tune, chains=chains, seed=seed, progress_bar=False, store_divergences=False
    )
    x = trace.posterior["x"].values.reshape(-1, size)
    mean, sd = likelihood.nuisance_prior()
    return Sample(
        under(x[:, :dims], switched),
        mean + sd * x[:, dims:],
        r_hat=float(arviz.rhat(trace, var_names=["x"])["x"].max()),
        least_ess=float(arviz.ess(trace, var_names=["x"])["x"].min()),
        divergences=int(trace.sample_stats["diverging"].values.sum()),
    )


def log_density(
    fitted: emulator.Emulator, task: Problem, without: str | None = None, again: Floats | None = None
) -> Density:
    """Return the log density of x (z and nuisances, standard normal before data) with its slope."""
    dims, count = len(prior.names()), len(task.data)
    kept = np.array([i for i, datum in enumerate(task.data) if datum.study != without])
    told = [likelihood.printed([task.data[i] for i in kept])]
    if again is not None:
        told.append(told[0]._replace(value=again[kept]))
    mean, sd = likelihood.nuisance_prior()
    extra = (EMULATOR_SHARE * fitted.error[kept]) ** 2
    held_var = task.held_sd**2 + (EMULATOR_SHARE * fitted.error[count:]) ** 2
    bends = np.isfinite(task.floor)

    def density(x: Floats, **_: object) -> tuple[float, Floats]:
        z, nuisance = x[:dims], mean + sd * x[dims:]
        y, slope = fitted.value_and_slope(np.maximum(z, task.floor))
        total, gradient = -0.5 * float(x @ x), -x.copy()
        by_output = np.zeros(y.size)
        try:
            for data in told:
                value, pull, by_nuisance = likelihood.log_likelihood(data, y[kept], nuisance, extra)
                total += value
                by_output[kept] += pull
                gradient[dims:] += by_nuisance * sd
        except np.linalg.LinAlgError:  # a trajectory that ran off: worth nothing, and counted as divergent
            return -np.inf, np.zeros_like(x)
        left = task.held - y[count:]
        total -= 0.5 * float(np.sum(left**2 / held_var))
        by_output[count:] += left / held_var
        gradient[:dims] += (slope @ by_output) * np.where(bends & (z < task.floor), 0.0, 1.0)
        return total, gradient

    return density


def log_likelihoods(fitted: emulator.Emulator, task: Problem, drawn: Sample) -> Floats:
    """Return the log likelihood of each study's results under each draw [draw, study]."""
    y = fitted(np.maximum(drawn.z, task.floor))
    found = np.empty((len(drawn.z), len(task.studies)))
    for k, study in enumerate(task.studies):
        rows = task.rows(study)
        told = likelihood.printed([task.data[i] for i in rows])
        extra = (EMULATOR_SHARE * fitted.error[rows]) ** 2
        for d, nuisance in enumerate(drawn.nuisance):
            value, _, _ = likelihood.log_likelihood(told, y[d, rows], nuisance, extra)
            found[d, k] = value - 0.5 * rows.size * np.log(2.0 * np.pi)
    return found
