"""Lays each hair on the scalp as a comb would and adds it to the picture, strand by strand.

It knows follicles, comb, light and colour; it knows no patient, no grade and no calendar. Everything that
differs between two strands comes from hashing the follicle's key, everything that differs between two places
from hashing the place; so a follicle is drawn alike in every arm and month. No fast arithmetic is allowed:
the same map gives the same bytes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Comb(NamedTuple):
    """How hair is combed on a head seen from above; all in [mm] and [rad] of the map's own axes."""

    whorl: int  # 0: away from a central parting; 1: away from a whorl
    centre_x: float  # the head, a half ellipsoid ...
    centre_y: float
    half_width: float
    half_height: float
    rise: float  # ... and how high it stands
    whorl_x: float
    whorl_y: float
    cut: float  # no strand is longer than this
    lift: float  # angle at which hair leaves the skin
    unruly: float  # spread of the angle between neighbours
    lock: float  # width of a lock
    gather: float  # share by which the hairs of a lock draw together
    fan: float  # how far strands turn to front and back at the ends of the parting


class Light(NamedTuple):
    """Two soft lamps, left and right alike, and what hair gives back of them."""

    side: float
    front: float
    up: float
    ambient: float
    shine: float
    polish: float
    shadow: float


class Camera(NamedTuple):
    """Which part of the map the canvas shows: left and top edge [mm] and pixels per mm."""

    left: float
    top: float
    px_per_mm: float


STEP_MM = 2.0
TIP_SHARE = 0.18


@njit(cache=True, nogil=True)
def _mix(key: np.uint64, purpose: np.uint64) -> np.uint64:  # pragma: no cover - compiled
    """Return 64 well stirred bits (the finisher of splitmix64)."""
    z = key + np.uint64(0x9E3779B97F4A7C15) * (purpose + np.uint64(1))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


# These signatures are written out: else each constant purpose would be compiled anew.
@njit("float64(uint64, int64)", cache=True, nogil=True)
def _luck(key: np.uint64, purpose: int) -> float:  # pragma: no cover - compiled
    """Return a number in [-1, 1) for one purpose of one key."""
    return float(_mix(key, np.uint64(purpose)) >> np.uint64(11)) * 2.0**-52 - 1.0


@njit("float64(int64, int64, int64)", cache=True, nogil=True)
def _at_node(i: int, j: int, purpose: int) -> float:  # pragma: no cover - compiled
    """Return a number in [-1, 1) for one node of a lattice."""
    return _luck(_mix(np.uint64(i + 4096), np.uint64(j + 4096)), purpose)


@njit("float64(float64, float64, int64)", cache=True, nogil=True)
def ripple(x: float, y: float, purpose: int) -> float:  # pragma: no cover - compiled
    """Return smooth noise in [-1, 1] at a place, about one wave per unit."""
    i, j = math.floor(x), math.floor(y)
    u, v = x - i, y - j
    u, v = u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v)
    near = _at_node(i, j, purpose) * (1.0 - u) + _at_node(i + 1, j, purpose) * u
    far = _at_node(i, j + 1, purpose) * (1.0 - u) + _at_node(i + 1, j + 1, purpose) * u
    return near * (1.0 - v) + far * v


@njit(cache=True, nogil=True)
def parting_x(y: float) -> float:  # pragma: no cover - compiled
    """Return where the comb's parting runs at depth y [mm]: nearly, not quite, straight."""
    return 0.7 * ripple(0.5, y / 31.0, 11) + 0.3 * ripple(0.5, y / 9.0, 12)


