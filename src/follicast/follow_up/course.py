"""A forecast weighed by what visits found: guesses grown anew, kept as far as they agree, and moved towards the counts.

Counts of the start are weighed together with the later ones, since the same error sits in all of them; so the guesses
are grown without any count. Where few agree, more are grown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from follicast import instruments
from follicast.cycle import Floats
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.follow_up import luck
from follicast.follow_up.luck import Field
from follicast.follow_up.observations import Seen, seen, unread
from follicast.follow_up.track import Adherence, NextLook, Track, adherence, next_looks, track
from follicast.forecast import LOOKS, Forecast
from follicast.parameters import turned
from follicast.patient import Patient, Visit
from follicast.regimen import Regimen
from follicast.today import Today, resample, today

FOLLICLES = 900  # more than a counted field holds, so that the luck of that field can be told from the person
_TIMES, _MOST_TIMES = 2, 8  # guesses grown for each draw of the forecast
_FEW = 0.2  # share of the draws that must count, or more guesses are grown
_HALVINGS = 30
_APART = 104_729  # guesses of a follow-up share no luck with those of the forecast
_INSTRUMENTS = {"shedding_score": instruments.shedding_score, "wash_count": instruments.wash_count}


@dataclass(frozen=True)
class FollowUp:
    """A forecast before and after visits; `taken` is the arm that was followed, `before` what was said at the start.

    `agreeing` is how many of the `grown` guesses the visits left standing.
    """

    before: Forecast
    forecast: Forecast
    taken: str
    observations: list[Seen]
    grown: int
    agreeing: float
    by_adherence: Adherence | None
    unread: list[str]

    @cached_property
    def track(self) -> Track:
        """Whether the course is on track, off track, or cannot be told yet."""
        return track(self.before.arm(self.taken), self.forecast.arm(self.taken), self.last_month)

    @cached_property
    def next_looks(self) -> list[NextLook]:
        """What a next count would tell, by month and method; the first that is worth it is marked."""
        return next_looks(self.forecast.arm(self.taken), self.last_month, self.track.month)

    @property
    def last_month(self) -> float:
        """The month of the last observation."""
        return max((one.month for one in self.observations), default=0.0)

    @property
    def warnings(self) -> list[str]:
        """What the reader should know before relying on it."""
        few = self.agreeing < _FEW * self.forecast.today.draws
        rare = f"what was counted is rare in the model: {self.agreeing:.0f} of {self.grown} guesses agree with it"
        return [*self.forecast.warnings, *self.unread, *([rare] if few else [])]

    def as_json(self) -> dict[str, Any]:
        """Return the forecast after the visits, with what it was before and what it means."""
        return self.forecast.as_json() | {
            "taken": self.taken,
            "observations": [vars(one) for one in self.observations],
            "before": self.before.as_json()["arms"],
            "grown": self.grown,
            "agreeing": round(self.agreeing, 1),
            "track": self.track.as_json(),
            "adherence": self.by_adherence and self.by_adherence.as_json(),
            "next_looks": [one.as_json() for one in self.next_looks],
        }


def given(
    before: Forecast, visits: Iterable[Visit], taken: str | None = None, *, grown: Today | None = None
) -> FollowUp:
    """Return a forecast sharpened by visits; `taken` is the arm followed since the start (default: no treatment).

    `grown` are guesses grown by `uncounted` for the same person, to be weighed again. Raises `InputError` where the
    arm is not among those of the forecast, and for visits before its start or after its end.
    """
    person, arm = before.today.patient, before.arms[0].arm if taken is None else taken
    if arm not in [one.arm for one in before.arms if one.refused is None]:
        raise InputError(f"'{arm}' has no curve in this forecast; it has: {_curves(before)}")
    visits = list(visits)
    observations = seen(person, visits, before.today.site, before.start)
    months = before.months[-1]
    if late := [one for one in observations if one.month > months]:
        raise InputError(
            f"month {late[0].month:.1f}: the forecast ends at month {months}; forecast for longer."
        )
    many, agreement = _weighed(before, Regimen(arm), observations, grown)
    after = sharpened(before, many, agreement, arm, observations)
    return FollowUp(
        before,
        after,
        arm,
        observations,
        many.draws,
        effective(agreement),
        _adherence(many, Regimen(arm), observations, before),
        unread(person, visits, before.today.site),
    )


def uncounted(before: Forecast, times: int = _TIMES) -> Today:
    """Grow a forecast's person anew without any count, `times` guesses for each of its draws."""
    now = before.today
    person: Patient = now.patient.model_copy(update={"counts": []})
    draws, seed = times * now.draws, now.seed + _APART
    beliefs = both_ways(evidence().posterior.draws(), seed)
    return today(person, seed, draws, now.start, now.site, follicles=FOLLICLES, beliefs=beliefs)


