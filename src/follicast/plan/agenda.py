"""The protocol's days moved to days on which somebody can come, with nothing too close to anything else.

Baseline and the blood tests that something waits for come first, then the sessions, therapy by therapy, then
the other tests and looks, on as few days as will do. What cannot be done is named with what would do; it then
stands on the nearest open day. It does not know a clinic's diary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, permutations

from follicast.assessment.answer import Assessment
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.evidence.window import TEST
from follicast.patient import Patient
from follicast.plan import chains, schedule
from follicast.plan.clinic import VISIT, Clinic
from follicast.plan.days import Days, days_of
from follicast.plan.doses import doses
from follicast.plan.dues import Dose, KeepOff, LabDue, Look, Session, moved_to, on
from follicast.plan.errands import Errand, gathered, lab_errand, look_errand
from follicast.plan.room import Clash, Room, first_day
from follicast.plan.spacing import Thing, kept_off, own_days, pauses_before_tests, therapy_on
from follicast.regimen import Part, Regimen

_MOST_ORDERS = 6  # orders of therapies that are tried; three therapies have no more
_FEWER = "so that fewer visits are needed"
_INTERVAL = "to keep the interval to the session before"
_RESULT = "the result of the blood test must be known first"
_ROOM = "so that all sessions find room"
_BEHIND = "it begins once the baseline has been seen"
_IN_TIME = "so that its result is known in time"


@dataclass(frozen=True)
class Agenda:
    """Everything that is due, on the days it got; `clashes` names what could not be kept."""

    sessions: list[Session]
    doses: list[Dose]
    labs: list[LabDue]
    visits: list[Look]
    clashes: list[Clash]

    @property
    def coming(self) -> list[int]:
        """The days [d] on which she comes to the clinic."""
        by_session = {session.day for session in self.sessions if _comes(session)}
        return sorted(by_session | {lab.day for lab in self.labs} | {look.day for look in self.visits})


@dataclass(frozen=True)
class Frame:
    """What an agenda is made within: whose, from when, until when, and on which days."""

    regimen: Regimen
    assessment: Assessment
    days: Days
    horizon_d: float
    own: tuple[Thing, ...] = ()

    @property
    def start(self) -> dt.date | None:
        """The date of day 0."""
        return self.days.start

    def open(self, day: int) -> bool:
        """Whether somebody can come on a day [d]."""
        return self.days.closed(day) is None

    def due(self, part: Part) -> list[Session]:
        """Return the sessions of a part on their protocol's days."""
        return schedule.of_part(part, self.start, self.horizon_d, self.assessment.patient.sex)


def arranged(
    regimen: Regimen,
    assessment: Assessment,
    start: dt.date | None,
    horizon_d: float,
    clinic: Clinic | None = None,
) -> Agenda:
    """Return the agenda of a regimen before `horizon_d` [d].

    Raises `InputError` where a wish or a clinic's file cannot be read, or leaves no day open for months.
    """
    patient = assessment.patient
    days = days_of(patient, start, clinic or Clinic())
    frame = Frame(regimen, assessment, days, horizon_d, tuple(own_days(patient, start)))
    baseline = first_day(days, 0, days.closed)
    before = _tests_before(frame, baseline)
    sessions, began, clashes = _sessions(frame, baseline, before)
    come = {baseline, *(lab.day for lab in before), *(s.day for s in sessions if _comes(s))}
    labs, looks, missed = _errands(frame, before, baseline, frozenset(come), began)
    parts = [replace(part, start_d=part.start_d + began.get(part.therapy, 0)) for part in regimen.parts]
    return Agenda(sessions, doses(parts, start, horizon_d, patient.sex), labs, looks, clashes + missed)


def check(patient: Patient, start: dt.date | None, clinic: Clinic | None) -> None:
    """Raise `InputError` where a wish about days cannot be read, before any long work is done."""
    days_of(patient, start, clinic or Clinic())
    own_days(patient, start)


# --- tests that something waits for ----------------------------------------------------------------------------


def _tests_before(frame: Frame, baseline: int) -> list[LabDue]:
    """Place the tests that a therapy waits for: with the baseline, or so early that they are known in time."""
    asked = schedule.labs(frame.regimen, frame.assessment, frame.start, frame.horizon_d)
    return [
        _test_on(
            frame, lab, first_day(frame.days, max(baseline, lab.day - _wait()), frame.days.closed), _IN_TIME
        )
        for lab in asked
        if lab.before
    ]


