"""Signs that always refer. There is no argument, setting or region by which a caller could leave them out.

What is common by itself (receding temples in a woman, a drug that may do harm) does not refer; it asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from follicast.assessment.answer import RedFlag
from follicast.assessment.facts import NEVER, Facts
from follicast.assessment.logic import expression
from follicast.evidence.library import evidence
from follicast.evidence.rule import RedFlag as Flag

_BESIDE = 1e-6  # relative: just below and just above a threshold
_ANYONES = ("age", "female", "postmenopausal")  # who somebody is; by itself it makes nobody suspect


def red_flags(facts: Facts) -> list[RedFlag]:
    """Return every red flag that holds, the urgent ones first."""
    found = [
        RedFlag(flag.id, flag.because, flag.do, flag.urgency, flag.citekeys, flag.place)
        for flag in evidence().red_flags.values()
        if _holds(flag.when, _known(flag, facts))
    ]
    return sorted(found, key=lambda flag: (flag.urgency != "now", flag.id))


def follow_ups(facts: Facts) -> dict[str, list[str]]:
    """Return by fact what must still be asked: the red flags that neither hold nor are settled and hang on it.

    A flag that something makes one suspect asks what its record names; any other asks for each fact that alone
    would raise it in this person and would not in just anyone of the age and sex.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for flag in evidence().red_flags.values():
        known = _known(flag, facts)
        if expression(flag.when).verdict(known) is None:
            suspected = flag.suspect is not None and _holds(flag.suspect, known)
            for name in flag.ask if suspected else _half_seen(flag, known):
                if name not in known:
                    found[name].append(flag.id)
    return dict(found)


def _half_seen(flag: Flag, known: dict[str, Any]) -> Iterator[str]:
    """Yield each fact not known that would raise a flag in this person and not in just anyone."""
    asked, bounds = expression(flag.when), _bounds(flag)
    anyone = {name: known[name] for name in _ANYONES if name in known} | bounds
    for name in asked.names:
        if name not in known and any(
            asked.verdict({**known, name: answer}) and not asked.verdict({**anyone, name: answer})
            for answer in answers(name, tuple(bounds.values()))
        ):
            yield name


@cache
def answers(name: str, bounds: tuple[float, ...]) -> tuple[Any, ...]:
    """Return answers that tell a fact's every region apart: yes and no, or values on both sides of each bound."""
    if evidence().facts[name].type == "bool":
        return (True, False)
    beside = [bound * (1 + step) for bound in bounds for step in (-_BESIDE, 0.0, _BESIDE)]
    return (*beside, NEVER)


def _bounds(flag: Flag) -> dict[str, float]:
    return {name: number.value for name, number in flag.thresholds.items()}


def _known(flag: Flag, facts: Facts) -> dict[str, Any]:
    return {**facts.known, **_bounds(flag)}


def _holds(when: str, known: dict[str, Any]) -> bool:
    return expression(when).verdict(known) is True
