"""A published study: its arms, what was measured in them and when, and how far it can be trusted.

Counts are kept in the unit they were printed in; `area_cm2` turns a count per target area into hairs/cm2.
A printed difference between arms is a datum of its own (`minus` names the arm that was taken away).
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from follicast.evidence.number import Sourced, Spread
from follicast.evidence.reader import Strict

Endpoint = Literal[
    "total_density",
    "terminal_density",
    "anagen_density",
    "anagen_share",
    "mean_diameter",
    "hair_weight",
    "responder_share",
    "severity",
    "shedding",
]


Control = Literal["vehicle", "needle", "tablet", "untreated"]


class Result(Strict):
    """A change from baseline (or a difference of changes) at one week.

    `unit` is "/cm2" for hairs per cm2, "{hairs}" for hairs in `area_cm2`, "%" for percent of baseline.
    """

    arm: str
    minus: str | None = None
    week: float
    endpoint: Endpoint
    change: float
    unit: str
    spread: Spread | None = None
    baseline: float | None = None
    kind: Literal["measured", "derived"] = "measured"
    sure: Literal["A", "B", "C", "D", "M"] = "B"
    place: str
    calibrates: bool = True
    note: str | None = None


class Arm(Strict):
    """What was done in one arm: `regimen` in the words of the command line ("minoxidil-topical-5"), or "none"."""

    name: str
    regimen: str
    control: Control | None = None
    n: int | None = None
    n_assumed: bool = False


class Study(Sourced):
    """One study."""

    id: str
    sex: Literal["F", "M", "both"]
    condition: str
    site: Literal["vertex", "frontal", "midscalp"]
    age: float | None = None
    age_low: float | None = None
    age_high: float | None = None
    menopause: Literal["pre", "post", "mixed"] | None = None
    area_cm2: float | None = None
    cutoff_um: float | None = None
    group: str
    design: Literal["parallel", "split-scalp", "uncontrolled", "natural-history"]
    offset: Literal["topical", "needle", "tablet", "none"]
    risk_of_bias: Literal["low", "some", "high"]
    bias_reason: str
    second_reading: Literal["same", "differs", "none"]
    arms: list[Arm]
    results: list[Result]
    note: str | None = None

    @model_validator(mode="after")
    def _arms_exist(self) -> Study:
        names = {arm.name for arm in self.arms}
        for result in self.results:
            for name in (result.arm, result.minus):
                if name is not None and name not in names:
                    raise ValueError(f"a result names the arm '{name}', which the study does not have")
        return self

    def arm(self, name: str) -> Arm:
        """Return the arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)
