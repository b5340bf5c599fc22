"""What a plan sets a day for: sessions, doses, tests and looks, each with the protocol's day and the day it got.

A day [d] counts from the start. These are plain holders: the protocol fills them (`schedule`), the agenda
moves them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from follicast.errors import InputError


@dataclass(frozen=True)
class Aftercare:
    """One piece of advice and when it holds."""

    when: str
    text: str


@dataclass(frozen=True)
class Moved:
    """By how many days a date differs from its protocol's day, and why."""

    days: int
    because: str

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class KeepOff:
    """What is left out around a session or before a test: from the first day to the last, both included."""

    what: str
    first: dt.date | None
    last: dt.date | None
    because: str
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self)) | {"first": iso(self.first), "last": iso(self.last)}


@dataclass(frozen=True)
class Session:
    """A session, or the day on which a home therapy begins or ends; `day` [d] counts from the start."""

    date: dt.date | None
    day: int
    therapy: str
    what: str
    aftercare: list[Aftercare]
    key: str
    at: str | None = None
    moved: Moved | None = None
    keep_off: tuple[KeepOff, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        after = [{"when": advice.when, "text": advice.text} for advice in self.aftercare]
        said = {"date": iso(self.date), "day": self.day, "therapy": self.therapy, "what": self.what}
        kept = [one.as_json() for one in self.keep_off]
        return said | {"aftercare": after, "keep_off": kept} | _placed(self)


@dataclass(frozen=True)
class Dose:
    """What is taken or put on at home from one day on, until the next step of the same therapy.

    `per_day` is in the unit of the therapy's dose, `minutes` is what it takes of a day [min]; both None where
    nothing is known. `until` [d] is the last day, None where it goes on.
    """

    date: dt.date | None
    day: int
    until: int | None
    therapy: str
    what: str
    how: str | None
    per_day: float | None
    unit: str | None
    minutes: float | None
    step: int
    note: str | None
    source: list[str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return every field but the key."""
        return {name: value for name, value in vars(self).items() if name != "key"} | {"date": iso(self.date)}


@dataclass(frozen=True)
class LabDue:
    """A laboratory test, when and why; `before` names the therapies that wait for its result."""

    date: dt.date | None
    day: int
    test: str
    name: str
    why: str
    source: list[str]
    key: str
    before: tuple[str, ...] = ()
    keep_off: tuple[KeepOff, ...] = ()
    at: str | None = None
    moved: Moved | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        said = {
            "date": iso(self.date),
            "day": self.day,
            "test": self.test,
            "name": self.name,
            "why": self.why,
        }
        kept = [one.as_json() for one in self.keep_off]
        return said | {"before": self.before, "keep_off": kept, "source": self.source} | _placed(self)


@dataclass(frozen=True)
class Look:
    """A visit: what is looked at, measured or asked; `counted` where hairs are counted and photographed."""

    date: dt.date | None
    day: int
    what: str
    source: list[str]
    key: str
    counted: bool = False
    at: str | None = None
    moved: Moved | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        said = {"date": iso(self.date), "day": self.day, "what": self.what, "source": self.source}
        return said | _placed(self)


Due = TypeVar("Due", Session, LabDue, Look)


def moved_to(due: Due, day: int, start: dt.date | None, because: str, at: str | None) -> Due:
    """Return a due thing on another day [d], with why it moved; one that stays keeps no reason."""
    shift = Moved(day - due.day, because) if day != due.day else None
    return replace(due, day=day, date=on(start, day), moved=shift, at=at)


def on(start: dt.date | None, day: float) -> dt.date | None:
    """Return the date of a day [d] after the start; None without a start."""
    try:
        return start + dt.timedelta(days=round(day)) if start else None
    except OverflowError:
        raise InputError(
            f"a schedule from {start} runs past the last day of the calendar; mend the date."
        ) from None


def iso(date: dt.date | None) -> str | None:
    """Return a date as ISO 8601 has it; None where there is none."""
    return date.isoformat() if date else None


def _placed(due: Session | LabDue | Look) -> dict[str, Any]:
    return {"at": due.at, "moved": due.moved.as_json() if due.moved else None}
