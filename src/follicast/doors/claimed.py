"""Claims of the source pages as text and as an answer to other programs: what honours each, and what is said to it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any, get_args

from follicast.doors.output import table
from follicast.evidence.claim import ClaimKind
from follicast.evidence.heading import heading
from follicast.evidence.judgement import BUILT_IN, Judged, judged, stale
from follicast.evidence.library import evidence
from follicast.evidence.verdict import Said

_WIDE, _INDENT = 100, " " * 10


def known(name: str) -> list[str]:
    """Return what claims may be chosen by: their kinds, pages or verdicts."""
    if name == "page":
        return list(dict.fromkeys(evidence().claimed_on.values()))
    return list(get_args(ClaimKind)) if name == "kind" else [*get_args(Said), BUILT_IN]


def answer(kind: str | None, page: str | None, verdict: str | None) -> tuple[list[Judged], dict[str, Any]]:
    """Return the claims that were asked for, and the answer with the keys that all answers share."""
    found = [
        claim
        for claim in judged(evidence())
        if kind in (None, claim.claim.kind)
        and page in (None, claim.page)
        and verdict in (None, claim.verdict)
    ]
    sources = sorted({key for claim in found for key in claim.sources})
    head = heading(evidence().verdicts.recipe.seed, sources, stale(evidence()))
    return found, head | {"claims": [claim.as_json() for claim in found]}


def told(claims: list[Judged]) -> Iterable[Any]:
    """Return every claim as a paragraph, and at the end how many there are of each kind and verdict."""
    yield "\n".join(line for claim in claims for line in [*paragraph(claim.as_json()), ""])
    counted = Counter((claim.claim.kind, claim.verdict or "") for claim in claims)
    rows = [(kind, verdict, number) for (kind, verdict), number in sorted(counted.items())]
    yield table(f"{len(claims)} claims", ["kind", "verdict", "claims"], rows)


def paragraph(claim: dict[str, Any]) -> Iterable[str]:
    """Return one claim, as it is answered to other programs, in lines to read."""
    yield f"{claim['claim_id']}  {claim['kind']}" + (f": {claim['verdict']}" if claim["verdict"] else "")
    yield _wrapped("", claim["statement"])
    yield _wrapped("honoured by: ", ", ".join(claim["where"]))
    for word in ("why", "asked", "waits_for"):
        if claim[word]:
            yield _wrapped(f"{word.replace('_', ' ')}: ", claim[word])
    if claim["value"] is not None:
        yield _wrapped("came out: ", _came_out(claim))
    for word in ("note", "trials", "corrected"):
        if claim[word]:
            yield _wrapped(f"{word}: ", claim[word])


def _came_out(claim: dict[str, Any]) -> str:
    unit = evidence().units[claim["unit"]]
    value = f"{claim['value']:g} {unit} ({claim['low90']:g} to {claim['high90']:g}), {_band(claim, unit)}"
    beside = "; ".join(f"{name}: {number:g}" for name, number in (claim["beside"] or {}).items())
    return value + (f". Beside it: {beside}" if beside else "")


def _band(claim: dict[str, Any], unit: str) -> str:
    low, high = claim["band"]
    if low is None:
        return f"claimed: at most {high:g} {unit}"
    if high is None:
        return f"claimed: at least {low:g} {unit}"
    return f"claimed: {low:g} to {high:g} {unit}"


def _wrapped(head: str, text: str) -> str:
    words = head + " ".join(text.split())
    return textwrap.fill(words, _WIDE, initial_indent=_INDENT, subsequent_indent=_INDENT)
