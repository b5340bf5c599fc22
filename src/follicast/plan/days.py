"""On which days somebody can come: public holidays and weekends of the place, the clinic's closed days, her own.

Holidays are computed offline from the country's calendar (lunar ones too). Days that depend on the sight of
the moon (Eid) may differ by one. It does not know a clinic's diary: an open day may still be full.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from follicast.errors import InputError, did_you_mean
from follicast.patient import Patient
from follicast.plan.clinic import WEEKDAYS, Clinic

if TYPE_CHECKING:
    import holidays

COUNTRIES = {"jp": "JP", "us": "US"}  # a region that is one country
_SATURDAY_SUNDAY = frozenset({5, 6})
_RANGE = re.compile(r"\s*(?:\.\.|–|\bto\b|/)\s*")
_GROUPS = {"weekend": (5, 6), "weekday": (0, 1, 2, 3, 4)}


@dataclass(frozen=True)
class Stretch:
    """Days from the first to the last, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Days:
    """Which days are closed, and why; without a start nothing has a date and nothing is closed.

    `country` is an ISO 3166 code, with a hyphen and a part of it where holidays differ ("DE-BY").
    """

    start: dt.date | None
    country: str | None = None
    clinic: Clinic = field(default_factory=Clinic)
    cannot_come: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._closed_by_her, self._closed_by_clinic, self._calendar  # noqa: B018  # refuse what cannot be read at once

    def closed(self, day: int) -> str | None:
        """Return why nobody can come on a day [d from the start], or None where she can."""
        if self.start is None:
            return None
        date = self.start + dt.timedelta(days=day)
        return self._hers(date) or self._of_clinic(date) or self._holiday(date)

    def _hers(self, date: dt.date) -> str | None:
        return "a day that was ruled out" if _falls(date, self._closed_by_her) else None

    def _of_clinic(self, date: dt.date) -> str | None:
        weekday = WEEKDAYS[date.weekday()]
        if _falls(date, self._closed_by_clinic):
            return "the clinic is closed"
        if self.clinic.open:
            return None if weekday in self.clinic.open else f"the clinic is closed on {weekday.capitalize()}s"
        if date.weekday() in self._weekend:
            return weekday.capitalize()
        return None

    def _holiday(self, date: dt.date) -> str | None:
        if self._calendar is None or self.clinic.open_on_holidays:
            return None
        name = self._calendar.get(date)
        return f"holiday: {name}" if name else None

    @cached_property
    def _closed_by_her(self) -> tuple[frozenset[int], tuple[Stretch, ...]]:
        return _read(self.cannot_come, "wishes.cannot_come")

    @cached_property
    def _closed_by_clinic(self) -> tuple[frozenset[int], tuple[Stretch, ...]]:
        return _read(self.clinic.closed, f"{self.clinic.name}: closed")

    @cached_property
    def _weekend(self) -> frozenset[int]:
        return frozenset(self._calendar.weekend) if self._calendar is not None else _SATURDAY_SUNDAY

    @cached_property
    def _calendar(self) -> holidays.HolidayBase | None:
        return None if self.country is None else _holidays_of(self.country)


def days_of(patient: Patient, start: dt.date | None, clinic: Clinic) -> Days:
    """Return which days are open to a person at a clinic, from a start on."""
    return Days(start, country_of(patient, clinic), clinic, listed(patient, "cannot_come"))


def country_of(patient: Patient, clinic: Clinic | None) -> str | None:
    """Return the clinic's country, else the one she names (`wishes.country`), else that of her region."""
    told = (clinic.country if clinic else None) or patient.wishes.get("country")
    return str(told) if told else COUNTRIES.get(patient.region)


def listed(patient: Patient, wish: str) -> tuple[str, ...]:
    """Return a wish that is a list of words; a bare word counts as a list of one.

    Raises `InputError` for anything else.
    """
    told = patient.wishes.get(wish)
    if told is None or isinstance(told, str):
        return (told,) if told else ()
    if isinstance(told, list):
        return tuple(told)
    raise InputError(
        f"wishes.{wish}: '{told}' is no list; write it as [Sunday, 2026-12-24, 2027-02-01 to 2027-02-10]."
    )


def stretch(words: str, place: str) -> Stretch:
    """Return the days that '2026-12-24' or '2027-02-01 to 2027-02-10' name; raises `InputError`."""
    ends = _RANGE.split(words.strip())
    try:
        first, last = dt.date.fromisoformat(ends[0]), dt.date.fromisoformat(ends[-1])
    except ValueError:
        raise InputError(
            f"{place}: '{words}' is no day. Write a date (2026-12-24), a stretch (2027-02-01 to 2027-02-10) "
            f"or a day of the week (Sunday, weekend).{did_you_mean(words, WEEKDAYS)}"
        ) from None
    if len(ends) > 2 or last < first:
        raise InputError(f"{place}: '{words}' ends before it begins, or has more than two ends; mend it.")
    return Stretch(first, last)


def _read(words: Iterable[str], place: str) -> tuple[frozenset[int], tuple[Stretch, ...]]:
    weekly: set[int] = set()
    stretches: list[Stretch] = []
    for i, word in enumerate(words):
        known = _weekdays(word)
        weekly.update(known)
        if not known:
            stretches.append(stretch(word, f"{place}[{i}]"))
    if len(weekly) == len(WEEKDAYS):
        raise InputError(f"{place}: this leaves no day of the week open; take at least one out.")
    return frozenset(weekly), tuple(stretches)


def _weekdays(word: str) -> tuple[int, ...]:
    """Return the days of the week [0 is Monday] that a word names; none where it is no such word."""
    plain = word.strip().lower()
    single = plain.removesuffix("s")
    if single in _GROUPS:
        return _GROUPS[single]
    short = [name.lower() for name in calendar.day_abbr]
    names = dict(zip(WEEKDAYS, range(7), strict=True)) | dict(zip(short, range(7), strict=True))
    found = names.get(single, names.get(plain))
    return () if found is None else (found,)


def _falls(date: dt.date, closed: tuple[frozenset[int], tuple[Stretch, ...]]) -> bool:
    weekly, stretches = closed
    return date.weekday() in weekly or any(one.first <= date <= one.last for one in stretches)


def _holidays_of(place: str) -> holidays.HolidayBase:
    import holidays  # an eighth of a second, which a plan without a country need not wait for

    country, _, part = place.strip().upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise InputError(
            f"the country '{place}' has no calendar of holidays here. Write its two letters, as JP, VN, SA or DE-BY."
            f"{did_you_mean(country, known)}"
        )
    if part and part not in known[country]:
        parts = ", ".join(known[country]) or "it has none"
        raise InputError(f"'{part}' is no part of {country} with holidays of its own. There are: {parts}.")
    try:
        return holidays.country_holidays(country, subdiv=part or None, language="en_US")
    except NotImplementedError:
        return holidays.country_holidays(country, subdiv=part or None)
