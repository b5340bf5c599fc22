"""What was measured since the start, each with how far it may be off: alike at every visit, and at each visit anew.

A method that undercounts does so every time, which says nothing of a change; that part is told apart. It does not know
whether the same area was found again: the printed errors of a change include that.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from follicast import observer
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.forecast import LOOKS
from follicast.patient import Count, Patient, Shedding, Visit
from follicast.regimen import MONTH_D
from follicast.sites import Site, is_at

COUNTED = ("total_density", "terminal_density")
_BEFORE_THE_START = 2.0  # months: a count as old as that still stands for the start


@dataclass(frozen=True)
class Seen:
    """One thing measured `month` [mo] after the start, and the SDs of its errors in its own unit.

    `alike` is the error that a method makes at every visit, `anew` what differs from visit to visit.
    """

    month: float
    quantity: str
    value: float
    alike: float
    anew: float
    method: str
    area_cm2: float = 1.0

    @property
    def look(self) -> int:
        """The observation of a forecast at which it was seen."""
        return max(0, round(self.month * LOOKS))


def seen(patient: Patient, visits: Iterable[Visit], site: Site, start: dt.date | None) -> list[Seen]:
    """Return what was measured at a site, in order: the counts that stand for the start, and those of the visits.

    Raises `InputError` for a visit before the start, or where there is no start to count months from.
    """
    found = [one for count in patient.counts for one in _at_the_start(count, site, start)]
    for visit in visits:
        month = _month(visit.date, start)
        if month < 0:
            raise InputError(f"visit of {visit.date}: it lies before the start of the forecast, {start}.")
        found += [one for count in visit.counts for one in _counted(count, month, site)]
        found += list(_shed(visit.shedding, month))
    return sorted(found, key=lambda one: (one.month, one.quantity))


def _month(date: dt.date, start: dt.date | None) -> float:
    if start is None:
        raise InputError(
            "a visit counts from the start of the forecast, and this one has none; give a start date."
        )
    return (date - start).days / MONTH_D


def _at_the_start(count: Count, site: Site, start: dt.date | None) -> Iterator[Seen]:
    month = 0.0 if count.date is None or start is None else _month(count.date, start)
    if month >= -_BEFORE_THE_START:
        yield from _counted(count, max(0.0, month), site)


def _counted(count: Count, month: float, site: Site) -> Iterator[Seen]:
    if not is_at(site, count.site):
        return
    method = count.method or ""
    area = count.area_cm2 or float(evidence().numbers["reading.area"])
    # The printed error is that of a change, the difference of two readings.
    share = observer.error_share(method) / math.sqrt(2.0)
    alike = max(share, observer.error_share("phototrichogram") / math.sqrt(2.0))
    terminal = count.terminal_per_cm2 if _same_cutoff(count) else None
    for quantity, value in zip(COUNTED, (count.total_per_cm2, terminal), strict=True):
        if value:
            anew = share * value if count.error_per_cm2 is None else count.error_per_cm2
            yield Seen(month, quantity, value, alike * value, anew, method, area)
    if count.mean_diameter_um:
        off = float(evidence().numbers["reading.error_diameter"]) / math.sqrt(2.0)
        yield Seen(month, "mean_diameter", count.mean_diameter_um, off, off, method, area)


def _same_cutoff(count: Count) -> bool:
    """Whether a count calls terminal what a forecast does; one that names no cut-off is taken to."""
    return count.cutoff_um is None or count.cutoff_um == float(evidence().numbers["reading.cutoff"])


def unread(patient: Patient, visits: Iterable[Visit], site: Site) -> list[str]:
    """Say which counts say nothing here: those of other sites, and terminal hairs by another cut-off."""
    counts = [*patient.counts, *(count for visit in visits for count in visit.counts)]
    elsewhere = dict.fromkeys(count.site for count in counts if not is_at(site, count.site))
    said = [f"counts of the {name} are not read: the forecast speaks of the {site}" for name in elsewhere]
    other = dict.fromkeys(
        count.cutoff_um for count in counts if count.terminal_per_cm2 is not None and not _same_cutoff(count)
    )
    cutoff = float(evidence().numbers["reading.cutoff"])
    return said + [
        f"terminal hairs counted from {um:g} um are not read: the forecast counts from {cutoff:g} um"
        for um in other
    ]


def _shed(told: Shedding | None, month: float) -> Iterator[Seen]:
    if told is None:
        return
    if told.score is not None:
        off = float(evidence().numbers["follow_up.shedding_score_error"])
        yield Seen(month, "shedding_score", told.score, off, off, "shedding score")
    if told.wash_count is not None:
        off = float(evidence().numbers["follow_up.wash_count_error"]) * max(told.wash_count, 1.0)
        yield Seen(month, "wash_count", told.wash_count, off, off, "wash count")
