"""What the source pages claim, each claim on its own, with what honours it and what is known against it.

A claim is never a number of the model. It is told as a claim, linked to what takes it up (a rule, a field of a
therapy or condition, a schedule, a check by simulation, a text), and corrected where the page is wrong.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Text
from follicast.evidence.reader import Strict

ClaimKind = Literal["data", "rule", "schedule", "text", "emergent", "built-in", "outside"]


class Claim(Strict):
    """One claim in our own words. `amount` [`unit`] is what the page says, and no fact.

    `honoured_by` holds links ("rule:prp-pregnant", "therapy:prp#course", "check:minoxidil-gain"). Claims about
    what hair does are *emergent* (a simulation may contradict them: exactly those name a check), *built-in*
    (true by construction of the model) or *outside* (about what the model does not hold); the last two say `why`.
    A claim that is `corrected` says so `kindly` to a patient who may have read it, or is `told_with` another claim.
    """

    says: str = Field(min_length=8)
    about: str
    topic: Literal[
        "mechanism", "effect", "suitability", "differential", "cause", "risk", "therapy", "timeline", "technique",
        "regulation", "schedule", "price", "aftercare", "contraindication", "clinic-choice", "lifestyle",
        "monitoring",
    ]  # fmt: skip
    place: str = Field(min_length=1)
    kind: ClaimKind
    honoured_by: list[str] = Field(min_length=1)
    amount: float | str | None = None
    unit: str | None = None
    why: str | None = None
    trials: Text | None = None
    corrected: Text | None = None
    kindly: str | None = None
    told_with: str | None = None

    @model_validator(mode="after")
    def _sorted_honestly(self) -> Claim:
        if (self.kind == "emergent") != any(link.startswith("check:") for link in self.honoured_by):
            raise ValueError("an emergent claim, and no other, is honoured by a check (check:…)")
        if self.kind in ("built-in", "outside") and not self.why:
            raise ValueError(f"a claim that is {self.kind} says why")
        return self


class ClaimPage(Strict):
    """The claims of one source page."""

    page: str
    claims: dict[str, Claim]
