"""What a proof says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """What was tested, what was found, and whether it holds; a `law` must, an aim may not.

    `word` is said instead of "holds" where what was proved is itself a verdict.
    """

    what: str
    found: str
    holds: bool
    law: bool = True
    word: str = "holds"
