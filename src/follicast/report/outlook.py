"""The top of the page: what it is, what to expect in one sentence, what to do next, when to come back, what to watch.

Each is picked from the plan; nothing is added to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from follicast.evidence.library import evidence
from follicast.plan.balance import HarmLine
from follicast.report.page import Page
from follicast.skin import Effect, plainly

_TOLD = 3  # harms and visits told at the top
_WEIGHT = ("serious", "moderate", "mild")
#: What each grade of certainty means, in plain words.
SURE = {
    "high": "We are quite sure. New studies are not likely to change this.",
    "moderate": "We are fairly sure. New studies may change this.",
    "low": "We are not very sure. New studies may well change this.",
    "very low": "We are not sure at all. The true effect may be very different.",
}


@dataclass(frozen=True)
class Step:
    """One thing to do: when, what, and its kind (test, session, home, review)."""

    date: dt.date | None
    day: int
    kind: str
    what: str


class Outlook:
    """What stands at the top of the patient's page."""

    def __init__(self, page: Page) -> None:
        self.page, self.plan, self.say = page, page.plan, page.say

    @cached_property
    def better(self) -> int | None:
        """Of 100 people, how many have visibly more hair than untreated."""
        found = [benefit.of_100 for benefit in self.plan.benefits if benefit.label == "benefit"]
        return found[0] if found else None

    @property
    def headline(self) -> Markup:
        """What to expect, in one sentence."""
        page, number, month = self.page, self.say.number, self.page.judged_at
        if page.skin:
            return self._of_skin()
        if page.templates and page.chosen is None:
            return self.say.html(
                "Nobody has counted hairs under this. So we cannot say what it does. "
                "The people below are those without it."
            )
        if page.chosen is None or page.untreated is None:
            lose = page.untreated.of_100["lose"] if page.untreated else 0
            if not lose:
                return self.say.html(
                    "Of 100 people like you, none loses hair that shows within {month} months in our model.",
                    month=month,
                )
            return self.say.html(
                "Of 100 people like you, about {n} lose hair that shows within {month} months.",
                n=number(lose), month=month,
            )  # fmt: skip
        if self.better:
            return self.say.html(
                "Of 100 people like you, about {n} will see more hair at month {month} than they would without it.",
                n=number(self.better), month=month,
            )  # fmt: skip
        kept, lost = page.untreated.of_100["lose"], page.chosen.of_100["lose"]
        if lost < kept:
            return self.say.html(
                "Few people see more hair from this. But it may keep some: by month {month}, {with_it} of 100 people "
                "like you lose hair that shows, and {without} of 100 without it.",
                month=month, with_it=number(lost), without=number(kept),
            )  # fmt: skip
        return self.say.html(
            "Most people like you will see no difference from this within {n} months.", n=month
        )

    def _of_skin(self) -> Markup:
        assert self.page.skin is not None
        found = {effect.study: effect for effect in self.page.skin.effects if not effect.pooled}
        if not found:
            return self.say.html("No study that we hold has tried this for your wish.")
        controlled = sum(effect.controlled for effect in found.values())
        return self.say.html(
            "Studies of this for your wish: {n}. Compared with no treatment or with salt water: {k}.",
            n=self.say.number(len(found)), k=self.say.number(controlled),
        )  # fmt: skip

    @cached_property
    def share(self) -> Effect | None:
        """The result in so many of 100 people, of the study that is least likely to err; for the skin only."""
        found = self.page.skin.effects if self.page.skin else []
        shares = [effect for effect in found if effect.share and effect.change and effect.role == "treated"]
        return shares[0] if shares else None

    @property
    def sure(self) -> str | None:
        """How sure one can be, in plain words."""
        return SURE[self.plan.certainty.grade] if self.plan.certainty else None

    @property
    def shared(self) -> str:
        """What was so in that share, in plain words."""
        return plainly(self.share.measure) if self.share else ""

    @property
    def _begins(self) -> int:
        """The day [d] on which treatment begins; without any, the day of the first look."""
        days = [session.day for session in self.plan.sessions] or [look.day for look in self.plan.visits]
        return min(days, default=0)

    @cached_property
    def steps(self) -> list[Step]:
        """What to do next: the looks and tests before the start, and whatever begins first."""
        seen, tested = self.plan.visits, self.plan.labs
        first = {session.therapy: session for session in reversed(self.plan.sessions)}
        told = [
            *(Step(look.date, look.day, "review", look.what) for look in seen if look.day <= self._begins),
            *(Step(lab.date, lab.day, "test", lab.name) for lab in tested if lab.day <= self._begins),
            *(Step(one.date, one.day, self._kind(one.therapy), one.what) for one in first.values()),
        ]
        return sorted(told, key=lambda step: step.day)

    @staticmethod
    def _kind(therapy: str) -> str:
        return "session" if evidence().therapies[therapy].course else "at home"

    @cached_property
    def returns(self) -> list[Step]:
        """When to come back: the looks at the result."""
        seen = self.plan.visits
        return [Step(look.date, look.day, "review", look.what) for look in seen if look.day > self._begins]

    @cached_property
    def watch(self) -> list[HarmLine]:
        """Harms that say what to do, each advice once: the counted before cases, the heavy before the light."""
        told = [harm for harm in self.plan.harms if harm.what_to_do]
        told.sort(key=lambda harm: (harm.design == "case-report", _WEIGHT.index(harm.seriousness)))
        first: dict[str | None, HarmLine] = {}
        for harm in told:
            first.setdefault(harm.what_to_do, harm)
        return list(first.values())[:_TOLD]

    @cached_property
    def commonest(self) -> HarmLine | None:
        """The side effect that was counted most often."""
        counted = [harm for harm in self.plan.harms if harm.of_100]
        return max(counted, key=lambda harm: harm.of_100 or 0, default=None)
