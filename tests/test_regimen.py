"""Arms are read as people write them, and pull on the cycle as their actions say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.errors import ArmError, FollicastError
from follicast.evidence.library import evidence
from follicast.parameters import names, parameters
from follicast.pull import pull
from follicast.regimen import MONTH_D, NO_TREATMENT, Regimen

BELIEFS = parameters(np.zeros((2, len(names()))))
ANSWERS = {name: np.ones(2) for name in ("minoxidil_responder", "minoxidil_oral_responder", "prp_responder")}


def pulled(words, days=400, sex="F"):
    return pull(Regimen(words), BELIEFS, ANSWERS, sex, days)


@pytest.mark.parametrize(
    "words, check",
    [
        ("minoxidil-topical-5:stop@12mo", lambda p: p.stop_d == pytest.approx(12 * MONTH_D)),
        ("spironolactone:dose=100mg", lambda p: p.dose_mg == 100),
        ("finasteride:adherence=0.7", lambda p: p.adherence == 0.7),
        ("prp:sessions=5,every=4wk", lambda p: p.sessions == 5 and p.every_d == 28),
        ("minoxidil-topical-5:start@30d,pause@3mo-4mo", lambda p: p.start_d == 30 and len(p.pauses) == 1),
    ],
)
def test_options_bind_to_their_part(words, check):
    assert check(Regimen(words).parts[0])


def test_parts_are_joined_by_plus():
    regimen = Regimen("spironolactone:dose=100mg+prp:sessions=5")
    assert regimen.therapies == ["spironolactone", "prp"] and regimen.parts[1].sessions == 5


@pytest.mark.parametrize(
    "words, says",
    [
        ("spirolactone", "Did you mean 'spironolactone'"),
        ("prp:sessions=five", "What would do"),
        ("prp:sessions=0", "What would do"),
        ("finasteride:adherence=1.2", "What would do"),
        ("finasteride:stop@12", "What would do"),
        ("prp+prp", "stands twice"),
        ("", "empty"),
        ("+", "no therapy"),
        ("finasteride:sessions=3", "not given in sessions"),
        ("minoxidil-topical-5:stop@1mo,start@2mo", "stops before"),
        ("finasteride:dose=1mg,dose=5mg", "second time"),
        ("finasteride:dose=-1mg", "What would do"),
    ],
)
def test_what_cannot_be_read_says_what_would_do(words, says):
    with pytest.raises(ArmError, match=says):
        Regimen(words)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_the_arm_is_read_or_refused(words):
    try:
        assert str(Regimen(words)) == words.strip()
    except FollicastError as trouble:
        assert str(trouble)


def test_prp_is_given_three_times_a_month_apart_and_then_every_six_months():
    days = Regimen("prp").parts[0].session_days(730)
    assert days[:3] == [0, 28, 56] and days[3] == pytest.approx(56 + 6 * MONTH_D) and len(days) == 6


def test_the_vietnamese_rhythm_is_weekly_then_fortnightly_then_monthly_or_so():
    days = Regimen("mesotherapy-vitamin").parts[0].session_days(200)
    assert days[:8] == [0, 7, 14, 21, 35, 49, 63, 77] and 28 <= days[8] - days[7] <= 62


@pytest.mark.parametrize(
    "words",
    ["finasteride:stop@12mo", "prp:every=4wk,sessions=3", "minoxidil-topical-5:start@10d,pause@3mo-4mo"],
)
def test_a_part_says_itself_in_words_that_read_back_as_itself(words):
    part = Regimen(words).parts[0]
    assert Regimen(str(part)).parts[0] == part


def test_no_treatment_pulls_on_nothing():
    still = pull(NO_TREATMENT, BELIEFS, ANSWERS, "F", 100)
    assert (
        (still.drive == 1).all() and not still.wake.any() and not still.hold.any() and not still.release.any()
    )


def test_suppression_lowers_drive_and_minoxidil_does_not_touch_it():
    assert pulled("finasteride", sex="M").drive[:, -1].max() < 0.6
    assert (pulled("minoxidil-topical-5").drive == 1).all()


def test_finasteride_reaches_less_of_a_womans_drive():
    assert (pulled("finasteride", sex="F").drive[:, -1] > pulled("finasteride", sex="M").drive[:, -1]).all()


def test_a_stronger_solution_wakes_more_and_double_the_dose_less_than_twice_as_much():
    one, two, five = (pulled(f"minoxidil-topical-{n}").wake[:, -1] for n in (1, 2, 5))
    assert (one < two).all() and (two < five).all() and (two < 2 * one).all()


def test_what_is_stopped_fades():
    wake = pulled("minoxidil-topical-5:stop@200d").wake[0]
    assert wake[199] > 0 and wake[399] < 0.01 * wake[199]


def test_sessions_pile_up_and_fade():
    wake = pulled("prp:sessions=3", days=800).wake[0]
    assert 60 < wake[:150].argmax() < 120


def test_two_therapies_act_together():
    both, one, other = pulled("minoxidil-topical-5+prp"), pulled("minoxidil-topical-5"), pulled("prp")
    assert np.allclose(both.wake, one.wake + other.wake)


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_more_adherence_never_pulls_less(a, b):
    low, high = sorted((a, b))
    assert (
        pulled(f"finasteride:adherence={low:.3f}", 120, "M").drive
        >= pulled(f"finasteride:adherence={high:.3f}", 120, "M").drive - 1e-12
    ).all()


def test_no_therapy_acts_at_stage_one_and_supplements_act_at_no_stage_at_all():
    therapies = evidence().therapies
    assert all(action.stage in (2, 3, 4) for t in therapies.values() for action in t.actions)
    assert all(not therapies[t].actions for t in ("zinc", "iron", "vitamin-d"))


def test_spironolactone_acts_at_two_and_three_and_minoxidil_and_prp_at_four():
    stages = {
        t: {a.stage for a in evidence().therapies[t].actions}
        for t in ("spironolactone", "minoxidil-topical-5", "prp")
    }
    assert stages == {"spironolactone": {2, 3}, "minoxidil-topical-5": {4}, "prp": {4}}
