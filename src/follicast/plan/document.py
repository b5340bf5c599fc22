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
from follicast.evidence.therapy import Therapy
from follicast.forecast import ArmForecast, EarlyShed, Forecast
from follicast.plan import balance, choice, comparison, schedule
from follicast.plan.alternatives import Alternative, alternatives
from follicast.plan.balance import Certainty, HarmLine, Outcome
from follicast.plan.choice import WATCH, Refusal
from follicast.plan.combinations import combinations
from follicast.plan.cost import YEAR_D, Cost, cost
from follicast.plan.criteria import Traits
from follicast.plan.harms import certainty_of
from follicast.plan.preferences import Preferences, preferences
from follicast.plan.ranking import Ranking
from follicast.plan.schedule import LabDue, Look, Session
from follicast.plan.stopping import Stopping
from follicast.plan.variants import WhatIf, usual_variants, what_if, with_second
from follicast.regimen import MONTH_D, NO_TREATMENT, Regimen

ASKED_FOR = "asked for"
_STOP_RULE = (
    "At month 12: stop if neither the count nor photographs seen side by side show a gain, or a loss that "
    "has come to rest. Stop at once, and ask, if a harm named here appears that is more than mild."
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
    in prices that hold only for those who ask. Raises `NothingToGive` on a red flag or a choice that is
    closed, waiting or without evidence, `InputError` for a choice that was not forecast.
    """

    assessment: Assessment
    forecast: Forecast
    choice: str | None = None
    start: dt.date | None = None
    on_request: bool = False
    prefer: Mapping[str, float] | None = None
    chosen: ArmForecast = field(init=False)
    why: str = field(init=False)

    def __post_init__(self) -> None:
        choice.check_red_flags(self.assessment)
        choice.check_scope(self.assessment)
        object.__setattr__(self, "start", self.start or self.forecast.start)
        words, why = (self.choice.strip(), ASKED_FOR) if self.choice is not None else self._advised()
        arm = self.untreated if words == WATCH else choice.chosen_arm(self.assessment, self.forecast, words)
        name = words if words == WATCH else arm.arm
        for field_name, value in (("chosen", arm), ("why", why), ("choice", name)):
            object.__setattr__(self, field_name, value)

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
        return comparison.traits(self.assessment, self.forecast, looks, self.on_request)

    @cached_property
    def watching(self) -> list[Look]:
        """When to look again where nothing is given."""
        return schedule.visits(NO_TREATMENT, self.assessment.policy, self.start, self._horizon_d)

    @cached_property
    def ranking(self) -> Ranking:
        """The options in order of how well they suit the weights, why, and how fragile that order is."""
        return comparison.ranking(self.assessment, self.forecast, self.options, self.preferences)

    @cached_property
    def what_if(self) -> list[WhatIf]:
        """What happens if doses are missed, a break is made, it is stopped, put off, or joined by another."""
        second = with_second(self.regimen, combinations(self.assessment))
        return what_if(self.forecast, self.chosen, usual_variants(self.regimen, self._horizon_d, second))

    @property
    def stopping(self) -> Stopping | None:
        """What is left of the gain after a stop at month 12, from the forecast."""
        return self.options[self.choice].stopping if self.choice in self.options else None

    @property
    def regimen(self) -> Regimen:
        """What is done."""
        return self.chosen.regimen

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
    def sessions(self) -> list[Session]:
        """Every session, and the day each therapy taken at home begins and ends."""
        return schedule.sessions(self.regimen, self.start, self._horizon_d, self.assessment.patient.sex)

    @cached_property
    def labs(self) -> list[LabDue]:
        """The laboratory tests that the choice asks for under the assessment's policy."""
        return schedule.labs(self.regimen, self.assessment, self.start, self._horizon_d)

    @cached_property
    def visits(self) -> list[Look]:
        """The baseline and the looks at the result."""
        return schedule.visits(self.regimen, self.assessment.policy, self.start, self._horizon_d)

    @cached_property
    def cost(self) -> Cost:
        """What it costs, as far as prices are known."""
        extra = self.chosen.extra_hair["median"] if self.regimen.parts else None
        wished = self.assessment.patient.wishes.get("monitor_price") is True
        return cost(
            self.regimen,
            self.assessment.patient,
            labs=self.labs,
            extra_hair=extra,
            on_request=self.on_request or wished,
        )

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
        expected = _shed(self.chosen.early_shed) if self.regimen.parts else None
        return " ".join(filter(None, (_together(self._records, "early_shed"), expected))) or None

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """No treatment, and everything given for this kind of hair loss, with its status."""
        return alternatives(
            self.assessment, self.forecast, self.options, self.watching, on_request=self.on_request
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
            *self._of_weights(),
            *self._of_money(),
            *self._of_rules(),
        ]
        return list(dict.fromkeys(said))

    def _of_weights(self) -> list[str]:
        """Say so where nobody chose and told weights, and usual weights would put another option first."""
        first = self.ranking.first.arm
        if self.why == ASKED_FOR or self.preferences.told or first == self.choice:
            return []
        return [f"{comparison.called(first)} would come first by usual weights; {_TELL}"]

    def _of_money(self) -> list[str]:
        budget, first = self.assessment.patient.budget, self.cost.first_year
        if budget is None or first is None or budget.currency != self.cost.currency or first <= budget.amount:
            return []
        over = f"{first:,.0f} {budget.currency}, above the budget of {budget.amount:,.0f}"
        return [f"the first year costs {over}"]

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
        told: list[HarmLine | LabDue | Look] = [*self.harms, *self.labs, *self.visits]
        keys.update(key for line in told for key in line.source)
        for refusal in self.refused:
            keys.update(refusal.sources)
        for option in self.options.values():
            keys.update(comparison.sources(option))
        for record in self._records:
            texts = [*record.aftercare, record.on_stopping, record.early_shed]
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
            "labs": [lab.as_json() for lab in self.labs],
            "visits": [visit.as_json() for visit in self.visits],
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
