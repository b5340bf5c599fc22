"""Rounds of virtual trials that train the emulator: first over the prior, then around the posterior so far.

What was run is kept in a folder, so that an interrupted calibration resumes where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from follicast import parameters as prior
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.trials.problem import Problem

CHUNK = 16
_WIDEN = 1.25

Say = Callable[[str], None]


def simulate(z: Floats, task: Problem, folder: Path, say: Say) -> Floats:
    """Return the outputs [set, output] of z [set, parameter], run in chunks that are kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for k in range(0, len(z), CHUNK):
        path = folder / f"{k:05d}.npz"
        if not path.exists() or not np.array_equal(np.load(path)["z"], z[k : k + CHUNK]):
            part = path.with_suffix(".part.npz")
            np.savez(part, z=z[k : k + CHUNK], y=task.run(z[k : k + CHUNK]))
            part.replace(path)
        found.append(np.load(path)["y"])
        say(f"{folder.parent.name}, {folder.name}: {min(k + CHUNK, len(z))} of {len(z)} parameter sets")
    return np.concatenate(found)


def spread_out(count: int, seed: int, switched: dict[str, float]) -> Floats:
    """Return z [count, parameter]: the prior, evenly covered (scrambled Sobol points), under one structure."""
    power = int(np.ceil(np.log2(count)))
    points = qmc.MultivariateNormalQMC(np.zeros(len(prior.names())), seed=seed).random(2**power)[:count]
    return under(points, switched)


def around(drawn: Floats, count: int, seed: int, switched: dict[str, float]) -> Floats:
    """Return points [count, parameter] around draws [draw, parameter], somewhat wider than they are.

    A point is a draw moved along the difference of two others, so that a posterior with two summits is trained on
    both and not on the valley between them.
    """
    luck = np.random.default_rng(seed)
    here, there, away = drawn[luck.integers(0, len(drawn), (3, count))]
    return under(here + np.sqrt(0.5 * (_WIDEN**2 - 1.0)) * (there - away), switched)


def under(z: Floats, switched: dict[str, float]) -> Floats:
    """Return z [set, parameter] with the switches of one structure set."""
    out = z.copy()
    for name, side in switched.items():
        out[:, prior.names().index(name)] = side
    return out


def structures() -> dict[str, dict[str, float]]:
    """Return every structure by name, as the z of its switches: the rival readings of how hair recovers."""
    (switch,) = [name for name, p in evidence().parameters.items() if p.scale == "switch"]
    return {switch: {switch: 1.0}, f"no {switch}": {switch: -1.0}}
