"""How sure the evidence lets one be of a regimen, in GRADE's words: of several therapies, the least sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.regimen import Regimen

GRADES = ("high", "moderate", "low", "very low")


@dataclass(frozen=True)
class Certainty:
    """How sure the body of evidence lets one be."""

    grade: str
    because: str
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


def certainty(regimen: Regimen, sex: Sex) -> Certainty | None:
    """Return the certainty of a regimen in one sex: the lowest of its parts; None for no treatment."""
    found = [graded(therapy, sex) for therapy in regimen.therapies]
    return max(found, key=lambda one: GRADES.index(one.grade), default=None)


def graded(therapy: str, sex: Sex) -> Certainty:
    """Return the certainty of one therapy in one sex; very low where nothing was read on that sex."""
    found = evidence().therapies[therapy].certainty.get(sex)
    if found is None:
        return Certainty("very low", "Nothing was read on this sex.", [])
    return Certainty(found.grade, found.because, found.citekeys)
