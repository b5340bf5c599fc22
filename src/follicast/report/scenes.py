"""Her scalp in pictures: the same follicles without treatment and under the choice, and how far the course may vary.

Every picture has the same seed, light, comb and camera; only the follicles differ. The course shown is the draw
whose change is the middle one, never the best. It is a simulation and knows neither face nor hairstyle.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from markupsafe import Markup

from follicast.crown import crown_maps
from follicast.forecast import JUDGED_AT, ArmForecast, Forecast
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.report.picture import Picture, View, draw, png_bytes
from follicast.scalp_map import ScalpMap

MONTHS = [0, 6, 12, 24]
WIDTH_PX = 400
_COLOURS = 160  # of the palette: a third of the size, and no difference to the eye
_WORKERS = 2
#: The courses shown: two of ten people do worse or better than the outer ones.
_QUANTILES = {"low": 0.1, "median": 0.5, "high": 0.9}


@dataclass(frozen=True)
class Scene:
    """One drawn scalp as a page shows it: PNG as a data address, its numbers, and the forecast's for that draw."""

    arm: str
    month: int
    course: str
    png: Markup
    width_px: int
    height_px: int
    numbers: dict[str, float]
    forecast_density: float


@dataclass(frozen=True)
class Scenes:
    """Today once, the middle course of both arms over the months, and three courses of the choice: today, month 12."""

    today: Scene
    untreated: list[Scene]
    chosen: list[Scene]
    courses: list[tuple[Scene, Scene]]

    @property
    def all(self) -> list[Scene]:
        """Every picture once."""
        return [self.today, *self.untreated, *self.chosen, *self.courses[0], *self.courses[2]]


def scenes(
    forecast: Forecast, chosen: ArmForecast, tone: str = "medium", colour: str = "dark-brown"
) -> Scenes:
    """Draw the pictures of a plan; `tone` and `colour` are names of skin tones and hair colours."""
    months = [month for month in MONTHS if month <= forecast.months[-1]]
    judged = min(JUDGED_AT, forecast.months[-1])
    wanted = _wanted(chosen, months, judged)
    with ThreadPoolExecutor(_WORKERS) as pool:
        grown = list(pool.map(lambda w: crown_maps(forecast.today, w.regimen, w.months, w.draw), wanted))
        jobs = [
            (w, month, found)
            for w, maps in zip(wanted, grown, strict=True)
            for month, found in zip(w.months, maps, strict=True)
        ]
        drawn = list(pool.map(lambda job: _scene(forecast, job[0], job[1], job[2], tone, colour), jobs))
    return _sorted(drawn, judged)


@dataclass(frozen=True)
class _Wanted:
    regimen: Regimen
    months: list[int]
    draw: int
    course: str


def _wanted(chosen: ArmForecast, months: list[int], judged: int) -> list[_Wanted]:
    """List what to grow; today stands once, as it is the same under every arm."""
    draws = {name: chosen.nearest_draw(quantile) for name, quantile in _QUANTILES.items()}
    found = [
        _Wanted(NO_TREATMENT, months, draws["median"], "median"),
        _Wanted(chosen.regimen, [month for month in months if month], draws["median"], "median"),
    ]
    return found + [_Wanted(chosen.regimen, [0, judged], draws[name], name) for name in ("low", "high")]


def _scene(forecast: Forecast, wanted: _Wanted, month: int, found: ScalpMap, tone: str, colour: str) -> Scene:
    view: View = "parting" if forecast.today.patient.sex == "F" else "crown"
    picture = draw(found, view=view, tone=tone, colour=colour, width_px=WIDTH_PX)
    arm = forecast.arm(str(wanted.regimen))
    density = float(arm.values("total_density")[wanted.draw, month])
    return Scene(
        arm.arm, month, wanted.course, _inlined(picture), *picture.image.size, picture.numbers, density
    )


def _inlined(picture: Picture) -> Markup:
    data = base64.b64encode(png_bytes(picture.image, colours=_COLOURS)).decode("ascii")
    return Markup(f"data:image/png;base64,{data}")


def _sorted(drawn: Sequence[Scene], judged: int) -> Scenes:
    untreated = [scene for scene in drawn if scene.arm == str(NO_TREATMENT)]
    chosen = [scene for scene in drawn if scene.arm != str(NO_TREATMENT) and scene.course == "median"]
    low, high = ([scene for scene in drawn if scene.course == course] for course in ("low", "high"))
    middle = next(scene for scene in chosen if scene.month == judged)
    return Scenes(
        untreated[0], untreated[1:], chosen, [(low[0], low[1]), (untreated[0], middle), (high[0], high[1])]
    )
