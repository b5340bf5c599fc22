"""How far a pattern loss has gone, on one scale: the grade converted where it must be, and a plain word.

No source maps Ludwig's three grades onto Sinclair's five; the conversion is ours and coarse.
"""

from __future__ import annotations

from typing import Literal

from follicast.evidence.library import evidence
from follicast.patient import SCALES, Pattern

Word = Literal["none", "mild", "moderate", "severe"]


def _number(name: str) -> float:
    return evidence().numbers[f"assessment.{name}"].value


def sinclair(pattern: Pattern) -> float | None:
    """Return the grade on Sinclair's scale [1 to 5]; None for Norwood, which is not about the parting."""
    if pattern.scale == "sinclair":
        return pattern.level
    if pattern.scale == "ludwig":
        return _number("sinclair_of_ludwig_one") + _number("sinclair_per_ludwig") * (pattern.level - 1)
    return None


def ludwig(pattern: Pattern) -> float | None:
    """Return the grade on Ludwig's scale [0 to 3], 0 for no widening; None for Norwood."""
    on_sinclair = sinclair(pattern)
    if on_sinclair is None:
        return None
    return max(0.0, 1 + (on_sinclair - _number("sinclair_of_ludwig_one")) / _number("sinclair_per_ludwig"))


def share_of_scale(pattern: Pattern) -> float:
    """Return how far along its scale a grade lies [0 to 1]: 0 no loss, 1 the last grade."""
    on_sinclair = sinclair(pattern)
    level, last = (
        (on_sinclair, SCALES["sinclair"]) if on_sinclair is not None else (pattern.level, SCALES["norwood"])
    )
    return (level - 1) / (last - 1)


def severity(pattern: Pattern) -> Word:
    """Return none, mild, moderate or severe, by thirds of the scale (assumed)."""
    share = share_of_scale(pattern)
    if share <= 0:
        return "none"
    return (
        "mild"
        if share < _number("mild_below")
        else "moderate"
        if share < _number("severe_from")
        else "severe"
    )
