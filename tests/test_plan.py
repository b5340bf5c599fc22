"""The plan: what is due when, what it costs, what may be won and lost, and what never reaches it."""

import datetime as dt
import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.assessment import RedFlag, assess
from follicast.doors.calendar import calendar, entries
from follicast.doors.output import plain
from follicast.doors.schema import schema_of
from follicast.errors import InputError, NothingToGive
from follicast.evidence.harm import Harm
from follicast.evidence.library import evidence
from follicast.evidence.price import Offer
from follicast.forecast import ArmForecast, Forecast, Refused
from follicast.observer import Reading
from follicast.patient import Patient
from follicast.plan import Plan, balance, choice, schedule
from follicast.plan.clinic import WEEKDAYS, Clinic
from follicast.plan.cost import cheapest, cost
from follicast.regimen import NO_TREATMENT, Regimen

MONTHS = list(range(25))
WOMAN = """
id: someone
date: 2026-11-22
age: 47
sex: F
region: {region}
latitude: 35.7
pregnant: false
planning_pregnancy: false
breastfeeding: false
menopause: peri
contraception: coil
pattern: {{scale: sinclair, grade: 3}}
sites: [midscalp]
onset: {{age: 43}}
course: slow
signs: [Christmas-tree parting, frontal hairline kept]
symptoms: []
triggers: []
conditions: []
drugs: []
allergies: []
blood_pressure: 118/76
pulse: 68
labs: {labs}
wishes: {wishes}
budget: {{amount: 400000, currency: JPY}}
"""
SALTS = """
  - {test: potassium, value: 4.2, unit: mmol/L, date: 2026-11-20}
  - {test: creatinine, value: 0.7, unit: mg/dL, date: 2026-11-20}"""


def woman(region="jp", labs="[]", wishes="{}"):
    return Patient.parse(WOMAN.format(region=region, labs=labs, wishes=wishes))


def seen(growth):
    """Twenty draws of a scalp whose hair changes by `growth` a year, a little more in each later draw."""
    looks = 24 * 4 + 1
    level = 100.0 * (1 + growth * np.arange(looks) / 48)[None, :] * np.linspace(0.9, 1.1, 20)[:, None]
    one = np.ones((20, looks))
    return Reading(level * 1.3, level, level, 60 * one, 80 * one, level * 0.006, 70 * one, 300 * one)


class MadeUp(Forecast):
    """A forecast made up for the test: a variant is what its first therapy was made up to be."""

    def under(self, regimens):
        return [self._made_up(regimen) for regimen in regimens]

    def _made_up(self, regimen):
        whole = {arm.regimen.words.partition(":")[0]: arm for arm in self.arms}
        like = whole.get(regimen.words.partition(":")[0], self.arms[-1])
        return replace(like, regimen=regimen)


def foreseen(patient, **growths):
    """A forecast made up for the test: each arm grows as told, None is refused."""
    untreated = seen(0.0)
    arms = [ArmForecast(NO_TREATMENT, "calibrated", "", MONTHS, untreated, untreated)]
    for words, growth in growths.items():
        regimen = Regimen(words.replace("__", "+").replace("_", "-"))
        if growth is None:
            no = Refused("nothing convincing", "a trial", [])
            arms.append(ArmForecast(regimen, "refused", "", MONTHS, refused=no))
        else:
            arms.append(ArmForecast(regimen, "by-analogy", "", MONTHS, seen(growth), untreated))
    today = SimpleNamespace(
        patient=patient, site="midscalp", start=patient.date, seed=7, warnings=[], draws=20, sources=set()
    )
    return MadeUp(today, MONTHS, arms, 1.0, 40.0)


def planned(words="prp", patient=None, growth=0.3, **how):
    patient = patient or woman()
    return Plan(assess(patient), foreseen(patient, **{words.replace("-", "_"): growth}), words, **how)


# --- dates -----------------------------------------------------------------------------------------------------


