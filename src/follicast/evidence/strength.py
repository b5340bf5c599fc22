"""How strong a likelihood ratio is, in words, and the band within which it may lie.

Most ratios are elicited: a single number is written down, and the band says how far from it the truth may be.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal

from follicast.evidence.library import evidence
from follicast.evidence.number import Number

Strength = Literal["marginal", "small", "moderate", "large"]
_STRONGER: tuple[Strength, ...] = ("small", "moderate", "large")


@lru_cache
def strength(ratio: float) -> Strength:
    """Return the class of a likelihood ratio [1]; 0.2 is as strong as 5."""
    size = max(ratio, 1 / ratio)
    reached = [name for name in _STRONGER if size >= _number(f"{name}_from")]
    return reached[-1] if reached else "marginal"


def band(ratio: Number) -> tuple[float, float]:
    """Return the ends [1] within which a ratio may lie: as printed, or as far off as its class allows.

    A band never crosses 1, and a ratio of 1 has none: it says nothing, and surely so.
    """
    printed = ratio.spread
    if printed and printed.low is not None and printed.high is not None:
        return printed.low, printed.high
    return _as_far_off(ratio.value)


@lru_cache
def _as_far_off(ratio: float) -> tuple[float, float]:
    if ratio == 1:
        return ratio, ratio
    off = _number(f"{strength(ratio)}_off")
    low, high = ratio / off, ratio * off
    return (max(low, 1), high) if ratio > 1 else (low, min(high, 1))


def prior_band(prior: Number) -> tuple[float, float]:
    """Return the ends of prior odds [1]: narrower where a registry counted them."""
    odds = prior.value / (1 - prior.value)
    off = _number("prior_elicited_off" if prior.kind == "assumed" else "prior_counted_off")
    return odds / off, odds * off


@cache
def _number(name: str) -> float:
    return evidence().numbers[f"strength.{name}"].value
