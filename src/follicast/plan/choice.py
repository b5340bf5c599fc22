"""What may be chosen: what a plan may speak of, which arms are open, and which is advised where nobody asked.

Screening has the last word: an arm is no more open than the least open of its parts. It does not know what a
therapy costs, nor what a person would rather have beyond the wishes that were told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from follicast.assessment.answer import Assessment, Diagnosis, Screened
from follicast.assessment.facts import Facts
from follicast.assessment.red_flags import red_flags
from follicast.errors import InputError, NothingToGive
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Region, Sex, Therapy
from follicast.forecast import ArmForecast, Forecast
from follicast.patient import Patient
from follicast.plan import template
from follicast.regimen import Regimen

Standing = Literal["open", "waiting", "closed", "refused"]
WATCH = "watch"  # no drug, and dates on which one looks again
_ORDER = {"open": 0, "waiting": 1, "closed": 2}
_SPOKEN_OF = ("pattern", "effluvium")
_APPROVALS = ("approved", "off-label", "unknown", "not approved", "outside the law")
_TOLD = 3  # reasons told in one breath
_BY_NEEDLE = ("injection", "procedure")


@dataclass(frozen=True)
class Refusal:
    """A therapy that cannot be given or foreseen: closed, waiting, or without evidence for a curve."""

    therapy: str
    name: str
    status: Standing
    because: str
    missing: list[str]
    trials: list[dict[str, str]]
    sources: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


def leading(assessment: Assessment) -> Diagnosis | None:
    """Return the likeliest kind of hair loss, if any is known."""
    return max(assessment.diagnoses, key=lambda diagnosis: diagnosis.probability, default=None)


def spoken_of(assessment: Assessment) -> list[Diagnosis]:
    """Return the kinds of hair loss that a forecast may speak of here: pattern loss and telogen effluvium.

    A kind counts if it is likelier than not, or likelier than all others; none counts where the likeliest is
    of another kind.
    """
    likely, first = evidence().numbers["assessment.likely"].value, leading(assessment)
    return [
        diagnosis
        for diagnosis in assessment.diagnoses
        if diagnosis.kind in _SPOKEN_OF and (diagnosis.probability >= likely or diagnosis is first)
    ]


def check_scope(assessment: Assessment) -> None:
    """Raise `NothingToGive` where the loss is likely of a kind that no forecast speaks of."""
    first = leading(assessment)
    if first is None or spoken_of(assessment):
        return
    why = "; ".join(first.reasons[:2]) or "by its prior odds"
    raise NothingToGive(
        "a forecast speaks of pattern hair loss and telogen effluvium only. "
        f"Likeliest here is {first.name} ({100 * first.probability:.0f} of 100): {why}."
    )


def check_red_flags(assessment: Assessment) -> None:
    """Raise `NothingToGive` where a red flag sends the person to a doctor before any plan (law 5).

    The person's story is read anew too, so that an answer from which the flags were taken out does not pass.
    """
    read_anew = red_flags(Facts(assessment.patient))
    flags = [*assessment.red_flags, *(flag for flag in read_anew if flag not in assessment.red_flags)]
    if flags:
        said = [f"{flag.because} {flag.do} ({flag.urgency})" for flag in flags]
        raise NothingToGive(f"there is no plan while a red flag stands. {' '.join(said)}")


def candidates(assessment: Assessment) -> list[Therapy]:
    """Return the therapies given for the kinds of hair loss at hand, in either sex.

    Those for the other sex are among them, and those for pattern loss in any case, so that the answer can say
    why they are closed.
    """
    kinds = {"pattern", *(diagnosis.kind for diagnosis in spoken_of(assessment))}
    conditions = [c.id for c in evidence().conditions.values() if c.kind in kinds]
    return [
        therapy
        for therapy in evidence().therapies.values()
        if any(_is(condition, treated) for treated in therapy.treats for condition in conditions)
    ]


def _is(condition: str, treated: str) -> bool:
    """Whether a condition is the one a therapy names; a therapy may leave off an id's last words."""
    return condition == treated or condition.startswith(treated + "-")


def open_arms(assessment: Assessment) -> list[Regimen]:
    """Return each candidate that screening left open, as an arm of its own."""
    ids = [therapy.id for therapy in candidates(assessment)]
    return [Regimen(therapy) for therapy in ids if assessment.of(therapy).status == "open"]


def least_open(assessment: Assessment, regimen: Regimen) -> Screened | None:
    """Return what screening said of the least open part of an arm, beside the others; None for no treatment."""
    said = assessment.together(regimen.therapies).parts
    return max(said, key=lambda screened: _ORDER[screened.status], default=None)


def status_of(assessment: Assessment, arm: ArmForecast) -> Standing:
    """Return an arm's status: as screening has it, and 'refused' where it is open but has no curve."""
    said = least_open(assessment, arm.regimen)
    if said is not None and said.status != "open":
        return said.status
    return "refused" if arm.refused else "open"


def why_not(screened: Screened) -> str:
    """Say in a sentence or two why a therapy is closed or waits; the rest is in its trace."""
    effect = "closes" if screened.status == "closed" else "waits"
    said = list(dict.fromkeys(reason.because for reason in screened.reasons if reason.effect == effect))
    more = [f"({len(said) - _TOLD} more rules)"] if len(said) > _TOLD else []
    return " ".join([*said[:_TOLD], *more]) or "The rules do not let it be given."


