"""What it costs: the cheapest way to buy the sessions from a dated price list, and what has no price there.

A total stands only where everything the arm itself needs (drug or session) has a price; what is needed beside
it (visits, counts, blood tests) and has none is named and not in the total. A bundle is a course: sessions
that maintain it are bought by themselves. Prices that hold on request only are used only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from follicast.evidence.library import evidence
from follicast.evidence.price import MarketRange, Offer, PriceList
from follicast.patient import Patient
from follicast.plan.schedule import LabDue, timed
from follicast.regimen import Part, Regimen

YEAR_D = 365.25


@dataclass(frozen=True)
class CostItem:
    """One line: `amount` for one of `times`."""

    label: str
    amount: float
    times: int
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class Cost:
    """What an arm costs in one currency; None where a price that it needs is not known.

    `known_first_year` adds up what is known; `unknown` names what is not, in the totals or beside them.
    """

    currency: str | None
    first_year: float | None
    per_year_after: float | None
    per_extra_hair_cm2: float | None
    course: float | None
    known_first_year: float
    items: list[CostItem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    bundle: str | None = None
    on_request: list[CostItem] = field(default_factory=list)
    market: str | None = None
    list_name: str | None = None
    place: str | None = None
    date: str | None = None
    tax: str | None = None
    sources: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self)) | {
            "items": [item.as_json() for item in self.items],
            "on_request": [item.as_json() for item in self.on_request],
        }


@dataclass(frozen=True)
class _Bill:
    """What one part costs: course, first year and a later year, as offers and how often each is bought."""

    part: Part
    course: list[tuple[Offer, int]]
    first: list[tuple[Offer, int]]
    later: list[tuple[Offer, int]]
    priced: bool


def cheapest(offers: Iterable[Offer], sessions: int) -> list[tuple[Offer, int]]:
    """Return which offers to buy, and how often, for at least so many sessions at the lowest price."""
    offers = sorted(offers, key=lambda offer: (-offer.sessions, offer.price))
    best: list[tuple[float, int, tuple[int, ...]]] = [(0.0, 0, (0,) * len(offers))]
    for wanted in range(1, sessions + 1):
        ways = [_with(best[max(0, wanted - offer.sessions)], k, offer) for k, offer in enumerate(offers)]
        best.append(min(ways))
    return [(offer, times) for offer, times in zip(offers, best[sessions][2], strict=True) if times]


def _with(
    way: tuple[float, int, tuple[int, ...]], k: int, offer: Offer
) -> tuple[float, int, tuple[int, ...]]:
    price, bought, times = way
    return price + offer.price, bought + 1, (*times[:k], times[k] + 1, *times[k + 1 :])


def cost(
    regimen: Regimen,
    patient: Patient,
    *,
    labs: Sequence[LabDue] = (),
    extra_hair: float | None = None,
    on_request: bool = False,
) -> Cost:
    """Return what a regimen costs this person.

    `labs` are the tests it asks for, `extra_hair` [/cm2] is what it is expected to win by month 12,
    `on_request` lets in the prices that hold only for those who ask.
    """
    prices = price_list(regimen, patient)
    if not regimen.parts or prices is None:
        return _without_prices(regimen, prices)
    bills = [_bill(part, prices, on_request) for part in regimen.parts]
    complete = all(bill.priced for bill in bills)
    first, known = _total(bills, "first"), [b for b in bills if b.priced]
    return Cost(
        currency=prices.currency,
        first_year=first if complete else None,
        per_year_after=_total(bills, "later") if complete else None,
        per_extra_hair_cm2=round(first / extra_hair, 2)
        if complete and extra_hair and extra_hair > 0
        else None,
        course=_total(bills, "course") if complete else None,
        known_first_year=first,
        items=[_item(offer, times) for bill in known for offer, times in bill.first],
        unknown=_unknown(bills, labs),
        bundle="; ".join(_said(bill, prices.currency) for bill in known) or None,
        on_request=_on_request(regimen, prices) if on_request else [],
        market=_market(regimen, prices),
        list_name=prices.clinic,
        place=prices.place_name,
        date=prices.date,
        tax=prices.tax,
        sources=_sources(regimen, prices),
    )


def price_list(regimen: Regimen, patient: Patient) -> PriceList | None:
    """Return the list to buy from: in the currency of the budget, then with a price for most of the parts."""
    wanted = patient.budget.currency if patient.budget else None
    return min(
        evidence().price_lists.values(),
        default=None,
        key=lambda prices: (
            prices.currency != wanted,
            -len(set(regimen.therapies) & {o.therapy for o in prices.offers}),
            prices.id,
        ),
    )


def _without_prices(regimen: Regimen, prices: PriceList | None) -> Cost:
    nothing = None if regimen.parts else 0.0
    return Cost(
        currency=prices.currency if prices else None,
        first_year=nothing,
        per_year_after=nothing,
        per_extra_hair_cm2=None,
        course=nothing,
        known_first_year=0.0,
        unknown=[f"price of {part.record.short}" for part in regimen.parts] + _BESIDE,
    )


def _bill(part: Part, prices: PriceList, on_request: bool) -> _Bill:
    offers = [
        offer
        for offer in prices.offers
        if offer.therapy == part.therapy and (on_request or not offer.on_request)
    ]
    if not offers or part.record.course is None:
        return _Bill(part, [], [], [], False)
    when = timed(part, 2 * YEAR_D)
    course = cheapest(offers, len(when.course))
    kept_up = [sum(low <= day < low + YEAR_D for day in when.maintenance) for low in (0.0, YEAR_D)]
    first = cheapest(offers, sum(day < YEAR_D for day in when.course)) + cheapest(offers, kept_up[0])
    later = cheapest(offers, sum(day >= YEAR_D for day in when.course)) + cheapest(offers, kept_up[1])
    return _Bill(part, course, _gathered(first), later, True)


def _gathered(bought: list[tuple[Offer, int]]) -> list[tuple[Offer, int]]:
    """Add up purchases of the same offer."""
    times: dict[int, int] = {}
    offers = {id(offer): offer for offer, _ in bought}
    for offer, count in bought:
        times[id(offer)] = times.get(id(offer), 0) + count
    return [(offers[key], count) for key, count in times.items()]


def _total(bills: list[_Bill], what: str) -> float:
    return float(sum(offer.price * times for bill in bills for offer, times in getattr(bill, what)))


def _item(offer: Offer, times: int) -> CostItem:
    return CostItem(
        f"{evidence().therapies[offer.therapy].short}: {offer.label}", offer.price, times, offer.citekeys
    )


def _said(bill: _Bill, currency: str) -> str:
    bought = " and ".join(
        f"{times} x {offer.label}" if times > 1 else offer.label for offer, times in bill.course
    )
    return f"{bought} ({_total([bill], 'course'):,.0f} {currency})"


_BESIDE = ["consultation and visits", "photographs and hair counts"]


def _unknown(bills: list[_Bill], labs: Sequence[LabDue]) -> list[str]:
    named = [f"price of {bill.part.record.short}" for bill in bills if not bill.priced]
    tests = dict.fromkeys(lab.name for lab in labs if lab.day < YEAR_D)
    return named + _BESIDE + [f"test: {name}" for name in tests]


def _on_request(regimen: Regimen, prices: PriceList) -> list[CostItem]:
    return [
        _item(offer, 1) for offer in prices.offers if offer.on_request and offer.therapy in regimen.therapies
    ]


def _market(regimen: Regimen, prices: PriceList) -> str | None:
    said = [
        f"{item.label}: {item.low:,.0f} to {item.high:,.0f} {prices.currency}"
        for item in prices.market
        if item.therapy in regimen.therapies
    ]
    return "; ".join(said) or None


def _sources(regimen: Regimen, prices: PriceList) -> list[str]:
    lines: list[Offer | MarketRange] = [*prices.offers, *prices.market]
    return sorted({key for line in lines if line.therapy in regimen.therapies for key in line.citekeys})
