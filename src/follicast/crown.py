"""The whole top of the head, follicle by follicle, for one draw: what the pictures are drawn from.

The same rules and the same person as in the forecast, with as many follicles as the area holds; sensitivity
falls off over the head in shapes that are assumed. It draws nothing, and no number of a forecast comes from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from follicast import cycle, observer
from follicast.cycle import Floats, Keys
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.people import People
from follicast.regimen import MONTH_D, Regimen, pull
from follicast.scalp import Scalp
from follicast.scalp_map import ScalpMap, follicle_keys, place_follicles, scalp_map
from follicast.simulation import clocks, run
from follicast.today import Today, grown_to_today

_PLACES = 0x5CA1F


@dataclass(frozen=True)
class _Head:
    """Where follicles stand [mm, follicle], their luck, the longest hair [mm], and where the site lies."""

    x_mm: Floats
    y_mm: Floats
    keys: Keys
    longest_mm: float
    site_depth: float


def _head(today: Today, draw: int) -> _Head:
    luck = int(today.scalp.keys[draw]) ^ _PLACES
    x, y = place_follicles(float(today.people.density[draw]), _number("width"), _number("height"), luck)
    woman = today.patient.sex == "F"
    return _Head(
        x,
        y,
        follicle_keys(x.size, luck),
        _number("longest_woman" if woman else "longest_man"),
        0.5 if woman else _number("vertex_depth"),
    )


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
    scalp = replace(scalp, susceptibility=today.scalp.susceptibility[one])
    days = round(max(months) * MONTH_D) + 1
    weather = today.future(days)
    weather = replace(weather, drive=weather.drive[one], begun=weather.begun[one])
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
        anagen=state.phase[0] == cycle.ANAGEN,
        site_depth=head.site_depth,
    )


def pattern(patient: Patient, x: Floats, y: Floats) -> Floats:
    """Return sensitivity [follicle] over the top of the head, 1 at the site that the forecast speaks of."""
    return _women(patient, x, y) if patient.sex == "F" else _men(x, y)


def _women(patient: Patient, x: Floats, y: Floats) -> Floats:
    height = _number("height")
    tree = any("christmas" in sign.lower() for sign in patient.signs or [])
    ratio = _number("christmas_tree" if tree else "even")
    along = ratio ** (0.5 - y / height)
    kept = _number("hairline_kept")
    hairline = kept + (1.0 - kept) * np.clip(y / _number("hairline"), 0.0, 1.0)
    return along * np.exp(-((x / _number("lateral")) ** 2)) * hairline


def _men(x: Floats, y: Floats) -> Floats:
    height, half = _number("height"), 0.5 * _number("width")
    radius, temple = _number("vertex_radius"), _number("temple_radius")
    vertex = np.exp(-((x / radius) ** 2) - ((y - _number("vertex_depth") * height) / radius) ** 2)
    temples = _number("temple_strength") * np.exp(
        -(((np.abs(x) - _number("temple_place") * half) / temple) ** 2) - (y / temple) ** 2
    )
    front = _number("front_strength") * np.exp(-((x / radius) ** 2) - (y / radius) ** 2)
    return _number("spared") + (1.0 - _number("spared")) * np.maximum(vertex, np.maximum(temples, front))


def _number(name: str) -> float:
    return float(evidence().numbers[f"pattern.{name}"])
