"""Fills the page on the pictures: how they are drawn, the law of the parting measured on them, and shapes by grade."""

from __future__ import annotations

import base64
import inspect
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from saying import table, write

from follicast.report.colours import HAIR_COLOURS, SKIN_TONES
from follicast.report.picture import draw
from follicast.report.strand_file import strand_file
from follicast.scalp_map import ScalpMap, follicle_keys, place_follicles, scalp_map

SHAPES = Path(__file__).resolve().parent / "images" / "shapes.webp"
#: Hairs [/cm2] and mean diameter [um] of five even scalps, from full hair to very little.
SCALPS = ((250, 72), (218, 60), (178, 49), (145, 40), (109, 32))
_WIDTH, _HEIGHT, _FOLLICLES = 150.0, 80.0, 260.0


@dataclass(frozen=True)
class Law:
    """One even scalp: its CHTD [cm/cm2], the parting that the law asks for and the one on its picture [mm]."""

    density: float
    um: float
    chtd: float
    asked_mm: float
    drawn_mm: float


def even(density: float, um: float) -> ScalpMap:
    """Return a scalp that is everywhere alike: hairs [/cm2] of a mean diameter [um]."""
    x, y, unit = place_follicles(_FOLLICLES, _WIDTH, _HEIGHT, 5)
    luck = np.random.default_rng(0)
    shows, thick = luck.random(len(x)), luck.lognormal(0, 0.25, len(x))
    widths = np.where(density / _FOLLICLES > shows, um * thick, 0.0)
    long, key = np.full(len(x), 200.0), follicle_keys(len(x), 5)
    return scalp_map(x, y, widths, long, key, width_mm=_WIDTH, height_mm=_HEIGHT, unit=unit)


def measured(density: float, um: float) -> Law:
    """Draw an even scalp and measure its parting."""
    map = even(density, um)
    chtd = float(map.diameter_um.sum()) * 1e-4 / (_WIDTH * _HEIGHT / 100)
    seen = draw(map, width_px=300).parting
    return Law(density, um, chtd, 20 * math.log(2) / chtd, 0.5 * (seen.front_mm + seen.back_mm))


def page() -> None:
    """Write the page on the pictures."""
    write(
        "pictures",
        "pictures",
        law="\n".join(
            table(["hairs/cm²", "mean µm", "CHTD cm/cm²", "law mm", "drawn mm", "drawn / law"], rows())
        ),
        shapes=f"data:image/webp;base64,{base64.b64encode(SHAPES.read_bytes()).decode('ascii')}",
        layout=inspect.cleandoc(strand_file.__doc__ or ""),
        hair=list(HAIR_COLOURS),
        skin=list(SKIN_TONES),
    )


def rows() -> list[list[Any]]:
    """Return the law and what was drawn, scalp by scalp."""
    found = (measured(*scalp) for scalp in SCALPS)
    return [
        [
            f.density,
            f.um,
            f"{f.chtd:.2f}",
            f"{f.asked_mm:.1f}",
            f"{f.drawn_mm:.1f}",
            f"{f.drawn_mm / f.asked_mm:.2f}",
        ]
        for f in found
    ]
