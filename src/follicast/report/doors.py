"""What the loss is likely to be, and which doors are open: other ways, those that wait, and those that are shut."""

from __future__ import annotations

import re

from follicast.assessment import Diagnosis
from follicast.assessment.answer import Reason
from follicast.plan.alternatives import Alternative
from follicast.plan.choice import Refusal
from follicast.report.page import Page

WORTH_A_LINE = 0.02  # probability below which a diagnosis is only told as weighed
_PRESENT = re.compile(r"(.+): there, [\d.]+ times the odds")


class Likely:
    """The likely kinds of hair loss, with what speaks for them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.all: list[Diagnosis] = sorted(
            page.plan.assessment.diagnoses, key=lambda diagnosis: -diagnosis.probability
        )

    @property
    def shown(self) -> list[Diagnosis]:
        """The likeliest first, down to those hardly worth a line."""
        return self.all[:1] + [one for one in self.all[1:] if one.probability >= WORTH_A_LINE]

    @staticmethod
    def speaks_for(diagnosis: Diagnosis) -> list[str]:
        """Return what is there and speaks for a diagnosis, without its odds."""
        found = (_PRESENT.match(reason) for reason in diagnosis.reasons)
        return [match.group(1) for match in found if match]


class Doors:
    """Every way: open with a forecast, waiting, refused for want of evidence, closed."""

    def __init__(self, page: Page) -> None:
        self.page, self.plan = page, page.plan

    @property
    def ways(self) -> list[Alternative]:
        """What is open."""
        return self.page.ways

    def of(self, status: str) -> list[Refusal]:
        """Return what waits, is refused or is closed."""
        return [refusal for refusal in self.plan.refused if refusal.status == status]

    def reasons(self, refusal: Refusal, *effects: str) -> list[Reason]:
        """Return the rules that speak against a therapy, each reason once."""
        told = {
            reason.because: reason
            for reason in self.plan.assessment.of(refusal.therapy).reasons
            if reason.effect in effects
        }
        return list(told.values())
