"""Price lists: by clinic, place and date, never without them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict

VISIT, COUNT = "visit", "count"  # what a fee may be for, beside laboratory tests


def _day_or_month(said: str) -> str:
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            dt.datetime.strptime(said, form)
        except ValueError:
            continue
        return said
    raise ValueError("this is no date; write it as 2026-11-22, 2026-11 or '2026'")


Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Many = Annotated[int, Field(ge=1, le=1000)]


class Offer(Sourced):
    """One line of a price list: so many sessions of a therapy, or a pack that lasts so many days, for so much.

    A pack lasts its `days` [d] at the usual dose. `on_request` marks prices that hold only for people who ask
    for them (a monitor's discount).
    """

    therapy: str
    sessions: Many | None = None
    days: Many | None = None
    price: Amount
    label: str
    on_request: bool = False

    @model_validator(mode="after")
    def _holds_something(self) -> Offer:
        if (self.sessions is None) == (self.days is None):
            raise ValueError(
                "a line is for so many `sessions`, or for a pack that lasts so many `days`: give one"
            )
        return self

    @property
    def holds(self) -> int:
        """How many sessions, or days' doses, it buys."""
        return self.sessions or self.days or 0


class Fee(Sourced):
    """What a laboratory test (by its id), a visit (`visit`) or photographs and a count (`count`) cost, each time."""

    of: str
    price: Amount
    label: str


class MarketRange(Sourced):
    """What a session costs elsewhere in the same place."""

    therapy: str
    low: float
    high: float
    label: str


class PriceList(Strict):
    """One clinic's prices on a date [ISO], in one currency [ISO 4217]."""

    id: str
    clinic: str
    place_name: str
    date: Annotated[str, AfterValidator(_day_or_month)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    tax: Literal["included", "excluded", "unknown"]
    offers: list[Offer] = []
    fees: list[Fee] = []
    market: list[MarketRange] = []
