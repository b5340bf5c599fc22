"""The same scalp written for three well-known simulators, each small and in its own idiom. It judges none of them.

They were made for other work (people in an epidemic, queues, agents on a grid); the race only says what a
follicle costs in each. Each draws luck of its own, so counts agree with the kernel's in the mean, not one by one.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from workload import CUTOFF_UM, CV, WEEK_D, Work, w1

from follicast.cycle import (
    ANAGEN,
    CATAGEN,
    DELETED,
    DIAMETER,
    DIAMETER_UNITS,
    GONE,
    GROWING,
    KENOGEN,
    SHED,
    TELOGEN,
    THICK,
    TOTAL,
    VOLUME,
    Floats,
)


class Ran(NamedTuple):
    """CPU seconds of the run alone (nothing for building it), and counts [quantity, observation]."""

    seconds: float
    counts: Floats


class Peer(NamedTuple):
    """A simulator, how it is used here, and with how many follicles it is run."""

    package: str
    how: str
    follicles: int
    run: Callable[[Work], Ran]

    def version(self) -> str | None:
        """Return the installed version, or None."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None

    def measure(self) -> Ran:
        """Run W1 with this peer's number of follicles."""
        return self.run(w1(self.follicles))


# --- the cycle in ordinary Python, for SimPy and Mesa --------------------------------------------------------


class Rules:
    """How long a stay lasts and what follows it."""

    def __init__(self, work: Work, seed: int = 1) -> None:
        self.luck = random.Random(seed)
        self.mean = work.life.mean_work[0].tolist()
        self.sigma = [math.sqrt(math.log(1.0 + cv * cv)) for cv in CV.values()]
        self.empty, self.factor, self.down_factor = (
            x[0].tolist() for x in (work.life.kenogen_share, work.life.diameter_factor, work.life.down_factor)
        )
        self.growth, self.visible_um = work.life.growth[0].tolist(), work.life.visible_um
        self.row, self.worked = work.clocks.row.tolist(), work.clocks.worked[0].tolist()
        self.down, self.up, self.ageing = (x[0].tolist() for x in work.clocks[5:])

    def stay(self, phase: int, rung: int, scale: float = 1.0) -> float:
        """Draw the work of a stay [d]."""
        sigma = self.sigma[phase]
        return self.mean[phase][rung] * scale * self.luck.lognormvariate(-0.5 * sigma * sigma, sigma)

    def next_rung(self, rung: int, step: float, day: int) -> int:
        """Draw the rung of the next cycle."""
        down = min(0.9, step * self.down[day]) * self.down_factor[rung]
        u = self.luck.random()
        if u < down:
            return rung + 1
        return rung - 1 if rung and u >= 1.0 - min(self.up[day], 1.0 - down) else rung

    def unseen(self, um: float) -> float:
        """Return how long a new hair is too short to be seen [d]."""
        return self.visible_um / (self.growth[0] + self.growth[1] * um)


class Born(NamedTuple):
    """One follicle's own numbers."""

    step: float
    dormancy: float
    anagen_scale: float
    kenogen_scale: float
    full_um: float


class Board:
    """Hairs that can be seen now, by quantity; follicles move them, an observer reads them every week."""

    def __init__(self) -> None:
        self.now = [0] * VOLUME  # the peers do not weigh hair
        self.rows: list[list[int]] = []

    def show(self, um: float, sign: int) -> None:
        """Put a hair up, or take it down."""
        self.now[TOTAL] += sign
        self.now[THICK] += sign * (um >= CUTOFF_UM)
        self.now[DIAMETER] += sign * int(um * DIAMETER_UNITS + 0.5)

    def read(self) -> None:
        """Note what can be seen, and begin counting sheds anew."""
        self.rows.append(list(self.now))
        self.now[SHED] = 0

    def counts(self) -> Floats:
        """Return all that was noted [quantity, observation]."""
        return np.array(self.rows, dtype=float).T