@njit(cache=True, nogil=True)
def _heading(x: float, y: float, side: float, comb: Comb) -> tuple[float, float]:  # pragma: no cover
    """Return the unit direction in which the comb lays hair at a place."""
    sway = 0.10 * ripple(x / 27.0, y / 27.0, 21) + 0.07 * ripple(x / 9.0, y / 6.0, 22)
    if comb.whorl == 0:
        across = min(abs(x) / comb.half_width, 1.0)
        turn = comb.fan * (y - comb.centre_y) / comb.half_height * (0.35 + across) + sway
        return side * math.cos(turn), math.sin(turn)
    dx, dy = x - comb.whorl_x, y - comb.whorl_y
    far = math.sqrt(dx * dx + dy * dy) + 1e-9
    turn = 0.30 + 1.05 * math.exp(-far / 16.0) + 1.6 * sway
    c, s = math.cos(turn) / far, math.sin(turn) / far
    return c * dx - s * dy, s * dx + c * dy


@njit(cache=True, nogil=True)
def _slope(x: float, y: float, ux: float, uy: float, comb: Comb) -> float:  # pragma: no cover - compiled
    """Return how steeply the head falls (below 0) or rises along a direction."""
    u, v = (x - comb.centre_x) / comb.half_width, (y - comb.centre_y) / comb.half_height
    high = math.sqrt(max(1.0 - u * u - v * v, 0.05))
    return -comb.rise / high * (u / comb.half_width * ux + v / comb.half_height * uy)


@njit(cache=True, nogil=True)
def _lamp(  # pragma: no cover - compiled
    tx: float, ty: float, tz: float, side: float, light: Light
) -> tuple[float, float]:
    """Return how much of one lamp a strand scatters and mirrors upward."""
    lx, ly, lz = side * light.side, -light.front, light.up
    along = tx * lx + ty * ly + tz * lz
    hz = 1.0 + lz
    norm = math.sqrt(lx * lx + ly * ly + hz * hz)
    half = (tx * lx + ty * ly + tz * hz) / norm
    mirror = math.sqrt(max(1.0 - half * half, 0.0))
    return math.sqrt(max(1.0 - along * along, 0.0)), mirror**light.polish


@njit(cache=True, nogil=True)
def _shade(tx: float, ty: float, tz: float, light: Light) -> tuple[float, float]:  # pragma: no cover
    """Return the scattered and the mirrored light of a strand with tangent (tx, ty, tz)."""
    left, left_shine = _lamp(tx, ty, tz, -1.0, light)
    right, right_shine = _lamp(tx, ty, tz, 1.0, light)
    scattered = light.ambient + (1.0 - light.ambient) * 0.5 * (left + right)
    return scattered, light.shine * 0.5 * (left_shine + right_shine)


@njit(cache=True, nogil=True)
def _blend(canvas, row, column, cover, red, green, blue, shadow):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Slip a strand's coverage of one pixel beneath what already lies there."""
    left = canvas[row, column, 3]
    if left < 0.004:
        return
    # Deeper hair gets less light: the hair above it stands between it and the lamp.
    dim = 1.0 - shadow * (1.0 - left)
    shown = left * cover * dim
    canvas[row, column, 0] += shown * red
    canvas[row, column, 1] += shown * green
    canvas[row, column, 2] += shown * blue
    canvas[row, column, 3] = left * (1.0 - cover)


