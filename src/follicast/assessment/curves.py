"""What a count says of a kind of hair loss: how likely the count is in those who have it, against others.

Counts are taken as log-normal with the mean and SD that were published: they cannot fall below none, and their
SD is about half their mean. It holds for one wash a day, as the study counted; rarer washes gather more hairs.
"""

from __future__ import annotations

import math

from follicast.evidence.condition import Curve
from follicast.evidence.library import evidence
from follicast.evidence.number import Number

PERCENT = 100


def told_by(curve: Curve, count: float) -> Number:
    """Return the likelihood ratio [1] of a count, bounded by what so few people can tell."""
    apart = _apart(curve, max(count, 1.0))
    alike = _value(curve.alike) / PERCENT
    return Number(
        value=1 / ((1 - alike) / apart + alike),
        unit="1",
        kind="derived",
        sure="D",
        source=_sources(curve),
        place=f"a count of {count:g} on the curves of {', '.join([curve.with_it, *curve.without])}",
    )


def _apart(curve: Curve, count: float) -> float:
    """The ratio of the densities of a count in those who have it and in those without anything like it."""
    others = [_log_density(name, count) for name in curve.without]
    most = max(others)
    against = most + math.log(sum(math.exp(one - most) for one in others) / len(others))
    limit = math.log(_value("strength.curve_limit"))
    return math.exp(min(max(_log_density(curve.with_it, count) - against, -limit), limit))


def _value(name: str) -> float:
    return evidence().numbers[name].value


def _log_density(name: str, count: float) -> float:
    """The log density of a count, up to what all curves share, under a published mean and SD."""
    number = evidence().numbers[name]
    assert number.spread is not None and number.spread.value is not None, f"{name} has no SD"
    variance = math.log1p((number.spread.value / number.value) ** 2)
    middle = math.log(number.value) - variance / 2
    return -((math.log(count) - middle) ** 2) / (2 * variance) - math.log(variance) / 2


def _sources(curve: Curve) -> list[str]:
    names = (curve.with_it, *curve.without, curve.alike)
    return sorted({key for name in names for key in evidence().numbers[name].citekeys})