def _earliest(part: Part, baseline: int, before: Sequence[LabDue]) -> int:
    """Return the first day [d] on which a part may begin: after the baseline, and once its tests are known."""
    known = [lab.day + _wait() for lab in before if part.therapy in lab.before]
    return max([round(part.start_d), baseline, *known])


def _wait() -> int:
    return round(evidence().numbers["schedule.result"].value)


# --- sessions --------------------------------------------------------------------------------------------------


def _sessions(
    frame: Frame, baseline: int, before: Sequence[LabDue]
) -> tuple[list[Session], dict[str, int], list[Clash]]:
    """Place every part; return the sessions, by how many days [d] each part begins later, and what clashes."""
    earliest = {part.therapy: _earliest(part, baseline, before) for part in frame.regimen.parts}
    home = [part for part in frame.regimen.parts if part.record.course is None]
    began = {part.therapy: earliest[part.therapy] - round(part.start_d) for part in home}
    found = [session for part in home for session in _at_home(frame, part, began[part.therapy])]
    due = {
        part.therapy: given
        for part in frame.regimen.parts
        if part.record.course and (given := frame.due(part))
    }
    known = frozenset({baseline, *(lab.day for lab in before)})
    placed, clashes = _in_best_order(frame, due, earliest, known)
    for therapy, (days, room) in placed.items():
        began[therapy] = days[0] - due[therapy][0].day
        found += _placed(frame, due[therapy], days, room, earliest[therapy])
    return sorted(found, key=lambda session: (session.day, session.therapy)), began, clashes


def _at_home(frame: Frame, part: Part, later: int) -> list[Session]:
    """Return the days on which a home therapy begins and ends; nobody comes for them."""
    return [
        moved_to(session, session.day + later, frame.start, _BEHIND, None)
        if session.key.startswith("begin")
        else session
        for session in frame.due(part)
    ]


Placed = dict[str, tuple[list[int], Room]]


def _in_best_order(
    frame: Frame, due: Mapping[str, list[Session]], earliest: Mapping[str, int], known: frozenset[int]
) -> tuple[Placed, list[Clash]]:
    """Place the therapies in the first order that has room for all, the tightest intervals tried first."""
    names = sorted(due, key=lambda name: (_tightest(due[name]), name))
    best: tuple[Placed, list[Clash]] | None = None
    trouble: InputError | None = None
    for order in islice(permutations(names), _MOST_ORDERS):
        try:
            found = _in_order(frame, order, due, earliest, known)
        except InputError as none:  # this order leaves a therapy no day at all; another may not
            trouble = trouble or none
            continue
        if best is None or len(found[1]) < len(best[1]):
            best = found
        if not best[1]:
            break
    if best is None:
        raise trouble or InputError("no therapy has a session to place.")
    return best


def _in_order(
    frame: Frame,
    order: tuple[str, ...],
    due: Mapping[str, list[Session]],
    earliest: Mapping[str, int],
    known: frozenset[int],
) -> tuple[Placed, list[Clash]]:
    placed: Placed = {}
    missed: list[Clash] = []
    parts = {part.therapy: part for part in frame.regimen.parts}
    for name in order:
        others = [therapy_on(other, day) for other, (days, _) in placed.items() for day in days]
        come = known | {day for days, _ in placed.values() for day in days}
        room = Room(frame.days, name, (*frame.own, *others), come)
        steps = chains.steps(parts[name], [session.day for session in due[name]])
        days, clashes = room.place(due[name], steps, earliest[name])
        placed[name] = days, room
        missed += clashes
    return placed, missed


def _tightest(given: Sequence[Session]) -> int:
    """Return the shortest interval [d] of a therapy's sessions."""
    return min((later.day - before.day for before, later in pairwise(given)), default=10**6)


def _placed(
    frame: Frame, given: Sequence[Session], days: Sequence[int], room: Room, earliest: int
) -> list[Session]:
    later = days[0] - given[0].day
    out = []
    for session, day in zip(given, days, strict=True):
        at = frame.days.clinic.hours.get(session.therapy)
        moved = moved_to(session, day, frame.start, _why(session.day, later, day, room, earliest), at)
        out.append(replace(moved, keep_off=kept_off(session.therapy, day, frame.start)))
    return out


