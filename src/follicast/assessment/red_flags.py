"""Signs that always refer. There is no argument, setting or region by which a caller could leave them out."""

from __future__ import annotations

from follicast.assessment.answer import RedFlag
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.evidence.library import evidence


def red_flags(facts: Facts) -> list[RedFlag]:
    """Return every red flag that holds, the urgent ones first."""
    found = []
    for flag in evidence().red_flags.values():
        known = {**facts.known, **{name: number.value for name, number in flag.thresholds.items()}}
        if expression(flag.when).verdict(known):
            found.append(RedFlag(flag.id, flag.because, flag.do, flag.urgency, flag.citekeys, flag.place))
    return sorted(found, key=lambda flag: (flag.urgency != "now", flag.id))
