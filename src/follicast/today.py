"""Today's scalp: grown from puberty to today under each draw, keeping the draws that agree with the person.

A draw is one complete guess: the model's parameters from the posterior, and this person's sensitivity, onset,
density, calibre and responses. Many guesses are grown coarsely, weighed by the reported grade and by counts,
and those that agree are grown again in full, at the site that is asked for: a grade speaks of the usual site, a
count of its own. Earlier treatment is not yet part of the past that is grown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from follicast import observer
from follicast.assessment.severity import sinclair
from follicast.cycle import Floats, Integers, Keys, luck_keys
from follicast.evidence.library import evidence
from follicast.names import group
from follicast.parameters import parameters
from follicast.patient import Count, Patient
from follicast.people import People, closely, evenly, people, responders
from follicast.regimen import MONTH_D
from follicast.scalp import Scalp, born
from follicast.simulation import clocks, run
from follicast.sites import Site, density_factor, form_of, is_at, site_called, site_factor, usual_site
from follicast.strain import causes, push, strain
from follicast.strain import warnings as strained
from follicast.weather import YEAR_D, Weather, season, weather

DRAWS, FOLLICLES = 200, 300
_COARSE_FOLLICLES = 120
_STRATA = 4
_FEW = 0.2  # share of draws that must stay distinct, or more guesses are grown
_MOST_STRATA = 16
_NORWOOD_WITH_A_VERTEX_FORM = 3
_NOT_NOUGHT = 1e-6
_GUESS_SEED = 1_000_003  # guesses and draws must not share luck


@dataclass(frozen=True)
class Today:
    """Some hundred guesses of a person's scalp at one site, follicle by follicle.

    parameters and responders are [draw]; people holds what each guess says of the person.
    """

    patient: Patient
    site: Site
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

    @property
    def sources(self) -> set[str]:
        """The citekeys behind what this person's site, ancestry and strain add to the numbers of every forecast."""
        asked = {
            "sites.": self.site != usual_site(self.patient.sex),
            "strain.": bool(causes(self.patient, self.start)),
            f"people.{group(self.patient.ancestry)}_": True,
        }
        shelves = tuple(shelf for shelf, wanted in asked.items() if wanted)
        return {
            key for name, n in evidence().numbers.items() if name.startswith(shelves) for key in n.citekeys
        }

    @property
    def susceptibility(self) -> Floats:
        """Mean susceptibility [draw] of the usual site, as `scalp.susceptibility` is of the forecast's own."""
        if self.site == usual_site(self.patient.sex):
            return self.scalp.susceptibility
        who, follicles = self.people, self.scalp.shape[1]
        keys = self.scalp.keys
        return born(
            keys, self.parameters, who.sensitivity, who.density, who.full_um, follicles
        ).susceptibility

    def picked(self, draws: Integers) -> Today:
        """Return the guesses [row] that were picked, each as often as it was."""
        return replace(
            self,
            scalp=self.scalp.picked(draws),
            parameters={name: values[draws] for name, values in self.parameters.items()},
            responders={name: values[draws] for name, values in self.responders.items()},
            people=People(*(column[draws] for column in vars(self.people).values())),
        )

    def future(self, days: int) -> Weather:
        """Return the weather of the coming days, one step a day."""
        ages = float(self.patient.age) + np.arange(days) / YEAR_D
        return _weather(self.patient, self.parameters, self.people, ages, 1.0, self.start, past=False)


def today(
    patient: Patient,
    seed: int = 7,
    draws: int = DRAWS,
    start: dt.date | None = None,
    site: str | None = None,
    *,
    follicles: int = FOLLICLES,
    beliefs: Floats | None = None,
) -> Today:
    """Grow a person's scalp to today; the same seed gives the same hairs.

    `start` [date] defaults to the date in the patient's file; without either there is no season. `site` defaults
    to the midscalp in women and the vertex in men; raises `InputError` for a site that no forecast speaks of.
    `beliefs` [draw, parameter] default to the posterior's.
    """
    here = site_called(site) if site else usual_site(patient.sex)
    start = start or patient.date
    beliefs = evidence().posterior.draws() if beliefs is None else beliefs
    strata = _STRATA
    while True:
        guess, guessed_people, agreement = guesses(patient, beliefs, seed, draws, strata, start, here)
        picked = resample(agreement, draws, seed)
        if len(np.unique(picked)) >= _FEW * draws or strata >= _MOST_STRATA:
            break
        strata *= 2
    kept = {name: values[picked] for name, values in guess.items()}
    who = People(*(column[picked] for column in vars(guessed_people).values()))
    answers = {
        name: values[picked] for name, values in responders(_keys(seed, agreement.size), guess).items()
    }
    scalp = _grown_at(here, patient, luck_keys(seed, draws), kept, who, follicles, start)
    said = _warnings(patient, picked, here, start)
    return Today(patient, here, start, seed, scalp, kept, answers, who, said)


