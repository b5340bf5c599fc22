"""What to expect: the same scalp under every arm, with uncertainty, and a refusal where there is no evidence.

Everything is compared draw by draw with the same person untreated, with the same luck. The forecast says how
sure it is; it does not know how a person will keep to a regimen, nor what the skin or the mood will say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from follicast import observer, skin
from follicast.cycle import Clocks, Floats
from follicast.evidence.grading import EvidenceClass, Standing, standing
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.therapy import Action
from follicast.observer import QUANTITIES, Reading
from follicast.pull import pull
from follicast.regimen import MONTH_D, NO_TREATMENT, Regimen
from follicast.scalp import Scalp
from follicast.simulation import clocks, default_threads, run
from follicast.today import Today
from follicast.weather import Weather

MONTHS = 24
LOW, MEDIAN, HIGH = 0.05, 0.5, 0.95
LOOKS = 4  # observations a month
JUDGED_AT = 12  # months at which gain, hold and lose are judged
_SHED_WEEKS = 20
_RANK: dict[str, int] = {"calibrated": 0, "by-analogy": 1, "refused": 2}


@dataclass(frozen=True)
class Curve:
    """Median and the ends of the 90 % interval, each [month]."""

    median: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Refused:
    """Why an arm has no curve, what evidence is missing, and what trials have found so far.

    `effects` holds what trials of a therapy of the skin found, by indication; it is empty for the hair.
    """

    because: str
    missing: str
    trials: list[dict[str, str]]
    effects: list[skin.Effect] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the refusal with the keys that other programs rely on; the effects only for the skin."""
        said = {"because": self.because, "missing": self.missing, "trials": self.trials}
        return said | skin.as_json(self.effects)


