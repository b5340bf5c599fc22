"""Published trials run again until they agree: from prior to posterior, and the file that holds it.

Rounds of virtual trials (first over the prior, then around the posterior of the round before) train an
emulator; a no-U-turn sampler explores the posterior on it. What was run is kept, so that an interrupted
calibration resumes. It does not yet weigh rival structures of the model against each other.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from follicast import parameters as prior
from follicast.cycle import Floats
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.trials import emulator, likelihood, virtual
from follicast.trials.observations import Datum, observations
from follicast.trials.virtual import Baseline

SEED = 4
CHUNK = 20
ROUNDS = (384, 384, 512)
_WIDEN = 1.25
CHAINS, TUNE, KEEP = 4, 800, 500
DRAWS = 400
_EMULATOR_SHARE = 0.4  # most of the left-out error is noise of single runs, which the emulator averages out

Say = Callable[[str], None]


@dataclass(frozen=True)
class Problem:
    """What is fitted: data, baselines, and the baselines as pseudo-observations (value, error)."""

    data: list[Datum]
    baselines: list[Baseline]
    start: Floats
    start_sd: Floats


def problem() -> Problem:
    """Return the calibrating data of the evidence."""
    data = [datum for datum in observations(evidence().studies.values()) if datum.in_fit]
    rows = [
        ("men", "total_density", "men_total"),
        ("men", "anagen_share", "men_anagen"),
        ("women", "total_density", "women_total"),
        ("women", "mean_diameter", "women_diameter"),
    ]
    number = evidence().numbers
    cutoff = float(number["reading.cutoff"])
    starts = [number[f"cohorts.baseline_{name}"] for _, _, name in rows]
    return Problem(
        data,
        [Baseline(cohort, endpoint, cutoff) for cohort, endpoint, _ in rows],
        np.array([float(n) for n in starts]),
        np.array([n.spread.value if n.spread and n.spread.value else 1.0 for n in starts]),
    )


# --- rounds of virtual trials ------------------------------------------------------------------------------


def simulate(z: Floats, task: Problem, folder: Path, say: Say) -> tuple[Floats, Floats]:
    """Run the virtual trials of z [set, parameter] in chunks kept in `folder`; return data and baselines."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for k in range(0, len(z), CHUNK):
        path = folder / f"{k:05d}.npz"
        if not path.exists() or not np.array_equal(np.load(path)["z"], z[k : k + CHUNK]):
            data, start = virtual.predict(task.data, task.baselines, prior.parameters(z[k : k + CHUNK]))
            part = path.with_suffix(".part.npz")
            np.savez(part, z=z[k : k + CHUNK], data=data, start=start)
            part.replace(path)
        kept = np.load(path)
        found.append((kept["data"], kept["start"]))
        say(f"{folder.name}: {min(k + CHUNK, len(z))} of {len(z)} parameter sets")
    return np.concatenate([d for d, _ in found]), np.concatenate([s for _, s in found])


def spread_out(count: int, seed: int) -> Floats:
    """Return z [count, parameter]: the prior, evenly covered (scrambled Sobol points)."""
    power = int(np.ceil(np.log2(count)))
    return qmc.MultivariateNormalQMC(np.zeros(len(prior.names())), seed=seed).random(2**power)[:count]


# --- posterior -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """Draws of parameters z [draw, parameter] and of nuisances [draw, nuisance], with how well chains agreed."""

    z: Floats
    nuisance: Floats
    r_hat: float
    divergences: int


def sample(
    fitted: emulator.Emulator,
    task: Problem,
    seed: int,
    leave_out: str | None = None,
    keep: int = KEEP,
    tune: int = TUNE,
    chains: int = CHAINS,
) -> Sample:
    """Draw from the posterior on the emulator, all studies or all but one, with the no-U-turn sampler."""
    import arviz
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    dims = len(prior.names())
    density = _log_density(fitted, task, leave_out)
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
    r_hat = float(arviz.rhat(trace, var_names=["x"])["x"].max())
    wrong = int(trace.sample_stats["diverging"].values.sum())
    return Sample(x[:, :dims], mean + sd * x[:, dims:], r_hat, wrong)


def _log_density(
    fitted: emulator.Emulator, task: Problem, leave_out: str | None
) -> Callable[..., tuple[float, Floats]]:
    dims, count = len(prior.names()), len(task.data)
    kept = np.array([i for i, datum in enumerate(task.data) if datum.study != leave_out])
    told = likelihood.printed([task.data[i] for i in kept])
    mean, sd = likelihood.nuisance_prior()
    extra = (_EMULATOR_SHARE * fitted.error[kept]) ** 2
    start_var = task.start_sd**2 + (_EMULATOR_SHARE * fitted.error[count:]) ** 2
    bends = np.array([p.scale == "rectified" for p in evidence().parameters.values()])
    floor = np.array(
        [-p.value / p.prior_sd if p.scale == "rectified" else -np.inf for p in evidence().parameters.values()]
    )

    def density(x: Floats, **_: object) -> tuple[float, Floats]:
        z, nuisance = x[:dims], mean + sd * x[dims:]
        felt = np.maximum(z, floor)
        y, slope = fitted.value_and_slope(felt)
        total, gradient = -0.5 * float(x @ x), -x.copy()
        by_output = np.zeros(y.size)
        try:
            value, pull, by_nuisance = likelihood.log_likelihood(told, y[kept], nuisance, extra)
        except np.linalg.LinAlgError:  # a trajectory that ran off: worth nothing, and counted as divergent
            return -np.inf, np.zeros_like(x)
        total += value
        by_output[kept] = pull
        gradient[dims:] += by_nuisance * sd
        left = task.start - y[count:]
        total -= 0.5 * float(np.sum(left**2 / start_var))
        by_output[count:] += left / start_var
        gradient[:dims] += (slope @ by_output) * np.where(bends & (z < floor), 0.0, 1.0)
        return total, gradient

    return density


