"""The works that the evidence rests on, each held once under its citekey."""

from __future__ import annotations

from typing import Literal

from follicast.evidence.reader import Strict


class Reference(Strict):
    """One work. `read` says what of it was read; `second-hand` means only others' quotation of it."""

    title: str
    authors: str | None = None
    year: int | None = None
    where: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    kind: Literal["article", "review", "book", "label", "guideline", "page", "registry", "project"] = (
        "article"
    )
    read: Literal["full", "abstract", "table", "page", "second-hand", "own"] = "abstract"

    @property
    def short(self) -> str:
        """Authors and year, or the title, as shown in a list of sources."""
        return f"{self.authors} {self.year}" if self.authors and self.year else self.title

    @property
    def named(self) -> str:
        """Authors, year and title, of those that are known."""
        return f"{self.short}. {self.title}" if self.short != self.title else self.title