@dataclass(frozen=True)
class EarlyShed:
    """A rise of shedding after the start: its peak [wk], how many times the untreated, and the week it is over."""

    peak_week: int
    ratio: float
    over_by_week: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it with the keys that other programs rely on."""
        ratio = round(self.ratio, 2)
        return {"peak_week": self.peak_week, "ratio_to_untreated": ratio, "over_by_week": self.over_by_week}


@dataclass(frozen=True)
class ArmForecast:
    """What to expect under one arm; `reading` [draw, look] is None where the arm is refused."""

    regimen: Regimen
    evidence_class: EvidenceClass
    because: str
    months: list[int]
    reading: Reading | None = None
    untreated: Reading | None = None
    refused: Refused | None = None
    sources: list[str] = field(default_factory=list)

    @property
    def arm(self) -> str:
        """The arm as it was asked for."""
        return str(self.regimen)

    def values(self, quantity: str) -> Floats:
        """Return a quantity [draw, month]; shedding is the mean over the month before."""
        assert self.reading is not None
        looks = getattr(self.reading, quantity)
        if quantity == "daily_shedding":
            return _monthly_mean(looks)
        return looks[:, ::LOOKS]

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """Median and 90 % interval of each quantity."""
        return {quantity: _curve(self.values(quantity)) for quantity in QUANTITIES}

    @cached_property
    def over_untreated(self) -> Curve:
        """Terminal hairs [/cm2] more than the same person has untreated, with the same luck: median and interval."""
        assert self.untreated is not None
        return _curve(self.values("terminal_density") - self.untreated.terminal_density[:, ::LOOKS])

    @cached_property
    def coverage(self) -> Floats:
        """Summed diameter per area [draw, month], in cm/cm2."""
        return self.values("coverage")

    @cached_property
    def change(self) -> Floats:
        """Change of coverage since today [draw, month], as a share of today's."""
        return _relative(self.coverage, self.coverage[:, :1])

    @cached_property
    def chance_visible_gain(self) -> Floats:
        """Chance that the gain since today can be seen [month]."""
        return (self.change >= _visible()).mean(axis=0)

    @cached_property
    def of_100(self) -> dict[str, int]:
        """Of 100 people like this one, how many visibly gain, hold and visibly lose by month 12."""
        at = self.change[:, min(JUDGED_AT, self.months[-1])]
        shares = [np.mean(at >= _visible()), np.mean(np.abs(at) < _visible()), np.mean(at <= -_visible())]
        return dict(zip(("gain", "hold", "lose"), _whole(shares), strict=True))

    @cached_property
    def better_off(self) -> int:
        """Of 100 draws, how many have visibly more hair at month 12 than untreated, with the same luck."""
        assert self.untreated is not None
        at = min(JUDGED_AT, self.months[-1])
        more = _relative(self.coverage[:, at], self.untreated.coverage[:, ::LOOKS][:, at])
        return round(100.0 * float((more >= _visible()).mean()))

    @cached_property
    def first_visible(self) -> Floats:
        """Month [draw] from which hair is visibly more than without treatment; infinite where it never is."""
        assert self.untreated is not None
        more = _relative(self.coverage, self.untreated.coverage[:, ::LOOKS]) >= _visible()
        return np.where(more.any(axis=1), more.argmax(axis=1).astype(float), np.inf)

    @cached_property
    def month_of_visible_benefit(self) -> dict[str, float | None] | None:
        """Month from which hair is visibly more than without treatment; None unless half of the draws reach it."""
        ends = [float(np.quantile(self.first_visible, q, method="higher")) for q in (MEDIAN, LOW, HIGH)]
        if not np.isfinite(ends[0]):
            return None
        return {
            name: end if np.isfinite(end) else None
            for name, end in zip(("median", "low", "high"), ends, strict=True)
        }

    @cached_property
    def extra(self) -> Floats:
        """Terminal hairs per cm2 over no treatment [draw, month]."""
        assert self.untreated is not None
        return self.values("terminal_density") - self.untreated.terminal_density[:, ::LOOKS]

    @cached_property
    def extra_hair(self) -> dict[str, float]:
        """Terminal hairs per cm2 over no treatment, at month 12 (or at the end of a shorter forecast)."""
        extra = self.extra[:, min(JUDGED_AT, self.months[-1])]
        return {
            name: float(np.quantile(extra, q))
            for name, q in (("median", MEDIAN), ("low", LOW), ("high", HIGH))
        }

    @cached_property
    def early_shed(self) -> EarlyShed | None:
        """The early shed, where there is one: shedding against the untreated, look by look."""
        assert self.reading is not None and self.untreated is not None
        excess = float(evidence().numbers["reading.shed_excess"])
        looks = min(_SHED_WEEKS, self.reading.daily_shedding.shape[1] - 1)
        ratio = self.reading.daily_shedding[:, 1 : looks + 1].sum(axis=0) / np.maximum(
            self.untreated.daily_shedding[:, 1 : looks + 1].sum(axis=0), 1e-9
        )
        if looks < 2 or ratio.max() < excess:
            return None
        peak = int(ratio.argmax())
        calm = np.flatnonzero(ratio[peak:] < excess)
        return EarlyShed(_week(peak), float(ratio[peak]), _week(peak + int(calm[0])) if calm.size else None)

    def nearest_draw(self, quantile: float) -> int:
        """Return the draw that stands nearest to a quantile of the change by month 12, from a middling start."""
        change = self.change[:, min(JUDGED_AT, self.months[-1])]
        away = [
            (values - wanted) / (values.std() + 1e-9)
            for values, wanted in (
                (change, np.quantile(change, quantile)),
                (self.coverage[:, 0], np.median(self.coverage[:, 0])),
            )
        ]
        return int((away[0] ** 2 + away[1] ** 2).argmin())

    def as_json(self) -> dict[str, Any]:
        """Return the arm with the keys that other programs rely on."""
        out: dict[str, Any] = {"arm": self.arm, "class": None if self.refused else self.evidence_class}
        if self.refused:
            return out | {"refused": self.refused.as_json(), "sources": self.sources}
        out |= {"because": self.because, "months": self.months}
        for quantity, curve in (*self.curves.items(), ("over_untreated", self.over_untreated)):
            out[quantity] = {name: _rounded(getattr(curve, name)) for name in ("median", "low", "high")}
        shed = self.early_shed
        return out | {
            "chance_visible_gain": _rounded(self.chance_visible_gain, 3),
            "month_of_visible_benefit": self.month_of_visible_benefit,
            "of_100": self.of_100,
            "extra_hair_per_cm2": {name: round(value, 1) for name, value in self.extra_hair.items()},
            "early_shed": shed and shed.as_json(),
            "sources": self.sources,
        }


