"""Scalps for a browser, kept in memory for a while: bytes to be drawn there, and what the server's picture needs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from follicast.errors import InputError, Missing
from follicast.forecast import ArmForecast, Forecast
from follicast.scalp_map import ScalpMap

_MOST = 8  # some ten megabytes each
_WIDTH_PX = 750


@dataclass(frozen=True)
class Grown:
    """A course as bytes with its header, and the maps it was made of, by step."""

    strands: bytes
    header: dict[str, Any]
    maps: dict[str, ScalpMap]

    def picture(self, step: int) -> bytes:
        """Return the server's picture of a step as PNG; raises `Missing`."""
        from follicast.report.picture import draw, image_bytes

        if not 0 <= step < len(self.maps):
            raise Missing(f"there is no step {step}: the steps run from 0 to {len(self.maps) - 1}.")
        map, said = list(self.maps.values())[step], self.header
        seen = draw(
            map, view=said["view"], tone=said["skin"]["tone"], colour=said["hair"]["colour"], width_px=_WIDTH_PX
        )  # fmt: skip
        return image_bytes(seen.image, "png")


def grown(forecast: Forecast, asked: dict[str, Any], say: Any) -> Grown:
    """Grow the top of one draw's head under one or two arms, the same follicles under both."""
    from follicast.crown import crown_maps
    from follicast.report.colours import wished
    from follicast.report.scenes import usual_view
    from follicast.report.strand_file import strand_file

    arms = [_curved(forecast, arm) for arm in asked["arms"]]
    months = sorted({month for month in asked["months"] if month <= forecast.months[-1]})
    draw = arms[-1].nearest_draw(asked["quantile"])
    maps: dict[str, ScalpMap] = {}
    for arm in arms:
        say(f"growing the head under {arm.arm}")
        found = crown_maps(forecast.today, arm.regimen, months, draw)
        today = 0 if maps else None  # today stands once: it is the same under every arm
        maps |= {f"{arm.arm}:{month}": m for month, m in zip(months, found, strict=True) if month != today}
    say("laying the hair")
    who = forecast.today.patient
    colours = wished(who, asked["tone"], asked["colour"])
    data, header = strand_file(
        maps,
        view=asked["view"] or usual_view(who),
        tone=colours.skin,
        colour=colours.hair,
        most=asked["most"],
    )
    return Grown(data, header, maps)


def _curved(forecast: Forecast, name: str) -> ArmForecast:
    arm = forecast.arm(name)
    if arm.refused:
        raise InputError(
            f"{name}: {arm.refused.because} Missing: {arm.refused.missing} So it has no picture."
        )
    return arm


class Album:
    """The scalps of the last jobs; who asks for one that fell out is told to ask for it anew."""

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[str, Grown] = OrderedDict()

    def keep(self, id: str, found: Grown) -> None:
        """Keep what a job came to."""
        with self._lock:
            self._kept[id] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, id: str) -> Grown:
        """Return what a job came to; raises `Missing`."""
        with self._lock:
            if id not in self._kept:
                raise Missing("this scalp is no longer in memory. Ask for it anew.")
            self._kept.move_to_end(id)
            return self._kept[id]


ALBUM = Album()
