"""Published trials run again until they agree: from prior to posterior, and the file that holds it.

For each rival structure of recovery, rounds of virtual trials train an emulator on which the posterior is sampled;
then each study is left out in turn, and structures are weighted by how well they predicted what they had not seen.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from follicast import parameters as prior
from follicast.cycle import Floats
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.simulation import default_threads
from follicast.trials import emulator, likelihood, ranks
from follicast.trials.problem import Problem, problem
from follicast.trials.rounds import Say, around, simulate, spread_out, structures
from follicast.trials.sampling import Sample, sample
from follicast.trials.weighing import LeftOut, leave_out, weights

SEED = 4
ROUNDS = (160, 144, 144, 208)
_RECENT = 3  # rounds that train the last emulator: the prior's far corners would only bend it
DRAWS, DRAWS_LEFT_OUT = 400, 100
# Large arrays come and go all the time: glibc would hand each back to the system, which takes half of the time.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}
_SAID, _PATIENCE_S = "said.txt", 5.0


@dataclass(frozen=True)
class Calibrated:
    """What one structure was found to be: its posterior, its emulator, and what it is without each study."""

    posterior: Sample
    fitted: emulator.Emulator
    left_out: LeftOut
    ranks: ranks.Ranks


def calibrate(
    task: Problem, switched: dict[str, float], folder: Path, say: Say
) -> tuple[Sample, emulator.Emulator]:
    """Return posterior and emulator of one structure, from scratch or from where `folder` left off."""
    rounds: list[tuple[Floats, Floats]] = []
    posterior: Sample | None = None
    for k, count in enumerate(ROUNDS):
        new = (
            spread_out(count, SEED + k, switched)
            if posterior is None
            else around(posterior.z, count, SEED + k, switched)
        )
        rounds.append((new, simulate(new, task, folder / f"round-{k + 1}", say)))
        z, y = (np.concatenate(part) for part in zip(*rounds[-_RECENT:], strict=True))
        fitted = emulator.fit(prior.features(z), y)
        posterior = sample(fitted, task, SEED + k, switched)
        say(
            f"round {k + 1}: emulator error {np.median(fitted.error[: len(task.data)]):.2f}, "
            f"R-hat {posterior.r_hat:.3f}, {posterior.divergences} divergences"
        )
    assert posterior is not None
    return posterior, fitted


def main(folder: Path, resume: bool, say: Say) -> None:
    """Calibrate every structure, leave each study out in turn, and write the posterior into the evidence.

    `folder` keeps the runs; without `resume` it is emptied first.
    """
    _can_run()
    if folder.exists() and not resume:
        shutil.rmtree(folder)
    task = problem()
    os.environ.update(_MEMORY)
    with ProcessPoolExecutor(
        min(len(structures()), default_threads()), mp_context=get_context("spawn")
    ) as pool:
        jobs = {
            name: pool.submit(_calibrated, task, name, folder / name.replace(" ", "-"))
            for name in structures()
        }
        _tell(folder, jobs, say)
        found = {name: job.result() for name, job in jobs.items()}
    write(evidence().folder / "posterior", task, found)
    say(f"the posterior is written: {len(task.data)} results of {len(task.studies)} studies")


def _calibrated(task: Problem, name: str, folder: Path) -> Calibrated:
    """Calibrate one structure, in a process of its own that says what it does in a file of its folder."""
    from threadpoolctl import threadpool_limits

    os.environ["FOLLICAST_THREADS"] = "1"
    folder.mkdir(parents=True, exist_ok=True)
    switched = structures()[name]

    def say(what: str) -> None:
        (folder / _SAID).write_text(what)

    with threadpool_limits(1):  # sums on several threads round differently, and a sampler would wander off
        posterior, fitted = calibrate(task, switched, folder, say)
        left_out = leave_out(fitted, task, posterior, switched, SEED, say)
        return Calibrated(
            posterior, fitted, left_out, ranks.check(fitted, task, posterior, switched, SEED, say)
        )


def _tell(folder: Path, jobs: Mapping[str, Future[Calibrated]], say: Say) -> None:
    """Pass on what each structure's process says, until all are done or one has failed."""
    while not all(job.done() for job in jobs.values()):
        wait(jobs.values(), timeout=_PATIENCE_S, return_when=FIRST_EXCEPTION)
        said = [folder / name.replace(" ", "-") / _SAID for name in jobs]
        say(" | ".join(path.read_text() for path in said if path.exists()))
        if any(job.done() and job.exception() for job in jobs.values()):
            return


def _can_run() -> None:
    needed = ("nutpie", "arviz", "threadpoolctl")
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        raise InputError(
            f"calibrating needs {' and '.join(missing)}, not installed here; run: make calibrate"
        )


def write(folder: Path, task: Problem, found: dict[str, Calibrated]) -> None:
    """Write posterior draws, leave-one-out draws and the recipe into an evidence folder."""
    folder.mkdir(parents=True, exist_ok=True)
    scores = {name: one.left_out.score for name, one in found.items()}
    lines = [",".join(["study", *prior.names(), *likelihood.NUISANCES])]
    lines += _lines("", {name: one.posterior for name, one in found.items()}, weights(scores, SEED), DRAWS)
    for study in task.studies:
        without = {name: one.left_out.samples[study] for name, one in found.items()}
        lines += _lines(study, without, weights(scores, SEED, study), DRAWS_LEFT_OUT)
    (folder / "draws.csv").write_text("\n".join(lines) + "\n")
    (folder / "recipe.yaml").write_text(json.dumps(_recipe(task, found, scores), indent=2) + "\n")


def _lines(study: str, samples: dict[str, Sample], weight: dict[str, float], draws: int) -> list[str]:
    """Return draws of all structures as lines, each structure as often as it deserves, well mixed."""
    rows: list[Floats] = []
    left, counts = draws, {}
    for name in samples:
        counts[name] = round(draws * weight[name]) if name != list(samples)[-1] else left
        left -= counts[name]
    for name, drawn in samples.items():
        if counts[name]:
            rows += [np.concatenate(pair) for pair in zip(*drawn.thin(counts[name]), strict=True)]
    mixed = np.random.default_rng(SEED).permutation(len(rows))
    return [",".join([study, *(f"{v:.5g}" for v in rows[i])]) for i in mixed]


def _recipe(
    task: Problem, found: dict[str, Calibrated], scores: dict[str, dict[str, float]]
) -> dict[str, Any]:
    every = list(found.values())
    weight = weights(scores, SEED)
    return {
        "seed": SEED,
        "rounds": list(ROUNDS),
        "fitted_to": evidence().fingerprint(),
        "studies": sorted(task.studies),
        "data": len(task.data),
        "anchors": int(task.held.size),
        "r_hat": round(max(one.posterior.r_hat for one in every), 4),
        "divergences": sum(one.posterior.divergences for one in every),
        "emulator_error_median": round(
            float(np.median([one.fitted.error[: len(task.data)] for one in every])), 3
        ),
        "sampler": "nutpie (NUTS)",
        "structures": {name: _structure(one, weight[name]) for name, one in found.items()},
    }


def _structure(one: Calibrated, weight: float) -> dict[str, Any]:
    return {
        "weight": round(weight, 3),
        "log_score": round(sum(one.left_out.score.values()), 2),
        "r_hat": round(one.posterior.r_hat, 4),
        "least_effective_draws": round(one.posterior.least_ess),
        "divergences": one.posterior.divergences,
        "pareto_k": {study: round(k, 2) for study, k in sorted(one.left_out.pareto_k.items())},
        "refitted": one.left_out.refitted,
        "rank_check": one.ranks.as_json(),
    }