# --- the whole ---------------------------------------------------------------------------------------------


def calibrate(
    folder: Path, say: Say, rounds: tuple[int, ...] = ROUNDS
) -> tuple[Sample, emulator.Emulator, Problem]:
    """Calibrate from scratch, or go on where `folder` left off; returns posterior, emulator and problem."""
    task = problem()
    z, data, start = np.zeros((0, len(prior.names()))), None, None
    posterior = None
    for k, count in enumerate(rounds):
        new = spread_out(count, SEED + k) if posterior is None else _around(posterior, count, SEED + k)
        said, begun = simulate(new, task, folder / f"round-{k + 1}", say)
        z = np.concatenate([z, new])
        data = said if data is None else np.concatenate([data, said])
        start = begun if start is None else np.concatenate([start, begun])
        near = slice(rounds[0] if k > 1 else 0, None)  # the prior's far corners would only bend the emulator
        fitted = emulator.fit(prior.features(z[near]), np.hstack([data, start])[near])
        posterior = sample(fitted, task, SEED + k)
        say(
            f"round {k + 1}: emulator error {np.median(fitted.error):.2f}, R-hat {posterior.r_hat:.3f}, "
            f"{posterior.divergences} divergences"
        )
    assert posterior is not None
    return posterior, fitted, task


def _around(posterior: Sample, count: int, seed: int) -> Floats:
    """Return points around the posterior, somewhat wider than it is."""
    luck = np.random.default_rng(seed)
    centre = posterior.z.mean(axis=0)
    picked = posterior.z[luck.integers(0, len(posterior.z), count)]
    return centre + _WIDEN * (picked - centre)


def leave_one_out(fitted: emulator.Emulator, task: Problem, say: Say) -> dict[str, Sample]:
    """Return, for each study, the posterior of all the others."""
    found = {}
    for study in dict.fromkeys(datum.study for datum in task.data):
        found[study] = sample(fitted, task, SEED, leave_out=study, keep=250, tune=500, chains=2)
        say(f"without {study}: R-hat {found[study].r_hat:.3f}")
    return found


def thin(posterior: Sample, count: int, seed: int = SEED) -> tuple[Floats, Floats]:
    """Return `count` draws of z and nuisance, spread over the chains."""
    pick = np.linspace(0, len(posterior.z) - 1, count).astype(int)
    return posterior.z[pick], posterior.nuisance[pick]


def write(
    folder: Path,
    posterior: Sample,
    without: dict[str, Sample],
    task: Problem,
    fitted: emulator.Emulator,
) -> None:
    """Write posterior draws, leave-one-out draws and the recipe into an evidence folder."""
    folder.mkdir(parents=True, exist_ok=True)
    header = ["study", *prior.names(), *likelihood.NUISANCES]
    rows = [("", *thin(posterior, DRAWS))] + [(study, *thin(p, DRAWS // 4)) for study, p in without.items()]
    lines = [",".join(header)]
    for study, z, nuisance in rows:
        for a, b in zip(z, nuisance, strict=True):
            lines.append(",".join([study, *(f"{v:.5g}" for v in (*a, *b))]))
    (folder / "draws.csv").write_text("\n".join(lines) + "\n")
    recipe = {
        "seed": SEED,
        "rounds": list(ROUNDS),
        "fitted_to": evidence().fingerprint(),
        "studies": sorted(without),
        "data": len(task.data),
        "r_hat": round(posterior.r_hat, 4),
        "divergences": posterior.divergences,
        "emulator_error_median": round(float(np.median(fitted.error)), 3),
        "sampler": "nutpie (NUTS)",
    }
    (folder / "recipe.yaml").write_text(json.dumps(recipe, indent=2) + "\n")


def main(folder: Path, resume: bool, say: Say) -> None:
    """Calibrate, leave each study out in turn, and write the posterior into the evidence.

    `folder` keeps the runs; without `resume` it is emptied first.
    """
    needed = ("nutpie", "arviz", "threadpoolctl")
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        raise InputError(
            f"calibrating needs {' and '.join(missing)}, not installed here; run: make calibrate"
        )
    if folder.exists() and not resume:
        shutil.rmtree(folder)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums on several threads round differently, and a sampler would wander off
        posterior, fitted, task = calibrate(folder, say)
        without = leave_one_out(fitted, task, say)
    write(evidence().folder / "posterior", posterior, without, task, fitted)
    say(
        f"the posterior is written: {len(task.data)} results of "
        f"{len({datum.study for datum in task.data})} studies"
    )
