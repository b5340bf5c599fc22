"""The whole walk in one call: who sits there, what it is likely to be, what to expect, what we advise.

The doors call this and compute nothing. Screening comes before the forecast, so that what a person may not
have is known when its curve is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from follicast.assessment import assess
from follicast.assessment.answer import Assessment
from follicast.errors import NothingToGive
from follicast.evidence.heading import heading
from follicast.evidence.price import PriceList
from follicast.forecast import MONTHS, Forecast, forecast
from follicast.patient import Patient
from follicast.plan import agenda, choice, of_skin, template
from follicast.plan.clinic import Clinic
from follicast.plan.combinations import combinations
from follicast.plan.document import Plan
from follicast.plan.of_skin import SkinPlan
from follicast.plan.preferences import preferences
from follicast.plan.ranking import prepare
from follicast.plan.remembered import MEMORY
from follicast.plan.stopping import stopped
from follicast.plan.variants import Variant, usual_variants, with_second
from follicast.regimen import MONTH_D, Regimen
from follicast.today import DRAWS

Say = Callable[[str], None]
SEED = 7


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Expected:
    """A forecast beside the assessment it rests on; `asked` are the arms that were asked for."""

    assessment: Assessment
    forecast: Forecast
    asked: list[Regimen]

    @property
    def warnings(self) -> list[str]:
        """What the reader should know: of the forecast, of red flags, of arms that are not open."""
        flags = [f"red flag: {flag.because} {flag.do}" for flag in self.assessment.red_flags]
        return [*self.forecast.warnings, *flags, *filter(None, map(self._not_open, self.forecast.arms))]

    def _not_open(self, arm: Any) -> str | None:
        said = choice.least_open(self.assessment, arm.regimen)
        if said is None or said.status == "open":
            return None
        return f"{said.therapy} is {said.status} for this person: {choice.why_not(said)}"

    @property
    def anything(self) -> bool:
        """Whether at least one arm that was asked for has a curve."""
        return any(arm.refused is None for arm in self.forecast.arms if arm.regimen in self.asked)

    def as_json(self) -> dict[str, Any]:
        """Return the forecast with the keys that all answers share."""
        flags = {"red_flags": [flag.as_json() for flag in self.assessment.red_flags]}
        said = heading(self.forecast.today.seed, self.forecast.sources, self.warnings)
        return said | flags | self.forecast.as_json()


def expect(
    patient: Patient,
    arms: Iterable[Regimen],
    *,
    months: int = MONTHS,
    start: dt.date | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    site: str | None = None,
    say: Say = _silent,
) -> Expected:
    """Return what to expect under arms, at the usual site or the one asked for.

    Raises `Refused` (a `NothingToGive` that holds the assessment) for a loss that no forecast speaks of.
    """
    say("assessing")
    assessment, asked = assess(patient), list(arms)
    try:
        choice.check_scope(assessment)
    except NothingToGive as refusal:
        raise Refused(str(refusal), assessment) from None
    return Expected(assessment, _foreseen(patient, asked, months, start, draws, seed, say, site), asked)


def advise(
    patient: Patient,
    wanted: str | None = None,
    *,
    months: int = MONTHS,
    start: dt.date | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    on_request: bool = False,
    clinic: Clinic | None = None,
    prices: PriceList | None = None,
    prefer: Mapping[str, float] | None = None,
    say: Say = _silent,
) -> Plan | SkinPlan:
    """Return a plan for a choice (None: the one advised), beside no treatment and every open therapy.

    A choice, or without one a wish, for the skin gives a `SkinPlan`, which has no forecast. `clinic` and `prices` are a
    clinic's own days and its own price list, `prefer` weights from 0 to 5 by criterion (see `preferences`), which go
    before the patient's wishes. Raises `Refused` (a `NothingToGive` that holds the assessment) where there is none.
    """
    say("assessing")
    assessment = assess(patient)
    try:
        if of_skin.speaks_of_skin(patient, wanted):
            return of_skin.planned(assessment, wanted, start, on_request, say, clinic=clinic, prices=prices)
        return _planned(
            assessment, wanted, months, start, draws, seed, on_request, clinic, prices, prefer, say
        )
    except NothingToGive as refusal:
        raise Refused(str(refusal), assessment) from None


class Refused(NothingToGive):
    """There is nothing to give; the assessment holds the reasons."""

    def __init__(self, message: str, assessment: Assessment) -> None:
        super().__init__(message)
        self.assessment = assessment


def _planned(
    assessment: Assessment,
    wanted: str | None,
    months: int,
    start: dt.date | None,
    draws: int,
    seed: int,
    on_request: bool,
    clinic: Clinic | None,
    prices: PriceList | None,
    prefer: Mapping[str, float] | None,
    say: Say,
) -> Plan:
    choice.check_red_flags(assessment)
    choice.check_scope(assessment)
    agenda.check(assessment.patient, start, clinic)
    preferences(assessment.patient, prefer)  # a weight that cannot be is told before the long work
    prepare()
    pairs = combinations(assessment)
    arms, beside = [*choice.open_arms(assessment), *pairs], list[Variant]()
    if wanted is not None and wanted.strip() != choice.WATCH:
        regimen = Regimen(wanted)
        choice.check_choice(assessment, regimen)
        carried = template.carried(regimen, assessment.patient)
        arms = [carried, *(arm for arm in arms if arm != carried)]
        beside = usual_variants(carried, months * MONTH_D + 1.0, with_second(carried, pairs))
    variants = [*map(stopped, arms), *(variant.regimen for variant in beside)]
    found = _foreseen(assessment.patient, arms, months, start, draws, seed, say, variants=variants)
    return Plan(assessment, found, wanted, on_request=on_request, clinic=clinic, prices=prices, prefer=prefer)


def _foreseen(
    patient: Patient,
    arms: list[Regimen],
    months: int,
    start: dt.date | None,
    draws: int,
    seed: int,
    say: Say,
    site: str | None = None,
    variants: Iterable[Regimen] = (),
) -> Forecast:
    say("growing the scalp to today")
    now = MEMORY.today(patient, seed, draws, start, site)
    say(f"following it under {len(arms) + 1} arms")
    return forecast(now, arms, months=months, variants=variants)
