"""What the claims of the source pages are put to virtual people as: one small function a check.

Each gives the answer of every posterior draw [draw] in the unit of its check; nan where that draw has no answer
(where a treatment does nothing, nothing can be said of how its gain comes and goes). What would make a claim
true stands in `evidence/checks.yaml` and is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from follicast import observer
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.observer import Reading
from follicast.regimen import MONTH_D, NO_TREATMENT, Regimen
from follicast.trials.cohort import (
    WEEK_D,
    Cohort,
    Grown,
    aged,
    cohorts,
    everybody,
    follow,
    grow,
    still,
    treat,
)
from follicast.trials.facts import (
    cutoff,
    healthy,
    shed_excess,
    shed_over,
    shed_ratio,
    weeks_until_gone,
)
from follicast.weather import YEAR_D, season

HALF_YEAR, YEAR = 26, 52  # weeks
SHED_WATCHED = 24  # weeks
STOPPED_FOLLOWED = 3 * YEAR  # a year of treatment and two after it
PROGRESS = 5 * YEAR
SEASON_BEFORE, SEASON_YEARS = 2 * YEAR, 4  # the cycle needs some years to swing with the seasons
ONE_MAN_FOLLICLES = 20_000
HELD = 1e6  # how many times as long as usual a held hair grows on
NO_PACE = -1e-4  # a year, in the log of hair mass: slower than this is no loss
STOP = f"stop@{YEAR}wk"
THREE_SESSIONS = "prp:stop@3mo"
MINOXIDIL, ORAL, SPIRONOLACTONE = "minoxidil-topical-5", "minoxidil-oral", "spironolactone"
TREATMENTS = (
    ("women", MINOXIDIL),
    ("women", ORAL),
    ("women", SPIRONOLACTONE),
    ("women", "prp"),
    ("men", "finasteride"),
    ("men", "dutasteride"),
)


@dataclass(frozen=True)
class Answer:
    """What came out in each draw [draw], and what may be told beside it, by name."""

    values: Floats
    beside: Mapping[str, Floats] = field(default_factory=dict)


@dataclass
class Volunteers:
    """Virtual people under some posterior draws; each group is grown once, each course run once."""

    parameters: dict[str, Floats]
    persons: int
    follicles: int
    _grown: dict[Cohort, Grown] = field(default_factory=dict)
    _runs: dict[tuple[str, str, int], Reading] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws they stand under."""
        return self.parameters["anagen"].size

    def of(self, who: str | Cohort) -> Grown:
        """Return a cohort of the trials by name, or any other cohort."""
        cohort = cohorts()[who] if isinstance(who, str) else who
        if cohort not in self._grown:
            self._grown[cohort] = grow(cohort, self.parameters, self.persons, self.follicles)
        return self._grown[cohort]

    def course(self, who: str, arm: str, weeks: int) -> Reading:
        """Return what is read of a cohort under an arm, week by week."""
        key = (who, arm, weeks)
        if key not in self._runs:
            self._runs[key] = treat(self.of(who), Regimen(arm), weeks, cutoff())
        return self._runs[key]

    @cached_property
    def seasonal_shed(self) -> tuple[Floats, Floats]:
        """Days of the year [week] and the mean shedding of women who live with seasons [draw, week]."""
        weeks = SEASON_BEFORE + math.ceil(SEASON_YEARS * YEAR_D / WEEK_D)
        swing = season(np.arange(int((weeks + 1) * WEEK_D), dtype=float), _number("claims.latitude"))
        women = self.of("women")
        shed = women.mean(treat(women, NO_TREATMENT, weeks, cutoff(), swing).daily_shedding)
        middle = WEEK_D * (np.arange(weeks + 1) - 0.5)  # a week's shedding is told at its end
        return middle[SEASON_BEFORE + 1 :] % YEAR_D, shed[:, SEASON_BEFORE + 1 :]

    def gain(self, who: str, arm: str, weeks: int) -> Floats:
        """Return how many hairs more there are than untreated [draw, week], on average over people [/cm2]."""
        return self.of(who).mean(self.each_gain(who, arm, weeks))

    def each_gain(self, who: str, arm: str, weeks: int) -> Floats:
        """Return the same of each person [draw x person, week]."""
        return self.course(who, arm, weeks).total_density - self.course(who, "none", weeks).total_density


Question = Callable[[Volunteers], Answer]


# --- minoxidil, spironolactone -------------------------------------------------------------------------------