@dataclass(frozen=True)
class Forecast:
    """The expected course of one site under every arm; the first arm is no treatment."""

    today: Today
    months: list[int]
    arms: list[ArmForecast]
    area_cm2: float
    cutoff_um: float
    method: str = "phototrichogram read off the simulated follicles"
    variants: dict[str, ArmForecast] = field(default_factory=dict, compare=False, repr=False)

    def under(self, regimens: Iterable[Regimen]) -> list[ArmForecast]:
        """Return the forecast of each regimen: the same follicles, the same luck, beside the arms.

        What is known already is not run again, and what is not is run in one pass and remembered.
        """
        asked = list(regimens)
        missing = [regimen for regimen in dict.fromkeys(asked) if str(regimen) not in self._known]
        found = (
            _arms(self.today, missing, self.months, self.cutoff_um, self.arms[0].reading) if missing else []
        )
        self.variants.update({str(arm.regimen): arm for arm in found})
        return [self._known[str(regimen)] for regimen in asked]

    @property
    def _known(self) -> dict[str, ArmForecast]:
        return self.variants | {arm.arm: arm for arm in self.arms}

    @property
    def start(self) -> dt.date | None:
        """The date of month 0."""
        return self.today.start

    @property
    def warnings(self) -> list[str]:
        """What the reader should know before relying on it."""
        stopped = any(arm.reading and _stops(arm.regimen, self.months[-1]) for arm in self.arms)
        stale = [] if evidence().fitted else [_STALE]
        return [*self.today.warnings, *stale, *([_TOO_SLOW] if stopped else [])]

    @property
    def sources(self) -> list[str]:
        """The citekeys of the works that these numbers came through."""
        armed = {key for arm in self.arms for key in arm.sources}
        return sorted(armed | _cycle_sources() | self.today.sources)

    def arm(self, name: str) -> ArmForecast:
        """Return the arm of that name; raises KeyError where it was not asked for."""
        return next(arm for arm in self.arms if arm.arm == name)

    def at(self, month: int) -> dict[str, dict[str, float]]:
        """Return terminal hairs per cm2 at a month: median and 90 % interval, by arm."""
        return {
            arm.arm: {
                name: float(getattr(arm.curves["terminal_density"], name)[month])
                for name in ("median", "low", "high")
            }
            for arm in self.arms
            if not arm.refused
        }

    def as_json(self) -> dict[str, Any]:
        """Return the forecast with the keys that other programs rely on."""
        return {
            "site": self.today.site,
            "area_cm2": self.area_cm2,
            "cutoff_um": self.cutoff_um,
            "method": self.method,
            "start": self.start.isoformat() if self.start else None,
            "draws": self.today.draws,
            "interval": 0.9,
            "arms": [arm.as_json() for arm in self.arms],
        }


