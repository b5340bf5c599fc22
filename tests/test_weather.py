"""What strains hair: only what was told or measured, from when it began until it was mended."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from follicast.evidence.library import evidence
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.strain import Cause, causes, months_ago, push, strain
from follicast.today import today
from follicast.weather import Weather, weather

DAY = dt.date(2026, 11, 22)
PAST = np.arange(-600.0, 0.0, 30.0)
FRAIL, STURDY = np.array([0.0]), np.array([0.999])


def person(more: str = "", sex: str = "F") -> Patient:
    return Patient.parse(
        f"age: 33\nsex: {sex}\ndate: {DAY}\nconditions: []\ndrugs: []\n{more}", "patient.yaml"
    )


def having(**told) -> Patient:
    return person().model_copy(update=told)


def ferritin(value: float, drugs: str = "[]", day: dt.date = DAY) -> Patient:
    labs = f"labs: [{{test: ferritin, value: {value}, unit: ug/L, date: {day}}}]"
    return Patient.parse(f"age: 33\nsex: F\ndate: {DAY}\ndrugs: {drugs}\n{labs}", "patient.yaml")


def of(patient: Patient, days=PAST, frailty=FRAIL):
    return strain(causes(patient, DAY), frailty, days)


def test_weather_is_calm_unless_something_strains():
    parameters = {"anagen": np.ones(3), "menopause_power": np.ones(3)}
    calm = weather(
        "M", np.arange(30.0, 31.0, 0.1), 30.0, parameters, final_period_age=51, onset=np.full(3, 40.0)
    )
    assert (calm.strain == 1.0).all() and isinstance(calm.of(1), Weather) and calm.of(1).drive.shape[0] == 1


def test_without_a_cause_strain_is_exactly_one():
    assert (of(person()) == 1.0).all() and causes(person(), DAY) == []


@pytest.mark.parametrize("drug", ["iron", "zinc", "vitamin D", "biotin", "levothyroxine"])
def test_a_supplement_without_a_deficiency_strains_nothing_and_mends_nothing(drug):
    taker = Patient.parse(
        f"{{age: 33, sex: F, date: {DAY}, drugs: [{{name: {drug}, since: 2026-01}}]}}", "x.yaml"
    )
    assert causes(taker, DAY) == []


def test_a_supplement_without_a_deficiency_changes_no_hair_bit_for_bit():
    taker = Patient.parse(f"{{age: 33, sex: F, date: {DAY}, drugs: [iron], conditions: []}}", "x.yaml")
    plain, with_iron = (today(p, draws=10) for p in (person(), taker))
    assert all((a == b).all() for a, b in zip(plain.scalp.state, with_iron.scalp.state, strict=True))
    assert np.array_equal(plain.future(30).strain, with_iron.future(30).strain)


@given(value=st.floats(1, 200))
def test_ferritin_strains_below_its_bound_and_only_there(value):
    bound = float(evidence().conditions["iron-deficiency-chronic-diffuse"].thresholds["low"])
    assert bool(causes(ferritin(round(value, 1)), DAY)) == (round(value, 1) < bound)


@pytest.mark.parametrize(
    ("test", "value", "unit", "what"),
    [
        ("TSH", 12, "'m[iU]/L'", "an underactive thyroid"),
        ("TSH", 0.01, "'m[iU]/L'", "an overactive thyroid"),
        ("zinc", 40, "ug/dL", "low zinc"),
        ("vitamin D", 8, "ng/mL", "low vitamin D"),
    ],
)
def test_a_test_out_of_range_strains_and_one_in_range_does_not(test, value, unit, what):
    (found,) = causes(person(f"labs: [{{test: {test}, value: {value}, unit: {unit}, date: {DAY}}}]"), DAY)
    assert found.what == what and found.size > 1.0 and found.until is None
    assert (
        causes(
            person("labs: [{test: TSH, value: 2, unit: 'm[iU]/L'}, {test: zinc, value: 95, unit: ug/dL}]"),
            DAY,
        )
        == []
    )


def test_only_those_whose_hair_answers_are_strained():
    low = ferritin(10)
    assert (of(low)[:, -1] > 1.0).all() and (of(low, frailty=STURDY) == 1.0).all()
    share = float(evidence().numbers["strain.iron_share"])
    many = of(low, frailty=(np.arange(1000) + 0.5) / 1000)[:, -1]
    assert np.mean(many > 1.0) == pytest.approx(share, abs=0.002)


def test_strain_begins_when_it_began_and_not_before():
    early = of(ferritin(10))
    assert early[0, 0] == 1.0 and early[0, -1] > 1.0


def test_iron_taken_for_long_enough_mends_what_was_low_and_the_past_keeps_it():
    mended = ferritin(10, "[{name: iron, since: 2026-03-01}]", dt.date(2026, 2, 20))
    (cause,) = causes(mended, DAY)
    assert cause.until is not None and cause.until > 0
    course = of(mended)
    assert course.max() > 1.0 and course[0, -1] == 1.0
    assert (of(mended, np.arange(0.0, 300.0)) == 1.0).all()


def test_iron_begun_lately_mends_in_the_coming_months():
    coming = of(ferritin(10, "[{name: iron, since: 2026-11-01}]"), np.arange(0.0, 300.0))
    assert coming[0, 0] > 1.0 and coming[0, -1] == 1.0


def test_a_test_that_is_still_low_says_that_the_treatment_has_not_worked():
    (cause,) = causes(ferritin(10, "[{name: iron, since: 2025-06-01}]"), DAY)
    assert cause.until is None


def test_a_newer_test_in_range_ends_what_an_older_one_showed():
    old, new = (
        f"{{test: ferritin, value: {value}, unit: ug/L, date: {day}}}"
        for value, day in ((9, "2026-01-22"), (70, "2026-07-22"))
    )
    story = f"labs: [{old}, {new}]"
    (cause,) = causes(person(story), DAY)
    assert cause.since == pytest.approx(10, abs=0.2) and cause.until == pytest.approx(4, abs=0.2)


def test_a_disease_that_is_told_strains_unless_it_is_treated():
    assert len(causes(having(conditions=["hypothyroidism"]), DAY)) == 1
    treated = "{age: 33, sex: F, date: 2026-11-22, conditions: [hypothyroidism], drugs: [levothyroxine]}"
    assert causes(Patient.parse(treated, "x.yaml"), DAY) == []
    unasked = "{age: 33, sex: F, date: 2026-11-22, conditions: [hypothyroidism]}"
    assert causes(Patient.parse(unasked, "x.yaml"), DAY) == []


def test_a_thyroid_treated_for_years_and_in_range_has_strained_nothing_lately():
    story = (
        "{age: 33, sex: F, date: 2026-11-22, conditions: [hypothyroidism], "
        "drugs: [{name: levothyroxine, since: 2018}], labs: [{test: TSH, value: 2, unit: 'm[iU]/L', date: 2026-11-01}]}"
    )
    assert (of(Patient.parse(story, "x.yaml")) == 1.0).all()


def test_a_drug_that_sheds_strains_from_its_first_day_in_the_share_that_was_counted():
    story = "{age: 33, sex: F, date: 2026-11-22, drugs: [{name: valproate, since: 3 months}, paracetamol]}"
    (cause,) = causes(Patient.parse(story, "x.yaml"), DAY)
    counted = float(evidence().numbers["signs.valproate_hair_loss"]) / 100
    assert (cause.what, cause.since, cause.share) == ("valproate", 3.0, counted)


def test_several_causes_add_and_none_takes_away():
    both = [Cause("a", 1.4, 1.0, 12.0), Cause("b", 1.6, 1.0, 6.0)]
    assert strain(both, FRAIL, np.array([-30.0]))[0, 0] == pytest.approx(2.0)
    assert strain(both, FRAIL, np.array([-300.0]))[0, 0] == pytest.approx(1.4)


@given(st.floats(1, 3), st.floats(0, 1), st.floats(0, 40), st.floats(-6, 40), st.floats(0, 0.999))
def test_strain_never_falls_below_one(size, share, since, until, frailty):
    assert (strain([Cause("x", size, share, since, until)], np.array([frailty]), PAST) >= 1.0).all()


def test_a_strain_that_is_not_mended_is_told_as_assumed():
    said = [w for w in today(ferritin(10), draws=5).warnings if "low iron" in w]
    assert len(said) == 1 and "assumed" in said[0] and "mended" in said[0]
    assert not any("low iron" in w for w in today(ferritin(90), draws=5).warnings)


def test_a_thyroid_out_of_order_sheds_more_hair_and_leaves_nearly_as_many():
    low = person("labs: [{test: TSH, value: 30, unit: 'm[iU]/L', date: 2026-11-20}]")
    calm, strained = (forecast(today(p, draws=60), [], 6).arms[0] for p in (person(), low))
    shed = [a.values("daily_shedding")[:, 6].mean() for a in (calm, strained)]
    count = [a.values("total_density")[:, 6].mean() for a in (calm, strained)]
    assert shed[1] > 1.08 * shed[0] and 0.95 < count[1] / count[0] < 1.0


def test_a_fever_pushes_harder_than_an_operation_and_that_harder_than_grief():
    assert push("COVID-19") == 1.0 > push("operation") > push("grief") > push("vaccination") > 0.0


def test_an_unknown_trigger_pushes_as_before_and_the_season_is_not_counted_twice():
    assert push("something odd") == 1.0 == push("high fever") and push("autumn") == 0.0


def test_triggers_add_up():
    story = "triggers: [{what: fever, months_ago: 2}, {what: surgery, months_ago: 2}]"
    one, two = (
        forecast(today(person(t), draws=40), [], 3).arms[0].values("daily_shedding")[:, 1].mean()
        for t in ("triggers: [{what: surgery, months_ago: 2}]", story)
    )
    assert two > 1.2 * one


@given(st.dates(dt.date(2000, 1, 1), DAY))
def test_since_is_read_from_a_day(day):
    assert months_ago(day.isoformat(), DAY) == pytest.approx((DAY - day).days / 30.4375)


@pytest.mark.parametrize(
    ("told", "months"),
    [
        ("3 months", 3),
        ("2 years ago", 24),
        ("2026-10", 1.2),
        (2025, 16.7),
        ("a while", None),
        (None, None),
        ("2026-13", None),
    ],
)
def test_since_is_read_as_people_write_it(told, months):
    assert months_ago(told, DAY) == (None if months is None else pytest.approx(months, abs=0.2))
