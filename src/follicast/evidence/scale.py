"""Scales by which hair loss is graded, what each grade says, and how one scale is read as another."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Number, Sourced
from follicast.evidence.reader import Strict
from follicast.evidence.rule import Verified


class Level(Strict):
    """One grade of a scale in our own words."""

    level: str
    says: str
    verified: Verified = "yes"


class Conversion(Sourced):
    """How grades of this scale are read on another: grade by grade; `approximate` is said where it is shown."""

    to: str
    table: dict[str, str]
    approximate: bool = True
    note: str | None = None


class Scale(Sourced):
    """One scale; `weights` are the numbers of its formula where it has one (SALT)."""

    id: str = ""
    name: str
    conditions: list[str] = []
    sex: list[Literal["F", "M"]] = ["F", "M"]
    read_by: Literal["clinician", "patient", "either", "instrument"]
    use: str
    levels: list[Level] = []
    weights: dict[str, Number] = {}
    bands: dict[str, list[float]] = {}
    conversions: list[Conversion] = Field(default=[])
    note: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Scale:
        if not (self.levels or self.weights):
            raise ValueError("a scale has levels or a formula (weights)")
        return self
