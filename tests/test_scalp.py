"""What must be true of any scalp, whatever the drug: exact laws of renewal, and no moulting."""

from statistics import NormalDist

import numpy as np
import pytest

from follicast import cycle, observer
from follicast.cycle import Clocks, State
from follicast.parameters import names, parameters
from follicast.scalp import Scalp, born
from follicast.simulation import run

YEAR_D, MONTH_D = 365.25, 30.4375
FALSE_ALARM = 1e-6  # of all checks against chance here together, were the seeds drawn anew; they are fixed
CHECKS = 34  # eight times four phases, and two mean rests
ONE_IN = NormalDist().inv_cdf(1.0 - FALSE_ALARM / CHECKS / 2.0)


def newborn(follicles, sensitivity=0.0, seed=1, **changed):
    """One scalp under the prior's middle; `changed` replaces parameters by name."""
    middle = parameters(np.zeros((1, len(names()))))
    middle |= {name: np.array([value]) for name, value in changed.items()}
    one = np.ones(1)
    return born(cycle.luck_keys(seed, 1), middle, sensitivity * one, 200.0 * one, 75.0 * one, follicles)


def calm(days, steps_up_or_down=0.0):
    """Clocks at speed 1 on every day; follicles change size only if asked to."""
    speed = np.ones((1, 4, days))
    worked, first = cycle.wind(speed, 1.0)
    row = np.repeat(np.arange(4)[:, None], 3, axis=1)
    chance = np.full((1, days), steps_up_or_down)
    return Clocks(1.0, row, speed, worked, first, chance, chance, np.ones((1, days)))


def shares_by_renewal_theory(scalp, rung=0):
    """Mean stay over mean cycle [phase, follicle]; an empty stay counts by the share of cycles with one."""
    life, traits = scalp.life, scalp.follicles
    visits = life.kenogen_share[0, rung] + (1.0 - life.kenogen_share[0, rung]) * traits.dormancy[0]
    anagen, catagen, telogen, kenogen = life.mean_work[0, :, rung]
    ones = np.ones_like(visits)
    stays = np.stack(
        [
            anagen * traits.anagen_scale[0],
            catagen * ones,
            telogen * ones,
            kenogen * traits.kenogen_scale[0] * visits,
        ]
    )
    return stays / stays.sum(axis=0)


def assert_binomial(seen, chances):
    """A count of independent events with these chances lies within its standard error times ONE_IN."""
    error = np.sqrt((chances * (1.0 - chances)).sum())
    assert abs(seen - chances.sum()) < ONE_IN * error


def assert_in_steady_state(scalp, state, rung=0):
    for phase, chances in enumerate(shares_by_renewal_theory(scalp, rung)):
        assert_binomial((state.phase == phase).sum(), chances)


# --- renewal -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sensitivity", [0.0, 1.0])
def test_a_newborn_scalp_stands_in_the_steady_state_of_renewal_theory(sensitivity):
    scalp = newborn(100_000, sensitivity)
    assert_in_steady_state(scalp, scalp.state)
    assert (scalp.state.rung == cycle.TERMINAL).all()


@pytest.mark.parametrize("sensitivity", [0.0, 1.0])
@pytest.mark.parametrize("years", [1, 10])
def test_years_without_androgens_leave_it_there(sensitivity, years):
    scalp = newborn(100_000, sensitivity)
    _, state = run(scalp, calm(int(years * YEAR_D)))
    assert_in_steady_state(scalp, state)
    assert (state.rung == cycle.TERMINAL).all()


@pytest.mark.parametrize("rung", [cycle.INTERMEDIATE, cycle.VELLUS])
def test_follicles_of_any_rung_come_to_the_steady_state_of_that_rung(rung):
    scalp = newborn(50_000)
    scalp.state.rung[:] = rung
    _, state = run(scalp, calm(int(40 * YEAR_D)))
    assert_in_steady_state(scalp, state, rung)
    assert (state.rung == rung).all()


def test_the_rest_of_a_stay_is_as_long_in_the_mean_as_renewal_theory_says():
    scalp = newborn(200_000)
    for state in (scalp.state, run(scalp, calm(3653))[1]):
        left = state.left[state.phase == cycle.ANAGEN]
        knots = scalp.life.work_quantile[cycle.ANAGEN]
        low, high = knots[:-1], knots[1:]
        second = np.mean((low**2 + low * high + high**2) / 3)  # E[w^2] for mean 1
        expected = 0.5 * second * scalp.life.mean_work[0, cycle.ANAGEN, 0]
        assert abs(left.mean() - expected) < ONE_IN * left.std() / np.sqrt(left.size)


def test_a_steady_scalp_sheds_one_hair_per_cycle():
    scalp = newborn(100_000)
    counts, _ = run(scalp, calm(3653), every_d=3653.0, observations=2)
    life = scalp.life
    length = life.mean_work[0, :3, 0].sum() + life.kenogen_share[0, 0] * life.mean_work[0, cycle.KENOGEN, 0]
    assert counts[0, cycle.SHED, 1] == pytest.approx(100_000 * 3653.0 / length, rel=0.01)


# --- moulting ----------------------------------------------------------------------------------------------


