"""The life of one follicle: the kernel. It knows no patient, no file and no therapy.

A follicle *stays* in a phase until the phase's clock has run through the *work* of that stay, then moves on:

    anagen -> catagen -> telogen -> (the hair falls) -> kenogen, or straight away -> anagen of the next cycle

Between two cycles it may step down the ladder of sizes (terminal, intermediate, vellus, deleted) or up it.
Work is drawn log-normally; clocks and steps follow the day. Every random number is keyed by what it decides
(Widynski 2020, arXiv:2004.06278), never by arm, time or thread: the same follicle has the same luck under
every treatment, and any number of threads gives the same bits. So that a plain Python twin
(`tests/plain.py`) can be compared bit for bit, the kernel holds no transcendental function: tables are made
once with `math`.

Axes are [draw, follicle] for follicles, [draw, clock, step] for clocks, [draw, quantity, observation] for
what is seen. Times are days [d] from the start of the run, diameters micrometres [um].
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

ANAGEN, CATAGEN, TELOGEN, KENOGEN, GONE = range(5)
TERMINAL, INTERMEDIATE, VELLUS, DELETED = range(4)
TOTAL, THICK, GROWING, DIAMETER, SHED, VOLUME = range(6)
QUANTITIES = 6
# Diameters are summed as whole 1/64 um and volumes as whole 1024 um3/d, so that no order of adding changes a bit.
DIAMETER_UNITS = 64.0
VOLUME_UNIT = 1024.0

# What a random number decides; part of its key.
STEP, ANAGEN_WORK, CATAGEN_WORK, TELOGEN_WORK, KENOGEN_WORK = range(5)
SUSCEPTIBILITY, FULL_DIAMETER, START_PHASE, START_LENGTH, START_PART = range(5, 10)

CELLS = 1024


class Life(NamedTuple):
    """How follicles live in each draw.

    mean_work [draw, phase, rung] and work_quantile [phase, CELLS + 1] (mean 1) give the work of a stay [d];
    kenogen_share [draw, rung] the share of cycles with an empty stay; diameter_factor and down_factor
    [draw, rung] what a rung does to diameter and to the chance of a step down; growth [draw, 2] the growth
    rate as intercept [um/d] and slope [um/d per um]; visible_um [um] the length at which a hair is seen;
    slow_um [um/d] the growth rate below which a growing hair is taken for a resting one.
    """

    mean_work: Floats
    work_quantile: Floats
    kenogen_share: Floats
    diameter_factor: Floats
    down_factor: Floats
    growth: Floats
    visible_um: float
    slow_um: float = 0.0


class Clocks(NamedTuple):
    """How fast each phase runs, step by step, and what a cycle end brings on that day.

    `row` [phase, rung] says which clock a stay follows; speed [draw, clock, step] is above 0; worked
    [draw, clock, step + 1] is its running sum, all that the kernel reads of it; `first` [draw, clock, bucket]
    is where to begin looking for a sum; down and up [draw, step] scale the chance of a step; ageing
    [draw, step] scales full diameters.
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
    diameter of the hair it carries [um], 0 where it carries none.
    """

    phase: NDArray[np.int8]
    rung: NDArray[np.int8]
    cycle: Integers
    left: Floats
    since: Floats
    um: Floats

    def copy(self) -> State:
        """Return a state of its own, so that an arm cannot disturb another's start."""
        return State(
            self.phase.copy(),
            self.rung.copy(),
            self.cycle.copy(),
            self.left.copy(),
            self.since.copy(),
            self.um.copy(),
        )


# How a rule is compiled: into its caller, without Python's lock, and without counting who holds an array
# (numba calls that `_nrt`). Rules make no array, and the counting alone took half of the kernel's time.
_rule = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, inline="always", error_model="numpy", _nrt=False
)
_ONE = np.uint64(1)  # indices are unsigned throughout: they never count from the end


# --- luck ------------------------------------------------------------------------------------------------


def luck_key(seed: int, draw: int, patient: int = 0) -> int:
    """Return the odd 64-bit key of one draw of one patient (the finaliser of SplitMix64, Steele 2014)."""
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