def forecast(
    today: Today, arms: Iterable[Regimen], months: int = MONTHS, variants: Iterable[Regimen] = ()
) -> Forecast:
    """Forecast a scalp under arms, `none` first, over 1 to 120 months; refused arms say why.

    `variants` are run in the same pass and stand beside the arms, not among them (see `Forecast.under`).
    """
    number = evidence().numbers
    course = list(range(months + 1))
    asked = [regimen for regimen in dict.fromkeys(arms) if regimen.parts]
    beside = [regimen for regimen in dict.fromkeys(variants) if regimen.parts and regimen not in asked]
    cutoff = float(number["reading.cutoff"])
    none, *found = _arms(today, [NO_TREATMENT, *asked, *beside], course, cutoff)
    kept = {str(arm.regimen): arm for arm in found[len(asked) :]}
    return Forecast(
        today, course, [none, *found[: len(asked)]], float(number["reading.area"]), cutoff, variants=kept
    )


# What follows on stopping a drug that lowers androgens misses its band (`follicast qualify`), so whoever asks is told.
_TOO_SLOW = (
    "after a stop the model gives the gain back more slowly than trials saw it go: "
    "there it was gone in 6 to 12 months"
)
_STALE = "the studies have changed since the model was fitted to them; run: follicast calibrate"
_UNTREATED = "untreated arms and natural history"


def _arms(
    today: Today,
    regimens: Sequence[Regimen],
    course: list[int],
    cutoff: float,
    untreated: Reading | None = None,
) -> list[ArmForecast]:
    """Return each regimen's forecast, all in one pass; without `untreated` the first is no treatment."""
    standings = [_standings(today, regimen) for regimen in regimens]
    worst = [max(found.values(), key=lambda s: _RANK[s.grade], default=None) for found in standings]
    given = [regimen for regimen, w in zip(regimens, worst, strict=True) if w is None or w.grade != "refused"]
    read = dict(zip(given, _readings(today, given, course[-1], cutoff), strict=True))
    none = read[NO_TREATMENT] if untreated is None else untreated
    return [
        _arm(regimen, found, w, course, read.get(regimen), none)
        for regimen, found, w in zip(regimens, standings, worst, strict=True)
    ]


def _standings(today: Today, regimen: Regimen) -> dict[str, Standing]:
    return {therapy: standing(evidence(), therapy, today.patient.sex) for therapy in regimen.therapies}


def _arm(
    regimen: Regimen,
    standings: dict[str, Standing],
    worst: Standing | None,
    course: list[int],
    reading: Reading | None,
    untreated: Reading,
) -> ArmForecast:
    if worst is None:
        return ArmForecast(regimen, "calibrated", _UNTREATED, course, untreated, untreated, None, [])
    sources = _sources(standings)
    if reading is None:
        therapy, why = next((t, s) for t, s in standings.items() if s.grade == "refused")
        no = _refusal(therapy, why)
        return ArmForecast(regimen, "refused", why.because, course, refused=no, sources=sources)
    return ArmForecast(regimen, worst.grade, worst.because, course, reading, untreated, None, sources)


def _readings(today: Today, regimens: Sequence[Regimen], months: int, cutoff: float) -> list[Reading]:
    """Run regimens side by side, each on its share of the threads; neither order nor number moves a bit."""
    ahead, threads = today.future(days_of(months)), default_threads()
    share = max(1, threads // max(1, len(regimens)))

    def read(regimen: Regimen) -> Reading:
        return look(today.scalp, wound(today, regimen, ahead), months, cutoff, share)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, regimens))


def days_of(months: int) -> int:
    """Return how many days [d] a forecast of so many months [mo] runs for."""
    return int(np.ceil(months * MONTH_D)) + 1


def wound(today: Today, regimen: Regimen, ahead: Weather) -> Clocks:
    """Wind the clocks of a scalp for the weather ahead, under a regimen."""
    pulled = pull(regimen, today.parameters, today.responders, today.patient.sex, ahead.drive.shape[1])
    return clocks(today.scalp, today.parameters, ahead, pulled)


def look(scalp: Scalp, wound: Clocks, months: int, cutoff_um: float, threads: int | None = None) -> Reading:
    """Let a scalp live through its clocks and read it `LOOKS` times a month, from the start to the end."""
    every = MONTH_D / LOOKS
    counts, _ = run(scalp, wound, every, months * LOOKS + 1, cutoff_um, threads)
    return observer.read(counts, scalp, every)


