"""What may be won, of 100 people like this one, and how sure the evidence lets one be.

Benefits are counted over the draws of the forecast and stand on the same denominator as the harms (`harms`).
It does not weigh the one against the other: that is for the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.plan.certainty import Certainty, certainty, graded
from follicast.plan.harms import HarmLine, harm_line, harms
from follicast.plan.of_100 import Icons, icons

__all__ = [
    "Certainty",
    "HarmLine",
    "Outcome",
    "benefits",
    "certainty",
    "graded",
    "harm_line",
    "harms",
]


@dataclass(frozen=True)
class Outcome:
    """Of 100 people like this one, how many; `untreated` is how many without treatment."""

    label: str
    of_100: int
    plain: str
    untreated: int | None = None

    @property
    def icons(self) -> Icons:
        """The hundred people to draw: those it happens to, and the rest."""
        return icons(self.of_100)

    def as_json(self) -> dict[str, Any]:
        """Return every field, and the people to draw."""
        return dict(vars(self)) | {"icons": self.icons.as_json()}


def benefits(arm: ArmForecast, untreated: ArmForecast) -> list[Outcome]:
    """Return of 100 people like this one how many gain, hold and lose by month 12, or are better off."""
    at = min(JUDGED_AT, arm.months[-1])
    plain = {
        "gain": f"have visibly more hair than today at month {at}",
        "hold": f"have about as much hair as today at month {at}",
        "lose": f"have visibly less hair than today at month {at}",
    }
    found = [
        Outcome(label, arm.of_100[label], said, untreated.of_100[label]) for label, said in plain.items()
    ]
    if arm is untreated:
        return found
    better = Outcome(
        "benefit",
        arm.better_off,
        f"have visibly more hair at month {at} than they would have had untreated",
    )
    return [*found, better]
