"""What screening says: each rule that was tried, each that speaks, and a therapy open, waiting or closed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["open", "waiting", "closed"]
Verdict = Literal["holds", "does not hold", "unknown", "not applied here"]


@dataclass(frozen=True)
class Reason:
    """One rule that speaks for or against a therapy in this person."""

    rule: str
    effect: Literal["closes", "waits", "warns", "informs"]
    because: str
    source: list[str]
    place: str
    verified: str
    do: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "rule": self.rule,
            "effect": self.effect,
            "because": self.because,
            "do": self.do,
            "source": self.source,
            "place": self.place,
            "verified": self.verified,
        }


@dataclass(frozen=True)
class Tried:
    """One rule that was tried on a therapy: what it asked, what was known, what it said."""

    rule: str
    when: str | None
    facts: dict[str, Any]
    verdict: Verdict
    effect: str
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field, with 'never' for an event that did not happen."""
        facts = {name: "never" if value == math.inf else value for name, value in self.facts.items()}
        return {
            "rule": self.rule,
            "when": self.when,
            "facts": facts,
            "verdict": self.verdict,
            "effect": self.effect,
            "source": self.source,
        }


@dataclass(frozen=True)
class Screened:
    """One therapy for one person: open, waiting for `needs`, or closed; every rule tried is in `trace`.

    Of a combination `therapy` is the ids joined by '+', and `parts` holds each as it stands beside the others.
    """

    therapy: str
    status: Status
    reasons: list[Reason]
    needs: list[str]
    trace: list[Tried]
    parts: list[Screened] = field(default_factory=list)

    def as_json(self, trace: bool = False) -> dict[str, Any]:
        """Return the promised keys, and the trace if asked for; `parts` where it is a combination."""
        answer = {
            "therapy": self.therapy,
            "status": self.status,
            "reasons": [reason.as_json() for reason in self.reasons],
            "needs": self.needs,
        }
        if trace:
            answer["trace"] = [tried.as_json() for tried in self.trace]
        if self.parts:
            answer["parts"] = [part.as_json() for part in self.parts]
        return answer
