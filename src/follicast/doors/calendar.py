"""The plan as a calendar: sessions, tests and visits as whole days, each with a reminder the morning before.

An event keeps its identity when its date moves, so a changed plan replaces the old one in a calendar: what
changed has a higher SEQUENCE, what fell away is cancelled. A plan without dates has no calendar.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from icalendar import Alarm, Calendar, Event

from follicast.plan import Plan
from follicast.plan.of_skin import SkinPlan

_HOUSE = uuid.UUID("6f1c1c1e-5d0b-5a3e-9a43-0f0111ca5700")  # any constant would do; it must only never change
_REMINDER = dt.timedelta(hours=-15)  # nine in the morning of the day before
_TOLD = ("SUMMARY", "DESCRIPTION", "DTSTART")


@dataclass(frozen=True)
class Entry:
    """One whole day in the calendar; `key` is what it is, whenever it is."""

    key: str
    date: dt.date
    title: str
    text: str


def calendar(plan: Plan | SkinPlan, before: bytes | None = None) -> bytes | None:
    """Return a plan as iCalendar text, or None where it has no dates.

    `before` is the calendar that this one replaces: unchanged events keep their SEQUENCE, changed ones count
    it up and those that fell away are cancelled.
    """
    if plan.start is None:
        return None
    old = _events(before)
    out = Calendar()
    for name, value in (("prodid", "-//Follicast//plan//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        out.add(name, value)
    stamp = dt.datetime.combine(
        plan.start, dt.time(), dt.UTC
    )  # the plan's day: the same plan, the same bytes
    new = {_uid(plan, entry.key): entry for entry in entries(plan)}
    for uid, entry in new.items():
        out.add_component(_event(uid, entry, stamp, old.get(uid)))
    for uid, event in old.items():
        if uid not in new:
            out.add_component(_cancelled(event, stamp))
    return out.to_ical()


def entries(plan: Plan | SkinPlan) -> Iterator[Entry]:
    """Yield the dated entries of a plan."""
    for session in plan.sessions:
        if session.date:
            advice = "\n".join(f"{after.when}: {after.text}" for after in session.aftercare)
            yield Entry(session.key, session.date, _capital(session.what), advice)
    for lab in plan.labs:
        if lab.date:
            yield Entry(lab.key, lab.date, f"Test: {lab.name}", lab.why)
    for look in plan.visits:
        if look.date:
            yield Entry(
                look.key, look.date, "Skin visit" if isinstance(plan, SkinPlan) else "Hair visit", look.what
            )


def _event(uid: str, entry: Entry, stamp: dt.datetime, old: Event | None) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.date)
    event.add("dtend", entry.date + dt.timedelta(days=1))
    event.add("summary", entry.title)
    if entry.text:
        event.add("description", entry.text)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    event.add("sequence", _sequence(event, old))
    event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.title)
    alarm.add("trigger", _REMINDER)
    return alarm


def _sequence(event: Event, old: Event | None) -> int:
    if old is None:
        return 0
    same = str(old.get("STATUS")) == "CONFIRMED" and all(
        _told(event, key) == _told(old, key) for key in _TOLD
    )
    return int(old.get("SEQUENCE", 0)) + (0 if same else 1)


def _told(event: Event, key: str) -> bytes | None:
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


def _events(before: bytes | None) -> dict[str, Event]:
    """Return the events of an earlier calendar by UID; one that cannot be read is taken as none."""
    if not before:
        return {}
    try:
        found = Calendar.from_ical(before).walk("VEVENT")
        return {str(event["UID"]): event for event in found if isinstance(event, Event)}
    except (ValueError, KeyError, IndexError):
        return {}


def _uid(plan: Plan | SkinPlan, key: str) -> str:
    """Return an identity that holds no word of the person and stays when the date moves."""
    person = plan.assessment.patient.id or ""
    return f"{uuid.uuid5(_HOUSE, f'{person} {key}')}@follicast"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
