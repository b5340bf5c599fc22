"""Facts a model of hair should show without having been told, each with its band and a verdict.

`fitted` marks facts that calibration has seen in one form or another; only `emergent` ones are evidence that the
mechanism is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from follicast import cycle, observer
from follicast.cycle import Floats, luck_keys
from follicast.evidence.library import evidence
from follicast.observer import Reading
from follicast.parameters import parameters
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.scalp import Scalp, born
from follicast.trials.cohort import Grown, cohorts, grow, treat

DRAWS = 12
PERSONS, FOLLICLES = 24, 400
_STOP_WEEK, _FOLLOWED = 96, 104


Kind = Literal["emergent", "fitted"]


@dataclass(frozen=True)
class Fact:
    """One fact: the band it should fall into and the values [draw] that came out."""

    fact: str
    kind: Kind
    low: float
    high: float
    values: Floats
    unit: str

    @property
    def value(self) -> float:
        """The median over posterior draws."""
        return float(np.median(self.values))

    def as_json(self) -> dict[str, Any]:
        """Return the keys that other programs rely on."""
        low90, high90 = (round(float(end), 2) for end in np.quantile(self.values, [0.05, 0.95]))
        return {
            "fact": self.fact, "kind": self.kind, "low": self.low, "high": self.high, "unit": self.unit,
            "value": round(self.value, 2), "low90": low90, "high90": high90,
            "holds": bool(self.low <= self.value <= self.high),
        }  # fmt: skip


def _fact(name: str, says: str, kind: Kind, values: Floats) -> Fact:
    """Return a fact with the band that the evidence gives it."""
    band = evidence().numbers[f"facts.{name}"]
    assert band.spread is not None and band.spread.low is not None and band.spread.high is not None
    return Fact(says, kind, band.spread.low, band.spread.high, values, band.unit)


def check(say: Callable[[str], None]) -> list[Fact]:
    """Run the facts on some posterior draws."""
    z = evidence().posterior.draws()
    believed = parameters(z[np.linspace(0, len(z) - 1, DRAWS).astype(int)])
    say("emergent facts: a healthy scalp")
    found = _healthy(believed)
    say("emergent facts: men and women under treatment")
    men, women = (grow(cohorts()[who], believed, PERSONS, FOLLICLES) for who in ("men", "women"))
    return found + _men(men) + _early_shed(women) + _withdrawal(men)


def cutoff() -> float:
    """Return the diameter [um] from which a hair counts as terminal."""
    return float(evidence().numbers["reading.cutoff"])


def healthy(believed: dict[str, Floats]) -> Scalp:
    """Return a large scalp of each draw that androgens leave alone."""
    draws = believed["anagen"].size
    return born(
        luck_keys(3, draws),
        believed,
        1e-6 * np.ones(draws),
        believed["follicle_density"],
        believed["full_diameter"],
        20_000,
    )


def _healthy(believed: dict[str, Floats]) -> list[Fact]:
    scalp = healthy(believed)
    standing = observer.standing(scalp)
    phases = [(scalp.state.phase == p).mean(axis=1) for p in range(4)]
    seen = phases[cycle.ANAGEN] + phases[cycle.CATAGEN] + phases[cycle.TELOGEN]
    mean = scalp.life.mean_work[:, :, 0].copy()
    mean[:, cycle.KENOGEN] *= scalp.life.kenogen_share[:, 0]
    shed = observer.whole_scalp() / mean.sum(axis=1)
    resting = 100.0 - standing.anagen_share[:, 0]
    return [
        _fact("shed_healthy", "healthy scalp: hairs shed a day from 100,000 follicles", "emergent", shed),
        _fact("telogen_healthy", "healthy scalp: resting hairs as a phototrichogram counts them", "emergent", resting),
        _fact("anagen_histology", "healthy histology: anagen among follicles with hair", "emergent",
              100 * phases[cycle.ANAGEN] / seen),
    ]  # fmt: skip


def _men(men: Grown) -> list[Fact]:
    none, finasteride = (
        treat(men, NO_TREATMENT, 260, cutoff()),
        treat(men, Regimen("finasteride"), 104, cutoff()),
    )
    start = men.mean(none.total_density[:, :1])[:, 0]

    def net(week: int, what: str) -> Floats:
        return men.mean(getattr(finasteride, what))[:, week] - men.mean(getattr(none, what))[:, week]

    lost = 100 * (men.mean(none.total_density)[:, 260] / start - 1)
    thinner = _share_lost(men, none.coverage, 192) / _share_lost(men, none.total_density, 192)
    drug = "finasteride against placebo"
    return [
        _fact("vertex_five_years", "untreated men's vertex: change of count in 5 years", "fitted", lost),
        _fact("finasteride_total", f"{drug}, 48 weeks: total hairs", "fitted", net(48, "total_density")),
        _fact("finasteride_anagen", f"{drug}, 48 weeks: anagen hairs", "fitted", net(48, "anagen_density")),
        _fact("finasteride_two_years", f"{drug}, 2 years: total hairs", "fitted", net(104, "total_density")),
        _fact(
            "mass_over_count",
            "untreated men: loss of hair mass over loss of count, 4 years",
            "emergent",
            thinner,
        ),
    ]


def _share_lost(men: Grown, values: Floats, week: int) -> Floats:
    course = men.mean(values)
    return 1.0 - course[:, week] / course[:, 0]


def _early_shed(women: Grown) -> list[Fact]:
    none, drug = (
        treat(women, NO_TREATMENT, 24, cutoff()),
        treat(women, Regimen("minoxidil-topical-5"), 24, cutoff()),
    )
    ratio = shed_ratio(women, drug, none)
    peak = ratio.argmax(axis=1)
    return [
        _fact("shed_peak", "minoxidil: week of the peak of shedding", "emergent", peak + 1.0),
        _fact("shed_over", "minoxidil: week by which shedding is back under 1.2 times", "emergent",
              shed_over(ratio) + 1.0),
    ]  # fmt: skip


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


def _withdrawal(men: Grown) -> list[Fact]:
    none = treat(men, NO_TREATMENT, _STOP_WEEK + _FOLLOWED, cutoff())
    drugs = {"minoxidil_withdrawal": "minoxidil-topical-5", "finasteride_withdrawal": "finasteride"}
    says = "stopped: weeks until three quarters of the gain are gone"
    return [
        _fact(
            name,
            f"{drug} {says}",
            "emergent",
            weeks_until_gone(*_stopped(men, drug, none)),
        )
        for name, drug in drugs.items()
    ]


def _stopped(men: Grown, drug: str, none: Reading) -> tuple[Floats, int]:
    """Return the gain [draw, week] under a drug that is stopped, and the week at which it was."""
    stopped = treat(men, Regimen(f"{drug}:stop@{_STOP_WEEK}wk"), _STOP_WEEK + _FOLLOWED, cutoff())
    return men.mean(stopped.total_density - none.total_density), _STOP_WEEK


def weeks_until_gone(gain: Floats, stopped: int) -> Floats:
    """Return the weeks [draw] after stopping at which a gain [draw, week] counts as gone.

    Where more is left to the end, it is the number of weeks that were followed.
    """
    little = float(evidence().numbers["claims.gone"]) / 100.0
    after = gain[:, stopped:]
    left = after / np.maximum(after[:, :1], 1e-9)
    followed = after.shape[1] - 1
    return np.array([next((w for w, x in enumerate(row) if x < little), followed) for row in left], float)
