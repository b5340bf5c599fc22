"""Lists to go through: before a session, how it is done well, afterwards, and how a clinic is chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict
from follicast.evidence.rule import Verified


class Item(Sourced):
    """One item. `corrects` names the claim that it puts right, `replaces` what the page said there.

    `met` and `how` say of a list that Follicast holds itself to whether it does, and how or why not.
    """

    text: str = Field(min_length=1)
    when: str | None = None
    corrects: str | None = None
    replaces: str | None = None
    verified: Verified = "yes"
    met: Literal["met", "partly", "not met", "not asked"] | None = None
    how: str | None = None


class Checklist(Strict):
    """One list; `therapies` empty: for any."""

    id: str
    title: str
    kind: Literal["before", "technique", "aftercare", "clinic-choice", "lifestyle", "consent", "standard"]
    therapies: list[str] = []
    items: dict[str, Item] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_itself_to_a_standard(self) -> Checklist:
        if any((self.kind == "standard") != bool(item.met and item.how) for item in self.items.values()):
            raise ValueError("an item of a standard, and no other, says whether it is met and how (met, how)")
        return self
