"""Runs every proof and prints its verdict; a law that fails makes the run fail, an aim that is missed is only told."""

from __future__ import annotations

import sys
import time

from verification import anybody, claims, follow_up, laws, published, records, web

ROOMS = (
    laws,
    anybody,
    claims,
    follow_up,
    records,
    web,
    published,
)


def main() -> int:
    """Run all proofs; return 1 if a law failed."""
    begun, failed = time.time(), 0
    verdicts = []
    for proof in (proof for room in ROOMS for proof in room.PROOFS):
        for verdict in proof():
            word = verdict.word if verdict.holds else ("FAILS" if verdict.law else "does not hold")
            print(f"{word:20s} {verdict.what}: {verdict.found}", flush=True)
            failed += verdict.law and not verdict.holds
            verdicts.append(verdict)
    print(f"\n{len(verdicts) - failed} passed, {failed} failed")
    print(f"({sum(not v.holds and not v.law for v in verdicts)} aims not met; {time.time() - begun:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
