"""What a scalp is: a site of one person, its follicles, and where each stands, under every draw. Holds, does not run.

Axes are [draw, follicle]. It does not know how hair is lost or won; it only says what a follicle is born with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from follicast import cycle
from follicast.cycle import Floats, Follicles, Integers, Keys, Life, State
from follicast.evidence.library import evidence

Parameters = Mapping[str, Floats]
_NODES = 4096
_LEAST_GROWTH = 1.0
_OF_A_DRAW = ("mean_work", "kenogen_share", "diameter_factor", "down_factor", "growth")
_NORMAL = np.array([NormalDist().inv_cdf((i + 0.5) / _NODES) for i in range(_NODES)])


@dataclass(frozen=True)
class Scalp:
    """The follicles of one site under every draw.

    keys [draw] are their luck; susceptibility [draw] is the site's mean, 0 spared to 1; density [draw] is
    follicles per cm2 (living or deleted) when grown up.
    """

    keys: Keys
    life: Life
    follicles: Follicles
    state: State
    susceptibility: Floats
    density: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Draws and follicles."""
        return self.follicles.full_um.shape

    def picked(self, draws: Integers) -> Scalp:
        """Return a scalp of the draws [row] that were picked, each as often as it was."""
        rules = {name: getattr(self.life, name)[draws] for name in _OF_A_DRAW}
        traits = Follicles._make(values[draws] for values in self.follicles)
        state = State._make(values[draws] for values in self.state)
        return Scalp(
            self.keys[draws],
            self.life._replace(**rules),
            traits,
            state,
            self.susceptibility[draws],
            self.density[draws],
        )

    def parted(self, parts: int) -> Iterator[Scalp]:
        """Yield scalps that hold every `parts`-th follicle each, with its own luck; together they are this one."""
        lane = np.arange(self.shape[1]) % parts
        for part in range(parts):
            phase = np.where(lane == part, self.state.phase, np.int8(cycle.GONE))
            yield replace(self, state=self.state._replace(phase=phase))


def normal(share: Floats) -> Floats:
    """Return the standard normal quantiles of shares, read from a table made once with the standard library."""
    return _NORMAL[(share * _NODES).astype(np.int64)]


def life(parameters: Parameters) -> Life:
    """Return the rules of life of each draw from the model's parameters [draw]."""
    number = {name.removeprefix("hair_cycle."): float(n) for name, n in evidence().numbers.items()}
    draws = parameters["anagen"].size
    mean = np.empty((draws, 4, 3))
    mean[:, cycle.ANAGEN] = _ladder(
        parameters["anagen"], parameters["anagen_intermediate"], parameters["anagen_vellus"]
    )
    mean[:, cycle.CATAGEN] = number["catagen"]
    mean[:, cycle.TELOGEN] = parameters["telogen"][:, None]
    mean[:, cycle.KENOGEN] = parameters["kenogen"][:, None]
    share = np.stack(
        [
            parameters["kenogen_share"],
            np.full(draws, number["kenogen_intermediate_share"]),
            np.full(draws, number["kenogen_vellus_share"]),
        ],
        axis=1,
    )
    factor = [1.0, number["intermediate_factor"], number["vellus_factor"]]
    down = np.stack([np.ones(draws), np.ones(draws), parameters["deletion"]], axis=1)
    growth = np.tile(_growth(number), (draws, 1))
    quantiles = np.stack(
        [cycle.work_quantiles(number[f"{p}_cv"]) for p in ("anagen", "catagen", "telogen", "kenogen")]
    )
    factors, seen, slow = np.tile(factor, (draws, 1)), number["visible_length"], number["slow_growth"]
    return Life(mean, quantiles, share, factors, down, growth, seen, slow)


def _growth(number: Mapping[str, float]) -> tuple[float, float]:
    """Return growth as an intercept [um/d] and a slope [um/d per um] through the mean hair.

    Through the vellus rate as well the line would cut the axis at 12 um; no hair grows backwards, so it is bent up.
    """
    thin, mean = number["growth_thin_diameter"], number["growth_mean_diameter"]
    slope = (number["growth_mean"] - number["growth_thin"]) / (mean - thin)
    intercept = max(number["growth_thin"] - slope * thin, _LEAST_GROWTH)
    return intercept, (number["growth_mean"] - intercept) / mean


