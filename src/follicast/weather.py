"""What acts on a scalp besides treatment: hormones with age and menopause, season, triggers, strain, ageing.

It knows ages and dates, not the person; what strains a person's hair is read off the story in `strain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Sex
from follicast.names import group

YEAR_D = 365.25


@dataclass(frozen=True)
class Weather:
    """The weather of a run, step by step.

    drive [draw, step] is androgen drive relative to a young adult of the same sex; begun [draw, step]
    is 0 before a person's hair loss begins and 1 once it has; season [step] multiplies
    the anagen clock; hold [draw, step] lengthens anagen (pregnancy); jump [draw, step] is work [d] that the
    anagen clock leaps on that step (a trigger); ageing [step] scales full diameters; strain [draw or 1, step]
    multiplies the anagen clock where want or illness cuts growth short (1: none). step_d is the step [d].
    """

    step_d: float
    drive: Floats
    begun: Floats
    season: Floats
    hold: Floats
    jump: Floats
    ageing: Floats
    strain: Floats

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.drive.shape[1]

    def of(self, draw: int) -> Weather:
        """Return the weather of one draw alone."""
        rows = slice(draw, draw + 1)

        def own(values: Floats) -> Floats:
            return values[rows] if len(values) > 1 else values

        return replace(
            self,
            drive=own(self.drive),
            begun=own(self.begun),
            hold=own(self.hold),
            jump=own(self.jump),
            strain=own(self.strain),
        )


def weather(
    sex: Sex,
    ages: Floats,
    step_d: float,
    parameters: Mapping[str, Floats],
    *,
    final_period_age: float,
    onset: Floats,
    ancestry: str | None = None,
    full_um: float | None = None,
    season: Floats | None = None,
) -> Weather:
    """Return calm weather at `ages` [step, years]: hormones, ageing and, where given, season [step]; no strain.

    onset [draw, years] is the age at which a person's follicles begin to give way to androgens.
    """
    draws = parameters["anagen"].size
    none = np.zeros((1, ages.size))
    begun = np.clip((ages[None] - onset[:, None]) / _number("onset_years") + 0.5, 0.0, 1.0)
    reference = full_um or float(evidence().parameters["full_diameter"])
    return Weather(
        step_d=step_d,
        drive=drive(sex, ages, parameters, final_period_age) if sex == "F" else np.ones((draws, ages.size)),
        begun=begun,
        season=np.ones(ages.size) if season is None else season,
        hold=none,
        jump=none,
        ageing=ageing(sex, ages, ancestry, reference),
        strain=np.ones((1, ages.size)),
    )


def drive(sex: Sex, ages: Floats, parameters: Mapping[str, Floats], final_period_age: float) -> Floats:
    """Return women's androgen drive [draw, step]: free androgen over oestradiol, to a power that is uncertain."""
    number = _number
    years = ages - final_period_age
    androgen = np.interp(
        years,
        [-number("free_androgen_years"), number("free_androgen_years")],
        [number("free_androgen_before"), number("free_androgen_after")],
    )
    oestradiol = np.interp(
        years,
        [-number("oestradiol_years"), number("oestradiol_years")],
        [number("oestradiol_before"), number("oestradiol_after")],
    )
    ratio = (androgen / number("free_androgen_before")) / (oestradiol / number("oestradiol_before"))
    return ratio[None] ** parameters["menopause_power"][:, None]


def ageing(sex: Sex, ages: Floats, ancestry: str | None, full_um: float) -> Floats:
    """Return what age does to full-grown diameter [step], relative to puberty."""
    who = f"{'asian' if group(ancestry) == 'asian' else 'other'}_{'women' if sex == 'F' else 'men'}"
    knots = [float(evidence().numbers[f"diameter.{who}_{age}"]) for age in (35, 45, 55)]
    grid = np.arange(10.0, 111.0)
    slope = np.interp(grid, [25.0, 35.0, 45.0, 55.0], [0.0, *knots])
    lost_um = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]))])
    return np.maximum(1.0 + np.interp(ages, grid, lost_um) / full_um, 0.3)


def season(days_of_year: Floats, latitude: float | None) -> Floats | None:
    """Return the seasonal factor of the anagen clock at days of the year, or None where no season is drawn."""
    numbers = evidence().numbers
    if latitude is None or abs(latitude) < float(numbers["hair_cycle.season_latitude"]):
        return None
    swing = 0.5 * float(numbers["hair_cycle.season_swing"])
    peak = float(numbers["hair_cycle.season_peak"]) + (0.0 if latitude > 0 else YEAR_D / 2)
    return 1.0 + swing * np.cos(2 * np.pi * (days_of_year - peak) / YEAR_D)


@cache
def _number(name: str) -> float:
    return float(evidence().numbers[f"hormones.{name}"])
