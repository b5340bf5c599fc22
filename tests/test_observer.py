"""What instruments make of a reading: known people as published, more hair never worse, errors as printed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast import cycle, instruments, observer
from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.scalp import born
from follicast.simulation import run

PEOPLE = 4000
STANDARD_ERRORS = 5.0  # how far a mean or SD of so many draws may be off; the seeds are fixed
KEYS = cycle.luck_keys(7, PEOPLE)
some_coverage = st.floats(0.0, 3.0)
some_shedding = st.floats(0.0, 2000.0)


def number(name):
    return float(evidence().numbers[name])


@pytest.fixture(scope="module")
def healthy():
    """One scalp of 20,000 follicles under the prior's middle, which androgens leave alone."""
    middle, one = parameters(np.zeros((1, len(names())))), np.ones(1)
    density, um = middle["follicle_density"], middle["full_diameter"]
    return born(cycle.luck_keys(1, 1), middle, 0.0 * one, density, um, 20_000)


@pytest.fixture(scope="module")
def daily_shedding(healthy):
    """Hairs a day over two years in which nothing happens."""
    days = 730
    speed = np.ones((1, 4, days))
    worked, first = cycle.wind(speed, 1.0)
    row, still = np.repeat(np.arange(4)[:, None], 3, axis=1), np.zeros((1, days))
    calm = cycle.Clocks(1.0, row, speed, worked, first, still, still, np.ones((1, days)))
    counts, _ = run(healthy, calm, 73.0, 11)
    return observer.read(counts, healthy, 73.0).daily_shedding[:, 1:]


def thinned(scalp, um):
    """The same scalp, every other hair of it this thin."""
    every_other = scalp.state.um.copy()
    every_other[:, ::2] = np.minimum(every_other[:, ::2], um)
    return type(scalp)(**{**vars(scalp), "state": scalp.state._replace(um=every_other)})


# --- counting ------------------------------------------------------------------------------------------------


def assert_sd(values, wanted):
    error = wanted / np.sqrt(2.0 * values.size)
    assert abs(values.std() - wanted) < STANDARD_ERRORS * error


@pytest.mark.parametrize("method", ["phototrichogram", "trichoscopy", "automatic", "matched"])
def test_a_change_counted_in_a_marked_field_is_off_by_what_the_method_is_said_to_be(method):
    seen = instruments.counted(np.full((PEOPLE, 2), 200.0), 1.0, method, KEYS)
    change = seen[:, 1] - seen[:, 0]
    assert_sd(change, 200.0 * number(f"reading.error_{method}") / 100.0)
    assert abs(change.mean()) < STANDARD_ERRORS * change.std() / np.sqrt(PEOPLE)


@pytest.mark.parametrize("area_cm2", [0.36, 1.0, 5.1])
def test_what_a_field_happens_to_hold_varies_as_counts_do_and_less_on_a_larger_one(area_cm2):
    seen = instruments.counted(np.full((PEOPLE, 1), 200.0), area_cm2, "matched", KEYS)
    own = 200.0 * number("reading.error_matched") / 100.0
    assert_sd(seen[:, 0], np.hypot(np.sqrt(200.0 / area_cm2), own / np.sqrt(2.0)))


def test_a_field_that_is_not_marked_is_another_one_at_every_visit():
    twice = np.full((PEOPLE, 2), 200.0)
    marked, other = (instruments.counted(twice, 1.0, "matched", KEYS, marked=m) for m in (True, False))
    own = 200.0 * number("reading.error_matched") / 100.0
    assert_sd(marked[:, 1] - marked[:, 0], own)
    assert_sd(other[:, 1] - other[:, 0], np.hypot(np.sqrt(2.0 * 200.0), own))


def test_the_same_seed_misreads_alike_and_another_does_not():
    density, coverage = np.full((50, 3), 200.0), np.full((50, 3), 0.8)
    keys, others = cycle.luck_keys(3, 50), cycle.luck_keys(4, 50)
    for read in (
        lambda keys: instruments.counted(density, 1.0, "automatic", keys),
        lambda keys: instruments.photographed(coverage * [1.0, 1.15, 1.3], keys),
        lambda keys: instruments.norwood(coverage, keys),
        lambda keys: instruments.ludwig(coverage, keys),
    ):
        assert np.array_equal(read(keys), read(keys.copy()))
        assert not np.array_equal(read(keys), read(others))


