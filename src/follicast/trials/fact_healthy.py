"""Facts of a healthy scalp: how much it sheds, what rests, its seasons, and what moulting in waves takes.

Follicles are renewed independently of each other, so whatever is in step here was put in step by something.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from follicast import cycle, instruments, observer
from follicast.cycle import Floats, State
from follicast.evidence.library import evidence
from follicast.regimen import MONTH_D
from follicast.scalp import Scalp
from follicast.simulation import clocks, run
from follicast.trials.anchors import anagen_in_tissue
from follicast.trials.cohort import WEEK_D
from follicast.trials.fact_subjects import Subjects, calm, percent
from follicast.weather import YEAR_D, season

SETTLE, WATCH = 36, 36  # months: until the old cycle has run out, and for how long the new one is watched
_QUIET = 104  # weeks
_SWUNG, _SEASONS = 104, 4  # weeks until the cycle swings with the seasons, and how many years are read
SPRING, AUTUMN = (60, 152), (244, 335)  # days of the year: March to May, September to November


def shed(subjects: Subjects) -> Floats:
    """Hairs shed a day from 100,000 follicles [{hairs}/d]."""
    quiet = subjects.once("quiet", lambda: subjects.life(_QUIET))
    return quiet.daily_shedding[:, 1:].mean(axis=1)


def telogen_counted(subjects: Subjects) -> Floats:
    """Resting hairs as a phototrichogram counts them [%]."""
    return 100.0 - observer.standing(subjects.scalp).anagen_share[:, 0]


def anagen_tissue(subjects: Subjects) -> Floats:
    """Follicles in anagen among those that hold a hair [%]."""
    return anagen_in_tissue(subjects.scalp)


def catagen_tissue(subjects: Subjects) -> Floats:
    """Follicles in catagen among those that hold a hair [%]."""
    return _in_tissue(subjects, cycle.CATAGEN)


def telogen_tissue(subjects: Subjects) -> Floats:
    """Follicles in telogen among those that hold a hair [%]."""
    return _in_tissue(subjects, cycle.TELOGEN)


def _in_tissue(subjects: Subjects, phase: int) -> Floats:
    phases = subjects.scalp.state.phase
    return 100.0 * (phases == phase).sum(axis=1) / (phases < cycle.KENOGEN).sum(axis=1)


def time_to_coverage(subjects: Subjects) -> Floats:
    """Days until growing hairs have covered a shaved scalp, lying side by side [d]."""
    return instruments.coverage_time(subjects.scalp)[:, 0]


def _rate(scalp: Scalp) -> Floats:
    return scalp.life.growth[:, :1] + scalp.life.growth[:, 1:] * scalp.state.um


# --- waves ---------------------------------------------------------------------------------------------------


def no_wave(subjects: Subjects) -> Floats:
    """How far monthly shedding swings around its mean [%], the luck of so few follicles included."""
    return _swing(_moulted(subjects, subjects.scalp)[0])


def narrow_wave(subjects: Subjects) -> Floats:
    """The same once anagen varies less between follicles, its mean unchanged [%]."""
    return _swing(_moulted(subjects, narrowed(subjects.scalp))[0])


def short_wave(subjects: Subjects) -> Floats:
    """The same once anagen is shorter and varies as before [%]."""
    return _swing(_moulted(subjects, shortened(subjects.scalp))[0])


def narrow_volume(subjects: Subjects) -> Floats:
    """Change of hair volume once anagen varies less [%]."""
    return _volume_change(subjects, narrowed(subjects.scalp))


def short_volume(subjects: Subjects) -> Floats:
    """Change of hair volume once anagen is shorter [%]."""
    return _volume_change(subjects, shortened(subjects.scalp))


def narrowed(scalp: Scalp) -> Scalp:
    """Return a scalp whose coming anagens vary less between follicles."""
    quantile = scalp.life.work_quantile.copy()
    quantile[cycle.ANAGEN] = cycle.work_quantiles(_number("narrow_cv"))
    return replace(scalp, life=scalp.life._replace(work_quantile=quantile))


def shortened(scalp: Scalp) -> Scalp:
    """Return a scalp whose coming anagens are shorter."""
    mean = scalp.life.mean_work.copy()
    mean[:, cycle.ANAGEN] *= _number("short_anagen")
    return replace(scalp, life=scalp.life._replace(mean_work=mean))


def _moulted(subjects: Subjects, scalp: Scalp) -> tuple[Floats, State]:
    """Return the monthly shedding [draw, month] after things have settled, and the scalp's state at the end."""
    months = SETTLE + WATCH
    now = calm(subjects.parameters, months, MONTH_D)
    counts, state = run(scalp, clocks(scalp, subjects.parameters, now), MONTH_D, months + 1)
    return counts[:, cycle.SHED, 1 + SETTLE :].astype(float), state