def minoxidil_gain(people: Volunteers) -> Answer:
    """Rise since the start at month 12 on the lotion, women and men counted alike [%]."""
    found = {what: _rises(people, what) for what in ("total_density", "coverage")}
    both = {what: np.mean(list(rise.values()), axis=0) for what, rise in found.items()}
    return Answer(
        both["total_density"],
        {
            "count, women": found["total_density"]["women"],
            "count, men": found["total_density"]["men"],
            "hair mass, both": both["coverage"],
        },
    )


def _rises(people: Volunteers, what: str) -> dict[str, Floats]:
    courses = {
        who: people.of(who).mean(getattr(people.course(who, MINOXIDIL, YEAR), what))
        for who in ("women", "men")
    }
    return {who: 100.0 * (course[:, YEAR] / course[:, 0] - 1.0) for who, course in courses.items()}


def onset(drug: str, people: Volunteers) -> Answer:
    """Middle month [mo] at which women who see a gain within a year first see it."""
    women = people.of("women")
    treated, none = (people.course("women", arm, YEAR).coverage for arm in (drug, "none"))
    seen = treated >= none * (1.0 + _number("reading.visible_change") / 100.0)
    first = np.where(seen.any(axis=1), seen.argmax(axis=1), np.inf).reshape(women.weight.shape)
    weight = np.where(np.isfinite(first), women.weight, 0.0)
    share = 100.0 * weight.sum(axis=1)
    middle = np.array([_weighted_median(f, w) for f, w in zip(first, weight, strict=True)])
    few = share < _number("claims.few_who_see")
    return Answer(np.where(few, np.nan, _months(middle)), {"women who see a gain within a year, %": share})


def _weighted_median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, 0.5 * reached[-1])])


def early_shed_comes(people: Volunteers) -> Answer:
    """Week of the peak of shedding; the last that was watched where there is no early shed."""
    ratio = _shed(people)
    peak = ratio.argmax(axis=1) + 1.0
    return Answer(
        np.where(ratio.max(axis=1) >= shed_excess(), peak, float(SHED_WATCHED)),
        {"times the untreated at the peak": ratio.max(axis=1)},
    )


def early_shed_settles(people: Volunteers) -> Answer:
    """Weeks [wk] from the first with a shed to the one in which it is over; none where there is no shed."""
    ratio = _shed(people)
    comes = ratio >= shed_excess()
    lasts = shed_over(ratio) - comes.argmax(axis=1)
    return Answer(np.where(comes.any(axis=1), lasts, np.nan))


def _shed(people: Volunteers) -> Floats:
    drug, none = (people.course("women", arm, SHED_WATCHED) for arm in (MINOXIDIL, "none"))
    return shed_ratio(people.of("women"), drug, none)


def lost_on_stopping(drug: str, people: Volunteers) -> Answer:
    """Months [mo] after stopping at which the gain of a year counts as gone."""
    gain = people.gain("women", f"{drug}:{STOP}", STOPPED_FOLLOWED)
    half = 100.0 * gain[:, YEAR + HALF_YEAR] / gain[:, YEAR]
    return Answer(_months(weeks_until_gone(gain, YEAR)), {"% of the gain left after six months": half})


def effect_needs_use(people: Volunteers) -> Answer:
    """Share of a year's gain on the lotion that is left a year after stopping [%]."""
    gain = people.gain("women", f"{MINOXIDIL}:{STOP}", STOPPED_FOLLOWED)
    return Answer(_share(gain[:, 2 * YEAR], gain[:, YEAR]))


def oral_effect_lasts_while_taken(people: Volunteers) -> Answer:
    """Gain after three years of taking it, in percent of the gain of the first [%]."""
    gain = people.gain("women", ORAL, 3 * YEAR)
    return Answer(_share(gain[:, 3 * YEAR], gain[:, YEAR]))


def spironolactone_progress_after_stopping(people: Volunteers) -> Answer:
    """Change of the count in the year after stopping [%]."""
    women = people.of("women")
    taken, none = (
        women.mean(people.course("women", arm, STOPPED_FOLLOWED).total_density)
        for arm in (f"{SPIRONOLACTONE}:{STOP}", "none")
    )
    changes = [100.0 * (c[:, 2 * YEAR] / c[:, YEAR] - 1.0) for c in (taken, none)]
    return Answer(changes[0], {"%, the same year never treated": changes[1]})


# --- any treatment -------------------------------------------------------------------------------------------


def no_therapy_outlasts_itself(people: Volunteers) -> Answer:
    """Share of a year's gain that is left two years after stopping, in the treatment that keeps most [%]."""
    left = {}
    for who, therapy in TREATMENTS:
        gain = people.gain(who, f"{therapy}:{STOP}", STOPPED_FOLLOWED)
        left[therapy] = _share(gain[:, 3 * YEAR], gain[:, YEAR])
    return Answer(_of_all(np.fmax, left), left)


