"""Dates: on days somebody can come, with the intervals that protocols allow, on as few days as will do."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from follicast.assessment import assess
from follicast.errors import InputError, NothingToGive
from follicast.evidence.library import evidence
from follicast.plan import Plan, agenda, chains, choice, schedule, template
from follicast.plan.clinic import Clinic, clinic_from
from follicast.plan.days import Days, days_of
from follicast.plan.doses import doses, levels
from follicast.plan.errands import Errand, gathered
from follicast.plan.spacing import Thing, apart, own_days, therapy_on
from follicast.regimen import Part, Regimen
from test_plan import SALTS, foreseen, planned, woman

TWO_YEARS = 731
SUNDAY, TUESDAY = dt.date(2026, 11, 22), dt.date(2026, 11, 24)
KNOWN = "\n  - {test: platelets, value: 250, unit: 10*3/uL, date: 2026-11-20}"
TAUGHT = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def wished(**wishes):
    said = ", ".join(f"{name}: {value}" for name, value in wishes.items())
    return woman(labs=KNOWN, wishes="{" + said + "}")


def dates(words, start=TUESDAY, clinic=None, horizon=TWO_YEARS, **wishes):
    return agenda.arranged(Regimen(words), assess(wished(**wishes)), start, horizon, clinic)


def of(found, therapy):
    return [session for session in found.sessions if session.therapy == therapy]


# --- which days are open ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "day", "why"),
    [
        ("JP", "2027-05-04", "Greenery Day"),  # Golden Week
        ("VN", "2027-02-08", "Lunar New Year"),
        ("SA", "2027-03-10", "Eid al-Fitr"),
        ("US", "2026-11-26", "Thanksgiving"),
        ("DE-BY", "2027-11-01", "All Saints"),
    ],
)
def test_public_holidays_of_the_place_are_closed(country, day, why):
    date = dt.date.fromisoformat(day)
    assert why.split()[0] in Days(date, country).closed(0)


def test_a_holiday_of_a_part_of_a_country_is_a_working_day_elsewhere():
    assert Days(dt.date(2027, 11, 1), "DE-BE").closed(0) is None


def test_the_weekend_is_that_of_the_place():
    friday = dt.date(2027, 1, 8)
    assert Days(friday, "SA").closed(0) == "Friday" and Days(friday, "JP").closed(0) is None
    assert Days(friday, "SA").closed(2) is None and Days(friday, "JP").closed(2) == "Sunday"


def test_a_clinic_that_opens_on_saturdays_is_open_on_saturdays():
    saturday = dt.date(2026, 11, 28)
    clinic = Clinic(open=["tuesday", "saturday"])
    assert Days(saturday, "JP", clinic).closed(0) is None
    assert "closed on Sundays" in Days(saturday, "JP", clinic).closed(1)


def test_a_region_that_is_one_country_names_the_holidays_and_a_wish_goes_before_it():
    assert days_of(woman("jp"), TUESDAY, Clinic()).country == "JP"
    assert days_of(woman("eu"), TUESDAY, Clinic()).country is None
    assert days_of(wished(country="VN"), TUESDAY, Clinic()).country == "VN"
    assert days_of(wished(country="VN"), TUESDAY, Clinic(country="US")).country == "US"


def test_where_no_country_is_known_the_plan_says_that_holidays_are_not():
    assert any("no country is known" in warning for warning in planned(patient=woman("eu")).warnings)
    assert not any("no country is known" in warning for warning in planned(patient=woman("jp")).warnings)


def test_days_she_cannot_come_are_read_as_weekdays_dates_and_stretches():
    days = Days(
        dt.date(2026, 11, 30), None, Clinic(), ("Tuesdays", "wed", "2026-12-04", "2026-12-07 to 2026-12-09")
    )
    assert [day for day in range(12) if days.closed(day) == "a day that was ruled out"] == [1, 2, 4, 7, 8, 9]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("[moonday]", "wishes.cannot_come[0]: 'moonday' is no day.*Did you mean 'monday'"),
        ("[2026-12-24 to 2026-12-01]", "ends before it begins"),
        ("[2026-02-30]", "is no day"),
        ("[weekend, weekdays]", "leaves no day of the week open"),
        ("12", "is no list"),
    ],
)
def test_a_day_that_cannot_be_read_says_what_would_do(wish, said):
    with pytest.raises(InputError) as trouble:
        dates("prp", cannot_come=wish)
    assert all(piece in str(trouble.value) for piece in said.split(".*"))


def test_a_country_without_a_calendar_is_refused_by_name():
    with pytest.raises(InputError, match="'XX' has no calendar of holidays"):
        dates("prp", country="XX")
    with pytest.raises(InputError, match="'QQ' is no part of DE"):
        dates("prp", country="DE-QQ")


def test_who_can_never_come_is_told_to_free_a_day():
    with pytest.raises(InputError, match=r"no day is open .*2026-11-24 to 2027-03-24.*Free a day"):
        dates("prp", cannot_come="[2026-11-01 to 2027-12-31]")


# --- protocols -------------------------------------------------------------------------------------------------


def gaps(days):
    return [later - before for before, later in pairwise(days)]


def test_the_vietnamese_protocol_is_weekly_then_every_two_weeks_then_monthly():
    days = [session.day for session in schedule.sessions(Regimen("mesotherapy-vitamin"), None, 250, "F")]
    assert gaps(days[:8]) == [7, 7, 7, 14, 14, 14, 14]
    assert all(30 <= gap <= 31 for gap in gaps(days[7:]))


def test_its_later_sessions_may_lie_one_to_two_months_apart():
    part = Regimen("mesotherapy-vitamin").parts[0]
    last = chains.steps(part, part.session_days(250))[-1]
    assert (last.shortest, last.longest) == (30, 61)


def test_prp_keeps_four_to_six_weeks_in_the_course_and_half_a_year_to_a_year_after_it():
    part = Regimen("prp:sessions=5").parts[0]
    steps = chains.steps(part, part.session_days(TWO_YEARS))
    assert [(step.shortest, step.longest) for step in steps[1:5]] == [(28, 42)] * 4
    assert all(182 <= step.shortest <= 183 and 365 <= step.longest <= 366 for step in steps[5:])


def test_where_no_range_is_printed_an_interval_may_be_a_quarter_shorter_or_half_as_long_again():
    part = Regimen("microneedling").parts[0]
    assert chains.steps(part, [0, 7])[1] == chains.Step(7, 6, 10)


@pytest.mark.parametrize("name", sorted(t.id for t in evidence().therapies.values() if t.course))
def test_every_therapy_in_sessions_can_be_placed_without_a_clash(name):
    regimen, start = Regimen(name), dt.date(2027, 1, 5)
    found = agenda.arranged(regimen, assess(woman("jp", labs=SALTS + KNOWN)), start, TWO_YEARS)
    assert found.clashes == []
    assert len(of(found, name)) == len(schedule.sessions(regimen, None, TWO_YEARS, "F"))


# --- moved by the smallest shift -------------------------------------------------------------------------------


def test_a_session_on_a_holiday_moves_and_says_why():
    found = of(dates("prp", start=dt.date(2026, 10, 13)), "prp")
    assert found[1].moved is None and found[2].moved is None
    late = of(dates("prp", start=dt.date(2026, 10, 26)), "prp")  # the second falls on Labour Thanksgiving Day
    assert late[1].date == dt.date(2026, 11, 24) and "Thanksgiving" in late[1].moved.because
    assert late[1].moved.days == 1


def test_weekly_sessions_step_over_golden_week_and_are_on_their_own_day_again_as_soon_as_may_be():
    """Monday to Wednesday are holidays; with at least six days between two it takes one more to be back."""
    found = of(dates("microneedling", start=dt.date(2027, 4, 13)), "microneedling")
    moved = [(session.date, session.moved.days) for session in found if session.moved]
    assert moved == [(dt.date(2027, 5, 6), 2), (dt.date(2027, 5, 12), 1)]


def test_several_sessions_in_a_row_give_way_to_a_long_feast():
    """Eid closes from Friday to Sunday week: the session before it comes late, so that the next still fits."""
    found = dates("microneedling", start=dt.date(2029, 2, 6), country="SA", cannot_come="[Monday]")
    days = [session.date for session in of(found, "microneedling")]
    assert found.clashes == [] and dt.date(2029, 4, 19) in days and dt.date(2029, 4, 29) in days


def test_what_is_taken_at_home_begins_once_the_baseline_has_been_seen():
    found = dates("minoxidil-topical-1", start=SUNDAY)
    assert found.visits[0].date == found.sessions[0].date == dt.date(2026, 11, 24)
    assert found.doses[0].date == dt.date(2026, 11, 24)


def test_a_session_waits_for_the_blood_test_it_needs():
    found = agenda.arranged(Regimen("prp"), assess(woman()), TUESDAY, TWO_YEARS)
    (platelets,) = [lab for lab in found.labs if lab.test == "platelets"]
    wait = evidence().numbers["schedule.result"].value
    assert platelets.before == ("prp",) and of(found, "prp")[0].day >= platelets.day + wait


def test_a_test_before_a_later_part_comes_with_time_to_spare():
    found = agenda.arranged(Regimen("prp:start@3mo"), assess(woman()), TUESDAY, TWO_YEARS)
    (platelets,) = [lab for lab in found.labs if lab.test == "platelets"]
    assert 80 < platelets.day <= of(found, "prp")[0].day - 2


def test_what_cannot_be_done_names_the_days_that_clash_and_what_would_do():
    found = dates("microneedling", cannot_come='["2026-12-10 to 2026-12-31"]')
    (clash,) = found.clashes
    assert clash.what == "microneedling: session 4 of 12"
    assert (clash.first, clash.last) == (dt.date(2026, 12, 14), dt.date(2026, 12, 18))
    assert "a day that was ruled out" in clash.because
    assert "free one of these days" in clash.would_do and "beginning on 2027-01-" in clash.would_do
    begin = dt.date.fromisoformat(clash.would_do.split("beginning on ")[1][:10])
    assert dates("microneedling", start=begin, cannot_come='["2026-12-10 to 2026-12-31"]').clashes == []


def test_two_therapies_that_need_the_one_open_day_give_way_where_it_breaks_least():
    """Only Mondays are open, needling is weekly and no injection falls on its days: what must clash is named."""
    found = dates("microneedling+prp", cannot_come="[Tuesday, Wednesday, Thursday, Friday]")
    assert found.clashes and {session.date.weekday() for session in found.sessions} == {0}
    days = {name: {s.day for s in of(found, name)} for name in ("prp", "microneedling")}
    assert not days["prp"] & days["microneedling"]


def test_a_clash_is_among_the_plans_warnings():
    patient = wished(cannot_come='["2026-12-01 to 2027-02-20"]')
    plan = planned("prp", patient=patient, start=TUESDAY)
    assert plan.clashes and any(plan.clashes[0].would_do in warning for warning in plan.warnings)


# --- nothing too close to anything else ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "days", "clash"),
    [
        ("own:nsaid", "prp", 2, True),  # an evening and a morning may be 36 hours apart
        ("own:nsaid", "prp", 3, False),
        ("prp", "own:nsaid", 1, False),  # before the session they are left out, not after it
        ("triamcinolone-intralesional", "prp", 29, True),
        ("triamcinolone-intralesional", "prp", 31, False),
        ("own:cortisone-tablets", "prp", 13, True),
        ("own:cortisone-tablets", "prp", 14, False),
        ("own:dye", "harg", 6, True),
        ("harg", "own:perm", 6, True),
        ("harg", "own:perm", 7, False),
        ("microneedling", "prp", 0, True),
        ("microneedling", "prp", 1, False),
        ("prp", "microneedling", 1, True),
        ("mesotherapy-minoxidil", "own:wash", 1, True),
        ("mesotherapy-minoxidil", "own:wash", 2, False),
        ("own:wash", "mesotherapy-minoxidil", 1, False),
        ("prp", "prp", 0, False),
    ],
)
def test_what_must_lie_apart_lies_apart(one, other, days, clash):
    def thing(name, day):
        return Thing(day, frozenset({name})) if name.startswith("own:") else therapy_on(name, day)

    assert (apart(thing(one, 100), thing(other, 100 + days)) is not None) == clash
    assert (apart(thing(other, 100 + days), thing(one, 100)) is not None) == clash


def test_prp_keeps_clear_of_pain_killers_that_she_plans_to_take():
    found = of(dates("prp", planned='["nsaid 2026-12-21 to 2026-12-22"]'), "prp")
    assert [session.date for session in found[:2]] == [dt.date(2026, 11, 24), dt.date(2026, 12, 25)]


def test_something_planned_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"wishes.planned\[0\]: 'die' .*Did you mean 'dye'"):
        own_days(wished(planned="[die 2026-12-20]"), TUESDAY)


def test_a_session_tells_what_to_leave_out_and_from_when_to_when():
    session = of(dates("prp"), "prp")[1]
    (killers,) = [kept for kept in session.keep_off if kept.what == "nsaid"]
    assert (session.date - killers.first, killers.last) == (dt.timedelta(days=2), session.date)


def test_blood_is_taken_after_three_days_without_biotin():
    (patient,) = [woman(labs=SALTS + KNOWN)]
    assessment = assess(patient)
    for words, pauses in (("spironolactone+biotin", True), ("spironolactone", False)):
        found = agenda.arranged(Regimen(words), assessment, TUESDAY, 200)
        for lab in (lab for lab in found.labs if lab.day > 0):
            kept = [(one.what, one.first, one.last) for one in lab.keep_off]
            assert kept == ([("biotin", lab.date - dt.timedelta(days=3), lab.date)] if pauses else [])


# --- as seldom as possible -------------------------------------------------------------------------------------


def test_tests_and_looks_share_days_where_their_leeway_lets_them():
    found = agenda.arranged(Regimen("spironolactone"), assess(woman(labs=SALTS)), TUESDAY, TWO_YEARS)
    separate = {
        lab.day for lab in schedule.labs(Regimen("spironolactone"), assess(woman(labs=SALTS)), None, 731)
    }
    separate |= {
        look.day for look in schedule.visits(Regimen("spironolactone"), assess(woman(labs=SALTS)), None, 731)
    }
    assert len(found.coming) < len(separate)


@TAUGHT
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), min_size=1, max_size=6),
    st.sets(st.integers(0, 70), max_size=20),
)
def test_errands_are_on_the_fewest_days_that_can_be(drawn, closed):
    """Compared with every choice of days, tried one by one."""
    errands = [Errand(str(k), due, due - leeway, due + leeway) for k, (due, leeway) in enumerate(drawn)]

    def free(day):
        return day not in closed

    found = gathered(errands, free, ())
    placed = [errand for errand in errands if found[errand.key] is not None]
    for errand in errands:
        reachable = [day for day in range(errand.first, errand.last + 1) if free(day)]
        assert (found[errand.key] in reachable) if reachable else found[errand.key] is None
    assert len({found[errand.key] for errand in placed}) == fewest(placed, free)


def fewest(errands, free):
    """Return the least number of free days that reach every errand, by looking at all sets of days."""
    from itertools import combinations

    days = sorted({day for e in errands for day in range(e.first, e.last + 1) if free(day)})
    ends = [max((d for d in range(e.first, e.last + 1) if free(d)), default=None) for e in errands]
    candidates = sorted({day for day in ends if day is not None} & set(days))
    for size in range(len(errands) + 1):
        for picked in combinations(candidates, size):
            if all(any(e.first <= day <= e.last for day in picked) for e in errands):
                return size
    raise AssertionError("no set of days reaches them all")


# --- what holds for every plan ---------------------------------------------------------------------------------

ARMS = [
    "prp",
    "prp:sessions=5+minoxidil-topical-1",
    "microneedling+minoxidil-topical-1",
    "microneedling+prp",
    "mesotherapy-minoxidil",
    "harg+minoxidil-oral",
    "spironolactone+biotin",
    "triamcinolone-intralesional+prp:start@4mo",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


@st.composite
def asked(draw):
    start = draw(st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)))
    blocked = draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), max_size=3))
    stretches = [
        (start + dt.timedelta(days=low), start + dt.timedelta(days=low + long)) for low, long in blocked
    ]
    return {
        "words": draw(st.sampled_from(ARMS)),
        "start": start,
        "country": draw(st.sampled_from(["JP", "VN", "SA", "US", "DE-BY"])),
        "cannot": draw(st.lists(st.sampled_from(WEEKDAYS), max_size=2)),
        "stretches": stretches,
        "dyes": [start + dt.timedelta(days=day) for day in draw(st.lists(st.integers(0, 300), max_size=2))],
    }


def arranged(case):
    cannot = [*case["cannot"], *(f"{low} to {high}" for low, high in case["stretches"])]
    patient = wished(
        country=case["country"], cannot_come=cannot, planned=[f"dye {day}" for day in case["dyes"]]
    )
    assessment = assess(patient)
    frame = days_of(patient, case["start"], Clinic())
    return agenda.arranged(Regimen(case["words"]), assessment, case["start"], 500), frame, patient


@TAUGHT
@given(asked())
def test_nobody_is_asked_to_come_on_a_closed_day(case):
    found, days, _ = arranged(case)
    assert [day for day in found.coming if days.closed(day)] == []


@TAUGHT
@given(asked())
def test_every_interval_is_within_its_protocol_or_named_as_a_clash(case):
    found, _, _ = arranged(case)
    for part in Regimen(case["words"]).parts:
        given = of(found, part.therapy)
        steps = chains.steps(part, part.session_days(500)) if part.record.course else []
        clashing = {clash.what for clash in found.clashes}
        for (before, after), step in zip(pairwise(given), steps[1:], strict=False):
            kept = step.shortest <= after.day - before.day <= step.longest
            assert kept or after.what in clashing or before.what in clashing, (before, after, step)


@TAUGHT
@given(asked())
def test_no_two_things_lie_in_each_others_windows(case):
    found, _, patient = arranged(case)
    own = own_days(patient, case["start"])
    given = [therapy_on(s.therapy, s.day) for s in found.sessions if evidence().therapies[s.therapy].course]
    for k, one in enumerate(given):
        assert all(apart(one, other) is None for other in [*given[k + 1 :], *own])


@TAUGHT
@given(asked())
def test_the_same_wishes_give_the_same_plan_with_its_sessions_in_order(case):
    found, again = arranged(case)[0], arranged(case)[0]
    assert found == again
    for part in Regimen(case["words"]).parts:
        keys = [session.key for session in of(found, part.therapy) if session.key.startswith("session")]
        assert keys == [f"session {part.therapy} {k}" for k in range(1, len(keys) + 1)]
    assert [s.day for s in found.sessions] == sorted(s.day for s in found.sessions)


@TAUGHT
@given(asked())
def test_a_plan_that_needs_no_move_is_the_protocol_itself(case):
    """With every day open and nothing of her own, each session is on its protocol's day."""
    regimen = Regimen(case["words"].split("+")[0])
    always = Clinic(open=["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
    open_clinic = always.model_copy(update={"open_on_holidays": True})
    found = agenda.arranged(regimen, assess(woman(labs=SALTS + KNOWN)), case["start"], 500, open_clinic)
    due = schedule.sessions(regimen, case["start"], 500, "F")
    assert [(s.key, s.day) for s in found.sessions] == [(s.key, s.day) for s in due]


# --- doses -----------------------------------------------------------------------------------------------------


def test_spironolactone_is_begun_low_and_doubled():
    given = doses(Regimen("spironolactone:dose=200mg").parts, TUESDAY, TWO_YEARS, "F")
    assert [(dose.per_day, dose.day, dose.until) for dose in given] == [
        (50, 0, 29),
        (100, 30, 60),
        (200, 61, None),
    ]
    assert all(dose.note and "etg-au" in dose.source for dose in given)


def test_the_plan_says_that_its_curve_does_not_follow_the_steps():
    patient = woman(labs=SALTS)
    plan = Plan(assess(patient), foreseen(patient, spironolactone=0.3), "spironolactone")
    assert any("full dose from the first day; spironolactone tablet" in warning for warning in plan.warnings)
    assert not any("full dose" in warning for warning in planned("prp").warnings)


def test_oral_minoxidil_in_women_begins_with_the_dose_that_experts_agreed_on():
    part = Regimen("minoxidil-oral:dose=5mg").parts[0]
    assert [amount for _, amount in levels(part, "F")] == [1.25, 2.5, 5]
    assert [amount for _, amount in levels(Regimen("minoxidil-oral").parts[0], "F")] == [1.25]


def test_a_lotion_says_how_it_is_put_on_and_what_it_takes_of_a_day():
    (dose,) = doses(Regimen("minoxidil-topical-1").parts, None, TWO_YEARS, "F")
    assert dose.what == "minoxidil 1 % lotion: 1 mL twice a day" and dose.minutes == 4


def test_a_pause_and_a_stop_cut_the_doses():
    given = doses(Regimen("minoxidil-topical-1:pause@3mo-5mo,stop@12mo").parts, None, TWO_YEARS, "F")
    assert [(dose.day, dose.until) for dose in given] == [(0, 90), (152, 364)]


def test_potassium_is_tested_again_a_week_after_each_raise():
    assessment = assess(woman("us", labs=SALTS))
    due = schedule.labs(Regimen("spironolactone:dose=200mg"), assessment, None, 100)
    assert [lab.day for lab in due if lab.test == "potassium"] == [8, 37, 68]


# --- templates -------------------------------------------------------------------------------------------------


NAMED = "{ingredients: [dexpanthenol, biotin]}"


def template_plan(words="mesotherapy-vitamin", wishes=NAMED):
    patient = woman(labs=KNOWN, wishes=wishes)
    return Plan(assess(patient), foreseen(patient, prp=0.3), words)


def test_a_mix_that_nobody_names_never_reaches_a_plan():
    with pytest.raises(NothingToGive, match="mesotherapy-vitamin is closed"):
        template_plan(wishes="{}")


def test_a_mix_whose_ingredients_are_named_enters_as_dates_and_without_a_curve():
    plan = template_plan()
    assert plan.templates == ["mesotherapy-vitamin"] and plan.choice == "mesotherapy-vitamin"
    assert plan.chosen is plan.untreated
    assert gaps([session.day for session in plan.sessions[:4]]) == [7, 7, 7]
    assert plan.cost.per_extra_hair_cm2 is None and plan.cost.first_year is None
    assert any("dexpanthenol, biotin" in warning and "template" in warning for warning in plan.warnings)


def test_beside_a_therapy_with_a_curve_the_curve_is_that_therapys():
    plan = template_plan("prp+mesotherapy-vitamin")
    assert plan.chosen.arm == "prp" and plan.choice == "prp+mesotherapy-vitamin"
    assert {session.therapy for session in plan.sessions} == {"prp", "mesotherapy-vitamin"}


def test_a_mix_carries_the_rules_of_what_it_holds():
    with pytest.raises(NothingToGive, match="cannot be planned with dutasteride in it"):
        template_plan(wishes="{ingredients: [biotin, dutasteride]}")


def test_no_other_therapy_without_evidence_becomes_a_template():
    patient = woman(labs=KNOWN, wishes=NAMED)
    assert template.templates(Regimen("harg+exosomes"), patient) == []
    assert template.carried(Regimen("harg"), patient) == Regimen("harg")


def test_named_ingredients_and_any_allergy_wait():
    text = woman(labs=KNOWN, wishes=NAMED)
    allergic = text.model_copy(update={"allergies": ["penicillin"]})
    assert assess(text).of("mesotherapy-vitamin").status == "open"
    assert assess(allergic).of("mesotherapy-vitamin").status == "waiting"
    with pytest.raises(NothingToGive, match="waiting"):
        choice.check_choice(assess(allergic), Regimen("mesotherapy-vitamin"))


# --- a clinic's own file ---------------------------------------------------------------------------------------


def clinic_of(tmp_path, text):
    path = tmp_path / "clinic.yaml"
    path.write_text(text)
    return clinic_from(path)


def test_a_clinic_tells_its_days_and_hours(tmp_path):
    clinic = clinic_of(
        tmp_path, "country: JP\nopen: [Tuesday, Saturday]\nhours: {prp: '14:30', test: 09:00}\n"
    )
    found = dates("prp", clinic=clinic)
    assert {session.date.strftime("%A") for session in of(found, "prp")} <= {"Tuesday", "Saturday"}
    assert {session.at for session in of(found, "prp")} == {"14:30"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open: [Tuesday, Someday]\n", "clinic.yaml:1: open.1"),
        ("country: JP\nhours: {prp: 25:00}\n", "clinic.yaml:2: hours.prp: this is no time of day"),
        ("country: JP\nhours: {prq: '10:00'}\n", "clinic.yaml:2: hours: no therapy is called 'prq'"),
        ("timezone: Asia/Tokio\n", "no such time zone"),
        ("opne: [Tuesday]\n", "clinic.yaml:1: opne: no such key"),
        ("- a list\n", "'key: value' lines"),
        ("open: [Tuesday\n", "not valid YAML"),
    ],
)
def test_a_clinics_file_at_fault_names_its_line(tmp_path, text, said):
    with pytest.raises(InputError) as trouble:
        clinic_of(tmp_path, text)
    assert said in str(trouble.value)


def test_a_clinics_file_that_is_not_there_is_the_callers_fault(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        clinic_from(tmp_path / "none.yaml")


def test_parts_that_begin_later_keep_the_keys_of_their_tests():
    """A start on a closed day moves the tests and not their identity."""
    early = agenda.arranged(Regimen("spironolactone"), assess(woman(labs=SALTS)), TUESDAY, 400)
    late = agenda.arranged(Regimen("spironolactone"), assess(woman(labs=SALTS)), SUNDAY, 400)
    assert {(lab.key, lab.test) for lab in early.labs} == {(lab.key, lab.test) for lab in late.labs}


def test_a_part_keeps_its_stop():
    part = replace(Regimen("prp:stop@2mo").parts[0], start_d=0.0)
    assert isinstance(part, Part) and len(of(dates("prp:stop@2mo"), "prp")) == 3