def test_a_course_of_prp_counts_from_the_patients_date_and_is_then_kept_up():
    """She sits there on a Sunday, Monday is a holiday, and the platelets are known two days after Tuesday."""
    sessions = planned().sessions
    assert [s.date.isoformat() for s in sessions[:3]] == ["2026-11-26", "2026-12-24", "2027-01-21"]
    assert [s.what.split(": ")[1] for s in sessions] == [
        "session 1 of 3",
        "session 2 of 3",
        "session 3 of 3",
        "maintenance session 1",
        "maintenance session 2",
        "maintenance session 3",
    ]
    assert all(s.aftercare for s in sessions)


def test_another_start_moves_every_date():
    always = Clinic(open=list(WEEKDAYS), open_on_holidays=True)
    early, late = planned(clinic=always), planned(start=dt.date(2027, 3, 1), clinic=always)
    apart = {b.date - a.date for a, b in zip(early.sessions, late.sessions, strict=True)}
    assert apart == {dt.date(2027, 3, 1) - dt.date(2026, 11, 22)}


def test_without_any_date_there_are_days_and_a_word_about_it():
    patient = woman()
    made = foreseen(patient, prp=0.3)
    made.today.start = None
    plan = Plan(assess(patient), made, "prp")
    assert plan.start is None and all(s.date is None for s in plan.sessions)
    assert [s.day for s in plan.sessions[:3]] == [2, 30, 58]  # the platelets are not known yet
    assert any("no start date" in warning for warning in plan.warnings)
    assert calendar(plan) is None


def test_stopping_ends_the_sessions_and_more_sessions_lengthen_the_course():
    stopped = schedule.sessions(Regimen("prp:stop@2mo"), None, 731, "F")
    assert [s.day for s in stopped] == [0, 28, 56]
    five = schedule.sessions(Regimen("prp:sessions=5"), None, 731, "F")
    assert five[4].what.endswith("session 5 of 5") and five[5].what.endswith("maintenance session 1")


def test_what_is_taken_at_home_has_a_day_to_begin_and_a_day_to_stop():
    told = schedule.sessions(Regimen("minoxidil-topical-1:start@1mo,stop@6mo"), dt.date(2026, 1, 1), 731, "F")
    assert [(s.day, s.what.split()[0]) for s in told] == [(30, "begin"), (183, "stop")]


def test_the_result_is_looked_at_at_months_3_6_and_12():
    due = schedule.visits(Regimen("prp"), assess(woman()), None, 731)
    assert [look.day for look in due] == [0, 91, 183, 365, 730]
    assert all(abs(look.day - d.day) <= 14 for look, d in zip(planned().visits, due, strict=True))


@pytest.mark.parametrize(
    ("region", "months"),
    [
        ("jp", [0.25, 1, 4, 7, 10, 13, 16, 19, 22]),
        ("us", [0.25, 6, 12, 18, 24]),
        ("strictest", [0.25, 1, 4, 6, 7, 10, 12, 13, 16, 18, 19, 22, 24]),
    ],
)
def test_potassium_is_tested_as_the_region_asks_and_the_strictest_takes_all(region, months):
    assessment = assess(woman(region=region, labs=SALTS))
    due = [
        lab
        for lab in schedule.labs(Regimen("spironolactone"), assessment, None, 731)
        if lab.test == "potassium"
    ]
    raised = round(30.4375 + 7)  # it is begun with half the dose, and raised after a month
    assert [lab.day for lab in due] == sorted([raised, *(round(month * 30.4375) for month in months)])
    assert len({lab.key for lab in due}) == len(due)


def test_a_test_whose_value_is_known_is_not_asked_for_again_before_the_start():
    unknown = schedule.labs(Regimen("spironolactone"), assess(woman()), None, 731)
    known = schedule.labs(Regimen("spironolactone"), assess(woman(labs=SALTS)), None, 731)
    assert {lab.test for lab in unknown if lab.day == 0} == {"potassium", "creatinine"}
    assert not [lab for lab in known if lab.day == 0]


# --- money -----------------------------------------------------------------------------------------------------


