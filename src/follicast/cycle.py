"""The life of one follicle: the kernel. It knows no patient, no file and no therapy.

A follicle *stays* in a phase until the phase's clock has run through the *work* of that stay, then moves on:

    anagen -> catagen -> telogen -> (the hair falls) -> kenogen, or straight away -> anagen of the next cycle

Between two cycles it may step down the ladder of sizes (terminal, intermediate, vellus, deleted) or up it.
Work is drawn log-normally; clocks and steps follow the day. Every random number is keyed by what it decides
(Widynski 2020, arXiv:2004.06278), never by arm, time or thread: the same follicle has the same luck under
every treatment, and any number of threads gives the same bits. So that a plain Python twin
(`tests/plain.py`) can be compared bit for bit, the kernel holds no transcendental function: tables are made
once with `math`.

Axes are [draw, follicle] for follicles, [draw, clock, step] for clocks, [draw, quantity, observation] for what
is seen. Times are days [d] from the start of the run, diameters micrometres [um].
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

ANAGEN, CATAGEN, TELOGEN, KENOGEN, GONE = range(5)
TERMINAL, INTERMEDIATE, VELLUS, DELETED = range(4)
TOTAL, THICK, GROWING, DIAMETER, SHED = range(5)
QUANTITIES = 5
DIAMETER_UNITS = 64.0  # diameters are summed as whole 1/64 um, so that no order of adding changes a bit

# What a random number decides; part of its key.
STEP, ANAGEN_WORK, CATAGEN_WORK, TELOGEN_WORK, KENOGEN_WORK = range(5)
SUSCEPTIBILITY, FULL_DIAMETER, START_PHASE, START_LENGTH, START_PART = range(5, 10)

CELLS = 1024
NEVER = 1e30


class Life(NamedTuple):
    """How follicles live in each draw.

    mean_work [draw, phase, rung] and work_quantile [phase, CELLS + 1] (mean 1) give the work of a stay [d];
    kenogen_share [draw, rung] the share of cycles with an empty stay; diameter_factor and down_factor
    [draw, rung] what a rung does to diameter and to the chance of a step down; growth [draw, 2] the growth rate
    as intercept [um/d] and slope [um/d per um]; visible_um [1] the length at which a hair is seen.
    """

    mean_work: Floats
    work_quantile: Floats
    kenogen_share: Floats
    diameter_factor: Floats
    down_factor: Floats
    growth: Floats
    visible_um: float


class Clocks(NamedTuple):
    """How fast each phase runs, step by step, and what a cycle end brings on that day.

    `row` [phase, rung] says which clock a stay follows; speed [draw, clock, step] is above 0; worked
    [draw, clock, step + 1] is its running sum; `first` [draw, clock, bucket] is where to begin looking for a
    sum; down and up [draw, step] scale the chance of a step; ageing [draw, step] scales full diameters.
    """

    step_d: float
    row: Integers
    speed: Floats
    worked: Floats
    first: NDArray[np.int32]
    down: Floats
    up: Floats
    ageing: Floats


class Follicles(NamedTuple):
    """What a follicle is born with, each [draw, follicle].

    step scales its chance to step down, dormancy [0..1] its share of cycles with an empty stay,
    anagen_scale and kenogen_scale its work, full_um is its full-grown diameter [um].
    """

    step: Floats
    dormancy: Floats
    anagen_scale: Floats
    kenogen_scale: Floats
    full_um: Floats


class State(NamedTuple):
    """Where each follicle stands, each [draw, follicle].

    left is the work still to do in this stay [d], since the time since this hair's anagen began [d], um the
    diameter of the hair it carries [um].
    """

    phase: NDArray[np.int8]
    rung: NDArray[np.int8]
    cycle: Integers
    left: Floats
    since: Floats
    um: Floats

    def copy(self) -> State:
        """Return a state of its own, so that an arm cannot disturb another's start."""
        return State(*(column.copy() for column in self))


# --- luck ------------------------------------------------------------------------------------------------


def luck_key(seed: int, draw: int, patient: int = 0) -> int:
    """Return the odd 64-bit key of one draw of one patient under a seed (SplitMix64 finaliser, Steele 2014)."""
    key = 0
    for part in (seed, patient, draw):
        key = (key ^ (part & _ALL)) + 0x9E3779B97F4A7C15 & _ALL
        key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9 & _ALL
        key = (key ^ key >> 27) * 0x94D049BB133111EB & _ALL
        key ^= key >> 31
    return key | 1


_ALL = (1 << 64) - 1


def luck_keys(seed: int, draws: int, patient: int = 0) -> Keys:
    """Return the keys [draw] of the first draws of one patient."""
    return np.array([luck_key(seed, draw, patient) for draw in range(draws)], dtype=np.uint64)


