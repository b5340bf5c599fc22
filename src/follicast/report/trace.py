"""For the clinician: every therapy with every rule that was tried on it, and what would change the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from follicast.assessment.answer import Screened, Tried
from follicast.evidence.grading import Standing, standing
from follicast.evidence.library import evidence
from follicast.plan.balance import Certainty, graded
from follicast.report.page import Page

_ORDER = ("open", "waiting", "closed")
#: What became of a rule that was tried.
VERDICTS = {
    "holds": "holds",
    "does not hold": "does not hold",
    "unknown": "not known",
    "not applied here": "not applied here",
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
