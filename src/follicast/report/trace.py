"""For the clinician: every therapy with every rule that was tried on it, and what would change the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from follicast.assessment.answer import Question, Screened, Tried
from follicast.assessment.opening import Opening
from follicast.assessment.policies import Differing
from follicast.evidence.grading import Standing, standing
from follicast.evidence.library import evidence
from follicast.plan.balance import Certainty, graded
from follicast.plan.combinations import held_up
from follicast.report.page import Page

_ORDER = ("open", "waiting", "closed")
#: What became of a rule that was tried.
VERDICTS = {
    "holds": "holds",
    "does not hold": "does not hold",
    "unknown": "not known",
    "not applied here": "not applied here",
}
#: How a fact that would open a therapy can come about.
HOW = {
    "asked": "to be asked",
    "measured": "to be measured",
    "never": "never stopped or changed for this",
    "not at all": "cannot be changed",
    "time": "changes with time alone",
    "treatment": "has to be treated first",
    "prescriber": "only the doctor who prescribed it may change it",
    "choice": "for the patient to choose",
    "examination": "only another finding on examination",
    "fresh value": "only another value at a fresh test",
    "clinic": "for the clinic to say",
}
EFFECTS = {"closes": "closes", "waits": "waits", "warns": "warns", "informs": "informs"}


@dataclass(frozen=True)
class Traced:
    """One therapy: how it stands, the rules that spoke, and those that were tried and did not."""

    screened: Screened
    certainty: Certainty
    standing: Standing
    spoke: list[Tried]
    silent: list[Tried]
    opens_if: Opening | None


@dataclass(frozen=True)
class Missing:
    """Something that is not known, and the therapies that wait for it."""

    what: str
    therapies: list[str]


class Trace:
    """Every therapy for this person under the rules of the policy."""

    def __init__(self, page: Page) -> None:
        self.page, self.assessment = page, page.plan.assessment

    @property
    def therapies(self) -> list[Traced]:
        """Every therapy of the plan's body: the choice, then the open, the waiting, the closed."""
        body, chosen = "skin" if self.page.skin else "hair", self.page.plan.regimen.therapies
        own = [s for s in self.assessment.therapies if evidence().therapies[s.therapy].body == body]
        own.sort(key=lambda s: (s.therapy not in chosen, _ORDER.index(s.status)))
        return [self._traced(screened) for screened in own]

    def _traced(self, screened: Screened) -> Traced:
        sex = self.assessment.patient.sex
        spoke = [tried for tried in screened.trace if tried.verdict in ("holds", "unknown")]
        return Traced(
            screened,
            graded(screened.therapy, sex),
            standing(evidence(), screened.therapy, sex),
            spoke,
            [tried for tried in screened.trace if tried not in spoke],
            self.assessment.opens_if(screened.therapy) if screened.status != "open" else None,
        )

    @staticmethod
    def facts(tried: Tried) -> list[tuple[str, str]]:
        """Return what a rule asked for and what is known of it."""
        return [(name, fact(value)) for name, value in tried.facts.items()]


def fact(value: Any) -> str:
    """Return a fact as a word: yes, no, unknown, never, or the value itself."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "never" if value == math.inf else f"{value:g}" if isinstance(value, float) else str(value)


class Change:
    """What would change the answer: what therapies wait for, what was not told, what nobody has counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.plan = page, page.plan

    @cached_property
    def waited_for(self) -> list[Missing]:
        """What would open or close a therapy that waits, what most wait for first."""
        found: dict[str, list[str]] = {}
        for screened in self.plan.assessment.therapies:
            for need in screened.needs:
                found.setdefault(need, []).append(screened.therapy)
        told = [Missing(need, therapies) for need, therapies in found.items()]
        return sorted(told, key=lambda one: -len(one.therapies))

    @cached_property
    def untold(self) -> list[Missing]:
        """Facts that a rule asked for and nobody told, where the rule then only warns."""
        found: dict[str, dict[str, None]] = {}
        for screened in self.plan.assessment.therapies:
            for tried in screened.trace:
                if tried.verdict == "unknown":
                    for name in (name for name, value in tried.facts.items() if value is None):
                        found.setdefault(name, {})[screened.therapy] = None
        return [Missing(name, list(therapies)) for name, therapies in found.items()]

    @property
    def uncounted(self) -> bool:
        """Whether nobody has counted the hairs."""
        return self.page.hair is not None and not self.plan.assessment.patient.counts

    @property
    def by_analogy(self) -> bool:
        """Whether the forecast leans on related treatments."""
        return self.page.chosen is not None and self.page.chosen.evidence_class == "by-analogy"


_ASKED = 8  # questions told


def asked_next(page: Page) -> list[Question] | None:
    """Return the questions whose answers would tell most, or None where there are none."""
    told = page.plan.assessment.next[:_ASKED] if page.hair else []
    return [question for question in told if question.flags or question.moves or question.therapies] or None


class Elsewhere:
    """How the same person stands under other policies, and which combinations screening holds up."""

    def __init__(self, page: Page) -> None:
        self.page, self.assessment = page, page.plan.assessment

    @property
    def policies(self) -> list[Differing]:
        """The therapies of the plan's body that would stand otherwise under another policy."""
        body = "skin" if self.page.skin else "hair"
        return [one for one in self.assessment.policies if evidence().therapies[one.therapy].body == body]

    @cached_property
    def together(self) -> list[Screened]:
        """The pairs whose parts are each open and which are not open together."""
        return held_up(self.assessment) if self.page.hair else []