def check_choice(assessment: Assessment, regimen: Regimen) -> None:
    """Raise `NothingToGive` where screening did not leave an arm open (law 5)."""
    said = least_open(assessment, regimen)
    if said is not None and said.status != "open":
        needs = f" It waits for: {', '.join(said.needs)}." if said.needs else ""
        why = f"{said.therapy} is {said.status}. {why_not(said)}{needs}"
        raise NothingToGive(f"'{regimen}' cannot be planned: {why}")
    template.check_ingredients(assessment, regimen)


def chosen_arm(assessment: Assessment, forecast: Forecast, choice: str) -> ArmForecast:
    """Return the forecast of a choice that may be planned; of one with templates, that of its other parts.

    Raises `NothingToGive` where it is closed, waiting or without evidence, `InputError` where it was not
    forecast.
    """
    regimen = Regimen(choice)
    check_choice(assessment, regimen)
    carried = template.carried(regimen, assessment.patient)
    arm = next((arm for arm in forecast.arms if arm.regimen == carried), None)
    if arm is None:
        known = ", ".join(arm.arm for arm in forecast.arms)
        raise InputError(f"'{carried}' was not among the arms of the forecast ({known}); forecast it first.")
    if arm.refused:
        why = f"{arm.refused.because} Missing: {arm.refused.missing}"
        raise NothingToGive(f"'{regimen}' cannot be planned: there is no evidence for a curve. {why}")
    return arm


def advised(assessment: Assessment, forecast: Forecast) -> tuple[ArmForecast, str]:
    """Return the arm advised where nobody chose, and why.

    Of the arms that are open, have a curve, keep to the wishes told and have more hair to expect than no
    treatment: one therapy comes before two (nobody asked for two), those approved for this use come first, and
    of them the one with the most extra terminal hair at month 12 (median). Where there is none: no treatment.
    """
    able = [arm for arm in forecast.arms[1:] if _suits(assessment, arm)]
    suited = [arm for arm in able if len(arm.regimen.parts) == 1] or able
    if not suited:
        return forecast.arms[0], _nothing(assessment)
    approved = [arm for arm in suited if _approved(assessment, arm)]
    best = max(approved or suited, key=lambda arm: arm.extra_hair["median"])
    kind = "approved" if approved else "open"
    return best, f"of what is {kind} and within the wishes, it has the most extra hair to expect at month 12"


def _nothing(assessment: Assessment) -> str:
    """Say why nothing is advised; what only waits for an answer is not told as if it had been weighed."""
    waiting = sum(assessment.of(therapy.id).status == "waiting" for therapy in candidates(assessment))
    if waiting and not open_arms(assessment):
        return f"nothing is open yet; {waiting} treatments wait for an answer or a test"
    return "nothing open and within the wishes has more hair to expect than no treatment"


def _suits(assessment: Assessment, arm: ArmForecast) -> bool:
    fits = status_of(assessment, arm) == "open" and not unwished(assessment.patient, arm.regimen)
    return fits and arm.extra_hair["median"] > 0


def _approved(assessment: Assessment, arm: ArmForecast) -> bool:
    return approval(arm.regimen, assessment.patient.sex, assessment.policy) == "approved"


def approval(regimen: Regimen, sex: Sex, policy: str) -> str | None:
    """Return how the authorities of a policy stand to a use, the least favourable of all parts and regions.

    The strictest policy asks every region. None for no treatment.
    """
    regions = get_args(Region) if policy == "strictest" else (policy,)
    said = [
        _stands(evidence().therapies[therapy], region, sex)
        for therapy in regimen.therapies
        for region in regions
    ]
    return max(said, key=_APPROVALS.index, default=None)


def favour(stands: str) -> int:
    """Return how little an authority favours a use: 0 is approved, more is less."""
    return _APPROVALS.index(stands)


def _stands(therapy: Therapy, region: str, sex: Sex) -> str:
    found = next((status for name, status in therapy.status.items() if name == region), None)
    return found.by_sex.get(sex, found.status) if found else "unknown"


def unwished(patient: Patient, regimen: Regimen) -> str | None:
    """Return which told wish speaks against an arm, or None."""
    wishes, records = patient.wishes, [evidence().therapies[therapy] for therapy in regimen.therapies]
    if wishes.get("avoids_tablets") is True and any(record.route == "oral" for record in records):
        return "tablets are to be avoided"
    if wishes.get("accepts_injections") is False and any(record.route in _BY_NEEDLE for record in records):
        return "needles are not wanted"
    minutes, spared = sum(float(r.minutes_a_day or 0) for r in records), wishes.get("daily_minutes")
    if isinstance(spared, int | float) and not isinstance(spared, bool) and minutes > spared:
        return f"it takes {minutes:g} minutes a day"
    return None


def refusals(assessment: Assessment, forecast: Forecast) -> list[Refusal]:
    """Return every candidate that cannot be given or foreseen, with what is missing."""
    found = [_refusal(assessment, forecast, therapy) for therapy in candidates(assessment)]
    return [refusal for refusal in found if refusal is not None]


def _refusal(assessment: Assessment, forecast: Forecast, therapy: Therapy) -> Refusal | None:
    screened = assessment.of(therapy.id)
    if screened.status != "open":
        sources = sorted({key for reason in screened.reasons for key in reason.source})
        why = why_not(screened)
        return Refusal(therapy.id, therapy.name, screened.status, why, screened.needs, [], sources)
    arm = next((arm for arm in forecast.arms if arm.regimen.therapies == [therapy.id] and arm.refused), None)
    if arm is None or arm.refused is None:
        return None
    no = arm.refused
    return Refusal(therapy.id, therapy.name, "refused", no.because, [no.missing], no.trials, arm.sources)