def both_ways(beliefs: Floats, seed: int) -> Floats:
    """Return beliefs [draw, parameter] of which a share reads what is not settled the other way than trials do.

    Trials nearly rule the other reading out for people on average; one person's counts may still speak for it.
    """
    other = np.random.default_rng(seed).random(len(beliefs)) < float(
        evidence().numbers["follow_up.other_reading"]
    )
    turned_over = beliefs.copy()
    for column, prior in enumerate(evidence().parameters.values()):
        if prior.scale == "switch":
            edge = turned(prior.value)
            turned_over[other, column] = edge - np.sign(beliefs[other, column] - edge)
    return turned_over


def _weighed(
    before: Forecast, arm: Regimen, observations: list[Seen], grown: Today | None
) -> tuple[Today, Floats]:
    """Return guesses and the log of how well each agrees with what was seen; more of them where few do."""
    times = _TIMES
    while True:
        many = grown or uncounted(before, times)
        agreement = agreed(many, so_far(many, arm, observations, before.cutoff_um), observations)
        enough = effective(agreement) >= _FEW * before.today.draws
        if enough or grown is not None or times >= _MOST_TIMES:
            return many, agreement
        times *= 2


def effective(agreement: Floats) -> float:
    """Return how many guesses count, from the log of how well each agrees [guess] (Kish's effective number)."""
    weight = np.exp(agreement - agreement.max())
    return float(weight.sum() ** 2 / (weight**2).sum())


def blunted(agreement: Floats, least: float) -> Floats:
    """Return log agreements [guess] raised to the largest power up to 1 under which at least so many guesses count.

    Where hardly any guess agrees, the model is likelier to be wrong than the few that do are to be right.
    """
    if effective(agreement) >= least:
        return agreement
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle * agreement) >= least else (low, middle)
    return low * agreement


def so_far(many: Today, arm: Regimen, observations: list[Seen], cutoff_um: float) -> Field:
    """Let guesses live under an arm until the last observation."""
    months = max(1, int(np.ceil(max((one.month for one in observations), default=0.0))))
    return luck.field(many, arm, months, cutoff_um)


def agreed(many: Today, field: Field, observations: list[Seen]) -> Floats:
    """Return the log agreement [draw] of guesses with what was seen of their field."""
    counts = luck.counted(observations)
    others = [one for one in observations if one not in counts]
    total = np.zeros(many.draws)
    if counts:
        which, when = field.at(counts)
        here = field.strays[:, which, when]
        freed = luck.free(many, counts[0].area_cm2)
        strayed = luck.doubt() * freed[:, None, None] * np.einsum("dip,djp->ij", here, here) / many.draws
        total += _log_normal(field.whole[:, which, when], counts, strayed + luck.errors(counts))
    if others:
        said = np.stack([_said(one, field) for one in others], axis=1)
        total += _log_normal(said, others, luck.errors(others)[None])
    return total


def _log_normal(said: Floats, observations: list[Seen], covariance: Floats) -> Floats:
    off = np.array([one.value for one in observations]) - said
    pulled = np.linalg.solve(covariance, off[..., None])[..., 0]
    return -0.5 * ((off * pulled).sum(axis=1) + np.linalg.slogdet(covariance)[1])


def _said(one: Seen, field: Field) -> Floats:
    """Return what each draw [draw] says of an observation that is no count of a field."""
    read = luck.reading(field.whole)
    if one.quantity == "mean_diameter":
        return read.mean_diameter[:, one.look]
    shed = read.daily_shedding[:, max(1, one.look - LOOKS + 1) : one.look + 1 + (one.look == 0)].mean(axis=1)
    return _INSTRUMENTS[one.quantity](shed)


def sharpened(
    before: Forecast, many: Today, agreement: Floats, arm: str, observations: list[Seen]
) -> Forecast:
    """Forecast guesses kept by their log agreement [guess], their fields moved towards the counts under every arm."""
    blunt = blunted(agreement, _FEW * before.today.draws)
    picked = many.picked(resample(blunt, before.today.draws, before.today.seed))
    kept = replace(picked, patient=before.today.patient)
    curved = [one for one in before.arms if one.refused is None]
    fields = [luck.field(kept, one.regimen, before.months[-1], before.cutoff_um) for one in curved]
    counts = luck.counted(observations)
    freed = luck.free(kept, counts[0].area_cm2) if counts else np.zeros(kept.draws)
    taken = [one.arm for one in curved].index(arm)
    rng = np.random.default_rng([kept.seed, len(counts)])
    readings = [luck.reading(sums) for sums in luck.moved(fields, taken, counts, freed, rng)]
    told = {
        one.arm: replace(one, reading=found, untreated=readings[0])
        for one, found in zip(curved, readings, strict=True)
    }
    return replace(before, today=kept, arms=[told.get(one.arm, one) for one in before.arms], variants={})


def _adherence(many: Today, arm: Regimen, observations: list[Seen], before: Forecast) -> Adherence | None:
    """Weigh what share of the doses was taken, where doses are taken and something was seen after the start."""
    if not arm.parts or not any(one.month > 0 for one in observations):
        return None
    return adherence(
        arm, lambda regimen: agreed(many, so_far(many, regimen, observations, before.cutoff_um), observations)
    )


def _curves(before: Forecast) -> str:
    return ", ".join(one.arm for one in before.arms if one.refused is None)
