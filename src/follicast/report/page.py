"""What every page is made of: one plan in one language, its words, figures, charts, pictures and sources.

It arranges what the plan already holds and works out nothing new. Works are numbered in the order in which a page
first leans on them, so that its list of sources holds those and no others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from markupsafe import Markup, escape

from follicast.evidence.library import evidence
from follicast.evidence.reference import Reference
from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.plan import Plan
from follicast.plan.alternatives import Alternative
from follicast.plan.balance import HarmLine
from follicast.plan.of_skin import SkinPlan
from follicast.plan.schedule import Aftercare, LabDue, Look, Session
from follicast.report.charts import Figure, comparison_chart, difference_chart, forecast_chart, what_if_chart
from follicast.report.icons import icon_array
from follicast.report.names import arm_name
from follicast.report.scenes import Scenes, scenes
from follicast.report.text import speech

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
    """One plan in one language for one reader (`audience` patient or clinician)."""

    def __init__(self, plan: Plan | SkinPlan, language: str, audience: str, tone: str, colour: str) -> None:
        self.plan, self.say, self.audience = plan, speech(language), audience
        self.tone, self.colour = tone, colour
        self.version, self.evidence_version = version("follicast"), evidence().version
        self._cited: dict[str, Reference] = {}

    @property
    def hair(self) -> Plan | None:
        """The plan, if it is one for hair."""
        return self.plan if isinstance(self.plan, Plan) else None

    @property
    def skin(self) -> SkinPlan | None:
        """The plan, if it is one for the skin."""
        return self.plan if isinstance(self.plan, SkinPlan) else None

    @property
    def templates(self) -> list[str]:
        """The therapies that stand in the plan as dates alone; none on the skin."""
        return self.hair.templates if self.hair else []

    @cached_property
    def chosen(self) -> ArmForecast | None:
        """The forecast of the choice; None where the choice is no treatment, or is for the skin."""
        return self.hair.chosen if self.hair and self.hair.chosen.regimen.parts else None

    @property
    def untreated(self) -> ArmForecast | None:
        """The forecast without treatment."""
        return self.hair.forecast.arms[0] if self.hair else None

    @property
    def judged_at(self) -> int:
        """The month at which gain, hold and lose are judged."""
        return min(JUDGED_AT, self.hair.forecast.months[-1]) if self.hair else JUDGED_AT

    @cached_property
    def scenes(self) -> Scenes | None:
        """The pictures, drawn when first asked for."""
        if self.hair is None or self.chosen is None:
            return None
        return scenes(self.hair.forecast, self.chosen, self.tone, self.colour)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The charts by name; a plan for the skin has none."""
        if self.hair is None:
            return {}
        language, forecast, choice = self.say.language, self.hair.forecast, self.hair.chosen.arm
        drawn: list[Callable[[], Figure]] = [lambda: forecast_chart(forecast, language, choice)]
        chosen, others, told = self.chosen, self._others, self.hair.what_if
        if chosen:
            drawn.append(lambda: difference_chart(chosen, language))
        if len(others) > 1:
            drawn.append(lambda: comparison_chart(others, language, choice))
        if told:
            drawn.append(lambda: what_if_chart(told, language))
        found = [draw() for draw in drawn]
        return {figure.name: figure for figure in found}

    @property
    def _others(self) -> list[ArmForecast]:
        """The open arms that have a curve."""
        assert self.hair is not None
        open_ways = {way.arm for way in self.ways}
        return [arm for arm in self.hair.forecast.arms[1:] if arm.refused is None and arm.arm in open_ways]

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
        """No treatment and what is open, side by side."""
        return [way for way in self.plan.alternatives if way.status == "open"]

    @property
    def cited(self) -> dict[str, Reference]:
        """The works that the page has leaned on so far, by citekey, in the order of their numbers."""
        return self._cited

    def cite_all(self) -> dict[str, Reference]:
        """Return every work of the plan: first what the page leaned on, then the rest, numbered on."""
        self._number(self.plan.sources)
        return self._cited

    def _number(self, keys: Iterable[str]) -> list[tuple[str, int]]:
        known = evidence().references
        for key in keys:
            if key in known:
                self._cited.setdefault(key, known[key])
        order = list(self._cited)
        return [(key, order.index(key) + 1) for key in keys if key in self._cited]

    def cite(self, source: str | Iterable[str] | None) -> Markup:
        """Return small numbers that lead to the works in the list of sources."""
        keys = [source] if isinstance(source, str) else list(source or [])
        marks = [Markup('<a href="#ref-{}">{}</a>').format(key, number) for key, number in self._number(keys)]
        if not marks:
            return Markup("")
        return Markup('<sup class="cite" dir="ltr">[{}]</sup>').format(Markup(", ").join(marks))

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
