"""Today's scalp: grown from puberty to today under each draw, keeping the draws that agree with the person.

A draw is one complete guess: the model's parameters from the posterior, and this person's sensitivity, onset,
density, calibre and responses. Many guesses are grown coarsely, weighed by the reported grade and by counts,
and those that agree are grown again in full. Earlier treatment is not yet part of the past that is grown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from follicast import observer
from follicast.assessment.severity import sinclair
from follicast.cycle import Floats, luck_keys
from follicast.evidence.library import evidence
from follicast.parameters import parameters
from follicast.patient import Count, Patient
from follicast.people import People, people, responders
from follicast.regimen import MONTH_D
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.weather import YEAR_D, Weather, is_asian, season, weather

DRAWS, FOLLICLES = 200, 300
_COARSE_FOLLICLES = 120
_STRATA = 4
_FEW = 0.2  # share of draws that must stay distinct, or more guesses are grown
_MOST_STRATA = 16
_NORWOOD_WITH_A_VERTEX_FORM = 3
_GUESS_SEED = 1_000_003  # guesses and draws must not share luck


@dataclass(frozen=True)
class Today:
    """Some hundred guesses of a person's scalp at one site, follicle by follicle.

    parameters and responders are [draw]; people holds what each guess says of the person.
    """

    patient: Patient
    site: str
    start: dt.date | None
    seed: int
    scalp: Scalp
    parameters: dict[str, Floats]
    responders: dict[str, Floats]
    people: People
    warnings: list[str]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.scalp.shape[0]

    def future(self, days: int) -> Weather:
        """Return the weather of the coming days, one step a day."""
        ages = float(self.patient.age) + np.arange(days) / YEAR_D
        return _weather(self.patient, self.parameters, self.people, ages, 1.0, self.start, past=False)


def today(patient: Patient, seed: int = 7, draws: int = DRAWS, start: dt.date | None = None) -> Today:
    """Grow a person's scalp to today; the same seed gives the same hairs.

    `start` [date] defaults to the date in the patient's file; without either there is no season.
    """
    start = start or patient.date
    beliefs = evidence().posterior.draws()
    strata = _STRATA
    while True:
        guess, guessed_people, agreement = _guesses(patient, beliefs, seed, draws, strata, start)
        picked = _resample(agreement, draws, seed)
        if len(np.unique(picked)) >= _FEW * draws or strata >= _MOST_STRATA:
            break
        strata *= 2
    kept = {name: values[picked] for name, values in guess.items()}
    who = People(*(column[picked] for column in vars(guessed_people).values()))
    answers = {
        name: values[picked] for name, values in responders(_keys(seed, agreement.size), guess).items()
    }
    scalp = grown_to_today(patient, luck_keys(seed, draws), kept, who, FOLLICLES, start)
    return Today(patient, _site(patient), start, seed, scalp, kept, answers, who, _warnings(patient, picked))


def _guesses(
    patient: Patient, beliefs: Floats, seed: int, draws: int, strata: int, start: dt.date | None
) -> tuple[dict[str, Floats], People, Floats]:
    """Return guesses (parameters and people, each [guess]) and how well each agrees with what is known."""
    pick = (np.arange(draws) * max(1, len(beliefs) // draws) + seed) % len(beliefs)
    guess = parameters(np.repeat(beliefs[pick], strata, axis=0))
    keys = _keys(seed, draws * strata)
    within = (np.arange(draws)[:, None] * 0.618034 + np.zeros(strata)) % 1.0
    share = ((np.arange(strata)[None] + within) / strata).ravel()
    who = people(keys, guess, patient.sex, share, patient.ancestry)
    scalp = grown_to_today(patient, keys, guess, who, _COARSE_FOLLICLES, start)
    return guess, who, _agreement(patient, scalp, who)


def _keys(seed: int, count: int) -> np.ndarray:
    return luck_keys(seed + _GUESS_SEED, count)


def grown_to_today(
    patient: Patient,
    keys: np.ndarray,
    guess: Mapping[str, Floats],
    who: People,
    follicles: int,
    start: dt.date | None,
    site_factor: Floats | float = 1.0,
) -> Scalp:
    """Grow scalps from puberty to the patient's age, month by month; site_factor scales sensitivity by place."""
    young = born(keys, guess, who.sensitivity, who.density, who.full_um, follicles, site_factor)
    puberty = float(evidence().numbers["hair_cycle.puberty"])
    months = max(1, round((float(patient.age) - puberty) * 12.0))
    ages = float(patient.age) - (months - np.arange(months)) * MONTH_D / YEAR_D
    past = _weather(patient, guess, who, ages, MONTH_D, start, past=True)
    _, state = run(young, clocks(young, guess, past))
    return Scalp(young.keys, young.life, young.follicles, state, young.susceptibility, young.density)


def _weather(
    patient: Patient,
    guess: Mapping[str, Floats],
    who: People,
    ages: Floats,
    step_d: float,
    start: dt.date | None,
    past: bool,
) -> Weather:
    days = (ages - float(patient.age)) * YEAR_D
    swing = season(days + start.timetuple().tm_yday, patient.latitude) if start else None
    calm = weather(
        patient.sex,
        ages,
        step_d,
        guess,
        final_period_age=final_period_age(patient),
        onset=who.onset,
        ancestry=patient.ancestry,
        season=swing,
    )
    return _triggered(patient, guess, calm, days) if past else calm