def follicles_of(work: Work) -> list[tuple[Born, tuple[float, ...]]]:
    """Each follicle's own numbers, and its phase, rung, cycle, left, since, um at the start."""
    born = zip(*(column[0].tolist() for column in work.follicles), strict=True)
    state = zip(*(column[0].tolist() for column in work.state), strict=True)
    return [(Born(*own), start) for own, start in zip(born, state, strict=True)]


# --- SimPy: one process per follicle, from event to event ----------------------------------------------------


def simpy_follicle(env: Any, rules: Rules, board: Board, born: Born, start: tuple[float, ...]) -> Any:
    """Live: wait out each stay, then move on."""
    phase, rung, left, um = int(start[0]), int(start[1]), start[3], start[5]
    unseen = max(0.0, rules.unseen(um) - start[4]) if phase == ANAGEN else 0.0
    if phase in (CATAGEN, TELOGEN):
        board.show(um, 1)
    while True:
        end = when(rules, rules.row[phase][rung], env.now, left)
        if phase == ANAGEN:
            seen = unseen < end - env.now
            if seen:
                if unseen:
                    yield env.timeout(unseen)
                board.show(um, 1)
                board.now[GROWING] += 1
            yield env.timeout(end - env.now)
            board.now[GROWING] -= seen
            um = um if seen else 0.0
            phase, left = CATAGEN, rules.stay(CATAGEN, rung)
            continue
        yield env.timeout(end - env.now)
        if phase == CATAGEN:
            phase, left = TELOGEN, rules.stay(TELOGEN, rung)
            continue
        if phase == TELOGEN:
            if um:
                board.show(um, -1)
                board.now[SHED] += 1
            if rules.luck.random() < rules.empty[rung] + (1.0 - rules.empty[rung]) * born.dormancy:
                phase, left = KENOGEN, rules.stay(KENOGEN, rung, born.kenogen_scale)
                continue
        rung = rules.next_rung(rung, born.step, int(env.now))
        if rung == DELETED:
            return
        um = born.full_um * rules.factor[rung] * rules.ageing[int(env.now)]
        phase, left, unseen = ANAGEN, rules.stay(ANAGEN, rung, born.anagen_scale), rules.unseen(um)


def when(rules: Rules, clock: int, now: float, left: float) -> float:
    """Return when a clock (one step a day) will have run through the work left; past the end if it will not."""
    worked = rules.worked[clock]
    day = int(now)
    target = worked[day] + (now - day) * (worked[day + 1] - worked[day]) + left
    if target >= worked[-1]:
        return len(worked) + 1e6
    day = bisect_right(worked, target) - 1
    return day + (target - worked[day]) / (worked[day + 1] - worked[day])


def run_simpy(work: Work) -> Ran:
    """SimPy runs the scalp; hairs seen are kept by the events and read every week."""
    import simpy

    env, rules, board = simpy.Environment(), Rules(work), Board()
    for born, start in follicles_of(work):
        env.process(simpy_follicle(env, rules, board, born, start))

    def observer() -> Any:
        for _ in range(work.observations):
            board.read()
            yield env.timeout(WEEK_D)

    env.process(observer())
    before = process_time()
    env.run(until=work.days)
    return Ran(process_time() - before, board.counts())


# --- Mesa: one agent per follicle, week by week ----------------------------------------------------------------


