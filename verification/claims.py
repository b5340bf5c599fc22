"""The claims of the source pages put to virtual people again: are the verdicts that ship still those of the model?"""

from __future__ import annotations

from collections.abc import Iterator

from follicast.evidence import verdict as kept
from follicast.evidence.judgement import stale
from follicast.evidence.library import evidence
from follicast.trials import claims
from verification.verdict import Verdict

# Of the 90 % interval: on another processor a sum may round differently and a hair fall a week later.
WITHIN = 0.02


def verdicts() -> Iterator[Verdict]:
    """Every check run afresh gives the verdict that is written down; a claim that does not hold is told, no failure."""
    afresh, before = claims.ask(lambda _: None).verdicts, evidence().verdicts.verdicts
    for name, found in afresh.items():
        was = before.get(name)
        yield Verdict(
            f"{name}",
            _told(found, was),
            was is not None and was.verdict == found.verdict and _alike(was, found),
            word=f"claim {found.verdict}",
        )


def current() -> Iterator[Verdict]:
    """The verdicts that ship were found with the posterior and the bands that ship."""
    why = stale(evidence())
    yield Verdict("the verdicts on claims are of this posterior", "; ".join(why) or "they are", not why)


def _alike(was: kept.Verdict, found: kept.Verdict) -> bool:
    """Whether the three values agree to within a share of the interval (to the last digit where it has no width)."""
    pairs = [(getattr(was, key), getattr(found, key)) for key in ("low90", "value", "high90")]
    if any(None in pair for pair in pairs):
        return all(a == b for a, b in pairs)
    width = abs((was.high90 or 0.0) - (was.low90 or 0.0))
    return all(abs(a - b) <= WITHIN * width for a, b in pairs)


def _told(found: kept.Verdict, was: kept.Verdict | None) -> str:
    if was is None:
        return "never written down; run: follicast claims --run"
    ends = f"{_end(found.low)} to {_end(found.high)}"
    changed = "" if was == found else f"; written down: {was.verdict}, {was.value}"
    return f"{found.value} ({found.low90} to {found.high90}) against {ends}{changed}"


def _end(end: float | None) -> str:
    return "any" if end is None else f"{end:g}"


PROOFS = (current, verdicts)
