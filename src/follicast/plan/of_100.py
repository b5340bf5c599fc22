"""A hundred people to draw, whole ones that add up: for what may be won and for what may go wrong alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

PEOPLE = 100
ROUNDING = "to the nearest whole person of 100, a half upwards; an upper bound is rounded up"


@dataclass(frozen=True)
class Icons:
    """A hundred people to draw: `hit` and `rest` add up to 100; `sure` is false where `hit` is only a bound."""

    hit: int
    rest: int
    sure: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return every field, and how it was rounded."""
        return dict(vars(self)) | {"rounding": ROUNDING}


def icons(of_100: float, sure: bool = True) -> Icons:
    """Return the people to draw for so many of 100; an upper bound (`sure` false) is rounded up."""
    hit = math.floor(of_100 + 0.5) if sure else math.ceil(of_100)
    return Icons(min(hit, PEOPLE), PEOPLE - min(hit, PEOPLE), sure)
