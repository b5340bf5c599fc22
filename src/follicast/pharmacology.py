"""What is left of DHT and of free receptors on each day, given the milligrams that were taken on it.

It knows doses, drug levels and enzymes, and nothing of people or hair. A missed dose is a day of 0 mg, and so is
every day after stopping. Both 5-alpha-reductases are killed by the drug and made anew by the body (Gisleskog
1998), so DHT returns at the pace of new enzyme. A dose is taken at the start of its day; what is returned for a
day is the mean over it. The step is one day, solved exactly with the level held at its mean over that day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from follicast.cycle import Floats
from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import evidence

FINASTERIDE, TOPICAL, DUTASTERIDE = "finasteride", "finasteride-topical", "dutasteride"
_DRUGS = (FINASTERIDE, TOPICAL, DUTASTERIDE)
_HOURS = 24.0


class Reductase(NamedTuple):
    """The share of each 5-alpha-reductase that is left, each [draw or 1, day]; 1 without a drug.

    Type 2 has a share of its own in the scalp, because a spray reaches the scalp more than the blood, and
    dutasteride acts less there than the blood's DHT suggests.
    """

    type1_serum: Floats
    type2_serum: Floats
    type1_scalp: Floats
    type2_scalp: Floats


def level(taken_mg: Floats, drug: str) -> Floats:
    """Return a drug's mean level on each day [day] from the doses taken [day, mg].

    Dutasteride in the blood in [ng/mL]; finasteride as the steady dose [mg/d] that would give this level.
    """
    if drug == DUTASTERIDE:
        return _dutasteride(taken_mg)
    if drug not in _DRUGS:
        raise InputError(f"no level is known for the drug '{drug}'.{did_you_mean(drug, _DRUGS)}")
    return _first_order(taken_mg, _number("finasteride_half_life"))


def enzyme_left(kill: Floats, turnover_per_d: float) -> Floats:
    """Return the share of an enzyme left [..., day], 1 at the start, under a rate of killing [..., day, /d].

    The body makes it and loses it at `turnover_per_d` [/d]: dE/dt = turnover (1 - E) - kill E.
    """
    if not kill.any():
        return np.ones_like(kill)
    by_day = np.ascontiguousarray(np.moveaxis(kill, -1, 0))
    rate = turnover_per_d + by_day
    lost = by_day / rate  # where the day would lead if it went on
    keep = np.exp(-rate)
    start = _carried(keep, lost * (1.0 - keep))
    left = 1.0 - (lost + (start - lost) * ((1.0 - keep) / rate))
    return np.ascontiguousarray(np.moveaxis(left, 0, -1))


def reductases(
    taken: Mapping[str, Floats], half_dose_finasteride: Floats, half_level_dutasteride_scalp: Floats
) -> Reductase:
    """Return what is left of both enzymes in blood and scalp under the doses taken [day, mg] of each drug.

    `half_dose_finasteride` [draw, mg/d] halves type 2; `half_level_dutasteride_scalp` [draw, ng/mL] halves the
    scalp's type 1. `taken` may hold finasteride, finasteride-topical and dutasteride; kills add.
    """
    oral, spray, dutasteride = _levels(taken)
    type1, type2 = dutasteride / _number("dutasteride_type1"), dutasteride / _number("dutasteride_type2")
    reach = half_level_dutasteride_scalp / _number("dutasteride_type1")
    blood = _per_draw(oral + _number("finasteride_topical_blood") * spray, half_dose_finasteride)
    scalp = _per_draw(oral + _number("finasteride_topical_scalp") * spray, half_dose_finasteride)
    type2_serum = _left(blood + type2, "type2_half_life")
    apart = spray.any() or dutasteride.any()  # else scalp and blood are the same, and need no second run
    return Reductase(
        type1_serum=_left(type1[None, :], "type1_half_life"),
        type2_serum=type2_serum,
        type1_scalp=_left(_per_draw(type1, reach), "type1_half_life"),
        type2_scalp=_left(scalp + _per_draw(type2, reach), "type2_half_life") if apart else type2_serum,
    )


def serum_dht(reductase: Reductase) -> Floats:
    """Return DHT in the blood as a share of untreated [draw, day]."""
    type1, type2 = reductase.type1_serum, reductase.type2_serum
    return type1 + _number("type2_share_serum") * (type2 - type1)


def scalp_dht(reductase: Reductase, type_one_share: Floats) -> Floats:
    """Return DHT in the scalp as a share of untreated [draw, day]; type 1 makes `type_one_share` [draw] of it."""
    type1, type2 = reductase.type1_scalp, reductase.type2_scalp
    return type2 + np.atleast_1d(type_one_share)[:, None] * (type1 - type2)


def occupancy(taken_mg: Floats, half_life_h: float, half_dose: Floats) -> Floats:
    """Return the share of androgen receptors blocked [draw, day] by a drug's active metabolite.

    `half_life_h` [h] is the metabolite's; `half_dose` [draw, mg/d] taken steadily blocks half of them.
    """
    steady = _first_order(taken_mg, half_life_h)
    return steady / (steady + np.atleast_1d(half_dose)[:, None])


def _levels(taken: Mapping[str, Floats]) -> list[Floats]:
    """Return the levels of finasteride by mouth, of the spray, and of dutasteride, each [day]."""
    if not taken or any(drug not in _DRUGS for drug in taken):
        raise InputError(
            f"doses of {list(taken) or 'no drug'} were given; what would do: {', '.join(_DRUGS)}"
        )
    none = np.zeros(next(iter(taken.values())).size)
    return [level(np.asarray(taken[drug], float), drug) if drug in taken else none for drug in _DRUGS]


def _per_draw(level: Floats, half: Floats) -> Floats:
    """Return a level [day] in units of each draw's `half` [draw]: [draw, day], or [1, day] where nothing was taken."""
    return level / np.atleast_1d(half)[:, None] if level.any() else level[None, :]


