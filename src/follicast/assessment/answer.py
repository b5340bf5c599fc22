"""The answer of an assessment: what is likely, what must be seen first, what may be done, what to ask."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

from follicast.assessment.facts import Facts
from follicast.assessment.opening import Opening, opening
from follicast.assessment.policies import Differing, differing
from follicast.assessment.screened import Reason, Screened, Status, Tried, Verdict
from follicast.assessment.screening import screen_together
from follicast.errors import InputError, did_you_mean
from follicast.evidence.condition import Setting
from follicast.evidence.library import evidence
from follicast.evidence.number import Kind
from follicast.evidence.strength import Strength
from follicast.patient import Patient

__all__ = [
    "Assessment",
    "Diagnosis",
    "LabToAsk",
    "Reason",
    "RedFlag",
    "Screened",
    "Status",
    "Tried",
    "Verdict",
]


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
class LabToAsk:
    """A laboratory test worth asking for, and why; `first` is what must be settled before blood is drawn.

    `for_therapies` wait for it or want it before they begin, `for_kinds` are the likely kinds of loss it looks into,
    `for_flags` the red flags that stand and want it.
    """

    test: str
    name: str
    why: str
    for_therapies: list[str]
    for_kinds: list[str]
    for_flags: list[str]
    source: list[str]
    first: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "test": self.test,
            "name": self.name,
            "why": self.why,
            "for_therapies": self.for_therapies,
            "for_kinds": self.for_kinds,
            "for_flags": self.for_flags,
            "first": self.first,
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
    facts: Facts = field(repr=False, compare=False)

    def of(self, therapy_id: str) -> Screened:
        """Return what was said of one therapy; raises `InputError` for an unknown id."""
        for screened in self.therapies:
            if screened.therapy == therapy_id:
                return screened
        hint = did_you_mean(therapy_id, [screened.therapy for screened in self.therapies])
        raise InputError(f"no therapy is called '{therapy_id}'.{hint} All names: follicast therapies")

    def ask_first(self, most: int) -> list[Question]:
        """Return the first questions, at most so many, without those that bring the same news as one before.

        A ferritin and 'has your iron been found low?' settle one finding of one kind; one of them is enough.
        """
        first: dict[object, Question] = {}
        for question in self.next:
            news = [(move.condition, move.finding) for move in question.moves[:1]]
            first.setdefault(question.fact if question.flags or not news else news[0], question)
        return list(first.values())[:most]

    def together(self, therapies: Iterable[str]) -> Screened:
        """Return what is said of a combination: each part is screened for someone who has the others too.

        Raises `InputError` for an unknown id.
        """
        return screen_together([self.of(therapy).therapy for therapy in therapies], self.facts, self.policy)

    def opens_if(self, therapy_id: str) -> Opening | None:
        """Return the smallest set of facts that would open a therapy, None where nothing would."""
        return opening(self.of(therapy_id).therapy, self.facts.known, self.policy)

    @cached_property
    def policies(self) -> list[Differing]:
        """The therapies that would stand otherwise under another policy, and how under each."""
        return differing(self.facts.known)

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
            "policies": [differing.as_json() for differing in self.policies],
            "diagnoses": [diagnosis.as_json() for diagnosis in self.diagnoses],
            "red_flags": [flag.as_json() for flag in self.red_flags],
            "therapies": [screened.as_json(trace) for screened in self.therapies],
            "labs": [lab.as_json() for lab in self.labs],
            "next": [question.as_json() for question in self.next],
        }
