"""Lays each hair on the scalp along the comb's paths and adds it to the picture, strand by strand.

It knows follicles, paths, light and colour; it knows no patient, no grade and no calendar. Everything that
differs between two strands comes from hashing the follicle's key, everything that differs between two places
from hashing the place; so a follicle is drawn alike in every arm and month. Skin that a hair covers is covered
whatever lies above it, and no path depends on the length or thickness of its hair: more hair never shows more
skin, in any pixel. No fast arithmetic is allowed: the same map gives the same bytes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Singles = NDArray[np.float32]


class Paths(NamedTuple):
    """How a comb lays hair, as paths of wisps over the map; nodes are STEP_MM apart along the hair.

    Parameters
    ----------
    way : where each wisp's hair runs [mm] and in which direction [1], shape (wisp, node, 4)
    tint : how much lighter or darker than the rest a wisp is [1], shape (wisp,)
    closer : share of its distance across that a hair keeps from its wisp's path, shape (node,)
    bend : how far one radian of unruliness at the root carries a hair aside [mm], shape (node,)
    swing : cosine and sine of the wave along the hair [1], shape (node, 2)
    rise, run : height above the skin and way lost for one radian of lift [mm], shape (node,)
    lift, unruly : mean angle at which hair leaves the skin, and spread of its direction [rad]
    cut : no strand is longer than this [mm]
    """

    way: Singles
    tint: Singles
    closer: Singles
    bend: Singles
    swing: Singles
    rise: Singles
    run: Singles
    lift: float
    unruly: float
    cut: float


class Light(NamedTuple):
    """Two soft lamps, left and right alike, and what hair gives back of them."""

    side: float
    front: float
    up: float
    ambient: float
    shine: float
    glow: float
    shadow: float


class Camera(NamedTuple):
    """Where the scalp is seen from: left and top edge [mm] of what is shown, pixels per mm, and the head's form.

    plan: looked at straight from above, the map lying flat; else from the front, the map wrapped round the head
    about the line `centre_y` that the camera looks straight at. half_width, half_height and rise are the head's
    half axes [mm]; front is how much longer the half before its middle is than the one behind [1].
    """

    plan: bool
    left: float
    top: float
    px_per_mm: float
    centre_y: float
    half_width: float
    half_height: float
    rise: float
    front: float


class Dye(NamedTuple):
    """Hair colour in linear light: two kinds of strands, the share of the second, and how much paler fine ones are."""

    red: float
    green: float
    blue: float
    other_red: float
    other_green: float
    other_blue: float
    other_share: float
    thin: float


# How a rule of drawing is compiled: without Python's lock, and without counting who holds an array (numba calls that
# `_nrt`): rules make no array, and are called some hundred thousand times for one picture.
_rule = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, error_model="numpy", _nrt=False
)
STEP_MM = 2.0
FINE_NODES = 8
TIP_MM = 14.0
STRAYS = 0.025


@_rule
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


@_rule
def _ripples(x, y, purpose, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for i in range(x.size):
        out[i] = ripple(x[i], y[i], purpose)


@_rule
def _lucks(key, purpose, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for i in range(key.size):
        out[i] = _luck(key[i], purpose)


def ripples(x: NDArray[np.floating], y: NDArray[np.floating], purpose: int) -> NDArray[np.float64]:
    """Return smooth noise in [-1, 1] at places (of any one shape), about one wave per unit."""
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    out = np.empty(x.size)
    _ripples(np.ascontiguousarray(x).ravel(), np.ascontiguousarray(y).ravel(), purpose, out)
    return out.reshape(x.shape)


def lucks(key: NDArray[np.uint64], purpose: int) -> NDArray[np.float64]:
    """Return a number in [-1, 1) for one purpose of each key, shape (n,)."""
    out = np.empty(key.size)
    _lucks(np.ascontiguousarray(key), purpose, out)
    return out


def ball(x, y, camera):  # type: ignore[no-untyped-def]
    """Return a place (or arrays of them) across and along the head, in half axes from its middle; its edge is at 1."""
    v = (y - camera.centre_y) / camera.half_height
    return x / camera.half_width, v * (1.0 - (v < 0.0) * (1.0 - 1.0 / camera.front))


_ball = _rule(ball)


@_rule
def project(x, y, h, camera):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return where the camera sees a point h [mm] above the scalp: right, down and towards it [mm]."""
    if camera.plan:
        u, v = _ball(x, y, camera)
        return x, y, camera.rise * math.sqrt(max(1.0 - u * u - v * v, 0.03)) + h
    across, along = x / camera.half_width, (y - camera.centre_y) / camera.half_height
    sa, ca, sb, cb = math.sin(along), math.cos(along), math.sin(across), math.cos(across)
    return (
        -(camera.half_width + h) * sb,
        -(camera.half_height * sa + h * sa) * cb,
        (camera.rise + h) * ca * cb,
    )


