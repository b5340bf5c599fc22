"""Lists to go through: before a session, how it is done well, afterwards, and how a clinic is chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict
from follicast.evidence.rule import Verified


class Item(Sourced):
    """One item. `corrects` names the claim that it puts right, `replaces` what the page said there."""

    text: str = Field(min_length=1)
    when: str | None = None
    corrects: str | None = None
    replaces: str | None = None
    verified: Verified = "yes"


class Checklist(Strict):
    """One list; `therapies` empty: for any."""

    id: str
    title: str
    kind: Literal["before", "technique", "aftercare", "clinic-choice", "lifestyle", "consent"]
    therapies: list[str] = []
    items: dict[str, Item] = Field(min_length=1)
