"""The cheapest way to buy what one part of a regimen needs: sessions in bundles, home therapies in packs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from follicast.evidence.price import Offer, PriceList
from follicast.evidence.therapy import Sex
from follicast.plan.schedule import timed
from follicast.regimen import Part

_YEAR_D = 365.25
Bought = list[tuple[Offer, int]]


@dataclass(frozen=True)
class Bill:
    """What one part costs: course, first year and a later year, as offers and how often each is bought."""

    part: Part
    course: Bought
    first: Bought
    later: Bought
    priced: bool


def bill(part: Part, sex: Sex, prices: PriceList, on_request: bool) -> Bill:
    """Return the cheapest purchases for a part from a list; unpriced where the list has nothing of its kind.

    `on_request` lets in prices that hold only for those who ask.
    """
    by_session = part.record.course is not None
    offers = [
        offer
        for offer in prices.offers
        if offer.therapy == part.therapy
        and (offer.sessions is not None) == by_session
        and (on_request or not offer.on_request)
    ]
    if not offers:
        return Bill(part, [], [], [], False)
    return _in_sessions(part, offers) if by_session else _in_packs(part, sex, offers)


def _in_sessions(part: Part, offers: list[Offer]) -> Bill:
    when = timed(part, 2 * _YEAR_D)
    kept_up = [sum(low <= day < low + _YEAR_D for day in when.maintenance) for low in (0.0, _YEAR_D)]
    course = [sum(low <= day < low + _YEAR_D for day in when.course) for low in (0.0, _YEAR_D)]
    first, later = (cheapest(offers, course[k]) + cheapest(offers, kept_up[k]) for k in (0, 1))
    return Bill(part, cheapest(offers, len(when.course)), _gathered(first), _gathered(later), True)


def _in_packs(part: Part, sex: Sex, offers: list[Offer]) -> Bill:
    """Buy whole packs for each year; at twice the usual dose a pack lasts half as long."""
    usual = (part.record.dose or {}).get(sex)
    dose = part.dose(sex)
    share = dose / float(usual.usual) if usual and dose else 1.0
    taken = part.presence(round(2 * _YEAR_D)) > 0
    year = round(_YEAR_D)
    first, later = (
        cheapest(offers, -int(-float(days) * share // 1)) for days in (taken[:year].sum(), taken[year:].sum())
    )
    return Bill(part, [], first, later, True)


def cheapest(offers: Iterable[Offer], wanted: int) -> Bought:
    """Return which offers to buy, and how often, for at least so many sessions or days at the lowest price."""
    offers = sorted(offers, key=lambda offer: (-offer.holds, offer.price))
    best: list[tuple[float, int, tuple[int, ...]]] = [(0.0, 0, (0,) * len(offers))]
    for so_many in range(1, wanted + 1):
        ways = [_with(best[max(0, so_many - offer.holds)], k, offer) for k, offer in enumerate(offers)]
        best.append(min(ways))
    return [(offer, times) for offer, times in zip(offers, best[wanted][2], strict=True) if times]


def _with(
    way: tuple[float, int, tuple[int, ...]], k: int, offer: Offer
) -> tuple[float, int, tuple[int, ...]]:
    price, bought, times = way
    return price + offer.price, bought + 1, (*times[:k], times[k] + 1, *times[k + 1 :])


def _gathered(bought: Bought) -> Bought:
    """Add up purchases of the same offer."""
    times: dict[int, int] = {}
    offers = {id(offer): offer for offer, _ in bought}
    for offer, count in bought:
        times[id(offer)] = times.get(id(offer), 0) + count
    return [(offers[key], count) for key, count in times.items()]


def total(bills: Iterable[Bill], what: str) -> float:
    """Return what is paid for the `course`, the `first` year or a `later` one."""
    return float(sum(offer.price * times for one in bills for offer, times in getattr(one, what)))
