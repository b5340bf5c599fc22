"""On track, off track or too early to tell; what share of the doses would explain it; when to look again.

The course is held against what was forecast for the arm that was followed. A verdict asks for a chance of three in
four, and for counts that told something. It does not say why: a weak answer and missed doses look alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from follicast import observer
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.forecast import JUDGED_AT, ArmForecast
from follicast.regimen import Regimen

Word = Literal["on track", "too early to tell", "off track"]
SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)
METHODS = ("phototrichogram", "matched")
_EVERY = 3  # months between looks worth comparing


@dataclass(frozen=True)
class Track:
    """Whether a course goes as forecast: the `chance` [1] that the change by `month` ends above the lowest quarter.

    `expected` and `now` are the change of terminal hairs [/cm2] by that month, before and after the visits: median,
    low and high (90 %); `narrowed` [1] is by how much the visits narrowed it.
    """

    word: Word
    chance: float
    month: int
    narrowed: float
    expected: dict[str, float]
    now: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return {
            key: round(value, 3) if isinstance(value, float) else value for key, value in vars(self).items()
        }


@dataclass(frozen=True)
class Adherence:
    """How likely each share of the doses is [1], all being alike beforehand: what was counted, and nothing else."""

    shares: dict[float, float]

    @property
    def likeliest(self) -> float:
        """The share of the doses [1] that agrees best with what was counted."""
        return max(self.shares, key=lambda share: self.shares[share])

    def as_json(self) -> dict[str, Any]:
        """Return the shares and the likeliest."""
        return {
            "shares": [{"share": share, "chance": round(p, 3)} for share, p in self.shares.items()],
            "likeliest": self.likeliest,
        }


@dataclass(frozen=True)
class NextLook:
    """A count at `month` by a method, and by how much [1] it would narrow the change that is judged."""

    month: int
    method: str
    narrows: float
    worth_it: bool

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return vars(self) | {"narrows": round(self.narrows, 3)}


def judged_at(months: list[int], last: float) -> int:
    """Return the month at which a course is judged: the next whole year after the last visit, or the end."""
    return min(JUDGED_AT * (int(last // JUDGED_AT) + 1), months[-1])


def track(before: ArmForecast, after: ArmForecast, last: float) -> Track:
    """Hold the course of an arm after visits against what was forecast of it."""
    month = judged_at(after.months, last)
    expected, now = _change(before, month), _change(after, month)
    chance = float((now >= np.quantile(expected, _number("expected_from"))).mean())
    narrowed = 1.0 - float(now.std() / max(expected.std(), 1e-9))
    return Track(_word(chance, narrowed), chance, month, narrowed, _ends(expected), _ends(now))


def _word(chance: float, narrowed: float) -> Word:
    surely = _number("surely")
    if chance <= 1.0 - surely:
        return "off track"
    return "on track" if chance >= surely and narrowed >= _number("narrowed") else "too early to tell"


def _change(arm: ArmForecast, month: int) -> Floats:
    values = arm.values("terminal_density")
    return values[:, month] - values[:, 0]


def _ends(change: Floats) -> dict[str, float]:
    low, median, high = np.quantile(change, (0.05, 0.5, 0.95))
    return {"median": round(float(median), 1), "low": round(float(low), 1), "high": round(float(high), 1)}


def adherence(arm: Regimen, agreed: Callable[[Regimen], Floats]) -> Adherence:
    """Weigh each share of the doses by how well virtual people who took that share agree with what was counted."""
    said = {share: agreed(_taken(arm, share)) for share in SHARES}
    most = max(float(log.max()) for log in said.values())
    likely = {share: float(np.exp(log - most).mean()) for share, log in said.items()}
    return Adherence({share: value / sum(likely.values()) for share, value in likely.items()})


def _taken(arm: Regimen, share: float) -> Regimen:
    return Regimen("+".join(str(replace(part, adherence=part.adherence * share)) for part in arm.parts))


def next_looks(arm: ArmForecast, last: float, judged: int) -> list[NextLook]:
    """Return what one more count would narrow, by month and method; the first look that is worth it is marked.

    As if courses were normal: a count narrows the change that is judged by how closely the two go together.
    """
    values = arm.values("terminal_density")
    change = values[:, judged] - values[:, 0]
    months = [month for month in range(_EVERY, judged + 1, _EVERY) if month >= last + 1]
    found = [
        (month, method, _narrows(change, values[:, month], method)) for method in METHODS for month in months
    ]
    worth = [(month, method) for month, method, by in found if by >= _number("narrowed")]
    first = min(worth, key=lambda one: (METHODS.index(one[1]), one[0]), default=None)
    return [NextLook(month, method, by, (month, method) == first) for month, method, by in found]


def _narrows(change: Floats, count: Floats, method: str) -> float:
    off = observer.error_share(method) / math.sqrt(2.0) * float(count.mean())
    together = float(np.cov(change, count)[0, 1])
    explained = together**2 / max(float(change.var() * (count.var() + off**2)), 1e-9)
    return 1.0 - math.sqrt(max(0.0, 1.0 - explained))


def _number(name: str) -> float:
    return float(evidence().numbers[f"follow_up.{name}"])
