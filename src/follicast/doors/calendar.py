"""The plan as a calendar in the plan's language: sessions, doses, tests, visits, each with a reminder a day before.

An event keeps its identity when its date moves, so a changed plan replaces the old one in a calendar: what
changed has a higher SEQUENCE, what fell away is cancelled. Whole days, but where the clinic gives an hour. A
plan without dates has no calendar.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from follicast.evidence.library import evidence
from follicast.evidence.price import VISIT
from follicast.evidence.window import TEST
from follicast.plan import Plan
from follicast.plan.clinic import Clinic
from follicast.plan.dues import KeepOff, LabDue, Look, Session
from follicast.plan.of_skin import SkinPlan
from follicast.report.text import Speech, speech

_HOUSE = uuid.UUID("6f1c1c1e-5d0b-5a3e-9a43-0f0111ca5700")  # any constant would do; it must only never change
_MORNING = dt.timedelta(hours=-15)  # nine in the morning of the day before
_DAY_BEFORE = dt.timedelta(days=-1)
_TOLD = ("SUMMARY", "DESCRIPTION", "DTSTART", "DTEND")
_WHOSE = "X-FOLLICAST-PERSON"


@dataclass(frozen=True)
class Entry:
    """One event; `key` is what it is, whenever it is. `at` is its time of day, if known, and `minutes` its length.

    `ahead` are words to be reminded of so many days [d] before, when something is to be left off.
    """

    key: str
    date: dt.date
    title: str
    text: str
    at: dt.time | None = None
    minutes: int = 0
    ahead: tuple[tuple[int, str], ...] = ()


def calendar(
    plan: Plan | SkinPlan, before: bytes | None = None, language: str = "en", neutral: bool = False
) -> bytes | None:
    """Return a plan as iCalendar text, or None where it has no dates.

    `before` is the calendar that this one replaces: unchanged events keep their SEQUENCE, changed ones count
    it up and those that fell away are cancelled; one of another person is left alone. With `neutral` a title
    says nothing of hair and the text nothing at all, for a calendar that others see.
    """
    if plan.start is None:
        return None
    say, clinic, whose = speech(language), plan.clinic or Clinic(), str(_named(plan, "calendar"))
    old, out = _events(before, whose), Calendar()
    name = say.say("Plan") if neutral else say.say("Your hair plan")
    for key, value in (("prodid", "-//Follicast//plan//EN"), ("version", "2.0"), ("method", "PUBLISH"),
                       ("x-wr-calname", name), (_WHOSE, whose)):  # fmt: skip
        out.add(key, value)
    # the plan's day: the same plan, the same bytes
    stamp = dt.datetime.combine(plan.start, dt.time(), dt.UTC)
    told = (_hidden(entry, say) for entry in entries(plan, language)) if neutral else entries(plan, language)
    new = {f"{_named(plan, entry.key)}@follicast": entry for entry in told}
    for uid, entry in new.items():
        out.add_component(_event(uid, entry, stamp, old.get(uid), clinic))
    for uid, event in old.items():
        if uid not in new:
            out.add_component(_cancelled(event, stamp))
    if any(entry.at for entry in new.values()) and clinic.timezone:
        out.add_missing_timezones()
    return out.to_ical()


def entries(plan: Plan | SkinPlan, language: str = "en") -> Iterator[Entry]:
    """Yield the dated entries of a plan."""
    say, clinic = speech(language), plan.clinic or Clinic()
    for session in plan.sessions:
        if session.date:
            advice = [f"{_told(after.when, say)}: {_told(after.text, say)}" for after in session.aftercare]
            yield _entry(session, _capital(_told(session.what, say)), advice, session.therapy, clinic, say)
    for dose in plan.doses:
        if dose.date and dose.step > 1:
            note = _told(dose.note, say) if dose.note else ""
            yield Entry(dose.key, dose.date, _capital(_told(dose.what, say)), note)
    for lab in plan.labs:
        if lab.date:
            title = say.say("Test: {name}", name=_told(lab.name, say))
            yield _entry(lab, title, [_told(lab.why, say)], TEST, clinic, say)
    for look in plan.visits:
        if look.date:
            title = "Skin visit" if isinstance(plan, SkinPlan) else "Hair visit"
            yield _entry(look, say.say(title), [_told(look.what, say)], VISIT, clinic, say)


def _entry(
    due: Session | LabDue | Look, title: str, lines: list[str], kind: str, clinic: Clinic, say: Speech
) -> Entry:
    assert due.date is not None
    at = dt.time.fromisoformat(due.at) if due.at else None
    minutes = clinic.minutes.get(kind, round(float(evidence().numbers["schedule.lasts"])))
    kept = () if isinstance(due, Look) else due.keep_off
    text = "\n".join([*lines, *dict.fromkeys(_left_out(one, say) for one in kept if one.first and one.last)])
    return Entry(due.key, due.date, title, text, at, minutes, _ahead(due.date, kept, say))


def _left_out(kept: KeepOff, say: Speech) -> str:
    assert kept.first and kept.last
    return f"{_told(kept.because, say)} ({say.day(kept.first)} – {say.day(kept.last)})"


def _ahead(date: dt.date, kept: Iterable[KeepOff], say: Speech) -> tuple[tuple[int, str], ...]:
    """Return the days before a date on which something is to be left off from the next morning on, and the words."""
    most = float(evidence().numbers["schedule.reminded"])
    days = {
        _told(one.because, say): (date - one.first).days for one in kept if one.first and one.first < date
    }
    return tuple((before, words) for words, before in days.items() if before <= most)


def _told(words: str, say: Speech) -> str:
    return say.told(words) or words


def _hidden(entry: Entry, say: Speech) -> Entry:
    """Return an entry that says nothing of hair to those who look over a shoulder."""
    at_home = entry.key.startswith(("begin", "stop", "dose"))
    title = say.say("Reminder") if at_home else say.say("Appointment")
    ahead = tuple((days, say.say("See your plan.")) for days, _ in entry.ahead)
    return Entry(entry.key, entry.date, title, "", entry.at, entry.minutes, ahead)


def _event(uid: str, entry: Entry, stamp: dt.datetime, old: Event | None, clinic: Clinic) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    first, last = _ends(entry, clinic)
    event.add("dtstart", first)
    event.add("dtend", last)
    event.add("summary", entry.title)
    if entry.text:
        event.add("description", entry.text)
    event.add("transp", "OPAQUE" if entry.at else "TRANSPARENT")
    event.add("status", "CONFIRMED")
    event.add("sequence", _sequence(event, old))
    trigger = _DAY_BEFORE if entry.at else _MORNING
    event.add_component(_alarm(entry.title, trigger))
    for days, words in entry.ahead:
        event.add_component(_alarm(words, trigger - dt.timedelta(days=days)))
    return event


def _ends(entry: Entry, clinic: Clinic) -> tuple[dt.date, dt.date]:
    """Return the first and the last moment: whole days, or an hour in the clinic's time zone."""
    if entry.at is None:
        return entry.date, entry.date + dt.timedelta(days=1)
    zone = ZoneInfo(clinic.timezone) if clinic.timezone else None  # without one: the time on her own clock
    first = dt.datetime.combine(entry.date, entry.at, zone)
    return first, first + dt.timedelta(minutes=entry.minutes)


