"""PSA under finasteride or dutasteride: the drugs halve it, so that it is read as double once they have worked."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from follicast.evidence.library import evidence
from follicast.patient import DrugTaken, Lab

if TYPE_CHECKING:
    from follicast.assessment.facts import Facts

DAYS_A_MONTH = 30.4375
_CLASS = "5-alpha-reductase-inhibitor"
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def psa_high(facts: Facts) -> bool | None:
    """Whether PSA is high, corrected for the drug it was measured on; where none was measured, as told.

    Where it is not known whether the drug was taken, or for how long, both readings are tried.
    """
    if facts.patient.sex == "F":
        return False
    newest = facts.newest("psa")
    if newest is None:
        return facts.term("condition", "raised-psa")
    bound = evidence().numbers["assessment.psa_high"].value
    low, high = (newest.standard * factor > bound for factor in _factors(facts, newest))
    return low if low == high else None


def _factors(facts: Facts, lab: Lab) -> tuple[float, float]:
    """Return the least and the most [1] by which a PSA is multiplied."""
    taken = facts.drug_class(_CLASS)
    if taken is None:
        return 1.0, 2.0
    drugs = [d for d in facts.patient.drugs or [] if _CLASS in evidence().drugs[d.generic].classes]
    after = evidence().numbers["assessment.psa_doubled_after"].value
    spans = [_months(drug, lab.date or facts.patient.date) for drug in drugs]
    least = max((low for low, _ in spans), default=0.0)
    most = max((high for _, high in spans), default=0.0)
    return (2.0 if least >= after else 1.0), (2.0 if most >= after else 1.0)


def _months(drug: DrugTaken, until: dt.date | None) -> tuple[float, float]:
    """Return the fewest and the most months [mo] that a drug can have been taken by a day."""
    found = _DAY.fullmatch(str(drug.since).strip()) if drug.since is not None else None
    if found is None or until is None:
        return 0.0, math.inf
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = dt.date(year or 1, month or 1, day or 1)
        last = dt.date(year or 1, month or 12, day or 28)
    except ValueError:
        return 0.0, math.inf
    return tuple(max(0.0, (until - begun).days / DAYS_A_MONTH) for begun in (last, first))  # type: ignore[return-value]
