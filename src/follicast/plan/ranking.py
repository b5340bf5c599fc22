"""Which option suits a person's wishes best, why, and how easily another would come first.

Every open option with a forecast is laid against stated worst and best ends on each criterion and weighed
(SPOTIS, by pymcdm): a sum, so that it can be taken apart, and with fixed ends, so that one option more or less turns no
two others around. It is tried again with the weights a little moved, with the forecast's draws and what is not
known drawn anew, and by other methods. It does not know what a person would give up hair for: only the weights told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from threading import Thread
from typing import Any

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.plan.criteria import Measured
from follicast.plan.preferences import CRITERIA, Preferences

TRIES = 500
UNTREATED = ("none", "watch")  # two ways of giving nothing, which tell each other apart by a visit only
METHODS = ("TOPSIS", "VIKOR", "PROMETHEE II", "EDAS")
_MOVED = 3  # criteria told in one breath
_NOTHING = 0.005  # a difference in score that is not worth a word


@dataclass(frozen=True)
class Placed:
    """One option and its place: `score` [0..1], and what each criterion adds to it.

    `places` [place] is the share of tries in which it took each place; `unknown` names what is not known of it and
    counts in the middle of its range.
    """

    arm: str
    place: int
    score: float
    adds: dict[str, float]
    places: list[float]
    unknown: list[str]
    beside: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field, rounded."""
        adds = {name: round(value, 4) for name, value in self.adds.items()}
        said = {"arm": self.arm, "place": self.place, "score": round(self.score, 4), "adds": adds}
        return said | {
            "first_share": round(self.places[0], 3),
            "places": [round(share, 3) for share in self.places],
            "unknown": self.unknown,
            "not_applicable": self.beside,
        }


@dataclass(frozen=True)
class Between:
    """What put the first option before the next: the criteria that speak for it, and those for the other.

    `unknown` names what is not known of the first; nothing that is unknown or does not apply is held for or against.
    """

    first: str
    second: str
    ahead: list[str]
    behind: list[str]
    unknown: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class Fragility:
    """In what share of tries the first stays first: weights moved, draws and unknowns anew, other methods.

    `wobble_percent` [%] is how far each weight is moved; `methods` tells which option each method puts first.
    """

    weights: float
    draws: float
    wobble_percent: float
    methods: dict[str, str]
    rival: str | None

    @property
    def hardly(self) -> bool:
        """Whether the first is hardly ahead: it loses its place in most tries of one kind."""
        return min(self.weights, self.draws) < float(evidence().numbers["choice.half_stay"])

    def as_json(self) -> dict[str, Any]:
        """Return every field, rounded."""
        return dict(vars(self)) | {"weights": round(self.weights, 3), "draws": round(self.draws, 3)}


@dataclass(frozen=True)
class Ranking:
    """The options in order, why the first comes first, and how fragile that is."""

    options: list[Placed]
    preferences: Preferences
    why: list[str] = field(default_factory=list)
    fragile: Fragility | None = None
    between: Between | None = None

    @property
    def first(self) -> Placed:
        """The option in the first place."""
        return self.options[0]

    def of(self, arm: str) -> Placed | None:
        """Return an option by its arm; None where it was not ranked."""
        return next((placed for placed in self.options if placed.arm == arm), None)

    def as_json(self) -> dict[str, Any]:
        """Return the weights, the options in order, why, and how fragile."""
        return {
            "method": "SPOTIS",
            "weights": self.preferences.as_json(),
            "told": sorted(self.preferences.told),
            "options": [placed.as_json() for placed in self.options],
            "why": self.why,
            "between": self.between.as_json() if self.between else None,
            "fragile": self.fragile.as_json() if self.fragile else None,
        }


def rank(
    options: Mapping[str, Measured],
    preferences: Preferences,
    seed: int,
    names: Callable[[str], str] = str,
) -> Ranking:
    """Return options in order of how well they suit; the same seed gives the same answer.

    `names` tells what an arm is called where the answer is put into words.
    """
    arms, shares = list(options), np.array([preferences.shares[name] for name in CRITERIA])
    middle = np.stack([options[arm].middle for arm in arms])
    tries = np.stack([options[arm].tries for arm in arms], axis=1)
    score = suits(middle, shares)
    order = sorted(range(len(arms)), key=lambda k: (-score[k], arms[k]))
    places = _places(suits(tries.reshape(-1, shares.size), shares).reshape(tries.shape[:2]))
    placed = [
        Placed(
            arms[k],
            place,
            float(score[k]),
            {name: float(middle[k, j] * shares[j]) for j, name in enumerate(CRITERIA)},
            places[k],
            options[arms[k]].unknown,
            options[arms[k]].beside,
        )
        for place, k in enumerate(order, 1)
    ]
    fragile = _fragility(arms, middle, shares, order[0], places, seed)
    between = _between(placed)
    return Ranking(placed, preferences, _told(between, fragile, names), fragile, between)