def _triggered(patient: Patient, guess: Mapping[str, Floats], calm: Weather, days: Floats) -> Weather:
    """Add what befell the person: birth (work withheld in pregnancy falls due) and sudden triggers."""
    hold = np.zeros((guess["anagen"].size, days.size))
    jump = np.zeros_like(hold)
    born_months_ago = patient.months_since_birth
    if born_months_ago is not None:
        birth = _step(days, born_months_ago)
        pregnant = slice(max(0, birth - 9), birth)
        hold[:, pregnant] = guess["pregnancy_hold"][:, None]
        jump[:, birth] += (1.0 - 1.0 / (1.0 + hold[:, pregnant])).sum(axis=1) * calm.step_d
    for trigger in patient.triggers or []:
        if trigger.months_ago is not None and not (born_months_ago is not None and _is_birth(trigger.what)):
            jump[:, _step(days, trigger.months_ago)] += guess["trigger_work"]
    return Weather(calm.step_d, calm.drive, calm.begun, calm.season, hold, jump, calm.ageing)


def _step(days: Floats, months_ago: float) -> int:
    return int(np.clip(np.searchsorted(days, -months_ago * MONTH_D, side="right") - 1, 0, days.size - 1))


def _is_birth(what: str) -> bool:
    return any(word in what.lower() for word in ("birth", "deliver", "partum"))


def final_period_age(patient: Patient) -> float:
    """Return the age [years] at the final menstrual period that fits what the patient says of her periods."""
    number = {name: float(evidence().numbers[f"periods.{name}"]) for name in ("after", "around", "before")}
    usual, age = float(evidence().numbers["hormones.final_period_age"]), float(patient.age)
    if patient.menopause == "post":
        return min(usual, age - number["after"])
    if patient.menopause == "peri":
        return age + number["around"]
    return max(usual, age + number["before"]) if patient.menopause == "pre" else usual


# --- agreement with what is known ----------------------------------------------------------------------------


def _agreement(patient: Patient, scalp: Scalp, who: People) -> Floats:
    """Return the log agreement [guess] of grown scalps with the reported grade and with counts."""
    cutoff = float(evidence().numbers["reading.cutoff"])
    reading = observer.standing(scalp, cutoff)
    left = reading.coverage[:, 0] / (who.density * who.full_um * 1e-4)
    agreement = _grade(patient, reading.coverage[:, 0], left)
    count = latest_count(patient, _site(patient))
    if count is not None:
        area = count.area_cm2 or float(evidence().numbers["reading.area"])
        for said, seen in (
            (count.total_per_cm2, reading.total_density),
            (count.terminal_per_cm2, reading.terminal_density),
        ):
            if said:
                off = np.hypot(observer.error_share(count.method or "") * said, np.sqrt(said / area))
                agreement = agreement - 0.5 * ((seen[:, 0] - said) / off) ** 2
        if count.mean_diameter_um:
            off = float(evidence().numbers["reading.error_diameter"])
            agreement = agreement - 0.5 * ((reading.mean_diameter[:, 0] - count.mean_diameter_um) / off) ** 2
    return agreement


def _grade(patient: Patient, coverage: Floats, left: Floats) -> Floats:
    numbers = evidence().numbers
    pattern = patient.pattern
    if pattern is None:
        return np.zeros_like(left)
    grade = sinclair(pattern)
    if grade is not None:
        error = float(
            numbers["severity.ludwig_error" if pattern.scale == "ludwig" else "reading.sinclair_error"]
        )
        return -0.5 * ((observer.sinclair(coverage) - grade) / error) ** 2
    vertex = "v" if pattern.vertex and int(pattern.level) == _NORWOOD_WITH_A_VERTEX_FORM else ""
    wanted = float(numbers[f"severity.norwood_{int(pattern.level)}{vertex}"])
    return -0.5 * ((left - wanted) / float(numbers["severity.norwood_error"])) ** 2


def latest_count(patient: Patient, site: str) -> Count | None:
    """Return the latest count of the site that a forecast speaks of, if there is one."""
    here = [count for count in patient.counts if count.site == site]
    return max(here, key=lambda count: count.date or dt.date.min) if here else None


def _site(patient: Patient) -> str:
    return "midscalp" if patient.sex == "F" else "vertex"


def _resample(agreement: Floats, draws: int, seed: int) -> np.ndarray:
    """Pick guesses [draw] in proportion to their agreement, evenly (systematic resampling)."""
    weight = np.exp(agreement - agreement.max())
    steps = (np.arange(draws) + (seed * 0.618034) % 1.0) / draws
    return np.searchsorted(np.cumsum(weight / weight.sum()), steps).clip(0, agreement.size - 1)


def _warnings(patient: Patient, picked: np.ndarray) -> list[str]:
    said = []
    distinct = len(np.unique(picked))
    if distinct < _FEW * picked.size:
        said.append(
            f"what is known of this person is rare in the model: {distinct} of {picked.size} draws are distinct"
        )
    if patient.previous_therapies:
        said.append("earlier treatment is not part of the past that was grown; the first months may be off")
    if patient.pattern is None and not patient.counts:
        said.append("no grade and no count were given: the scalp could be any of this age and sex")
    if patient.ancestry and is_asian(patient.ancestry):
        said.append("most trials behind these numbers counted the hairs of people of European ancestry")
    return said
