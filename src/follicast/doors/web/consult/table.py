"""What lies on the table in one consultation: the arms that are compared, and which of them was chosen.

It is kept in memory by who signed in and which patient: no arm ever stands in an address. A new start of the server
forgets it, and the page begins again with what is open.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from fastapi import Request

from follicast.assessment import Assessment
from follicast.doors.web import guard
from follicast.plan.comparable import drawable, first
from follicast.regimen import Regimen

MOST_ARMS = 4
_MOST_TABLES = 500


@dataclass(frozen=True)
class Table:
    """The arms compared beside no treatment, how long, which quantity is drawn, and how the scalp is shown."""

    arms: list[str] = field(default_factory=list)
    months: int = 24
    quantity: str = "over_untreated"
    chosen: str | None = None


class _Tables:
    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Table] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> Table | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: tuple[str, str], table: Table) -> None:
        with self._lock:
            self._kept[key] = table
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_TABLES:
                self._kept.popitem(last=False)


_TABLES = _Tables()


def _key(request: Request, patient_id: str) -> tuple[str, str]:
    return guard.user_of(request).id, patient_id


def lying(request: Request, patient_id: str, found: Assessment) -> Table:
    """Return what lies on the table, without what is no longer open; else what a comparison begins with."""
    kept, may = _TABLES.get(_key(request, patient_id)), set(drawable(found))
    if kept is None:
        return Table(first(found))
    arms = [arm for arm in kept.arms if _therapies(arm) <= may]
    return Table(arms or first(found), kept.months, kept.quantity, kept.chosen)


def lay(request: Request, patient_id: str, table: Table) -> None:
    """Lay a comparison on the table."""
    _TABLES.put(_key(request, patient_id), table)


def chosen(laid: Table, choice: str | None) -> Table:
    """Return the table with an arm chosen for the plan."""
    return replace(laid, chosen=choice)


def _therapies(arm: str) -> set[str]:
    return set(Regimen(arm).therapies)
