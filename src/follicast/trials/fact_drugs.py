"""Facts of treatment: DHT under two drugs, what drugs add to counts, the early shed, and stopping."""

from __future__ import annotations

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.observer import Reading
from follicast.pharmacology import DUTASTERIDE, FINASTERIDE, reductases, scalp_dht, serum_dht
from follicast.regimen import MONTH_D
from follicast.trials.cohort import WEEK_D, Cohort, Grown
from follicast.trials.fact_subjects import PHOTOGRAPHED, Subjects, men, people_of, percent, smoothed, women

STOP_WEEK = 96
HALF_YEAR = 26  # weeks
_DRAKE, _CLARK, _AFTER = (
    42,
    168,
    90,
)  # days: how long two trials gave their drug, and how long DHT is followed
_FAR, _YEAR, _TWO_YEARS = 16, 48, 104  # weeks
_FIRST = 8  # weeks after stopping
_EARLY, _MONTH, _QUARTER = 24, 4, 13  # weeks
_MIDDLE = 0.5 * (_QUARTER - 1)  # weeks from the first of a quarter to its middle
LOTION, WEAK, TABLET = "minoxidil-topical-5", "minoxidil-topical-2", "finasteride"


# --- DHT -----------------------------------------------------------------------------------------------------


def finasteride_serum(subjects: Subjects) -> Floats:
    """Fall of DHT in the blood on 1 mg a day [%]."""
    return 100.0 * (1.0 - dht(subjects, FINASTERIDE, 1.0, _DRAKE)[0][:, -1])


def finasteride_scalp(subjects: Subjects) -> Floats:
    """Fall of DHT in the scalp on 1 mg a day [%]."""
    return 100.0 * (1.0 - dht(subjects, FINASTERIDE, 1.0, _DRAKE)[1][:, -1])


def finasteride_low_dose(subjects: Subjects) -> Floats:
    """Fall of scalp DHT on 0.2 mg in percent of that on 5 mg [%]."""
    low, high = (1.0 - dht(subjects, FINASTERIDE, mg, _DRAKE)[1][:, -1] for mg in (0.2, 5.0))
    return 100.0 * low / high


def dutasteride_serum(subjects: Subjects) -> Floats:
    """Fall of DHT in the blood on 0.5 mg a day [%]."""
    return 100.0 * (1.0 - dht(subjects, DUTASTERIDE, 0.5, _CLARK)[0][:, -1])


def dutasteride_scalp(subjects: Subjects) -> Floats:
    """Fall of DHT in the scalp on 0.5 mg a day [%]."""
    return 100.0 * (1.0 - dht(subjects, DUTASTERIDE, 0.5, _CLARK)[1][:, -1])


def dht_returns(subjects: Subjects) -> Floats:
    """Days after the last 1 mg until DHT in the blood is back to nine tenths [d]."""
    serum = dht(subjects, FINASTERIDE, 1.0, _DRAKE, _AFTER)[0][:, _DRAKE:]
    return (serum >= _number("facts.dht_back") / 100.0).argmax(axis=1).astype(float)


def dht(subjects: Subjects, drug: str, mg: float, days: int, after: int = 0) -> tuple[Floats, Floats]:
    """Return DHT in blood and scalp as a share of untreated [draw, day], on a daily dose and then without."""
    taken = {drug: np.where(np.arange(days + after) < days, mg, 0.0)}
    p = subjects.parameters
    left = reductases(taken, p["finasteride_half_dose"], p["dutasteride_scalp_half_level"])
    everybody = (subjects.draws, days + after)
    scalp = scalp_dht(left, p["type_one_share"])
    return np.broadcast_to(serum_dht(left), everybody), np.broadcast_to(scalp, everybody)


# --- what drugs add ------------------------------------------------------------------------------------------


def finasteride_total(subjects: Subjects) -> Floats:
    """All hairs over placebo at 48 weeks [/cm2]."""
    return subjects.gain(people_of("VANNESTE2000"), TABLET)[:, _YEAR]