@njit(cache=True, nogil=True)
def _segment(canvas, x0, y0, x1, y1, wide, red, green, blue, shadow):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add one straight piece of strand [px] by the exact share of each pixel that it covers."""
    dx, dy = x1 - x0, y1 - y0
    steep = abs(dy) > abs(dx)
    if steep:
        x0, y0, x1, y1, dx, dy = y0, x0, y1, x1, dy, dx
    if x1 < x0:
        x0, y0, x1, y1, dx, dy = x1, y1, x0, y0, -dx, -dy
    if dx < 1e-9:
        return
    lean = dy / dx
    reach = wide * math.sqrt(1.0 + lean * lean)
    # Never narrower than a pixel, but then as much fainter: fine hair stays smooth and keeps its depth.
    span = max(reach, 1.0)
    solid = reach / span
    long = canvas.shape[0] if steep else canvas.shape[1]
    high = canvas.shape[1] if steep else canvas.shape[0]
    for i in range(max(math.ceil(x0 - 0.5), 0), min(math.ceil(x1 - 0.5), long)):
        middle = y0 + lean * (i + 0.5 - x0)
        top, bottom = middle - 0.5 * span, middle + 0.5 * span
        for j in range(max(math.floor(top), 0), min(math.floor(bottom) + 1, high)):
            cover = solid * (min(bottom, j + 1.0) - max(top, float(j)))
            if steep:
                _blend(canvas, i, j, cover, red, green, blue, shadow)
            else:
                _blend(canvas, j, i, cover, red, green, blue, shadow)


@njit(cache=True, nogil=True)
def _buried(canvas, x0, y0, x1, y1):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return whether a piece of strand [px] lies wholly beneath other hair, looked up at six places."""
    for i in range(6):
        x, y = int(x0 + 0.2 * i * (x1 - x0)), int(y0 + 0.2 * i * (y1 - y0))
        if 0 <= x < canvas.shape[1] and 0 <= y < canvas.shape[0] and canvas[y, x, 3] > 0.02:
            return False
    return True


@njit(cache=True, nogil=True)
def _gathering(x: float, y: float, comb: Comb) -> tuple[float, float, float]:  # pragma: no cover - compiled
    """Return how far aside [mm] and [locks] the middle of a root's lock lies, and the tint of that lock."""
    ring = (3.5 - 1.5 * comb.whorl) * comb.lock
    along, aside = abs(x), y
    if comb.whorl == 1:
        along = math.hypot(x - comb.whorl_x, y - comb.whorl_y)
    row = math.floor(along / ring)
    if comb.whorl == 1:
        # Angle times the radius of its ring: locks stay as wide far from the whorl as near it.
        aside = math.atan2(y - comb.whorl_y, x - comb.whorl_x) * (row + 0.5) * ring
    shifted = aside / comb.lock + 0.5 * _at_node(row, 7 if x < 0 else 9, 31)
    lock = math.floor(shifted)
    tint = _at_node(row, lock + (0 if x < 0 else 1500), 32)
    middle = lock + 0.5 + 0.3 * tint
    aside_mm = (middle - shifted) * comb.lock
    return max(min(aside_mm, comb.lock), -comb.lock), middle - shifted, tint


