"""When what is due: sessions, tests and looks, counted from the start and dated where a start is known.

Days come from the regimen and its evidence; the clock on the wall is never asked. It does not know a clinic's
opening hours, so a date is a target.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from follicast.assessment.answer import Assessment
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Monitoring, Sex, Therapy
from follicast.patient import lab_called
from follicast.regimen import MONTH_D, Part, Regimen

LOOKS = (3, 6, 12, 24)  # months at which the result is looked at, beside those the evidence names
JUDGED_BY = 12
_UNIT_MONTHS = {"d": 1 / MONTH_D, "wk": 7 / MONTH_D, "mo": 1.0, "a": 12.0}


@dataclass(frozen=True)
class Aftercare:
    """One piece of advice and when it holds."""

    when: str
    text: str


@dataclass(frozen=True)
class Session:
    """A session, or the day on which a home therapy begins or ends; `day` [d] counts from the start."""

    date: dt.date | None
    day: int
    therapy: str
    what: str
    aftercare: list[Aftercare]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        after = [{"when": advice.when, "text": advice.text} for advice in self.aftercare]
        said = {"date": _iso(self.date), "day": self.day, "therapy": self.therapy, "what": self.what}
        return said | {"aftercare": after}


@dataclass(frozen=True)
class LabDue:
    """A laboratory test, when and why."""

    date: dt.date | None
    day: int
    test: str
    name: str
    why: str
    source: list[str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "date": _iso(self.date),
            "day": self.day,
            "test": self.test,
            "name": self.name,
            "why": self.why,
            "source": self.source,
        }


@dataclass(frozen=True)
class Look:
    """A visit: what is looked at, measured or asked."""

    date: dt.date | None
    day: int
    what: str
    source: list[str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {"date": _iso(self.date), "day": self.day, "what": self.what, "source": self.source}


@dataclass(frozen=True)
class Timed:
    """A regimen's part with its sessions [d] told apart: those of the course, and those that maintain it."""

    part: Part
    course: list[float]
    maintenance: list[float]


def timed(part: Part, horizon_d: float) -> Timed:
    """Return the days of a part's sessions before `horizon_d` [d], course and maintenance apart."""
    unbroken = replace(part, pauses=(), stop_d=math.inf).session_days(horizon_d)
    given = set(part.session_days(horizon_d))
    length = course_length(part)
    return Timed(
        part,
        [day for day in unbroken[:length] if day in given],
        [day for day in unbroken[length:] if day in given],
    )


def course_length(part: Part) -> int:
    """Return how many sessions the course of a part has; 0 where it is not given in sessions."""
    course = part.record.course
    if course is None:
        return 0
    if part.sessions is not None:
        return part.sessions
    return int(course.sessions.value) + int(course.then_sessions.value if course.then_sessions else 0)


def sessions(regimen: Regimen, start: dt.date | None, horizon_d: float, sex: Sex) -> list[Session]:
    """Return every session before `horizon_d` [d], and the day each home therapy begins and ends."""
    found: list[Session] = []
    for part in regimen.parts:
        given = (
            _by_session(part, start, horizon_d)
            if part.record.course
            else _at_home(part, start, horizon_d, sex)
        )
        found += given
    return sorted(found, key=lambda session: (session.day, session.therapy))


def _by_session(part: Part, start: dt.date | None, horizon_d: float) -> Iterator[Session]:
    when, record = timed(part, horizon_d), part.record
    said = [(day, f"session {k} of {len(when.course)}") for k, day in enumerate(when.course, 1)]
    said += [(day, f"maintenance session {k}") for k, day in enumerate(when.maintenance, 1)]
    for k, (day, what) in enumerate(said, 1):
        yield Session(
            on(start, day),
            round(day),
            record.id,
            f"{record.short}: {what}",
            _aftercare(record),
            f"session {record.id} {k}",
        )


def _at_home(part: Part, start: dt.date | None, horizon_d: float, sex: Sex) -> Iterator[Session]:
    record = part.record
    if part.start_d < horizon_d:
        what = f"begin {record.short}{_dose(part, sex)}"
        yield Session(
            on(start, part.start_d),
            round(part.start_d),
            record.id,
            what,
            _aftercare(record),
            f"begin {record.id}",
        )
    if part.stop_d < horizon_d:
        yield Session(
            on(start, part.stop_d),
            round(part.stop_d),
            record.id,
            f"stop {record.short}",
            [],
            f"stop {record.id}",
        )


def _dose(part: Part, sex: Sex) -> str:
    if part.dose_mg is not None:
        return f" ({part.dose_mg:g} mg a day)"
    usual = (part.record.dose or {}).get(sex)
    return f": {usual.how}" if usual else ""