@njit(cache=True, nogil=True, inline="always")
def _uniform(key, follicle, cycle, purpose):  # type: ignore[no-untyped-def]
    """Squares, four rounds: 32 bits from a key and a counter, as a number between 0 and 1, both excluded."""
    counter = (np.uint64(follicle) << np.uint64(20)) | (np.uint64(cycle) << np.uint64(4)) | np.uint64(purpose)
    x = counter * key
    y = x
    z = y + key
    half = np.uint64(32)
    x = x * x + y
    x = (x >> half) | (x << half)
    x = x * x + z
    x = (x >> half) | (x << half)
    x = x * x + y
    x = (x >> half) | (x << half)
    return (np.float64((x * x + z) >> half) + 0.5) * 2.3283064365386963e-10


@njit(cache=True, nogil=True)
def luck(keys, follicles, purpose):  # type: ignore[no-untyped-def]
    """Return the uniform numbers [draw, follicle] that decide one thing about each follicle before its first cycle."""
    out = np.empty((keys.size, follicles))
    for c in range(keys.size):
        for f in range(follicles):
            out[c, f] = _uniform(keys[c], f, 0, purpose)
    return out


# --- tables ----------------------------------------------------------------------------------------------


@cache
def work_quantiles(cv: float) -> Floats:
    """Return the quantiles [CELLS + 1] of a log-normal with mean 1 and that coefficient of variation [1].

    Straight lines between the knots are the distribution, whose mean is 1 exactly; its far tails are cut at
    1 in 4 * CELLS.
    """
    sigma = math.sqrt(math.log(1.0 + cv * cv))
    edge = 0.25 / CELLS
    shares = [min(max(i / CELLS, edge), 1.0 - edge) for i in range(CELLS + 1)]
    knots = [math.exp(sigma * NormalDist().inv_cdf(share)) for share in shares]
    mean = (sum(knots) - 0.5 * (knots[0] + knots[-1])) / CELLS
    return np.array([knot / mean for knot in knots])


def wind(speed: Floats, step_d: float) -> tuple[Floats, NDArray[np.int32]]:
    """Return the running sum [draw, clock, step + 1] of clock speeds [draw, clock, step] and where to look it up.

    Raises ValueError where a speed is not above 0: a clock never stands still, or a stay would never end.
    """
    if not (speed > 0.0).all():
        raise ValueError("a clock's speed must be above 0 on every day")
    draws, clocks, steps = speed.shape
    worked = np.zeros((draws, clocks, steps + 1))
    np.cumsum(speed * step_d, axis=2, out=worked[:, :, 1:])
    buckets = int(worked[:, :, -1].max() / step_d) + 1
    return worked, _first_steps(worked, step_d, buckets)


@njit(cache=True, nogil=True)
def _first_steps(worked, step_d, buckets):  # type: ignore[no-untyped-def]
    """Return, for each bucket of worked time, the step at which a search for it may begin."""
    draws, clocks, knots = worked.shape
    first = np.zeros((draws, clocks, buckets), dtype=np.int32)
    for c in range(draws):
        for k in range(clocks):
            step = 0
            for bucket in range(buckets):
                while step < knots - 2 and worked[c, k, step + 1] <= bucket * step_d:
                    step += 1
                first[c, k, bucket] = step
    return first


# --- the rules -------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, inline="always")
def _stay(quantile, phase, share):  # type: ignore[no-untyped-def]
    """Return the work of a stay in a phase, in units of its mean, at a share of the distribution."""
    x = share * CELLS
    i = np.uint64(x)
    low = quantile[phase, i]
    return low + (x - i) * (quantile[phase, i + np.uint64(1)] - low)


@njit(cache=True, nogil=True, inline="always")
def _done(worked, speed, c, clock, step_d, t):  # type: ignore[no-untyped-def]
    """Return how much a clock has run by time t."""
    i = np.uint64(min(int(t / step_d), speed.shape[2] - 1))
    return worked[c, clock, i] + (t - i * step_d) * speed[c, clock, i]


@njit(cache=True, nogil=True, inline="always")
def _when(worked, speed, first, c, clock, step_d, target):  # type: ignore[no-untyped-def]
    """Return the time at which a clock has run to `target`, or NEVER if not within the run."""
    if target >= worked[c, clock, worked.shape[2] - 1]:
        return NEVER
    i = np.uint64(first[c, clock, np.uint64(target / step_d)])
    while worked[c, clock, i + np.uint64(1)] <= target:
        i += np.uint64(1)
    return i * step_d + (target - worked[c, clock, i]) / speed[c, clock, i]


@njit(cache=True, nogil=True, inline="always")
def _next_rung(rung, luck_of_step, down, up):  # type: ignore[no-untyped-def]
    """Return the rung of the next cycle: one uniform, its low end a step down, its high end a step up."""
    if luck_of_step < down:
        return rung + 1
    if rung > TERMINAL and luck_of_step >= 1.0 - min(up, 1.0 - down):
        return rung - 1
    return rung


@njit(cache=True, nogil=True, inline="always")
def _observation(t, every):  # type: ignore[no-untyped-def]
    """Return the first observation at or after time t."""
    return int(np.ceil(t / every)) if t > 0.0 else 0