def _swing(monthly: Floats) -> Floats:
    return 100.0 * monthly.std(axis=1) / monthly.mean(axis=1)


def _volume_change(subjects: Subjects, scalp: Scalp) -> Floats:
    after = replace(scalp, state=_moulted(subjects, scalp)[1])
    return percent(_volume(after), _volume(subjects.scalp))


def _volume(scalp: Scalp) -> Floats:
    """Return the volume [draw] of hairs that were never cut, those that grow alone; only ratios mean anything."""
    grown_um = scalp.state.since * _rate(scalp)
    return np.where(scalp.state.phase == cycle.ANAGEN, grown_um * scalp.state.um**2, 0.0).sum(axis=1)


# --- seasons -------------------------------------------------------------------------------------------------


def anagen_spring(subjects: Subjects) -> Floats:
    """Growing hairs from March to May, as counted [%]."""
    return _year(subjects, "anagen_share", SPRING)


def anagen_autumn(subjects: Subjects) -> Floats:
    """Growing hairs from September to November, as counted [%]."""
    return _year(subjects, "anagen_share", AUTUMN)


def shed_autumn_spring(subjects: Subjects) -> Floats:
    """Shedding in autumn over that in spring [1]."""
    return _year(subjects, "daily_shedding", AUTUMN) / _year(subjects, "daily_shedding", SPRING)


def telogen_peak(subjects: Subjects) -> Floats:
    """Day of the year on which most hairs rest [d], read off the yearly swing."""
    day, course = seasonal(subjects, "anagen_share")
    return _peak(day, -course)


def shed_peak(subjects: Subjects) -> Floats:
    """Day of the year on which most hairs are shed [d], read off the yearly swing."""
    return _peak(*seasonal(subjects, "daily_shedding"))


def seasonal(subjects: Subjects, what: str) -> tuple[Floats, Floats]:
    """Return the day of the year [week] and a quantity of the healthy scalp through some years [draw, week]."""
    weeks = _SWUNG + round(_SEASONS * YEAR_D / WEEK_D)
    days = WEEK_D * np.arange(weeks + 1)
    course = getattr(subjects.once("seasons", lambda: _swung(subjects, days)), what)
    # What is shed in a week is told at its end.
    told = days - (0.5 * WEEK_D if what == "daily_shedding" else 0.0)
    return told[_SWUNG + 1 :] % YEAR_D, course[:, _SWUNG + 1 :]


def _swung(subjects: Subjects, days: Floats) -> observer.Reading:
    temperate = float(evidence().numbers["claims.latitude"])
    half = season(days, temperate if subjects.latitude is None else subjects.latitude)
    # Half the swing is drawn for people of whom nothing is known; the men who were counted had all of it.
    return subjects.life(days.size - 1, season=None if half is None else 2.0 * half - 1.0)


def _year(subjects: Subjects, what: str, part: tuple[int, int]) -> Floats:
    day, course = seasonal(subjects, what)
    return course[:, (day >= part[0]) & (day < part[1])].mean(axis=1)


def _peak(day: Floats, course: Floats) -> Floats:
    around = course - course.mean(axis=1, keepdims=True)
    yearly = (around * np.exp(2j * np.pi * day / YEAR_D)).mean(axis=1)
    return np.angle(yearly) % (2.0 * np.pi) / (2.0 * np.pi) * YEAR_D


def _number(name: str) -> float:
    return float(evidence().numbers[f"facts.{name}"])
