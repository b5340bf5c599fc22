"""What if: doses missed, a break, a stop, a later start, a second therapy, each beside the plan as it stands.

Every line is the variant less the plan, on the same follicles with the same luck; it foretells nobody's habits.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from follicast.forecast import JUDGED_AT
from follicast.plan.variants import WhatIf
from follicast.report.page import Page


@dataclass(frozen=True)
class Other:
    """One variant: what it is, and how it differs from the plan at each month shown."""

    plain: Markup
    cells: list[Markup]
    of_100: dict[str, int]


class Otherwise:
    """The variants of a plan for hair."""

    def __init__(self, page: Page) -> None:
        assert page.hair is not None
        self.page, self.plan, self.say = page, page.hair, page.say

    @property
    def months(self) -> list[int]:
        """The months shown: the one at which a gain is judged, and the last."""
        last = self.plan.forecast.months[-1]
        return sorted({min(JUDGED_AT, last), last})

    @property
    def all(self) -> list[Other]:
        """Every variant."""
        return [
            Other(
                self.say.told_html(one.variant.plain),
                [self._cell(one, m) for m in self.months],
                one.arm.of_100,
            )
            for one in self.plan.what_if
        ]

    def _cell(self, one: WhatIf, month: int) -> Markup:
        ends = {name: self.say.signed(value, 1) for name, value in one.at(month).items()}
        return Markup('<bdi dir="ltr">{} ({} – {})</bdi>').format(ends["median"], ends["low"], ends["high"])


def otherwise(page: Page) -> Otherwise | None:
    """Return the variants of a plan; None where there is nothing that could go otherwise."""
    return Otherwise(page) if page.hair and page.hair.what_if else None
