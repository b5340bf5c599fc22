"""Facts of sudden shedding: a fever, a birth, and what a wash finds in those who shed and those who do not."""

from __future__ import annotations

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.observer import Reading
from follicast.regimen import MONTH_D
from follicast.trials.cohort import WEEK_D
from follicast.trials.fact_healthy import shed
from follicast.trials.fact_subjects import Subjects, men, percent, smoothed, women

PREGNANT = 39  # weeks
FOLLOWED = 78  # weeks after the fever or the birth
_WASHED = 52  # weeks over which people with pattern loss are washed
_NOISE, _MONTH = 3, 4  # weeks over which shedding is averaged to find its peak, and its worst month


# --- wash counts ---------------------------------------------------------------------------------------------


def wash_pattern(subjects: Subjects) -> Floats:
    """What a wash finds in men and women with pattern loss over what it finds in healthy people [1]."""
    daily = [
        subjects.course(who, "none", "daily_shedding")[:, 1 : _WASHED + 1].mean(axis=1)
        for who in (men(), women())
    ]
    return np.mean(daily, axis=0) / shed(subjects)


def wash_effluvium(subjects: Subjects) -> Floats:
    """What a wash finds in the worst month after a fever over what it finds in healthy people [1]."""
    return smoothed(_fever(subjects).daily_shedding[:, 1:], _MONTH).max(axis=1) / shed(subjects)


# --- a fever, a birth ----------------------------------------------------------------------------------------


def fever_shed_peak(subjects: Subjects) -> Floats:
    """Weeks from a fever to the peak of shedding [wk]."""
    return _shed_peak(_fever(subjects), 0)


def fever_telogen(subjects: Subjects) -> Floats:
    """Most resting hairs after a fever, as counted [%]."""
    return _most_resting(_fever(subjects), 0)


def fever_recovery(subjects: Subjects) -> Floats:
    """Months from a fever until the count is back for good [mo]."""
    return _recovery(_fever(subjects), 0)


def birth_shed_peak(subjects: Subjects) -> Floats:
    """Weeks from a birth to the peak of shedding [wk]."""
    return _shed_peak(_birth(subjects), PREGNANT)


def birth_telogen(subjects: Subjects) -> Floats:
    """Most resting hairs after a birth, as counted [%]."""
    return _most_resting(_birth(subjects), PREGNANT)


def birth_recovery(subjects: Subjects) -> Floats:
    """Months from a birth until the count is back for good [mo]."""
    return _recovery(_birth(subjects), PREGNANT)


def _fever(subjects: Subjects) -> Reading:
    """Read the healthy scalp after a fever on the first day."""
    jump = np.zeros((subjects.draws, FOLLOWED + 1))
    jump[:, 0] = subjects.parameters["trigger_work"]
    return subjects.once("fever", lambda: subjects.life(FOLLOWED, jump=jump))


def _birth(subjects: Subjects) -> Reading:
    """Read the healthy scalp through a pregnancy and after the birth, when all that was withheld falls due."""
    weeks = PREGNANT + FOLLOWED
    hold, jump = np.zeros((subjects.draws, weeks + 1)), np.zeros((subjects.draws, weeks + 1))
    hold[:, :PREGNANT] = subjects.parameters["pregnancy_hold"][:, None]
    jump[:, PREGNANT] = (1.0 - 1.0 / (1.0 + hold)).sum(axis=1) * WEEK_D
    return subjects.once("birth", lambda: subjects.life(weeks, hold=hold, jump=jump))


def _shed_peak(reading: Reading, since: int) -> Floats:
    weekly = reading.daily_shedding[:, since + 1 :]  # what is shed in a week is told at its end
    return smoothed(weekly, _NOISE).argmax(axis=1) + 0.5 * _NOISE


def _most_resting(reading: Reading, since: int) -> Floats:
    return 100.0 - reading.anagen_share[:, since:].min(axis=1)


def _recovery(reading: Reading, since: int) -> Floats:
    """Return the first month [draw] from which the count stays within a few percent of what it was on day 0."""
    before, after = reading.total_density[:, :1], reading.total_density[:, since:]
    away = np.abs(percent(after, before)) > float(evidence().numbers["facts.recovered"])
    last = np.where(away.any(axis=1), away.shape[1] - away[:, ::-1].argmax(axis=1), 0)
    return last * WEEK_D / MONTH_D
