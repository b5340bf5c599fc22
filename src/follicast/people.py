"""How people differ: sensitivity, density, calibre, growth, frailty, and how strongly they answer to a drug.

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
from follicast.names import group
from follicast.scalp import normal

DENSITY, DIAMETER, ONSET = 10, 11, 12
_RESPONSES = {"minoxidil_responder": 13, "prp_responder": 14, "minoxidil_oral_responder": 15}
_MOST_REVERSED = 0.95
_CLOSER, _HIGHEST = 4, 1.0 - 1e-9
_NEIGHBOURS, _STRETCHES, _NEVER_NOUGHT = 3, 16, 1e-9
_FRAILTY = 1  # the second number drawn under DENSITY; the first is density's own


@dataclass(frozen=True)
class People:
    """What each draw's person is born with, each [draw].

    Sensitivity [1], follicles [/cm2], calibre [um], age at which loss begins [years], growth rate relative to
    the trials' people [1], and frailty [0..1]: the share of people whose hair answers to want or illness sooner.
    """

    sensitivity: Floats
    density: Floats
    full_um: Floats
    onset: Floats
    growth: Floats
    frailty: Floats


def people(
    keys: Keys, parameters: Mapping[str, Floats], sex: Sex, share: Floats, ancestry: str | None = None
) -> People:
    """Return people whose sensitivity stands at `share` [draw, 0..1] of the population's."""
    median = parameters["sensitivity_women" if sex == "F" else "sensitivity_men"]
    sensitive, begins = _population(parameters, ancestry)
    return People(
        sensitivity=sensitive * median * np.exp(parameters["sensitivity_spread"] * normal(share)),
        density=parameters["follicle_density"]
        * relative("density", ancestry)
        * _spread(keys, parameters["density_spread"], DENSITY),
        full_um=parameters["full_diameter"] * _spread(keys, parameters["diameter_spread_people"], DIAMETER),
        onset=begins
        * parameters["onset_women" if sex == "F" else "onset_men"]
        * _spread(keys, parameters["onset_spread"], ONSET),
        growth=np.full(keys.size, relative("growth", ancestry)),
        frailty=luck(keys, 1 + _FRAILTY, DENSITY)[:, _FRAILTY],
    )


def closely(left: Floats) -> tuple[Floats, Floats]:
    """Return standings in the population's sensitivity [0..1] for evenly spread `left` above 0, and how often met.

    Those with loss stand at the upper end, which is looked at closely; every one there counts for fewer.
    """
    return np.minimum(1.0 - left**_CLOSER, _HIGHEST), _CLOSER * left ** (_CLOSER - 1)


def evenly(severity: Floats) -> Floats:
    """Return weights [..., person] under which every severity is met alike: each stands for the stretch around it.

    Who comes, or is let in, comes because of loss; how rare such a loss is among everybody then says nothing.
    """
    reach = max(_NEIGHBOURS, severity.shape[-1] // _STRETCHES)
    order = np.argsort(severity, axis=-1)
    ranked = np.take_along_axis(severity, order, axis=-1)
    near = np.pad(ranked, [(0, 0)] * (severity.ndim - 1) + [(reach, reach)], mode="edge")
    stretch = near[..., 2 * reach :] - near[..., : -2 * reach]
    weight = np.empty_like(ranked)
    np.put_along_axis(weight, order, stretch, axis=-1)
    return weight + _NEVER_NOUGHT


def relative(what: str, ancestry: str | None) -> float:
    """Return density or growth [1] of a group relative to the people of the trials; 1 where no table was found."""
    held = evidence().numbers.get(f"people.{group(ancestry)}_{what}")
    return 1.0 if held is None else float(held)


def _population(
    parameters: Mapping[str, Floats], ancestry: str | None
) -> tuple[Floats | float, Floats | float]:
    """Return how a population's sensitivity and age at onset [draw] relate to those of Europe.

    Surveys exist for Korea and China; other East Asian people stand in the middle of the two.
    """
    if group(ancestry) != "asian":
        return 1.0, 1.0
    words = str(ancestry).lower()
    korea, china = parameters["onset_korea"], parameters["onset_china"]
    onset = korea if "korea" in words else china if "chin" in words else np.sqrt(korea * china)
    return parameters["asian_sensitivity"], onset


def responders(keys: Keys, parameters: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return how strongly each person answers to each therapy [draw]; 1 on average over people."""
    z = {name: normal(luck(keys, 1, purpose)[:, 0]) for name, purpose in _RESPONSES.items()}
    # Whoever turns minoxidil on in the skin needs less of a tablet's: the two answers may run against each other.
    against = np.minimum(parameters["minoxidil_oral_reversal"], _MOST_REVERSED)
    z["minoxidil_oral_responder"] = (
        np.sqrt(1.0 - against**2) * z["minoxidil_oral_responder"] - against * z["minoxidil_responder"]
    )
    return {name: _answer(parameters[name], z[name]) for name in _RESPONSES}


def _spread(keys: Keys, sd: Floats, purpose: int) -> Floats:
    return _answer(sd, normal(luck(keys, 1, purpose)[:, 0]))


def _answer(sd: Floats, z: Floats) -> Floats:
    return np.exp(sd * z - 0.5 * sd**2)