def guesses(
    patient: Patient, beliefs: Floats, seed: int, draws: int, strata: int, start: dt.date | None, site: Site
) -> tuple[dict[str, Floats], People, Floats]:
    """Return guesses (parameters and people, each [guess]) and how well each agrees with what is known."""
    pick = (np.arange(draws) * max(1, len(beliefs) // draws) + seed) % len(beliefs)
    guess = parameters(np.repeat(beliefs[pick], strata, axis=0))
    keys = _keys(seed, draws * strata)
    within = (np.arange(draws)[:, None] * 0.618034 + np.zeros(strata)) % 1.0
    share, met = closely(((np.arange(strata)[None] + within + _NOT_NOUGHT) / strata).ravel())
    who = people(keys, guess, patient.sex, share, patient.ancestry)
    grown = {
        place: _grown_at(place, patient, keys, guess, who, _COARSE_FOLLICLES, start)
        for place in _known_sites(patient, site)
    }
    asked = bool(patient.graded or patient.counts)
    agreement = np.log(
        evenly(_left(observer.standing(grown[usual_site(patient.sex)]).coverage[:, 0], who)) if asked else met
    )
    for place, scalp in grown.items():
        agreement = agreement + _agreement(patient, scalp, who, place)
    return guess, who, agreement


def _left(coverage: Floats, who: People) -> Floats:
    """Return coverage [draw, cm/cm2] as a share of the person's own full hair [draw]."""
    return coverage / (who.density * who.full_um * 1e-4)


def _known_sites(patient: Patient, site: Site) -> list[Site]:
    """Return the sites at which something is known: the usual one (its grade and counts), and a counted other one."""
    usual = usual_site(patient.sex)
    return [usual, *([site] if site != usual and latest_count(patient, site) else [])]


def _keys(seed: int, count: int) -> Keys:
    return luck_keys(seed + _GUESS_SEED, count)


def _grown_at(
    site: Site,
    patient: Patient,
    keys: Keys,
    guess: Mapping[str, Floats],
    who: People,
    follicles: int,
    start: dt.date | None,
) -> Scalp:
    """Grow a site: as sensitive and as dense as it is beside the usual one, its follicles with the same luck."""
    factor = site_factor(patient.sex, site, form_of(patient))
    denser = replace(who, density=who.density * density_factor(patient.sex, site))
    return grown_to_today(patient, keys, guess, denser, follicles, start, factor)


def grown_to_today(
    patient: Patient,
    keys: Keys,
    guess: Mapping[str, Floats],
    who: People,
    follicles: int,
    start: dt.date | None,
    site_factor: Floats | float = 1.0,
) -> Scalp:
    """Grow scalps from puberty to the patient's age, month by month; site_factor scales sensitivity by place."""
    young = born(keys, guess, who.sensitivity, who.density, who.full_um, follicles, site_factor)
    faster = young.life._replace(growth=young.life.growth * who.growth[:, None])
    puberty = float(evidence().numbers["hair_cycle.puberty"])
    months = max(1, round((float(patient.age) - puberty) * 12.0))
    ages = float(patient.age) - (months - np.arange(months)) * MONTH_D / YEAR_D
    past = _weather(patient, guess, who, ages, MONTH_D, start, past=True)
    young = replace(young, life=faster)
    _, state = run(young, clocks(young, guess, past))
    return replace(young, state=state)


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
    now = replace(calm, strain=strain(causes(patient, start), who.frailty, days))
    return _triggered(patient, guess, now, days) if past else now


def _triggered(patient: Patient, guess: Mapping[str, Floats], calm: Weather, days: Floats) -> Weather:
    """Add what befell the person: birth (work withheld in pregnancy falls due) and sudden triggers by kind."""
    hold = np.zeros((guess["anagen"].size, days.size))
    jump = np.zeros_like(hold)
    born_months_ago = patient.months_since_birth
    if born_months_ago is not None:
        birth = _step(days, born_months_ago)
        pregnant = slice(max(0, birth - 9), birth)
        hold[:, pregnant] = guess["pregnancy_hold"][:, None]
        jump[:, birth] += (1.0 - 1.0 / (1.0 + hold[:, pregnant])).sum(axis=1) * calm.step_d
    for what, months_ago in patient.events:
        if months_ago is not None and not (born_months_ago is not None and _is_birth(what)):
            jump[:, _step(days, months_ago)] += guess["trigger_work"] * push(what)
    return replace(calm, hold=hold, jump=jump)


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


def _agreement(patient: Patient, scalp: Scalp, who: People, site: Site) -> Floats:
    """Return the log agreement [guess] of a grown site with counts of it and, at the usual one, with the grade."""
    cutoff = float(evidence().numbers["reading.cutoff"])
    reading = observer.standing(scalp, cutoff)
    left = _left(reading.coverage[:, 0], who)
    usual = site == usual_site(patient.sex)
    agreement = _grade(patient, reading.coverage[:, 0], left) if usual else np.zeros_like(left)
    count = latest_count(patient, site)
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
    pattern = patient.graded
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


def latest_count(patient: Patient, site: Site) -> Count | None:
    """Return the latest count of the site that a forecast speaks of, if there is one."""
    here = [count for count in patient.counts if is_at(site, count.site)]
    return max(here, key=lambda count: count.date or dt.date.min) if here else None


def resample(agreement: Floats, draws: int, seed: int) -> Integers:
    """Pick guesses [draw] in proportion to their agreement, evenly (systematic resampling)."""
    weight = np.exp(agreement - agreement.max())
    steps = (np.arange(draws) + (seed * 0.618034) % 1.0) / draws
    return np.searchsorted(np.cumsum(weight / weight.sum()), steps).clip(0, agreement.size - 1)


def _warnings(patient: Patient, picked: np.ndarray, site: Site, start: dt.date | None) -> list[str]:
    said = strained(causes(patient, start))
    distinct = len(np.unique(picked))
    if distinct < _FEW * picked.size:
        said.append(
            f"what is known of this person is rare in the model: {distinct} of {picked.size} draws are distinct"
        )
    if patient.previous_therapies:
        said.append("earlier treatment is not part of the past that was grown; the first months may be off")
    if patient.graded is None and not patient.counts:
        said.append("no grade and no count were given: the scalp could be any of this age and sex")
    if site != usual_site(patient.sex):
        said.append(
            f"how sensitive the {site} scalp is beside the {usual_site(patient.sex)} is assumed "
            "(follicast numbers sites)"
        )
    if group(patient.ancestry):
        said.append("most trials behind these numbers counted the hairs of people of European ancestry")
    return said