def _left(kill_over_turnover: Floats, half_life: str) -> Floats:
    turnover = math.log(2.0) * _HOURS / _number(half_life)
    return enzyme_left(turnover * kill_over_turnover, turnover)


def _first_order(taken_mg: Floats, half_life_h: float) -> Floats:
    """Return the mean level of each day [day] in [mg/d]: taken for ever, a dose of 1 mg/d gives 1."""
    fade = math.exp(-math.log(2.0) * _HOURS / half_life_h)
    before = _carried(np.full(taken_mg.shape, fade), fade * taken_mg)
    return (before + taken_mg) * (1.0 - fade)


def _dutasteride(taken_mg: Floats) -> Floats:
    """Return dutasteride's mean level on each day [day, ng/mL], leaving by a linear and a saturable way at once."""
    rise, half = _number("dutasteride_rise"), _number("dutasteride_half_saturation")
    linear = math.log(2.0) / _number("dutasteride_half_life")
    saturable = math.log(2.0) / _number("dutasteride_saturable_half_life")
    out, now = np.zeros(taken_mg.size), 0.0
    for day, dose in enumerate(taken_mg.tolist()):
        now += rise * dose
        rate = linear + saturable * half / (half + now)
        out[day] = now * -math.expm1(-rate) / rate
        now *= math.exp(-rate)
    return out


def _carried(keep: Floats, add: Floats) -> Floats:
    """Return x at the start of each day [day, ...]: 0 on the first, and keep * x + add after each.

    Days are cut into about as many blocks as a block has days; all blocks are followed at once, then joined.
    """
    days = keep.shape[0]
    size = math.isqrt(max(days - 1, 0)) + 1
    keep, add = _blocks(keep, size, 1.0), _blocks(add, size, 0.0)
    slope, offset = (
        np.ones_like(keep),
        np.zeros_like(add),
    )  # from a block's first morning to each of its mornings
    for day in range(1, size):
        slope[:, day] = slope[:, day - 1] * keep[:, day - 1]
        offset[:, day] = offset[:, day - 1] * keep[:, day - 1] + add[:, day - 1]
    first = np.zeros_like(keep[:, :1])
    for block in range(1, size):
        last = offset[block - 1, -1] + slope[block - 1, -1] * first[block - 1, 0]
        first[block, 0] = keep[block - 1, -1] * last + add[block - 1, -1]
    found = offset + slope * first
    return found.reshape(size * size, *found.shape[2:])[:days]


def _blocks(values: Floats, size: int, neutral: float) -> Floats:
    """Return values [day, ...] as [block, day of block, ...], filled up with what changes nothing."""
    full = np.full((size * size, *values.shape[1:]), neutral)
    full[: values.shape[0]] = values
    return full.reshape(size, size, *values.shape[1:])


def _number(name: str) -> float:
    return float(evidence().numbers[f"pharmacology.{name}"])
