"""Exact laws of the kernel on large samples, each with its false-alarm rate."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from follicast import cycle, observer
from follicast.cycle import luck_keys
from follicast.evidence.library import evidence
from follicast.parameters import parameters
from follicast.pull import pull
from follicast.regimen import NO_TREATMENT
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.trials.cohort import cohorts, grow, treat
from follicast.weather import weather
from verification.verdict import Verdict

FALSE_ALARM = 1e-6
DRAWS, FOLLICLES, YEARS = 6, 200_000, 12


def _healthy() -> tuple[Scalp, dict[str, np.ndarray]]:
    z = evidence().posterior.draws()
    believed = parameters(z[np.linspace(0, len(z) - 1, DRAWS).astype(int)])
    ones = np.ones(DRAWS)
    return born(luck_keys(5, DRAWS), believed, 1e-9 * ones, 250 * ones, 72 * ones, FOLLICLES), believed


def stationarity() -> Iterator[Verdict]:
    """Phase shares equal mean stay over mean cycle, at birth and twelve years later, untouched by androgens."""
    scalp, believed = _healthy()
    stays = scalp.life.mean_work[:, :, 0].copy()
    stays[:, cycle.KENOGEN] *= scalp.life.kenogen_share[:, 0]
    wanted = stays / stays.sum(axis=1, keepdims=True)
    ages = np.full(YEARS * 12, 25.0)
    calm = weather("M", ages, 30.4375, believed, final_period_age=51.0, onset=np.full(DRAWS, 99.0))
    _, state = run(scalp, clocks(scalp, believed, calm))
    limit = NormalDist().inv_cdf(1 - FALSE_ALARM / (2 * 4 * DRAWS))
    for when, phase in (("at birth", scalp.state.phase), (f"after {YEARS} years", state.phase)):
        seen = np.stack([(phase == p).mean(axis=1) for p in range(4)], axis=1)
        away = np.abs(seen - wanted) / np.sqrt(wanted * (1 - wanted) / FOLLICLES)
        yield Verdict(
            f"steady state {when}, {DRAWS} draws of {FOLLICLES:,} follicles",
            f"furthest share {away.max():.1f} standard errors away (limit {limit:.1f}, false alarm {FALSE_ALARM:g})",
            bool(away.max() < limit),
        )


def threads() -> Iterator[Verdict]:
    """The same bits on one and on more threads."""
    scalp, believed = _healthy()
    ages = 25.0 + np.arange(730) / 365.25
    calm = weather("M", ages, 1.0, believed, final_period_age=51.0, onset=np.full(DRAWS, 20.0))
    wound = clocks(scalp, believed, calm, pull(NO_TREATMENT, believed, {}, "M", 730))
    one, two = (run(scalp, wound, 7.0, 105, 40.0, threads=n) for n in (1, 2))
    same = bool((one[0] == two[0]).all()) and all((a == b).all() for a, b in zip(one[1], two[1], strict=True))
    yield Verdict(
        f"one thread and two give the same bits ({DRAWS * FOLLICLES:,} follicles, two years)",
        "identical" if same else "different",
        same,
    )


def waves() -> Iterator[Verdict]:
    """A scalp of 100,000 follicles does not moult in waves."""
    z = evidence().posterior.draws()[:1]
    believed = parameters(z)
    one = np.ones(1)
    scalp = born(luck_keys(9, 1), believed, 1e-9 * one, 250 * one, 72 * one, 100_000)
    ages = np.full(10 * 365, 25.0)
    calm = weather("M", ages, 1.0, believed, final_period_age=51.0, onset=np.full(1, 99.0))
    counts, _ = run(scalp, clocks(scalp, believed, calm), 30.4375, 121, 40.0)
    shed = counts[0, cycle.SHED, 1:120]
    cv = float(shed.std() / shed.mean())
    chance = float(1 / np.sqrt(shed.mean()))
    yield Verdict(
        "no moulting waves: monthly sheds of a healthy scalp over ten years",
        f"coefficient of variation {100 * cv:.1f} % (chance alone {100 * chance:.1f} %, limit 10 %)",
        cv < 0.1,
    )


def observer_agrees() -> Iterator[Verdict]:
    """What is recorded along the way is what stands on the scalp at the end."""
    z = evidence().posterior.draws()[:4]
    grown = grow(cohorts()["men"], parameters(z), 20, 500)
    reading = treat(grown, NO_TREATMENT, 52, 40.0)
    start = observer.standing(grown.scalp, 40.0)
    same = bool(np.allclose(reading.total_density[:, 0], start.total_density[:, 0]))
    yield Verdict(
        "counts on day 0 of a run equal the hairs that stand there", "equal" if same else "unequal", same
    )


PROOFS = (stationarity, threads, waves, observer_agrees)
