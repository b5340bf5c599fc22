"""What else there is: no treatment, wait and watch, each therapy given for this loss and each sensible pair.

What screening closed or left waiting shows its reason and no curve, even where one was forecast (law 5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from follicast.assessment.answer import Assessment
from follicast.evidence.library import evidence
from follicast.evidence.price import PriceList
from follicast.forecast import ArmForecast, EarlyShed, Forecast
from follicast.plan import balance
from follicast.plan.choice import WATCH, approval, candidates, least_open, status_of, unwished, why_not
from follicast.plan.comparison import called
from follicast.plan.cost import cost_for
from follicast.plan.criteria import Traits
from follicast.plan.dues import Look
from follicast.plan.effort import Effort
from follicast.plan.harms import HarmLine, certainty_of, worst
from follicast.plan.pregnancy import Pregnancy
from follicast.plan.stopping import Stopping
from follicast.regimen import Regimen

_ORDER = {"open": 0, "refused": 1, "waiting": 2, "closed": 3}


@dataclass(frozen=True)
class Alternative:
    """One arm beside the choice; numbers are None where it is not open or has no curve.

    `extra_hair` [/cm2] is over no treatment at month 12, `month` when a benefit can be seen, `better_off` of 100
    people those with visibly more hair than untreated. What is asked, what may go wrong and what stopping does
    are told in their own words (`effort`, `harms`, `stopping`, `pregnancy`); `unknown` names what is not known,
    `reviews` when one who waits and watches is looked at again.
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
    better_off: int | None = None
    early_shed: EarlyShed | None = None
    effort: Effort | None = None
    harms: HarmsInShort | None = None
    stopping: Stopping | None = None
    pregnancy: Pregnancy | None = None
    unknown: list[str] = field(default_factory=list)
    reviews: list[Look] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return every field; the class under the name it has in a forecast."""
        out = dict(vars(self)) | {key: _rounded(getattr(self, key)) for key in ("extra_hair", "month")}
        for key in ("early_shed", "effort", "harms", "stopping", "pregnancy"):
            out[key] = held.as_json() if (held := getattr(self, key)) else None
        out["reviews"] = [look.as_json() for look in self.reviews]
        return {"class" if key == "evidence_class" else key: value for key, value in out.items()}


@dataclass(frozen=True)
class HarmsInShort:
    """The commonest mild and the commonest moderate or serious harm counted, of 100, and how sure of the latter."""

    mild: str | None
    mild_of_100: float | None
    mild_at_most: float | None
    worse: str | None
    worse_of_100: float | None
    worse_at_most: float | None
    certainty: str

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


def _rounded(ends: dict[str, Any] | None) -> dict[str, Any] | None:
    return ends and {name: None if end is None else round(end, 1) for name, end in ends.items()}


def alternatives(
    assessment: Assessment,
    forecast: Forecast,
    options: Mapping[str, Traits],
    watching: Sequence[Look],
    on_request: bool = False,
    prices: PriceList | None = None,
) -> list[Alternative]:
    """Return no treatment, wait and watch, then the open arms by extra hair, the refused, the waiting, the closed."""
    foreseen = {arm.arm: arm for arm in forecast.arms[1:]}
    names = [*foreseen, *(therapy.id for therapy in candidates(assessment) if therapy.id not in foreseen)]
    rest = [
        _alternative(assessment, Regimen(name), foreseen.get(name), options.get(name), on_request, prices)
        for name in names
    ]
    rest.sort(key=lambda one: (_ORDER[one.status], -(one.extra_hair or {"median": 0.0})["median"], one.arm))
    none = _without(forecast.arms[0], "none", options["none"])
    watch = replace(_without(forecast.arms[0], WATCH, options[WATCH]), reviews=list(watching))
    return [none, watch, *rest]


def _without(untreated: ArmForecast, name: str, option: Traits) -> Alternative:
    return Alternative(
        name,
        called(name),
        "open",
        untreated.evidence_class,
        untreated.of_100,
        cost_first_year=0.0,
        better_off=0,
        effort=option.effort,
        pregnancy=option.pregnancy,
    )


def _alternative(
    assessment: Assessment,
    regimen: Regimen,
    arm: ArmForecast | None,
    option: Traits | None,
    on_request: bool,
    prices: PriceList | None,
) -> Alternative:
    patient, said = assessment.patient, least_open(assessment, regimen)
    status, why = _status(assessment, regimen, arm)
    priced = cost_for(assessment, regimen, on_request=on_request, prices=prices)
    sure = balance.certainty(regimen, patient.sex)
    told = Alternative(
        str(regimen),
        " + ".join(evidence().therapies[therapy].name for therapy in regimen.therapies),
        status,
        evidence_class=None,
        of_100=None,
        cost_first_year=priced.first_year,
        currency=priced.currency,
        certainty=sure.grade if sure else None,
        approval=approval(regimen, patient.sex, assessment.policy),
        why_not=why_not(said) if said and said.status != "open" else why,
        against_wishes=unwished(patient, regimen),
    )
    return _foreseen(told, option) if option and status == "open" else told


def _foreseen(told: Alternative, option: Traits) -> Alternative:
    """Add to an open arm what its forecast and its evidence say."""
    arm = option.arm
    missing = {"cost": option.cost, "effort": option.effort.hours, "approved": known(option.approval)}
    harms = in_short(option.harms)
    missing |= {"side_effects": harms.mild, "safety": harms.worse}
    return replace(
        told,
        evidence_class=arm.evidence_class,
        of_100=arm.of_100,
        extra_hair=arm.extra_hair,
        month=arm.month_of_visible_benefit,
        better_off=arm.better_off,
        early_shed=arm.early_shed,
        effort=option.effort,
        harms=harms,
        stopping=option.stopping,
        pregnancy=option.pregnancy,
        unknown=[name for name, value in missing.items() if value is None],
    )


def known(stands: str | None) -> str | None:
    """Return an approval, or None where nobody looked it up."""
    return None if stands == "unknown" else stands


def in_short(lines: list[HarmLine]) -> HarmsInShort:
    """Return the commonest mild harm and the commonest worse one."""
    mild, worse = worst(lines, "mild", "mild"), worst(lines, "moderate")
    return HarmsInShort(
        mild.plain if mild else None,
        mild.of_100 if mild else None,
        mild.at_most if mild else None,
        worse.plain if worse else None,
        worse.of_100 if worse else None,
        worse.at_most if worse else None,
        certainty_of(lines).grade,
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
