"""The plan for one choice: what is due when, what it costs, what may be won and lost, and what else there is.

A plan is drawn from an assessment and a forecast and adds nothing to them about hair. A therapy that
screening did not leave open never reaches it, and a red flag refuses it; no argument switches either off
(law 5). It does not know how it is said: that is for `report`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from follicast.assessment.answer import Assessment
from follicast.evidence.heading import heading
from follicast.evidence.library import evidence
from follicast.evidence.price import PriceList
from follicast.evidence.therapy import Therapy
from follicast.forecast import JUDGED_AT, ArmForecast, EarlyShed, Forecast
from follicast.plan import balance, choice, comparison, schedule, template
from follicast.plan.agenda import Agenda, arranged
from follicast.plan.alternatives import Alternative, alternatives
from follicast.plan.balance import Certainty, HarmLine, Outcome
from follicast.plan.choice import WATCH, Refusal
from follicast.plan.clinic import Clinic
from follicast.plan.combinations import combinations
from follicast.plan.cost import YEAR_D, Cost, cost_for, over_budget
from follicast.plan.criteria import Traits
from follicast.plan.days import country_of
from follicast.plan.dues import Dose, LabDue, Look, Session
from follicast.plan.harms import certainty_of
from follicast.plan.preferences import Preferences, preferences
from follicast.plan.ranking import Ranking
from follicast.plan.room import Clash
from follicast.plan.stopping import Stopping
from follicast.plan.variants import WhatIf, usual_variants, what_if, with_second
from follicast.regimen import MONTH_D, NO_TREATMENT, Regimen

ASKED_FOR = "asked for"
_STOP_RULE = (
    "At month 12: stop if neither the count nor photographs seen side by side show a gain, or a loss that "
    "has come to rest. Stop at once, and ask, if a harm named here appears that is more than mild."
)
_NO_COUNTRY = (
    "no country is known, so public holidays are not kept free; "
    "name it in wishes.country or in the clinic's file"
)
_TELL = "say what matters to you, and the advice follows it"
_WAIT_RULE = "Come back sooner if the loss turns patchy, sudden or sore: those are other diseases."


@dataclass(frozen=True)
class Plan:
    """A plan for one choice of a forecast.

    `choice` is an arm of the forecast in its own words, or "watch" (no drug, and dates to look again). None takes
    what suits the weights that were told (`prefer`, or the patient's wishes), and where none were, the one
    advised (see `choice.advised`).
    `start` [date] defaults to the forecast's; without either there are days and no dates. `on_request` lets
    in prices that hold only for those who ask. `clinic` and `prices` are a clinic's own days and price list.
    Raises `NothingToGive` on a red flag or a choice that is closed, waiting or without evidence, `InputError`
    for a choice that was not forecast.
    """

    assessment: Assessment
    forecast: Forecast
    choice: str | None = None
    start: dt.date | None = None
    on_request: bool = False
    clinic: Clinic | None = None
    prices: PriceList | None = None
    prefer: Mapping[str, float] | None = None
    chosen: ArmForecast = field(init=False)
    why: str = field(init=False)

    def __post_init__(self) -> None:
        choice.check_red_flags(self.assessment)
        choice.check_scope(self.assessment)
        object.__setattr__(self, "start", self.start or self.forecast.start)
        words, why = (self.choice.strip(), ASKED_FOR) if self.choice is not None else self._advised()
        arm = self.untreated if words == WATCH else choice.chosen_arm(self.assessment, self.forecast, words)
        for name, value in (("chosen", arm), ("why", why), ("choice", words)):
            object.__setattr__(self, name, value)

    def _advised(self) -> tuple[str, str]:
        if self.preferences.told:
            return comparison.followed(self.assessment, self.forecast, self.ranking)
        arm, why = choice.advised(self.assessment, self.forecast)
        return arm.arm, why

    @cached_property
    def preferences(self) -> Preferences:
        """How much each criterion weighs for this person."""
        return preferences(self.assessment.patient, self.prefer)

    @cached_property
    def options(self) -> dict[str, Traits]:
        """What each open option with a curve is like, by arm, no treatment and wait-and-watch first."""
        looks = sum(look.day <= YEAR_D for look in self.watching)
        return comparison.traits(self.assessment, self.forecast, looks, self.on_request, self.prices)

    @cached_property
    def watching(self) -> list[Look]:
        """When to look again where nothing is given."""
        return arranged(NO_TREATMENT, self.assessment, self.start, self._horizon_d, self.clinic).visits

    @cached_property
    def ranking(self) -> Ranking:
        """The options in order of how well they suit the weights, why, and how fragile that order is."""
        return comparison.ranking(self.assessment, self.forecast, self.options, self.preferences)

    @cached_property
    def what_if(self) -> list[WhatIf]:
        """What happens if doses are missed, a break is made, it is stopped, put off, or joined by another."""
        regimen = self.chosen.regimen
        second = with_second(regimen, combinations(self.assessment))
        return what_if(self.forecast, self.chosen, usual_variants(regimen, self._horizon_d, second))

    @property
    def stopping(self) -> Stopping | None:
        """What is left of the gain after a stop at month 12, from the forecast."""
        return self.options[self.choice].stopping if self.choice in self.options else None

    @property
    def regimen(self) -> Regimen:
        """What is done: the arm of the curve, and the templates beside it."""
        return NO_TREATMENT if self.choice == WATCH else Regimen(self.choice or "none")

    @property
    def untreated(self) -> ArmForecast:
        """The same person without treatment."""
        return self.forecast.arms[0]

    @property
    def _horizon_d(self) -> float:
        return self.forecast.months[-1] * MONTH_D + 1.0

    @property
    def _records(self) -> list[Therapy]:
        return [part.record for part in self.regimen.parts]

    @cached_property
    def agenda(self) -> Agenda:
        """Everything that is due, on days on which somebody can come."""
        return arranged(self.regimen, self.assessment, self.start, self._horizon_d, self.clinic)

    @property
    def sessions(self) -> list[Session]:
        """Every session, and the day each therapy taken at home begins and ends."""
        return self.agenda.sessions

    @property
    def doses(self) -> list[Dose]:
        """What is taken or put on at home, step by step."""
        return self.agenda.doses

    @property
    def labs(self) -> list[LabDue]:
        """The laboratory tests that the choice asks for under the assessment's policy."""
        return self.agenda.labs

    @property
    def visits(self) -> list[Look]:
        """The baseline and the looks at the result."""
        return self.agenda.visits

    @property
    def clashes(self) -> list[Clash]:
        """What could not be placed within its protocol, and what would do."""
        return self.agenda.clashes

    @property
    def templates(self) -> list[str]:
        """The therapies that are in the plan as dates alone, without a curve."""
        return [part.therapy for part in template.templates(self.regimen, self.assessment.patient)]

    @cached_property
    def cost(self) -> Cost:
        """What it costs, as far as prices are known."""
        curve = self.chosen if self.chosen.regimen.parts else None
        gain, without = (self._gain(arm) for arm in (self.chosen, self.untreated))
        return cost_for(
            self.assessment,
            self.regimen,
            extra_hair=curve.extra_hair["median"] if curve else None,
            extra_of_100=gain - without if curve else None,
            on_request=self.on_request or self.assessment.patient.wishes.get("monitor_price") is True,
            prices=self.prices,
        )

    @staticmethod
    def _gain(arm: ArmForecast) -> float:
        """How many of 100 visibly gain by month 12."""
        return 100.0 * float(arm.chance_visible_gain[min(JUDGED_AT, arm.months[-1])])

    @cached_property
    def benefits(self) -> list[Outcome]:
        """Of 100 people like this one, how many gain, hold and lose, and how many are better off."""
        return balance.benefits(self.chosen, self.untreated)

    @cached_property
    def harms(self) -> list[HarmLine]:
        """What went wrong in how many of 100, as counted by others."""
        return balance.harms(self.regimen)

    @cached_property
    def certainty(self) -> Certainty | None:
        """How sure the evidence lets one be; of several therapies, the lowest; None for no treatment."""
        return balance.certainty(self.regimen, self.assessment.patient.sex)

    @cached_property
    def harm_certainty(self) -> Certainty | None:
        """How sure the evidence lets one be of the harms that matter most; None for no treatment."""
        return certainty_of(self.harms) if self.regimen.parts else None

    @cached_property
    def review(self) -> list[str]:
        """When to judge, and when to stop."""
        judged = [f"Month {month:g}: {why}" for month, why, _ in sorted(schedule.response(self.regimen))]
        return [*dict.fromkeys(judged), *([_STOP_RULE] if self.regimen.parts else []), _WAIT_RULE]

    @cached_property
    def on_stopping(self) -> str | None:
        """What happens after stopping, where it is known."""
        return _together(self._records, "on_stopping")

    @cached_property
    def early_shed(self) -> str | None:
        """The early shed: what the evidence says of it, and when the forecast expects it."""
        expected = _shed(self.chosen.early_shed) if self.chosen.regimen.parts else None
        return " ".join(filter(None, (_together(self._records, "early_shed"), expected))) or None

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """No treatment, and everything given for this kind of hair loss, with its status."""
        return alternatives(
            self.assessment,
            self.forecast,
            self.options,
            self.watching,
            on_request=self.on_request,
            prices=self.prices,
        )

    @cached_property
    def refused(self) -> list[Refusal]:
        """What cannot be given or foreseen, and what is missing."""
        return choice.refusals(self.assessment, self.forecast)

    @cached_property
    def warnings(self) -> list[str]:
        """What the reader should know before relying on it."""
        undated = [] if self.start else ["no start date is known: the schedule counts days from the start"]
        said = [
            *self.assessment.warnings,
            *self.forecast.warnings,
            *undated,
            *template.said(self.regimen, self.assessment.patient),
            *self._of_doses(),
            *self._of_dates(),
            *self._of_weights(),
            *self._of_money(),
            *self._of_rules(),
        ]
        return list(dict.fromkeys(said))

    def _of_doses(self) -> list[str]:
        """Say of what is begun low that the curve does not."""
        stepped = {dose.therapy: None for dose in self.doses if dose.note}
        names = ", ".join(evidence().therapies[therapy].short for therapy in stepped)
        return [f"the curve counts the full dose from the first day; {names} is begun lower"] if names else []

    def _of_dates(self) -> list[str]:
        """Say what could not be placed, and that holidays are not known where no country is."""
        said = [f"{one.what}: {one.because}. What would do: {one.would_do}." for one in self.clashes]
        unknown = self.start is not None and country_of(self.assessment.patient, self.clinic) is None
        return said + ([_NO_COUNTRY] if unknown else [])

    def _of_weights(self) -> list[str]:
        """Say so where nobody chose and told weights, and usual weights would put another option first."""
        first = self.ranking.first.arm
        if self.why == ASKED_FOR or self.preferences.told or first == self.choice:
            return []
        return [f"{comparison.called(first)} would come first by usual weights; {_TELL}"]

    def _of_money(self) -> list[str]:
        told = over_budget(self.cost, self.assessment.patient)
        return [told] if told else []

    def _of_rules(self) -> list[str]:
        """Repeat what screening warned of for the therapies chosen."""
        told = [
            reason for therapy in self.regimen.therapies for reason in self.assessment.of(therapy).reasons
        ]
        return [
            " ".join(filter(None, (reason.because, reason.do))) for reason in told if reason.effect == "warns"
        ]

    @cached_property
    def sources(self) -> list[str]:
        """The citekeys of the works that this plan rests on."""
        keys = {*self.assessment.sources, *self.forecast.sources, *self.cost.sources}
        keys.update(self.certainty.source if self.certainty else [])
        told: list[HarmLine | LabDue | Look | Dose] = [*self.harms, *self.labs, *self.visits, *self.doses]
        keys.update(key for line in told for key in line.source)
        for refusal in self.refused:
            keys.update(refusal.sources)
        keys.update(key for session in self.sessions for kept in session.keep_off for key in kept.source)
        for option in self.options.values():
            keys.update(comparison.sources(option))
        for record in self._records:
            texts = [*record.aftercare, record.on_stopping, record.early_shed, record.template]
            keys.update(key for text in texts if text for key in text.citekeys)
        return sorted(keys)

    def as_json(self) -> dict[str, Any]:
        """Return the plan with the keys that other programs rely on."""
        return heading(self.forecast.today.seed, self.sources, self.warnings) | {
            "policy": self.assessment.policy,
            "start": self.start.isoformat() if self.start else None,
            "choice": self.choice,
            "why": self.why,
            "alternatives": [alternative.as_json() for alternative in self.alternatives],
            "sessions": [session.as_json() for session in self.sessions],
            "doses": [dose.as_json() for dose in self.doses],
            "labs": [lab.as_json() for lab in self.labs],
            "visits": [visit.as_json() for visit in self.visits],
            "clashes": [clash.as_json() for clash in self.clashes],
            "days_coming": self.agenda.coming,
            "templates": self.templates,
            "cost": self.cost.as_json(),
            "benefits": [outcome.as_json() for outcome in self.benefits],
            "harms": [harm.as_json() for harm in self.harms],
            "certainty": self.certainty.as_json() if self.certainty else None,
            "harm_certainty": self.harm_certainty.as_json() if self.harm_certainty else None,
            "ranking": self.ranking.as_json(),
            "what_if": [otherwise.as_json() for otherwise in self.what_if],
            "review": self.review,
            "early_shed": self.early_shed,
            "on_stopping": self.on_stopping,
            "stopping": self.stopping.as_json() if self.stopping else None,
            "refused": [refusal.as_json() for refusal in self.refused],
            "forecast": self.chosen.as_json(),
            "untreated": self.untreated.as_json(),
        }


def _together(records: list[Therapy], what: str) -> str | None:
    said = [getattr(record, what) for record in records]
    told = [
        f"{record.short}: {text.text}" if len(records) > 1 else text.text
        for record, text in zip(records, said, strict=True)
        if text
    ]
    return " ".join(told) or None


def _shed(shed: EarlyShed | None) -> str | None:
    if shed is None:
        return None
    over = f" and is over by week {shed.over_by_week}" if shed.over_by_week is not None else ""
    peak = f"in week {shed.peak_week}, at {shed.ratio:.1f} times the shedding without treatment"
    return f"Here it is expected to peak {peak}{over}."