@_rule
def _lamp(tx, ty, tz, side, light):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return how much of one lamp a strand scatters, mirrors sharply, and mirrors softly through its inside."""
    lx, ly, lz = side * light.side, -light.front, light.up
    along = tx * lx + ty * ly + tz * lz
    hz = 1.0 + lz
    half = (tx * lx + ty * ly + tz * hz) / math.sqrt(lx * lx + ly * ly + hz * hz)
    # Cuticles tilt towards the root: the sharp glint lies nearer to it, the coloured one nearer to the tip.
    near, far = half + 0.07, half - 0.12
    sharp, soft = max(1.0 - near * near, 0.0), max(1.0 - far * far, 0.0)
    soft = soft * soft
    soft = soft * soft
    soft = soft * soft
    for _ in range(6):
        sharp = sharp * sharp
    return math.sqrt(max(1.0 - along * along, 0.0)), sharp, soft


@_rule
def _shade(tx, ty, tz, tilt, light):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the scattered and the mirrored light of a strand that runs along (tx, ty, tz)."""
    n = 1.0 / math.sqrt(tx * tx + ty * ty + tz * tz + 1e-12)
    # The shine breaks up because no two hairs lie quite alike.
    tx, ty, tz = tx * n, ty * n, tz * n + tilt
    n = 1.0 / math.sqrt(tx * tx + ty * ty + tz * tz)
    tx, ty, tz = tx * n, ty * n, tz * n
    left, left_glint, left_glow = _lamp(tx, ty, tz, -1.0, light)
    right, right_glint, right_glow = _lamp(tx, ty, tz, 1.0, light)
    lit = light.ambient + (1.0 - light.ambient) * 0.5 * (left + right)
    return lit + light.glow * 0.5 * (left_glow + right_glow), light.shine * 0.5 * (left_glint + right_glint)


@_rule
def _blend(light, left, row, column, cover, red, green, blue, shadow):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Slip a strand's coverage of one pixel beneath what already lies there."""
    before = left[row, column]
    if before > 0.004:
        # Deeper hair gets less light: the hair above it stands between it and the lamp.
        shown = before * cover * (1.0 - shadow * (1.0 - before))
        light[row, column, 0] += shown * red
        light[row, column, 1] += shown * green
        light[row, column, 2] += shown * blue
    left[row, column] = before * (1.0 - cover)


@_rule
def _segment(light, left, x0, y0, x1, y1, wide, red, green, blue, shadow):  # type: ignore[no-untyped-def]  # pragma: no cover
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
    long = left.shape[0] if steep else left.shape[1]
    high = left.shape[1] if steep else left.shape[0]
    for i in range(max(math.ceil(x0 - 0.5), 0), min(math.ceil(x1 - 0.5), long)):
        middle = y0 + lean * (i + 0.5 - x0)
        top, bottom = middle - 0.5 * span, middle + 0.5 * span
        for j in range(max(math.floor(top), 0), min(math.floor(bottom) + 1, high)):
            cover = solid * (min(bottom, j + 1.0) - max(top, float(j)))
            if steep:
                _blend(light, left, i, j, cover, red, green, blue, shadow)
            else:
                _blend(light, left, j, i, cover, red, green, blue, shadow)


@_rule
def _buried(left, x0, y0, x1, y1):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return whether a piece of strand [px] lies beneath other hair, looked up at three places."""
    for i in range(3):
        x, y = int(x0 + 0.5 * i * (x1 - x0)), int(y0 + 0.5 * i * (y1 - y0))
        if 0 <= x < left.shape[1] and 0 <= y < left.shape[0] and left[y, x] > 0.01:
            return False
    return True


@_rule
def _temper(key, unit, paths):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return what a hair has of its own: turn and lift [rad], two parts of a wave [mm], how far it obeys its wisp."""
    stray = 1.0 if _luck(key, 12) < 2.0 * STRAYS - 1.0 else 0.0
    # Hairs of one follicular unit leave the skin nearly alike.
    turn = 0.6 * _luck(unit, 4) + 0.4 * _luck(unit, 5) + 0.5 * _luck(key, 4) + 0.5 * _luck(key, 5)
    turn = paths.unruly * turn + stray * 0.7 * _luck(key, 13)
    lift = paths.lift * (1.0 + 0.3 * _luck(unit, 7) + 0.25 * _luck(key, 7) + 0.5 * stray)
    return turn, lift, 0.2 * _luck(key, 6), 0.2 * _luck(key, 11), 1.0 - 0.2 * _luck(key, 3) + 0.8 * stray