def _stops(regimen: Regimen, months: int) -> bool:
    stopped = [part for part in regimen.parts if part.stop_d < months * MONTH_D or part.pauses]
    return any(action.on == "drive" for part in stopped for action in part.record.mechanism)


def _refusal(therapy: str, why: Standing) -> Refused:
    studies = evidence().studies
    trials = [
        {
            "study": study,
            "what": ", ".join(
                arm.regimen or arm.what or "" for arm in studies[study].arms if arm.regimen != "none"
            ),
            "found": _found(study),
        }
        for study in why.studies
    ]
    return Refused(why.because, why.missing, trials, skin.effects(therapy))


def _found(study_id: str) -> str:
    study = evidence().studies[study_id]
    said = [result.told(evidence().units) for result in study.results]
    return "; ".join(said) or (study.note or "no figures could be read").strip()


def _sources(standings: dict[str, Standing]) -> list[str]:
    keys: set[str] = set()
    for therapy, found in standings.items():
        record = evidence().therapies[therapy]
        for study in (evidence().studies[name] for name in found.studies):
            if study.calibrating or found.grade == "refused":  # a curve rests on what it was fitted to
                keys |= set(study.citekeys)
        for action in record.actions:
            keys |= {key for number in _behind(action) for key in number.citekeys}
        if record.no_action:
            keys |= set(record.no_action.citekeys)
    return sorted(keys)


def _behind(action: Action) -> list[Number]:
    """Return the numbers that an action rests on."""
    named = [name for name in (action.potency, action.half_dose, action.dose_scale) if name]
    kinetics = [n for name, n in evidence().numbers.items() if name.startswith("pharmacology.")]
    return [
        *action.times.values(),
        *(evidence().parameters[name] for name in named),
        *(kinetics if action.shape == "reductase" else []),
    ]


def _cycle_sources() -> set[str]:
    numbers = [n for name, n in evidence().numbers.items() if name.startswith(("hair_cycle.", "reading."))]
    fitted = [s for s in evidence().studies.values() if any(r.calibrates for r in s.results)]
    return {key for sourced in (*numbers, *fitted) for key in sourced.citekeys}


def _relative(coverage: Floats, than: Floats) -> Floats:
    """Return by what share coverage is more than another; where hardly any hair is left, of the least that counts."""
    return (coverage - than) / np.maximum(than, float(evidence().numbers["reading.least_coverage"]))


def _visible() -> float:
    return float(evidence().numbers["reading.visible_change"]) / 100.0


def _curve(values: Floats) -> Curve:
    low, median, high = np.quantile(values, (LOW, MEDIAN, HIGH), axis=0)
    return Curve(median, low, high)


def _monthly_mean(looks: Floats) -> Floats:
    """Average looks [draw, look] over each month; month 0 borrows the first look, as nothing was seen before."""
    months = (looks.shape[1] - 1) // LOOKS
    inside = looks[:, 1 : 1 + months * LOOKS].reshape(looks.shape[0], months, LOOKS).mean(axis=2)
    return np.concatenate([looks[:, 1:2], inside], axis=1)


def _week(look: int) -> int:
    """Return the week [1-based] in which a look (0 being the first after the start) falls."""
    return max(1, round((look + 0.5) * MONTH_D / LOOKS / 7.0 + 0.5))


def _whole(shares: list[Any]) -> list[int]:
    """Round shares to whole people of 100 that still add up to 100."""
    exact = [100.0 * float(share) for share in shares]
    whole = [int(x) for x in exact]
    for i in sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])[: 100 - sum(whole)]:
        whole[i] += 1
    return whole


def _rounded(values: Floats, digits: int = 2) -> list[float]:
    return [round(float(value), digits) for value in values]
