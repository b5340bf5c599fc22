"""What may be won and what may go wrong, both of 100 people like this one.

Benefits are counted over the draws of the forecast; harms are what sources counted. None of n is told as at
most 3/n; a case report says that a thing can happen and never how often. It does not weigh the one against
the other: that is for the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from follicast.evidence.harm import Harm
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.regimen import Regimen

_GRADES = ("high", "moderate", "low", "very low")


@dataclass(frozen=True)
class Outcome:
    """Of 100 people like this one, how many; `untreated` is how many without treatment."""

    label: str
    of_100: int
    plain: str
    untreated: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class HarmLine:
    """One adverse effect, of 100 people where it was counted; `at_most` where none of n had it.

    A case report, or an effect listed without a count, has neither.
    """

    therapy: str
    effect: str
    plain: str
    of_100: float | None
    at_most: float | None
    control_of_100: float | None
    design: str
    people: int | None
    seriousness: str
    what_to_do: str | None
    source: list[str]
    place: str
    verified: str
    note: str | None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class Certainty:
    """How sure the body of evidence lets one be."""

    grade: str
    because: str
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


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
        better_off(arm, untreated, at),
        f"have visibly more hair at month {at} than they would have had untreated",
    )
    return [*found, better]


def better_off(arm: ArmForecast, untreated: ArmForecast, month: int) -> int:
    """Return in how many of 100 draws hair is visibly more than without treatment, with the same luck."""
    visible = float(evidence().numbers["reading.visible_change"]) / 100.0
    more = arm.coverage[:, month] / np.maximum(untreated.coverage[:, month], 1e-9) - 1.0
    return round(100.0 * float((more >= visible).mean()))


def harms(regimen: Regimen) -> list[HarmLine]:
    """Return what sources counted of a regimen: first what was counted, then none of n, then case reports.

    A harm that nobody reported among an unknown number of people is left out: that tells neither of harm nor of
    safety.
    """
    lines = [
        harm_line(harm) for harm in evidence().harms if harm.therapy in regimen.therapies and _tells(harm)
    ]
    return sorted(
        lines,
        key=lambda line: (
            line.design == "case-report",
            line.of_100 is None,
            line.at_most is None,
            -(line.of_100 or 0),
            -(line.at_most or 0),
            line.effect,
        ),
    )


def _tells(harm: Harm) -> bool:
    return harm.events != 0 or harm.people is not None


def harm_line(harm: Harm) -> HarmLine:
    """Put one counted harm on the denominator of 100 people."""
    return HarmLine(
        harm.therapy,
        harm.effect,
        harm.plain,
        harm.of_100,
        harm.at_most,
        harm.control_of_100,
        harm.design,
        harm.people,
        harm.seriousness,
        harm.what_to_do,
        harm.citekeys,
        harm.place,
        harm.verified,
        harm.note,
    )


def certainty(regimen: Regimen, sex: Sex) -> Certainty | None:
    """Return the certainty of a regimen in one sex: the lowest of its parts; None for no treatment."""
    found = [graded(therapy, sex) for therapy in regimen.therapies]
    return max(found, key=lambda one: _GRADES.index(one.grade), default=None)


def graded(therapy: str, sex: Sex) -> Certainty:
    """Return the certainty of one therapy in one sex; very low where nothing was read on that sex."""
    found = evidence().therapies[therapy].certainty.get(sex)
    if found is None:
        return Certainty("very low", "Nothing was read on this sex.", [])
    return Certainty(found.grade, found.because, found.citekeys)
