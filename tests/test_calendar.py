"""plan.ics: read by two foreign readers and by the letter of RFC 5545; a changed plan updates and never doubles."""

import datetime as dt
import re

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from follicast.assessment import assess
from follicast.doors.calendar import calendar, entries
from follicast.patient import Patient
from follicast.plan import Plan
from follicast.plan.clinic import Clinic
from test_plan import SALTS, WOMAN, foreseen, planned, woman

LANGUAGES = ("en", "vi", "ar", "ja")
HOURS = Clinic(
    country="JP", timezone="Asia/Tokyo", hours={"prp": "14:30", "visit": "10:00"}, minutes={"prp": 75}
)


def events(text):
    return {str(event["UID"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


def titled(text, words):
    return [event for event in events(text).values() if words in str(event["SUMMARY"])]


def unfolded(text):
    """Return the content lines as RFC 5545 has them: CRLF, folded at 75 octets, each fold led by one space."""
    assert text.endswith(b"\r\n") and b"\n" not in text.replace(b"\r\n", b"")
    physical = text.split(b"\r\n")[:-1]
    assert all(0 < len(line) <= 75 for line in physical)
    for line in physical:
        line.decode("utf-8")  # a fold never cuts a letter in two
    return re.sub(r"\r\n[ \t]", "", text.decode("utf-8")).split("\r\n")[:-1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("clinic", [None, HOURS], ids=["whole days", "hours"])
def test_it_keeps_to_the_letter_of_the_standard(language, clinic):
    plan = planned("prp", clinic=clinic)
    open_parts: list[str] = []
    seen: list[str] = []
    for line in unfolded(calendar(plan, language=language)):
        name, value = re.fullmatch(r"([A-Z-]+)(?:;[^:]*)?:(.*)", line).groups()
        if name == "BEGIN":
            open_parts.append(value)
        elif name == "END":
            assert open_parts.pop() == value
        elif open_parts[-1] == "VEVENT":
            seen.append(name)
            assert "VALARM" not in seen, "an alarm stands before a property of its event"
        if name == "BEGIN" and value == "VEVENT":
            seen = []
        if name == "END" and value == "VALARM":
            seen.append("VALARM")
        if name == "END" and value == "VEVENT":
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "VALARM"} <= set(seen)
        if name in ("SUMMARY", "DESCRIPTION"):
            assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), f"unescaped: {value}"
    assert open_parts == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("clinic", [None, HOURS], ids=["whole days", "hours"])
def test_a_foreign_reader_finds_the_same_events(language, clinic):
    plan = planned("prp", clinic=clinic)
    read = vobject.readOne(calendar(plan, language=language).decode())
    told = {(entry.title, entry.date, entry.at) for entry in entries(plan, language)}
    found = set()
    for event in read.vevent_list:
        start = event.dtstart.value
        at = start.time() if isinstance(start, dt.datetime) else None
        found.add((event.summary.value, start.date() if at else start, at))
        assert all(alarm.action.value == "DISPLAY" for alarm in event.valarm_list)
    assert found == told and len(read.vevent_list) == len(list(entries(plan, language)))


def test_whole_days_end_on_the_next_day_and_hours_after_their_length():
    for event in events(calendar(planned("prp"))).values():
        assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(days=1)
    timed = titled(calendar(planned("prp", clinic=HOURS)), "session 1")[0]
    assert timed["DTSTART"].dt.isoformat() == "2026-11-26T14:30:00+09:00"
    assert timed["DTEND"].dt - timed["DTSTART"].dt == dt.timedelta(minutes=75)


def test_hours_without_a_zone_are_those_on_her_own_clock():
    text = calendar(planned("prp", clinic=HOURS.model_copy(update={"timezone": None})))
    assert b"DTSTART:20261126T143000\r\n" in text and b"VTIMEZONE" not in text


def test_a_reminder_comes_on_the_day_before():
    event = titled(calendar(planned("prp")), "session 1")[0]
    midnight = dt.datetime.combine(event["DTSTART"].dt, dt.time())
    first, killers = (midnight + alarm["TRIGGER"].dt for alarm in event.walk("VALARM"))
    assert first == dt.datetime(2026, 11, 25, 9)
    assert killers == dt.datetime(2026, 11, 23, 9)  # pain killers are left out from the next morning on


def test_biotin_is_spoken_of_before_it_is_to_be_left_off():
    patient = woman(labs=SALTS)
    plan = Plan(assess(patient), foreseen(patient, spironolactone__biotin=0.3), "spironolactone+biotin")
    event = titled(calendar(plan), "Test: potassium")[0]
    last, pause = (alarm["TRIGGER"].dt for alarm in event.walk("VALARM"))
    assert last - pause == dt.timedelta(days=3)
    assert "Biotin is left off" in str(event.walk("VALARM")[1]["DESCRIPTION"])


# --- a changed plan --------------------------------------------------------------------------------------------


def sequences(text):
    return {uid: int(event["SEQUENCE"]) for uid, event in events(text).items()}


def status(text):
    return {uid: str(event["STATUS"]) for uid, event in events(text).items()}


def test_a_moved_start_keeps_every_event_and_counts_up_just_what_moved():
    before = calendar(planned(start=dt.date(2027, 1, 5)))
    after = calendar(planned(start=dt.date(2027, 1, 12)), before)
    assert set(events(before)) == set(events(after)) and set(sequences(after).values()) == {1}
    assert set(status(after).values()) == {"CONFIRMED"}


def test_a_changed_choice_keeps_what_both_have_and_cancels_the_rest():
    salted = woman(labs=SALTS)
    before = calendar(planned("prp", patient=salted))
    after = calendar(planned("minoxidil-topical-1", patient=salted), before)
    kept = [uid for uid, said in status(after).items() if said == "CONFIRMED" and uid in events(before)]
    gone = [uid for uid, said in status(after).items() if said == "CANCELLED"]
    assert kept and len(gone) == sum("PRP" in str(event["SUMMARY"]) for event in events(before).values()) + 1
    assert all(sequences(after)[uid] == sequences(before)[uid] + 1 for uid in gone)
    assert titled(after, "Begin minoxidil")


def test_a_dropped_session_is_cancelled_and_comes_back_if_the_plan_does():
    five = calendar(planned("prp:sessions=5,stop@6mo"))
    three = calendar(planned("prp:sessions=3,stop@4mo"), five)
    assert sorted(status(three).values()).count("CANCELLED") == 2
    again = calendar(planned("prp:sessions=5,stop@6mo"), three)
    assert set(status(again).values()) == {"CONFIRMED"} and set(events(again)) == set(events(five))
    dropped = [uid for uid, said in status(three).items() if said == "CANCELLED"]
    assert all(sequences(again)[uid] == sequences(five)[uid] + 2 for uid in dropped)


def test_what_is_cancelled_stays_cancelled_and_counts_no_further():
    gone = calendar(planned("none"), calendar(planned("prp")))
    assert calendar(planned("none"), gone) == gone


def test_another_language_updates_the_same_events():
    before = calendar(planned("prp"))
    after = calendar(planned("prp"), before, "ja")
    assert set(events(before)) == set(events(after)) and set(sequences(after).values()) == {1}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["prp", "prp:sessions=5", "none"]), st.integers(0, 60)),
        min_size=1,
        max_size=4,
    )
)
def test_however_often_a_plan_changes_no_event_stands_twice_and_no_sequence_falls(changes):
    text, last = None, {}
    for words, days in changes:
        plan = planned(words, start=dt.date(2027, 1, 1) + dt.timedelta(days=days))
        text = calendar(plan, text)
        found = [str(event["UID"]) for event in Calendar.from_ical(text).walk("VEVENT")]
        assert len(found) == len(set(found)) and set(last) <= set(found)
        assert all(sequences(text)[uid] >= count for uid, count in last.items())
        alive = [uid for uid, said in status(text).items() if said == "CONFIRMED"]
        assert len(alive) == len(list(entries(plan)))
        last = sequences(text)


