"""The answer of an assessment: what is likely, what must be seen first, what may be done, what to ask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from follicast.errors import InputError, did_you_mean
from follicast.evidence.condition import Setting
from follicast.evidence.library import evidence
from follicast.evidence.number import Kind
from follicast.evidence.strength import Strength
from follicast.patient import Patient

Status = Literal["open", "waiting", "closed"]
Verdict = Literal["holds", "does not hold", "unknown", "not applied here"]


@dataclass(frozen=True)
class Weight:
    """One factor of the odds: what it says, whether it is `there`, its ratio and the band [1] it may lie in.

    `strength` is None for the prior odds; `kind` says whether the ratio was measured, derived or assumed.
    """

    says: str
    there: bool | None
    ratio: float
    low: float
    high: float
    strength: Strength | None
    kind: Kind
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field, the numbers to four figures."""
        rounded = {name: float(f"{getattr(self, name):.4g}") for name in ("ratio", "low", "high")}
        return vars(self) | rounded


@dataclass(frozen=True)
class Diagnosis:
    """One kind of hair loss; `probability` [0 to 1] is marginal: several may be true at once.

    `probability_low` and `probability_high` hold it whatever the ratios are within their bands; `weights`
    are what was multiplied.
    """

    condition: str
    name: str
    probability: float
    reasons: list[str]
    kind: Literal["pattern", "effluvium", "other"]
    sources: list[str]
    probability_low: float
    probability_high: float
    weights: list[Weight]

    @property
    def odds(self) -> float:
        """The odds [1] as they were multiplied, before they are held within what a story can carry."""
        return math.prod(weight.ratio for weight in self.weights)

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "condition": self.condition,
            "name": self.name,
            "probability": round(self.probability, 4),
            "probability_low": round(self.probability_low, 4),
            "probability_high": round(self.probability_high, 4),
            "kind": self.kind,
            "reasons": self.reasons,
            "weights": [weight.as_json() for weight in self.weights],
            "sources": self.sources,
        }


@dataclass(frozen=True)
class RedFlag:
    """A sign that always refers, ahead of any plan."""

    id: str
    because: str
    do: str
    urgency: Literal["now", "soon"]
    source: list[str]
    place: str

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "id": self.id,
            "because": self.because,
            "do": self.do,
            "urgency": self.urgency,
            "source": self.source,
            "place": self.place,
        }


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
    """One therapy for one person: open, waiting for `needs`, or closed; every rule tried is in `trace`."""

    therapy: str
    status: Status
    reasons: list[Reason]
    needs: list[str]
    trace: list[Tried]

    def as_json(self, trace: bool = False) -> dict[str, Any]:
        """Return the promised keys, and the trace if asked for."""
        answer = {
            "therapy": self.therapy,
            "status": self.status,
            "reasons": [reason.as_json() for reason in self.reasons],
            "needs": self.needs,
        }
        if trace:
            answer["trace"] = [tried.as_json() for tried in self.trace]
        return answer


@dataclass(frozen=True)
class LabToAsk:
    """A laboratory test worth asking for, and why."""

    test: str
    name: str
    why: str
    for_therapies: list[str]
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "test": self.test,
            "name": self.name,
            "why": self.why,
            "for_therapies": self.for_therapies,
            "source": self.source,
        }


@dataclass(frozen=True)
class Move:
    """Where a probability [0 to 1] stands `now`, and where it would go if a `finding` were there or were not."""

    condition: str
    finding: str
    now: float
    if_there: float
    if_not: float

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return {
            key: round(value, 4) if isinstance(value, float) else value for key, value in vars(self).items()
        }


@dataclass(frozen=True)
class Question:
    """One thing to ask, see or measure next; `bits` [bit] is how much its answer is expected to tell.

    `how` is question, eye, dermatoscope, pull test, biopsy or laboratory; `moves` are the kinds of loss it tells
    most of, `flags` the red flags that hang on it, `therapies` those that wait for it.
    """

    fact: str
    ask: str
    need: str
    how: str
    bits: float
    moves: list[Move]
    flags: list[str]
    therapies: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self)) | {"moves": [move.as_json() for move in self.moves]}


@dataclass(frozen=True)
class Assessment:
    """What is likely, what must be seen first and what is safe, for one patient under one policy."""

    patient: Patient
    policy: str
    setting: Setting
    diagnoses: list[Diagnosis]
    red_flags: list[RedFlag]
    therapies: list[Screened]
    labs: list[LabToAsk]
    next: list[Question]
    warnings: list[str]
    sources: list[str]

    def of(self, therapy_id: str) -> Screened:
        """Return what was said of one therapy; raises `InputError` for an unknown id."""
        for screened in self.therapies:
            if screened.therapy == therapy_id:
                return screened
        hint = did_you_mean(therapy_id, [screened.therapy for screened in self.therapies])
        raise InputError(f"no therapy is called '{therapy_id}'.{hint} All names: follicast therapies")

    def as_json(self, trace: bool = False) -> dict[str, Any]:
        """Return the answer under the keys of the interface; `trace` adds every rule tried."""
        return {
            "version": version("follicast"),
            "evidence_version": evidence().version,
            "seed": None,
            "sources": self.sources,
            "warnings": self.warnings,
            "policy": self.policy,
            "setting": self.setting,
            "diagnoses": [diagnosis.as_json() for diagnosis in self.diagnoses],
            "red_flags": [flag.as_json() for flag in self.red_flags],
            "therapies": [screened.as_json(trace) for screened in self.therapies],
            "labs": [lab.as_json() for lab in self.labs],
            "next": [question.as_json() for question in self.next],
        }
