"""The kernel does what its plain twin does, bit for bit; its luck is luck; it refuses what cannot be."""

import inspect
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

import plain
from follicast import cycle
from follicast.cycle import Clocks, Follicles, Life, State

PHASES = ("anagen", "catagen", "telogen", "kenogen", "gone")
FALSE_ALARM = 1e-6  # of the whole file, were the seeds drawn anew; they are fixed, so it never flickers


# --- a world made of chance --------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """All that the kernel is handed."""

    keys: cycle.Keys
    life: Life
    clocks: Clocks
    follicles: Follicles
    state: State
    every: float
    cutoff_um: float = 40.0

    @property
    def observations(self):
        return int(np.ceil(self.clocks.down.shape[1] * self.clocks.step_d / self.every)) + 1

    def lived(self):
        """What the kernel makes of it: counts [draw, quantity, observation], the state at the end, events."""
        draws, state = self.keys.size, self.state.copy()
        seen = np.zeros((draws, cycle.QUANTITIES, self.observations), np.int64)
        events = cycle.grow(
            0,
            draws,
            self.keys,
            self.life,
            self.clocks,
            self.follicles,
            state,
            seen,
            self.every,
            self.cutoff_um,
        )
        return cycle.tally(seen), state, events


def world(seed, draws=2, follicles=60, steps=120, step_d=7.0, every=7.0, jump=False, round_numbers=False):
    """Random clocks, follicles and starts, all phases and rungs; short stays, so that much happens."""
    rng = np.random.default_rng(seed)
    size = (draws, follicles)
    speed = np.exp(rng.normal(0.0, 0.0 if round_numbers else 0.5, (draws, 5, steps)))
    if jump:
        speed[:, cycle.ANAGEN, steps // 3] += 60.0 / step_d
    worked, first = cycle.wind(speed, step_d)
    row = np.repeat(np.arange(4)[:, None], 3, axis=1)
    row[cycle.KENOGEN, cycle.VELLUS] = 4
    down, up = rng.uniform(0.2, 2.0, (draws, steps)), rng.uniform(0.0, 0.3, (draws, steps))
    ageing = np.linspace(1.0, 0.9, steps)[None].repeat(draws, 0)
    clocks = Clocks(step_d, row, speed, worked, first, down, up, ageing)
    mean = np.array([[200.0, 90.0, 30.0], [18.0] * 3, [60.0] * 3, [40.0, 60.0, 80.0]])
    quantiles = np.stack([cycle.work_quantiles(cv) for cv in (0.5, 0.2, 0.3, 0.6)])
    life = Life(
        mean * rng.uniform(0.5, 2.0, (draws, 4, 3)),
        quantiles,
        rng.uniform(0.0, 1.0, (draws, 3)),
        np.tile([1.0, 0.6, 0.3], (draws, 1)),
        rng.uniform(0.3, 1.0, (draws, 3)),
        np.tile([5.0, 5.0], (draws, 1)),
        1000.0,
        200.0,
    )
    born = Follicles(
        rng.uniform(0.0, 0.6, size),
        rng.uniform(0.0, 0.5, size),
        rng.uniform(0.3, 1.0, size),
        rng.uniform(1.0, 2.0, size),
        rng.normal(75.0, 12.0, size),
    )
    phase, rung = rng.integers(0, 5, size).astype(np.int8), rng.integers(0, 3, size).astype(np.int8)
    rung[phase == cycle.GONE] = cycle.DELETED
    carries = (phase < cycle.KENOGEN) & (rng.uniform(size=size) < 0.9) | (phase == cycle.ANAGEN)
    um = np.where(carries, born.full_um * np.array([1.0, 0.6, 0.3, 0.0])[rung], 0.0)
    left, since = rng.uniform(1.0, 200.0, size), rng.uniform(0.0, 200.0, size)
    if round_numbers:  # events and observations then fall on the very edges of steps
        left, since = np.ceil(left / step_d) * step_d, np.ceil(since / step_d) * step_d
    state = State(phase, rung, rng.integers(0, 9, size), np.where(phase == cycle.GONE, 0.0, left), since, um)
    return World(cycle.luck_keys(seed, draws), life, clocks, born, state, every)


def twin_of(world):
    """What the plain twin makes of it: counts and the state at the end."""
    counts = np.zeros((world.keys.size, cycle.QUANTITIES, world.observations), np.int64)
    end = [[] for _ in State._fields]
    for c in range(world.keys.size):
        life, clocks = plain_life(world, c), plain_clocks(world, c)
        for f in range(world.follicles.full_um.shape[1]):
            born = {name: float(column[c, f]) for name, column in world.follicles._asdict().items()}
            phase, *rest = (column[c, f].item() for column in world.state)
            state, rows = plain.live(
                int(world.keys[c]),
                f,
                life,
                clocks,
                born,
                (PHASES[phase], *rest),
                world.observations,
                world.every,
                world.cutoff_um,
            )
            counts[c] += np.array(rows, dtype=np.int64)
            for column, value in zip(end, (PHASES.index(state[0]), *state[1:]), strict=True):
                column.append(value)
    return counts, [np.reshape(column, world.state.phase.shape) for column in end]


def plain_life(world, c):
    life = world.life
    return {
        "mean": {phase: life.mean_work[c, p].tolist() for p, phase in enumerate(PHASES[:4])},
        "quantile": {phase: life.work_quantile[p].tolist() for p, phase in enumerate(PHASES[:4])},
        **{
            name: getattr(life, name)[c].tolist()
            for name in ("kenogen_share", "diameter_factor", "down_factor", "growth")
        },
        "visible_um": life.visible_um,
        "slow_um": life.slow_um,
    }


def plain_clocks(world, c):
    clocks = world.clocks
    kinds = [plain.Clock(speed.tolist(), clocks.step_d) for speed in clocks.speed[c]]
    return {
        "step_d": clocks.step_d,
        "of": {phase: [kinds[k] for k in clocks.row[p]] for p, phase in enumerate(PHASES[:4])},
        **{name: getattr(clocks, name)[c].tolist() for name in ("down", "up", "ageing")},
    }


def assert_twins_agree(world):
    counts, state, _ = world.lived()
    twin_counts, twin_state = twin_of(world)
    assert (counts == twin_counts).all()
    for name, column, twin_column in zip(State._fields, state, twin_state, strict=True):
        assert (column == twin_column).all(), name


# --- the twin ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_and_its_plain_twin_agree_bit_for_bit(seed):
    assert_twins_agree(world(seed))


@pytest.mark.parametrize("step_d", [1.0, 7.0, 30.4375])
def test_they_agree_when_a_clock_leaps_by_sixty_days_of_work_in_one_step(step_d):
    assert_twins_agree(world(5, step_d=step_d, steps=90, jump=True))


def test_they_agree_when_everything_happens_on_the_edge_of_a_step():
    assert_twins_agree(world(6, round_numbers=True))


def test_the_worlds_above_hold_every_phase_every_rung_and_every_change():
    at = world(0)
    _, state, events = at.lived()
    assert set(at.state.phase.flat) == set(state.phase.flat) == set(range(5))
    assert set(at.state.rung.flat) == set(state.rung.flat) == set(range(4))
    assert (state.rung > at.state.rung).any() and (state.rung < at.state.rung).any()
    assert events > 5 * at.state.phase.size


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    draws=st.integers(1, 2),
    follicles=st.integers(1, 6),
    steps=st.integers(1, 40),
    step_d=st.sampled_from([1.0, 3.5, 7.0, 30.4375]),
    every=st.sampled_from([1.0, 7.0, 30.4375, 1e12]),
    jump=st.booleans(),
    round_numbers=st.booleans(),
)
def test_whatever_the_world_they_agree(seed, draws, follicles, steps, step_d, every, jump, round_numbers):
    assert_twins_agree(world(seed, draws, follicles, steps, step_d, every, jump, round_numbers))


