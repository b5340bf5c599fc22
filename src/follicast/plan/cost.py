"""What it costs: the cheapest way to buy it from a dated price list, and what has no price there.

A total stands only where everything the arm itself needs (drug or session) has a price; what is needed beside
it (visits, counts, blood tests) is in the total where it has a price, and named where it has none. A bundle is
a course: sessions that maintain it are bought by themselves. Prices that hold on request only are used only
when asked for. Nothing is ever converted into another currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from follicast.assessment.answer import Assessment
from follicast.evidence.library import evidence
from follicast.evidence.price import COUNT, VISIT, Fee, MarketRange, Offer, PriceList
from follicast.patient import Patient
from follicast.plan import schedule
from follicast.plan.dues import LabDue, Look
from follicast.plan.purchase import Bill, bill, total
from follicast.plan.purchase import cheapest as cheapest
from follicast.regimen import Regimen

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
    `per_extra_chance_of_100` is the first year for each person more of 100 who visibly gains.
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
    per_extra_chance_of_100: float | None = None
    items_after: list[CostItem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        lines = {name: [item.as_json() for item in getattr(self, name)] for name in _LINES}
        return dict(vars(self)) | lines


_LINES = ("items", "on_request", "items_after")
_BESIDE = {VISIT: "consultation and visits", COUNT: "photographs and hair counts"}


@dataclass(frozen=True)
class Beside:
    """What is done beside the arm itself, over two years from the start: blood tests and visits."""

    labs: Sequence[LabDue] = ()
    visits: Sequence[Look] = ()

    def times(self, year: int) -> dict[str, int]:
        """Return how often each test, a visit and a count fall into a year [0 is the first]."""
        done = [(lab.day, lab.test) for lab in self.labs]
        done += [(look.day, VISIT) for look in self.visits]
        done += [(look.day, COUNT) for look in self.visits if look.counted]
        here = [what for day, what in done if year * YEAR_D <= day < (year + 1) * YEAR_D]
        return {what: here.count(what) for what in dict.fromkeys(here)}

    def needed(self) -> list[str]:
        """Return what is needed at all, each once: visits and counts first."""
        return [VISIT, COUNT, *dict.fromkeys(lab.test for lab in self.labs)]


def cost(
    regimen: Regimen,
    patient: Patient,
    *,
    labs: Sequence[LabDue] = (),
    visits: Sequence[Look] = (),
    extra_hair: float | None = None,
    extra_of_100: float | None = None,
    on_request: bool = False,
    prices: PriceList | None = None,
) -> Cost:
    """Return what a regimen costs this person.

    `labs` and `visits` are what it asks for over two years, `extra_hair` [/cm2] is what it is expected to win
    by month 12, `extra_of_100` how many more of 100 visibly gain by then than without it. `on_request` lets in
    the prices that hold only for those who ask; `prices` is a clinic's own list, bought from and no other.
    """
    prices = prices or price_list(regimen, patient)
    beside = Beside(labs, visits)
    if not regimen.parts or prices is None:
        return _without_prices(regimen, patient, prices)
    bills = [bill(part, patient.sex, prices, on_request) for part in regimen.parts]
    return _cost(regimen, prices, bills, beside, (extra_hair, extra_of_100), on_request)


def cost_for(assessment: Assessment, regimen: Regimen, **how: Any) -> Cost:
    """Return what a regimen costs the person assessed, with the tests and visits it asks for over two years.

    `how` is what `cost` takes besides.
    """
    labs = schedule.labs(regimen, assessment, None, 2 * YEAR_D)
    visits = schedule.visits(regimen, assessment, None, 2 * YEAR_D)
    return cost(regimen, assessment.patient, labs=labs, visits=visits, **how)


def _cost(
    regimen: Regimen,
    prices: PriceList,
    bills: list[Bill],
    beside: Beside,
    won: tuple[float | None, float | None],
    on_request: bool,
) -> Cost:
    complete = all(one.priced for one in bills)
    fees = [_fees(prices, beside, year) for year in (0, 1)]
    known = total(bills, "first") + _sum(fees[0])
    later = total(bills, "later") + _sum(fees[1])
    sold_in_sessions = any(one.part.record.course for one in bills)
    per_hair, per_chance = (_each(known, more) if complete else None for more in won)
    return Cost(
        currency=prices.currency,
        first_year=known if complete else None,
        per_year_after=later if complete else None,
        per_extra_hair_cm2=per_hair,
        course=total(bills, "course") if complete and sold_in_sessions else None,
        known_first_year=known,
        items=[*_items(bills, "first"), *fees[0]],
        unknown=_unknown(bills, prices, beside),
        bundle="; ".join(_said(one, prices.currency) for one in bills if one.course) or None,
        on_request=_on_request(regimen, prices) if on_request else [],
        market=_market(regimen, prices),
        list_name=prices.clinic,
        place=prices.place_name,
        date=prices.date,
        tax=prices.tax,
        sources=_sources(regimen, prices),
        per_extra_chance_of_100=per_chance,
        items_after=[*_items(bills, "later"), *fees[1]],
    )


def _each(amount: float, more: float | None) -> float | None:
    """Return what one more costs; None where none more is to be had."""
    return round(amount / more, 2) if more is not None and more > 0 else None


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


def over_budget(priced: Cost, patient: Patient) -> str | None:
    """Return what is to be said of a budget: above it, or in another currency; None where there is nothing to say."""
    budget, first = patient.budget, priced.first_year
    if budget is None or first is None:
        return None
    if budget.currency != priced.currency:
        apart = f"the budget is in {budget.currency} and the prices are in {priced.currency}"
        return f"{apart}; nothing is converted, so they are not compared" if first > 0 else None
    if first <= budget.amount:
        return None
    over = f"{first:,.0f} {budget.currency}, above the budget of {budget.amount:,.0f}"
    return f"the first year costs {over}"


def _without_prices(regimen: Regimen, patient: Patient, prices: PriceList | None) -> Cost:
    nothing = None if regimen.parts else 0.0
    return Cost(
        currency=prices.currency if prices else None,
        first_year=nothing,
        per_year_after=nothing,
        per_extra_hair_cm2=None,
        course=nothing,
        known_first_year=0.0,
        unknown=[f"price of {part.record.short}" for part in regimen.parts] + list(_BESIDE.values()),
    )


def _fees(prices: PriceList, beside: Beside, year: int) -> list[CostItem]:
    """Return what is paid beside the arm in a year, as far as the list has a price for it."""
    fees = _cheapest_fees(prices)
    return [
        CostItem(fees[what].label, fees[what].price, times, fees[what].citekeys)
        for what, times in beside.times(year).items()
        if what in fees
    ]


def _cheapest_fees(prices: PriceList) -> dict[str, Fee]:
    found: dict[str, Fee] = {}
    for fee in sorted(prices.fees, key=lambda fee: fee.price, reverse=True):
        found[fee.of] = fee
    return found


def _sum(items: Iterable[CostItem]) -> float:
    return float(sum(item.amount * item.times for item in items))


def _items(bills: list[Bill], what: str) -> list[CostItem]:
    return [_item(offer, times) for one in bills if one.priced for offer, times in getattr(one, what)]


def _item(offer: Offer, times: int) -> CostItem:
    return CostItem(
        f"{evidence().therapies[offer.therapy].short}: {offer.label}", offer.price, times, offer.citekeys
    )


def _said(one: Bill, currency: str) -> str:
    bought = " and ".join(
        f"{times} x {offer.label}" if times > 1 else offer.label for offer, times in one.course
    )
    return f"{bought} ({total([one], 'course'):,.0f} {currency})"


def _unknown(bills: list[Bill], prices: PriceList, beside: Beside) -> list[str]:
    missing = [f"price of {one.part.record.short}" for one in bills if not one.priced]
    fees = _cheapest_fees(prices)
    return missing + [_named(what) for what in beside.needed() if what not in fees]


def _named(what: str) -> str:
    """Return what a thing beside the arm is called where it has no price."""
    return _BESIDE.get(what) or f"test: {evidence().labs[what].name}"


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
    """Return the works that the prices rest on; a clinic's own list is no work."""
    lines: list[Offer | MarketRange] = [*prices.offers, *prices.market]
    cited = {key for line in lines if line.therapy in regimen.therapies for key in line.citekeys}
    return sorted(cited & evidence().references.keys())
