"""What instruments, raters and tests of shedding make of a reading, each with its own error and its own blindness.

`observer` says what is there to be counted; here stands what a hurried count, a pair of photographs, a wash, a comb
or a scale says of it. Errors are drawn from a person's keys, apart from the luck of the follicles: the same seed
misreads alike, under every treatment. What none of them knows: that automatic counting falls short where hair is
dense (sources say so and print no size), and how one rater differs from another.

Arrays are [draw, observation]; each draw stands for one person.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from follicast import cycle, observer
from follicast.cycle import Floats, Keys
from follicast.evidence.library import evidence
from follicast.scalp import Scalp, normal

# What a misreading decides; part of its key.
_FIELD, _COUNT, _PHOTOGRAPH, _NORWOOD, _LUDWIG = range(5)
_WORST = 3  # photographs are graded from -3 to +3
_SHED_SCORES = (1.0, 6.0)
# Norwood's grades in their order, with the names of their numbers; both forms of III are stage 3.
_STAGES = {"1": 1, "2": 2, "3": 3, "3v": 3, "4": 4, "5": 5, "6": 6, "7": 7}


def _number(name: str) -> float:
    return float(evidence().numbers[name])


# --- counting ------------------------------------------------------------------------------------------------


def counted(density: Floats, area_cm2: float, method: str, keys: Keys, marked: bool = True) -> Floats:
    """Return a density [/cm2] as a method counts it on an area, for keys [draw].

    Two errors: which hairs the field happens to hold (Poisson; the same at every visit where the field is marked, as
    with a tattoo), and the method's own, whose difference between two visits has the printed SD. It does not see
    that automatic counts fall short in dense fields, nor hair that moved out of the field.
    """
    expected = np.maximum((density[:, :1] if marked else density) * area_cm2, 1.0)
    field = _luck(keys, _FIELD, expected.shape[1]) / np.sqrt(expected)
    reading = _luck(keys, _COUNT, density.shape[1]) * (observer.error_share(method) / math.sqrt(2.0))
    return np.maximum(density * (1.0 + field + reading), 0.0)


def _luck(keys: Keys, what: int, times: int) -> Floats:
    """Return standard normal numbers [draw, time] that no follicle shares."""
    own = np.array([cycle.luck_key(int(key), what) for key in keys], dtype=np.uint64)
    return normal(cycle.luck(own, times, 0))


# --- photographs ---------------------------------------------------------------------------------------------


def photographed(coverage: Floats, keys: Keys | None = None) -> Floats:
    """Return the grade [-3 to +3] of photographs beside the first ones, from coverage [cm/cm2]; with a rater's error.

    The rater's error is left out where no keys [draw] are given. It sees only how much hair covers: no colour, no
    styling, no curl, no hairline, and no wish to see what was hoped for.
    """
    start = coverage[:, :1]
    change = 100.0 * (coverage - start) / np.maximum(start, _number("reading.least_coverage"))
    score = _photograph_score(change)
    if keys is not None:
        score[:, 1:] += _number("reading.photograph_error") * _luck(keys, _PHOTOGRAPH, score.shape[1])[:, 1:]
    return np.clip(np.trunc(score), -_WORST, _WORST) + 0.0  # no grade is minus nought


def _photograph_score(change: Floats) -> Floats:
    """Return where a change [%] stands on the scale: 1 where it begins to be seen, 2 one step further, and so on."""
    visible, step = _number("reading.visible_change"), _number("reading.photograph_step")
    size = np.abs(change)
    seen: Floats = np.where(size < visible, size / visible, 1.0 + (size - visible) / step)
    return np.sign(change) * seen


def responded(grades: Floats, least: int = 1) -> Floats:
    """Return 100 for who is graded at least so much better and 0 for who is not [%].

    The mean over people, weighted or not, is the share of responders.
    """
    return np.where(grades >= least, 100.0, 0.0)


# --- shedding ------------------------------------------------------------------------------------------------


def wash_count(daily_shedding: Floats) -> Floats:
    """Return the hairs [{hairs}] that one wash, a day after the last, brings of what falls in a day [{hairs}/d].

    It misses what falls between washes, and does not tell short hairs from long ones.
    """
    return daily_shedding * _number("reading.wash_share")


def comb_count(daily_shedding: Floats) -> Floats:
    """Return the hairs [{hairs}] that a minute of combing before the wash brings of what falls in a day [{hairs}/d].

    Measured in men without hair loss only; it does not know how long or how curly hair is.
    """
    return daily_shedding * _number("reading.comb_share")


def shedding_score(daily_shedding: Floats) -> Floats:
    """Return Sinclair's shedding score [1 to 6, unrounded] of long hair, from what falls in a day [{hairs}/d].

    Piles are told apart by ratio, so that each doubling adds alike. The six piles were counted, but their counts
    could not be read: two group means hold the scale. It does not know that worry shifts the score.
    """
    doublings = np.log2(np.maximum(daily_shedding, 1e-6) / _number("facts.shed_healthy"))
    score = _number("reading.shed_score_healthy") + _number("reading.shed_score_doubling") * doublings
    return np.clip(score, *_SHED_SCORES)


# --- thin hair and cover -------------------------------------------------------------------------------------


def terminal_to_vellus(scalp: Scalp, cutoff_um: float | None = None) -> Floats:
    """Return hairs of at least the cut-off for each thinner one [1] [draw, 1]; infinite where none is thinner.

    The cut-off is `reading.cutoff` unless told otherwise. A biopsy also counts hairs below the skin, which are not
    seen here: its ratios are others.
    """
    cutoff = _number("reading.cutoff") if cutoff_um is None else cutoff_um
    reading = observer.standing(scalp, cutoff)
    vellus = reading.total_density - reading.terminal_density
    none = np.full_like(vellus, np.inf)
    return np.divide(reading.terminal_density, vellus, out=none, where=vellus > 0.0)


def thin_share(scalp: Scalp) -> Floats:
    """Return the share [%] [draw, 1] of seen hairs that are thinner than 30 um, the diversity of diameters.

    It does not tell a hair that became thin from one that always was.
    """
    reading = observer.standing(scalp, _number("reading.thin"))
    thin = reading.total_density - reading.terminal_density
    return 100.0 * thin / np.maximum(reading.total_density, 1e-9)


def diverse(thin: Floats) -> NDArray[np.bool_]:
    """Say where the share of thin hairs [%] is a sign of pattern loss."""
    return thin > _number("reading.diversity")


def coverage_time(scalp: Scalp) -> Floats:
    """Return the days [d] [draw, 1] until growing hairs, side by side, have covered a shaved scalp.

    It does not see resting hair, however thick; infinite where nothing grows.
    """
    growing = observer.visible(scalp) & (scalp.state.phase == cycle.ANAGEN)
    um = scalp.state.um
    rate = scalp.life.growth[:, :1] + scalp.life.growth[:, 1:] * um
    covered_um2 = scalp.density * np.where(growing, um * rate, 0.0).mean(axis=1)  # of a cm2, a day
    none = np.full_like(covered_um2, np.inf)
    return np.divide(1e8, covered_um2, out=none, where=covered_um2 > 0.0)[:, None]


def coverage_score(days: Floats) -> Floats:
    """Return the scalp coverage score at the parting [% of the most] that goes with a time to complete coverage [d].

    Healthy people scored some six points above the line it is read off.
    """
    score = _number("reading.coverage_score") - _number("reading.coverage_score_day") * days
    return np.clip(score, 0.0, 100.0)


# --- grades of pattern loss ----------------------------------------------------------------------------------


def norwood(left: Floats, keys: Keys | None = None) -> Floats:
    """Return the Norwood stage [1 to 7] nearest to a share of full coverage left [0..1] at the vertex.

    With keys [draw] a grader's error is added. It sees the vertex alone: neither temples nor the A variants.
    """
    means = np.array([_number(f"severity.norwood_{name}") for name in _STAGES])
    seen = left if keys is None else left + _error(keys, _NORWOOD, left, "severity.norwood_error")
    nearest = np.searchsorted(-_halfway(means), -seen)
    return np.array(list(_STAGES.values()), dtype=float)[nearest]


def ludwig(coverage: Floats, keys: Keys | None = None) -> Floats:
    """Return the Ludwig grade [0 to 3] nearest to a coverage [cm/cm2] of the midscalp, by way of Sinclair's scale.

    With keys [draw] a grader's error is added. It sees no pattern: diffuse thinning is graded alike.
    """
    one, per = (_number(f"assessment.sinclair_{name}") for name in ("of_ludwig_one", "per_ludwig"))
    means = np.array([1.0, one, one + per, one + 2.0 * per])  # Sinclair's first grade is no loss
    grade = observer.sinclair(coverage)
    if keys is not None:
        grade = grade + _error(keys, _LUDWIG, grade, "severity.ludwig_error")
    return np.searchsorted(_halfway(means), grade).astype(float)


def _error(keys: Keys, what: int, like: Floats, sd: str) -> Floats:
    return _number(sd) * _luck(keys, what, like.shape[1])


def _halfway(means: Floats) -> Floats:
    return 0.5 * (means[1:] + means[:-1])