# --- order of work -----------------------------------------------------------------------------------------


def test_draws_taken_one_by_one_and_backwards_give_the_same_bits():
    at = world(7, draws=3)
    counts, state, _ = at.lived()
    again, seen = at.state.copy(), np.zeros_like(counts)
    for c in reversed(range(3)):
        cycle.grow(c, c + 1, at.keys, at.life, at.clocks, at.follicles, again, seen, at.every, at.cutoff_um)
    assert (cycle.tally(seen) == counts).all()
    assert all((a == b).all() for a, b in zip(state, again, strict=True))


def test_a_run_cut_in_two_tells_the_same_story():
    whole = world(8, steps=120, step_d=7.0)
    counts, end, events = whole.lived()
    counts_first, middle, events_first = part_of(whole, slice(0, 50), whole.state).lived()
    counts_second, end_second, events_second = part_of(whole, slice(50, 120), middle).lived()
    assert events_first + events_second == events
    assert (counts_first == counts[:, :, :51]).all()
    assert (counts_second[:, :4] == counts[:, :4, 50:]).all()
    assert (end_second.phase == end.phase).all() and (end_second.rung == end.rung).all()
    assert np.allclose(end_second.left, end.left, rtol=0.0, atol=1e-9)


def part_of(whole, steps, state):
    speed = np.ascontiguousarray(whole.clocks.speed[:, :, steps])
    worked, first = cycle.wind(speed, whole.clocks.step_d)
    down, up, ageing = (np.ascontiguousarray(x[:, steps]) for x in whole.clocks[5:])
    clocks = Clocks(whole.clocks.step_d, whole.clocks.row, speed, worked, first, down, up, ageing)
    return World(whole.keys, whole.life, clocks, whole.follicles, state, whole.every)