def finasteride_anagen(subjects: Subjects) -> Floats:
    """Growing hairs over placebo at 48 weeks [/cm2]."""
    return subjects.gain(people_of("VANNESTE2000"), TABLET, "anagen_density")[:, _YEAR]


def finasteride_ratio(subjects: Subjects) -> Floats:
    """Growing over resting hairs, against placebo at 48 weeks [%]."""
    drug, none = (_growing_over_resting(subjects, arm) for arm in (TABLET, "none"))
    return percent(drug, none)


def _growing_over_resting(subjects: Subjects, arm: str) -> Floats:
    people = people_of("VANNESTE2000")
    growing, total = (subjects.course(people, arm, what) for what in ("anagen_density", "total_density"))
    return (growing / (total - growing))[:, _YEAR]


def finasteride_two_years(subjects: Subjects) -> Floats:
    """All hairs over placebo at two years [/cm2]."""
    return subjects.gain(people_of("KAUFMAN1998"), TABLET, PHOTOGRAPHED)[:, _TWO_YEARS]


def finasteride_widens(subjects: Subjects) -> Floats:
    """What the second year adds to the difference, in percent of the first [%]."""
    gain = subjects.gain(people_of("KAUFMAN1998"), TABLET, PHOTOGRAPHED)
    return percent(gain[:, _TWO_YEARS], gain[:, _TWO_YEARS // 2])


def minoxidil_men_early(subjects: Subjects) -> Floats:
    """Terminal hairs over placebo at 16 weeks, men [/cm2]."""
    return _lotion_gain(subjects)[:, _FAR]


def minoxidil_men(subjects: Subjects) -> Floats:
    """Terminal hairs over placebo at 48 weeks, men [/cm2]."""
    return _lotion_gain(subjects)[:, _YEAR]


def minoxidil_plateau(subjects: Subjects) -> Floats:
    """The difference at six months in percent of that at 48 weeks, men [%]."""
    gain = _lotion_gain(subjects)
    return 100.0 * gain[:, HALF_YEAR] / gain[:, _YEAR]


def _lotion_gain(subjects: Subjects) -> Floats:
    return subjects.gain(people_of("OLSEN2002"), LOTION, "terminal_density")


def minoxidil_women(subjects: Subjects) -> Floats:
    """Terminal hairs over placebo at 48 weeks, women [/cm2]."""
    return subjects.gain(people_of("LUCKY2004"), LOTION, "terminal_density")[:, _YEAR]


def minoxidil_best(subjects: Subjects) -> Floats:
    """Month in which men's count is highest on the lotion [mo]."""
    quarters = smoothed(_on_lotion(subjects), _QUARTER)
    return (quarters.argmax(axis=1) + _MIDDLE) * WEEK_D / MONTH_D


def minoxidil_five_years(subjects: Subjects) -> Floats:
    """Change of men's count in five years on the lotion [%]."""
    count = _on_lotion(subjects)
    return percent(count[:, -_QUARTER:].mean(axis=1), count[:, 0])


def _on_lotion(subjects: Subjects) -> Floats:
    return subjects.course(men(), LOTION, "terminal_density")


def responders_all(subjects: Subjects) -> Floats:
    """Men and women with a visible gain after six months of the 5 % lotion [%]."""
    return np.mean([responders(subjects, who, LOTION) for who in (men(), women())], axis=0)


def responders_women(subjects: Subjects) -> Floats:
    """Women with a visible gain after six months of the 2 % lotion [%]."""
    return responders(subjects, women(), WEAK)


def responders(subjects: Subjects, who: Cohort, arm: str) -> Floats:
    """Return the share [%] of people whose hair mass has visibly grown in six months."""
    people = subjects.of(who)
    mass = subjects.each(who, arm).coverage
    seen = mass[:, [HALF_YEAR]] >= mass[:, :1] * (1.0 + _number("reading.visible_change") / 100.0)
    return 100.0 * people.mean(seen.astype(float))[:, 0]


# --- the early shed ------------------------------------------------------------------------------------------


def early_shed_peak(subjects: Subjects) -> Floats:
    """Week of the lotion in which women shed most, against untreated [wk]."""
    return _early(subjects).argmax(axis=1) + 1.0


def early_shed_over(subjects: Subjects) -> Floats:
    """Week of the lotion by which women's shedding is hardly above the untreated [wk]."""
    return shed_over(_early(subjects)) + 1.0


def early_shed_noticed(subjects: Subjects) -> Floats:
    """Women who would notice an early shed [%]."""
    drug, none = (subjects.each(women(), arm).daily_shedding[:, 1 : _EARLY + 1] for arm in (LOTION, "none"))
    usual = np.maximum(none.mean(axis=1, keepdims=True), 1e-9)
    times = smoothed(drug, _MONTH).max(axis=1, keepdims=True) / usual
    return 100.0 * subjects.of(women()).mean((times >= _number("facts.noticed_shed")).astype(float))[:, 0]


def _early(subjects: Subjects) -> Floats:
    drug, none = (subjects.each(women(), arm) for arm in (LOTION, "none"))
    return shed_ratio(subjects.of(women()), drug, none)[:, :_EARLY]


def shed_ratio(grown: Grown, drug: Reading, none: Reading) -> Floats:
    """Return how many times the untreated a drug sheds [draw, week], the first week standing at 0."""
    return grown.mean(drug.daily_shedding)[:, 1:] / grown.mean(none.daily_shedding)[:, 1:]


def shed_over(ratio: Floats) -> Floats:
    """Return the first week [draw] after the peak in which shedding is no longer a fifth above the untreated."""
    calm, weeks = shed_excess(), ratio.shape[1]
    peaks = zip(ratio.argmax(axis=1), ratio, strict=True)
    return np.array([next((w for w in range(p, weeks) if row[w] < calm), weeks) for p, row in peaks], float)


def shed_excess() -> float:
    """Return how many times the untreated is called an early shed."""
    return float(evidence().numbers["reading.shed_excess"])


# --- stopping ------------------------------------------------------------------------------------------------


def minoxidil_stopped(subjects: Subjects) -> Floats:
    """Weeks after stopping the lotion until most of the gained count is gone [wk]."""
    return weeks_until_gone(_stopped(subjects, LOTION), STOP_WEEK)


def minoxidil_stopped_weight(subjects: Subjects) -> Floats:
    """Weeks after stopping the lotion until most of the gained weight is gone [wk]."""
    return weeks_until_gone(_stopped(subjects, LOTION, "hair_weight"), STOP_WEEK)


def minoxidil_first_drop(subjects: Subjects) -> Floats:
    """Share of the gained count that is gone eight weeks after stopping the lotion [%]."""
    gain = _stopped(subjects, LOTION)
    return 100.0 * (1.0 - gain[:, STOP_WEEK + _FIRST] / np.maximum(gain[:, STOP_WEEK], 1e-9))


def finasteride_stopped(subjects: Subjects) -> Floats:
    """Weeks after stopping the tablet until most of the gained count is gone [wk]."""
    return weeks_until_gone(_stopped(subjects, TABLET), STOP_WEEK)


def _stopped(subjects: Subjects, drug: str, what: str = "total_density") -> Floats:
    """Return the gain [draw, week] under a drug that is stopped."""
    return subjects.gain(men(), f"{drug}:stop@{STOP_WEEK}wk", what)


def weeks_until_gone(gain: Floats, stopped: int) -> Floats:
    """Return the weeks [draw] after stopping at which a gain [draw, week] counts as gone.

    Where more is left to the end, it is the number of weeks that were followed.
    """
    little = _number("claims.gone") / 100.0
    after = gain[:, stopped:]
    left = after / np.maximum(after[:, :1], 1e-9)
    followed = after.shape[1] - 1
    return np.array([next((w for w, x in enumerate(row) if x < little), followed) for row in left], float)


def _number(name: str) -> float:
    return float(evidence().numbers[name])
