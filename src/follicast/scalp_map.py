"""Where every follicle of the seen scalp stands and what hair it carries: all that a picture is drawn from.

It knows no patient, no grade and no therapy; a thinning shape can only come from the follicles themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from follicast.errors import InputError

Floats = NDArray[np.floating[Any]]
Keys = NDArray[np.uint64]

#: Share of follicular units that hold one, two, three, four follicles: a choice of layout, not a finding.
UNIT_SHARES = (0.18, 0.46, 0.28, 0.08)


@dataclass(frozen=True)
class ScalpMap:
    """The follicles of one scalp in one month, seen from above, n of them.

    Parameters
    ----------
    x_mm, y_mm : across, the parting at 0; from 0 at the front to `height_mm` at the back [mm], shape (n,)
    diameter_um : hair diameter [um], 0 where no hair shows, shape (n,)
    length_mm : length of hair that shows [mm], shape (n,)
    key : the luck of each follicle, the same in every arm and month, shape (n,)
    width_mm, height_mm : size of the seen field [mm]
    density_per_cm2, mean_um, chtd_cm_per_cm2 : hairs [/cm2], mean diameter [um],
        summed diameter per area [cm/cm2]
    phase : phase of each follicle as `cycle` numbers them, shape (n,), or None where nobody asked
    unit : follicular unit of each follicle, shape (n,), or None where each stands alone
    forehead_mm : strip of bare skin before the hairline that is seen too [mm]

    Refuses arrays of unequal length.
    """

    x_mm: Floats
    y_mm: Floats
    diameter_um: Floats
    length_mm: Floats
    key: Keys
    width_mm: float
    height_mm: float
    density_per_cm2: float
    mean_um: float
    chtd_cm_per_cm2: float
    phase: NDArray[np.int8] | None = None
    unit: NDArray[np.int64] | None = None
    forehead_mm: float = 0.0

    def __post_init__(self) -> None:
        columns = (self.x_mm, self.y_mm, self.diameter_um, self.length_mm, self.key, self.phase, self.unit)
        sizes = [len(column) for column in columns if column is not None]
        if len(set(sizes)) > 1:
            raise InputError(f"scalp map: its columns hold {sizes} follicles. Give one value per follicle.")


def scalp_map(
    x_mm: Floats,
    y_mm: Floats,
    diameter_um: Floats,
    length_mm: Floats,
    key: Keys,
    *,
    width_mm: float,
    height_mm: float,
    phase: NDArray[np.int8] | None = None,
    unit: NDArray[np.int64] | None = None,
    forehead_mm: float = 0.0,
    site_depth: float = 0.5,
) -> ScalpMap:
    """Return a `ScalpMap` whose numbers are counted around its own site, at a share of its depth [0 to 1]."""
    density, mean, chtd = site_numbers(x_mm, y_mm, diameter_um, width_mm, height_mm, site_depth)
    counted = (density, mean, chtd)
    return ScalpMap(
        x_mm, y_mm, diameter_um, length_mm, key, width_mm, height_mm, *counted, phase, unit, forehead_mm
    )


def site_numbers(
    x_mm: Floats, y_mm: Floats, diameter_um: Floats, width_mm: float, height_mm: float, depth: float = 0.5
) -> tuple[float, float, float]:
    """Return hairs [/cm2], mean diameter [um] and CHTD [cm/cm2] of a third of width and height around a site.

    The site lies on the middle line at a share of the depth [0 to 1]: 0.5 for the midscalp.
    """
    middle = (np.abs(x_mm) < width_mm / 6) & (np.abs(y_mm - height_mm * depth) < height_mm / 6)
    shown = diameter_um[middle & (diameter_um > 0)]
    area_cm2 = (width_mm / 30) * (height_mm / 30)
    mean = float(shown.mean()) if len(shown) else 0.0
    return len(shown) / area_cm2, mean, float(shown.sum()) * 1e-4 / area_cm2


def place_follicles(
    density_per_cm2: float,
    width_mm: float,
    height_mm: float,
    key: int,
    *,
    unit_shares: Sequence[float] = UNIT_SHARES,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return x and y [mm] and the unit of follicles standing in follicular units on a jittered triangular grid.

    Parameters
    ----------
    density_per_cm2 : follicles [/cm2], with or without a hair that shows
    width_mm, height_mm : size of the field [mm]
    key : the same key gives the same places
    unit_shares : share of units of 1, 2, 3, ... follicles

    Refuses a density or a size that is not above 0.
    """
    if min(density_per_cm2, width_mm, height_mm) <= 0:
        raise InputError(
            f"scalp map: {density_per_cm2} follicles per cm2 on {width_mm} x {height_mm} mm. "
            "All three must be above 0."
        )
    luck = np.random.Generator(np.random.Philox(key=key))
    shares = np.asarray(unit_shares, dtype=float) / sum(unit_shares)
    mean_unit = float(shares @ np.arange(1, len(shares) + 1))
    unit_x, unit_y, spacing = _triangular_grid(density_per_cm2 / mean_unit, width_mm, height_mm)
    unit_x += luck.normal(0.0, 0.18 * spacing, len(unit_x))
    unit_y += luck.normal(0.0, 0.18 * spacing, len(unit_y))
    members = 1 + luck.choice(len(shares), len(unit_x), p=shares)
    # Hairs of one unit leave the skin side by side, about a fifth of a millimetre apart.
    x = np.repeat(unit_x, members) + luck.normal(0.0, 0.12, members.sum())
    y = np.repeat(unit_y, members) + luck.normal(0.0, 0.12, members.sum())
    inside = (np.abs(x) <= width_mm / 2) & (y >= 0) & (y <= height_mm)
    return x[inside], y[inside], np.repeat(np.arange(len(members)), members)[inside]


def follicle_keys(n: int, key: int) -> Keys:
    """Return the luck of `n` follicles, shape (n,), the same for the same key."""
    return np.random.Generator(np.random.Philox(key=key + 1)).integers(0, 2**63, n, dtype=np.uint64)


def _triangular_grid(units_per_cm2: float, width_mm: float, height_mm: float) -> tuple[Floats, Floats, float]:
    """Return x, y [mm] of grid points one spacing beyond the field, and that spacing [mm]."""
    spacing = float(np.sqrt(2 / np.sqrt(3) * 100 / units_per_cm2))
    rise = spacing * np.sqrt(3) / 2
    columns = np.arange(-1, np.ceil(width_mm / spacing) + 2)
    rows = np.arange(-1, np.ceil(height_mm / rise) + 2)
    row, column = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    return (column + 0.5 * (row % 2)) * spacing - width_mm / 2, row * rise, spacing
