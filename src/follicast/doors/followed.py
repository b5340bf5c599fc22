"""A follow-up on the command line: what the visits made of the forecast, and whether the course is on track."""

from __future__ import annotations

from typing import Any

from follicast.doors.output import table
from follicast.follow_up import FollowUp

_SAID = {
    "on track": "The course is as was forecast, or better.",
    "off track": "The course is worse than forecast: look at the diagnosis, the doses and the choice again.",
    "too early to tell": "What was counted does not settle it yet.",
}


def told(found: FollowUp) -> list[Any]:
    """Return a follow-up as lines and tables to read."""
    held, month = found.track, found.track.month
    rows = [(name, _ends(ends)) for name, ends in (("at the start", held.expected), ("now", held.now))]
    head = ["terminal hairs /cm2", f"change by month {month}"]
    return [
        f"{found.taken}: {held.word} ({100 * held.chance:.0f} of 100 end as expected). {_SAID[held.word]}",
        table(None, head, rows, ids=False),
        f"What was seen narrowed it by {100 * max(held.narrowed, 0):.0f} %.",
        *_doses(found),
        *_next(found),
    ]


def _ends(ends: dict[str, float]) -> str:
    return f"{ends['median']:+.1f} ({ends['low']:+.1f} to {ends['high']:+.1f})"


def _doses(found: FollowUp) -> list[str]:
    if found.by_adherence is None:
        return []
    shares = ", ".join(f"{100 * share:.0f} %: {p:.2f}" for share, p in found.by_adherence.shares.items())
    return [
        f"How likely each share of the doses is, by the counts alone (a weak answer looks alike): {shares}"
    ]


def _next(found: FollowUp) -> list[str]:
    worth = next((one for one in found.next_looks if one.worth_it), None)
    if worth is None:
        return ["No single count up to then would narrow it by a tenth."]
    return [
        f"Next look: month {worth.month}, by {worth.method}; it would narrow this by {100 * worth.narrows:.0f} %."
    ]