def offer(sessions, price):
    return Offer.model_construct(
        therapy="prp",
        sessions=sessions,
        days=None,
        price=price,
        label=f"{sessions}",
        source="x",
        place="y",
        on_request=False,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 500)), min_size=1, max_size=4), st.integers(0, 9))
def test_the_cheapest_way_to_buy_is_exact(lines, wanted):
    offers = [offer(sessions, price) for sessions, price in lines]
    bought = cheapest(offers, wanted)
    assert sum(o.sessions * times for o, times in bought) >= wanted
    ways = itertools.product(range(wanted + 1), repeat=len(offers))
    least = min(
        sum(o.price * k for o, k in zip(offers, way, strict=True))
        for way in ways
        if sum(o.sessions * k for o, k in zip(offers, way, strict=True)) >= wanted
    )
    assert sum(o.price * times for o, times in bought) == least


def test_prp_is_bought_as_a_course_of_three_and_kept_up_session_by_session():
    money = planned().cost
    assert (money.currency, money.course) == ("JPY", 254400)
    assert money.first_year == 254400 + 89800
    assert money.per_year_after == 2 * 89800
    assert (money.list_name, money.place, money.date) == ("Smart Skin Clinic", "Tokyo, Japan", "2024-11")


def test_five_sessions_are_bought_as_the_bundle_of_five():
    assert planned("prp:sessions=5").cost.course == 399000


def test_the_monitors_price_is_for_those_who_ask():
    assert planned("prp:sessions=5").cost.on_request == []
    assert planned("prp:sessions=5", on_request=True).cost.course == 349000
    asks = woman(wishes="{monitor_price: true}")
    assert planned("prp:sessions=5", patient=asks).cost.course == 349000


def test_what_has_no_price_is_named_and_leaves_the_total_open():
    money = cost(Regimen("prp+minoxidil-topical-1"), woman())
    assert money.first_year is None and money.per_year_after is None and money.course is None
    assert money.known_first_year == 254400 + 89800
    assert "price of minoxidil 1 % lotion" in money.unknown


def test_tests_and_visits_without_a_price_are_named_beside_the_total():
    money = planned().cost
    assert money.first_year is not None
    assert {"consultation and visits", "test: platelet count"} <= set(money.unknown)


def test_a_hair_has_a_price_only_where_hair_is_won():
    won, none_won = planned(growth=0.3), planned(growth=-0.1)
    extra = won.chosen.extra_hair["median"]
    assert won.cost.per_extra_hair_cm2 == pytest.approx(won.cost.first_year / extra, abs=0.01)
    assert none_won.cost.per_extra_hair_cm2 is None


def test_doing_nothing_costs_nothing():
    assert planned("none").cost.first_year == 0


def test_a_first_year_above_the_budget_is_said():
    assert any("above the budget" in warning for warning in planned("prp:sessions=5").warnings)
    assert not any("above the budget" in warning for warning in planned().warnings)


# --- benefits and harms ----------------------------------------------------------------------------------------


def test_gain_hold_and_lose_are_of_100_people_and_stand_beside_no_treatment():
    told = {outcome.label: outcome for outcome in planned(growth=0.3).benefits}
    assert sum(told[label].of_100 for label in ("gain", "hold", "lose")) == 100
    assert told["gain"].of_100 == 100 and told["gain"].untreated == 0
    assert told["benefit"].of_100 == 100


def harm(**how):
    given = {"therapy": "prp", "effect": "x", "plain": "x", "design": "trial", "source": "x", "place": "y"}
    return balance.harm_line(Harm.model_construct(**(_defaults() | given | how)))


def _defaults():
    return {name: field.get_default() for name, field in Harm.model_fields.items() if not field.is_required()}


def test_counted_harms_are_of_100_people():
    assert harm(people=19, events=4).of_100 == 21.1
    assert harm(share=0.07).of_100 == 7.0
    assert harm(share=0.07, control_share=0.02).control_of_100 == 2.0