# --- luck --------------------------------------------------------------------------------------------------

_PAIRS = ("two purposes", "two cycles", "two follicles", "two draws", "two patients", "two seeds")
_TESTS = 10 + len(_PAIRS)


def assert_plausible(counts):
    """Pearson's chi-square against equal chances, at this file's share of the false-alarm rate."""
    expected = counts.sum() / counts.size
    statistic = ((counts - expected) ** 2 / expected).sum()
    tail = chi2.sf(statistic, counts.size - 1), chi2.cdf(statistic, counts.size - 1)
    assert min(tail) > FALSE_ALARM / _TESTS / 2  # too even is as suspect as too uneven


@pytest.mark.parametrize("purpose", range(10))
def test_luck_is_uniform(purpose):
    u = cycle.luck(cycle.luck_keys(1, 500), 2000, purpose)
    assert u.min() > 0.0 and u.max() < 1.0
    assert_plausible(np.bincount((u.ravel() * 1024).astype(int), minlength=1024))


@pytest.mark.parametrize("pair", _PAIRS)
def test_luck_of_one_thing_says_nothing_of_another(pair):
    one, other = pairs_of_luck(pair)
    table = np.zeros((32, 32))
    np.add.at(table, ((one * 32).astype(int), (other * 32).astype(int)), 1)
    assert_plausible(table)


def pairs_of_luck(pair, draws=400, follicles=1000):
    keys = cycle.luck_keys(1, draws)
    f, cycles, purpose = np.arange(follicles, dtype=np.uint64), np.uint64(3), np.uint64(1)

    def luck(keys=keys, f=f, cycles=cycles, purpose=purpose):
        return plain.uniform(keys[:, None], f[None], cycles, purpose)

    other = {
        "two purposes": lambda: luck(purpose=np.uint64(0)),
        "two cycles": lambda: luck(cycles=np.uint64(4)),
        "two follicles": lambda: luck(f=f + np.uint64(1)),
        "two draws": lambda: luck(np.roll(keys, 1)),
        "two patients": lambda: luck(cycle.luck_keys(1, draws, 1)),
        "two seeds": lambda: luck(cycle.luck_keys(2, draws)),
    }
    return luck(), other[pair]()


