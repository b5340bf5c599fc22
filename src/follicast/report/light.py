"""What light makes of a scalp once its strands lie: skin beneath them, its shade and openings, and the head's edge.

Lamps, softness and mottling are the same in every picture; they know no follicle but the place of its opening.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from follicast.report.colours import SKIN_TONES, linear
from follicast.report.strands import Camera, Light, ball, projected, ripples
from follicast.scalp_map import ScalpMap

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]
LIGHT = Light(side=0.40, front=0.16, up=0.90, ambient=0.18, shine=0.62, glow=0.18, shadow=0.82)
_EXPOSURE = 1.14  # open skin lies brighter than the tone's name, skin among hair darker
_OPENING_MM = 0.18
_PAPER = 0.86  # what stands behind a head, in linear light


def skin_beneath(skin: Pixels, map: ScalpMap, at: Camera, tone: str) -> Pixels:
    """Return bare skin in linear light (rows, columns, 3): darker among hair, with an opening where a hair leaves it.

    `skin` is the share that shows in each pixel; `at` the camera of the finished picture.
    """
    rows, columns = skin.shape
    base = linear(np.asarray(SKIN_TONES[tone]))
    close = gaussian_filter(skin, min(0.9 * at.px_per_mm, 0.01 * columns), mode="nearest")
    wide = gaussian_filter(skin[::2, ::2], min(2.2 * at.px_per_mm, 0.02 * columns), mode="nearest")
    wide = np.repeat(np.repeat(wide, 2, axis=0), 2, axis=1)[:rows, :columns]
    shade = (0.22 + 0.78 * close**0.85) * (0.62 + 0.38 * wide)
    shade *= 1.0 - 0.5 * _openings(map, at, rows, columns)
    # Light that has passed through skin and hair comes back redder.
    warm = np.log(np.maximum(shade, 1e-3))[:, :, None] * np.array([0.93, 1.01, 1.05], dtype=np.float32)
    return np.asarray(_EXPOSURE * base * np.exp(warm) * _uneven(rows, columns, at), dtype=np.float32)


def falloff(rows: int, columns: int, at: Camera) -> tuple[Pixels, Pixels]:
    """Return how light fades where the head bends away, and which share of each pixel the head fills."""
    x = at.left + (np.arange(columns) + 0.5) / at.px_per_mm
    y = at.top + (np.arange(rows) + 0.5) / at.px_per_mm
    flat = at if at.plan else at._replace(centre_y=0.0)
    u, v = ball(x[None, :], y[:, None], flat)
    bend = u * u + v * v
    edge = 0.5 * (1.0 - bend) * at.half_width * at.px_per_mm
    light = 1.0 - 0.42 * np.minimum(bend, 1.0) ** 1.8
    return light.astype(np.float32), np.clip(edge + 0.5, 0.0, 1.0).astype(np.float32)


def on_paper(light: Pixels, hair: Pixels, skin: Pixels, head: Pixels) -> Pixels:
    """Return light with pale paper beneath the hair where the head does not fill a pixel."""
    beside = 0.45 * hair + skin[:, :, None] * _PAPER
    return np.asarray(head[:, :, None] * light + (1.0 - head[:, :, None]) * beside, dtype=np.float32)


def bearing(map: ScalpMap, at: Camera, rows: int, columns: int) -> NDArray[np.bool_]:
    """Return which pixels lie on scalp that bears follicles, with hair or without, shape (rows, columns)."""
    right, down, near = projected(map.x_mm, map.y_mm, at)
    place = _places(right[near > 4.0], down[near > 4.0], at, rows, columns)
    stand = np.bincount(place, minlength=rows * columns).reshape(rows, columns) > 0
    wide = maximum_filter(stand, 1 + 2 * round(1.5 * at.px_per_mm))
    return np.asarray(wide & (falloff(rows, columns, at)[1] > 0.5))


def _places(right: Floats, down: Floats, at: Camera, rows: int, columns: int) -> NDArray[np.int64]:
    """Return the pixels, counted row by row, of places that the picture shows [mm]."""
    column, row = (right - at.left) * at.px_per_mm, (down - at.top) * at.px_per_mm
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    return row[inside].astype(np.int64) * columns + column[inside].astype(np.int64)


def _openings(map: ScalpMap, at: Camera, rows: int, columns: int) -> Pixels:
    """Return how much of each pixel lies in the shade of a hair's opening, shape (rows, columns)."""
    shown = map.diameter_um > 0
    right, down, _ = projected(map.x_mm[shown], map.y_mm[shown], at)
    # All openings are alike to the light; how wide a hair is shows in the hair.
    filled = np.bincount(_places(right, down, at, rows, columns), minlength=rows * columns)
    filled = np.minimum(filled * (_OPENING_MM * at.px_per_mm) ** 2, 1.0)
    soft = gaussian_filter(filled.reshape(rows, columns).astype(np.float32), 0.5)
    return np.minimum(soft, 1.0)


@lru_cache(maxsize=8)
def _uneven(rows: int, columns: int, at: Camera) -> Pixels:
    """Return the mottling of skin by colour, about 1, shape (rows, columns, 3)."""
    x = at.left + (np.arange(columns)[None, :] + 0.5) / at.px_per_mm
    y = at.top + (np.arange(rows)[:, None] + 0.5) / at.px_per_mm
    rough = 0.5 * ripples(x / 13.0, y / 13.0, 41) + 0.3 * ripples(x / 3.1, y / 3.1, 42)
    rough = rough + 0.25 * ripples(x / 0.8, y / 0.8, 43)
    return np.asarray(1.0 + rough[:, :, None] * np.array([0.03, 0.065, 0.07]), dtype=np.float32)
