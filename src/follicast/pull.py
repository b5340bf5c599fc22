"""What a regimen does to the hair cycle on each day: the pull of its therapies' actions, together.

It knows doses, drug levels and how strongly a person answers; nothing of follicles. A therapy that has no action
pulls on nothing, and no curve is drawn for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.number import Number
from follicast.evidence.therapy import Action, Sex
from follicast.pharmacology import occupancy, reductases, scalp_dht
from follicast.regimen import Part, Regimen, in_days

ACTED_ON = ("release", "wake", "hold", "enlarge")
Parameters = Mapping[str, Floats]


@dataclass(frozen=True)
class Pull:
    """What a regimen does to the chain on each day, each [draw, day].

    drive multiplies androgen drive (1: untouched); release, wake and hold add to the speed of telogen and
    kenogen and to the length of anagen (0: nothing); enlarge adds to the chance of a step up.
    """

    drive: Floats
    release: Floats
    wake: Floats
    hold: Floats
    enlarge: Floats


def pull(regimen: Regimen, parameters: Parameters, responders: Parameters, sex: Sex, days: int) -> Pull:
    """Return the daily pull [draw, day] of a regimen; parameters and responders are [draw]."""
    draws = parameters["anagen"].size
    total = {name: np.zeros((draws, days)) for name in ACTED_ON}
    drive = np.ones((draws, days)) * _without_dht(regimen, parameters, sex, days)
    for part in regimen.parts:
        for action in (action for action in part.record.mechanism if action.shape != "reductase"):
            effect = _effect(action, part, parameters, responders, sex, days)
            if action.on == "drive":
                drive *= np.clip(1.0 - effect, 0.0, 1.0)
            else:
                total[action.on] += effect
    return Pull(drive, **total)


def _effect(
    action: Action, part: Part, parameters: Parameters, responders: Parameters, sex: Sex, days: int
) -> Floats:
    """Return how strongly an action pulls on each day [draw, day] at this dose, in this sex, in this person."""
    strength = parameters[action.potency]
    if action.responder:
        strength = strength * responders[action.responder]
    if action.shape == "receptor":
        assert action.half_dose is not None and action.half_life is not None
        level = part.taken(sex, days)
        return strength[:, None] * occupancy(level, action.half_life.value, parameters[action.half_dose])
    return (strength * _dosed(action, part, parameters, sex))[:, None] * _course(action, part, days)


def _dosed(action: Action, part: Part, parameters: Parameters, sex: Sex) -> Floats | float:
    """Return which share of its full strength an action has at the dose taken [draw]."""
    dose = part.dose(sex)
    if action.half_dose is None or dose is None:
        return 1.0
    scaled = dose * (parameters[action.dose_scale] if action.dose_scale else 1.0)
    return scaled / (scaled + parameters[action.half_dose])


def _without_dht(regimen: Regimen, parameters: Parameters, sex: Sex, days: int) -> Floats | float:
    """Return what is left of drive [draw, day] where 5-alpha-reductase is blocked; several blockers act together."""
    blockers = {
        part.therapy: part.taken(sex, days)
        for part in regimen.parts
        if any(action.shape == "reductase" for action in part.record.mechanism)
    }
    if not blockers:
        return 1.0
    halves = parameters["finasteride_half_dose"], parameters["dutasteride_scalp_half_level"]
    left = scalp_dht(reductases(blockers, *halves), parameters["type_one_share"])
    through = parameters["dht_share"] * (parameters["reductase_share_women"] if sex == "F" else 1.0)
    return 1.0 - through[:, None] * (1.0 - left)


def _course(action: Action, part: Part, days: int) -> Floats:
    """Return how far an action has set in on each day [day], 1 being full strength."""
    onset, offset = (in_days(_given(n)) for n in (action.onset, action.offset))
    if action.shape == "pulse":
        return _pulses(part.session_days(days), onset, offset, days) * part.adherence
    return _smooth(part.presence(days), onset, offset)


def _given(time: Number | None) -> Number:
    assert time is not None  # the shape of an action says which times it has
    return time


def _smooth(presence: Floats, onset: float, offset: float) -> Floats:
    """Follow presence with a first-order lag: one time constant on the way up, one on the way down."""
    level, out = 0.0, np.empty(presence.size)
    up, down = 1.0 - math.exp(-1.0 / onset), 1.0 - math.exp(-1.0 / offset)
    for day, wanted in enumerate(presence.tolist()):
        level += (wanted - level) * (up if wanted > level else down)
        out[day] = level
    return out


def _pulses(sessions: list[float], peak: float, fade: float, days: int) -> Floats:
    """Add up sessions: each rises to 1 at `peak` days and fades with time constant `fade` [d]."""
    t = np.arange(days, dtype=float)
    out = np.zeros(days)
    for session in sessions:
        x = np.maximum(t - session, 0.0)
        out += np.where(x < peak, x / peak * np.exp(1.0 - x / peak), np.exp(-(x - peak) / fade))
    return out