def test_the_twin_and_the_kernel_roll_the_same_dice():
    keys = cycle.luck_keys(1, 3)
    f = np.arange(50, dtype=np.uint64)[None]
    assert (cycle.luck(keys, 50, 7) == plain.uniform(keys[:, None], f, np.uint64(0), np.uint64(7))).all()


def test_keys_are_odd_distinct_and_know_no_arm():
    keys = [cycle.luck_key(*who) for who in np.ndindex(20, 20, 20)]
    assert len(set(keys)) == len(keys) and all(key % 2 for key in keys)
    assert list(inspect.signature(cycle.luck_key).parameters) == ["seed", "draw", "patient"]


def test_purposes_are_distinct_and_fit_in_their_four_bits():
    each_cycle = [cycle.STEP, cycle.ANAGEN_WORK, cycle.CATAGEN_WORK, cycle.TELOGEN_WORK, cycle.KENOGEN_WORK]
    once = [
        cycle.SUSCEPTIBILITY,
        cycle.FULL_DIAMETER,
        cycle.START_PHASE,
        cycle.START_LENGTH,
        cycle.START_PART,
    ]
    purposes = each_cycle + once
    assert all(a != b for a, b in combinations(purposes, 2)) and max(purposes) < 16


# --- rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cv", [0.05, 0.2, 0.3, 0.5, 0.6])
def test_work_has_mean_one_exactly_and_nearly_the_variation_asked_for(cv):
    knots = cycle.work_quantiles(cv)
    low, high = knots[:-1], knots[1:]
    assert np.mean((low + high) / 2) == pytest.approx(1.0, abs=1e-13)
    variance = np.mean((low**2 + low * high + high**2) / 3) - 1.0
    assert np.sqrt(variance) == pytest.approx(cv, rel=0.02)
    assert (np.diff(knots) > 0).all() and knots[0] > 0


@given(
    rung=st.integers(0, 2),
    luck=st.floats(0, 1, exclude_max=True),
    down=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
    up=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_with_the_same_luck_more_relief_never_makes_a_hair_thinner(rung, luck, down, up):
    relieved = cycle._next_rung.py_func(rung, luck, min(down), max(up))
    driven = cycle._next_rung.py_func(rung, luck, max(down), min(up))
    assert relieved <= driven
    assert abs(relieved - rung) <= 1 and relieved >= cycle.TERMINAL


def test_at_a_cycle_end_no_follicle_under_relief_stands_on_a_thinner_rung():
    driven = world(9, draws=1, follicles=2000, steps=60)
    clocks = driven.clocks._replace(down=0.3 * driven.clocks.down, up=driven.clocks.up + 0.2)
    relieved = replace(driven, clocks=clocks)
    (_, after_drive, _), (_, after_relief, _) = driven.lived(), relieved.lived()
    once = (after_drive.cycle == driven.state.cycle + 1) & (after_relief.cycle == driven.state.cycle + 1)
    assert once.sum() > 100
    assert (after_relief.rung[once] <= after_drive.rung[once]).all()
    assert (after_relief.rung[once] < after_drive.rung[once]).any()


# --- what it refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [0.0, -1.0, np.nan])
def test_a_clock_that_stands_still_is_refused(stopped):
    speed = np.ones((1, 2, 5))
    speed[0, 1, 3] = stopped
    with pytest.raises(ValueError, match="above 0 on every day"):
        cycle.wind(speed, 1.0)


def test_a_run_longer_than_its_record_is_refused():
    at = world(10)
    seen = np.zeros((2, cycle.QUANTITIES, at.observations - 1), np.int64)
    with pytest.raises(ValueError, match="seen"):
        cycle.grow(0, 2, at.keys, at.life, at.clocks, at.follicles, at.state.copy(), seen, at.every, 40.0)
