"""How hair is laid on a head: the paths of its wisps, by view, and the place of every follicle among them.

A comb knows the head's form and where hair wants to grow; it knows no follicle's state, so that it lays the same
follicles alike at every time and in every arm. Its angles and widths are choices of drawing, not findings. Hair
that is thin beside a parting still follows the law of the parting, skin = exp(-CHTD x), for it is laid outward from
there; what locks and lift take away from it is measured in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from follicast.report.strands import STEP_MM, STRAYS, Camera, Paths, ball, lucks, ripples
from follicast.scalp_map import ScalpMap

Floats = NDArray[np.float64]
View = Literal["parting", "crown", "hairline", "hairline-parted"]
#: The parting, the whole head, and the front with hair swept back or parted.
VIEWS: tuple[View, ...] = ("parting", "crown", "hairline", "hairline-parted")

#: Strip along each edge [mm] that is drawn but not shown: hair beyond the map's edge is not known.
TRIM_MM = 4.0
NODES = 46
_BEYOND = 12.0  # wisps begin this far before the map's edge [mm]
_SIDES = 2


@dataclass(frozen=True)
class Style:
    """One way of combing: sizes in [mm], angles in [rad]."""

    wisp_x: float
    wisp_y: float
    gather: float
    gather_mm: float
    lock_mm: float
    lock_gather: float
    lift: float
    lift_mm: float
    unruly: float
    cut: float


_LONG = Style(4.6, 2.3, 0.68, 11.0, 9.0, 0.55, 0.62, 7.0, 0.17, 1e9)
_SHORT = Style(3.0, 3.0, 0.60, 9.0, 10.0, 0.0, 0.80, 10.0, 0.20, 20.0)


@dataclass(frozen=True)
class Comb:
    """The paths of all wisps over one size of map, and how follicles find theirs."""

    view: View
    style: Style
    form: Camera
    paths: Paths
    left: float
    columns: int
    rows: int

    def seat(self, map: ScalpMap) -> Seats:
        """Return where each follicle sits among the wisps, and in which order hairs are laid."""
        x, y = np.asarray(map.x_mm, dtype=np.float64), np.asarray(map.y_mm, dtype=np.float64)
        side = self.side(x, y, map.key)
        wisp = self._wisp(x, y, side)
        start_x, start_y, ux, uy = self.paths.way[wisp, 0].astype(np.float64).T
        along = (x - start_x) * ux + (y - start_y) * uy
        across = (y - start_y) * ux - (x - start_x) * uy
        return Seats(wisp, along, across, self._order(x, y, map.key, wisp))

    def side(self, x: Floats, y: Floats, key: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return 1 right of the parting and 0 left of it; a few roots at the line go to the other side."""
        if self.view not in ("parting", "hairline-parted"):
            return np.zeros(x.size, dtype=np.int64)
        return (x + 0.8 * lucks(key, 1) ** 3 > parting_x(y)).astype(np.int64)

    def _wisp(self, x: Floats, y: Floats, side: NDArray[np.int64]) -> NDArray[np.int64]:
        warp_x, warp_y = _warp(x, y)
        column = np.floor((x + warp_x - self.left) / self.style.wisp_x).astype(np.int64)
        row = np.floor((y + warp_y + _BEYOND) / self.style.wisp_y).astype(np.int64)
        column, row = np.clip(column, 0, self.columns - 1), np.clip(row, 0, self.rows - 1)
        return (side * self.rows + row) * self.columns + column

    def _order(
        self, x: Floats, y: Floats, key: NDArray[np.uint64], wisp: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the follicles from the uppermost hair down: those nearer to where the comb begins lie on top."""
        strays = 14.0 * (lucks(key, 12) < 2.0 * STRAYS - 1.0)
        far = self._begins(x, y) + 3.0 * lucks(key, 10) + 3.0 * lucks(wisp.astype(np.uint64), 10) - strays
        # By layers of a millimetre and then from front to back: neighbours share memory, and so time.
        return np.lexsort((y, np.floor(far)))

    def _begins(self, x: Floats, y: Floats) -> Floats:
        """Return how far roots lie from where the comb begins [mm]: the whorl, the hairline or the parting."""
        if self.view == "crown":
            at_x, at_y = whorl(self.form)
            return np.hypot(x - at_x, y - at_y)
        return y if self.view == "hairline" else np.abs(x - parting_x(y))


@dataclass(frozen=True)
class Seats:
    """Each follicle's wisp, its place along and across that wisp's start [mm], and the order of laying."""

    wisp: NDArray[np.int64]
    along: Floats
    across: Floats
    order: NDArray[np.int64]


def comb(view: View, map: ScalpMap) -> Comb:
    """Return the comb of a view for maps of one size."""
    return _comb(view, map.width_mm, map.height_mm)


@lru_cache(maxsize=8)
def _comb(view: View, width: float, height: float) -> Comb:
    style = _LONG if view in ("parting", "hairline-parted") else _SHORT
    columns = int(np.ceil((width + 2 * _BEYOND) / style.wisp_x))
    rows = int(np.ceil((height + 2 * _BEYOND) / style.wisp_y))
    left = -width / 2 - _BEYOND
    sides = _SIDES if view in ("parting", "hairline-parted") else 1
    side, row, column = (
        axis.ravel() for axis in np.meshgrid(range(sides), range(rows), range(columns), indexing="ij")
    )
    x, y = left + (column + 0.5) * style.wisp_x, (row + 0.5) * style.wisp_y - _BEYOND
    warp_x, warp_y = _warp(x, y)
    key = np.arange(x.size, dtype=np.uint64)
    form = head(view, width, height)
    way = _laid(_HEADINGS[view], x - warp_x, y - warp_y, 2.0 * side - 1.0, key, form, style)
    lock = (np.floor(x / style.lock_mm) + 700) * 4096 + np.floor(y / style.lock_mm) + 700 + 2**30 * side
    tint = 0.20 * lucks(key, 32) + 0.16 * lucks(lock.astype(np.uint64), 33)
    s = np.arange(NODES) * STEP_MM
    paths = Paths(
        np.ascontiguousarray(way, dtype=np.float32),
        tint.astype(np.float32),
        _single(1.0 - style.gather * (1.0 - np.exp(-s / style.gather_mm))),
        _single(20.0 * (1.0 - np.exp(-s / 20.0))),
        _single(np.stack([np.cos(s / 8.0), np.sin(s / 8.0)], axis=1)),
        _single(style.lift_mm * (1.0 - np.exp(-s / style.lift_mm))),
        _single(style.lift_mm / 4.0 * (1.0 - np.exp(-2.0 * s / style.lift_mm))),
        style.lift,
        style.unruly,
        style.cut,
    )
    return Comb(view, style, form, paths, left, columns, rows)


def _single(values: Floats) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, dtype=np.float32)


def head(view: View, width: float, height: float) -> Camera:
    """Return the head's form as a view sees it: flat and wide where a part fills the picture, whole for the crown."""
    if view == "parting":
        return Camera(True, 0.0, 0.0, 1.0, 0.5 * height, 0.72 * width, 0.72 * height, 0.52 * width, 1.0)
    if view == "crown":
        return Camera(True, 0.0, 0.0, 1.0, 0.47 * height, 0.505 * width, 0.50 * height, 0.5 * width, 1.17)
    return Camera(False, 0.0, 0.0, 1.0, 0.17 * height, 0.56 * width, 0.56 * height, 0.56 * width, 1.0)


def camera(view: View, map: ScalpMap, width_px: int, finer: int = 1) -> tuple[Camera, int]:
    """Return the camera of a view at a width of the picture [px], and the picture's height [px].

    `finer` pixels are drawn for each pixel of the picture, along each side.
    """
    left, top, right, bottom = frame(view, map)
    scale = width_px / (right - left)
    seen = head(view, map.width_mm, map.height_mm)._replace(left=left, top=top, px_per_mm=finer * scale)
    return seen, round((bottom - top) * scale)


def frame(view: View, map: ScalpMap) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what a view shows [mm]."""
    half = map.width_mm / 2
    if view == "parting":
        top = -map.forehead_mm if map.forehead_mm else TRIM_MM
        return -half + TRIM_MM, top, half - TRIM_MM, map.height_mm - TRIM_MM
    if view == "crown":
        return -half - 14.0, -0.18 * map.height_mm, half + 14.0, map.height_mm + 8.0
    return -half + 8.0, -0.26 * map.height_mm, half - 8.0, 0.38 * map.height_mm


def parting_x(y: Floats) -> Floats:
    """Return where the comb's parting runs at depth y [mm]: a hand drew it, so it is nearly, not quite, straight."""
    half = np.full_like(np.asarray(y, dtype=np.float64), 0.5)
    return (
        1.6 * ripples(half, y / 60.0, 11)
        + 1.1 * ripples(half, y / 19.0, 12)
        + 0.8 * ripples(half, y / 7.0, 13)
        + 0.4 * ripples(half, y / 3.0, 14)
    )


def _warp(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return how far the borders between wisps stray from a lattice [mm]."""
    return 1.6 * ripples(x / 6.0, y / 6.0, 15), 1.2 * ripples(x / 5.0, y / 5.0, 16)


def whorl(form: Camera) -> tuple[float, float]:
    """Return where the whorl turns [mm]: a little aside of the middle, behind the vertex."""
    return 0.06 * form.half_width, form.centre_y + 0.36 * form.half_height


Heading = Callable[[Floats, Floats, Floats, float, Camera], tuple[Floats, Floats]]


def _parted(x: Floats, y: Floats, side: Floats, s: float, form: Camera) -> tuple[Floats, Floats]:
    """Return the direction of hair combed away from a parting: it grows forward and is drawn aside and back."""
    across = np.minimum(np.abs(x) / form.half_width, 1.0)
    depth = (y - form.centre_y) / form.half_height
    turn = 0.18 + 0.16 * depth * (0.4 + across) - 0.45 * np.exp(-s / 6.0) + _sway(x, y)
    turn = turn + 0.42 * np.exp(-np.maximum(y, 0.0) / 20.0)  # at the forehead it is drawn back, off the face
    return side * np.cos(turn), np.sin(turn)


def _parted_back(x: Floats, y: Floats, side: Floats, s: float, form: Camera) -> tuple[Floats, Floats]:
    """Return the same, drawn further back, so that the hairline lies bare."""
    turn = 0.55 - 0.35 * np.exp(-s / 5.0) + _sway(x, y)
    return side * np.cos(turn), np.sin(turn)


def _whorled(x: Floats, y: Floats, side: Floats, s: float, form: Camera) -> tuple[Floats, Floats]:
    """Return the direction of short hair as it grows round the whorl."""
    at_x, at_y = whorl(form)
    dx, dy = x - at_x, y - at_y
    far = np.hypot(dx, dy) + 1e-9
    turn = 0.25 + 1.1 * np.exp(-far / 17.0) + 1.5 * _sway(x, y)
    c, s_ = np.cos(turn) / far, np.sin(turn) / far
    return c * dx - s_ * dy, s_ * dx + c * dy


def _swept(x: Floats, y: Floats, side: Floats, s: float, form: Camera) -> tuple[Floats, Floats]:
    """Return the direction of short hair held back from the forehead."""
    turn = 0.5 * x / form.half_width + 1.5 * _sway(x, y) + 0.25
    return np.sin(turn), np.cos(turn)


_HEADINGS: dict[str, Heading] = {
    "parting": _parted,
    "crown": _whorled,
    "hairline": _swept,
    "hairline-parted": _parted_back,
}


def _sway(x: Floats, y: Floats) -> Floats:
    """Return how far neighbouring hair turns aside together [rad]."""
    return 0.15 * ripples(x / 30.0, y / 26.0, 21) + 0.13 * ripples(x / 12.0, y / 8.0, 22)


def _laid(
    heading: Heading, x: Floats, y: Floats, side: Floats, key: NDArray[np.uint64], form: Camera, style: Style
) -> Floats:
    """Return the paths of wisps [mm] from their starts on, and directions [1], shape (wisp, node, 4)."""
    way = np.empty((x.size, NODES, 4))
    own = 0.17 * lucks(key, 31)
    lock_y = (np.floor(y / style.lock_mm + 0.3 * lucks(key, 34)) + 0.5) * style.lock_mm
    drawn = style.lock_gather * (lock_y - y)
    for node in range(NODES):
        way[:, node, 0], way[:, node, 1] = x, y
        ux, uy = heading(x, y, side, node * STEP_MM, form)
        # Wisps of one lock draw together, and each has a mind of its own.
        pulled = own + np.clip(
            drawn * side * np.exp(-(((node * STEP_MM - 16.0) / 14.0) ** 2)) / 25.0, -0.3, 0.3
        )
        c, s = np.cos(pulled), np.sin(pulled)
        ux, uy = c * ux - s * uy, s * ux + c * uy
        way[:, node, 2], way[:, node, 3] = ux, uy
        step = STEP_MM * _flat(x, y, ux, uy, form)
        x, y = x + step * ux, y + step * uy
    return way


def _flat(x: Floats, y: Floats, ux: Floats, uy: Floats, form: Camera) -> Floats | float:
    """Return how long a piece of hair looks on the map where the head falls away beneath it [1]."""
    if not form.plan:
        return 1.0
    u, v = ball(x, y, form)
    high = np.sqrt(np.maximum(1.0 - u * u - v * v, 0.06))
    slope = form.rise / high * (u / form.half_width * ux + v / form.half_height * uy)
    return 1.0 / np.sqrt(1.0 + slope * slope)
