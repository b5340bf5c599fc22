"""What the protocol asks for and when: sessions, doses, tests and looks, on the days that evidence gives them.

Days come from the regimen and its evidence; the clock on the wall is never asked. It knows no holiday and no
diary: the agenda moves these days to ones on which somebody can come.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from follicast.assessment.answer import Assessment
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Monitoring, Sex, Therapy
from follicast.patient import lab_called
from follicast.plan.doses import levels, raises
from follicast.plan.dues import Aftercare as Aftercare
from follicast.plan.dues import LabDue as LabDue
from follicast.plan.dues import Look as Look
from follicast.plan.dues import Session as Session
from follicast.plan.dues import on as on
from follicast.regimen import MONTH_D, Part, Regimen, in_days

LOOKS = (3, 6, 12, 24)  # months at which the result is looked at, beside those the evidence names
JUDGED_BY = 12
_UNIT_MONTHS = {"d": 1 / MONTH_D, "wk": 7 / MONTH_D, "mo": 1.0, "a": 12.0}


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
    found = [session for part in regimen.parts for session in of_part(part, start, horizon_d, sex)]
    return sorted(found, key=lambda session: (session.day, session.therapy))


def of_part(part: Part, start: dt.date | None, horizon_d: float, sex: Sex) -> list[Session]:
    """Return the sessions of one part before `horizon_d` [d], or the days on which it begins and ends at home."""
    if part.record.course:
        return list(_by_session(part, start, horizon_d))
    return list(_at_home(part, start, horizon_d, sex))


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
    first = levels(part, sex)[0][1]
    if part.dose_mg is not None or raises(part, sex):
        return f" ({first:g} mg a day)"
    usual = (part.record.dose or {}).get(sex)
    return f": {usual.how}" if usual else ""


def _aftercare(record: Therapy) -> list[Aftercare]:
    return [Aftercare(advice.when, advice.text) for advice in record.aftercare]


def labs(
    regimen: Regimen,
    assessment: Assessment,
    start: dt.date | None,
    horizon_d: float,
    later: Mapping[str, int] | None = None,
) -> list[LabDue]:
    """Return the laboratory tests of a regimen under the assessment's policy, each day's tests once.

    A test asked for before the start is left out where a fresh value is known. `later` says by how many days
    [d] a therapy begins after its own day: its tests then count from there, and keep their keys.
    """
    asked = {lab.test for lab in assessment.labs}
    found: dict[tuple[int, str], LabDue] = {}
    for day, part, item in _due(regimen, assessment, horizon_d):
        test, first = _lab(item.test), day == round(part.start_d)
        if test is None or (item.month == 0 and day == 0 and test not in asked):
            continue
        other = found.get((day, test))
        why = item.why if other is None or item.why in other.why else f"{other.why} {item.why}"
        due = day + (later or {}).get(part.therapy, 0)
        found[day, test] = LabDue(
            on(start, due),
            due,
            test,
            evidence().labs[test].name,
            why,
            sorted({*item.citekeys, *(other.source if other else [])}),
            "",
            (*(other.before if other else ()), *([part.therapy] if first and item.month == 0 else [])),
        )
    return _numbered([found[due] for due in sorted(found)])


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


def visits(regimen: Regimen, assessment: Assessment, start: dt.date | None, horizon_d: float) -> list[Look]:
    """Return the visits: the baseline, what the therapies ask to be seen, and the looks at the result."""
    said: dict[int, list[tuple[str, list[str]]]] = {0: [(BASELINE, [])]}
    for day, _, item in _due(regimen, assessment, horizon_d):
        if _lab(item.test) is None and item.test != "response":
            said.setdefault(day, []).append((f"{item.test.replace('-', ' ')}: {item.why}", item.citekeys))
    for month, text, source in _looks(regimen):
        if month * MONTH_D <= horizon_d:
            said.setdefault(round(month * MONTH_D), []).append((text, source))
    return [_look(day, said[day], start) for day in sorted(said)]


def _look(day: int, said: list[tuple[str, list[str]]], start: dt.date | None) -> Look:
    what = " ".join(dict.fromkeys(text for text, _ in said))
    sources = sorted({key for _, source in said for key in source})
    counted = any(text.startswith((BASELINE, _AGAIN)) for text, _ in said)
    return Look(on(start, day), day, what, sources, f"look {_months(day)}", counted)


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


def _due(
    regimen: Regimen, assessment: Assessment, horizon_d: float
) -> Iterator[tuple[int, Part, Monitoring]]:
    """Yield each (day, part, test) that the parts of a regimen ask for while they last."""
    policy, sex = assessment.policy, assessment.patient.sex
    for part in regimen.parts:
        last = min(horizon_d, part.stop_d)
        for item in part.record.monitoring:
            if policy == "strictest" or not item.regions or policy in item.regions:
                for day in _days(item, part, sex, last):
                    yield round(day), part, item


def _days(item: Monitoring, part: Part, sex: Sex, last: float) -> Iterator[float]:
    """Yield the days [d] of a test up to `last`: by its months, and after each raise of the dose if it asks so."""
    for month in _times(item, (last - part.start_d) / MONTH_D):
        yield part.start_d + month * MONTH_D
    if item.on_raise:
        yield from (day for up in raises(part, sex) if (day := up + in_days(item.on_raise)) <= last)


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


def _months(day: int) -> str:
    return f"{day / MONTH_D:.1f}"
