"""What strains a person's hair: a want of iron, zinc or vitamin D, a thyroid out of order, a drug that sheds hair.

Strain multiplies the speed of the anagen clock from when the cause began until it was mended. It comes only from
what was told or measured, and only in the share of people whose hair answers; without a cause it is exactly 1, so
a supplement without a deficiency changes nothing. It knows the story, not the follicles.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from follicast.assessment.facts import DAYS_A_MONTH, Facts
from follicast.assessment.logic import expression
from follicast.assessment.words import hear
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.patient import DrugTaken, Patient

_SPANS = {"day": 1 / DAYS_A_MONTH, "week": 7 / DAYS_A_MONTH, "month": 1.0, "year": 12.0}
_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(day|week|month|year)s?( ago)?")
_SHEDDING_DRUGS = (
    "anticoagulant-induced-shedding",
    "antiepileptic-induced-shedding",
    "other-drug-induced-telogen-effluvium",
)
_CHANGED = "once whoever prescribed it has changed it"


@dataclass(frozen=True)
class Cause:
    """One cause of strain: its speed-up of the anagen clock [1], in which share of people, from when to when.

    Times are months ago [mo]; `until` is None while it is not mended, and below 0 where it will be; `once` says
    in words what would end it.
    """

    what: str
    size: float
    share: float
    since: float
    until: float | None = None
    once: str = "once it is mended"


@dataclass(frozen=True)
class _Want:
    """A deficiency or disease: its name in the numbers, its condition and bound, the test, and what mends it."""

    name: str
    what: str
    condition: str
    bound: str
    test: str
    term: str
    mended_by: tuple[str, ...]

    def out_of_range(self, value: float) -> bool:
        limit = float(evidence().conditions[self.condition].thresholds[self.bound])
        return value < limit if self.bound == "low" else value > limit

    def mends(self, drug: DrugTaken) -> bool:
        return bool(drug.counts_as & set(self.mended_by))


_WANTS = (
    _Want("iron", "low iron", "iron-deficiency-chronic-diffuse", "low", "ferritin", "iron-deficiency",
          ("iron", "parenteral-iron")),
    _Want("zinc", "low zinc", "zinc-deficiency-chronic-diffuse", "low", "zinc", "zinc-deficiency", ("zinc",)),
    _Want("vitamin_d", "low vitamin D", "vitamin-d-deficiency", "low", "vitamin-d", "vitamin-d-deficiency",
          ("vitamin-d",)),
    _Want("thyroid", "an underactive thyroid", "hypothyroidism", "high", "tsh", "hypothyroidism",
          ("levothyroxine", "liothyronine")),
    _Want("thyroid", "an overactive thyroid", "hyperthyroidism", "low", "tsh", "hyperthyroidism",
          ("antithyroid",)),
)  # fmt: skip


def strain(causes: list[Cause], frailty: Floats, days: Floats) -> Floats:
    """Return strain [draw, step] at `days` [step, from today]; exactly 1 [1, step] where there is no cause.

    frailty [draw, 0..1] says whose hair answers: those below a cause's share do.
    """
    total = np.ones((frailty.size if causes else 1, days.size))
    for cause in causes:
        begun = days >= -cause.since * DAYS_A_MONTH
        lasts = True if cause.until is None else days < -cause.until * DAYS_A_MONTH
        total += (cause.size - 1.0) * (frailty < cause.share)[:, None] * (begun & lasts)[None]
    return total


def causes(patient: Patient, today: dt.date | None) -> list[Cause]:
    """Return what strains this person's hair, or did; nothing is inferred from what was not told."""
    facts = Facts(patient)
    found = (_wanting(want, facts, patient.date or today) for want in _WANTS)
    return [*(cause for cause in found if cause), *_shed_by_drugs(facts, patient.date or today)]


def warnings(causes: list[Cause]) -> list[str]:
    """Return a sentence for each cause that is not mended: that it is assumed, and what would change."""
    return [
        f"{cause.what} is taken to cut hair's growing phase short in {100 * cause.share:.0f} of 100 such people "
        f"(assumed); the curves keep it so, and {cause.once} shedding falls within months"
        for cause in causes
        if cause.until is None
    ]


# --- wants and diseases ------------------------------------------------------------------------------------


def _wanting(want: _Want, facts: Facts, today: dt.date | None) -> Cause | None:
    """Return a want or disease as a cause: by its test where it was measured, else as it was told and is treated."""
    told = facts.term("condition", want.term) is True
    measured = _measured(want, facts.patient, today)
    value = facts.lab(want.test)
    low = [months for months, out in measured if out]
    if value is not None and want.out_of_range(value):
        return _cause(want, max([_number("began"), *low]), _mending(want, facts, today, since=min(low)))
    if low and value is not None:
        return _cause(want, max(low), _normal_since(want, facts, today, measured))
    if value is not None and told and not _treated(want, facts.patient):
        mended = _normal_since(want, facts, today, measured)
        return _cause(want, mended + _number("began"), mended)
    return _as_told(want, facts, today) if told else None


