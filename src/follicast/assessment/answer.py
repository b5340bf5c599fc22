"""The answer of an assessment: what is likely, what must be seen first, what may be done, what to ask."""

from __future__ import annotations

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
from follicast.evidence.library import evidence
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
class Diagnosis:
    """One kind of hair loss; `probability` [0 to 1] is marginal: several may be true at once."""

    condition: str
    name: str
    probability: float
    reasons: list[str]
    kind: Literal["pattern", "effluvium", "other"]
    sources: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "condition": self.condition,
            "name": self.name,
            "probability": round(self.probability, 4),
            "kind": self.kind,
            "reasons": self.reasons,
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
    """A laboratory test worth asking for, and why; `first` is what must be settled before blood is drawn."""

    test: str
    name: str
    why: str
    for_therapies: list[str]
    source: list[str]
    first: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the promised keys."""
        return {
            "test": self.test,
            "name": self.name,
            "why": self.why,
            "for_therapies": self.for_therapies,
            "first": self.first,
            "source": self.source,
        }


@dataclass(frozen=True)
class Assessment:
    """What is likely, what must be seen first and what is safe, for one patient under one policy."""

    patient: Patient
    policy: str
    diagnoses: list[Diagnosis]
    red_flags: list[RedFlag]
    therapies: list[Screened]
    labs: list[LabToAsk]
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
            "policies": [differing.as_json() for differing in self.policies],
            "diagnoses": [diagnosis.as_json() for diagnosis in self.diagnoses],
            "red_flags": [flag.as_json() for flag in self.red_flags],
            "therapies": [screened.as_json(trace) for screened in self.therapies],
            "labs": [lab.as_json() for lab in self.labs],
        }