def _aftercare(record: Therapy) -> list[Aftercare]:
    return [Aftercare(advice.when, advice.text) for advice in record.aftercare]


def labs(regimen: Regimen, assessment: Assessment, start: dt.date | None, horizon_d: float) -> list[LabDue]:
    """Return the laboratory tests of a regimen under the assessment's policy, each day's tests once.

    A test asked for before the start is left out where a fresh value is known.
    """
    asked = {lab.test for lab in assessment.labs}
    found: dict[tuple[int, str], LabDue] = {}
    for day, item in _due(regimen, assessment.policy, horizon_d):
        test = _lab(item.test)
        if test is None or (item.month == 0 and day == 0 and test not in asked):
            continue
        other = found.get((day, test))
        why = item.why if other is None or item.why in other.why else f"{other.why} {item.why}"
        found[day, test] = LabDue(
            on(start, day),
            day,
            test,
            evidence().labs[test].name,
            why,
            sorted({*item.citekeys, *(other.source if other else [])}),
            "",
        )
    return _numbered(sorted(found.values(), key=lambda lab: (lab.day, lab.test)))


def _numbered(due: list[LabDue]) -> list[LabDue]:
    """Give each test a key that stays when its date moves: the test and how often it was done before."""
    seen: dict[str, int] = {}
    for lab in due:
        seen[lab.test] = seen.get(lab.test, 0) + 1
    count: dict[str, int] = dict.fromkeys(seen, 0)
    out = []
    for lab in due:
        count[lab.test] += 1
        out.append(replace(lab, key=f"lab {lab.test} {count[lab.test]}"))
    return out


def visits(regimen: Regimen, policy: str, start: dt.date | None, horizon_d: float) -> list[Look]:
    """Return the visits: the baseline, what the therapies ask to be seen, and the looks at the result."""
    said: dict[int, list[tuple[str, list[str]]]] = {0: [(BASELINE, [])]}
    for day, item in _due(regimen, policy, horizon_d):
        if _lab(item.test) is None and item.test != "response":
            said.setdefault(day, []).append((f"{item.test.replace('-', ' ')}: {item.why}", item.citekeys))
    for month, text, source in _looks(regimen):
        if month * MONTH_D <= horizon_d:
            said.setdefault(round(month * MONTH_D), []).append((text, source))
    return [
        Look(
            on(start, day),
            day,
            " ".join(dict.fromkeys(text for text, _ in said[day])),
            sorted({key for _, source in said[day] for key in source}),
            f"look {_months(day)}",
        )
        for day in sorted(said)
    ]


BASELINE = (
    "Baseline: photographs in one light and parting, a count of hairs and their diameter in a marked area."
)
_AGAIN = "Photographs and count as at the baseline, in the same area."


def _looks(regimen: Regimen) -> Iterator[tuple[float, str, list[str]]]:
    for month in LOOKS:
        yield float(month), _AGAIN if month < JUDGED_BY else f"{_AGAIN} Go on, change or stop.", []
    yield from response(regimen)


def response(regimen: Regimen) -> list[tuple[float, str, list[str]]]:
    """Return when the evidence judges the response to each part: month from the start, why, sources."""
    found: list[tuple[float, str, list[str]]] = []
    for part in regimen.parts:
        record = part.record
        asked = [item for item in record.monitoring if item.test == "response"]
        for item in [*asked, *([record.review] if record.review else [])]:
            found.append((part.start_d / MONTH_D + item.month, item.why, item.citekeys))
    return found


def _due(regimen: Regimen, policy: str, horizon_d: float) -> Iterator[tuple[int, Monitoring]]:
    """Yield each (day, test) that the parts of a regimen ask for while they last."""
    for part in regimen.parts:
        last = min(horizon_d, part.stop_d)
        for item in part.record.monitoring:
            if policy == "strictest" or not item.regions or policy in item.regions:
                for month in _times(item, (last - part.start_d) / MONTH_D):
                    yield round(part.start_d + month * MONTH_D), item


def _times(item: Monitoring, until: float) -> Iterator[float]:
    step = item.every.value * _UNIT_MONTHS[item.every.unit] if item.every else math.inf
    month = float(item.month)
    while month <= until:
        yield month
        month += step


def _lab(test: str) -> str | None:
    """Return the id of a laboratory test; a look or a question is none."""
    try:
        return lab_called(test)
    except ValueError:
        return None


def on(start: dt.date | None, day: float) -> dt.date | None:
    """Return the date of a day [d] after the start; None without a start."""
    try:
        return start + dt.timedelta(days=round(day)) if start else None
    except OverflowError:
        raise InputError(
            f"a schedule from {start} runs past the last day of the calendar; mend the date."
        ) from None


def _months(day: int) -> str:
    return f"{day / MONTH_D:.1f}"


def _iso(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
