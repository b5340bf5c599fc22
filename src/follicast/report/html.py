"""A plan as pages that open from disk, one for the patient and one for the clinician: no network, no fonts fetched.

A page is a row of sections. Each section has one template, one view that picks what it shows from the plan, and a
head in the contents; a view that has nothing to show returns None and its section is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import evidence
from follicast.plan import Plan
from follicast.plan.corrections import corrections, told_kindly
from follicast.plan.harms import WHEN_TO_STOP
from follicast.plan.of_skin import SkinPlan
from follicast.report.agenda import agenda
from follicast.report.choices import Choices
from follicast.report.doors import Doors, Likely
from follicast.report.effects import Effects
from follicast.report.icons import dots, icon_symbols, some_of_100
from follicast.report.names import REGIONS, therapy_name
from follicast.report.note import note
from follicast.report.otherwise import otherwise
from follicast.report.outlook import Outlook
from follicast.report.page import CLASSES, GRADES, Page
from follicast.report.text import LANGUAGES, Speech
from follicast.report.trace import EFFECTS, HOW, VERDICTS, Change, Elsewhere, Trace, asked_next

Audience = Literal["patient", "clinician"]
AUDIENCES: tuple[str, ...] = get_args(Audience)
_TEMPLATES = Path(__file__).parent / "templates"
READ = {
    "full": "read in full",
    "abstract": "read: the abstract",
    "table": "read: a table or summary of it",
    "page": "read: the page",
    "second-hand": "not read itself: quoted by others",
    "own": "our own choice",
}


@dataclass(frozen=True)
class Section:
    """One section: its template and anchor, its head in the contents, and the view that it shows."""

    name: str
    head: str
    view: Callable[[Page], Any]


def _kindly(page: Page) -> list[str] | None:
    return told_kindly(corrections(page.plan.regimen.therapies)) or None


def _choices(page: Page) -> Choices | None:
    return Choices(page) if page.hair else None


SECTIONS: dict[str, list[Section]] = {
    "patient": [
        Section("outlook", "In short", Outlook),
        Section("likely", "What it is likely to be", lambda page: Likely(page) if page.hair else None),
        Section("course", "What to expect", lambda page: page.hair),
        Section("effects", "What trials found", lambda page: Effects(page) if page.skin else None),
        Section("pictures", "How it may look", lambda page: page.scenes),
        Section("choice", "Your options", _choices),
        Section("whatif", "What if", otherwise),
        Section("dates", "Dates", agenda),
        Section("care", "Looking after yourself", lambda page: page.aftercare or None),
        Section("harms", "What may go wrong", lambda page: page),
        Section("cost", "Cost", lambda page: page.plan.cost),
        Section("others", "Other ways", Doors),
        Section("read", "What you may have read", _kindly),
        Section("weigh", "What matters to you", lambda page: page),
        Section("about", "About this page", lambda page: page),
    ],
    "clinician": [
        Section("summary", "Summary", Outlook),
        Section("note", "Note for the record", note),
        Section("diagnoses", "Assessment", lambda page: Likely(page) if page.hair else None),
        Section("next", "What would tell most next", asked_next),
        Section("forecasts", "Forecasts", lambda page: page.hair),
        Section("options", "Side by side", _choices),
        Section("whatif", "What if", otherwise),
        Section("effects", "What trials found", lambda page: Effects(page) if page.skin else None),
        Section("harmtable", "Harms", lambda page: page.plan.harms),
        Section("dates", "Dates", agenda),
        Section("cost", "Cost", lambda page: page.plan.cost),
        Section("elsewhere", "Under other rules, and together", Elsewhere),
        Section("trace", "Every treatment and its rules", Trace),
        Section("change", "What would change the answer", Change),
        Section("disputes", "Where sources disagree", lambda page: corrections(page.plan.regimen.therapies)),
        Section("standard", "What a decision aid should do", lambda _: evidence().checklists["ipdas"]),
        Section("limits", "Limits of the model", lambda page: page),
        Section("sources", "Sources", lambda page: page),
    ],
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    plan: Plan | SkinPlan,
    language: str = "en",
    audience: str = "patient",
    tone: str = "medium",
    colour: str = "dark-brown",
) -> str:
    """Return the whole page of a plan for one reader as HTML; refuses a reader that has no page."""
    if audience not in AUDIENCES:
        raise InputError(
            f"report: no page is for '{audience}'.{did_you_mean(audience, AUDIENCES)} All: {', '.join(AUDIENCES)}."
        )
    page = Page(plan, language, audience, tone, colour)
    words = _words(page) | _facts(page)
    shown = [(section, section.view(page)) for section in SECTIONS[audience]]
    told = [
        (section, Markup(_environment().get_template(f"{section.name}.html").render(view=view, **words)))
        for section, view in shown
        if view is not None
    ]
    return _environment().get_template("page.html").render(sections=told, **words)


def _words(page: Page) -> dict[str, Any]:
    say: Speech = page.say
    return {
        "_": say.html,
        "told": say.told_html,
        "say": say,
        "number": say.number,
        "signed": say.signed,
        "money": say.money,
        "date": say.date,
        "when": page.when,
        "cite": page.cite,
        "arm_name": page.arm,
        "told_list": page.told_list,
        "therapy": page.therapy,
        "therapy_name": therapy_name,
        "people": page.people,
        "some_people": lambda count, name, kind: some_of_100(count, say, Markup(name).striptags(), kind),
        "dots": dots,
    }


def _facts(page: Page) -> dict[str, Any]:
    style = "\n".join(
        (_TEMPLATES / f"{name}.css").read_text(encoding="utf-8") for name in ("style", page.audience)
    )
    return {
        "page": page,
        "plan": page.plan,
        "patient": page.plan.assessment.patient,
        "library": evidence(),
        "style": Markup(style),
        "symbols": icon_symbols(),
        "language": page.say.language,
        "languages": LANGUAGES,
        "regions": REGIONS,
        "classes": CLASSES,
        "grades": GRADES,
        "verdicts": VERDICTS,
        "rule_effects": EFFECTS,
        "how_it_opens": HOW,
        "when_to_stop": WHEN_TO_STOP,
        "read_how": READ,
    }
