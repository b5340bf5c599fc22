"""The whole top of the head, follicle by follicle, for one draw: what the pictures are drawn from.

The same rules and the same person as in the forecast, with as many follicles as the area holds; sensitivity
falls off over the head in the shapes of `sites`. It draws nothing, and no number of a forecast comes from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from follicast import cycle, observer
from follicast.cycle import Floats, Integers, Keys
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.people import People
from follicast.pull import pull
from follicast.regimen import MONTH_D, Regimen
from follicast.scalp import Scalp
from follicast.scalp_map import ScalpMap, follicle_keys, place_follicles, scalp_map
from follicast.simulation import clocks, run
from follicast.sites import form_of, sensitivity
from follicast.today import Today, grown_to_today

_PLACES = 0x5CA1F


@dataclass(frozen=True)
class _Head:
    """Where follicles stand [mm, follicle], in which units, their luck, the longest hair [mm], where the site lies."""

    x_mm: Floats
    y_mm: Floats
    unit: Integers
    keys: Keys
    longest_mm: float
    site_depth: float


def _head(today: Today, draw: int) -> _Head:
    luck = int(today.scalp.keys[draw]) ^ _PLACES
    x, y, unit = place_follicles(float(today.people.density[draw]), _number("width"), _number("height"), luck)
    keys = follicle_keys(x.size, luck)
    behind = y >= hairline(x, keys)
    woman = today.patient.sex == "F"
    return _Head(
        x[behind],
        y[behind],
        unit[behind],
        keys[behind],
        _number("longest_woman" if woman else "longest_man"),
        0.5 if woman else _number("vertex_depth"),
    )


def hairline(x_mm: Floats, keys: Keys) -> Floats:
    """Return how far back hair begins at a distance from the middle line [mm, follicle]: rounded, with soft edges."""
    aside = np.abs(x_mm) / (0.5 * _number("width"))
    soft = _number("hairline_soft") * (keys >> np.uint64(11)).astype(float) * 2.0**-52
    return _number("hairline_corner") * aside ** _number("hairline_bend") + soft


def crown_maps(today: Today, regimen: Regimen, months: list[int], draw: int) -> list[ScalpMap]:
    """Return the top of the head at `months` under a regimen, as one draw of the forecast would have it.

    Under another regimen the same follicles stand in the same places with the same luck.
    """
    one = slice(draw, draw + 1)
    parameters = {name: values[one] for name, values in today.parameters.items()}
    answers = {name: values[one] for name, values in today.responders.items()}
    who = People(*(column[one] for column in vars(today.people).values()))
    head = _head(today, draw)
    scalp = grown_to_today(
        today.patient,
        today.scalp.keys[one],
        parameters,
        who,
        head.x_mm.size,
        today.start,
        pattern(today.patient, head.x_mm, head.y_mm)[None],
    )
    # The clocks are the usual site's, whichever site the forecast speaks of.
    scalp = replace(scalp, susceptibility=today.susceptibility[one])
    days = round(max(months) * MONTH_D) + 1
    weather = today.future(days).of(draw)
    pulled = pull(regimen, parameters, answers, today.patient.sex, days)
    wound = clocks(scalp, parameters, weather, pulled)
    return [_seen(_after(scalp, wound, round(month * MONTH_D)), head) for month in months]


def _after(scalp: Scalp, wound: cycle.Clocks, days: int) -> Scalp:
    """Return the scalp after the first days of its clocks."""
    if days == 0:
        return scalp
    cut: Any = {
        name: np.ascontiguousarray(getattr(wound, name)[..., :days])
        for name in ("speed", "down", "up", "ageing")
    }
    short = wound._replace(worked=np.ascontiguousarray(wound.worked[..., : days + 1]), **cut)
    _, state = run(scalp, short)
    return replace(scalp, state=state)


def _seen(scalp: Scalp, head: _Head) -> ScalpMap:
    """Return what a scalp shows from above."""
    state = scalp.state
    shown = observer.visible(scalp)[0]
    rate = scalp.life.growth[0, 0] + scalp.life.growth[0, 1] * state.um[0]
    # A hair stops growing when anagen ends; `since` runs on, but by little beside a hair's length.
    length = np.minimum(state.since[0] * rate / 1000.0, head.longest_mm)
    return scalp_map(
        head.x_mm,
        head.y_mm,
        np.where(shown, state.um[0], 0.0),
        length,
        head.keys,
        width_mm=_number("width"),
        height_mm=_number("height"),
        phase=state.phase[0],
        unit=head.unit,
        forehead_mm=_number("forehead"),
        site_depth=head.site_depth,
    )


def pattern(patient: Patient, x: Floats, y: Floats) -> Floats:
    """Return sensitivity [follicle] over the top of the head, 1 at the usual site of that sex."""
    return sensitivity(patient.sex, form_of(patient), x, y)


def _number(name: str) -> float:
    return float(evidence().numbers[f"pattern.{name}"])