@_rule
def _runs(j, way, along, across, temper, paths):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return where node j of a hair lies on the map and how high above the skin [mm]."""
    turn, lift, even, odd, keep = temper
    s, last = j * STEP_MM, way.shape[0] - 1
    at = max((s - lift * lift * paths.run[j]) / STEP_MM, 0.0)
    i = min(int(at), last - 1)
    f = at - i
    dx, dy, ux, uy = way[i + 1, 0] - way[i, 0], way[i + 1, 1] - way[i, 1], way[i, 2], way[i, 3]
    aside = across * (1.0 - keep * (1.0 - paths.closer[j])) + turn * paths.bend[j]
    aside += even * (paths.swing[j, 0] - 1.0) + odd * paths.swing[j, 1]
    x = way[i, 0] + f * dx + along * ux - aside * uy
    y = way[i, 1] + f * dy + along * uy + aside * ux
    return x, y, lift * paths.rise[j]


@_rule
def _dyed(um, key, unit, tint, dye):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the colour of one hair in full light."""
    red, green, blue = dye.red, dye.green, dye.blue
    if _luck(key, 14) < 2.0 * dye.other_share - 1.0:
        red, green, blue = dye.other_red, dye.other_green, dye.other_blue
    light = (0.85 + 0.45 * _luck(key, 8) + 0.25 * _luck(unit, 16) ** 2) * (1.0 + tint)
    warm = 0.07 * _luck(key, 15)
    pale = dye.thin * math.exp(-um / 22.0)  # fine hair carries less pigment
    return (
        red * light * (1.0 + warm) + pale,
        green * light + 0.8 * pale,
        blue * light * (1.0 - warm) + 0.62 * pale,
    )


@_rule
def _strand(light, left, wisp, along, across, um, length, key, unit, paths, lamps, camera, dye):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Lay one hair from root to tip."""
    length = min(length, paths.cut * (1.0 + 0.12 * _luck(key, 2)))
    temper = _temper(key, unit, paths)
    red, green, blue = _dyed(um, key, unit, paths.tint[wisp], dye)
    sheen_r, sheen_g, sheen_b = 0.05 + 3.4 * red, 0.05 + 3.4 * green, 0.05 + 3.4 * blue
    scale = camera.px_per_mm
    wide = um * 1e-3 * scale
    way = paths.way[wisp]
    tilt = 0.08 * _luck(key, 9) + 0.16 * _luck(np.uint64(wisp), 35)
    px, py, pz, before = 0.0, 0.0, 0.0, 0.0
    j = 0
    while j < way.shape[0] - 1:
        s = j * STEP_MM
        x, y, h = _runs(j, way, along, across, temper, paths)
        sx, sy, z = project(x, y, h, camera)
        qx, qy = (sx - camera.left) * scale, (sy - camera.top) * scale
        # Seen from the front, what lies behind the head's horizon is not seen.
        if j > 0 and (camera.plan or z > 4.0):
            # The last piece is a part of a whole one: a longer hair runs along the same line.
            part = min((length - before) / (s - before), 1.0)
            ex, ey = px + part * (qx - px), py + part * (qy - py)
            thick = wide * (0.25 + 0.75 * max(min((length - 0.5 * (before + s)) / TIP_MM, 1.0), 0.0))
            if _buried(left, px, py, ex, ey):
                _segment(light, left, px, py, ex, ey, thick, 0.0, 0.0, 0.0, 0.0)
            else:
                lit, glint = _shade((qx - px) / scale, (qy - py) / scale, z - pz, tilt, lamps)
                _segment(
                    light, left, px, py, ex, ey, thick,
                    red * lit + glint * sheen_r, green * lit + glint * sheen_g, blue * lit + glint * sheen_b,
                    lamps.shadow,
                )  # fmt: skip
        if s >= length or qx < -3.0 * scale or qx > left.shape[1] + 3.0 * scale:
            break
        if qy < -6.0 * scale or qy > left.shape[0] + 6.0 * scale:
            break
        px, py, pz, before = qx, qy, z, s
        # Hair bends where it leaves the skin; further out longer pieces do.
        j += 1 if j < FINE_NODES else 2


@_rule
def _trace(nodes, wisp, along, across, key, unit, paths, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(wisp.size):
        temper = _temper(key[i], unit[i], paths)
        for k in range(nodes.size):
            x, y, h = _runs(nodes[k], paths.way[wisp[i]], along[i], across[i], temper, paths)
            out[i, k, 0], out[i, k, 1], out[i, k, 2] = x, y, h


def trace(nodes, wisp, along, across, key, unit, paths):  # type: ignore[no-untyped-def]
    """Return where nodes of hairs lie [mm]: across, along and above the map, shape (hair, node, 3)."""
    out = np.empty((len(wisp), len(nodes), 3))
    _trace(np.asarray(nodes), wisp, along, across, key, unit, paths, out)
    return out


@_rule
def lay(light, left, order, wisp, along, across, um, length, key, unit, paths, lamps, camera, dye):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Lay all hairs, the uppermost first, on light (rows, columns, 3) and the skin that is left (rows, columns)."""
    for i in order:
        _strand(
            light,
            left,
            wisp[i],
            along[i],
            across[i],
            um[i],
            length[i],
            key[i],
            unit[i],
            paths,
            lamps,
            camera,
            dye,
        )


@_rule
def _projected(x, y, camera, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for i in range(x.size):
        out[0, i], out[1, i], out[2, i] = project(x[i], y[i], 0.0, camera)


def projected(x: NDArray[np.floating], y: NDArray[np.floating], camera: Camera) -> NDArray[np.float64]:
    """Return where the camera sees points of the scalp: right, down and towards it [mm], shape (3, n)."""
    out = np.empty((3, x.size))
    _projected(
        np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64), camera, out
    )
    return out