def test_none_of_n_is_at_most_three_in_n():
    line = harm(people=60, events=0)
    assert (line.of_100, line.at_most) == (None, 5.0)
    assert harm(people=2, events=0).at_most == 100


def test_a_case_report_is_never_a_rate():
    line = harm(design="case-report", people=20, events=3, share=0.15, control_share=0.1)
    assert (line.of_100, line.at_most, line.control_of_100) == (None, None, None)


def test_every_harm_of_the_evidence_can_be_put_on_100_people():
    for line in map(balance.harm_line, evidence().harms):
        for number in (line.of_100, line.at_most, line.control_of_100):
            assert number is None or 0 <= number <= 100, line


def test_together_two_therapies_are_as_certain_as_the_less_certain():
    both = balance.certainty(Regimen("prp+minoxidil-topical-2"), "F")
    assert both.grade == "very low" == balance.certainty(Regimen("prp"), "F").grade
    assert balance.certainty(NO_TREATMENT, "F") is None


# --- what never reaches a plan (law 5) -------------------------------------------------------------------------


def test_a_closed_therapy_never_reaches_a_plan():
    with pytest.raises(NothingToGive, match="finasteride is closed"):
        planned("finasteride")


def test_a_waiting_therapy_never_reaches_a_plan_and_the_refusal_says_what_it_waits_for():
    with pytest.raises(NothingToGive, match="waits for: potassium, creatinine"):
        planned("spironolactone")


def test_a_closed_part_closes_the_whole():
    with pytest.raises(NothingToGive, match="finasteride is closed"):
        planned("prp+finasteride")


def test_a_red_flag_refuses_every_plan():
    patient = woman()
    flag = RedFlag("x", "Scars.", "See a dermatologist.", "soon", ["project"], "x")
    flagged = replace(assess(patient), red_flags=[flag])
    for words in ("none", "prp", None):
        with pytest.raises(NothingToGive, match="red flag"):
            Plan(flagged, foreseen(patient, prp=0.3), words)


def test_an_arm_without_evidence_is_refused():
    with pytest.raises(NothingToGive, match="no evidence for a curve"):
        planned("harg", growth=None)


def test_an_arm_that_was_not_forecast_is_the_callers_fault():
    patient = woman()
    with pytest.raises(InputError, match="was not among the arms"):
        Plan(assess(patient), foreseen(patient, prp=0.3), "minoxidil-topical-1")


def test_another_kind_of_loss_has_no_plan():
    text = "age: 30\nsex: M\nsigns: [bald patch, exclamation-mark hairs]\n"
    assessment = assess(Patient.parse(text))
    with pytest.raises(NothingToGive, match="pattern hair loss and telogen effluvium only"):
        choice.check_scope(assessment)


def test_a_closed_therapy_shows_no_curve_among_the_alternatives_even_if_it_was_forecast():
    patient = woman()
    plan = Plan(assess(patient), foreseen(patient, prp=0.3, finasteride=0.9, spironolactone=0.9), "prp")
    told = {one.arm: one for one in plan.alternatives}
    for arm, status in (("finasteride", "closed"), ("spironolactone", "waiting")):
        assert (told[arm].status, told[arm].of_100, told[arm].extra_hair) == (status, None, None)
        assert told[arm].why_not


# --- choice ----------------------------------------------------------------------------------------------------


def test_no_treatment_is_always_among_the_alternatives():
    for words in ("none", "prp"):
        assert planned(words).alternatives[0].arm == "none"


def test_every_therapy_for_this_loss_is_among_the_alternatives_with_its_status():
    plan = planned()
    told = {one.arm for one in plan.alternatives}
    assert {"spironolactone", "finasteride", "exosomes", "mesotherapy-vitamin"} <= told
    assert not {arm for arm in told if arm.startswith("skin-")}


def test_what_is_refused_says_what_is_missing():
    patient = woman()
    plan = Plan(assess(patient), foreseen(patient, prp=0.3, harg=None), "prp")
    told = {one.therapy: one for one in plan.refused}
    assert told["harg"].status == "refused" and told["harg"].missing == ["a trial"]
    assert told["spironolactone"].missing == ["potassium", "creatinine"]
    assert "prp" not in told


