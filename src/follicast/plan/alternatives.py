"""What else there is: no treatment, and each therapy given for this loss, with what to expect of it.

What screening closed or left waiting shows its reason and no curve, even where one was forecast (law 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from follicast.assessment.answer import Assessment
from follicast.evidence.library import evidence
from follicast.evidence.price import PriceList
from follicast.forecast import ArmForecast, Forecast
from follicast.plan import balance
from follicast.plan.choice import approval, candidates, least_open, status_of, unwished, why_not
from follicast.plan.cost import cost_for
from follicast.regimen import Regimen

_ORDER = {"open": 0, "refused": 1, "waiting": 2, "closed": 3}


@dataclass(frozen=True)
class Alternative:
    """One arm beside the choice; numbers are None where it is not open or has no curve.

    `extra_hair` [/cm2] is over no treatment at month 12, `month` when a benefit can be seen.
    """

    arm: str
    name: str
    status: str
    evidence_class: str | None
    of_100: dict[str, int] | None
    extra_hair: dict[str, float] | None = None
    month: dict[str, float | None] | None = None
    cost_first_year: float | None = None
    currency: str | None = None
    certainty: str | None = None
    approval: str | None = None
    why_not: str | None = None
    against_wishes: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return every field; the class under the name it has in a forecast."""
        out = dict(vars(self)) | {key: _rounded(getattr(self, key)) for key in ("extra_hair", "month")}
        return {"class" if key == "evidence_class" else key: value for key, value in out.items()}


def _rounded(ends: dict[str, Any] | None) -> dict[str, Any] | None:
    return ends and {name: None if end is None else round(end, 1) for name, end in ends.items()}


def alternatives(
    assessment: Assessment, forecast: Forecast, on_request: bool = False, prices: PriceList | None = None
) -> list[Alternative]:
    """Return no treatment, then the open arms by extra hair, then the refused, the waiting and the closed."""
    foreseen = {arm.arm: arm for arm in forecast.arms[1:]}
    names = [*foreseen, *(therapy.id for therapy in candidates(assessment) if therapy.id not in foreseen)]
    rest = [_alternative(assessment, Regimen(name), foreseen.get(name), on_request, prices) for name in names]
    rest.sort(key=lambda one: (_ORDER[one.status], -(one.extra_hair or {"median": 0.0})["median"], one.arm))
    return [_none(forecast.arms[0]), *rest]


def _none(untreated: ArmForecast) -> Alternative:
    return Alternative(
        "none", "no treatment", "open", untreated.evidence_class, untreated.of_100, cost_first_year=0.0
    )


def _alternative(
    assessment: Assessment,
    regimen: Regimen,
    arm: ArmForecast | None,
    on_request: bool,
    prices: PriceList | None,
) -> Alternative:
    patient, said = assessment.patient, least_open(assessment, regimen)
    status, why = _status(assessment, regimen, arm)
    shown = arm if status == "open" else None
    priced, sure = (
        cost_for(assessment, regimen, on_request=on_request, prices=prices),
        balance.certainty(regimen, patient.sex),
    )
    name = " + ".join(evidence().therapies[therapy].name for therapy in regimen.therapies)
    return Alternative(
        str(regimen),
        name,
        status,
        evidence_class=shown.evidence_class if shown else None,
        of_100=shown.of_100 if shown else None,
        extra_hair=shown.extra_hair if shown else None,
        month=shown.month_of_visible_benefit if shown else None,
        cost_first_year=priced.first_year,
        currency=priced.currency,
        certainty=sure.grade if sure else None,
        approval=approval(regimen, patient.sex, assessment.policy),
        why_not=why_not(said) if said and said.status != "open" else why,
        against_wishes=unwished(patient, regimen),
    )


def _status(assessment: Assessment, regimen: Regimen, arm: ArmForecast | None) -> tuple[str, str | None]:
    """Return an arm's status, and why it has no curve where evidence or the asking was wanting."""
    said = least_open(assessment, regimen)
    if said is not None and said.status != "open":
        return said.status, None
    if arm is None:
        return "refused", "it was not among the arms of the forecast"
    why = f"{arm.refused.because} Missing: {arm.refused.missing}" if arm.refused else None
    return status_of(assessment, arm), why
