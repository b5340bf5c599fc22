"""Price lists: by clinic, place and date, never without them."""

from __future__ import annotations

from typing import Literal

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict


class Offer(Sourced):
    """One line of a price list: so many sessions (or months) of a therapy for so much.

    `on_request` marks prices that hold only for people who ask for them (a monitor's discount).
    """

    therapy: str
    sessions: int
    price: float
    label: str
    on_request: bool = False


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
    date: str
    currency: str
    tax: Literal["included", "excluded", "unknown"]
    offers: list[Offer]
    market: list[MarketRange] = []
