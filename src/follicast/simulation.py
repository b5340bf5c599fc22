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
from follicast.pull import Pull
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
    alone = np.log(np.maximum(weather.drive, _SLOWEST)) * scalp.susceptibility[:, None]
    power = parameters["drive_on_anagen"][:, None]
    natural = weather.season * weather.strain * np.exp(alone * power) / (1.0 + weather.hold)
    slowed = np.exp((tied - alone) * power) / (1.0 + hold)
    falls_due = weather.jump + _owed(natural, slowed, weather.step_d, scalp, parameters)
    kenogen = np.exp(-tied * parameters["drive_on_kenogen"][:, None])
    speed = np.stack(
        [
            natural * slowed + falls_due / weather.step_d,
            still + 1.0,
            1.0 + release,
            kenogen * (1.0 + wake),
            kenogen * (1.0 + parameters["vellus_wake"][:, None] * wake),
        ],
        axis=1,
    )
    worked, first = cycle.wind(speed, weather.step_d)
    up = parameters["climbing"][:, None] * (parameters["step_up"][:, None] * (1.0 - relieved) + enlarge)
    ageing = np.ascontiguousarray(np.broadcast_to(weather.ageing, drive.shape))
    return Clocks(weather.step_d, _ROW, speed, worked, first, drive * weather.begun, up, ageing)


def _owed(
    natural: Floats, slowed: Floats, step_d: float, scalp: Scalp, parameters: Mapping[str, Floats]
) -> Floats:
    """Return the anagen work [draw, step, d] that falls due as a treatment lets go.

    natural is the untreated speed, slowed [0..1] what treatment makes of it. What the clock was held back by is
    a debt; it is forgotten over one anagen (hairs that began lately owe little), and paid as the hold fades,
    as the work that pregnancy withheld is paid at birth. `owed` is the share of it that is asked back.
    """
    if (slowed == 1.0).all():
        return np.zeros_like(slowed)
    kept = np.exp(-step_d / (parameters["anagen"] * scalp.follicles.anagen_scale.mean(axis=1)))
    # Day by day, so that each day's draws lie side by side in memory.
    held, work = np.ascontiguousarray(1.0 - slowed.T), np.ascontiguousarray(natural.T)
    due = np.zeros_like(held)
    debt = due[0]
    for step in range(1, len(held)):
        before, now = held[step - 1], held[step]
        let_go = np.where(now < before, 1.0 - now / np.where(before > 0.0, before, 1.0), 0.0)
        due[step] = debt * let_go
        debt = kept * (debt - due[step]) + work[step] * now * step_d
    return np.ascontiguousarray(parameters["owed"][:, None] * due.T)


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
