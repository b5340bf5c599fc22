"""The dates of a plan as a reader meets them: what moved and why, what is left out when, what is taken at home."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from follicast.plan.dues import Dose, KeepOff, LabDue, Look, Moved, Session
from follicast.plan.room import Clash
from follicast.report.page import Day, Page

_HOLIDAY = "holiday: "


@dataclass(frozen=True)
class LeftOut:
    """What is left out, and over which dates."""

    because: str
    source: list[str]
    spans: list[tuple[dt.date, dt.date]]


class Agenda:
    """What is due day by day, with everything that hangs on a date."""

    def __init__(self, page: Page) -> None:
        self.page, self.plan, self.say = page, page.plan, page.say

    @property
    def days(self) -> list[Day]:
        """What is due, day by day."""
        return self.page.calendar

    @property
    def doses(self) -> list[Dose]:
        """What is taken or put on at home, step by step."""
        return self.plan.doses

    @property
    def clashes(self) -> list[Clash]:
        """What could not be placed."""
        return self.plan.agenda.clashes

    @cached_property
    def left_out(self) -> list[LeftOut]:
        """What is left out around sessions and tests, each rule once with all its dates."""
        kept: list[KeepOff] = [one for session in self.plan.sessions for one in session.keep_off]
        kept += [one for lab in self.plan.labs for one in lab.keep_off]
        found: dict[str, LeftOut] = {}
        for one in kept:
            if one.first and one.last:
                rule = found.setdefault(one.because, LeftOut(one.because, one.source, []))
                if (one.first, one.last) not in rule.spans:
                    rule.spans.append((one.first, one.last))
        return list(found.values())

    def moved(self, due: Session | LabDue | Look) -> Markup | None:
        """Say by how many days a date moved, and why."""
        if due.moved is None or due.date is None:
            return None
        days = self.say.number(abs(due.moved.days))
        why = self._why(due.moved)
        if due.moved.days > 0:
            return self.say.html("Moved {n} days later: {why}", n=days, why=why)
        return self.say.html("Moved {n} days earlier: {why}", n=days, why=why)

    def _why(self, moved: Moved) -> Markup:
        """Return the reason; holidays have their names in English alone."""
        if moved.because.startswith(_HOLIDAY) and self.say.language != "en":
            return self.say.html("a public holiday")
        return self.say.told_html(moved.because)


def agenda(page: Page) -> Agenda | None:
    """Return the dates of a plan; None where it has none."""
    return Agenda(page) if page.calendar or page.plan.doses else None
