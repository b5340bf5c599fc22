"""Tests and looks on as few days as possible: each within its own leeway, on a day she comes anyway if there is one.

What is left over is gathered: the fewest days that reach every errand (the classical way of stabbing
intervals), and of those days the ones that move errands least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from follicast.evidence.library import evidence

Free = Callable[[int], bool]


@dataclass(frozen=True)
class Errand:
    """Something to come for between two days [d], best on its due day."""

    key: str
    due: int
    first: int
    last: int


def look_errand(key: str, due: int) -> Errand:
    """Return a look: it may move by a share of the time since the start."""
    leeway = _leeway("look", due)
    return Errand(key, due, due - leeway, due + leeway)


def lab_errand(key: str, due: int, since: int) -> Errand:
    """Return a repeated test: it may move by a share of the time [d] since it was last done."""
    leeway = _leeway("test", since)
    return Errand(key, due, due - leeway, due + leeway)


def _leeway(what: str, days: int) -> int:
    numbers = evidence().numbers
    share, most = numbers[f"schedule.{what}"].value / 100, numbers["schedule.look_most"].value
    return max(1, round(min(most, days * share)))


def gathered(errands: Iterable[Errand], free: Free, known: Iterable[int]) -> dict[str, int | None]:
    """Return the day of each errand by its key; None where no day within its leeway is free."""
    found, rest = _on_the_way(errands, free, frozenset(known))
    while rest:
        rest.sort(key=lambda errand: (errand.last, errand.key))
        head = rest[0]
        point = next((day for day in range(head.last, head.first - 1, -1) if free(day)), None)
        if point is None:
            found[head.key] = None
            rest = rest[1:]
            continue
        group = [errand for errand in rest if errand.first <= point <= errand.last]
        day = _middle(group, free)
        found |= {errand.key: day for errand in group}
        rest = [errand for errand in rest if errand not in group]
    return found


def _on_the_way(
    errands: Iterable[Errand], free: Free, known: frozenset[int]
) -> tuple[dict[str, int | None], list[Errand]]:
    """Put errands on days she comes anyway; return those, and the errands that are left."""
    found: dict[str, int | None] = {}
    rest: list[Errand] = []
    for errand in errands:
        near = [day for day in known if errand.first <= day <= errand.last and free(day)]
        if near:
            found[errand.key] = min(near, key=lambda day: (abs(day - errand.due), day))
        else:
            rest.append(errand)
    return found, rest


def _middle(group: list[Errand], free: Free) -> int:
    """Return the free day that all of a group reach and that moves them least."""
    first, last = max(errand.first for errand in group), min(errand.last for errand in group)
    days = [day for day in range(first, last + 1) if free(day)]
    return min(days, key=lambda day: (sum(abs(day - errand.due) for errand in group), day))
