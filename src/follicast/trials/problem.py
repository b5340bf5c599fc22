"""What is fitted: printed results and anchors, and what the model makes of both under a set of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from follicast import parameters as prior
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.trials import anchors, virtual
from follicast.trials.observations import Datum, observations


@dataclass(frozen=True)
class Problem:
    """The data that calibrate, and the anchors with their errors, in the order of the outputs [output].

    Outputs are the data, then the anchors. A prevalence is fitted on a log-odds scale, where a bend that an
    emulator must follow is a straight line.
    """

    data: list[Datum]
    held: Floats
    held_sd: Floats

    @property
    def studies(self) -> list[str]:
        """The studies that calibrate."""
        return list(dict.fromkeys(datum.study for datum in self.data))

    def rows(self, study: str) -> NDArray[np.int64]:
        """Return which data a study brings."""
        return np.array([i for i, datum in enumerate(self.data) if datum.study == study])

    def run(self, z: Floats) -> Floats:
        """Return the outputs [set, output] of the follicles themselves under z [set, parameter]."""
        believed = prior.parameters(z)
        found = anchors.measure(believed, virtual.PERSONS, virtual.FOLLICLES)
        return np.hstack([virtual.predict(self.data, believed), straightened(found)])

    @cached_property
    def floor(self) -> Floats:
        """The z [parameter] below which a rectified parameter is nothing."""
        return np.array(
            [
                -p.value / p.prior_sd if p.scale == "rectified" else -np.inf
                for p in evidence().parameters.values()
            ]
        )


def problem() -> Problem:
    """Return the calibrating data and the anchors of the evidence."""
    data = [datum for datum in observations(evidence().studies.values()) if datum.in_fit]
    value, error = anchors.observed()
    return Problem(data, straightened(value[None])[0], error * _slope(value))


def straightened(found: Floats) -> Floats:
    """Return anchors [set, anchor] with prevalences [%] as log odds."""
    out, common = found.copy(), _prevalences()
    out[:, common] = np.log((found[:, common] + 1.0) / (101.0 - found[:, common]))
    return out


def _slope(value: Floats) -> Floats:
    return np.where(_prevalences(), 1.0 / (value + 1.0) + 1.0 / (101.0 - value), 1.0)


def _prevalences() -> NDArray[np.bool_]:
    return np.array([name.split("_")[0] in anchors.SURVEYS for name in anchors.anchors()])
