"""Builds the C yardstick and hands it the kernel's own work; it knows nothing of hair."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
from workload import CUTOFF_UM, WEEK_D, Work

from follicast import cycle
from follicast.cycle import Integers

SOURCE = Path(__file__).with_name("yardstick.c")
FLAGS = ("-O3", "-march=native", "-ffp-contract=off")


class Measured(NamedTuple):
    """CPU seconds of each repeat, number of events, counts [draw, quantity, observation]."""

    seconds: list[float]
    events: int
    counts: Integers


def compiler() -> str | None:
    """Return a C compiler, or None where there is none."""
    return next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None)


def build(folder: Path) -> Path:
    """Compile the yardstick into a folder; raises RuntimeError without a C compiler."""
    found = compiler()
    if found is None:
        raise RuntimeError("no C compiler found; the yardstick needs gcc, cc or clang")
    program = folder / "yardstick"
    subprocess.run([found, *FLAGS, "-o", str(program), str(SOURCE), "-lm"], check=True)
    return program


def hand_over(work: Work, path: Path) -> None:
    """Write work for the yardstick: sizes, scalars, arrays, in the order in which it reads them."""
    life, clocks, follicles = work.life, work.clocks, work.follicles.full_um.shape[1]
    draws, kinds, buckets = clocks.first.shape
    sizes = [draws, follicles, kinds, work.days, buckets, cycle.CELLS, work.observations + 1]
    scalars = [clocks.step_d, WEEK_D, CUTOFF_UM, life.visible_um, life.slow_um]
    arrays = [
        np.array(sizes, dtype=np.int64),
        np.array(scalars),
        work.keys,
        *life[:-2],
        clocks.row,
        clocks.worked,
        clocks.first,
        clocks.down,
        clocks.up,
        clocks.ageing,
        *work.follicles,
        *work.state,
    ]
    with path.open("wb") as file:
        for array in arrays:
            np.ascontiguousarray(array).tofile(file)


def measure(program: Path, given: Path, repeats: int) -> Measured:
    """Run the yardstick on work that was handed over."""
    out = given.with_suffix(".out")
    words = [str(program), str(given), str(out), str(repeats)]
    said = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    draws = int(np.fromfile(given, dtype=np.int64, count=1)[0])
    counts = np.fromfile(out, dtype=np.int64).reshape(draws, cycle.QUANTITIES, -1)
    return Measured(said["seconds"], said["events"], counts[:, :, :-1])