def run_mesa(work: Work) -> Ran:
    """Mesa runs the scalp with a week's step; hairs seen are kept by the agents and read by the model."""
    import mesa

    rules, board = Rules(work), Board()
    weeks = weekly_work(work).tolist()

    class Follicle(mesa.Agent):
        def __init__(self, model: Any, born: Born, start: tuple[float, ...]) -> None:
            super().__init__(model)
            self.born, self.phase, self.rung, self.left = born, int(start[0]), int(start[1]), start[3]
            self.um, self.shown = start[5], False
            self.unseen = rules.unseen(self.um) - start[4] if self.phase == ANAGEN else 0.0
            self.appear()

        def appear(self) -> None:
            if self.um and not self.shown and self.unseen <= 0.0:
                self.shown = True
                board.show(self.um, 1)
                board.now[GROWING] += self.phase == ANAGEN

        def step(self) -> None:
            if self.phase == GONE:
                return
            self.left -= weeks[self.model.steps - 1][rules.row[self.phase][self.rung]]
            self.unseen -= WEEK_D
            while self.left <= 0.0 and self.phase != GONE:
                self.move_on()
            self.appear()

        def move_on(self) -> None:
            if self.phase == ANAGEN:
                self.um = self.um if self.shown else 0.0
                board.now[GROWING] -= self.shown
                return self.enter(CATAGEN)
            if self.phase == CATAGEN:
                return self.enter(TELOGEN)
            if self.phase == TELOGEN:
                self.fall()
                empty = rules.empty[self.rung]
                if rules.luck.random() < empty + (1.0 - empty) * self.born.dormancy:
                    return self.enter(KENOGEN, self.born.kenogen_scale)
            return self.begin_cycle()

        def enter(self, phase: int, scale: float = 1.0) -> None:
            self.phase = phase
            self.left += rules.stay(phase, self.rung, scale)

        def fall(self) -> None:
            if self.shown:
                board.show(self.um, -1)
                board.now[SHED] += 1
            self.um, self.shown = 0.0, False

        def begin_cycle(self) -> None:
            day = int((self.model.steps - 1) * WEEK_D)
            self.rung = rules.next_rung(self.rung, self.born.step, day)
            if self.rung == DELETED:
                self.phase = GONE
                return
            self.um = self.born.full_um * rules.factor[self.rung] * rules.ageing[day]
            self.unseen = rules.unseen(self.um)
            self.enter(ANAGEN, self.born.anagen_scale)

    class Scalp(mesa.Model):
        def __init__(self) -> None:
            super().__init__(seed=1)
            for born, start in follicles_of(work):
                Follicle(self, born, start)
            board.read()

        def step(self) -> None:
            self.agents.do("step")
            board.read()

    scalp = Scalp()
    before = process_time()
    for _ in weeks:
        scalp.step()
    return Ran(process_time() - before, board.counts())


def weekly_work(work: Work) -> Floats:
    """Return how far each clock runs in each week [week, clock]."""
    ends = (np.arange(work.observations) * WEEK_D).astype(int)
    return np.diff(work.clocks.worked[0][:, ends], axis=1).T


# --- Starsim: one agent per follicle, arrays week by week ------------------------------------------------------


STARSIM_RESULTS = ("total", "thick", "growing", "um", "shed")