@njit(cache=True, nogil=True, inline="always")
def _show(seen, k, sign, um, cutoff_um):  # type: ignore[no-untyped-def]
    """Add a hair to (or take it from) all observations from the k-th on, as a difference."""
    seen[TOTAL, k] += sign
    seen[DIAMETER, k] += sign * int(um * DIAMETER_UNITS + 0.5)
    if um >= cutoff_um:
        seen[THICK, k] += sign


@njit(cache=True, nogil=True)
def grow(first_draw, last_draw, keys, life, clocks, follicles, state, seen, every, cutoff_um):  # type: ignore[no-untyped-def]
    """Let the follicles of draws [first_draw, last_draw) live through the clocks; return the number of events.

    `state` is moved to the end of the run in place. `seen` [draw, QUANTITIES, observation] receives
    differences along its last axis, one observation every `every` days; `tally` turns them into values.
    """
    events = 0
    for c in range(first_draw, last_draw):
        for f in range(follicles.full_um.shape[1]):
            events += _live(c, f, keys[c], life, clocks, follicles, state, seen[c], every, cutoff_um)
    return events


@njit(cache=True, nogil=True, inline="always")
def _live(c, f, key, life, clocks, follicles, state, seen, every, cutoff_um):  # type: ignore[no-untyped-def]
    """Let one follicle live from its state to the end of the clocks; return the number of events."""
    step_d = clocks.step_d
    horizon = clocks.speed.shape[2] * step_d
    phase, rung = int(state.phase[c, f]), int(state.rung[c, f])
    cycle, left, um = state.cycle[c, f], state.left[c, f], state.um[c, f]
    began = -state.since[c, f]
    shown = False
    t = 0.0
    events = 0
    if (phase == CATAGEN or phase == TELOGEN) and um > 0.0:
        shown = True
        _show(seen, 0, 1, um, cutoff_um)
    while phase != GONE:
        clock = clocks.row[phase, rung]
        target = _done(clocks.worked, clocks.speed, c, clock, step_d, t) + left
        end = _when(clocks.worked, clocks.speed, clocks.first, c, clock, step_d, target)
        ends = end < horizon
        if phase == ANAGEN:
            rate = life.growth[c, 0] + life.growth[c, 1] * um
            seen_from = began + life.visible_um / rate
            shown = seen_from < end and seen_from < horizon
            if shown:
                k = _observation(seen_from, every)
                _show(seen, k, 1, um, cutoff_um)
                seen[GROWING, k] += 1
                if ends:
                    seen[GROWING, _observation(end, every)] -= 1
            elif ends:
                um = 0.0  # too short a stay: no hair is ever seen
        if not ends:
            left = target - clocks.worked[c, clock, clocks.worked.shape[2] - 1]
            break
        events += 1
        t = end
        if phase == ANAGEN:
            phase = CATAGEN
            u = _uniform(key, f, cycle, CATAGEN_WORK)
            left = life.mean_work[c, CATAGEN, rung] * _stay(life.work_quantile, CATAGEN, u)
            continue
        if phase == CATAGEN:
            phase = TELOGEN
            u = _uniform(key, f, cycle, TELOGEN_WORK)
            left = life.mean_work[c, TELOGEN, rung] * _stay(life.work_quantile, TELOGEN, u)
            continue
        if phase == TELOGEN:
            if shown:
                k = _observation(t, every)
                _show(seen, k, -1, um, cutoff_um)
                seen[SHED, k] += 1
                shown = False
            u = _uniform(key, f, cycle, KENOGEN_WORK)
            share = life.kenogen_share[c, rung] + (1.0 - life.kenogen_share[c, rung]) * follicles.dormancy[c, f]
            if u < share:
                phase = KENOGEN
                mean = life.mean_work[c, KENOGEN, rung] * follicles.kenogen_scale[c, f]
                left = mean * _stay(life.work_quantile, KENOGEN, u / share)
                continue
        # A new cycle begins: the only moment at which a follicle changes size.
        cycle += 1
        day = min(int(t / step_d), clocks.down.shape[1] - 1)
        down = min(0.9, follicles.step[c, f] * clocks.down[c, day]) * life.down_factor[c, rung]
        rung = _next_rung(rung, _uniform(key, f, cycle, STEP), down, clocks.up[c, day])
        if rung == DELETED:
            phase, left, um = GONE, 0.0, 0.0
            break
        phase = ANAGEN
        began = t
        um = follicles.full_um[c, f] * life.diameter_factor[c, rung] * clocks.ageing[c, day]
        mean = life.mean_work[c, ANAGEN, rung] * follicles.anagen_scale[c, f]
        left = mean * _stay(life.work_quantile, ANAGEN, _uniform(key, f, cycle, ANAGEN_WORK))
    state.phase[c, f], state.rung[c, f], state.cycle[c, f] = phase, rung, cycle
    state.left[c, f], state.since[c, f], state.um[c, f] = left, horizon - began, um
    return events


def tally(seen: Integers) -> Integers:
    """Turn differences [draw, QUANTITIES, observation] into counts; sheds are already per interval."""
    counts = np.cumsum(seen, axis=2)
    counts[:, SHED] = seen[:, SHED]
    return counts
