"""How people differ: sensitivity, density, calibre, and how strongly they answer to a drug.

Everything here is the spread between people under one set of parameters; what is known of one person narrows
it later, in `forecast`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats, Keys, luck
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.scalp import normal
from follicast.weather import is_asian

DENSITY, DIAMETER, ONSET = 10, 11, 12
_RESPONSES = {"minoxidil_responder": 13, "prp_responder": 14, "minoxidil_oral_responder": 15}
ASIAN_DENSITY = "people.asian_density"


@dataclass(frozen=True)
class People:
    """What each draw's person is born with, each [draw].

    Sensitivity [1], follicles [/cm2], calibre [um], age at which loss begins [years].
    """

    sensitivity: Floats
    density: Floats
    full_um: Floats
    onset: Floats


def people(
    keys: Keys, parameters: Mapping[str, Floats], sex: Sex, share: Floats, ancestry: str | None = None
) -> People:
    """Return people whose sensitivity stands at `share` [draw, 0..1] of the population's."""
    median = parameters["sensitivity_women" if sex == "F" else "sensitivity_men"]
    asian = float(evidence().numbers[ASIAN_DENSITY]) if is_asian(ancestry) else 1.0
    return People(
        sensitivity=median * np.exp(parameters["sensitivity_spread"] * normal(share)),
        density=parameters["follicle_density"] * asian * _spread(keys, parameters["density_spread"], DENSITY),
        full_um=parameters["full_diameter"] * _spread(keys, parameters["diameter_spread_people"], DIAMETER),
        onset=parameters["onset_women" if sex == "F" else "onset_men"]
        * _spread(keys, parameters["onset_spread"], ONSET),
    )


def responders(keys: Keys, parameters: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return how strongly each person answers to each therapy [draw]; 1 on average over people."""
    return {name: _spread(keys, parameters[name], purpose) for name, purpose in _RESPONSES.items()}


def _spread(keys: Keys, sd: Floats, purpose: int) -> Floats:
    z = normal(luck(keys, 1, purpose)[:, 0])
    return np.exp(sd * z - 0.5 * sd**2)
