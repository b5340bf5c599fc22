"""Say it: the plan as a page to take home, a page for the clinician, and lines on a terminal, in the reader's language.

Nothing is computed here that the plan does not hold, but for the pictures, which are drawn from its follicles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from follicast.plan import Plan
    from follicast.plan.of_skin import SkinPlan


@dataclass(frozen=True)
class Report:
    """A plan, said in one language to one reader, as one self-contained HTML page."""

    html: str
    language: str
    audience: str = "patient"

    def save(self, path: str | Path) -> Path:
        """Write the page, or print it on A4 where the name ends in .pdf; no half-written file is left behind.

        Raises `NothingToGive` for a .pdf where no renderer is on this machine.
        """
        path = Path(path)
        if path.suffix.lower() == ".pdf":
            from follicast.report.paper import printed

            content = printed(self.html)
        else:
            content = self.html.encode("utf-8")
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)
        return path


def report(
    plan: Plan | SkinPlan,
    language: str = "en",
    *,
    audience: str = "patient",
    tone: str = "medium",
    colour: str = "dark-brown",
) -> Report:
    """Return a plan as a report in en, vi, ar or ja, for the patient or the clinician.

    `tone` and `colour` name a skin tone and a hair colour for the pictures; refuses a language without a catalogue
    and an `audience` that has no page.
    """
    from follicast.report.html import render
    from follicast.report.text import speech

    said = speech(language).language
    return Report(render(plan, said, audience, tone, colour), said, audience)