def monthly_sheds(scalp, years, cv=None):
    """Hairs shed each month, and hairs growing at its end; `cv` replaces the variation of every stay."""
    if cv is not None:
        quantiles = np.stack([cycle.work_quantiles(cv)] * 4)
        scalp = with_state(scalp, scalp.state, scalp.life._replace(work_quantile=quantiles))
    counts, _ = run(scalp, calm(int(years * YEAR_D)), every_d=MONTH_D, observations=years * 12 + 1)
    return counts[0, cycle.SHED, 1:], counts[0, cycle.GROWING, 1:]


def with_state(scalp, state, life=None):
    return Scalp(scalp.keys, life or scalp.life, scalp.follicles, state, scalp.susceptibility, scalp.density)


def all_begin_together(scalp, cv):
    """Every follicle at the start of an anagen of the given variation."""
    share = cycle.luck(scalp.keys, scalp.shape[1], cycle.START_LENGTH)
    work = np.interp(share, np.linspace(0.0, 1.0, cycle.CELLS + 1), cycle.work_quantiles(cv))
    zeros = np.zeros(share.shape)
    um = scalp.follicles.full_um * scalp.life.diameter_factor[:, :1]
    return State(
        zeros.astype(np.int8),
        zeros.astype(np.int8),
        zeros.astype(np.int64),
        work * scalp.life.mean_work[0, cycle.ANAGEN, 0],
        zeros,
        um,
    )


def swing(sheds):
    return sheds.std() / sheds.mean()


def test_a_healthy_scalp_of_100_000_does_not_moult():
    sheds, _ = monthly_sheds(newborn(100_000), years=10)
    assert swing(sheds) < 0.10


@pytest.mark.parametrize(("cv", "rings"), [(0.5, False), (0.05, True)])
def test_a_synchronised_scalp_forgets_unless_its_stays_hardly_vary(cv, rings):
    scalp = newborn(20_000)
    sheds, _ = monthly_sheds(with_state(scalp, all_begin_together(scalp, cv)), years=12, cv=cv)
    last_cycles = sheds[-4 * 12 :]
    assert (swing(last_cycles) > 0.5) == rings
    assert rings or swing(last_cycles) < 0.10


def test_less_variance_of_anagen_gives_waves_without_loss_and_a_shorter_anagen_loss_without_waves():
    healthy, lasting = newborn(100_000), slice(-5 * 12, None)
    sheds, growing = monthly_sheds(healthy, 10)

    narrow = healthy.life.work_quantile.copy()
    narrow[cycle.ANAGEN] = cycle.work_quantiles(0.05)
    less_varied = with_state(healthy, healthy.state, healthy.life._replace(work_quantile=narrow))
    waves, still_growing = monthly_sheds(less_varied, 10)
    assert swing(waves[lasting]) > 0.15
    assert still_growing[lasting].mean() == pytest.approx(growing.mean(), rel=0.03)

    short = healthy.life.mean_work.copy()
    short[:, cycle.ANAGEN] *= 0.4
    shorter = with_state(healthy, healthy.state, healthy.life._replace(mean_work=short))
    even, still_growing = monthly_sheds(shorter, 10)
    assert swing(even[lasting]) < 0.10
    assert still_growing[lasting].mean() < 0.90 * growing.mean()
    assert even[lasting].mean() > 1.5 * sheds.mean()


# --- nothing is lost in the books --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def driven():
    """A susceptible scalp after eight years of steps up and down, counted every fortnight."""
    scalp = newborn(20_000, sensitivity=1.0, step_down=0.5, deletion=0.5)
    counts, state = run(scalp, calm(14 * 209, steps_up_or_down=0.3), 14.0, 210, cutoff_um=40.0)
    return scalp, counts, state


def test_every_follicle_is_in_exactly_one_phase_and_on_one_rung(driven):
    _, _, state = driven
    assert np.isin(state.phase, range(5)).all() and np.isin(state.rung, range(4)).all()
    assert ((state.phase == cycle.GONE) == (state.rung == cycle.DELETED)).all()
    assert (state.phase == cycle.GONE).any()
    assert (state.left[state.phase != cycle.GONE] > 0.0).all()


def test_only_growing_and_resting_follicles_carry_a_hair(driven):
    _, _, state = driven
    bare = (state.phase == cycle.KENOGEN) | (state.phase == cycle.GONE)
    assert (state.um[bare] == 0.0).all()
    assert (state.um[state.phase == cycle.ANAGEN] > 0.0).all()


@pytest.mark.parametrize("when", ["start", "end"])
def test_hairs_in_the_record_are_the_hairs_that_stand(driven, when):
    scalp, counts, state = driven
    k = {"start": 0, "end": -1}[when]
    there = observer.standing(with_state(scalp, state) if when == "end" else scalp, cutoff_um=40.0)
    recorded = observer.read(counts[:, :, k:][:, :, :1], scalp, 14.0)
    for quantity in ("total_density", "terminal_density", "anagen_density", "mean_diameter", "coverage"):
        assert getattr(recorded, quantity) == getattr(there, quantity), quantity


def test_no_count_is_ever_negative_or_more_than_there_are_follicles(driven):
    _, counts, _ = driven
    assert counts.min() >= 0
    assert counts[:, [cycle.TOTAL, cycle.THICK, cycle.GROWING]].max() <= 20_000
    assert (counts[:, cycle.THICK] <= counts[:, cycle.TOTAL]).all()
    assert (counts[:, cycle.GROWING] <= counts[:, cycle.TOTAL]).all()
