"""Every open option beside every other: no treatment, wait and watch, each therapy and each sensible pair.

What screening closed or left waiting, and what has no curve, is never laid beside the rest (law 5); it is shown
with its reason among the alternatives. Stopping is foreseen for all options in one pass.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from follicast.assessment.answer import Assessment
from follicast.evidence.library import evidence
from follicast.evidence.price import PriceList
from follicast.forecast import ArmForecast, Forecast
from follicast.plan import balance
from follicast.plan.choice import WATCH, approval, status_of, unwished
from follicast.plan.cost import cost_for
from follicast.plan.criteria import Traits, cost_shares, measured
from follicast.plan.effort import Effort, effort, watching
from follicast.plan.harms import worst
from follicast.plan.preferences import Preferences
from follicast.plan.pregnancy import pregnancy
from follicast.plan.ranking import TRIES, Ranking, rank
from follicast.plan.stopping import stopped, stopping

FOLLOWED = "of what is open and within the wishes, it suits the weights that were told best"
NOTHING_SUITS = "by the weights that were told, nothing open and within the wishes suits better than this"


def traits(
    assessment: Assessment,
    forecast: Forecast,
    looks: int,
    on_request: bool = False,
    prices: PriceList | None = None,
) -> dict[str, Traits]:
    """Return what each open option with a curve is like, by arm; `none` and `watch` are always there.

    `looks` is how often one who waits and watches is seen in the first year.
    """
    none = forecast.arms[0]
    shown = [arm for arm in forecast.arms[1:] if arm.regimen.parts and status_of(assessment, arm) == "open"]
    after = forecast.under(stopped(arm.regimen) for arm in shown)
    found = {
        none.arm: _without(assessment, none, effort(none.regimen)),
        WATCH: _without(assessment, none, watching(looks)),
    }
    for arm, ended in zip(shown, after, strict=True):
        found[arm.arm] = _of(assessment, arm, ended, on_request, prices)
    return found


def ranking(
    assessment: Assessment, forecast: Forecast, options: Mapping[str, Traits], liked: Preferences
) -> Ranking:
    """Return the options in order of how well they suit the weights; the same seed gives the same order."""
    seed, shares = forecast.today.seed, cost_shares(options, assessment.patient.budget)
    tried = {
        name: measured(one, shares[name], np.random.default_rng([seed, place]), TRIES)
        for place, (name, one) in enumerate(options.items())
    }
    return rank(tried, liked, seed, called)


def followed(assessment: Assessment, forecast: Forecast, order: Ranking) -> tuple[str, str]:
    """Return the option that a ranking advises, and why: the first that keeps to the wishes."""
    regimens = {arm.arm: arm.regimen for arm in forecast.arms}
    suited = [
        placed.arm
        for placed in order.options
        if placed.arm not in regimens or not unwished(assessment.patient, regimens[placed.arm])
    ]
    treats = suited[0] in regimens and bool(regimens[suited[0]].parts)
    return suited[0], FOLLOWED if treats else NOTHING_SUITS


def called(arm: str) -> str:
    """Return what an option is called in our own words."""
    named = {"none": "no treatment", WATCH: "wait and watch"}
    if arm in named:
        return named[arm]
    records = evidence().therapies
    return " + ".join(records[part.partition(":")[0]].short for part in arm.split("+"))


def sources(option: Traits) -> set[str]:
    """Return the citekeys behind what is told of an option beside its forecast."""
    told = filter(None, (worst(option.harms, "mild", "mild"), worst(option.harms, "moderate")))
    keys = {key for line in told for key in line.source}
    return keys | set(option.pregnancy.source if option.pregnancy else [])


def _without(assessment: Assessment, none: ArmForecast, asked: Effort) -> Traits:
    stop = pregnancy(none.regimen, assessment.patient, assessment.policy)
    return Traits(none, [], asked, None, stop, None, None, 0.0)


def _of(
    assessment: Assessment,
    arm: ArmForecast,
    ended: ArmForecast,
    on_request: bool,
    prices: PriceList | None,
) -> Traits:
    regimen, patient = arm.regimen, assessment.patient
    sure = balance.certainty(regimen, patient.sex)
    priced = cost_for(assessment, regimen, on_request=on_request, prices=prices)
    return Traits(
        arm,
        balance.harms(regimen),
        effort(regimen),
        stopping(arm, ended),
        pregnancy(regimen, patient, assessment.policy),
        sure.grade if sure else None,
        approval(regimen, patient.sex, assessment.policy),
        priced.first_year,
        priced.currency,
    )
