"""A map of how hair density changed between two months over the top of the head, in colours and in numbers.

It counts the follicles of two maps place by place and draws no hair. Blue is more, orange is less; colours stand for
hairs per cm2 on one scale for all maps, whatever the patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter, map_coordinates

from follicast.errors import InputError
from follicast.report.comb import View, head
from follicast.report.strands import ball
from follicast.scalp_map import ScalpMap

Floats = NDArray[np.floating[Any]]
_FINE_MM, _SOFT_MM, _ZONE_MM = 2.0, 13.0, 27.0
_MOST = 45.0  # hairs per cm2 at which a colour is full
_LESS, _SAME, _MORE = (201, 96, 20), (244, 240, 233), (25, 84, 146)
_PAPER = (255, 255, 255)
_INK = (30, 27, 25)
_SEEN = 0.35  # least share of a zone that must lie on hair-bearing scalp


@dataclass(frozen=True)
class Zone:
    """One square of the map: its middle [mm], hairs [/cm2] before and after."""

    x_mm: float
    y_mm: float
    before: float
    after: float

    @property
    def change(self) -> float:
        """Hairs per cm2 won (or, below 0, lost)."""
        return self.after - self.before


@dataclass(frozen=True)
class ChangeMap:
    """The drawn map and its numbers."""

    image: Image.Image
    zones: list[Zone]


def change_map(
    before: ScalpMap, after: ScalpMap, *, view: View = "parting", width_px: int = 400
) -> ChangeMap:
    """Return the map of change from one month to another; "crown" shows the outline of a whole head.

    Refuses maps that do not hold the same follicles in the same places.
    """
    if len(before.x_mm) != len(after.x_mm) or not np.array_equal(before.key, after.key):
        raise InputError("change map: the maps hold different follicles. Compare two months of one scalp.")
    zones = _zones(before, after, view)
    return ChangeMap(_drawn(before, after, zones, view, width_px), zones)


def _zones(before: ScalpMap, after: ScalpMap, view: View) -> list[Zone]:
    """Count both maps in squares, the middle one on the middle line, leaving out those with hardly any scalp."""
    column = np.round(before.x_mm / _ZONE_MM).astype(int)
    row = np.floor(before.y_mm / _ZONE_MM).astype(int)
    on = _on_head(before.x_mm, before.y_mm, before, view)
    usual = len(before.x_mm) / (before.width_mm * before.height_mm / 100)
    found = []
    for r in range(int(np.ceil(before.height_mm / _ZONE_MM))):
        for c in range(int(column.min()), int(column.max()) + 1):
            here = (column == c) & (row == r) & on
            area_cm2 = here.sum() / usual
            if area_cm2 < _SEEN * (_ZONE_MM / 10) ** 2:
                continue
            counts = [float((map.diameter_um[here] > 0).sum() / area_cm2) for map in (before, after)]
            found.append(Zone(c * _ZONE_MM, (r + 0.5) * _ZONE_MM, *counts))
    return found


def _on_head(x: Floats, y: Floats, map: ScalpMap, view: View) -> NDArray[np.bool_]:
    if view != "crown":
        return np.ones(np.broadcast(x, y).shape, dtype=bool)
    u, v = ball(x, y, head(view, map.width_mm, map.height_mm))
    return np.asarray(u * u + v * v < 1.0)


def _drawn(before: ScalpMap, after: ScalpMap, zones: list[Zone], view: View, width_px: int) -> Image.Image:
    scale = width_px / before.width_mm
    rows = round(before.height_mm * scale)
    y, x = (np.arange(rows)[:, None] + 0.5) / scale, (np.arange(width_px)[None, :] + 0.5) / scale
    x = x - before.width_mm / 2
    change, scalp = _smooth(before, after)
    at = np.broadcast_arrays(y / _FINE_MM - 0.5, (x + before.width_mm / 2) / _FINE_MM - 0.5)
    change, scalp = (map_coordinates(layer, at, order=1, mode="nearest") for layer in (change, scalp))
    seen = _on_head(x, y, before, view) & (scalp > 0.5)
    image = Image.fromarray(np.where(seen[..., None], _coloured(change), np.array(_PAPER)).astype(np.uint8))
    _number(image, zones, before, scale)
    return _with_scale(image)


def _smooth(before: ScalpMap, after: ScalpMap) -> tuple[Floats, Floats]:
    """Return the change [/cm2], softened, and where scalp bears follicles [1], on a lattice of 2 mm."""
    shape = int(np.ceil(before.height_mm / _FINE_MM)), int(np.ceil(before.width_mm / _FINE_MM))
    row = np.minimum((before.y_mm / _FINE_MM).astype(int), shape[0] - 1)
    column = np.clip(((before.x_mm + before.width_mm / 2) / _FINE_MM).astype(int), 0, shape[1] - 1)
    place, size = row * shape[1] + column, shape[0] * shape[1]
    gain = (after.diameter_um > 0).astype(float) - (before.diameter_um > 0)
    usual = len(before.x_mm) / (before.width_mm * before.height_mm / 100)
    won, all_ = (
        gaussian_filter(
            np.bincount(place, weight, size).reshape(shape), _SOFT_MM / 2 / _FINE_MM, mode="nearest"
        )
        for weight in (gain, np.ones(len(gain)))
    )
    return won / np.maximum(all_, 1e-6) * usual, all_ / (usual * (_FINE_MM / 10) ** 2)


def _coloured(change: Floats) -> NDArray[np.uint8]:
    share = np.clip(np.abs(change) / _MOST, 0.0, 1.0)[..., None] ** 0.8
    full = np.where(change[..., None] < 0, np.array(_LESS), np.array(_MORE))
    return np.asarray(np.rint(_SAME + share * (full - np.array(_SAME))), dtype=np.uint8)


def _with_scale(image: Image.Image) -> Image.Image:
    """Set the scale of colours beneath the map, in hairs per cm2."""
    wide, high = image.size
    deep = max(round(0.11 * wide), 12)
    page = Image.new("RGB", (wide, high + deep), _PAPER)
    page.paste(image, (0, 0))
    bar = _coloured(np.linspace(-_MOST, _MOST, wide // 2)[None, :].repeat(max(deep // 5, 3), axis=0))
    page.paste(Image.fromarray(bar), (wide // 4, high + deep // 5))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(max(round(0.032 * wide), 8))
    for share, said in ((0.25, f"-{_MOST:.0f}"), (0.5, "0"), (0.75, f"+{_MOST:.0f}")):
        pen.text((share * wide, high + 0.45 * deep), said, fill=_INK, font=font, anchor="mt")
    return page


def _number(image: Image.Image, zones: list[Zone], map: ScalpMap, scale: float) -> None:
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(max(round(5.2 * scale), 9))
    for zone in zones:
        said = f"{zone.change:+.0f}" if abs(zone.change) >= 0.5 else "0"
        at = ((zone.x_mm + map.width_mm / 2) * scale, zone.y_mm * scale)
        dark = abs(zone.change) > 0.55 * _MOST
        pen.text(at, said, fill=(255, 255, 255) if dark else _INK, font=font, anchor="mm")
