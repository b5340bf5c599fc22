"""Say it: the plan as a page to take home, and as lines on a terminal, in the reader's language.

Nothing is computed here that the plan does not hold, but for the pictures, which are drawn from its follicles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from follicast.plan import Plan


@dataclass(frozen=True)
class Report:
    """A plan, said in one language as one self-contained HTML page."""

    html: str
    language: str

    def save(self, path: str | Path) -> Path:
        """Write the page; a half-written file is never left behind."""
        path = Path(path)
        part = path.with_name(path.name + ".part")
        part.write_text(self.html, encoding="utf-8")
        part.replace(path)
        return path


def report(plan: Plan, language: str = "en", *, tone: str = "medium", colour: str = "dark-brown") -> Report:
    """Return a plan as a report in en, vi, ar or ja.

    `tone` and `colour` name a skin tone and a hair colour for the pictures; refuses a language without a catalogue.
    """
    from follicast.report.html import render
    from follicast.report.text import speech

    return Report(render(plan, speech(language).language, tone, colour), language)