def test_another_persons_calendar_is_left_alone():
    """Two people's plans written to one folder: nobody's dates are cancelled in the other's calendar."""
    other = Patient.parse(
        WOMAN.format(region="jp", labs="[]", wishes="{}").replace("id: someone", "id: another")
    )
    hers = calendar(planned("prp"))
    assert calendar(planned("prp", patient=other), hers) == calendar(planned("prp", patient=other))


# --- words -----------------------------------------------------------------------------------------------------


def test_it_speaks_the_language_of_the_plan():
    plan = planned("prp")
    assert titled(calendar(plan), "PRP injections: session 1 of 3")
    assert titled(calendar(plan, language="vi"), "buổi 1 trên 3")
    said = {language: {e.title for e in entries(plan, language)} for language in LANGUAGES}
    assert all(
        not said["en"] & said[language] - {"Hair visit", "Test: platelet count"} for language in LANGUAGES[1:]
    )


def test_a_neutral_calendar_says_nothing_of_hair_or_of_her():
    plan = planned("prp")
    for event in events(calendar(plan, neutral=True)).values():
        assert str(event["SUMMARY"]) in ("Appointment", "Reminder") and "DESCRIPTION" not in event
    text = calendar(plan, neutral=True).decode().lower()
    text = text.replace("follicast", "")
    assert not any(word in text for word in ("hair", "prp", "platelet", "someone", "scalp"))


def test_a_neutral_calendar_has_the_same_events():
    assert set(events(calendar(planned("prp")))) == set(events(calendar(planned("prp"), neutral=True)))


def test_a_raise_of_the_dose_has_a_day_of_its_own():
    patient = woman(labs=SALTS)
    plan = Plan(assess(patient), foreseen(patient, spironolactone=0.3), "spironolactone")
    text = calendar(plan)
    assert titled(text, "Begin spironolactone tablet (50 mg a day)")
    (raised,) = titled(text, "Spironolactone tablet: 100 mg a day")
    assert raised["DTSTART"].dt == plan.doses[1].date


def test_a_session_tells_what_to_leave_out_from_when_to_when():
    event = titled(calendar(planned("prp")), "session 2")[0]
    assert "48 hours before a session of PRP. (Tue 22 Dec 2026 – Thu 24 Dec 2026)" in str(
        event["DESCRIPTION"]
    )