def _ladder(terminal: Floats, intermediate: Floats, vellus: Floats) -> Floats:
    return np.stack([terminal, terminal * intermediate, terminal * vellus], axis=1)


def born(
    keys: Keys,
    parameters: Parameters,
    sensitivity: Floats,
    density: Floats,
    full_um: Floats,
    follicles: int,
    site_factor: Floats | float = 1.0,
) -> Scalp:
    """Return a scalp at puberty, every follicle terminal and in its steady state.

    sensitivity, density [/cm2] and full_um [um] are the person's, each [draw]; site_factor is 1, or scales
    sensitivity place by place [draw or 1, follicle].
    """
    rules = life(parameters)
    spread = parameters["follicle_spread"][:, None]
    z = normal(cycle.luck(keys, follicles, cycle.SUSCEPTIBILITY))
    own = sensitivity[:, None] * np.exp(spread * z) * site_factor
    susceptible = own / (1.0 + own)
    full = full_um[:, None] * np.exp(
        parameters["diameter_spread"][:, None] * normal(cycle.luck(keys, follicles, cycle.FULL_DIAMETER))
    )
    traits = Follicles(
        step=parameters["step_down"][:, None] * susceptible,
        dormancy=parameters["dormancy"][:, None] * susceptible,
        anagen_scale=1.0 / (1.0 + parameters["anagen_shortening"][:, None] * susceptible),
        kenogen_scale=1.0 + parameters["dormancy_length"][:, None] * susceptible,
        full_um=full,
    )
    return Scalp(keys, rules, traits, steady(keys, rules, traits), susceptible.mean(axis=1), density)


def steady(keys: Keys, rules: Life, traits: Follicles) -> State:
    """Return follicles on the terminal rung in the steady state of their renewal process, clocks at speed 1.

    A phase is met in proportion to its mean stay, and within a stay of length-biased work at a uniform point.
    """
    follicles = traits.full_um.shape[1]
    share, length, part = (
        cycle.luck(keys, follicles, purpose)
        for purpose in (cycle.START_PHASE, cycle.START_LENGTH, cycle.START_PART)
    )
    stays = _mean_stays(rules, traits)
    bounds = np.cumsum(stays, axis=0) / stays.sum(axis=0)
    phase = (share[None] >= bounds[:-1]).sum(axis=0).astype(np.int8)
    visited = _work_scales(rules, traits)
    work = np.take_along_axis(visited, phase[None].astype(np.int64), axis=0)[0]
    work = work * _length_biased(rules.work_quantile, phase, length)
    left = (1.0 - part) * work
    carries = phase != cycle.KENOGEN
    since = np.where(phase == cycle.ANAGEN, part * work, visited[cycle.ANAGEN])
    um = np.where(carries, traits.full_um * rules.diameter_factor[:, :1], 0.0)
    zeros = np.zeros(phase.shape, dtype=np.int64)
    return State(phase, zeros.astype(np.int8), zeros, left, since, um)


def _work_scales(rules: Life, traits: Follicles) -> Floats:
    """Mean work of each phase on the terminal rung [phase, draw, follicle]."""
    ones = np.ones_like(traits.full_um)
    scales = (traits.anagen_scale, ones, ones, traits.kenogen_scale)
    return np.stack([rules.mean_work[:, p, 0, None] * scale for p, scale in enumerate(scales)])


def _mean_stays(rules: Life, traits: Follicles) -> Floats:
    """Mean time per cycle in each phase [phase, draw, follicle]: work, times the share of cycles that visit it."""
    stays = _work_scales(rules, traits)
    base = rules.kenogen_share[:, :1]
    stays[cycle.KENOGEN] *= base + (1.0 - base) * traits.dormancy
    return stays


def _length_biased(quantile: Floats, phase: Floats, share: Floats) -> Floats:
    """Return work (in units of its mean) met at a random moment: long stays are met more often."""
    out = np.empty(share.shape)
    for p in range(quantile.shape[0]):
        knots = quantile[p]
        weight = np.concatenate([[0.0], np.cumsum(0.5 * (knots[1:] + knots[:-1]))])
        here = phase == p
        at = np.interp(share[here], weight / weight[-1], np.linspace(0.0, 1.0, knots.size))
        out[here] = np.interp(at, np.linspace(0.0, 1.0, knots.size), knots)
    return out
