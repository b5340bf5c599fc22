"""A million people at random: trouble never opens a therapy, nor does silence, and nobody crashes it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from follicast.evidence.library import evidence
from verification.verdict import Verdict

TESTS = Path(__file__).resolve().parents[1] / "tests"
FIRST, PEOPLE, BATCH = 1_000_000, 1_000_000, 2_000  # other people than those of the tests
LONGEST_S = 20 * 60  # the box: what is not reached by then is said, not waited for
PROCESSES = 2

sys.path.insert(0, str(TESTS))
import anybody  # noqa: E402  (the people and laws of tests/test_anybody.py)


def laws() -> Iterator[Verdict]:
    """Try as many of a million people as the time box allows, each on one of the laws in turn."""
    begun, seen = time.monotonic(), anybody.Found()
    assert evidence().shelves  # read once and kept for the processes
    for found in _batches(begun + LONGEST_S):
        seen.add(found)
    spent = time.monotonic() - begun
    whole = (
        "" if seen.people >= PEOPLE else f" (the box of {LONGEST_S // 60} minutes ended before {PEOPLE:,})"
    )
    yield Verdict(
        "trouble, silence and order never open a therapy, red flags only grow, nobody crashes it",
        f"{seen.people:,} people{whole}, {len(seen.broken)} against it, {spent:.0f} s; "
        f"{seen.excused:,} opened by what they are for or were told twice{_first(seen.broken)}",
        not seen.broken,
        law=False,  # the ten thousand of the tests are a law; this is one once a whole million was run clean
    )
    yield Verdict(
        "only facts that can be told twice went from one answer to another",
        ", ".join(sorted(seen.twice)),
        seen.twice <= anybody.TOLD_TWICE,
        law=False,
    )


def _first(broken: list[str]) -> str:
    return "; first: " + "; ".join(broken[:3]) if broken else ""


def _batches(until: float) -> Iterator[anybody.Found]:
    """Yield what each batch saw, a few batches in flight, until all are done or the time is up."""
    starts = iter(range(FIRST, FIRST + PEOPLE, BATCH))
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        flying = {pool.submit(anybody.look, range(s, s + BATCH), 1) for s in islice(starts, 2 * PROCESSES)}
        while flying:
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for batch in done:
                yield batch.result()
                start = next(starts, None) if time.monotonic() < until else None
                if start is not None:
                    flying.add(pool.submit(anybody.look, range(start, start + BATCH), 1))


PROOFS = (laws,)