def every_therapy_needs_time(people: Volunteers) -> Answer:
    """Months [mo] until half of a year's gain is there, in the quickest treatment."""
    needed = {}
    for who, therapy in TREATMENTS:
        gain = people.gain(who, therapy, YEAR)
        weeks = (gain >= 0.5 * gain[:, -1:]).argmax(axis=1)
        needed[therapy] = np.where(_some(gain[:, -1]), _months(weeks), np.nan)
    return Answer(_of_all(np.fmin, needed), needed)


def persons_differ(people: Volunteers) -> Answer:
    """SD between people of the gain at month 12, as a share of its mean, where they differ least [%]."""
    spread = {therapy: _spread(people, who, therapy, YEAR) for who, therapy in TREATMENTS if therapy != "prp"}
    return Answer(_of_all(np.fmin, spread), spread)


def _spread(people: Volunteers, who: str, arm: str, week: int) -> Floats:
    grown, each = people.of(who), people.each_gain(who, arm, YEAR)
    mean = grown.mean(each)[:, week]
    about = np.repeat(mean, people.persons)[:, None]
    sd = np.sqrt(grown.mean((each[:, [week]] - about) ** 2)[:, 0])
    return _share(sd, mean)


def younger_grows_faster(people: Volunteers) -> Answer:
    """Gain of younger women at month 6 on the lotion, in percent of that of older ones with the same grade [%]."""
    gains = {}
    for name in ("younger", "older"):
        grown = people.of(replace(cohorts()["women"], name=name, age=_number(f"claims.{name}")))
        drug, none = (treat(grown, Regimen(arm), HALF_YEAR, cutoff()) for arm in (MINOXIDIL, "none"))
        gains[name] = grown.mean(drug.total_density - none.total_density)[:, HALF_YEAR]
    beside = {f"/cm2 gained, {name}": gain for name, gain in gains.items()}
    return Answer(_share(gains["younger"], gains["older"]), beside)


def shedding_stops_after_four(people: Volunteers) -> Answer:
    """How far shedding can have fallen in week 4 if every growing hair is held from the first day on [%]."""
    women = people.of("women")
    held = follow(women, replace(still(women, YEAR), hold=still(women, YEAR).hold + HELD), YEAR, cutoff())
    none = women.mean(people.course("women", "none", YEAR).daily_shedding)
    fall = 100.0 * (1.0 - women.mean(held.daily_shedding)[:, 1:] / none[:, 1:])
    return Answer(fall[:, 3], {"% less in week 12": fall[:, 11], "% less in week 26": fall[:, 25]})


def cycle_restored(arm: str, people: Volunteers) -> Answer:
    """Share of what women's growing hairs lack against a healthy scalp that is restored at month 6 [%]."""
    women = people.of("women")
    treated, none = (
        women.mean(people.course("women", a, YEAR).anagen_share)[:, HALF_YEAR] for a in (arm, "none")
    )
    lacking = _healthy_anagen(people) - none
    return Answer(
        np.where(lacking > 0.0, 100.0 * (treated - none) / np.maximum(lacking, 1e-9), np.nan),
        {"points lacking untreated": lacking, "points more under treatment": treated - none},
    )


# --- PRP -----------------------------------------------------------------------------------------------------


def prp_fades(people: Volunteers) -> Answer:
    """Share of the largest gain that is left a year after the last of three sessions [%]."""
    gain = people.gain("women", THREE_SESSIONS, STOPPED_FOLLOWED)
    last = int(Regimen(THREE_SESSIONS).parts[0].session_days(YEAR_D)[-1] / WEEK_D)
    return Answer(_share(gain[:, last + YEAR], gain.max(axis=1)))


def prp_maintained(people: Volunteers) -> Answer:
    """Gain at month 24 with maintenance, in percent of that of month 6 [%]."""
    gain = people.gain("women", "prp", 2 * YEAR)
    return Answer(_share(gain[:, 2 * YEAR], gain[:, HALF_YEAR]))


def prp_varies(people: Volunteers) -> Answer:
    """SD between women of the gain at month 6, as a share of its mean [%]."""
    return Answer(_spread(people, "women", "prp", HALF_YEAR))


def prp_gradual(people: Volunteers) -> Answer:
    """Largest share of the largest gain that comes within four weeks [%]."""
    gain = people.gain("women", THREE_SESSIONS, STOPPED_FOLLOWED)
    return Answer(_share((gain[:, 4:] - gain[:, :-4]).max(axis=1), gain.max(axis=1)))


