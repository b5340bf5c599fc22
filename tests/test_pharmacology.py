"""Doses become drug levels, killed enzymes and less DHT, as trials and labels measured them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.pharmacology import enzyme_left, level, occupancy, reductases, scalp_dht, serum_dht

WEEKS_24, WEEKS_6 = 168, 42
HALF_DOSE, HALF_LEVEL, TYPE_ONE = np.array([0.028]), np.array([150.0]), np.array([0.5])
CANRENONE = float(evidence().numbers["pharmacology.canrenone_half_life"])


def daily(mg, days=400, stop=None):
    """The dose of each day, until `stop`."""
    return np.where(np.arange(days) < (days if stop is None else stop), float(mg), 0.0)


def left(**taken):
    return reductases({drug.replace("_", "-"): mg for drug, mg in taken.items()}, HALF_DOSE, HALF_LEVEL)


def falls(day, **taken):
    """How far DHT of serum and scalp has fallen on a day [%]."""
    found = left(**taken)
    return [100 * (1 - dht[0, day - 1]) for dht in (serum_dht(found), scalp_dht(found, TYPE_ONE))]


def test_finasteride_1_mg_lowers_dht_as_far_as_trials_of_six_weeks_found():
    serum, scalp = falls(WEEKS_6, finasteride=daily(1))
    assert 68 <= serum <= 74 and 45 <= scalp <= 66


@pytest.mark.parametrize("mg, printed", [(0.05, 49.5), (0.2, 68.6), (1, 71.4), (5, 72.2)])
def test_serum_dht_follows_the_dose_of_finasteride(mg, printed):
    assert falls(WEEKS_6, finasteride=daily(mg))[0] == pytest.approx(printed, abs=4.5)


def test_a_fifth_of_a_milligram_gets_most_of_the_effect_of_five():
    small, large = (falls(WEEKS_6, finasteride=daily(mg))[1] for mg in (0.2, 5))
    assert 0.85 <= small / large < 1


def test_finasteride_suppresses_dht_within_a_day_or_two():
    found = 1 - serum_dht(left(finasteride=daily(1)))[0]
    assert found[1] > 0.95 * found[-1]


def test_dutasteride_lowers_dht_as_far_as_trials_of_24_weeks_found():
    serum, scalp = falls(WEEKS_24, dutasteride=daily(0.5))
    assert 92 <= serum <= 96 and 45 <= scalp <= 57


@pytest.mark.parametrize("mg, printed", [(0.1, 32), (0.5, 51), (2.5, 79)])
def test_scalp_dht_follows_the_dose_of_dutasteride(mg, printed):
    assert falls(WEEKS_24, dutasteride=daily(mg))[1] == pytest.approx(printed, abs=6)


def test_a_high_dose_of_dutasteride_leaves_almost_no_serum_dht():
    assert falls(WEEKS_24, dutasteride=daily(5))[0] == pytest.approx(98.4, abs=1.2)


def test_dutasteride_acts_less_on_the_scalp_than_on_the_blood():
    found = left(dutasteride=daily(0.5))
    assert (found.type1_scalp > found.type1_serum)[:, 1:].all()
    assert (found.type2_scalp > found.type2_serum)[:, 1:].all()


@pytest.mark.parametrize("mg", [0.2, 1, 5])
def test_dht_is_back_to_nine_tenths_one_to_two_weeks_after_finasteride(mg):
    serum = serum_dht(left(finasteride=daily(mg, stop=100)))[0]
    assert 8 <= np.argmax(serum[100:] >= 0.9) + 1 <= 16


def test_dutasteride_settles_at_the_level_of_the_label():
    found = level(daily(0.5, 1000), "dutasteride")
    assert found[-1] == pytest.approx(40, abs=0.5)
    assert found[182] / found[-1] > 0.95, "after six months"


def test_dutasteride_leaves_over_weeks_then_faster():
    found = level(daily(0.5, 1500, stop=1000), "dutasteride")
    half, tenth, none = (np.argmax(found[1000:] <= c) for c in (20, 4, 0.1))
    assert 28 <= half <= 35, "about five weeks; labels say three to five"
    assert (tenth - half) / math.log2(20 / 4) < half, "the saturable way clears the last of it sooner"
    assert 4 * 30 <= none <= 6 * 30.5, "found for four to six months"


def test_dht_stays_down_for_months_after_dutasteride():
    serum = serum_dht(left(dutasteride=daily(0.5, 800, stop=365)))[0]
    assert serum[365 + 30] < 0.2 and serum[365 + 150] < 0.9 < serum[-1]


def test_the_day_of_a_tablet_carries_its_level():
    found = level(np.array([1.0, 0.0, 0.0]), "finasteride")
    assert found[0] > 0.9 and found[1] < 0.1
    assert level(daily(1), "finasteride")[-1] == pytest.approx(1)


def test_a_spray_lowers_the_scalp_like_a_tablet_and_the_blood_less():
    tablet = falls(7, finasteride=daily(1))
    spray = falls(7, finasteride_topical=daily(0.455))
    assert spray[1] == pytest.approx(tablet[1], abs=3)
    assert 24 <= spray[0] <= 48 < tablet[0]


def test_both_drugs_together_leave_less_than_either():
    both = left(finasteride=daily(1), dutasteride=daily(0.5))
    for one in (left(finasteride=daily(1)), left(dutasteride=daily(0.5))):
        assert (serum_dht(both) <= serum_dht(one)).all()
        assert (scalp_dht(both, TYPE_ONE) <= scalp_dht(one, TYPE_ONE)).all()


def test_finasteride_leaves_type_one_alone():
    found = left(finasteride=daily(5))
    assert (found.type1_serum == 1).all() and (found.type1_scalp == 1).all()


@pytest.mark.parametrize("drug", ["finasteride", "finasteride_topical", "dutasteride"])
def test_no_dose_leaves_everything_at_exactly_one(drug):
    shares = np.linspace(0.05, 0.95, 13)
    found = left(**{drug: daily(0)})
    assert all((enzyme == 1).all() for enzyme in found)
    assert (serum_dht(found) == 1).all() and (scalp_dht(found, shares) == 1).all()
    assert (occupancy(daily(0), CANRENONE, np.array([75.0])) == 0).all()


@pytest.mark.parametrize("drug", ["finasteride", "finasteride_topical", "dutasteride"])
def test_nothing_happens_before_the_first_dose_and_all_returns_after_the_last(drug):
    taken = daily(1, 1200, stop=300)
    taken[:50] = 0
    for dht in (serum_dht(left(**{drug: taken})), scalp_dht(left(**{drug: taken}), TYPE_ONE)):
        assert (dht[:, :50] == 1).all() and dht[0, 299] < 0.8
        assert (np.diff(dht[0, 305:]) >= -1e-12).all() and dht[0, -1] == pytest.approx(1, abs=1e-6)


def courses(low=0.0, high=5.0):
    return st.lists(st.floats(low, high) | st.just(0.0), min_size=1, max_size=60).map(np.array)


@settings(max_examples=60, deadline=None)
@given(courses(), st.floats(0, 3), st.sampled_from(["finasteride", "finasteride_topical", "dutasteride"]))
def test_more_dose_never_leaves_more_enzyme(taken, more, drug):
    for less, much in zip(left(**{drug: taken}), left(**{drug: taken + more}), strict=True):
        assert (much <= less + 1e-12).all() and (much >= 0).all() and (less <= 1).all()


@settings(max_examples=60, deadline=None)
@given(courses(), st.integers(0, 59), st.sampled_from(["finasteride", "finasteride_topical", "dutasteride"]))
def test_a_missed_day_never_lowers_dht(taken, day, drug):
    missed = np.where(np.arange(taken.size) == day, 0.0, taken)
    full, lacking = left(**{drug: taken}), left(**{drug: missed})
    assert (serum_dht(lacking) >= serum_dht(full) - 1e-12).all()
    assert (scalp_dht(lacking, TYPE_ONE) >= scalp_dht(full, TYPE_ONE) - 1e-12).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 5), st.floats(0.01, 0.2))
def test_a_steady_dose_leaves_the_share_that_its_half_dose_says(mg, half):
    found = reductases({"finasteride": daily(mg)}, np.array([half]), HALF_LEVEL)
    assert found.type2_serum[0, -1] == pytest.approx(1 / (1 + mg / half))


def test_an_enzyme_follows_its_equation_within_the_day_too():
    kill = np.repeat([0.0, 2.0, 0.3, 0.0], 5)
    steps, share, means = 4000, 1.0, []
    for day in kill:
        total = 0.0
        for _ in range(steps):
            share += (0.2 * (1 - share) - day * share) / steps
            total += share / steps
        means.append(total)
    assert enzyme_left(kill, 0.2) == pytest.approx(means, abs=1e-3)


def test_draws_differ_as_their_parameters_do():
    found = reductases(
        {"finasteride": daily(0.05), "dutasteride": daily(0.1)},
        np.array([0.01, 0.1]),
        np.array([80.0, 300.0]),
    )
    assert [enzyme.shape for enzyme in found] == [(1, 400), (2, 400), (2, 400), (2, 400)]
    assert found.type2_serum[0, -1] < found.type2_serum[1, -1]
    assert found.type1_scalp[0, -1] < found.type1_scalp[1, -1]
    less, more = 1 - scalp_dht(left(finasteride=daily(1)), np.array([0.6, 0.4]))[:, -1]
    assert less < more, "what type 1 makes finasteride cannot take away"


def test_receptors_fill_over_days_to_what_the_dose_says_and_empty_again():
    found = occupancy(daily(100, stop=100), CANRENONE, np.array([75.0, 150.0]))
    assert found.shape == (2, 400)
    assert found[:, 99] == pytest.approx([100 / 175, 100 / 250])
    assert (np.diff(found[:, :100]) >= -1e-12).all() and found[0, 0] < 0.9 * found[0, 99] < found[0, 3]
    assert found[0, 100] > 0.2, "a missed day leaves a third of the level"
    assert found[0, 107] < 0.002


@settings(max_examples=30, deadline=None)
@given(courses(0, 200), st.floats(10, 30))
def test_the_body_neither_makes_nor_loses_a_milligram(taken, half_life):
    taken = np.append(taken, np.zeros(60))
    share = occupancy(taken, half_life, np.array([75.0]))[0]
    assert (75 * share / (1 - share)).sum() == pytest.approx(taken.sum())


@pytest.mark.parametrize("taken", [{}, {"finasterid": daily(1)}])
def test_an_unknown_drug_is_named_with_what_would_do(taken):
    with pytest.raises(InputError, match="dutasteride"):
        reductases(taken, HALF_DOSE, HALF_LEVEL)


def test_a_level_of_an_unknown_drug_is_refused():
    with pytest.raises(InputError, match="Did you mean 'finasteride'"):
        level(daily(1), "finasterid")
