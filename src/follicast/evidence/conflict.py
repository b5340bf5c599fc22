"""Where sources disagree: both sides, which of them is followed, and why."""

from __future__ import annotations

from pydantic import Field

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict
from follicast.evidence.rule import RuleRegion


class Side(Sourced):
    """What one side says, and when it said so [ISO year, month or day]."""

    says: str = Field(min_length=1)
    date: str | None = None


class Conflict(Strict):
    """One disagreement. `by_region` says where another side is followed; `shown_at` links to what it touches.

    `kindly` tells a patient who may have read the other side, in plain and friendly words.
    """

    id: str = ""
    topic: str
    sides: list[Side] = Field(min_length=2)
    follows: str
    why: str
    kindly: str | None = None
    by_region: dict[RuleRegion, str] = {}
    claims: list[str] = []
    shown_at: list[str] = []