def prp_adds_to_minoxidil(people: Volunteers) -> Answer:
    """What PRP adds to the lotion at month 6, in percent of what it adds alone [%]."""
    both, lotion, alone = (
        people.gain("women", arm, YEAR)[:, HALF_YEAR] for arm in (f"{MINOXIDIL}+prp", MINOXIDIL, "prp")
    )
    return Answer(_share(both - lotion, alone), {"/cm2 over untreated, both": both, "/cm2, lotion": lotion})


def _healthy_anagen(people: Volunteers) -> Floats:
    one_each = {name: values[:: people.persons] for name, values in people.of("women").parameters.items()}
    return observer.standing(healthy(one_each)).anagen_share[:, 0]


# --- untreated hair loss -------------------------------------------------------------------------------------


def progress_is_slow(people: Volunteers) -> Answer:
    """Years [a] in which half of the hair mass would go at the pace of five years."""
    left = _five_years(people, "coverage")
    pace = np.log(left[:, -1] / left[:, 0]) / (PROGRESS / YEAR)
    count = _five_years(people, "total_density")
    lost = 100.0 * (1.0 - count[:, -1] / count[:, 0])
    return Answer(
        np.where(pace < 0.0, np.log(0.5) / pace, np.inf), {"% of the count lost in five years": lost}
    )


def baldness_not_complete(people: Volunteers) -> Answer:
    """Share of women with pattern loss who are bare at 80 [%]."""
    women = people.of("women")
    old = aged(women, _number("claims.last"), _number("hormones.final_period_age"))
    now, then = women.own_coverage, old.own_coverage
    bare = (then < _number("claims.bald") / 100.0).astype(float)
    left = {"% of the full hair mass left at 80": 100.0 * women.mean(then)[:, 0]}
    return Answer(100.0 * women.mean(bare)[:, 0], left | {"% at 39": 100.0 * women.mean(now)[:, 0]})


def diameter_falls(people: Volunteers) -> Answer:
    """Change of the mean diameter of visible hairs in five years [%]."""
    mean = _five_years(people, "mean_diameter")
    return Answer(100.0 * (mean[:, -1] / mean[:, 0] - 1.0))


def density_falls_gradually(people: Volunteers) -> Answer:
    """Share of five years' loss of count that falls into the worst year [%]."""
    count = _five_years(people, "total_density")[:, ::YEAR]
    lost = count[:, 0] - count[:, -1]
    return Answer(_share(-np.diff(count, axis=1).min(axis=1), lost))


def _five_years(people: Volunteers, what: str) -> Floats:
    return people.of("women").mean(getattr(people.course("women", "none", PROGRESS), what))


def resting_share_rises(people: Volunteers) -> Answer:
    """Resting share in women with pattern loss less that of a healthy scalp [points]."""
    women = people.of("women")
    growing = women.mean(observer.standing(women.scalp).anagen_share)[:, 0]
    return Answer(_healthy_anagen(people) - growing)


def menopause_raises_loss(people: Volunteers) -> Answer:
    """Hair mass lost from 46 to 56, in percent of what is lost without menopause [%]."""
    begin, end = _number("claims.menopause_from"), _number("claims.menopause_to")
    all_women = people.of(everybody("F", begin))
    start = observer.standing(all_women.scalp).coverage
    lost = [
        all_women.mean(start - observer.standing(aged(all_women, end, final).scalp).coverage)[:, 0]
        for final in (_number("hormones.final_period_age"), _number("claims.menopause_never"))
    ]
    before = 100.0 * lost[0] / all_women.mean(start)[:, 0]
    return Answer(100.0 * lost[0] / lost[1], {"% of the hair mass lost in ten years": before})


# --- episodes and seasons ------------------------------------------------------------------------------------


def episodes_in_men(people: Volunteers) -> Answer:
    """Strongest swing of shedding with a period of three to four months, in one man's scalp [% of the mean]."""
    one_each = {name: values[:: people.persons] for name, values in people.of("men").parameters.items()}
    one = grow(cohorts()["men"], one_each, 1, ONE_MAN_FOLLICLES)
    shed = treat(one, NO_TREATMENT, PROGRESS, cutoff()).daily_shedding[:, 1:]
    return Answer(_swing(shed, 3.0, 4.0), {"%, period of six to eight months": _swing(shed, 6.0, 8.0)})


def _swing(shed: Floats, shortest: float, longest: float) -> Floats:
    """Return the strongest swing [%] of weekly values [draw, week] with a period between two lengths [mo]."""
    weeks = shed.shape[1]
    swing = 200.0 * np.abs(np.fft.rfft(shed, axis=1)) / weeks / shed.mean(axis=1, keepdims=True)
    period = weeks * WEEK_D / MONTH_D / np.maximum(np.arange(swing.shape[1]), 1e-9)
    return swing[:, (period >= shortest) & (period <= longest)].max(axis=1)


