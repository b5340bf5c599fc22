"""The same follicles under every regimen and every draw of what is not known.

It winds the clocks (hormones, season, triggers, treatment) and lets the kernel run, on as many threads as are
wanted; the bits do not depend on how many. It does not know what was measured, nor what any of it means.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from follicast import cycle
from follicast.cycle import Clocks, Floats, Integers, State
from follicast.regimen import Pull
from follicast.scalp import Scalp
from follicast.weather import Weather

# One clock a phase, and one more for dormant vellus follicles, which drugs wake less than others.
_VELLUS_KENOGEN = 4
_ROW = np.repeat(np.arange(4)[:, None], 3, axis=1)
_ROW[cycle.KENOGEN, cycle.VELLUS] = _VELLUS_KENOGEN
_SLOWEST = 0.02
NOTHING_SEEN = 1e12


def clocks(
    scalp: Scalp, parameters: Mapping[str, Floats], weather: Weather, pull: Pull | None = None
) -> Clocks:
    """Wind the clocks of a scalp under its weather and a regimen's daily pull (none: untreated)."""
    still = np.zeros_like(weather.drive)
    relieved = still + 1.0 if pull is None else pull.drive
    wake, release, hold, enlarge = (
        (still,) * 4 if pull is None else (pull.wake, pull.release, pull.hold, pull.enlarge)
    )
    drive = np.maximum(weather.drive * relieved, _SLOWEST)
    tied = np.log(drive) * scalp.susceptibility[:, None]
    anagen = weather.season * np.exp(tied * parameters["drive_on_anagen"][:, None])
    kenogen = np.exp(-tied * parameters["drive_on_kenogen"][:, None])
    speed = np.stack(
        [
            anagen / (1.0 + weather.hold) / (1.0 + hold) + weather.jump / weather.step_d,
            still + 1.0,
            1.0 + release,
            kenogen * (1.0 + wake),
            kenogen * (1.0 + parameters["vellus_wake"][:, None] * wake),
        ],
        axis=1,
    )
    worked, first = cycle.wind(speed, weather.step_d)
    up = parameters["step_up"][:, None] * (1.0 - relieved) + enlarge
    ageing = np.ascontiguousarray(np.broadcast_to(weather.ageing, drive.shape))
    return Clocks(weather.step_d, _ROW, speed, worked, first, drive * weather.begun, up, ageing)


def run(
    scalp: Scalp,
    clocks: Clocks,
    every_d: float = NOTHING_SEEN,
    observations: int = 2,
    cutoff_um: float = 0.0,
    threads: int | None = None,
) -> tuple[Integers, State]:
    """Let a scalp live through its clocks; return counts [draw, quantity, observation] and where it ends.

    One observation is taken every `every_d` days from day 0. The scalp itself is not changed.
    """
    draws = scalp.shape[0]
    state = scalp.state.copy()
    seen = np.zeros((draws, cycle.QUANTITIES, observations + 1), dtype=np.int64)
    blocks = np.linspace(0, draws, min(draws, 4 * (threads or default_threads())) + 1).astype(int)

    def block(first: int, last: int) -> None:
        cycle.grow(
            first, last, scalp.keys, scalp.life, clocks, scalp.follicles, state, seen, every_d, cutoff_um
        )

    if (threads or default_threads()) == 1:
        block(0, draws)
    else:
        with ThreadPoolExecutor(threads or default_threads()) as pool:
            list(pool.map(block, blocks[:-1], blocks[1:]))
    return cycle.tally(seen[:, :, :observations]), state


def default_threads() -> int:
    """Return how many threads to use: FOLLICAST_THREADS, or the cores this process may use."""
    wanted = os.environ.get("FOLLICAST_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
