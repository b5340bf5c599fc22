"""The kernel's plain twin: the same rules in ordinary Python, one follicle at a time, slow and obvious.

It shares nothing with `follicast.cycle` but the tables it is handed: its own generator, its own search for
the end of a stay, its own bookkeeping of what is seen (a walk over all observations, no differences).
"""

import math
from itertools import pairwise

MASK = (1 << 64) - 1


def uniform(key, follicle, cycle, purpose):
    def swap(x):
        return (x >> 32 | x << 32) & MASK

    counter = follicle << 20 | cycle << 4 | purpose
    x = y = counter * key & MASK
    z = y + key & MASK
    x = swap(x * x + y & MASK)
    x = swap(x * x + z & MASK)
    x = swap(x * x + y & MASK)
    return ((x * x + z & MASK) >> 32) * 2.0**-32 + 2.0**-33


def work(quantile, share):
    cells = len(quantile) - 1
    i = int(share * cells)
    return quantile[i] + (share * cells - i) * (quantile[i + 1] - quantile[i])


class Clock:
    """A clock that runs at `speed` [step]; a moment is a step and the part of it that has passed."""

    def __init__(self, speed, step_d):
        self.worked = [0.0]
        for s in speed:
            self.worked.append(self.worked[-1] + s * step_d)

    def done(self, moment):
        step, part = moment
        return self.worked[step] + part * (self.worked[step + 1] - self.worked[step])

    def when(self, target):
        for step, (before, after) in enumerate(pairwise(self.worked)):
            if before <= target < after:
                return step, (target - before) / (after - before)
        return None


def live(key, f, life, clocks, born, start, observations, every, cutoff_um):
    """Return the follicle's final state and its rows [quantity][observation]."""
    steps = len(clocks["down"])
    horizon = steps * clocks["step_d"]
    phase, rung, cycle, left, since, um = start
    began, now, hair = -since, (0, 0.0), None
    hairs, falls = [], []
    while phase != "gone":
        clock = clocks["of"][phase][rung]
        if hair is None and phase != "kenogen" and um > 0:
            rate = life["growth"][0] + life["growth"][1] * um
            first_seen = began + life["visible_um"] / rate if phase == "anagen" else 0.0
            hair = {"um": um, "rate": rate, "from": first_seen, "grows_until": 0.0, "until": math.inf}
        target = clock.done(now) + left
        now = clock.when(target)
        over = now is None
        t = horizon if over else sum(now) * clocks["step_d"]
        if phase == "anagen":
            hair["grows_until"] = math.inf if over else t
            if hair["from"] < t:
                hairs.append(hair)
            elif not over:
                hair, um = None, 0.0
        elif hair is not None and hair not in hairs:
            hairs.append(hair)
        if over:
            left = target - clock.worked[-1]
            break
        if phase in ("anagen", "catagen"):
            phase = {"anagen": "catagen", "catagen": "telogen"}[phase]
            purpose = {"catagen": 2, "telogen": 3}[phase]
            left = life["mean"][phase][rung] * work(life["quantile"][phase], uniform(key, f, cycle, purpose))
            continue
        if phase == "telogen":
            if hair is not None:
                hair["until"] = t
                falls.append(t)
                hair, um = None, 0.0
            base = life["kenogen_share"][rung]
            share = base + (1.0 - base) * born["dormancy"]
            u = uniform(key, f, cycle, 4)
            if u < share:
                phase = "kenogen"
                stay = life["mean"]["kenogen"][rung] * work(life["quantile"]["kenogen"], u / share)
                left = born["kenogen_scale"] * stay
                continue
        cycle += 1
        day = now[0]
        down = min(0.9, born["step"] * clocks["down"][day]) * life["down_factor"][rung]
        up = min(clocks["up"][day], 1.0 - down)
        u = uniform(key, f, cycle, 0)
        if u < down:
            rung += 1
        elif rung > 0 and u >= 1.0 - up:
            rung -= 1
        if rung == 3:
            phase, left, um = "gone", 0.0, 0.0
            break
        phase, began, hair = "anagen", t, None
        um = born["full_um"] * life["diameter_factor"][rung] * clocks["ageing"][day]
        stay = life["mean"]["anagen"][rung] * work(life["quantile"]["anagen"], uniform(key, f, cycle, 1))
        left = born["anagen_scale"] * stay
    return (phase, rung, cycle, left, horizon - began, um), rows(
        hairs, falls, observations, every, cutoff_um, life
    )


def rows(hairs, falls, observations, every, cutoff_um, life):
    seen = [[0] * observations for _ in range(6)]

    def first(t):  # the first observation at or after t
        return math.ceil(t / every) if t > 0 and t != math.inf else (0 if t <= 0 else observations)

    for k in range(observations):
        for hair in hairs:
            if first(hair["from"]) <= k < first(hair["until"]):
                seen[0][k] += 1
                seen[1][k] += hair["um"] >= cutoff_um
                grows = k < first(hair["grows_until"])
                seen[2][k] += grows and hair["rate"] >= life["slow_um"]
                seen[3][k] += int(hair["um"] * 64.0 + 0.5)
                seen[5][k] += grows * int(hair["um"] * hair["um"] * hair["rate"] / 1024.0 + 0.5)
        seen[4][k] = sum(first(t) == k for t in falls)
    return seen