def _alarm(words: str, trigger: dt.timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", trigger)
    return alarm


def _sequence(event: Event, old: Event | None) -> int:
    if old is None:
        return 0
    same = str(old.get("STATUS")) == "CONFIRMED" and all(
        _written(event, key) == _written(old, key) for key in _TOLD
    )
    return int(old.get("SEQUENCE", 0)) + (0 if same else 1)


def _written(event: Event, key: str) -> bytes | None:
    value = event.get(key)
    return None if value is None else value.to_ical() if hasattr(value, "to_ical") else str(value).encode()


def _cancelled(event: Event, stamp: dt.datetime) -> Event:
    if str(event.get("STATUS")) == "CANCELLED":
        return event
    gone = Event()
    for key in ("UID", "DTSTART", "DTEND", "SUMMARY"):
        gone[key] = event[key]
    gone.add("dtstamp", stamp)
    gone.add("status", "CANCELLED")
    gone.add("sequence", int(event.get("SEQUENCE", 0)) + 1)
    return gone


def _events(before: bytes | None, whose: str) -> dict[str, Event]:
    """Return the events of an earlier calendar by UID; one that cannot be read, or is another's, is taken as none."""
    if not before:
        return {}
    try:
        read = Calendar.from_ical(before)
        if str(read.get(_WHOSE, whose)) != whose:
            return {}
        return {str(event["UID"]): event for event in read.walk("VEVENT") if isinstance(event, Event)}
    except (ValueError, KeyError, IndexError):
        return {}


def _named(plan: Plan | SkinPlan, key: str) -> uuid.UUID:
    """Return an identity that holds no word of the person and stays when the date moves."""
    person = plan.assessment.patient.id or ""
    return uuid.uuid5(_HOUSE, f"{person} {key}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
