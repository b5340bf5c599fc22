"""Beliefs about the model's parameters before any trial: from standard normal numbers to parameters and back."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence


def names() -> list[str]:
    """Return the parameters' names, in the order of the columns of z."""
    return list(evidence().parameters)


def parameters(z: Floats) -> dict[str, Floats]:
    """Turn standard normal numbers z [set, parameter] into parameters, each [set]."""
    found: dict[str, Floats] = {}
    for column, (name, prior) in enumerate(evidence().parameters.items()):
        x = prior.prior_sd * z[:, column]
        if prior.scale == "log":
            found[name] = prior.value * np.exp(x)
        elif prior.scale == "logit":
            found[name] = 1.0 / (1.0 + (1.0 - prior.value) / prior.value * np.exp(-x))
        elif prior.scale == "switch":
            found[name] = (z[:, column] > turned(prior.value)).astype(float)
        else:
            found[name] = prior.value + x
        if prior.scale == "rectified":
            found[name] = np.maximum(found[name], 0.0)
    return found


def turned(chance: float) -> float:
    """Return the standard normal number above which a switch with that chance of 1 is on."""
    return NormalDist().inv_cdf(1.0 - chance)


def features(z: Floats) -> Floats:
    """Return z [set, parameter] with rectified parameters cut where they reach nothing: what the scalp can feel."""
    felt = z.copy()
    for column, prior in enumerate(evidence().parameters.values()):
        if prior.scale == "rectified":
            felt[:, column] = np.maximum(z[:, column], -prior.value / prior.prior_sd)
    return felt