def advised(patient, **growths):
    return choice.advised(assess(patient), foreseen(patient, **growths))[0].arm


def test_where_nobody_chose_what_is_approved_comes_before_what_promises_more():
    assert (
        advised(woman("jp"), minoxidil_topical_1=0.1, minoxidil_topical_5=0.3, prp=0.2)
        == "minoxidil-topical-1"
    )


def test_wishes_are_kept_to():
    patient = woman(wishes="{avoids_tablets: true, accepts_injections: false, daily_minutes: 1}")
    assert advised(patient, minoxidil_oral=0.3, prp=0.3, minoxidil_topical_2=0.3) == "none"
    assert advised(woman(), minoxidil_oral=0.3, prp=0.2) == "minoxidil-oral"


def test_nothing_is_advised_where_nothing_has_more_to_expect_than_no_treatment():
    assert advised(woman(), prp=-0.1) == "none"


# --- answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["prp", "none", "prp:sessions=5,stop@12mo", "minoxidil-topical-1+prp"])
def test_the_answer_has_the_promised_shape_and_only_plain_numbers(words):
    patient = woman()
    made = foreseen(patient, prp=0.3, exosomes=None)
    if words not in ("prp", "none"):
        arm = ArmForecast(Regimen(words), "by-analogy", "", MONTHS, seen(0.2), seen(0.0))
        made = replace(made, arms=[*made.arms, arm])
    answer = json.loads(json.dumps(plain(Plan(assess(patient), made, words).as_json()), allow_nan=False))
    promise = schema_of("plan")
    jsonschema.validate(answer, promise)
    assert set(answer) == set(promise["properties"])


def test_every_source_of_a_plan_is_held():
    plan = planned()
    assert plan.sources and set(plan.sources) <= set(evidence().references)
    assert {"seed-prp-clinic", *plan.certainty.source} <= set(plan.sources)


# --- calendar --------------------------------------------------------------------------------------------------


def events(text):
    from icalendar import Calendar

    return {str(event["UID"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


def test_the_calendar_holds_every_dated_thing_once_as_a_whole_day():
    plan = planned()
    text = calendar(plan)
    assert (
        len(events(text))
        == len(plan.sessions) + len(plan.labs) + len(plan.visits)
        == len(list(entries(plan)))
    )
    assert b"VTIMEZONE" not in text and b"DTSTART;VALUE=DATE:20261124" in text
    for event in text.decode().split("BEGIN:VEVENT")[1:]:
        assert event.index("BEGIN:VALARM") > max(
            event.index(key) for key in ("UID:", "SUMMARY:", "SEQUENCE:")
        )


def test_the_same_plan_is_the_same_calendar_to_the_byte():
    assert calendar(planned()) == calendar(planned())
    assert calendar(planned(), calendar(planned())) == calendar(planned())


def test_a_moved_plan_keeps_its_events_and_counts_them_up():
    before = calendar(planned())
    after = calendar(planned(start=dt.date(2027, 1, 4)), before)
    assert set(events(before)) == set(events(after))
    assert {int(event["SEQUENCE"]) for event in events(after).values()} == {1}


def test_what_fell_away_is_cancelled():
    before = events(calendar(planned("prp:sessions=5")))
    after = events(calendar(planned("none"), calendar(planned("prp:sessions=5"))))
    gone = [uid for uid, event in after.items() if str(event["STATUS"]) == "CANCELLED"]
    assert gone and all(int(after[uid]["SEQUENCE"]) == int(before[uid]["SEQUENCE"]) + 1 for uid in gone)


def test_a_calendar_tells_nobody_who_the_person_is():
    assert b"someone" not in calendar(planned())


def test_a_calendar_that_cannot_be_read_is_taken_as_none():
    assert calendar(planned(), b"\x00not a calendar") == calendar(planned())
