"""What may not lie close to what: a person's own days and the therapies, held against the windows of evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.window import OWN, TEST, Window
from follicast.patient import Patient, lab_called
from follicast.plan.days import listed, stretch
from follicast.plan.dues import KeepOff, on
from follicast.regimen import in_days


@dataclass(frozen=True)
class Thing:
    """Something on a day [d from the start], by the names under which a window may speak of it."""

    day: int
    names: frozenset[str]


def therapy_on(therapy: str, day: int) -> Thing:
    """Return a session of a therapy as a thing on a day."""
    return Thing(day, names_of(therapy))


def names_of(therapy: str) -> frozenset[str]:
    """Return the names under which windows speak of a therapy: its id and its families."""
    families = evidence().therapies[therapy].family
    return frozenset({therapy, *(f"family:{name}" for name in families)})


def own_days(patient: Patient, start: dt.date | None) -> list[Thing]:
    """Return what a person plans herself (`wishes.planned: [dye 2026-12-20]`), day by day; none without a start.

    Raises `InputError` for a word that no window knows, or a day that is none.
    """
    told = [_own(words, i) for i, words in enumerate(listed(patient, "planned"))]
    if start is None:
        return []
    return [
        Thing((first - start).days + k, frozenset({name}))
        for name, first, last in told
        for k in range((last - first).days + 1)
    ]


def _own(words: str, place: int) -> tuple[str, dt.date, dt.date]:
    where, (what, _, when) = f"wishes.planned[{place}]", words.strip().partition(" ")
    known = sorted(
        {n.removeprefix(OWN) for w in evidence().windows.values() for n in w.of if n.startswith(OWN)}
    )
    if what.lower() not in known:
        raise InputError(
            f"{where}: '{what}' is nothing that a date is kept off.{did_you_mean(what, known)} "
            f"There are: {', '.join(known)}; write it as 'dye 2026-12-20'."
        )
    days = stretch(when, where)
    return OWN + what.lower(), days.first, days.last


def apart(one: Thing, other: Thing) -> Window | None:
    """Return the window that two things break, or None where they may lie as they do."""
    for window in evidence().windows.values():
        if _breaks(window, one, other) or _breaks(window, other, one):
            return window
    return None


def _breaks(window: Window, first: Thing, second: Thing) -> bool:
    """Whether the second thing lies in a window of the first."""
    if not first.names & set(window.of) or not second.names & set(window.keeps_off):
        return False
    if (
        {name for name in first.names if ":" not in name}
        == {n for n in second.names if ":" not in n}
        != set()
    ):
        return False  # a course keeps its own intervals
    return _inside(window, second.day - first.day)


def _inside(window: Window, days: int) -> bool:
    """Whether so many days after (before, if negative) a thing lie in its window."""
    if days > 0 or window.before is None:
        return window.after is not None and 0 <= days < _whole_days(window.after)
    return -_whole_days(window.before) < days


def _whole_days(length: Number) -> int:
    """Return from how many days on two things are far enough apart; hours need one more, for who knows at what hour."""
    return max(1, round(in_days(length))) + (1 if length.unit == "h" else 0)


def kept_off(therapy: str, day: int, start: dt.date | None) -> tuple[KeepOff, ...]:
    """Return what a person leaves out herself around a session, and from when to when."""
    return tuple(
        KeepOff(name.removeprefix(OWN), on(start, first), on(start, last), window.because, window.citekeys)
        for window in evidence().windows.values()
        if names_of(therapy) & set(window.keeps_off)
        for name in window.of
        if name.startswith(OWN)
        for first, last in [_around(window, day)]
    )


def _around(window: Window, day: int) -> tuple[int, int]:
    """Return the first and the last day on which a thing would break a window around a session on a day."""
    ahead = _whole_days(window.after) - 1 if window.after else 0
    behind = _whole_days(window.before) - 1 if window.before else 0
    return day - ahead, day + behind


def pauses_before_tests(therapies: Iterable[str]) -> Iterator[tuple[str, int, Window]]:
    """Yield (therapy, days [d], window) for each home therapy that is left off before blood is taken."""
    for therapy in therapies:
        for window in evidence().windows.values():
            if therapy in window.of and TEST in window.keeps_off and window.after:
                yield therapy, _whole_days(window.after) - 1, window


def is_blood_test(name: str) -> bool:
    """Whether a name is that of a laboratory test."""
    try:
        lab_called(name)
    except ValueError:
        return False
    return True
