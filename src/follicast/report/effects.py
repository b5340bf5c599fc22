"""What trials of the skin found, line by line, in the reader's language: the figures as printed, never a curve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from follicast import skin
from follicast.evidence.library import evidence
from follicast.evidence.use import Use
from follicast.report.page import Page

#: How sure a source is of a result.
FINDINGS = {
    "difference": "a difference between the groups",
    "no sure difference": "no sure difference between the groups",
    "change": "a change since the start",
    "no sure change": "no sure change since the start",
    "p and interval disagree": "the source's own figures do not agree",
    None: "the source does not say how sure",
}
COMPARED = {
    "control": "compared with no treatment or salt water",
    "other treatment": "compared with another treatment",
    "none": "compared with nothing",
}
BIAS = {
    "low": "little room for error",
    "some": "some room for error",
    "high": "much room for error",
}


@dataclass(frozen=True)
class Row:
    """One result as a page shows it."""

    what: Markup
    who: Markup
    amount: Markup
    span: Markup
    finding: str
    p: str | None
    other: bool


@dataclass(frozen=True)
class Told:
    """One study with its results."""

    study: str
    people: int | None
    how: list[str]
    pooled: bool
    citekeys: list[str]
    rows: list[Row]


@dataclass(frozen=True)
class UseTold:
    """One use with what is known of it; `wished` where it is the plan's own."""

    use: Use
    studies: int
    controlled: int
    wished: bool


class Effects:
    """What trials found for the wish of a plan, what they found besides, and every use that is praised."""

    def __init__(self, page: Page) -> None:
        assert page.skin is not None
        self.page, self.plan, self.use = page, page.skin, page.skin.use

    @property
    def wished(self) -> list[Told]:
        """The studies of the wish."""
        return [self._told(rows) for rows in _by_study(self.plan.effects)]

    @property
    def besides(self) -> list[Told]:
        """The studies of other wishes."""
        return [self._told(rows) for rows in _by_study(self.plan.other_effects)]

    @property
    def summaries(self) -> list[str]:
        """One line for each indication, in English."""
        return [skin.summary(held) for held in skin.by_indication(self.plan.effects).values()]

    @property
    def uses(self) -> list[UseTold]:
        """Every use on the skin that is held."""
        return [self._use(use) for use in evidence().uses.values()]

    def _use(self, use: Use) -> UseTold:
        found = {effect.study: effect.controlled for effect in skin.studied(use) if not effect.pooled}
        return UseTold(use, len(found), sum(found.values()), use is self.use)

    def _told(self, rows: list[skin.Effect]) -> Told:
        first = rows[0]
        how = [COMPARED[first.comparison], BIAS[first.risk_of_bias]]
        people = max((row.n for row in rows if row.n is not None), default=None)
        return Told(
            evidence().references[first.citekeys[0]].short, people, how, first.pooled, first.citekeys,
            [self._row(row) for row in rows],
        )  # fmt: skip

    def _row(self, effect: skin.Effect) -> Row:
        say = self.page.say
        week = say.html("week {n}", n=say.number(effect.week)) if effect.week else say.html("time not read")
        who = self._who(effect)
        return Row(
            say.told_html(self._measure(effect)), say.listed([who, week]), self._amount(effect), self._span(effect),
            FINDINGS[effect.finding], effect.p, effect.role == "other arm",
        )  # fmt: skip

    def _measure(self, effect: skin.Effect) -> str:
        return effect.measure if self.page.audience == "clinician" else skin.plainly(effect.measure)

    def _who(self, effect: skin.Effect) -> Markup:
        told = self.page.say.told_html
        if effect.minus is None:
            return told(effect.arm)
        return self.page.say.html(
            "{arm}, compared with {other}", arm=told(effect.arm), other=told(effect.minus)
        )

    def _amount(self, effect: skin.Effect) -> Markup:
        say = self.page.say
        if effect.change is None:
            return say.told_html(effect.words or "")
        digits = 0 if effect.change == round(effect.change) else 1
        if effect.share:
            return say.html("{n} of 100 people", n=say.number(effect.change, digits))
        unit = evidence().units.get(effect.unit, effect.unit)
        signed = say.signed(effect.change, 2 if effect.unit == "1" else digits)
        return (
            say.html("{change} {unit}", change=signed, unit=say.told_html(unit)) if unit else Markup(signed)
        )

    def _span(self, effect: skin.Effect) -> Markup:
        say = self.page.say
        if effect.low is None or effect.high is None:
            return say.html("no interval can be had")
        return say.html(
            "95 % interval {low} to {high}", low=say.number(effect.low, 1), high=say.number(effect.high, 1)
        )


def _by_study(found: Iterable[skin.Effect]) -> list[list[skin.Effect]]:
    return [list(rows) for _, rows in groupby(found, key=lambda effect: effect.study)]
