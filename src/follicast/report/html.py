"""The plan as one page that opens from disk: no network, no scripts, no fonts but the reader's own.

It arranges what the plan already holds and works out nothing new. What it says is for a patient beside a clinician;
what it leaves out (the rules tried one by one) is in `follicast explain`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from follicast.assessment import Diagnosis
from follicast.evidence.library import evidence
from follicast.evidence.reference import Reference
from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.plan import Plan
from follicast.plan.alternatives import Alternative
from follicast.plan.balance import HarmLine
from follicast.plan.schedule import Aftercare, LabDue, Look, Session
from follicast.report.charts import Figure, comparison_chart, difference_chart, forecast_chart
from follicast.report.icons import dots, icon_array, icon_symbols
from follicast.report.names import REGIONS, arm_name, therapy_name
from follicast.report.scenes import Scenes, scenes
from follicast.report.text import LANGUAGES, Speech, speech

WORTH_A_LINE = 0.02  # probability below which a diagnosis is only told as weighed
_TEMPLATES = Path(__file__).parent / "templates"
_PRESENT = re.compile(r"(.+): there, [\d.]+ times the odds")
READ = {
    "full": "read in full",
    "abstract": "read: the abstract",
    "table": "read: a table or summary of it",
    "page": "read: the page",
    "second-hand": "not read itself: quoted by others",
    "own": "our own choice",
}
CLASSES = {
    "calibrated": (
        "fitted to trials",
        "Trials counted hairs under this treatment beside a control group, and the model was fitted to them.",
    ),
    "by-analogy": (
        "by analogy",
        "Too few trials have counted hairs under this treatment in people like you. "
        "The forecast leans on related treatments and is less sure than it looks.",
    ),
}
GRADES = {
    "high": "high",
    "moderate": "moderate",
    "low": "low",
    "very low": "very low",
    "not graded": "not graded",
}


@dataclass(frozen=True)
class Day:
    """Everything that is due on one day [d from the start]."""

    day: int
    date: dt.date | None
    sessions: list[Session]
    labs: list[LabDue]
    visits: list[Look]


class Page:
    """What the template asks for, in one language: words, figures, charts, pictures and sources of one plan."""

    def __init__(self, plan: Plan, language: str, tone: str, colour: str) -> None:
        self.plan, self.say = plan, speech(language)
        self.tone, self.colour = tone, colour
        self.version, self.evidence_version = version("follicast"), evidence().version

    @cached_property
    def chosen(self) -> ArmForecast | None:
        """The forecast of the choice; None where the choice is no treatment."""
        return self.plan.chosen if self.plan.chosen.regimen.parts else None

    @property
    def untreated(self) -> ArmForecast:
        """The forecast without treatment."""
        return self.plan.forecast.arms[0]

    @property
    def judged_at(self) -> int:
        """The month at which gain, hold and lose are judged."""
        return min(JUDGED_AT, self.plan.forecast.months[-1])

    @cached_property
    def scenes(self) -> Scenes | None:
        """The pictures, drawn when first asked for."""
        return scenes(self.plan.forecast, self.chosen, self.tone, self.colour) if self.chosen else None

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The charts by name."""
        language = self.say.language
        found = [forecast_chart(self.plan.forecast, language, self.plan.chosen.arm)]
        if self.chosen:
            found.append(difference_chart(self.chosen, language))
        open_ways = {way.arm for way in self.ways}
        others = [arm for arm in self.plan.forecast.arms[1:] if arm.refused is None and arm.arm in open_ways]
        if len(others) > 1:
            found.append(comparison_chart(others, language, self.plan.chosen.arm))
        return {figure.name: figure for figure in found}

    @property
    def diagnoses(self) -> list[Diagnosis]:
        """The likely kinds of hair loss, the likeliest first, down to those hardly worth a line."""
        found = sorted(self.plan.assessment.diagnoses, key=lambda diagnosis: -diagnosis.probability)
        return found[:1] + [diagnosis for diagnosis in found[1:] if diagnosis.probability >= WORTH_A_LINE]

    def speaks_for(self, diagnosis: Diagnosis) -> list[str]:
        """Return what is there and speaks for a diagnosis, without its odds."""
        found = (_PRESENT.match(reason) for reason in diagnosis.reasons)
        return [match.group(1) for match in found if match]

    @cached_property
    def calendar(self) -> list[Day]:
        """What is due, day by day."""
        plan = self.plan
        everything: list[Session | LabDue | Look] = [*plan.sessions, *plan.labs, *plan.visits]
        due = {one.day: one.date for one in everything}
        return [
            Day(
                day,
                due[day],
                [s for s in plan.sessions if s.day == day],
                [x for x in plan.labs if x.day == day],
                [v for v in plan.visits if v.day == day],
            )
            for day in sorted(due)
        ]

    @property
    def aftercare(self) -> list[tuple[str, list[Aftercare]]]:
        """The advice of each therapy once, with the therapy's id."""
        found: dict[str, list[Aftercare]] = {}
        for session in self.plan.sessions:
            if session.aftercare:
                found.setdefault(session.therapy, session.aftercare)
        return list(found.items())

    @property
    def counted_harms(self) -> list[HarmLine]:
        """Harms that were counted, so that they stand on the denominator of 100."""
        return [harm for harm in self.plan.harms if harm.of_100 is not None or harm.at_most is not None]

    @property
    def other_harms(self) -> list[HarmLine]:
        """Harms that were reported and never counted."""
        return [harm for harm in self.plan.harms if harm.of_100 is None and harm.at_most is None]

    @property
    def ways(self) -> list[Alternative]:
        """No treatment and the open therapies that have a forecast, side by side."""
        return [way for way in self.plan.alternatives if way.status == "open"]

    @cached_property
    def references(self) -> dict[str, Reference]:
        """The works that the plan rests on, by citekey, in the order of their numbers."""
        known = evidence().references
        return {key: known[key] for key in self.plan.sources if key in known}

    def cite(self, source: str | Iterable[str] | None) -> Markup:
        """Return small numbers that lead to the works in the list of sources."""
        keys = [source] if isinstance(source, str) else list(source or [])
        order = list(self.references)
        marks = [
            Markup('<a href="#ref-{}">{}</a>').format(key, order.index(key) + 1)
            for key in keys
            if key in order
        ]
        return (
            Markup('<sup class="cite" dir="ltr">[{}]</sup>').format(Markup(", ").join(marks))
            if marks
            else Markup("")
        )

    def arm(self, words: str) -> Markup:
        """Return what an arm is called, safe to stand in a line of any direction."""
        said = arm_name(words, self.say)
        return Markup("<bdi>{}</bdi>").format(said) if self.say.direction == "rtl" else escape(said)

    def told_list(self, words: Iterable[str]) -> Markup:
        """Return words of the evidence as a list in one line."""
        return self.say.listed(self.say.told_html(word) for word in words)

    def therapy(self, therapy_id: str) -> Markup:
        """Return the full name of a therapy."""
        record = evidence().therapies.get(therapy_id)
        return self.say.told_html(record.name if record else therapy_id)

    def people(self, arm: ArmForecast) -> Markup:
        """Return the hundred people of an arm."""
        return icon_array(arm.of_100, self.say, arm_name(arm.arm, self.say))

    def when(self, day: dt.date | None, days: float | None = None) -> str:
        """Return a date, or the day counted from the start where no date is known."""
        return self.say.day(day) if day else self.say.say("day {n}", n=self.say.number(days or 0))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(plan: Plan, language: str = "en", tone: str = "medium", colour: str = "dark-brown") -> str:
    """Return the whole page of a plan as HTML."""
    page = Page(plan, language, tone, colour)
    return _environment().get_template("plan.html").render(**_words(page), **_facts(page))


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
        "dots": dots,
    }


def _facts(page: Page) -> dict[str, Any]:
    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))
    return {
        "page": page,
        "plan": page.plan,
        "patient": page.plan.assessment.patient,
        "library": evidence(),
        "style": style,
        "symbols": icon_symbols(),
        "language": page.say.language,
        "languages": LANGUAGES,
        "regions": REGIONS,
        "classes": CLASSES,
        "grades": GRADES,
        "read_how": READ,
    }