def _as_told(want: _Want, facts: Facts, today: dt.date | None) -> Cause | None:
    """Without a test a treatment is taken to work, a disease that nothing is said to treat to be at work.

    Where it is not known which drugs are taken (an empty list without a date included), or since when, nothing is
    assumed.
    """
    person = facts.patient
    if not person.drugs and (person.drugs is None or person.date is None):
        return None
    if not _treated(want, person):
        return _cause(want, _number("began"), None)
    until = _mending(want, facts, today)
    return None if until is None else _cause(want, until + _number("mends") + _number("began"), until)


def _normal_since(
    want: _Want, facts: Facts, today: dt.date | None, measured: list[tuple[float, bool]]
) -> float:
    """Return how many months ago a want that is now in range was mended: its first normal test, or treatment before."""
    low = [months for months, out in measured if out]
    normal = [months for months, out in measured if not out and months < min(low, default=np.inf)]
    treated = _mending(want, facts, today, since=min(low, default=None))
    return max([0.0, *normal, *([treated] if treated is not None else [])])


def _treated(want: _Want, patient: Patient) -> bool:
    return any(want.mends(drug) for drug in patient.drugs or [])


def _mending(want: _Want, facts: Facts, today: dt.date | None, since: float | None = None) -> float | None:
    """Return how many months ago treatment had mended it (below 0: it will), or None where nothing says so.

    A test out of range `since` so many months ago, later than treatment should have worked, says it has not.
    """
    begun = [months_ago(drug.since, today) for drug in facts.patient.drugs or [] if want.mends(drug)]
    ends = [months - _number("mends") for months in begun if months is not None]
    worked = [end for end in ends if since is None or end < since]
    return max(worked, default=None)


def _measured(want: _Want, patient: Patient, today: dt.date | None) -> list[tuple[float, bool]]:
    """Return (months ago, whether out of range) of each value of the test; an undated one is today's."""
    return [
        (_months(lab.date, today) or 0.0, want.out_of_range(lab.standard))
        for lab in patient.labs
        if lab.id == want.test
    ]


def _cause(want: _Want, since: float, until: float | None) -> Cause:
    return Cause(want.what, _number(want.name), _number(f"{want.name}_share"), since, until)


# --- drugs -------------------------------------------------------------------------------------------------


def _shed_by_drugs(facts: Facts, today: dt.date | None) -> Iterator[Cause]:
    """Yield each drug taken that the conditions hold for one that can shed hair."""
    for drug in facts.patient.drugs or []:
        names = drug.counts_as
        if names & _that_shed():
            told = months_ago(drug.since, today)
            since = _drug_begun(facts) if told is None else told
            yield Cause(drug.generic, _number("drug"), _drug_share(names), since, once=_CHANGED)


def _drug_begun(facts: Facts) -> float:
    """Return how many months ago a new drug is said to have set the loss off, else what is assumed."""
    told = facts.months_since("drug-start")
    return _number("began") if told is None or np.isinf(told) else told


@cache
def _that_shed() -> frozenset[str]:
    """Drugs and classes that the conditions of drug-induced shedding ask for."""
    asked = {
        name
        for condition in _SHEDDING_DRUGS
        for name in expression(evidence().conditions[condition].findings[0].when).names
    }
    facts = (evidence().facts[name] for name in asked if name in evidence().facts)
    return frozenset(fact.key for fact in facts if fact.source_kind in ("drug", "drug class"))


def _drug_share(names: set[str]) -> float:
    """Return the share of a drug's users who lose hair [1], where one was counted, else the assumed one."""
    counted = [name for name in sorted(names) if f"signs.{name}_hair_loss" in evidence().numbers]
    if counted:
        return float(evidence().numbers[f"signs.{counted[0]}_hair_loss"]) / 100.0
    return _number("drug_share")


# --- triggers ----------------------------------------------------------------------------------------------


def push(what: str) -> float:
    """Return how hard a trigger pushes [1] beside a high fever; 1 for a kind of which nothing is known."""
    kinds = sorted(hear([what], ("trigger",)).said)
    known = [f"strain.trigger_{kind.replace('-', '_')}" for kind in kinds]
    held = [float(evidence().numbers[name]) for name in known if name in evidence().numbers]
    return max(held, default=1.0)


# --- times -------------------------------------------------------------------------------------------------


def months_ago(since: str | int | None, today: dt.date | None) -> float | None:
    """Read 'since' as months ago [mo]: a day, a month, a year, or '3 months'; None where it cannot be read."""
    told = str(since).strip().lower() if since is not None else ""
    span = _AGO.fullmatch(told)
    if span:
        return float(span[1]) * _SPANS[span[2]]
    parts = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", told)
    if not parts:
        return None
    try:
        day = dt.date(int(parts[1]), int(parts[2] or 7), int(parts[3] or (15 if parts[2] else 1)))
    except ValueError:
        return None
    return _months(day, today)


def _months(day: dt.date | None, today: dt.date | None) -> float | None:
    return None if day is None or today is None else max(0.0, (today - day).days / DAYS_A_MONTH)


def _number(name: str) -> float:
    return float(evidence().numbers[f"strain.{name}"])
