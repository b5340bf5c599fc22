"""What a phototrichogram or a dermatoscope would read off the follicles, with its own error.

It turns counts of follicles into hairs per cm2 and the like, and says how far a repeated reading may be off; what
instruments and raters make of a reading stands in `instruments`. It does not know that automatic counts fall short
in dense fields: sources say so and print no size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from follicast import cycle
from follicast.cycle import Floats, Integers
from follicast.evidence.library import evidence
from follicast.scalp import Scalp

QUANTITIES = ("total_density", "terminal_density", "mean_diameter", "anagen_share", "daily_shedding")


@dataclass(frozen=True)
class Reading:
    """What is read, each [draw, observation].

    Densities [/cm2]; terminal is a shaft of at least the cut-off; anagen_density likewise; mean_diameter [um];
    anagen_share [%]; coverage is summed shaft diameter per area (CHTD) [cm/cm2]; daily_shedding is hairs a day
    [{hairs}/d] as if all 100,000 follicles of a scalp shed as this site does; hair_weight is what grows in a day
    on the area [ug/cm2/d], as a clipped and weighed field gives it.
    """

    total_density: Floats
    terminal_density: Floats
    anagen_density: Floats
    mean_diameter: Floats
    anagen_share: Floats
    coverage: Floats
    daily_shedding: Floats
    hair_weight: Floats


def read(counts: Integers, scalp: Scalp, every_d: float) -> Reading:
    """Read counts [draw, quantity, observation] taken every `every_d` days off a scalp."""
    follicles = scalp.shape[1]
    per_cm2 = (scalp.density / follicles)[:, None]
    total = counts[:, cycle.TOTAL]
    summed_um = counts[:, cycle.DIAMETER] / cycle.DIAMETER_UNITS
    some = np.maximum(total, 1)
    return Reading(
        total_density=total * per_cm2,
        terminal_density=counts[:, cycle.THICK] * per_cm2,
        anagen_density=counts[:, cycle.GROWING] * per_cm2,
        mean_diameter=summed_um / some,
        anagen_share=100.0 * counts[:, cycle.GROWING] / some,
        coverage=summed_um * per_cm2 * 1e-4,
        daily_shedding=counts[:, cycle.SHED] * (whole_scalp() / follicles / every_d),
        hair_weight=counts[:, cycle.VOLUME] * per_cm2 * _weight(),
    )


@cache
def _weight() -> float:
    """Return the weight [ug] of one unit of the kernel's volume, shafts being round."""
    keratin_ug_per_um3 = float(evidence().numbers["reading.keratin"]) * 1e-6
    return cycle.VOLUME_UNIT * math.pi / 4.0 * keratin_ug_per_um3


def whole_scalp() -> float:
    """Return how many follicles a scalp has, to which shedding is scaled."""
    return float(evidence().numbers["reading.whole_scalp"])


def visible(scalp: Scalp) -> NDArray[np.bool_]:
    """Say which follicles [draw, follicle] carry a hair that is long enough to be seen, as they stand."""
    state = scalp.state
    rate = scalp.life.growth[:, :1] + scalp.life.growth[:, 1:] * state.um
    long_enough = state.since * rate >= scalp.life.visible_um
    growing = state.phase == cycle.ANAGEN
    shown = growing & long_enough | (state.phase == cycle.CATAGEN) | (state.phase == cycle.TELOGEN)
    return shown & (state.um > 0.0)


def standing(scalp: Scalp, cutoff_um: float = 0.0) -> Reading:
    """Read a scalp as it stands: one observation, with no shedding to it."""
    shown, um = visible(scalp), scalp.state.um
    counts = np.zeros((scalp.shape[0], cycle.QUANTITIES, 1), dtype=np.int64)
    counts[:, cycle.TOTAL, 0] = shown.sum(axis=1)
    counts[:, cycle.THICK, 0] = (shown & (um >= cutoff_um)).sum(axis=1)
    growing = shown & (scalp.state.phase == cycle.ANAGEN)
    rate = scalp.life.growth[:, :1] + scalp.life.growth[:, 1:] * um
    counts[:, cycle.GROWING, 0] = (growing & (rate >= scalp.life.slow_um)).sum(axis=1)
    volume = (um * um * rate / cycle.VOLUME_UNIT + 0.5).astype(np.int64)
    counts[:, cycle.VOLUME, 0] = np.where(growing, volume, 0).sum(axis=1)
    counts[:, cycle.DIAMETER, 0] = (
        np.where(shown, um * cycle.DIAMETER_UNITS + 0.5, 0.0).astype(np.int64).sum(axis=1)
    )
    return read(counts, scalp, 1.0)


def error_share(method: str) -> float:
    """Return the error of a change in count, as a share of the total [1], by counting method."""
    name = f"reading.error_{method}"
    numbers = evidence().numbers
    return float(numbers[name if name in numbers else "reading.error_trichoscopy"]) / 100.0


def sinclair(coverage: Floats) -> Floats:
    """Return the Sinclair grade [1] that goes with a coverage [cm/cm2], after the trichoscopy-derived scale."""
    numbers = evidence().numbers
    slope, constant = (float(numbers[f"reading.sinclair_{part}"]) for part in ("slope", "constant"))
    return constant - slope * np.log10(np.maximum(coverage, 1e-3))
