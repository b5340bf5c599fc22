"""Signs that always refer. There is no argument, setting or region by which a caller could leave them out.

What is common by itself (receding temples in a woman, a drug that may do harm) does not refer; it asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from follicast.assessment.answer import RedFlag
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.evidence.library import evidence
from follicast.evidence.rule import RedFlag as Flag


@dataclass(frozen=True)
class FollowUp:
    """A fact not known that would settle a red flag of which something is there already."""

    flag: str
    fact: str
    ask: str


def red_flags(facts: Facts) -> list[RedFlag]:
    """Return every red flag that holds, the urgent ones first."""
    found = [
        RedFlag(flag.id, flag.because, flag.do, flag.urgency, flag.citekeys, flag.place)
        for flag in evidence().red_flags.values()
        if _holds(flag, flag.when, facts)
    ]
    return sorted(found, key=lambda flag: (flag.urgency != "now", flag.id))


def follow_ups(facts: Facts) -> list[FollowUp]:
    """Return what must still be asked where a flag is suspected and neither holds nor is settled."""
    return [
        FollowUp(flag.id, fact, evidence().facts[fact].ask)
        for flag in evidence().red_flags.values()
        if flag.suspect and _holds(flag, flag.suspect, facts) and not _holds(flag, flag.when, facts)
        for fact in flag.ask
        if fact not in facts.known
    ]


def _holds(flag: Flag, when: str, facts: Facts) -> bool:
    known = {**facts.known, **{name: number.value for name, number in flag.thresholds.items()}}
    return expression(when).verdict(known) is True
