"""What if: variants of a plan from the same follicles with the same luck, each against the plan."""

import json
from pathlib import Path

import numpy as np
import pytest

from follicast.doors.output import plain
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.plan import what_if
from follicast.plan.stopping import stopped, stopping
from follicast.plan.variants import Variant, usual_variants, with_second
from follicast.plan.walk import advise
from follicast.regimen import MONTH_D, Regimen
from follicast.today import today

HORIZON = 24 * MONTH_D + 1


@pytest.fixture(scope="module")
def woman():
    return Patient.load(Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml")


@pytest.fixture(scope="module")
def plan(woman):
    return advise(woman, "minoxidil-topical-5", draws=40)


def named(words, second=None):
    return {v.name: str(v.regimen) for v in usual_variants(Regimen(words), HORIZON, second)}


def test_the_usual_questions_become_arms():
    assert named("prp+minoxidil-topical-1", None) == {
        "missed-doses": "prp:adherence=0.5+minoxidil-topical-1:adherence=0.5",
        "pause": "prp:pause@6mo-9mo+minoxidil-topical-1:pause@6mo-9mo",
        "stop-6": "prp:stop@6mo+minoxidil-topical-1:stop@6mo",
        "stop-12": "prp:stop@12mo+minoxidil-topical-1:stop@12mo",
        "later": "prp:start@12mo+minoxidil-topical-1:start@12mo",
    }


def test_options_already_there_are_kept():
    told = named("finasteride:dose=1mg,adherence=0.8,start@2mo")
    assert told["missed-doses"] == "finasteride:dose=1mg,adherence=0.4,start@2mo"
    assert told["later"] == "finasteride:dose=1mg,adherence=0.8,start@14mo"
    assert (
        named("prp:start@1mo,stop@8mo,pause@3mo-4mo")["later"] == "prp:start@13mo,stop@20mo,pause@15mo-16mo"
    )


def test_a_variant_that_changes_nothing_is_left_out():
    assert set(named("prp:stop@5mo")) == {"missed-doses", "later"}
    assert named("none") == {}
    assert "stop-6" not in named("prp:start@8mo") and "stop-12" in named("prp:start@8mo")
    short = {v.name for v in usual_variants(Regimen("prp"), 6 * MONTH_D + 1)}
    assert short == {"missed-doses", "later"}


def test_a_pause_says_how_many_sessions_it_skips():
    said = {v.name: v.plain for v in usual_variants(Regimen("prp"), HORIZON)}
    assert said["pause"].endswith("sessions skipped: 1")
    assert (
        "skipped"
        not in {v.name: v.plain for v in usual_variants(Regimen("minoxidil-oral"), HORIZON)}["pause"]
    )


def test_a_second_therapy_is_the_partner_in_a_sensible_pair_and_keeps_the_first_as_it_was():
    pairs = [Regimen("finasteride+prp"), Regimen("minoxidil-topical-1+prp")]
    assert (
        str(with_second(Regimen("minoxidil-topical-1:adherence=0.8"), pairs))
        == "minoxidil-topical-1:adherence=0.8+prp"
    )
    assert str(with_second(Regimen("prp:sessions=5"), pairs)) == "prp:sessions=5+finasteride"
    assert with_second(Regimen("biotin"), pairs) is None
    assert with_second(Regimen("minoxidil-topical-1+prp"), pairs) is None


def test_variants_have_the_same_follicles_until_they_part(plan):
    told = {one.variant.name: one for one in plan.what_if}
    assert {"missed-doses", "pause", "stop-6", "stop-12", "later"} <= set(told)
    for name, month in (("pause", 6), ("stop-6", 6), ("stop-12", 12)):
        apart = told[name].arm.values("total_density") - told[name].plan.values("total_density")
        assert (apart[:, : month + 1] == 0.0).all(), name
        assert (apart[:, -1] != 0.0).any(), name


def test_a_year_of_waiting_is_no_treatment_for_that_year_follicle_by_follicle(plan):
    later = next(one for one in plan.what_if if one.variant.name == "later")
    untreated = plan.untreated.values("terminal_density")
    assert (later.arm.values("terminal_density")[:, :13] == untreated[:, :13]).all()


def test_missed_doses_and_stopping_cost_hair_here(plan):
    told = {one.variant.name: one for one in plan.what_if}
    assert told["missed-doses"].at(12)["median"] < 0
    assert told["stop-12"].at(12) == {"median": 0.0, "low": 0.0, "high": 0.0}
    assert told["stop-12"].at(24)["median"] < told["missed-doses"].at(24)["median"] < 0


def test_the_difference_is_taken_draw_by_draw_and_not_between_medians(plan):
    one = next(one for one in plan.what_if if one.variant.name == "stop-6")
    apart = one.arm.values("terminal_density") - one.plan.values("terminal_density")
    assert one.at(24)["low"] == np.quantile(apart[:, 24], 0.05)
    width = one.at(24)["high"] - one.at(24)["low"]
    curve = one.arm.curves["terminal_density"]
    assert width < 0.5 * (curve.high[24] - curve.low[24])


def test_a_variant_is_the_very_forecast_of_its_arm(woman, plan):
    one = next(one for one in plan.what_if if one.variant.name == "pause")
    alone = forecast(today(woman, draws=40), [one.arm.regimen]).arms[1]
    assert (alone.values("terminal_density") == one.arm.values("terminal_density")).all()
    assert (alone.values("daily_shedding") == one.arm.values("daily_shedding")).all()


def test_any_variant_can_be_asked_for_and_one_without_evidence_is_left_out(plan):
    asked = [
        Variant("twice", "five sessions of PRP are added", Regimen("minoxidil-topical-5+prp:sessions=5")),
        Variant("nothing", "HARG is added", Regimen("minoxidil-topical-5+harg")),
    ]
    found = what_if(plan.forecast, plan.chosen, asked)
    assert [one.variant.name for one in found] == ["twice"]


def test_variants_are_run_once_and_stand_beside_the_arms(plan):
    before = [arm.arm for arm in plan.forecast.arms]
    regimen = Regimen("minoxidil-topical-5:stop@9mo")
    one, other = plan.forecast.under([regimen]), plan.forecast.under([regimen])
    assert one[0] is other[0] and [arm.arm for arm in plan.forecast.arms] == before
    assert plan.forecast.under([Regimen("minoxidil-topical-5")])[0] is plan.chosen


def test_the_answer_holds_every_variant_with_its_difference(plan):
    answer = json.loads(json.dumps(plain(plan.as_json()), allow_nan=False))["what_if"]
    assert [one["name"] for one in answer] == [one.variant.name for one in plan.what_if]
    for one in answer:
        assert len(one["difference"]["median"]) == len(one["months"]) == 25
        assert set(one["at"]) == {"12", "24"} and sum(one["of_100"].values()) == 100


def test_no_treatment_has_no_what_if(woman):
    assert advise(woman, "none", draws=20).what_if == []


# --- stopping --------------------------------------------------------------------------------------------------


def test_what_is_left_of_a_gain_is_read_off_a_stop_at_month_12(plan):
    after = plan.forecast.under([stopped(plan.regimen)])[0]
    left = stopping(plan.chosen, after)
    gain = plan.chosen.extra[:, 12].mean()
    assert left.left_percent == round(100 * after.extra[:, 24].mean() / gain)
    if left.gone_by is not None:
        course = after.extra.mean(axis=0)
        assert course[left.gone_by] < 0.2 * gain <= course[left.gone_by - 1]
    assert (after.extra[:, :13] == plan.chosen.extra[:, :13]).all()


def test_stopping_keeps_an_earlier_stop_and_drops_what_would_begin_later():
    assert (
        str(stopped(Regimen("prp:stop@3mo+minoxidil-topical-1")))
        == "prp:stop@3mo+minoxidil-topical-1:stop@12mo"
    )
    assert str(stopped(Regimen("prp:start@18mo+minoxidil-topical-1"))) == "minoxidil-topical-1:stop@12mo"
    assert stopped(Regimen("prp:start@18mo")) == Regimen()


def test_a_short_forecast_says_nothing_of_stopping(woman):
    found = forecast(today(woman, draws=20), [Regimen("prp")], months=6)
    assert stopping(found.arms[1], found.under([stopped(Regimen("prp"))])[0]) is None
