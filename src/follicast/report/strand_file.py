"""The strands of a scalp as bytes for a browser: one static block, and small columns for every arm and month.

What a browser uploads once is the whole course: sliding from month to month picks other columns. The layout stands
in `strand_file`; a reader of it draws the same hairs in the same places as the still pictures, only with its own light.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from follicast.errors import InputError
from follicast.report.colours import COLOUR, HAIR_COLOURS, SKIN_TONES, TONE, Colours
from follicast.report.comb import View, comb, frame
from follicast.report.strands import STEP_MM, lucks, trace
from follicast.scalp_map import ScalpMap

MAGIC = b"FOLLSTR1"
#: How far along the hair its bends are told [nodes of STEP_MM]: the root is node 0.
NODES = (0, 4, 14, 36)
_ROOT_MM = 0.01
_TURN_MM = (0.1, 0.2, 0.4)  # unit of each piece: a byte reaches further than the piece is long
_UM = 0.5
_MOST_STEPS = 9
_ROOT = np.dtype([("x", "<u2"), ("y", "<u2"), ("turns", "i1", (3, 2)), ("tint", "u1"), ("lift", "u1")])


def strand_file(
    maps: Mapping[str, ScalpMap],
    *,
    view: View = "parting",
    tone: str = TONE,
    colour: str = COLOUR,
    most: int | None = None,
) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of a course and their header; `maps` are the same follicles under a name for each step.

    Layout, little endian: 8 bytes "FOLLSTR1"; u4 length of the header; the header, JSON in UTF-8, padded with
    blanks to a multiple of 4; then the blocks that the header's `blocks` names with their offset from the file's
    start, each padded to 4 bytes:

    static, 12 bytes a strand, the uppermost first: u2 x, y of the root from the frame's top left [root_mm];
    three pairs i1 of how far the hair goes on from there at `nodes_mm` along it [turn_mm each], on the map;
    u1 tint (128 is the colour itself, 255 about twice as light); u1 lift [mm above the skin at most, / 16].
    Per step: diameter, u1 a strand [diameter_um], 0 where no hair shows; length, u1 a strand [length_mm];
    visible, one bit a strand, the lowest bit first, 1 where a hair shows.

    `most` keeps that many strands, evenly, for a phone; the header's `width_factor` is what widths must be
    multiplied with, so that the optical depth stays right.

    Refuses maps of different follicles, and more steps than fit into 32 bytes a strand.
    """
    first = _checked(maps)
    Colours(colour, tone)
    laid = comb(view, first)
    seats = laid.seat(first)
    kept = seats.order if most is None else _thinned(seats.order, first, most)
    unit = (first.key if first.unit is None else first.unit).astype(np.uint64)
    nodes = trace(
        NODES, seats.wisp[kept], seats.along[kept], seats.across[kept], first.key[kept].astype(np.uint64), unit[kept],
        laid.paths,
    )  # fmt: skip
    left, top, right, bottom = frame(view, first)
    head: dict[str, Any] = {
        "view": view,
        "strands": len(kept),
        "frame_mm": [round(right - left, 3), round(bottom - top, 3)],
        "root_mm": _ROOT_MM,
        "margin_mm": _margin(first, left, top),
        "nodes_mm": [node * STEP_MM for node in NODES],
        "turn_mm": list(_TURN_MM),
        "diameter_um": _UM,
        "length_mm": _length_unit(maps),
        "width_factor": round(len(seats.order) / len(kept), 6),
        "hair": {"colour": colour, "srgb": HAIR_COLOURS[colour].strand},
        "skin": {"tone": tone, "srgb": SKIN_TONES[tone]},
        "steps": [_step(name, map) for name, map in maps.items()],
    }
    static = _static(nodes, laid.paths.tint[seats.wisp[kept]], first.key[kept], head, left, top)
    columns = [static.tobytes()]
    for map in maps.values():
        columns += _columns(map, kept, head["length_mm"])
    return _written(head, columns, list(maps))


def _checked(maps: Mapping[str, ScalpMap]) -> ScalpMap:
    if not 1 <= len(maps) <= _MOST_STEPS:
        raise InputError(
            f"strands: {len(maps)} steps. Give 1 to {_MOST_STEPS}: more would not fit into 32 bytes a strand."
        )
    first = next(iter(maps.values()))
    for name, map in maps.items():
        if not (np.array_equal(map.key, first.key) and np.array_equal(map.x_mm, first.x_mm)):
            raise InputError(
                f"strands: '{name}' holds other follicles than the first step. Give months of one scalp."
            )
    return first


