"""What was measured: laboratory values, blood pressure, counted hairs, shedding; and what may be spent."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from follicast.evidence.library import evidence
from follicast.evidence.reader import Strict
from follicast.names import lab_called, standard
from follicast.patient.words import Day, Density, Diameter, NotNegative, Real, Share, Word, in_unit


class Shedding(Strict):
    """Shedding: Sinclair's photographic score [1 to 6], hairs counted in one wash, and how many of them are short."""

    score: Annotated[Real, Field(ge=1, le=6), in_unit("{score}", "Sinclair's photographic score")] | None = (
        None
    )
    wash_count: Annotated[NotNegative, Field(le=20000), in_unit("{hairs}", "hairs in one wash")] | None = None
    short_share: Share | None = None
    days_since_wash: (
        Annotated[Real, Field(ge=0, le=365), in_unit("d", "days without a wash before it")] | None
    ) = None


class Lab(Strict):
    """One laboratory value, in the unit it was printed in."""

    test: Word
    value: Real
    unit: Word = "1"
    date: Day | None = None

    @field_validator("test")
    @classmethod
    def _known(cls, name: str) -> str:
        lab_called(name)
        return name

    @model_validator(mode="after")
    def _possible(self) -> Lab:
        test, value = evidence().labs[self.id], self.standard
        low, high = test.lowest, test.highest
        if (low and value < low.value) or (high and value > high.value):
            shown = f"{test.name} of {self.value:g} {self.unit}"
            raise ValueError(f"no living person has a {shown}; mend value or unit")
        return self

    @property
    def id(self) -> str:
        """The test's id in the evidence."""
        return lab_called(self.test)

    @property
    def standard(self) -> float:
        """The value in the unit the evidence keeps for the test."""
        return standard(evidence().labs[self.id], self.value, self.unit)


class BloodPressure(Strict):
    """Systolic and diastolic pressure [mm[Hg]]."""

    systolic: Annotated[Real, Field(ge=40, le=300), in_unit("mm[Hg]", "upper pressure")]
    diastolic: Annotated[Real, Field(ge=20, le=200), in_unit("mm[Hg]", "lower pressure")]

    @model_validator(mode="after")
    def _ordered(self) -> BloodPressure:
        if self.diastolic >= self.systolic:
            raise ValueError("the upper pressure lies above the lower one: write it as 118/76")
        return self


def pressure(value: object) -> object:
    """Read a pressure written as 118/76."""
    found = re.fullmatch(r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*", value) if isinstance(value, str) else None
    return {"systolic": int(found[1]), "diastolic": int(found[2])} if found else value


class Count(Strict):
    """What an instrument counted at one site."""

    site: Word
    date: Day | None = None
    total_per_cm2: Density | None = None
    terminal_per_cm2: Density | None = None
    mean_diameter_um: Diameter | None = None
    anagen_share: Share | None = None
    area_cm2: Annotated[Real, Field(gt=0, le=100), in_unit("cm2", "target area")] | None = None
    cutoff_um: (
        Annotated[NotNegative, Field(le=100), in_unit("um", "a terminal shaft has at least this")] | None
    ) = None
    method: Word | None = None
    error_per_cm2: Annotated[Density, in_unit("/cm2", "SD of a repeated count")] | None = None

    @model_validator(mode="after")
    def _parts_within_the_whole(self) -> Count:
        if self.total_per_cm2 is not None and (self.terminal_per_cm2 or 0) > self.total_per_cm2:
            raise ValueError("there cannot be more terminal hairs than hairs")
        return self


class Budget(Strict):
    """What may be spent."""

    amount: NotNegative
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
