"""Sessions of one therapy on days that are free, each interval within what its protocol allows.

Every way of placing them is weighed: first by how often somebody must come, then by how far dates move. It
knows days as numbers and not what is on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.regimen import Part, in_days

Free = Callable[[int], bool]
Cost = tuple[int, int]  # days on which she must come, and days moved
_DAY = 1e-9
_IN_A_ROW = 3  # sessions that may give way together


@dataclass(frozen=True)
class Step:
    """One session: the protocol's day, and the intervals [d] to the one before that the protocol allows."""

    due: int
    shortest: int
    longest: int


def steps(part: Part, days: Sequence[float]) -> list[Step]:
    """Return the sessions of a part with the intervals that its protocol allows."""
    due = [round(day) for day in days]
    return [Step(day, *(_allowed(part, day - before) if k else (0, 0)))
            for k, (before, day) in enumerate(pairwise([due[0], *due]))] if due else []  # fmt: skip


def _allowed(part: Part, interval: int) -> tuple[int, int]:
    """Return the shortest and longest interval [d]: the range that a source prints, else a share either way."""
    for printed in _printed(part):
        low, high = _range(printed)
        if high > low and round(low) - 1 <= interval <= round(high) + 1:  # months are no whole days
            return min(round(low), interval), max(round(high), interval)
    numbers = evidence().numbers
    early, late = (numbers[f"schedule.{name}"].value / 100 for name in ("shorter", "longer"))
    return interval - int(interval * early + _DAY), interval + int(interval * late + _DAY)


def _printed(part: Part) -> list[Number]:
    course = part.record.course
    given = [course.interval, course.then_interval, course.maintenance] if course else []
    return [number for number in given if number is not None and number.spread is not None]


def _range(number: Number) -> tuple[float, float]:
    """Return the ends [d] of the range of an interval; nothing where it has none."""
    spread = number.spread
    if spread is None or spread.kind != "range" or spread.low is None or spread.high is None:
        return 0.0, 0.0
    each = in_days(number) / number.value
    return spread.low * each, spread.high * each


def place(chain: Sequence[Step], free: Free, known: frozenset[int], earliest: int) -> list[int] | None:
    """Return the day of each session, or None where no way keeps every interval.

    `free` tells whether a day is open, `known` are days on which she comes anyway, `earliest` is the first
    day on which the chain may begin. The first session may wait a little; the rest then count from it.
    """
    best: tuple[Cost, list[int]] | None = None
    first = max(chain[0].due, earliest)
    for begin in range(first, first + _number("begin") + 1):
        if free(begin) and (best is None or (0, begin - first) < best[0]):
            found = _from(chain, begin, free, known)
            if found is not None:
                cost = found[0][0], found[0][1] + begin - first
                best = min((found for found in (best, (cost, found[1])) if found), key=lambda one: one[0])
    return best[1] if best else None


def _from(
    chain: Sequence[Step], begin: int, free: Free, known: frozenset[int]
) -> tuple[Cost, list[int]] | None:
    """Place a chain whose first session is on a given day, by dynamic programming over the rest."""
    ways: dict[int, tuple[Cost, list[int]]] = {begin: ((int(begin not in known), 0), [begin])}
    offset = begin - chain[0].due
    for before, step in pairwise(chain):
        due, interval = step.due + offset, step.due - before.due
        early, late = _reach(step, interval)
        ways = {
            day: way
            for day in range(due - early, due + late + 1)
            if free(day) and (way := _way_to(day, step, due, ways, known))
        }
    return min(ways.values(), default=None, key=lambda way: (way[0], way[1]))


def _way_to(
    day: int, step: Step, due: int, ways: dict[int, tuple[Cost, list[int]]], known: frozenset[int]
) -> tuple[Cost, list[int]] | None:
    """Return the cheapest way to have this session on a day."""
    reached = [way for last, way in ways.items() if step.shortest <= day - last <= step.longest]
    if not reached:
        return None
    (comes, moved), before = min(reached, key=lambda way: (way[0], way[1]))
    return (comes + int(day not in known), moved + abs(day - due)), [*before, day]


def _reach(step: Step, interval: int) -> tuple[int, int]:
    """Return how far [d] a session may lie before and after its day, within a month.

    One interval has so much room; a stretch of closed days may take up that of several in a row.
    """
    most = _number("most")
    shorter, longer = interval - step.shortest, step.longest - interval
    return min(most, _IN_A_ROW * shorter), min(most, _IN_A_ROW * max(shorter, longer))


def _number(name: str) -> int:
    return round(evidence().numbers[f"schedule.{name}"].value)
