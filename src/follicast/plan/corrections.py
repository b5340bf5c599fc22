"""What a person may have read of a treatment elsewhere, where Follicast says otherwise, and why.

It holds the disagreements of sources, and the claims of the source pages that were put right, as far as they touch
the therapies of a plan. What nobody has put into plain words is for the clinician alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from follicast.evidence.claim import Claim
from follicast.evidence.conflict import Conflict
from follicast.evidence.library import evidence


@dataclass(frozen=True)
class Correction:
    """One thing that is said elsewhere: what, by whom (`sides`), what holds here, and why.

    `kindly` is for the patient, None where nobody has put it into plain words.
    """

    id: str
    topic: str
    sides: list[tuple[str, list[str]]]
    holds: str
    why: str | None
    kindly: str | None
    sources: list[str]


def corrections(therapies: Iterable[str]) -> list[Correction]:
    """Return what touches any of these therapies: disagreements first, then claims that no disagreement covers."""
    wanted = {kin for therapy in therapies for kin in _kin(therapy)}
    library = evidence()
    disputed = [c for c in library.conflicts.values() if _touched(tuple(c.shown_at)) & wanted]
    covered = {claim for conflict in disputed for claim in conflict.claims}
    wrong = [
        (name, claim)
        for name, claim in library.claims.items()
        if claim.corrected and name not in covered and _touched(tuple(claim.honoured_by)) & wanted
    ]
    return [*(_of_conflict(c) for c in disputed), *(_of_claim(name, claim) for name, claim in wrong)]


def told_kindly(found: Iterable[Correction]) -> list[str]:
    """Return what the patient is told, each sentence once."""
    return list(dict.fromkeys(one.kindly for one in found if one.kindly))


def _of_conflict(conflict: Conflict) -> Correction:
    sides = [(side.says, side.citekeys) for side in conflict.sides]
    sources = sorted({key for _, keys in sides for key in keys})
    return Correction(
        conflict.id, conflict.topic, sides, conflict.follows, conflict.why, conflict.kindly, sources
    )


def _of_claim(name: str, claim: Claim) -> Correction:
    library = evidence()
    assert claim.corrected is not None
    page, right = library.claimed_on[name], claim.corrected
    kindly = library.claims[claim.told_with].kindly if claim.told_with else claim.kindly
    return Correction(
        name, claim.about, [(claim.says, [page])], right.text, None, kindly, sorted({page, *right.citekeys})
    )


def _kin(therapy_id: str) -> Iterator[str]:
    """Yield a therapy and those that give the same thing the same way, such as another strength of a lotion."""
    own = evidence().therapies[therapy_id]
    for other in evidence().therapies.values():
        alike = (other.ingredients, other.route, other.body) == (own.ingredients, own.route, own.body)
        if other is own or alike:
            yield other.id


@cache
def _touched(links: tuple[str, ...]) -> frozenset[str]:
    """Return the therapies that links speak of: by themselves, their harms, their rules or their checklists."""
    return frozenset(therapy for link in links for therapy in _of_link(link))


def _of_link(link: str) -> Iterator[str]:
    shelf, _, rest = link.partition(":")
    name, library = rest.partition("#")[0], evidence()
    if shelf in ("therapy", "harm"):
        yield name
    elif shelf == "rule":
        asked = set(library.rules[name].for_)  # a rule for every therapy of a body speaks of none of them
        for therapy in library.therapies.values():
            if {therapy.id, *(f"family:{family}" for family in therapy.family)} & asked:
                yield therapy.id
    elif shelf == "checklist":
        yield from library.checklists[name].therapies
