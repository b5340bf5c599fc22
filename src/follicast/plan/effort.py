"""What a regimen asks of a person: visits in the first year, minutes a day, days on which one is bound.

Visits and minutes are numbers of the evidence, mostly assumed, and say so. Sessions of two needles cannot be
shared, reviews can: so visits are the sessions added up, or the most that any part asks for, whichever is more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.therapy import Therapy
from follicast.regimen import Regimen

_YEAR_D, _HOUR_MIN = 365, 60.0
_KINDS = ("measured", "derived", "assumed")


@dataclass(frozen=True)
class Effort:
    """What is asked in the first year; None where a part's evidence does not say.

    `visits` [/a], `minutes_a_day` [min], `hours` [h] with the way to each visit, `bound_days` [d] on which
    something is due; the kinds are those of the least sure number behind each.
    """

    visits: float | None
    visits_kind: str | None
    minutes_a_day: float | None
    minutes_kind: str | None
    hours: float | None
    bound_days: float | None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


def effort(regimen: Regimen) -> Effort:
    """Return what a regimen asks; nothing for no treatment."""
    records = [part.record for part in regimen.parts]
    minutes = [record.minutes_a_day for record in records]
    visits = _visits(records)
    daily = None if None in minutes else sum(float(n) for n in minutes if n)
    return Effort(
        visits,
        _kind([record.visits_a_year for record in records]),
        daily,
        _kind(minutes),
        _hours(visits, daily),
        _bound(visits, daily),
    )


def watching(looks: int) -> Effort:
    """Return what waiting and watching asks: so many visits in the first year, and nothing at home."""
    return Effort(float(looks), "derived", 0.0, "derived", _hours(looks, 0.0), float(looks))


def _visits(records: list[Therapy]) -> float | None:
    if any(record.visits_a_year is None for record in records):
        return None
    asked = [(record.course is not None, float(record.visits_a_year or 0)) for record in records]
    sessions = sum(count for needle, count in asked if needle)
    return max(sessions, *(count for _, count in asked), 0.0) if asked else 0.0


def _hours(visits: float | None, minutes: float | None) -> float | None:
    if visits is None or minutes is None:
        return None
    return round(visits * float(evidence().numbers["choice.visit_time"]) + minutes * _YEAR_D / _HOUR_MIN, 1)


def _bound(visits: float | None, minutes: float | None) -> float | None:
    if visits is None or minutes is None:
        return None
    return float(_YEAR_D) if minutes else visits


def _kind(numbers: list[Number | None]) -> str | None:
    """Return the kind of the least sure of some numbers."""
    known = [number.kind for number in numbers if number is not None]
    return max(known, key=_KINDS.index, default=None)
