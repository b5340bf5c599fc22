"""The open options side by side: what each gives, asks, risks and leaves, and which suits what was told.

Everything is read off the plan; this only puts it into rows of one question and one answer an option.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from follicast.plan.alternatives import Alternative
from follicast.plan.choice import WATCH
from follicast.plan.preferences import CRITERIA
from follicast.plan.ranking import UNTREATED, Placed, Ranking
from follicast.report.page import GRADES, Page

MOST = 5  # options that fit beside each other on a phone and on paper
_NOTHING = Markup("–")
#: What a pregnancy asks of an option, in plain words.
STOPS = {
    "before planning": "stop before you plan a child",
    "pause while planning": "pause while you plan a child",
    "when pregnant": "stop once you are pregnant",
    "nothing to stop": "nothing to stop",
    "no rule found": "no rule found: ask",
}
#: How an option stands with the authority that decides.
APPROVALS = {
    "approved": "approved for this use",
    "off-label": "off-label",
    "not approved": "not approved",
    "outside the law": "outside the law",
    "unknown": "not known",
}


@dataclass(frozen=True)
class Row:
    """One question, and the answer of each option in the order of the options."""

    ask: Markup
    cells: list[Markup]


class Choices:
    """The options of a plan for hair: a few for the patient, all for the clinician."""

    def __init__(self, page: Page) -> None:
        assert page.hair is not None
        self.page, self.plan, self.say = page, page.hair, page.say

    @property
    def ranking(self) -> Ranking:
        """The options in order, with its reasons."""
        return self.plan.ranking

    @cached_property
    def all(self) -> list[Alternative]:
        """Every open option that has a forecast: the two ways of giving nothing, then by place."""
        found = [way for way in self.page.ways if way.of_100]
        return sorted(found, key=lambda way: (way.arm not in UNTREATED, self._place(way.arm)))

    @cached_property
    def shown(self) -> list[Alternative]:
        """At most as many as fit: no treatment, wait and watch, the choice, and the best placed of the rest."""
        first = [way for way in self.all if way.arm in (*UNTREATED, self.plan.choice)]
        rest = [way for way in self.all if way not in first and not way.against_wishes]
        return [*first, *rest[: MOST - len(first)]]

    def _place(self, arm: str) -> int:
        placed = self.ranking.of(arm)
        return placed.place if placed else len(self.page.ways) + 1

    @property
    def told(self) -> bool:
        """Whether the person said what matters."""
        return bool(self.plan.preferences.told)

    @property
    def order(self) -> list[Placed]:
        """The best placed, and the choice where it is not among them."""
        best = self.ranking.options[:MOST]
        return [*best, *(one for one in self.ranking.options[MOST:] if one.arm == self.plan.choice)]

    def labels(self, criteria: Sequence[str]) -> Markup:
        """Return criteria by what they are called, in one line."""
        return self.say.listed(self.say.html(CRITERIA[name]) for name in criteria)

    @property
    def agreeing(self) -> int:
        """How many other methods put the same option first."""
        fragile = self.ranking.fragile
        return sum(arm == self.ranking.first.arm for arm in fragile.methods.values()) if fragile else 0

    @cached_property
    def rows(self) -> list[Row]:
        """The questions a patient asks, each with an answer for every option shown."""
        return self._rows(self.shown)

    @cached_property
    def full(self) -> list[Row]:
        """The same for every option, with what a clinician asks besides."""
        say = self.say
        more = [
            (say.html("extra hairs per cm²"), self._extra),
            (say.html("of 100: gain / hold / lose"), self._of_100),
            (say.html("approval"), self._approval),
            (say.html("certainty of the harms"), self._sure_of_harms),
            (say.html("days a year on which one is bound"), self._bound),
            (say.html("What is not known"), self._unknown),
        ]
        return [*self._rows(self.all), *(Row(ask, [cell(way) for way in self.all]) for ask, cell in more)]

    def _rows(self, ways: list[Alternative]) -> list[Row]:
        say = self.say
        asked: list[tuple[Markup, Callable[[Alternative], Markup]]] = [
            (say.html("Who has visibly more hair for it?"), self._better),
            (say.html("Who loses hair that shows?"), self._lose),
            (say.html("When can a gain be seen?"), self._month),
            (say.html("Will more hair fall at first?"), self._shed),
            (say.html("Mild side effect seen most"), self._mild),
            (say.html("Worse side effect seen most"), self._worse),
            (say.html("How much of my time does it take?"), self._effort),
            (say.html("And if I want a child?"), self._pregnancy),
            (say.html("What is left a year after a stop?"), self._left),
            (say.html("How sure is this?"), self._sure),
            (say.html("What does the first year cost?"), self._cost),
        ]
        asked_of = any(way.pregnancy for way in ways)
        return [
            Row(ask, [cell(way) for way in ways])
            for ask, cell in asked
            if asked_of or cell != self._pregnancy
        ]

    # --- the answers ---

    @property
    def _not_known(self) -> Markup:
        return self.say.html("not known")

    def _better(self, way: Alternative) -> Markup:
        if way.arm in UNTREATED or way.better_off is None:
            return _NOTHING
        return self.say.html("{n} of 100", n=self.say.number(way.better_off))

    def _lose(self, way: Alternative) -> Markup:
        assert way.of_100 is not None
        return self.say.html("{n} of 100", n=self.say.number(way.of_100["lose"]))

    def _month(self, way: Alternative) -> Markup:
        if way.arm in UNTREATED:
            return _NOTHING
        month = way.month and way.month["median"]
        if not month:
            return self.say.html("not in most courses")
        return self.say.html("from month {n}", n=self.say.number(month))

    def _shed(self, way: Alternative) -> Markup:
        if way.arm in UNTREATED:
            return _NOTHING
        if way.early_shed is None:
            return self.say.html("not expected")
        return self.say.html("yes, around week {n}", n=self.say.number(way.early_shed.peak_week))

    def _mild(self, way: Alternative) -> Markup:
        harms = way.harms
        if harms is None:
            return _NOTHING
        return self._harm(harms.mild, harms.mild_of_100, harms.mild_at_most)

    def _worse(self, way: Alternative) -> Markup:
        harms = way.harms
        if harms is None:
            return _NOTHING
        return self._harm(harms.worse, harms.worse_of_100, harms.worse_at_most)

    def _harm(self, plain: str | None, of_100: float | None, at_most: float | None) -> Markup:
        if plain is None or (of_100 is None and at_most is None):
            return self.say.html("nobody counted")
        return Markup("{} {}").format(self._rate(of_100, at_most), self.say.told_html(plain))

    def _rate(self, of_100: float | None, at_most: float | None) -> Markup:
        say = self.say
        if of_100 is None:
            return say.html("at most {n} of 100", n=say.number(at_most or 0))
        return (
            say.html("{n} of 100", n=say.number(of_100)) if of_100 >= 1 else say.html("fewer than 1 of 100")
        )

    def _effort(self, way: Alternative) -> Markup:
        asked, say = way.effort, self.say
        if asked is None or asked.visits is None or asked.minutes_a_day is None:
            return self._not_known
        if not asked.visits and not asked.minutes_a_day:
            return say.html("none")
        visits = say.html("{n} visits a year", n=say.number(asked.visits))
        if not asked.minutes_a_day:
            return visits
        return say.listed([visits, say.html("{n} minutes a day", n=say.number(asked.minutes_a_day))])

    def _pregnancy(self, way: Alternative) -> Markup:
        return self.say.html(STOPS[way.pregnancy.stop]) if way.pregnancy else _NOTHING

    def _left(self, way: Alternative) -> Markup:
        if way.arm in UNTREATED:
            return _NOTHING
        left = way.stopping.left_percent if way.stopping else None
        if left is None:
            return self.say.html("hardly any gain to lose")
        return self.say.html("{n} % of the gain", n=self.say.number(left))

    def _sure(self, way: Alternative) -> Markup:
        return self.say.html(GRADES[way.certainty]) if way.certainty in GRADES else _NOTHING

    def _cost(self, way: Alternative) -> Markup:
        if way.arm == "none":
            return _NOTHING
        if way.cost_first_year is None or (way.currency is None and way.arm != WATCH):
            return self.say.html("price not known")
        return Markup.escape(self.say.money(way.cost_first_year, way.currency)) if way.currency else _NOTHING

    # --- for the clinician ---

    def _extra(self, way: Alternative) -> Markup:
        if way.arm in UNTREATED or not way.extra_hair:
            return _NOTHING
        ends = (self.say.number(way.extra_hair[end], 1) for end in ("low", "high"))
        median = self.say.signed(way.extra_hair["median"], 1)
        return Markup('<bdi dir="ltr">{} ({} – {})</bdi>').format(median, *ends)

    def _of_100(self, way: Alternative) -> Markup:
        assert way.of_100 is not None
        shares = " / ".join(str(way.of_100[kind]) for kind in ("gain", "hold", "lose"))
        return Markup('<bdi dir="ltr">{}</bdi>').format(shares)

    def _approval(self, way: Alternative) -> Markup:
        return self.say.html(APPROVALS[way.approval]) if way.approval in APPROVALS else _NOTHING

    def _sure_of_harms(self, way: Alternative) -> Markup:
        return self.say.html(GRADES[way.harms.certainty]) if way.harms else _NOTHING

    def _bound(self, way: Alternative) -> Markup:
        days = way.effort.bound_days if way.effort else None
        return self._not_known if days is None else Markup.escape(self.say.number(days))

    def _unknown(self, way: Alternative) -> Markup:
        return self.labels(way.unknown) if way.unknown else _NOTHING
