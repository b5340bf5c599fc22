"""What a simulation is asked about the claims: a quantity, the band in which the claim holds, and why that band.

How the quantity is got is the business of `trials`; here stands only what would count as holding.
"""

from __future__ import annotations

from pydantic import model_validator

from follicast.evidence.number import Number
from follicast.evidence.reader import Strict


class Check(Strict):
    """One question to the model. The claim holds if the answer [unit of the ends] lies from `low` to `high`.

    Either end may be open. A check with `waits_for` cannot be settled yet, and says what it needs.
    """

    id: str = ""
    asks: str
    low: Number | None = None
    high: Number | None = None
    unit: str
    waits_for: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _can_fail(self) -> Check:
        if self.low is None and self.high is None and self.waits_for is None:
            raise ValueError("a check needs an end of a band (low or high): without one it cannot fail")
        return self