@_rule
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
    """Return the uniform numbers [draw, follicle] that decide one thing before a follicle's first cycle."""
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
    """Return the running sum [draw, clock, step + 1] of speeds [draw, clock, step] and where to look it up.

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
    """Return, for each bucket of worked time, the step at which a search for it may begin.

    Past a clock's own last sum nobody looks: what lies there is never written, so that one fast clock costs
    the others neither time nor memory.
    """
    draws, clocks, knots = worked.shape
    first = np.empty((draws, clocks, buckets), dtype=np.int32)
    for c in range(draws):
        for k in range(clocks):
            step = 0
            for bucket in range(min(buckets, int(worked[c, k, knots - 1] / step_d) + 1)):
                while step < knots - 2 and worked[c, k, step + 1] <= bucket * step_d:
                    step += 1
                first[c, k, bucket] = step
    return first


# --- the rules -------------------------------------------------------------------------------------------


@_rule
def _work(life, c, phase, rung, share):  # type: ignore[no-untyped-def]
    """Return the work [d] of a stay that is longer than `share` of such stays."""
    x = share * CELLS
    i = np.uint64(x)
    low = life.work_quantile[phase, i]
    return life.mean_work[c, phase, rung] * (low + (x - i) * (life.work_quantile[phase, i + _ONE] - low))


@_rule
def _advance(clocks, c, phase, rung, step, part, left):  # type: ignore[no-untyped-def]
    """Let the clock of a stay run, from `part` of a step on, until the work left is done or the run is over.

    Return whether the stay ended, the step and the part of it at which it did, and the work left if not.
    """
    clock, last = clocks.row[phase, rung], clocks.worked.shape[2] - 1
    before = clocks.worked[c, clock, step]
    target = before + part * (clocks.worked[c, clock, step + _ONE] - before) + left
    if target >= clocks.worked[c, clock, last]:
        return False, step, part, target - clocks.worked[c, clock, last]
    step = np.uint64(clocks.first[c, clock, np.uint64(target / clocks.step_d)])
    while clocks.worked[c, clock, step + _ONE] <= target:
        step += _ONE
    before = clocks.worked[c, clock, step]
    return True, step, (target - before) / (clocks.worked[c, clock, step + _ONE] - before), 0.0


@_rule
def _next_rung(rung, luck_of_step, down, up):  # type: ignore[no-untyped-def]
    """Return the rung of the next cycle: one uniform, its low end a step down, its high end a step up."""
    if luck_of_step < down:
        return rung + 1
    if rung > TERMINAL and luck_of_step >= 1.0 - min(up, 1.0 - down):
        return rung - 1
    return rung


@_rule
def _observation(t, every):  # type: ignore[no-untyped-def]
    """Return the first observation at or after time t."""
    return np.uint64(np.ceil(max(t, 0.0) / every))


@_rule
def _show(seen, k, sign, um, cutoff_um):  # type: ignore[no-untyped-def]
    """Add a hair to (or take it from) all observations from the k-th on, as a difference."""
    seen[TOTAL, k] += sign
    seen[DIAMETER, k] += sign * int(um * DIAMETER_UNITS + 0.5)
    if um >= cutoff_um:
        seen[THICK, k] += sign


@_rule
def grow(  # type: ignore[no-untyped-def]
    first_draw, last_draw, keys, life, clocks, follicles, state, seen, every, cutoff_um
):
    """Let the follicles of draws [first_draw, last_draw) live through the clocks; return how many events.

    `state` is moved to the end of the run in place. `seen` [draw, QUANTITIES, observation] receives
    differences along its last axis, one observation every `every` days; `tally` turns them into values.
    Raises ValueError where `seen` ends before the run does: it needs a column for what comes too late.
    """
    events = 0
    if _observation(clocks.down.shape[1] * clocks.step_d, every) >= seen.shape[2]:
        raise ValueError("`seen` needs an observation, and one column more, for every part of the run")
    for c in range(first_draw, last_draw):
        for f in range(follicles.full_um.shape[1]):
            events += _live(c, f, keys[c], life, clocks, follicles, state, seen[c], every, cutoff_um)
    return events


@_rule
def _live(c, f, key, life, clocks, follicles, state, seen, every, cutoff_um):  # type: ignore[no-untyped-def]
    """Let one follicle live from its state to the end of the clocks; return the number of events."""
    horizon = clocks.down.shape[1] * clocks.step_d
    phase, rung, cycle = int(state.phase[c, f]), int(state.rung[c, f]), state.cycle[c, f]
    left, um, began = state.left[c, f], state.um[c, f], -state.since[c, f]
    step, part, events = np.uint64(0), 0.0, 0
    if phase in (CATAGEN, TELOGEN) and um > 0.0:
        _show(seen, np.uint64(0), 1, um, cutoff_um)
    while phase != GONE:
        if phase == ANAGEN:
            ends, step, part, left = _advance(clocks, c, ANAGEN, rung, step, part, left)
            end = (step + part) * clocks.step_d if ends else horizon
            rate = life.growth[c, 0] + life.growth[c, 1] * um
            seen_from = began + life.visible_um / rate
            if seen_from < end:
                k = _observation(seen_from, every)
                _show(seen, k, 1, um, cutoff_um)
                moves, volume = int(rate >= life.slow_um), int(um * um * rate / VOLUME_UNIT + 0.5)
                seen[GROWING, k] += moves
                seen[VOLUME, k] += volume
                if ends:
                    k = _observation(end, every)
                    seen[GROWING, k] -= moves
                    seen[VOLUME, k] -= volume
            elif ends:
                um = 0.0  # too short a stay: no hair is ever seen
            if not ends:
                break
            events += 1
            phase = CATAGEN
            left = _work(life, c, CATAGEN, rung, _uniform(key, f, cycle, CATAGEN_WORK))
        if phase == CATAGEN:
            ends, step, part, left = _advance(clocks, c, CATAGEN, rung, step, part, left)
            if not ends:
                break
            events += 1
            phase = TELOGEN
            left = _work(life, c, TELOGEN, rung, _uniform(key, f, cycle, TELOGEN_WORK))
        if phase == TELOGEN:
            ends, step, part, left = _advance(clocks, c, TELOGEN, rung, step, part, left)
            if not ends:
                break
            events += 1
            if um > 0.0:
                k = _observation((step + part) * clocks.step_d, every)
                _show(seen, k, -1, um, cutoff_um)
                seen[SHED, k] += 1
                um = 0.0
            u = _uniform(key, f, cycle, KENOGEN_WORK)
            base = life.kenogen_share[c, rung]
            share = base + (1.0 - base) * follicles.dormancy[c, f]
            if u < share:
                phase = KENOGEN
                left = follicles.kenogen_scale[c, f] * _work(life, c, KENOGEN, rung, u / share)
        if phase == KENOGEN:
            ends, step, part, left = _advance(clocks, c, KENOGEN, rung, step, part, left)
            if not ends:
                break
            events += 1
        # A new cycle begins: the only moment at which a follicle changes size.
        cycle += 1
        down = min(0.9, follicles.step[c, f] * clocks.down[c, step]) * life.down_factor[c, rung]
        rung = _next_rung(rung, _uniform(key, f, cycle, STEP), down, clocks.up[c, step])
        if rung == DELETED:
            phase, left, um = GONE, 0.0, 0.0
            break
        phase = ANAGEN
        began = (step + part) * clocks.step_d
        um = follicles.full_um[c, f] * life.diameter_factor[c, rung] * clocks.ageing[c, step]
        u = _uniform(key, f, cycle, ANAGEN_WORK)
        left = follicles.anagen_scale[c, f] * _work(life, c, ANAGEN, rung, u)
    state.phase[c, f], state.rung[c, f], state.cycle[c, f] = phase, rung, cycle
    state.left[c, f], state.since[c, f], state.um[c, f] = left, horizon - began, um
    return events


def tally(seen: Integers) -> Integers:
    """Turn differences [draw, QUANTITIES, observation] into counts; sheds are already per interval."""
    counts = np.cumsum(seen, axis=2)
    counts[:, SHED] = seen[:, SHED]
    return counts
