"""How likely the printed results are, given what the model predicts for them.

Within a trial all arms share a drift that is not biology (its mean depends on the kind of trial, its spread is
fitted), and each therapy a deviation of its own; the trial's sampling error is inflated by risk of bias. Both
are integrated out, so that a trial is one multivariate normal. Contrasts carry no drift. Where a trial printed no
SD of change, the SD is fitted, the same for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.trials.observations import Datum

OFFSETS = ("topical", "needle", "tablet", "none")
SPREADS = ("offset_between", "therapy_between", "change_sd")
NUISANCES = [*(f"offset_{kind}" for kind in OFFSETS), *SPREADS]


class Blocks(NamedTuple):
    """The same, study by study, each filled up to the size of the largest: so small matrices are inverted at once.

    rows [study, slot] says which datum stands in a slot, one past the last where none does; sampling [study, slot,
    slot] is 1 on the diagonal of empty slots; shapes [spread, study, slot, slot].
    """

    rows: NDArray[np.int64]
    sampling: Floats
    shapes: Floats
    diagonal: NDArray[np.int64]


class Printed(NamedTuple):
    """Printed results as one multivariate normal, in blocks of one study each.

    value [datum]; sampling [datum, datum] is the covariance of printed sampling errors, inflated by bias; offset
    [datum, kind] says which drift mean an arm carries; shapes are covariances [datum, datum] of unit deviations,
    one for each of SPREADS.
    """

    value: Floats
    sampling: Floats
    offset: Floats
    shapes: tuple[Floats, ...]
    blocks: Blocks

    def covariance(self, spreads: Floats) -> Floats:
        """Return the covariance [datum, datum] of the printed results around the prediction."""
        return self.sampling + sum(sd**2 * shape for sd, shape in zip(spreads, self.shapes, strict=True))


def printed(data: list[Datum]) -> Printed:
    """Put data into matrices; data of different studies share nothing but what is fitted."""
    unit = np.array([_per_hair(d) for d in data])
    arm = unit * np.array([0.0 if d.minus else 1.0 for d in data])
    together = np.array([[float(a.study == b.study) for b in data] for a in data])
    therapies = sorted({t for d in data for t in d.therapies})
    signs = np.array([[d.therapies.get(t, 0) for t in therapies] for d in data], dtype=float) * unit[:, None]
    known, assumed = (_sampling(data, source) * together for source in ("printed", "assumed"))
    own = np.diag([_number(f"between_{d.unit}") ** 2 if d.unit in ("um", "points") else 0.0 for d in data])
    shapes = (
        np.outer(arm, arm) * together,
        (signs @ signs.T) * together,
        assumed / _number("change_sd") ** 2,
    )
    return Printed(
        value=np.array([d.value for d in data]),
        sampling=known + own,
        offset=np.array(
            [[a * (d.offset == kind) for kind in OFFSETS] for d, a in zip(data, arm, strict=True)]
        ),
        shapes=shapes,
        blocks=_blocks([d.study for d in data], known + own, np.stack(shapes)),
    )


def _blocks(studies: list[str], sampling: Floats, shapes: Floats) -> Blocks:
    members = [[i for i, name in enumerate(studies) if name == study] for study in dict.fromkeys(studies)]
    size, nobody = max(map(len, members)), len(studies)
    rows = np.array([[*own, *[nobody] * (size - len(own))] for own in members])
    empty = rows == nobody
    filled = np.pad(sampling, (0, 1))[rows[:, :, None], rows[:, None, :]]
    filled += empty[:, :, None] * np.eye(size)
    wide = np.pad(shapes, ((0, 0), (0, 1), (0, 1)))[:, rows[:, :, None], rows[:, None, :]]
    return Blocks(rows, filled, wide, np.arange(size))


def _per_hair(datum: Datum) -> float:
    """Return what one hair/cm2 of drift is in the unit of a datum; calibre and phases do not drift."""
    return {"/cm2": 1.0, "%": 1.0 / _number("percent")}.get(datum.unit, 0.0)


def _sampling(data: list[Datum], source: str) -> Floats:
    """Sampling errors that were printed, or assumed: visits of the same arm go together, arms do not."""
    sd = np.array([d.se * np.sqrt(_number(f"bias_{d.bias}")) * (d.se_source == source) for d in data])
    repeat = _number("repeat_correlation")
    same = np.array(
        [
            [1.0 if a is b else repeat if (a.arm, a.minus) == (b.arm, b.minus) else 0.0 for b in data]
            for a in data
        ]
    )
    return same * np.outer(sd, sd)


def _number(name: str) -> float:
    return float(evidence().numbers[f"cohorts.{name}"])


def nuisance_prior() -> tuple[Floats, Floats]:
    """Return prior means and SDs [nuisance]; the spreads are on a log scale."""
    numbers = [evidence().numbers[f"cohorts.{name}"] for name in NUISANCES]
    mean = np.array([float(n) for n in numbers])
    mean[-len(SPREADS) :] = np.log(mean[-len(SPREADS) :])
    return mean, np.array([n.spread.value if n.spread and n.spread.value else 1.0 for n in numbers])


def split(nuisance: Floats) -> tuple[Floats, Floats]:
    """Return drift means [kind] and the spreads themselves [spread] of one draw of nuisances."""
    return nuisance[: -len(SPREADS)], np.exp(nuisance[-len(SPREADS) :])


def log_likelihood(
    data: Printed, predicted: Floats, nuisance: Floats, extra: Floats
) -> tuple[float, Floats, Floats]:
    """Return the log likelihood and its slopes by prediction [datum] and by nuisance [nuisance].

    `extra` [datum] is variance added to each datum for the emulator's own error. A constant is left out.
    """
    blocks = data.blocks
    drift, spreads = split(nuisance)
    cov = blocks.sampling + np.tensordot(spreads**2, blocks.shapes, axes=1)
    cov[:, blocks.diagonal, blocks.diagonal] += np.append(extra, 0.0)[blocks.rows]
    inverse = np.linalg.inv(cov)
    left = np.append(data.value - predicted - data.offset @ drift, 0.0)[blocks.rows]
    pulls = np.matmul(inverse, left[:, :, None])[:, :, 0]
    value = -0.5 * (np.sum(left * pulls) + np.sum(np.linalg.slogdet(cov)[1]))
    outer = pulls[:, :, None] * pulls[:, None, :] - inverse
    by_spread = spreads**2 * np.einsum("kbij,bij->k", blocks.shapes, outer)
    pull = np.zeros(data.value.size + 1)
    pull[blocks.rows] = pulls
    return float(value), pull[:-1], np.concatenate([pull[:-1] @ data.offset, by_spread])