def _thinned(order: NDArray[np.int64], map: ScalpMap, most: int) -> NDArray[np.int64]:
    """Keep strands by their own luck: evenly over the head, and the same ones whatever the month."""
    if most < 1:
        raise InputError(f"strands: {most} cannot be kept. Choose 1 or more.")
    if most >= len(order):
        return order
    luck = lucks(map.key.astype(np.uint64), 90)
    chosen = np.zeros(len(luck), dtype=bool)
    chosen[np.argsort(luck, kind="stable")[:most]] = True
    return order[chosen[order]]


def _margin(map: ScalpMap, left: float, top: float) -> list[float]:
    """Return how far roots may lie left of and above the frame [mm]: that is added to each place."""
    return [round(max(left + map.width_mm / 2, 0.0) + 1.0, 3), round(max(top, 0.0) + 1.0, 3)]


def _length_unit(maps: Mapping[str, ScalpMap]) -> float:
    return (
        round(max(float(max(map.length_mm.max(initial=0.0) for map in maps.values())), 1.0) / 255.0, 4) + 1e-4
    )


def _step(name: str, map: ScalpMap) -> dict[str, Any]:
    return {
        "name": name,
        "density_per_cm2": round(map.density_per_cm2, 1),
        "mean_diameter_um": round(map.mean_um, 1),
        "chtd_cm_per_cm2": round(map.chtd_cm_per_cm2, 3),
    }


def _static(
    nodes: NDArray[np.float64],
    tint: NDArray[np.float32],
    key: NDArray[np.uint64],
    head: dict[str, Any],
    left: float,
    top: float,
) -> NDArray[Any]:
    out = np.zeros(len(nodes), dtype=_ROOT)
    for axis, (name, edge) in enumerate((("x", left), ("y", top))):
        place = (nodes[:, 0, axis] - edge + head["margin_mm"][axis]) / _ROOT_MM
        out[name] = np.clip(np.rint(place), 0, 65535)
    # Each piece is told from where the pieces before it ended, so that rounding does not add up.
    at = nodes[:, 0, :2].copy()
    for piece, unit in enumerate(_TURN_MM):
        turn = np.clip(np.rint((nodes[:, piece + 1, :2] - at) / unit), -127, 127)
        out["turns"][:, piece] = turn
        at += turn * unit
    light = (0.85 + 0.45 * lucks(key.astype(np.uint64), 8)) * (1.0 + tint)
    out["tint"] = np.clip(np.rint(128.0 * light), 0, 255)
    out["lift"] = np.clip(np.rint(16.0 * nodes[:, -1, 2]), 0, 255)
    return out


def _columns(map: ScalpMap, kept: NDArray[np.int64], length_unit: float) -> list[bytes]:
    """Return one step's diameters, lengths and what shows. A hair that shows is never rounded away."""
    um, length = map.diameter_um[kept], map.length_mm[kept]
    shows = (um > 0) & (length > 0)
    diameter = np.where(shows, np.clip(np.rint(um / _UM), 1, 255), 0).astype(np.uint8)
    reach = np.where(shows, np.clip(np.rint(length / length_unit), 1, 255), 0).astype(np.uint8)
    return [diameter.tobytes(), reach.tobytes(), np.packbits(shows, bitorder="little").tobytes()]


def _written(head: dict[str, Any], columns: list[bytes], steps: list[str]) -> tuple[bytes, dict[str, Any]]:
    """Put header and blocks together. Offsets stand in the header, so its length is settled first."""
    named = ["static"] + [f"{what}:{step}" for step in steps for what in ("diameter", "length", "visible")]
    blank = {name: [0, len(column)] for name, column in zip(named, columns, strict=True)}
    longest = json.dumps(head | {"blocks": {name: [10**9, size] for name, (_, size) in blank.items()}})
    room = -(-len(longest.encode()) // 4) * 4
    offset, blocks = len(MAGIC) + 4 + room, {}
    for name, (_, size) in blank.items():
        blocks[name] = [offset, size]
        offset += -(-size // 4) * 4
    said = head | {"blocks": blocks}
    body = b"".join(column + bytes(-len(column) % 4) for column in columns)
    text = json.dumps(said).encode().ljust(room)
    return MAGIC + len(text).to_bytes(4, "little") + text + body, said