def episodes_in_women(people: Volunteers) -> Answer:
    """Half-yearly swing of shedding in percent of the yearly one [%]."""
    yearly, half_yearly = (np.abs(_harmonic(people, k)) for k in (1, 2))
    return Answer(100.0 * half_yearly / yearly, {"yearly swing, % of the mean": 100.0 * yearly})


def season_autumn(people: Volunteers) -> Answer:
    """Day of the year on which shedding peaks [d], read off its yearly swing."""
    yearly = _harmonic(people, 1)
    day = np.angle(yearly) % (2.0 * np.pi) / (2.0 * np.pi) * YEAR_D
    return Answer(day, {"yearly swing, % of the mean": 100.0 * np.abs(yearly)})


def season_spring(people: Volunteers) -> Answer:
    """Shedding from March to May in percent of the year's mean [%]."""
    day, shed = people.seasonal_shed
    parts = {
        name: (day >= a) & (day < b) for name, (a, b) in {"spring": (60, 152), "autumn": (244, 335)}.items()
    }
    share = {name: 100.0 * shed[:, here].mean(axis=1) / shed.mean(axis=1) for name, here in parts.items()}
    return Answer(share["spring"], {"%, September to November": share["autumn"]})


def _harmonic(people: Volunteers, times: int) -> Floats:
    """Return the swing of shedding `times` a year as a complex number: its angle is the time of its peak."""
    day, shed = people.seasonal_shed
    wave = np.exp(2j * np.pi * times * day / YEAR_D)
    return 2.0 * (shed * wave).mean(axis=1) / shed.mean(axis=1)


# --- what they share -----------------------------------------------------------------------------------------


def _number(name: str) -> float:
    return float(evidence().numbers[name])


def _months(weeks: Floats) -> Floats:
    return weeks * WEEK_D / MONTH_D


def _some(gain: Floats) -> NDArray[np.bool_]:
    return gain >= _number("claims.least_gain")


def _share(part: Floats, gain: Floats) -> Floats:
    """Return a part in percent of a gain [%]; nan where the gain is too small to be followed."""
    return np.where(_some(gain), 100.0 * part / np.where(_some(gain), gain, 1.0), np.nan)


def _of_all(best: np.ufunc, by_therapy: Mapping[str, Floats]) -> Floats:
    return best.reduce(list(by_therapy.values()))


QUESTIONS: dict[str, Question] = {
    "minoxidil-gain": minoxidil_gain,
    "minoxidil-onset": partial(onset, MINOXIDIL),
    "oral-minoxidil-onset": partial(onset, ORAL),
    "spironolactone-onset": partial(onset, SPIRONOLACTONE),
    "early-shed-comes": early_shed_comes,
    "early-shed-settles": early_shed_settles,
    "minoxidil-cycle-restored": partial(cycle_restored, MINOXIDIL),
    "minoxidil-gain-lost-on-stopping": partial(lost_on_stopping, MINOXIDIL),
    "minoxidil-effect-needs-use": effect_needs_use,
    "oral-minoxidil-gain-lost-on-stopping": partial(lost_on_stopping, ORAL),
    "oral-effect-lasts-while-taken": oral_effect_lasts_while_taken,
    "spironolactone-progress-after-stopping": spironolactone_progress_after_stopping,
    "no-therapy-outlasts-itself": no_therapy_outlasts_itself,
    "every-therapy-needs-time": every_therapy_needs_time,
    "persons-differ": persons_differ,
    "younger-grows-faster": younger_grows_faster,
    "shedding-stops-after-four": shedding_stops_after_four,
    "prp-fades": prp_fades,
    "prp-maintained": prp_maintained,
    "prp-varies": prp_varies,
    "prp-gradual": prp_gradual,
    "prp-adds-to-minoxidil": prp_adds_to_minoxidil,
    "prp-cycle-restored": partial(cycle_restored, "prp"),
    "progress-is-slow": progress_is_slow,
    "baldness-not-complete": baldness_not_complete,
    "diameter-falls": diameter_falls,
    "density-falls-gradually": density_falls_gradually,
    "resting-share-rises": resting_share_rises,
    "menopause-raises-loss": menopause_raises_loss,
    "episodes-in-men": episodes_in_men,
    "episodes-in-women": episodes_in_women,
    "season-autumn": season_autumn,
    "season-spring": season_spring,
}