def run_starsim(work: Work) -> Ran:
    """Starsim runs the scalp with a week's step: one agent per follicle, states as its arrays."""
    import starsim as ss

    life, clocks, own = work.life, work.clocks, work.follicles
    mean, weeks, row = life.mean_work[0], weekly_work(work), clocks.row
    share, factor, down_factor = life.kenogen_share[0], life.diameter_factor[0], life.down_factor[0]

    class Hair(ss.Module):
        def __init__(self) -> None:
            super().__init__()
            self.define_states(
                ss.IntArr("phase", default=0),
                ss.IntArr("rung", default=0),
                ss.FloatArr("left"),
                ss.FloatArr("unseen"),
                ss.FloatArr("um"),
                ss.BoolArr("shown"),
                ss.FloatArr("step_chance"),
                ss.FloatArr("dormancy"),
                ss.FloatArr("anagen_scale"),
                ss.FloatArr("kenogen_scale"),
                ss.FloatArr("full_um"),
            )
            self.anagen_work, self.catagen_work, self.telogen_work, self.kenogen_work = (
                ss.lognorm_ex(mean=1.0, std=cv) for cv in CV.values()
            )
            self.luck, self.empty_luck = ss.random(), ss.random()

        def init_post(self) -> None:
            super().init_post()
            everyone, state = self.sim.people.auids, work.state
            for name, column in own._asdict().items():
                getattr(self, "step_chance" if name == "step" else name)[everyone] = column[0]
            for name in ("phase", "rung", "left", "um"):
                getattr(self, name)[everyone] = getattr(state, name)[0]
            unseen = self.until_seen(state.um[0]) - state.since[0]
            self.unseen[everyone] = np.where(state.phase[0] == ANAGEN, unseen, 0.0)
            self.shown[everyone] = (state.um[0] > 0.0) & (self.unseen.values <= 0.0)

        def until_seen(self, um: Floats) -> Floats:
            return life.visible_um / (life.growth[0, 0] + life.growth[0, 1] * um)

        def init_results(self) -> None:
            super().init_results()
            self.define_results(*(ss.Result(name, dtype=float) for name in STARSIM_RESULTS))

        def step(self) -> None:
            self.fell = 0
            if self.ti == 0:
                return  # the first observation is of the start
            self.week = min(self.ti - 1, len(weeks) - 1)
            self.left -= weeks[self.week][row[np.minimum(self.phase, KENOGEN), np.minimum(self.rung, 2)]]
            self.unseen -= WEEK_D
            self.end_anagen(self.done(ANAGEN))
            self.enter(self.done(CATAGEN), TELOGEN, self.telogen_work)
            self.end_telogen(self.done(TELOGEN))
            self.begin_cycle(self.done(KENOGEN))
            newly = ((self.um > 0.0) & ~self.shown & (self.unseen <= 0.0)).uids
            self.shown[newly] = True

        def done(self, phase: int) -> Any:
            return ((self.phase == phase) & (self.left <= 0.0)).uids

        def enter(self, uids: Any, phase: int, stay: Any, scale: Any = 1.0) -> None:
            self.phase[uids] = phase
            self.left[uids] += mean[phase, self.rung[uids]] * scale * stay.rvs(uids)

        def end_anagen(self, uids: Any) -> None:
            self.um[uids] = np.where(self.shown[uids], self.um[uids], 0.0)
            self.enter(uids, CATAGEN, self.catagen_work)

        def end_telogen(self, uids: Any) -> None:
            self.fell = int(self.shown[uids].sum())
            self.shown[uids], self.um[uids] = False, 0.0
            base = share[self.rung[uids]]
            empty = self.empty_luck.rvs(uids) < base + (1.0 - base) * self.dormancy[uids]
            self.enter(uids[empty], KENOGEN, self.kenogen_work, self.kenogen_scale[uids[empty]])
            self.begin_cycle(uids[~empty])

        def begin_cycle(self, uids: Any) -> None:
            day, rung = int(self.week * WEEK_D), self.rung[uids]
            down = np.minimum(0.9, self.step_chance[uids] * clocks.down[0, day]) * down_factor[rung]
            luck = self.luck.rvs(uids)
            up = (rung > 0) & (luck >= 1.0 - np.minimum(clocks.up[0, day], 1.0 - down)) & (luck >= down)
            self.rung[uids] = rung = rung + (luck < down) - up
            gone = rung == DELETED
            self.phase[uids[gone]] = GONE
            new, rung = uids[~gone], rung[~gone]
            self.um[new] = self.full_um[new] * factor[rung] * clocks.ageing[0, day]
            self.unseen[new] = self.until_seen(self.um[new])
            self.enter(new, ANAGEN, self.anagen_work, self.anagen_scale[new])

        def update_results(self) -> None:
            super().update_results()
            shown, ti = self.shown.values, self.ti
            um = self.um.values[shown]
            self.results.total[ti], self.results.thick[ti] = shown.sum(), (um >= CUTOFF_UM).sum()
            self.results.growing[ti] = (shown & (self.phase.values == ANAGEN)).sum()
            self.results.um[ti], self.results.shed[ti] = um.sum() * DIAMETER_UNITS, self.fell

    sim = ss.Sim(
        n_agents=own.full_um.size,
        modules=Hair(),
        dt=ss.days(WEEK_D),
        dur=ss.days(WEEK_D * len(weeks)),
        verbose=0,
        rand_seed=1,
    )
    sim.init()
    before = process_time()
    sim.run()
    seconds = process_time() - before
    found = sim.results["hair"]
    counts = np.array([found[name][: work.observations] for name in STARSIM_RESULTS])
    return Ran(seconds, counts)


PEERS = (
    Peer("starsim", "one agent per follicle, weekly step", 100_000, run_starsim),
    Peer("simpy", "one process per follicle, event by event", 5_000, run_simpy),
    Peer("mesa", "one agent per follicle, weekly step", 2_000, run_mesa),
)
