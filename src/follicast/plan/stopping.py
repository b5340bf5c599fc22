"""What stopping does: how much of a gain is left later, from the model's own forecast of a stop at month 12.

The same follicles and the same luck run under the regimen and under its stop. After a drug that lowers androgens
the model lets go more slowly than trials saw; whoever reads a number here is told so by the forecast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from follicast.evidence.library import evidence
from follicast.forecast import ArmForecast
from follicast.regimen import MONTH_D, Part, Regimen

_LOOK_MONTHS = 12  # after the stop


@dataclass(frozen=True)
class Stopping:
    """What is left of the gain over no treatment after a stop.

    `stopped_at` [mo], `look_at` [mo], `left_percent` [%] of the mean gain at the stop, `gone_by` [mo] the first
    month with less than a fifth of it left; None where there was no gain, or where it is not gone yet.
    """

    stopped_at: float
    look_at: int
    left_percent: float | None
    gone_by: int | None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


def stopped(regimen: Regimen, month: float | None = None) -> Regimen:
    """Return a regimen with every part stopped at a month (default: `choice.stop_late`), if not sooner."""
    at = (float(evidence().numbers["choice.stop_late"]) if month is None else month) * MONTH_D
    return worded(replace(part, stop_d=min(part.stop_d, at)) for part in regimen.parts if part.start_d < at)


def worded(parts: Iterable[Part]) -> Regimen:
    """Return the regimen of some parts, in the words of an arm."""
    said = "+".join(map(str, parts))
    return Regimen(said) if said else Regimen()


def stopping(arm: ArmForecast, after: ArmForecast) -> Stopping | None:
    """Return what is left of an arm's gain once it is stopped; None where the forecast ends with the stop."""
    if not arm.regimen.parts or not after.regimen.parts:
        return None
    at = round(_stop_month(after.regimen.parts))
    last = min(after.months[-1], at + _LOOK_MONTHS)
    if last <= at:
        return None
    gain, course = float(arm.extra[:, at].mean()), after.extra.mean(axis=0)
    if gain < float(evidence().numbers["choice.any_hair"]):
        return Stopping(at, last, None, None)
    share = float(evidence().numbers["choice.gone"]) / 100.0
    gone = np.flatnonzero(course[at : after.months[-1] + 1] < share * gain)
    left = float(np.clip(100.0 * course[last] / gain, 0.0, 100.0))
    return Stopping(at, last, round(left), at + int(gone[0]) if gone.size else None)


def _stop_month(parts: tuple[Part, ...]) -> float:
    return max(part.stop_d for part in parts) / MONTH_D
