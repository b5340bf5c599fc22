"""Three answers put together: true, false, or unknown (None)."""

from __future__ import annotations

from collections.abc import Iterable

Bool = bool | None


def any_of(answers: Iterable[Bool]) -> Bool:
    """Return True if one is true, unknown if none is and one is unknown, else False."""
    heard = list(answers)
    return True if True in heard else None if None in heard else False


def either(*answers: Bool) -> Bool:
    """True if one says so; False if one denies and none is for it; else unknown."""
    return True if True in answers else False if False in answers else None
