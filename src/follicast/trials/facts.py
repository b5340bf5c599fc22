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
from follicast.parameters import parameters
from follicast.regimen import NO_TREATMENT, Regimen
from follicast.scalp import born
from follicast.trials.cohort import Grown, cohorts, grow, treat

DRAWS = 12
PERSONS, FOLLICLES = 24, 400
_STOP_WEEK = 96


@dataclass(frozen=True)
class Fact:
    """One fact: the band it should fall into, the value that came out, and the spread over draws."""

    fact: str
    kind: Literal["emergent", "fitted"]
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
        spread = np.quantile(self.values, [0.05, 0.95])
        return {
            "fact": self.fact,
            "kind": self.kind,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "value": round(self.value, 2),
            "low90": round(float(spread[0]), 2),
            "high90": round(float(spread[1]), 2),
            "holds": bool(self.low <= self.value <= self.high),
        }


def check(say: Callable[[str], None]) -> list[Fact]:
    """Run the facts on some posterior draws."""
    z = evidence().posterior.draws()
    believed = parameters(z[np.linspace(0, len(z) - 1, DRAWS).astype(int)])
    say("emergent facts: a healthy scalp")
    found = _healthy(believed)
    say("emergent facts: men and women under treatment")
    men, women = (grow(cohorts()[who], believed, PERSONS, FOLLICLES) for who in ("men", "women"))
    return found + _men(men) + _early_shed(women) + _withdrawal(men)


def _healthy(believed: dict[str, Floats]) -> list[Fact]:
    draws = believed["anagen"].size
    ones = np.ones(draws)
    scalp = born(
        luck_keys(3, draws),
        believed,
        1e-6 * ones,
        believed["follicle_density"],
        believed["full_diameter"],
        20_000,
    )
    standing = observer.standing(scalp)
    phases = [(scalp.state.phase == p).mean(axis=1) for p in range(4)]
    seen = phases[cycle.ANAGEN] + phases[cycle.CATAGEN] + phases[cycle.TELOGEN]
    mean = scalp.life.mean_work[:, :, 0].copy()
    mean[:, cycle.KENOGEN] *= scalp.life.kenogen_share[:, 0]
    shed = observer.WHOLE_SCALP / mean.sum(axis=1)
    return [
        Fact(
            "healthy scalp: hairs shed a day from 100,000 follicles", "emergent", 50, 150, shed, "{hairs}/d"
        ),
        Fact(
            "healthy scalp: telogen and catagen as a phototrichogram counts them",
            "emergent",
            8,
            14,
            100.0 - standing.anagen_share[:, 0],
            "%",
        ),
        Fact(
            "healthy histology: anagen among follicles with hair",
            "emergent",
            85,
            94,
            100 * phases[cycle.ANAGEN] / seen,
            "%",
        ),
    ]


def _men(men: Grown) -> list[Fact]:
    none, finasteride = treat(men, NO_TREATMENT, 260, 40.0), treat(men, Regimen("finasteride"), 104, 40.0)
    start = men.mean(none.total_density[:, :1])[:, 0]

    def net(week: int, what: str) -> Floats:
        return men.mean(getattr(finasteride, what))[:, week] - men.mean(getattr(none, what))[:, week]

    return [
        Fact(
            "untreated men's vertex: change of count in 5 years",
            "fitted",
            -32,
            -20,
            100 * (men.mean(none.total_density)[:, 260] / start - 1),
            "%",
        ),
        Fact(
            "finasteride against placebo at 48 weeks: total hairs",
            "fitted",
            14,
            24,
            net(48, "total_density"),
            "/cm2",
        ),
        Fact(
            "finasteride against placebo at 48 weeks: anagen hairs",
            "fitted",
            21,
            33,
            net(48, "anagen_density"),
            "/cm2",
        ),
        Fact(
            "finasteride against placebo at 2 years: total hairs",
            "fitted",
            22,
            32,
            net(104, "total_density"),
            "/cm2",
        ),
        Fact(
            "untreated men: loss of hair mass over loss of count, 4 years",
            "emergent",
            1.5,
            2.5,
            _share_lost(men, none.coverage, 192) / _share_lost(men, none.total_density, 192),
            "1",
        ),
    ]


def _share_lost(men: Grown, values: Floats, week: int) -> Floats:
    course = men.mean(values)
    return 1.0 - course[:, week] / course[:, 0]


def _early_shed(women: Grown) -> list[Fact]:
    none, drug = treat(women, NO_TREATMENT, 24, 40.0), treat(women, Regimen("minoxidil-topical-5"), 24, 40.0)
    ratio = women.mean(drug.daily_shedding)[:, 1:] / women.mean(none.daily_shedding)[:, 1:]
    calm = (
        np.array([next((w for w in range(int(row.argmax()), 24) if row[w] < 1.2), 24) for row in ratio]) + 1.0
    )
    return [
        Fact("minoxidil: week of the peak of shedding", "emergent", 2, 8, ratio.argmax(axis=1) + 1.0, "wk"),
        Fact("minoxidil: week by which shedding is back under 1.2 times", "emergent", 3, 12, calm, "wk"),
    ]


def _withdrawal(men: Grown) -> list[Fact]:
    weeks = _STOP_WEEK + 60
    none = treat(men, NO_TREATMENT, weeks, 40.0)
    facts = []
    for drug, low, high in (("minoxidil-topical-5", 8.0, 28.0), ("finasteride", 26.0, 52.0)):
        stopped = treat(men, Regimen(f"{drug}:stop@{_STOP_WEEK}wk"), weeks, 40.0)
        gain = men.mean(stopped.total_density - none.total_density)
        left = gain[:, _STOP_WEEK:] / np.maximum(gain[:, _STOP_WEEK : _STOP_WEEK + 1], 1e-9)
        gone = np.array(
            [next((w for w, share in enumerate(row) if share < 0.25), 60) for row in left], dtype=float
        )
        facts.append(
            Fact(
                f"{drug} stopped: weeks until three quarters of the gain are gone",
                "emergent",
                low,
                high,
                gone,
                "wk",
            )
        )
    return facts
