"""The plan for an injection into the skin: screened, dated and priced like any other, and with no curve.

Skin has no follicles, so nothing is simulated. What may be won is what trials of the same use printed, with
their interval where one can be had. A therapy that screening did not leave open never reaches it, and a red flag
refuses it (law 5). What a use is, stands in the evidence (`skin-uses.yaml`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from follicast import skin
from follicast.assessment.answer import Assessment
from follicast.errors import InputError, NothingToGive
from follicast.evidence.heading import heading
from follicast.evidence.library import evidence
from follicast.evidence.price import PriceList
from follicast.evidence.therapy import Therapy
from follicast.evidence.use import Use
from follicast.patient import Patient
from follicast.plan import balance, choice, schedule
from follicast.plan.agenda import Agenda, arranged
from follicast.plan.alternatives import Alternative
from follicast.plan.balance import Certainty, HarmLine, Outcome
from follicast.plan.choice import Refusal
from follicast.plan.clinic import Clinic
from follicast.plan.cost import Cost, cost
from follicast.plan.dues import Dose, LabDue, Look, Session
from follicast.plan.harms import certainty_of
from follicast.regimen import Regimen

HORIZON_D = 731.0  # two years, as a plan for hair looks ahead
_WEEK_D = 7
_GRADES = ("high", "moderate", "low", "very low")
_CHOSEN_FOR = "of what is open for this wish, its evidence is the surest"
BASELINE = "Baseline: photographs of the face from the front and both sides, in one light, without make-up."
AGAIN = "Photographs as at the baseline, looked at side by side. A trial looked at this time too."
_STOP_RULE = (
    "Stop if photographs seen side by side show no gain after the course. "
    "Stop at once, and ask, if a harm named here appears that is more than mild."
)
_WAIT_RULE = "A lump, pus or fever, even weeks later, needs a doctor."


def speaks_of_skin(patient: Patient, wanted: str | None) -> bool:
    """Whether an answer is about skin: what was chosen is, or nothing was chosen and the wish is."""
    if wanted is None:
        return patient.wishes.get("skin") is not None
    if wanted.strip() == choice.WATCH:
        return False
    bodies = {evidence().therapies[therapy].body for therapy in Regimen(wanted).therapies}
    if len(bodies) > 1:
        raise InputError(f"'{wanted}' mixes hair and skin; plan each by itself.")
    return bodies == {"skin"}


def wished(patient: Patient) -> Use | None:
    """Return the use on the skin that a person wishes for; raises `InputError` for a word nobody knows."""
    said = patient.wishes.get("skin")
    return None if said is None else skin.use_called(str(said[0] if isinstance(said, list) else said))


@dataclass(frozen=True)
class SkinPlan:
    """A plan for one therapy of the skin, in its own words, for one use.

    `choice` None takes the open one whose evidence for the use is the surest. `use` defaults to the wish told, else
    to the first use the therapy is given for. Raises `NothingToGive` on a red flag, a choice that is closed or waits,
    or a use for which nothing is held.
    """

    assessment: Assessment
    choice: str | None = None
    use: Use | None = None
    start: dt.date | None = None
    on_request: bool = False
    clinic: Clinic | None = None
    prices: PriceList | None = None
    why: str = field(init=False)

    def __post_init__(self) -> None:
        choice.check_red_flags(self.assessment)
        use = self.use or wished(self.assessment.patient)
        chosen = self.choice or _surest(self.assessment, use)
        choice.check_choice(self.assessment, Regimen(chosen))
        from follicast.plan.document import ASKED_FOR

        said = {
            "why": ASKED_FOR if self.choice else _CHOSEN_FOR,
            "choice": str(Regimen(chosen)),
            "use": use or _first_use(chosen),
            "start": self.start or self.assessment.patient.date,
        }
        for name, value in said.items():
            object.__setattr__(self, name, value)

    @cached_property
    def regimen(self) -> Regimen:
        """What is done."""
        return Regimen(self.choice or "none")

    @property
    def _record(self) -> Therapy:
        return self.regimen.parts[0].record

    @cached_property
    def effects(self) -> list[skin.Effect]:
        """What trials of the choice found for the use."""
        return skin.within(skin.effects(self._record.id), self.use) if self.use else []

    @cached_property
    def other_effects(self) -> list[skin.Effect]:
        """What trials of the choice found for other uses."""
        return [effect for effect in skin.effects(self._record.id) if effect not in self.effects]

    @cached_property
    def agenda(self) -> Agenda:
        """Everything that is due, on days on which somebody can come."""
        return arranged(self.regimen, self.assessment, self.start, HORIZON_D, self.clinic)

    @property
    def sessions(self) -> list[Session]:
        """Every session of the course."""
        return self.agenda.sessions

    @property
    def doses(self) -> list[Dose]:
        """What is put on at home, step by step."""
        return self.agenda.doses

    @property
    def labs(self) -> list[LabDue]:
        """The laboratory tests that the choice asks for."""
        return self.agenda.labs

    @cached_property
    def visits(self) -> list[Look]:
        """The baseline, and the weeks at which trials of this use looked at what became of it."""
        looked: dict[int, set[str]] = {0: set()}
        for effect in self.effects:
            if effect.week is not None:
                looked.setdefault(round(effect.week * _WEEK_D), set()).update(effect.citekeys)
        return [
            Look(
                schedule.on(self.start, day),
                day,
                AGAIN if day else BASELINE,
                sorted(looked[day]),
                f"look {day}",
            )
            for day in sorted(looked)
        ]

    @cached_property
    def cost(self) -> Cost:
        """What it costs, as far as prices are known."""
        found = cost(
            self.regimen,
            self.assessment.patient,
            labs=self.labs,
            on_request=self.on_request,
            prices=self.prices,
        )
        beside = ["photographs" if "hair" in name else name for name in found.unknown]
        return replace(found, unknown=beside)

    @property
    def benefits(self) -> list[Outcome]:
        """Nothing: no trial of the skin lets one say of 100 people how many gain over no treatment."""
        return []

    @cached_property
    def harms(self) -> list[HarmLine]:
        """What went wrong, as counted or reported by others."""
        return balance.harms(self.regimen)

    @cached_property
    def certainty(self) -> Certainty | None:
        """How sure the evidence lets one be."""
        return balance.certainty(self.regimen, self.assessment.patient.sex)

    @cached_property
    def harm_certainty(self) -> Certainty | None:
        """How sure the evidence lets one be of the harms that matter most."""
        return certainty_of(self.harms)

    @property
    def review(self) -> list[str]:
        """When to stop, and what must not wait."""
        return [_STOP_RULE, _WAIT_RULE]

    @property
    def early_shed(self) -> None:
        """Nothing: the face sheds no hair of which a plan would speak."""
        return None

    @property
    def on_stopping(self) -> str | None:
        """What happens after stopping, where it is known."""
        return self._record.on_stopping.text if self._record.on_stopping else None

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """No treatment, and what else is given for the use, with its status."""
        none = Alternative("none", "no treatment", "open", None, None, cost_first_year=0.0)
        return [none, *(_alternative(self.assessment, name, self.on_request) for name in self._given)]

    @property
    def _given(self) -> list[str]:
        given = self.use.therapies if self.use else []
        return list(dict.fromkeys([*self.regimen.therapies, *given]))

    @cached_property
    def refused(self) -> list[Refusal]:
        """What is given for the use and cannot be given to this person."""
        found = [_refusal(self.assessment, name) for name in self._given]
        return [refusal for refusal in found if refusal is not None]

    @cached_property
    def warnings(self) -> list[str]:
        """What the reader should know before relying on it."""
        undated = [] if self.start else ["no start date is known: the schedule counts days from the start"]
        untried = [] if self.effects else ["no study held here tried this treatment for this wish"]
        told = [r for name in self.regimen.therapies for r in self.assessment.of(name).reasons]
        warned = [" ".join(filter(None, (r.because, r.do))) for r in told if r.effect == "warns"]
        return list(dict.fromkeys([*self.assessment.warnings, *undated, *untried, *warned]))

    @cached_property
    def sources(self) -> list[str]:
        """The citekeys of the works that this plan rests on."""
        keys = {*self.assessment.sources, *self.cost.sources}
        keys.update(self.certainty.source if self.certainty else [])
        told: list[Any] = [*self.harms, *self.labs, *self.visits]
        keys.update(key for line in told for key in line.source)
        keys.update(key for effect in (*self.effects, *self.other_effects) for key in effect.citekeys)
        keys.update(key for refusal in self.refused for key in refusal.sources)
        keys.update(key for advice in self._record.aftercare for key in advice.citekeys)
        if self.use:
            keys.update([*self.use.citekeys, *(self.use.known.citekeys if self.use.known else [])])
        return sorted(keys)

    def as_json(self) -> dict[str, Any]:
        """Return the plan with the keys that other programs rely on; there is no forecast."""
        return heading(None, self.sources, self.warnings) | {
            "policy": self.assessment.policy,
            "start": self.start.isoformat() if self.start else None,
            "choice": self.choice,
            "why": self.why,
            "use": self.use.id if self.use else None,
            "alternatives": [alternative.as_json() for alternative in self.alternatives],
            "sessions": [session.as_json() for session in self.sessions],
            "doses": [dose.as_json() for dose in self.doses],
            "labs": [lab.as_json() for lab in self.labs],
            "visits": [visit.as_json() for visit in self.visits],
            "clashes": [clash.as_json() for clash in self.agenda.clashes],
            "days_coming": self.agenda.coming,
            "templates": [],
            "cost": self.cost.as_json(),
            "benefits": [],
            "harms": [harm.as_json() for harm in self.harms],
            "certainty": self.certainty.as_json() if self.certainty else None,
            "harm_certainty": self.harm_certainty.as_json() if self.harm_certainty else None,
            "review": self.review,
            "early_shed": self.early_shed,
            "on_stopping": self.on_stopping,
            "refused": [refusal.as_json() for refusal in self.refused],
            "forecast": None,
            "untreated": None,
            **({"effects": []} | skin.as_json(self.effects)),
        }


def _surest(assessment: Assessment, use: Use | None) -> str:
    """Return the open therapy of a use with the surest evidence; raises `NothingToGive` where there is none."""
    if use is None:
        raise InputError("no wish for the skin is told; choose a therapy or write wishes: {skin: wrinkles}.")
    is_open = [name for name in use.therapies if assessment.of(name).status == "open"]
    if not is_open:
        raise NothingToGive(
            f"nothing can be planned for {use.name}. {' '.join(_why_nothing(assessment, use))}"
        )
    sex = assessment.patient.sex
    return min(is_open, key=lambda name: _GRADES.index(balance.graded(name, sex).grade))


def _why_nothing(assessment: Assessment, use: Use) -> list[str]:
    """Say what is known of a use, what stands against each of its therapies, and what its studies found."""
    known = [use.known.text] if use.known else []
    told = [(name, assessment.of(name)) for name in use.therapies]
    closed = [f"{evidence().therapies[name].name} is {s.status}: {choice.why_not(s)}" for name, s in told]
    return [*known, *closed, *(line.strip() for line in skin.told(skin.studied(use)))]


def _first_use(therapy: str) -> Use | None:
    ids = Regimen(therapy).therapies
    return next((use for use in evidence().uses.values() if set(ids) & set(use.therapies)), None)


def _alternative(assessment: Assessment, therapy: str, on_request: bool) -> Alternative:
    regimen, patient, said = Regimen(therapy), assessment.patient, assessment.of(therapy)
    priced, sure = cost(regimen, patient, on_request=on_request), balance.certainty(regimen, patient.sex)
    return Alternative(
        therapy,
        evidence().therapies[therapy].name,
        said.status,
        None,
        None,
        cost_first_year=priced.first_year,
        currency=priced.currency,
        certainty=sure.grade if sure else None,
        approval=choice.approval(regimen, patient.sex, assessment.policy),
        why_not=choice.why_not(said) if said.status != "open" else None,
        against_wishes=choice.unwished(patient, regimen),
    )


def _refusal(assessment: Assessment, therapy: str) -> Refusal | None:
    said = assessment.of(therapy)
    if said.status == "open":
        return None
    sources = sorted({key for reason in said.reasons for key in reason.source})
    name = evidence().therapies[therapy].name
    return Refusal(therapy, name, said.status, choice.why_not(said), said.needs, [], sources)


def planned(
    assessment: Assessment,
    wanted: str | None,
    start: dt.date | None,
    on_request: bool,
    say: Callable[[str], None],
    clinic: Clinic | None = None,
    prices: PriceList | None = None,
) -> SkinPlan:
    """Return the plan of a wish for the skin."""
    say("reading what trials of the skin found")
    return SkinPlan(assessment, wanted, None, start, on_request, clinic, prices)