def test_a_person_is_misread_alike_however_many_others_are_read():
    few, many = (instruments.counted(np.full((n, 2), 200.0), 1.0, "automatic", KEYS[:n]) for n in (3, 30))
    assert np.array_equal(few, many[:3])


def test_an_empty_field_is_counted_as_empty():
    assert (instruments.counted(np.zeros((5, 2)), 1.0, "automatic", KEYS[:5]) == 0.0).all()


# --- photographs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "grade"),
    [(-90, -3), (-16, -1), (-10, 0), (0, 0), (14, 0), (16, 1), (29, 1), (31, 2), (60, 3)],
)
def test_photographs_are_graded_from_the_change_that_people_see_in_equal_steps(percent, grade):
    coverage = np.array([[0.8, 0.8 * (1.0 + percent / 100.0)]])
    assert instruments.photographed(coverage).tolist() == [[0.0, grade]]


@given(start=some_coverage, less=some_coverage, more=some_coverage, key=st.integers(0, PEOPLE - 1))
def test_more_coverage_is_never_graded_worse_whoever_looks(start, less, more, key):
    less, more = sorted((less, more))
    for keys in (None, KEYS[key : key + 1]):
        low, high = (instruments.photographed(np.array([[start, now]]), keys)[0, 1] for now in (less, more))
        assert -3 <= low <= high <= 3


def test_one_rater_repeats_three_of_four_grades():
    """Both readings of a pair see one change, spread evenly over the grades from +1 to +3."""
    changed = 0.8 * (1.0 + np.linspace(0.15, 0.45, PEOPLE))
    grades = instruments.photographed(np.column_stack([np.full(PEOPLE, 0.8), changed, changed]), KEYS)
    inside = (changed > 0.8 * 1.225) & (changed < 0.8 * 1.375)  # whole grades: half of +1 and half of +2
    same = (grades[:, 1] == grades[:, 2])[inside]
    assert abs(same.mean() - 0.75) < STANDARD_ERRORS * np.sqrt(0.75 * 0.25 / same.size)


def test_responders_are_those_graded_so_much_better():
    grades = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 0.0], [0.0, -1.0]])
    assert instruments.responded(grades).mean(axis=0).tolist() == [0.0, 50.0]
    assert instruments.responded(grades, 2).mean(axis=0).tolist() == [0.0, 25.0]


# --- shedding ------------------------------------------------------------------------------------------------


def test_a_healthy_scalp_washes_within_one_spread_of_what_healthy_people_do(daily_shedding):
    washed = instruments.wash_count(daily_shedding).mean()
    assert abs(washed - number("signs.wash_healthy")) < evidence().numbers["signs.wash_healthy"].spread.value


def test_what_healthy_people_shed_washes_about_28_hairs_and_an_effluvium_about_125():
    usual = number("facts.shed_healthy")
    shed = usual * np.array([[1.0, 4.5]])
    assert instruments.wash_count(shed)[0] == pytest.approx([27.9, 125.5], rel=0.01)
    assert instruments.comb_count(shed)[0, 0] == pytest.approx(10.2, rel=0.03)


def test_schoolgirls_and_women_with_pattern_loss_score_as_published():
    shed = number("facts.shed_healthy") * np.array([[1.0, 52.2 / 27.9]])
    assert instruments.shedding_score(shed)[0] == pytest.approx([2.68, 4.96], abs=0.01)


def test_an_effluvium_is_scored_excessive():
    shed = 4.5 * np.array([[number("facts.shed_healthy")]])
    assert instruments.shedding_score(shed)[0, 0] > number("assessment.shedding_score")


@given(some_shedding, some_shedding)
def test_who_sheds_more_never_scores_or_washes_less(one, other):
    low, high = (np.array([[shed]]) for shed in sorted((one, other)))
    for test in (instruments.shedding_score, instruments.wash_count, instruments.comb_count):
        assert test(low) <= test(high)
    assert 1.0 <= instruments.shedding_score(low)[0, 0] <= instruments.shedding_score(high)[0, 0] <= 6.0


# --- thin hair and cover -------------------------------------------------------------------------------------


