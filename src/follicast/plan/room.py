"""The days that one therapy may have beside closed ones and all that is placed, and what to say where it has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.plan import chains
from follicast.plan.days import Days
from follicast.plan.dues import Session, iso, on
from follicast.plan.spacing import Thing, apart, names_of


@dataclass(frozen=True)
class Clash:
    """What could not be placed within its protocol: the days that clash, why, and what would do."""

    what: str
    first: dt.date | None
    last: dt.date | None
    because: str
    would_do: str

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self)) | {"first": iso(self.first), "last": iso(self.last)}


@dataclass(frozen=True)
class Room:
    """The days that one therapy may have; `others` is what is placed already, `come` the days she comes anyway."""

    days: Days
    therapy: str
    others: tuple[Thing, ...]
    come: frozenset[int]

    def free(self, day: int) -> bool:
        """Whether a session may lie on a day [d]."""
        return self.taken(day) is None

    def taken(self, day: int) -> str | None:
        """Return why a session may not lie on a day [d], or None."""
        closed = self.days.closed(day)
        if closed:
            return closed
        mine = Thing(day, names_of(self.therapy))
        return next((broken.because for other in self.others if (broken := apart(mine, other))), None)

    def place(
        self, given: Sequence[Session], steps: Sequence[chains.Step], earliest: int
    ) -> tuple[list[int], list[Clash]]:
        """Return the day of each session within its intervals, or the nearest free days and what clashes."""
        found = chains.place(steps, self.free, self.come, earliest)
        return (found, []) if found is not None else self._forced(given, steps, earliest)

    def _forced(
        self, given: Sequence[Session], steps: Sequence[chains.Step], earliest: int
    ) -> tuple[list[int], list[Clash]]:
        days: list[int] = []
        clashes: list[Clash] = []
        for step, session in zip(steps, given, strict=True):
            low, high = self._allowed(step, days, earliest)
            wanted = max(low, min(high, step.due))
            near = [*range(wanted, high + 1), *range(wanted - 1, low - 1, -1)]
            day = next((day for day in near if self.free(day)), None)
            if day is None:
                day = self._next(high + 1)
                clashes.append(self._clash(session, low, high, steps, day))
            days.append(day)
        return days, clashes

    def _allowed(self, step: chains.Step, days: list[int], earliest: int) -> tuple[int, int]:
        """Return the first and the last day that a session may have after those placed."""
        if days:
            return days[-1] + step.shortest, days[-1] + step.longest
        first = max(step.due, earliest)
        return first, first + round(evidence().numbers["schedule.begin"].value)

    def _next(self, day: int) -> int:
        """Return the first free day from a day on."""
        return first_day(self.days, day, self.taken, f"for {evidence().therapies[self.therapy].short} ")

    def _clash(self, session: Session, low: int, high: int, steps: Sequence[chains.Step], day: int) -> Clash:
        start = self.days.start
        taken = (self.taken(d) for d in range(low, high + 1))
        why = dict.fromkeys(reason.rstrip(".") for reason in taken if reason)
        would = f"free one of these days; as it is, it stands on {_said(start, day)}"
        later = self._other_start(steps)
        would += f"; beginning on {_said(start, later)} would do" if later is not None else ""
        return Clash(session.what, on(start, low), on(start, high), "; ".join(why), would)

    def _other_start(self, steps: Sequence[chains.Step]) -> int | None:
        """Return a later first day on which the whole chain would fit, if there is one within the search."""
        numbers = evidence().numbers
        stride, most = (round(numbers[f"schedule.{name}"].value) for name in ("begin", "search"))
        for later in range(stride, most + 1, stride):
            shifted = [replace(step, due=step.due + later) for step in steps]
            found = chains.place(shifted, self.free, frozenset(), shifted[0].due)
            if found is not None:
                return found[0]
        return None


def first_day(days: Days, day: int, taken: Any, what: str = "") -> int:
    """Return the first day [d] from a day on that `taken` gives no reason against.

    Raises `InputError` where none is found within the search: nobody can come for months.
    """
    most = round(evidence().numbers["schedule.search"].value)
    found = next((later for later in range(day, day + most + 1) if taken(later) is None), None)
    if found is None:
        ends = f"{_said(days.start, day)} to {_said(days.start, day + most)}"
        why = "; ".join(dict.fromkeys(taken(later) for later in range(day, day + most + 1)))
        raise InputError(
            f"no day is open {what}from {ends} ({why}). Free a day in wishes.cannot_come or in the "
            "clinic's file, or start later."
        )
    return found


def _said(start: dt.date | None, day: int) -> str:
    return iso(on(start, day)) or f"day {day}"
