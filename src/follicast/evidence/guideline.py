"""How guidelines and panels grade a treatment, in their own letters."""

from __future__ import annotations

from typing import Literal

from follicast.evidence.number import Sourced
from follicast.evidence.rule import Verified


class Grade(Sourced):
    """One grade of one guideline. `therapy` is absent for what is not among our therapies (`what` names it)."""

    id: str = ""
    guideline: str
    year: int
    condition: str
    therapy: str | list[str] | None = None
    what: str
    sex: list[Literal["F", "M"]] = ["F", "M"]
    grade: str
    means: str
    verified: Verified = "yes"
    note: str | None = None

    @property
    def therapies(self) -> list[str]:
        """The ids of our therapies that it grades; none where it grades something else."""
        return [self.therapy] if isinstance(self.therapy, str) else self.therapy or []
