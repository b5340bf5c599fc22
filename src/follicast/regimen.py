"""What is done, how much, when: doses, sessions, pauses, stopping and adherence, in the words of an arm.

It does not know the person, nor what a therapy does to hair.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np

from follicast.cycle import Floats
from follicast.errors import ArmError, InputError
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.therapy import Sex, Therapy

MONTH_D = 30.4375
_DAYS = {"h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": MONTH_D, "a": 365.25}
_MILLIGRAMS = {"mg": 1.0, "ug": 0.001, "g": 1000.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)(d|wk|mo)")
_DOSE = re.compile(r"(\d+(?:\.\d+)?)(mg|ug|g)")
_OPTIONS = "dose=100mg, every=4wk, sessions=3, adherence=0.8, start@2mo, stop@12mo, pause@3mo-5mo"


@dataclass(frozen=True)
class Part:
    """One therapy of a regimen. Times are days [d] from the start of the forecast; dose is [mg/d]."""

    therapy: str
    dose_mg: float | None = None
    every_d: float | None = None
    sessions: int | None = None
    adherence: float = 1.0
    start_d: float = 0.0
    stop_d: float = math.inf
    pauses: tuple[tuple[float, float], ...] = ()

    @property
    def record(self) -> Therapy:
        """The therapy as evidence knows it."""
        return evidence().therapies[self.therapy]

    def dose(self, sex: Sex) -> float | None:
        """Return the dose [mg/d] given, or the usual one for that sex; None where the therapy has none."""
        if self.dose_mg is not None:
            return self.dose_mg
        usual = (self.record.dose or {}).get(sex) or next(iter((self.record.dose or {}).values()), None)
        return float(usual.usual) if usual else None

    def session_days(self, horizon_d: float) -> list[float]:
        """Return the days of sessions before `horizon_d`: the course, its second rhythm, then maintenance."""
        course = self.record.course
        if course is None:
            return []
        interval = self.every_d or in_days(course.interval)
        days = [self.start_d + k * interval for k in range(self.sessions or int(course.sessions.value))]
        if course.then_sessions and course.then_interval and self.sessions is None:
            step = in_days(course.then_interval)
            days += [days[-1] + (k + 1) * step for k in range(int(course.then_sessions.value))]
        if course.maintenance:
            step = in_days(course.maintenance)
            while days[-1] + step < horizon_d:
                days.append(days[-1] + step)
        return [day for day in days if day < min(horizon_d, self.stop_d) and not self._paused(day)]

    def _paused(self, day: float) -> bool:
        return any(low <= day < high for low, high in self.pauses)

    def presence(self, days: int) -> Floats:
        """Return the share of the full dose taken on each day [day]."""
        t = np.arange(days)
        here = np.where((t >= self.start_d) & (t < self.stop_d), self.adherence, 0.0)
        for low, high in self.pauses:
            here[(t >= low) & (t < high)] = 0.0
        return here

    def taken(self, sex: Sex, days: int) -> Floats:
        """Return the milligrams taken on each day [day, mg]; nothing where the therapy has no dose."""
        return self.presence(days) * (self.dose(sex) or 0.0)

    def __str__(self) -> str:
        said = [f"dose={self.dose_mg:g}mg"] if self.dose_mg is not None else []
        said += [f"every={_told(self.every_d)}"] if self.every_d is not None else []
        said += [f"sessions={self.sessions}"] if self.sessions is not None else []
        said += [f"adherence={self.adherence:g}"] if self.adherence != 1.0 else []
        said += [f"start@{_told(self.start_d)}"] if self.start_d else []
        said += [f"stop@{_told(self.stop_d)}"] if math.isfinite(self.stop_d) else []
        said += [f"pause@{_told(low)}-{_told(high)}" for low, high in self.pauses]
        return self.therapy + (":" + ",".join(said) if said else "")


@dataclass(frozen=True)
class Regimen:
    """Therapies given together, written as an arm: "prp:sessions=5+minoxidil-topical-1", or "none".

    Raises `ArmError` with what would do where the words cannot be read.
    """

    words: str = "none"
    parts: tuple[Part, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.words.strip())
        object.__setattr__(self, "parts", _parts(self.words))

    @property
    def therapies(self) -> list[str]:
        """The ids of its therapies."""
        return [part.therapy for part in self.parts]

    def __str__(self) -> str:
        return self.words


NO_TREATMENT_WORDS = "none"


def _told(days: float) -> str:
    """Return a time as an arm would write it: in whole months or weeks where it is that, else in days."""
    for unit in ("mo", "wk"):
        count = days / _DAYS[unit]
        if abs(count - round(count)) < 1e-6:
            return f"{round(count)}{unit}"
    return f"{days:g}d"


def in_days(time: Number) -> float:
    """Return a length of time in days [d]."""
    return time.value * _DAYS[time.unit]


def _parts(words: str) -> tuple[Part, ...]:
    if words == NO_TREATMENT_WORDS:
        return ()
    if not words:
        raise ArmError("an arm is empty; write 'none' or a therapy, such as 'prp'.")
    parts = tuple(_part(chunk, words) for chunk in words.split("+"))
    names = [part.therapy for part in parts]
    for name in names:
        if names.count(name) > 1:
            raise ArmError(f"arm '{words}': '{name}' stands twice; give each therapy once, with its options.")
    return parts


def _part(chunk: str, words: str) -> Part:
    name, _, options = chunk.strip().partition(":")
    try:
        evidence().therapy(name)
    except InputError as trouble:
        raise ArmError(f"arm '{words}': {trouble}") from None
    given: dict[str, object] = {}
    pauses: list[tuple[float, float]] = []
    for option in filter(None, options.split(",")):
        key, value = _option(option.strip(), words)
        if key == "pauses":
            pauses.append(value)  # type: ignore[arg-type]
        elif key in given:
            raise ArmError(f"arm '{words}': '{option}' says the same thing a second time; keep one of them.")
        else:
            given[key] = value
    part = Part(name, pauses=tuple(pauses), **given)  # type: ignore[arg-type]
    if part.stop_d <= part.start_d:
        raise ArmError(f"arm '{words}': it stops before it starts; give stop@ a later time than start@.")
    if (part.sessions or part.every_d) and part.record.course is None:
        raise ArmError(f"arm '{words}': {name} is not given in sessions; leave out sessions= and every=.")
    if part.dose_mg is not None and part.record.dose is None:
        raise ArmError(f"arm '{words}': no dose is known for {name}; leave out dose=.")
    return part


def _option(option: str, words: str) -> tuple[str, object]:
    for mark in ("=", "@"):
        key, found, value = option.partition(mark)
        if found and (key, mark) in _READERS:
            name, reader = _READERS[key, mark]
            read = reader(value)
            if read is not None:
                return name, read
            break
    share = " adherence is a share, from 0 to 1." if option.startswith("adherence=") else ""
    raise ArmError(f"arm '{words}': '{option}' cannot be read.{share} What would do: {_OPTIONS}")


def _time(value: str) -> float | None:
    match = _TIME.fullmatch(value)
    return float(match[1]) * _DAYS[match[2]] if match else None


def _interval(value: str) -> float | None:
    time = _time(value)
    return time if time and 1.0 <= time <= 3660.0 else None


def _dose(value: str) -> float | None:
    match = _DOSE.fullmatch(value)
    return float(match[1]) * _MILLIGRAMS[match[2]] or None if match else None


def _count(value: str) -> int | None:
    return int(value) if value.isdecimal() and 1 <= int(value) <= 60 else None


def _share(value: str) -> float | None:
    try:
        share = float(value)
    except ValueError:
        return None
    return share if 0.0 <= share <= 1.0 else None


def _pause(value: str) -> tuple[float, float] | None:
    low, high = (_time(end) for end in (value.split("-") if value.count("-") == 1 else ("", "")))
    return (low, high) if low is not None and high is not None and low < high else None


_READERS = {
    ("dose", "="): ("dose_mg", _dose),
    ("every", "="): ("every_d", _interval),
    ("sessions", "="): ("sessions", _count),
    ("adherence", "="): ("adherence", _share),
    ("start", "@"): ("start_d", _time),
    ("stop", "@"): ("stop_d", _time),
    ("pause", "@"): ("pauses", _pause),
}


NO_TREATMENT = Regimen()
