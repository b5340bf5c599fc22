"""Claims beside the verdicts on them: what the model says to each claim of the source pages, and why it may.

It reads what was found and runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from follicast.evidence.check import Check
from follicast.evidence.claim import Claim
from follicast.evidence.library import Library
from follicast.evidence.links import resolve
from follicast.evidence.verdict import Said, Verdict, Verdicts, band

BUILT_IN = "built in"
CANNOT: Said = "cannot be said"
_STRICTEST: list[Said] = ["does not hold", CANNOT, "holds"]


def stale(library: Library) -> list[str]:
    """Return why the verdicts that are kept may no longer be those of the model; nothing where they are."""
    kept, posterior = library.verdicts, library.posterior
    why = []
    if (kept.recipe.fitted_to, kept.recipe.posterior) != (posterior.recipe.get("fitted_to"), posterior.hash):
        why.append("the verdicts were found with another posterior; find them again: follicast claims --run")
    changed = [name for name, check in library.checks.items() if not _judged_by(kept, name, check)]
    if changed:
        why.append(f"not run since they were written: {', '.join(changed)}; run: follicast claims --run")
    return why


def _judged_by(kept: Verdicts, name: str, check: Check) -> bool:
    found = kept.verdicts.get(name)
    return found is not None and (found.low, found.high) == band(check)


@dataclass(frozen=True)
class Judged:
    """A claim with what virtual people say to it; `check` and `found` are those that decided."""

    claim_id: str
    claim: Claim
    page: str
    verdict: str | None
    check: Check | None = None
    found: Verdict | None = None
    sources: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the keys that other programs rely on."""
        claim, found = self.claim, self.found
        return {
            "claim_id": self.claim_id,
            "statement": claim.says,
            "honoured_as": ", ".join(dict.fromkeys(link.split(":")[0] for link in claim.honoured_by)),
            "where": claim.honoured_by,
            "kind": claim.kind,
            "verdict": self.verdict,
            "why": claim.why,
            "asked": self.check and self.check.asks,
            "note": self.check and self.check.note,
            "waits_for": self.check and self.check.waits_for,
            **{name: getattr(found, name, None) for name in ("value", "low90", "high90", "beside")},
            "band": band(self.check) if self.check else None,
            "unit": self.check and self.check.unit,
            "trials": claim.trials and claim.trials.text,
            "corrected": claim.corrected and claim.corrected.text,
            "source": self.page,
            "place": claim.place,
        }


def judged(library: Library) -> list[Judged]:
    """Return every claim, by id, with the verdict on it.

    Where a claim is put as several checks, all must hold; the one that speaks most against it decides.
    """
    return [_judge(library, name, claim) for name, claim in sorted(library.claims.items())]


def _judge(library: Library, name: str, claim: Claim) -> Judged:
    page = library.claimed_on[name]
    sources = [page, *(key for text in (claim.trials, claim.corrected) if text for key in text.citekeys)]
    if claim.kind != "emergent":
        verdict = {"built-in": BUILT_IN, "outside": CANNOT}.get(claim.kind)
        return Judged(name, claim, page, verdict, sources=sources)
    asked = [link.removeprefix("check:") for link in claim.honoured_by if link.startswith("check:")]
    said = {check: _said(library, check) for check in asked}
    decides = min(asked, key=lambda check: _STRICTEST.index(said[check]))
    check = resolve(library, f"check:{decides}")
    sources += [key for end in (check.low, check.high) if end for key in end.citekeys]
    return Judged(name, claim, page, said[decides], check, library.verdicts.verdicts.get(decides), sources)


def _said(library: Library, check: str) -> Said:
    found = library.verdicts.verdicts.get(check)
    return found.verdict if found else CANNOT