def test_healthy_hair_is_hardly_diverse_and_thinning_makes_it_so(healthy):
    assert instruments.thin_share(healthy)[0, 0] < number("signs.chronic_effluvium_thin_hairs")
    assert not instruments.diverse(instruments.thin_share(healthy)).any()
    assert instruments.thin_share(thinned(healthy, 20.0))[0, 0] == pytest.approx(50.0, abs=2.0)
    assert instruments.diverse(instruments.thin_share(thinned(healthy, 20.0))).all()


def test_there_is_about_one_terminal_hair_for_each_vellus_where_every_other_is_vellus(healthy):
    assert instruments.terminal_to_vellus(healthy)[0, 0] > 7.0
    assert instruments.terminal_to_vellus(thinned(healthy, 20.0))[0, 0] == pytest.approx(1.0, abs=0.1)


def test_hairs_between_two_cut_offs_are_vellus_by_one_and_terminal_by_the_other(healthy):
    between = thinned(healthy, 35.0)
    assert instruments.terminal_to_vellus(between)[0, 0] < 1.1
    assert instruments.terminal_to_vellus(between, 30.0)[0, 0] > 7.0


def test_a_scalp_without_vellus_hair_has_no_finite_ratio(healthy):
    assert np.isinf(instruments.terminal_to_vellus(healthy, 0.0)).all()


def test_two_hundred_hairs_of_70_um_that_grow_as_usual_cover_a_shaved_scalp_in_twenty_days(healthy):
    state, shape = healthy.state, healthy.shape
    alike = state._replace(
        phase=np.full_like(state.phase, cycle.ANAGEN), um=np.full(shape, 70.0), since=np.full(shape, 100.0)
    )
    usual = healthy.life._replace(growth=np.array([[360.0, 0.0]]))
    scalp = type(healthy)(**{**vars(healthy), "state": alike, "life": usual, "density": np.array([200.0])})
    days = instruments.coverage_time(scalp)
    assert days[0, 0] == pytest.approx(19.84, abs=0.01)
    assert instruments.coverage_score(days)[0, 0] == pytest.approx(92.1, abs=0.1)


def test_thinner_hair_takes_longer_to_cover_and_scores_less(healthy):
    slow, fast = (instruments.coverage_time(scalp) for scalp in (thinned(healthy, 20.0), healthy))
    assert slow > fast
    assert instruments.coverage_score(slow) < instruments.coverage_score(fast)


def test_a_scalp_on_which_nothing_grows_is_never_covered(healthy):
    bare = type(healthy)(
        **{
            **vars(healthy),
            "state": healthy.state._replace(phase=np.full_like(healthy.state.phase, cycle.TELOGEN)),
        }
    )
    assert np.isinf(instruments.coverage_time(bare)).all()
    assert (instruments.coverage_score(instruments.coverage_time(bare)) == 0.0).all()


# --- grades of pattern loss ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stage"), [("1", 1), ("2", 2), ("3", 3), ("3v", 3), ("4", 4), ("5", 5), ("6", 6), ("7", 7)]
)
def test_a_norwood_stage_is_read_back_from_the_cover_it_stands_for(name, stage):
    assert instruments.norwood(np.array([[number(f"severity.norwood_{name}")]]))[0, 0] == stage


@pytest.mark.parametrize(("sinclair", "grade"), [(1.0, 0), (2.0, 1), (3.0, 2), (3.5, 2), (4.0, 2), (5.0, 3)])
def test_a_ludwig_grade_is_read_from_the_sinclair_grade_it_is_taken_for(sinclair, grade):
    constant, slope = (number(f"reading.sinclair_{part}") for part in ("constant", "slope"))
    coverage = np.array([[10.0 ** ((constant - sinclair) / slope)]])
    assert observer.sinclair(coverage)[0, 0] == pytest.approx(sinclair)
    assert instruments.ludwig(coverage)[0, 0] == grade


@given(some_coverage, some_coverage, st.integers(0, PEOPLE - 1))
def test_more_hair_is_never_a_worse_grade_of_pattern_loss(one, other, key):
    less, more = (np.array([[cover]]) for cover in sorted((one, other)))
    for keys in (None, KEYS[key : key + 1]):
        assert 0 <= instruments.ludwig(more, keys) <= instruments.ludwig(less, keys) <= 3
        assert 1 <= instruments.norwood(more, keys) <= instruments.norwood(less, keys) <= 7