@njit(cache=True, nogil=True)
def _strand(canvas, x, y, um, length, key, comb, light, camera, base, thin):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Lay one hair from root to tip."""
    side = 1.0 if x + 0.5 * _luck(key, 1) ** 3 > parting_x(y) else -1.0
    length = min(length, comb.cut * (1.0 + 0.12 * _luck(key, 2)))
    aside, flank, lock_tint = _gathering(x, y, comb)
    pull = comb.gather * (0.75 + 0.25 * _luck(key, 3)) * aside
    # Short hair does not obey the comb.
    spread = comb.unruly * (1.0 + 4.0 * math.exp(-length / 14.0))
    turn = spread * (_luck(key, 4) + _luck(key, 5))
    wave, phase = 0.05 * _luck(key, 6), 3.0 * _luck(key, 11)
    lift = comb.lift * (1.0 + 0.45 * _luck(key, 7))
    # A lock is round: its flanks turn away from the light.
    round_off = 1.0 - min(1.6 * flank * flank, 0.6)
    tint = (1.0 + 0.30 * _luck(key, 8) + (0.28 - 0.14 * comb.whorl) * lock_tint) * round_off
    # Fine hair carries less pigment.
    pale = thin * math.exp(-um / 22.0)
    red, green, blue = base[0] * tint + pale, base[1] * tint + 0.8 * pale, base[2] * tint + 0.62 * pale
    sheen_r, sheen_g, sheen_b = 0.13 + 3.5 * base[0], 0.13 + 3.5 * base[1], 0.13 + 3.5 * base[2]
    wide = um * 1e-3 * camera.px_per_mm
    scale = camera.px_per_mm
    pieces = max(math.ceil(length / STEP_MM), 3)
    step = length / pieces
    gone, hidden = 0.0, 0
    px, py = (x - camera.left) * scale, (y - camera.top) * scale
    for piece in range(pieces):
        hx, hy = _heading(x, y, side, comb)
        drawn = pull * 2.0 * gone / 144.0 * math.exp(-gone * gone / 144.0)
        bend = turn * math.exp(-gone / 30.0) + wave * math.sin(phase + gone / 7.0)
        c, s = math.cos(bend), math.sin(bend)
        ux, uy = c * hx - s * hy, s * hx + c * hy
        # Aside is measured across the heading, the same way round on both sides of the head.
        across = 1.0 if comb.whorl == 1 else side
        ux, uy = ux - across * drawn * hy, uy + across * drawn * hx
        norm = 1.0 / math.sqrt(ux * ux + uy * uy)
        ux, uy = ux * norm, uy * norm
        tilt = math.atan(_slope(x, y, ux, uy, comb)) + lift * math.exp(-gone / 9.0)
        flat = math.cos(tilt)
        x, y = x + step * flat * ux, y + step * flat * uy
        qx, qy = (x - camera.left) * scale, (y - camera.top) * scale
        rest = 1.0 - (piece + 0.5) / pieces
        taper = min(rest / TIP_SHARE, 1.0)
        # The shine breaks up because no two hairs lie quite alike.
        seen = tilt + 0.09 * _luck(key, 9) + 0.06 * lock_tint
        level = math.cos(seen)
        lit, gloss = _shade(level * ux, level * uy, math.sin(seen), light)
        hidden += 1
        if not _buried(canvas, px, py, qx, qy):
            hidden = 0
            glint = gloss * round_off
            r, g, b = red * lit + glint * sheen_r, green * lit + glint * sheen_g, blue * lit + glint * sheen_b
            _segment(canvas, px, py, qx, qy, wide * taper, r, g, b, light.shadow)
        px, py = qx, qy
        gone += step
        # Ten millimetres beneath other hair and still going outward: it will not come up again.
        if hidden == 5 or qx < -2.0 * scale or qy < -6.0 * scale or qx > canvas.shape[1] + 2.0 * scale:
            break
        if qy > canvas.shape[0] + 6.0 * scale:
            break


@njit(cache=True, nogil=True)
def lay(canvas, order, x_mm, y_mm, um, length_mm, key, comb, light, camera, base, thin):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Lay all hairs on a canvas (rows, columns, red green blue and skin left), the uppermost first."""
    for i in order:
        _strand(canvas, x_mm[i], y_mm[i], um[i], length_mm[i], key[i], comb, light, camera, base, thin)


@njit(cache=True, nogil=True)
def depth(x_mm, y_mm, key, comb, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write how deep each hair lies: hair rooted near the parting or the whorl lies on top [mm]."""
    for i in range(len(x_mm)):
        if comb.whorl == 0:
            far = abs(x_mm[i] - parting_x(y_mm[i]))
        else:
            far = math.hypot(x_mm[i] - comb.whorl_x, y_mm[i] - comb.whorl_y)
        out[i] = far + 4.0 * _luck(key[i], 10)


@njit(cache=True, nogil=True)
def mottle(rows: int, columns: int, camera: Camera, out: NDArray[np.float32]) -> None:  # pragma: no cover
    """Write the unevenness of bare skin, about -1 to 1, shape (rows, columns)."""
    for i in range(rows):
        for j in range(columns):
            x, y = camera.left + (j + 0.5) / camera.px_per_mm, camera.top + (i + 0.5) / camera.px_per_mm
            coarse = ripple(x / 11.0, y / 11.0, 41)
            fine = ripple(x / 2.6, y / 2.6, 42)
            out[i, j] = 0.55 * coarse + 0.30 * fine + 0.15 * ripple(x / 0.7, y / 0.7, 43)
