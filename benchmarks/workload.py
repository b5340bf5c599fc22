"""The scalps that are raced: fixed numbers, so that a race does not move when evidence does.

W1 is one scalp: 100,000 follicles, 5 years in days, seen every week. W2 is one trial: 1,000 patients of 5,000
follicles, 2 years, two arms with the same luck. They claim nothing about nature.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from follicast import cycle, scalp
from follicast.cycle import Clocks, Floats, Follicles, Integers, Keys, Life, State

WEEK_D = 7.0
CUTOFF_UM = 40.0
CV = {"anagen": 0.5, "catagen": 0.2, "telogen": 0.3, "kenogen": 0.6}


class Work(NamedTuple):
    """All that the kernel is handed; counts are taken every week."""

    keys: Keys
    life: Life
    clocks: Clocks
    follicles: Follicles
    state: State

    @property
    def days(self) -> int:
        """Length of the run [d]."""
        return self.clocks.down.shape[1]

    @property
    def observations(self) -> int:
        """Number of weekly observations."""
        return int(self.days // WEEK_D) + 1

    def grow(self) -> tuple[int, Integers, State]:
        """Let the kernel live it: events, counts [draw, quantity, observation], the state at the end."""
        draws, state = self.keys.size, self.state.copy()
        seen = np.zeros((draws, cycle.QUANTITIES, self.observations + 1), dtype=np.int64)
        events = cycle.grow(
            0, draws, self.keys, self.life, self.clocks, self.follicles, state, seen, WEEK_D, CUTOFF_UM
        )
        return events, cycle.tally(seen[:, :, :-1]), state


def w1(follicles: int = 100_000, days: int = 1826) -> Work:
    """One scalp in its steady state, under a season and a slow androgen drive, with no treatment."""
    keys = cycle.luck_keys(1, 1)
    rules = life(1)
    born = traits(keys, follicles)
    return Work(keys, rules, clocks(1, days), born, scalp.steady(keys, rules, born))


def w2(patients: range, follicles: int = 5000, days: int = 730) -> tuple[Work, Work]:
    """Some patients of one trial, untreated and treated."""
    keys = np.array([cycle.luck_key(1, 0, patient) for patient in patients], dtype=np.uint64)
    rules = life(len(patients))
    born = traits(keys, follicles)
    start = scalp.steady(keys, rules, born)
    arms = clocks(len(patients), days), clocks(len(patients), days, treated=True)
    return Work(keys, rules, arms[0], born, start), Work(keys, rules, arms[1], born, start)


def life(draws: int) -> Life:
    """Stays of a scalp with some loss; growth of about 370 um a day at 70 um."""
    mean = np.empty((draws, 4, 3))
    mean[:, cycle.ANAGEN] = [800.0, 360.0, 120.0]
    mean[:, cycle.CATAGEN], mean[:, cycle.TELOGEN], mean[:, cycle.KENOGEN] = 18.0, 100.0, 120.0
    quantiles = np.stack([cycle.work_quantiles(cv) for cv in CV.values()])
    rungs = [[0.15, 0.5, 0.8], [1.0, 0.6, 0.3], [1.0, 1.0, 0.2]]
    share, factor, down = (np.tile(rung, (draws, 1)) for rung in rungs)
    return Life(mean, quantiles, share, factor, down, np.tile([1.0, 5.3], (draws, 1)), 1000.0)


def traits(keys: Keys, follicles: int) -> Follicles:
    """Follicles of spread-out susceptibility and diameter."""
    quantile = np.array([NormalDist().inv_cdf((i + 0.5) / 4096) for i in range(4096)])
    z, d = (
        quantile[(cycle.luck(keys, follicles, purpose) * 4096).astype(np.int64)]
        for purpose in (cycle.SUSCEPTIBILITY, cycle.FULL_DIAMETER)
    )
    own = 0.4 * np.exp(0.8 * z)
    susceptible = own / (1.0 + own)
    return Follicles(
        0.5 * susceptible,
        0.6 * susceptible,
        1.0 / (1.0 + susceptible),
        1.0 + susceptible,
        75.0 * np.exp(0.15 * d),
    )


def clocks(draws: int, days: int, treated: bool = False) -> Clocks:
    """A season of 10 % on anagen; treated, drive falls, resting hairs are freed, the empty stay shortens."""
    t, ones = np.arange(days), np.ones(days)
    on = (1.0 - np.exp(-t / 60.0)) * treated
    season = 1.0 + 0.1 * np.cos(2.0 * np.pi * t / 365.25)
    freed = 1.0 + treated * np.exp(-t / 60.0)
    speed = _each(np.stack([season / (1.0 + 0.25 * on), ones, freed, 1.0 + 0.3 * on]), draws)
    down, up, ageing = 1.0 - 0.7 * on, 0.02 + 0.1 * on, np.linspace(1.0, 0.99, days)
    row = np.repeat(np.arange(4)[:, None], 3, axis=1)
    worked, first = cycle.wind(speed, 1.0)
    return Clocks(1.0, row, speed, worked, first, *(_each(chance, draws) for chance in (down, up, ageing)))


def _each(value: Floats, draws: int) -> Floats:
    return np.ascontiguousarray(np.broadcast_to(value, (draws, *value.shape)))
