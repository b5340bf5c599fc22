"""A published study: its arms, what was measured in them and when, and how far it can be trusted.

Counts are kept in the unit they were printed in; `area_cm2` turns a count per target area into hairs/cm2.
A printed difference between arms is a datum of its own (`minus` names the arm that was taken away). A pooled
analysis counts people of other studies again: it is kept, shown beside them, and never calibrates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Sourced, Spread, Unit
from follicast.evidence.reader import Strict

Endpoint = Literal[
    "total_density",
    "terminal_density",
    "vellus_density",
    "anagen_density",
    "telogen_density",
    "anagen_share",
    "telogen_share",
    "anagen_telogen_ratio",
    "mean_diameter",
    "growth_rate",
    "hair_weight",
    "responder_share",
    "regrowth_share",
    "severity",
    "shedding",
    "pull_test",
    "satisfaction",
    "skin_score",
    "pigment_score",
    "other",
]
Control = Literal["vehicle", "needle", "tablet", "untreated"]
Design = Literal[
    "parallel", "split-scalp", "crossover", "uncontrolled", "natural-history", "pooled", "network"
]
POOLED = ("pooled", "network")
SHARES = ("responder_share", "regrowth_share", "satisfaction")  # in %: of people, and no change of anything


class Result(Strict):
    """A change from baseline (or a difference of changes) at one week.

    `unit` is "/cm2" for hairs per cm2, "{hairs}" for hairs in `area_cm2`, "%" for percent of baseline, "{score}"
    for a scale that `measure` names. Where no change was printed, `final` [unit] holds the value at the end, or
    `found` says in words what was reported (with `p` as printed); such a result never calibrates. `week` is 0
    where the time was not read. `spread` goes with the change, or else with the final value.
    """

    arm: str
    minus: str | None = None
    week: float
    endpoint: Endpoint
    measure: str | None = None
    change: float | None = None
    final: float | None = None
    found: str | None = None
    p: str | None = None
    unit: Unit
    spread: Spread | None = None
    baseline: float | None = None
    kind: Literal["measured", "derived"] = "measured"
    sure: Literal["A", "B", "C", "D", "M"] = "B"
    place: str
    calibrates: bool = True
    note: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Result:
        if self.change is None and self.final is None and not self.found:
            raise ValueError("a result has a change, a final value, or words for what was found")
        if self.calibrates and (self.change is None or self.sure == "M"):
            raise ValueError("only a change that was read in a source may calibrate (calibrates: false)")
        return self

    @property
    def is_share(self) -> bool:
        """Whether it is a share of people [%] and no change of anything."""
        return self.endpoint in SHARES and self.unit == "%" and not self.minus

    def told(self, units: Mapping[str, str]) -> str:
        """Say the result in one line; `units` maps UCUM codes to the way they are shown."""
        who = f"{self.arm}{' minus ' + self.minus if self.minus else ''}"
        said = self._said(units.get(self.unit, self.unit))
        when = f" at week {self.week:g}" if self.week else ""
        doubt = ", unverified" if self.sure == "M" else ""
        return f"{who}: {said}{when}{f', p {self.p}' if self.p else ''}{doubt}"

    def amount(self, unit: str) -> str:
        """Say the number of the result with its unit as shown; nothing where only words were printed."""
        if self.change is not None:
            return f"{self.change:g} {unit}".strip() if self.is_share else f"{self.change:+g} {unit}".strip()
        return "" if self.final is None else f"{f'{self.final:g} {unit}'.strip()} at the end"

    def _said(self, unit: str) -> str:
        what = self.measure or self.endpoint.replace("_", " ")
        if self.change is not None:
            return f"{self.amount(unit)} ({what})"
        if self.final is not None:
            return f"{self.amount(unit)} ({what}; the change was not printed)"
        return f"{what}: {self.found}"


class SecondReading(Strict):
    """What a second reader found, who had not seen the first reading unless `blind` is false.

    `same`: every calibrating number that could be looked up agrees. `differs`: `says` shows both. `none`: it could
    not be had, and `says` what was tried.
    """

    verdict: Literal["same", "differs", "none"]
    blind: bool = True
    where: str | None = None
    says: str = Field(min_length=1)


class Arm(Strict):
    """What was done in one arm.

    `regimen` in the words of the command line ("minoxidil-topical-5"), "none", or absent with `what` in words
    where no therapy of ours fits (a comparator, a product, arms taken together).
    """

    name: str
    regimen: str | None = None
    what: str | None = None
    control: Control | None = None
    n: int | None = None
    n_assumed: bool = False

    @model_validator(mode="after")
    def _says_what_was_done(self) -> Arm:
        if not (self.regimen or self.what):
            raise ValueError("an arm has a regimen, or says in words what was done (what: …)")
        return self

    @property
    def therapies(self) -> list[str]:
        """The ids of the therapies of ours that this arm was given; none where it was given nothing of ours."""
        parts = (self.regimen or "none").split("+")
        return [name for part in parts if (name := part.split(":")[0]) != "none"]


class Study(Sourced):
    """One study. `pools` names the studies of ours that a pooled analysis counts again.

    `photographs` says that hairs were counted on photographs of the area, which do not show the thinnest.
    """

    id: str
    title: str | None = None
    year: int | None = None
    body: Literal["hair", "skin"] = "hair"
    sex: Literal["F", "M", "both"]
    condition: str
    site: Literal["vertex", "frontal", "midscalp", "scalp", "face"]
    age: float | None = None
    age_low: float | None = None
    age_high: float | None = None
    menopause: Literal["pre", "post", "mixed"] | None = None
    area_cm2: float | None = None
    cutoff_um: float | None = None
    photographs: bool = False
    group: str
    design: Design
    offset: Literal["topical", "needle", "tablet", "none"]
    risk_of_bias: Literal["low", "some", "high"]
    bias_reason: str
    second_reading: SecondReading
    arms: list[Arm]
    results: list[Result] = Field(min_length=1)
    pools: list[str] = []
    note: str | None = None

    @model_validator(mode="after")
    def _arms_exist(self) -> Study:
        names = {arm.name for arm in self.arms}
        for result in self.results:
            for name in (result.arm, result.minus):
                if name is not None and name not in names:
                    raise ValueError(f"a result names the arm '{name}', which the study does not have")
        return self

    @model_validator(mode="after")
    def _nothing_is_counted_twice(self) -> Study:
        if self.design in POOLED and self.calibrating:
            raise ValueError("a pooled analysis never calibrates: its people are counted in their own trials")
        if self.pools and self.design not in POOLED:
            raise ValueError("only a pooled analysis pools other studies")
        return self

    @property
    def calibrating(self) -> list[Result]:
        """The results that calibration may fit."""
        return [result for result in self.results if result.calibrates]

    def arm(self, name: str) -> Arm:
        """Return the arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)