def _why(due: int, later: int, day: int, room: Room, earliest: int) -> str:
    """Say why a session is not on its protocol's day."""
    if day == due + later:
        return room.taken(due) or (_RESULT if due + later == earliest else _ROOM)
    return room.taken(due + later) or (_FEWER if day in room.come else _INTERVAL)


def _comes(session: Session) -> bool:
    return evidence().therapies[session.therapy].course is not None


# --- tests and looks -------------------------------------------------------------------------------------------


def _errands(
    frame: Frame, before: list[LabDue], baseline: int, come: frozenset[int], began: Mapping[str, int]
) -> tuple[list[LabDue], list[Look], list[Clash]]:
    """Place what is left on as few days as will do; return tests, looks, and what clashes."""
    labs = schedule.labs(frame.regimen, frame.assessment, frame.start, frame.horizon_d, began)
    later = [lab for lab in labs if not lab.before]
    first, *looks = schedule.visits(frame.regimen, frame.assessment, frame.start, frame.horizon_d)
    errands = [*_repeated(later), *(look_errand(look.key, look.day) for look in looks)]
    found = gathered(errands, frame.open, come)
    names = {lab.key: lab.name for lab in later} | {look.key: look.what for look in looks}
    missed = [_missed(frame, errand, names[errand.key]) for errand in errands if found[errand.key] is None]
    days = {errand.key: _day(frame, errand, found[errand.key]) for errand in errands} | {first.key: baseline}
    tests = [*before, *(_test_on(frame, lab, days[lab.key], _FEWER) for lab in later)]
    at = frame.days.clinic.hours.get(VISIT)
    seen = [
        moved_to(look, day, frame.start, frame.days.closed(look.day) or _FEWER, at)
        for look in (first, *looks)
        for day in [days[look.key]]
    ]
    return _prepared(frame, tests), seen, missed


def _day(frame: Frame, errand: Errand, found: int | None) -> int:
    """Return the day of an errand; where its leeway holds none, the next open day."""
    return first_day(frame.days, errand.last + 1, frame.days.closed) if found is None else found


def _missed(frame: Frame, errand: Errand, what: str) -> Clash:
    start, why = frame.start, frame.days.closed(errand.due) or ""
    stands = on(start, _day(frame, errand, None))
    would = f"free one of these days; as it is, it stands on {stands}"
    return Clash(what, on(start, errand.first), on(start, errand.last), why, would)


def _test_on(frame: Frame, lab: LabDue, day: int, otherwise: str) -> LabDue:
    why = frame.days.closed(lab.day) or otherwise
    return moved_to(lab, day, frame.start, why, frame.days.clinic.hours.get(TEST))


def _repeated(labs: Sequence[LabDue]) -> Iterable[Errand]:
    """Yield the repeated tests, each with the time since it was last due."""
    last: dict[str, int] = {}
    for lab in labs:
        yield lab_errand(lab.key, lab.day, lab.day - last.get(lab.test, 0))
        last[lab.test] = lab.day


def _prepared(frame: Frame, labs: Sequence[LabDue]) -> list[LabDue]:
    """Return each day's tests once, in order, with what is left off before each."""
    patient = frame.assessment.patient
    taken = [*frame.regimen.therapies, *(drug.generic for drug in patient.drugs or [])]
    pauses = list(pauses_before_tests(dict.fromkeys(taken)))
    out = []
    for lab in _once_a_day(sorted(labs, key=lambda lab: (lab.day, lab.test, lab.key))):
        kept = [
            KeepOff(what, on(frame.start, lab.day - days), lab.date, window.because, window.citekeys)
            for what, days, window in pauses
        ]
        sources = sorted({*lab.source, *(key for one in kept for key in one.source)})
        out.append(replace(lab, keep_off=tuple(kept), source=sources))
    return out


def _once_a_day(labs: Sequence[LabDue]) -> list[LabDue]:
    """Return labs without a test that is done on the same day already; its reasons go with the first."""
    found: dict[tuple[int, str], LabDue] = {}
    for lab in labs:
        other = found.get((lab.day, lab.test))
        if other is None:
            found[lab.day, lab.test] = lab
            continue
        why = other.why if lab.why in other.why else f"{other.why} {lab.why}"
        before = tuple(dict.fromkeys((*other.before, *lab.before)))
        sources = sorted({*other.source, *lab.source})
        found[lab.day, lab.test] = replace(other, why=why, before=before, source=sources)
    return list(found.values())
