"""What is taken or put on at home: from which day, how much, how many minutes of a day it takes.

Where evidence begins low, the dose is reached in steps. A forecast counts the full dose from the first day.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.plan.dues import Dose, on
from follicast.regimen import Part, in_days

_BY_MOUTH = ("oral", "supplement")


def doses(parts: Iterable[Part], start: dt.date | None, horizon_d: float, sex: Sex) -> list[Dose]:
    """Return what is taken or put on at home, step by step, before `horizon_d` [d]."""
    found = [
        dose for part in parts if part.record.course is None for dose in _of(part, start, horizon_d, sex)
    ]
    return sorted(found, key=lambda dose: (dose.day, dose.therapy))


def levels(part: Part, sex: Sex) -> list[tuple[float, float | None]]:
    """Return (day [d], amount a day) of each step up to the dose of a part; None where it has no dose."""
    wanted, titration = part.dose(sex), (part.record.titration or {}).get(sex)
    if wanted is None or titration is None:
        return [(part.start_d, wanted)]
    found: list[tuple[float, float | None]] = []
    day, amount = part.start_d, float(titration.start)
    while amount < wanted:
        found.append((day, amount))
        day, amount = day + in_days(titration.step), amount * float(titration.factor)
    return [*found, (day, wanted)]


def raises(part: Part, sex: Sex) -> list[float]:
    """Return the days [d] on which a dose goes up while a part lasts."""
    return [day for day, _ in levels(part, sex)[1:] if day < part.stop_d]


def _of(part: Part, start: dt.date | None, horizon_d: float, sex: Sex) -> Iterator[Dose]:
    record = part.record
    for k, (first, last, amount, up) in enumerate(_stretches(part, horizon_d, sex), 1):
        titration = (record.titration or {}).get(sex) if up else None
        usual = (record.dose or {}).get(sex)
        shown = record.route in _BY_MOUTH and usual is not None and amount is not None
        unit = evidence().units[usual.usual.unit] if usual and shown else None
        how = f"{amount:g} {unit}" if shown else usual.how if usual else None
        yield Dose(
            date=on(start, first),
            day=first,
            until=last,
            therapy=record.id,
            what=f"{record.short}: {how}" if how else record.short,
            how=usual.how if usual else None,
            per_day=amount if shown else None,
            unit=unit,
            minutes=float(record.minutes_a_day) if record.minutes_a_day is not None else None,
            step=k,
            note=titration.text if titration else None,
            source=sorted(
                {*(usual.usual.citekeys if usual else []), *(titration.citekeys if titration else [])}
            ),
            key=f"dose {record.id} {k}",
        )


def _stretches(
    part: Part, horizon_d: float, sex: Sex
) -> Iterator[tuple[int, int | None, float | None, bool]]:
    """Yield the stretches without a pause: first day, last day (None: it goes on), amount, whether it is a step."""
    steps = levels(part, sex)
    ends = [*(day for day, _ in steps), math.inf]
    for (low, high), (_, amount) in zip(pairwise(ends), steps, strict=True):
        for first, last in _unpaused(low, min(high, part.stop_d), part.pauses):
            if round(first) < min(round(last) if last < math.inf else math.inf, horizon_d):
                yield round(first), None if last == math.inf else round(last) - 1, amount, len(steps) > 1


def _unpaused(
    low: float, high: float, pauses: tuple[tuple[float, float], ...]
) -> Iterator[tuple[float, float]]:
    """Yield what is left of a stretch [d] between pauses."""
    for begin, end in sorted(pauses):
        if begin < high and end > low:
            if begin > low:
                yield low, begin
            low = max(low, end)
    if low < high:
        yield low, high
