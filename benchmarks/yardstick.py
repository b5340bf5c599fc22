"""Builds and runs the C yardstick on the kernel's own work; it knows nothing of hair."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from workload import CUTOFF_UM, WEEK_D, Work

from follicast import cycle
from follicast.cycle import Integers

SOURCE = Path(__file__).with_name("yardstick.c")
FLAGS = ["-O3", "-march=native", "-ffp-contract=off"]


class Measured(NamedTuple):
    """CPU seconds of each repeat, number of events, counts [draw, quantity, observation]."""

    seconds: list[float]
    events: int
    counts: Integers


def compiler() -> str | None:
    """Return a C compiler, or None where there is none."""
    return next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None)


def measure(work: Work, repeats: int) -> Measured:
    """Compile the yardstick and run it on that work; raises RuntimeError without a C compiler."""
    gcc = compiler()
    if gcc is None:
        raise RuntimeError("no C compiler found; the yardstick needs gcc, cc or clang")
    with TemporaryDirectory() as folder:
        program, given, out = (str(Path(folder) / name) for name in ("yardstick", "work.bin", "out.bin"))
        subprocess.run([gcc, *FLAGS, "-o", program, str(SOURCE), "-lm"], check=True)
        hand_over(work, Path(given))
        said = json.loads(subprocess.run([program, given, out, str(repeats)], check=True, capture_output=True).stdout)
        counts = np.fromfile(out, dtype=np.int64).reshape(work.keys.size, cycle.QUANTITIES, -1)
    return Measured(said["seconds"], said["events"], counts[:, :, :-1])


def hand_over(work: Work, path: Path) -> None:
    """Write work for the yardstick: sizes, scalars, arrays, in the order in which it reads them."""
    life, clocks = work.life, work.clocks
    draws, kinds, buckets = clocks.first.shape
    sizes = [draws, work.follicles.full_um.shape[1], kinds, work.days, buckets, cycle.CELLS, work.observations + 1]
    arrays = [
        np.array(sizes, dtype=np.int64), np.array([clocks.step_d, WEEK_D, CUTOFF_UM, life.visible_um]), work.keys,
        *life[:-1], clocks.row, clocks.worked, clocks.first, clocks.down, clocks.up, clocks.ageing,
        *work.follicles, *work.state,
    ]
    with path.open("wb") as file:
        for array in arrays:
            np.ascontiguousarray(array).tofile(file)
