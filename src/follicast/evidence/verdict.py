"""What virtual people said to the claims of the source pages, as it was found and written down.

The file is written by `follicast claims --run` and read here; it names the posterior that it was found with.
"""

from __future__ import annotations

from typing import Literal

from follicast.evidence.check import Check
from follicast.evidence.reader import Strict

Said = Literal["holds", "does not hold", "cannot be said"]


class Verdict(Strict):
    """What came out of one check, in its unit: median, 90 % interval, and the band it was judged by.

    `inside` and `unanswered` are shares of the draws [%]; `beside` is told with it and judges nothing.
    """

    verdict: Said
    value: float | None = None
    low90: float | None = None
    high90: float | None = None
    inside: float = 0.0
    unanswered: float = 100.0
    low: float | None = None
    high: float | None = None
    beside: dict[str, float] = {}


class Recipe(Strict):
    """How verdicts were found: with which posterior, which luck, on how many virtual people."""

    fitted_to: str
    posterior: str
    seed: int
    draws: int
    persons: int
    follicles: int


class Verdicts(Strict):
    """The verdicts on all checks, by check, with their recipe."""

    recipe: Recipe
    verdicts: dict[str, Verdict]


def band(check: Check) -> tuple[float | None, float | None]:
    """Return the two ends of the band in which a claim holds; None where it is open."""
    low, high = (None if end is None else end.value for end in (check.low, check.high))
    return low, high