def prepare() -> None:
    """Begin to load the library that ranks, beside other work: it brings plotting along and takes half a second."""
    Thread(target=import_module, args=("pymcdm.methods",)).start()


def suits(values: Floats, shares: Floats) -> Floats:
    """Return how well options suit [option], 0 to 1, from values [option, criterion] and shares [criterion]."""
    from pymcdm.methods import SPOTIS  # half a second, so only where something is ranked

    away = SPOTIS(np.tile([0.0, 1.0], (values.shape[1], 1)))
    return 1.0 - away(values, shares, np.ones(values.shape[1]), validation=False)


def _places(scores: Floats) -> list[list[float]]:
    """Return the share of tries [option][place] in which each option takes each place, from scores [try, option]."""
    order = np.argsort(-scores, axis=1, kind="stable")
    count = scores.shape[1]
    return [[float((order[:, place] == k).mean()) for place in range(count)] for k in range(count)]


def _fragility(
    arms: Sequence[str], middle: Floats, shares: Floats, first: int, places: list[list[float]], seed: int
) -> Fragility:
    wobble = float(evidence().numbers["choice.weight_wobble"])
    moved = _moved(shares, wobble / 100.0, seed)
    best = np.array([int(np.argmax(suits(middle, weights))) for weights in moved])
    rivals = np.bincount(best, minlength=len(arms)) / len(best) + np.array([place[0] for place in places])
    rivals[first] = 0.0
    rival = arms[int(rivals.argmax())] if rivals.max() > 0.0 else None
    return Fragility(
        float((best == first).mean()),
        places[first][0],
        wobble,
        {name: arms[k] for name, k in _other_methods(middle, shares).items()},
        rival,
    )


def _moved(shares: Floats, wobble: float, seed: int) -> Floats:
    """Return weights [try, criterion] that are each moved evenly by up to a share of themselves."""
    random = np.random.default_rng([seed, len(shares)])
    moved = shares * random.uniform(1.0 - wobble, 1.0 + wobble, size=(TRIES, shares.size))
    return moved / moved.sum(axis=1, keepdims=True)


def _other_methods(middle: Floats, shares: Floats) -> dict[str, int]:
    """Return which option each other method puts first; criteria on which all agree tell nothing apart."""
    from pymcdm.methods import EDAS, PROMETHEE_II, TOPSIS, VIKOR

    apart = (np.ptp(middle, axis=0) > 0.0) & (shares > 0.0)
    if len(middle) < 2 or not apart.any():
        return dict.fromkeys(METHODS, 0)
    values, weights = middle[:, apart], shares[apart] / shares[apart].sum()
    made = dict(zip(METHODS, (TOPSIS(), VIKOR(), PROMETHEE_II("usual"), EDAS()), strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        ranks = {
            name: way.rank(way(values, weights, np.ones(len(weights)), validation=False))
            for name, way in made.items()
        }
    return {name: int(np.nanargmin(places)) for name, places in ranks.items()}


def _between(placed: Sequence[Placed]) -> Between | None:
    """Return what put the first before the next; giving nothing in two ways is told as one."""
    if len(placed) < 2:
        return None
    first = placed[0]
    second = next((one for one in placed[1:] if not {first.arm, one.arm} <= set(UNTREATED)), placed[1])
    silent = {*first.beside, *first.unknown, *second.beside, *second.unknown}
    apart = {name: first.adds[name] - second.adds[name] for name in CRITERIA if name not in silent}
    return Between(first.arm, second.arm, _most(apart, 1), _most(apart, -1), first.unknown)


def _most(apart: Mapping[str, float], sign: int) -> list[str]:
    """Return the criteria that speak most for (1) or against (-1), the strongest first."""
    found = sorted((name for name in apart if sign * apart[name] > _NOTHING), key=lambda n: -sign * apart[n])
    return found[:_MOVED]


def _told(between: Between | None, fragile: Fragility, names: Callable[[str], str]) -> list[str]:
    """Say which criteria put the first before the second, and how easily it would lose its place."""
    if between is None:
        return []
    one, other = names(between.first), names(between.second)
    said = [f"{one} comes before {other}: {_listed(between.ahead) or 'by a hair'}."]
    if between.behind:
        said.append(f"For {other} speak: {_listed(between.behind)}.")
    agree = sum(arm == between.first for arm in fragile.methods.values())
    said.append(
        f"It stays first in {100 * fragile.weights:.0f} of 100 tries with weights a little moved, in "
        f"{100 * fragile.draws:.0f} of 100 with the forecast's draws and what is not known drawn anew, and by "
        f"{agree} of {len(fragile.methods)} other methods."
    )
    if fragile.hardly and fragile.rival:
        said.append(f"So it is hardly ahead: {names(fragile.rival)} may suit as well.")
    if between.unknown:
        missing = _listed(between.unknown)
        said.append(f"Not known of {one}, and counted in the middle of what it could be: {missing}.")
    return said


def _listed(criteria: Sequence[str]) -> str:
    return ", ".join(CRITERIA[name] for name in criteria)
