"""The patient: one person, as far as is known, and the reading of a patient's file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from follicast.errors import PatientError
from follicast.evidence.reader import Strict, parse
from follicast.names import name_and_dose
from follicast.patient.complaints import complaint, file_text, first_complaint, joined
from follicast.patient.contradictions import Contradiction, contradictions
from follicast.patient.findings import Grading, Pattern, PullTest, SiteLoss, Trichoscopy
from follicast.patient.history import DrugTaken, Onset, Practice, Previous, Relative, Trigger
from follicast.patient.measured import BloodPressure, Budget, Count, Lab, Shedding, pressure
from follicast.patient.words import (
    Age,
    Cycle,
    Day,
    Lower,
    Menopause,
    Months,
    Note,
    ReadMenopause,
    ReadSex,
    Real,
    Region,
    Sex,
    Word,
    Yes,
    as_list,
    bare,
    in_unit,
)  # fmt: skip


class Visit(Strict):
    """A later visit: counts and what was told."""

    date: Day
    counts: list[Count] = []
    pattern: Pattern | None = None
    shedding: Shedding | None = None
    note: Word | None = None


def _drug_names(entries: object) -> object:
    """Let a list say `warfarin` or `zinc 50 mg` where a mapping with name and dose would stand."""
    if not isinstance(entries, list):
        return entries
    return [_with_dose({"name": entry} if isinstance(entry, str) else entry) for entry in entries]


def _with_dose(entry: object) -> object:
    """Take a dose out of the name of a drug that tells no other."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str) or entry.get("dose") is not None:
        return entry
    return {**entry, **name_and_dose(name)}


#: The lists that answer their whole class once they were asked in full.
Asked = Literal[
    "sites", "signs", "symptoms", "triggers", "diet", "hair_practices", "conditions", "drugs", "allergies"
]  # fmt: skip


class Patient(Strict):
    """One person, as far as is known. Absent means unknown; an empty list with a date means 'asked, none'."""

    age: Age
    sex: Annotated[Sex, ReadSex]
    id: Word | None = None
    date: Day | None = None
    language: Annotated[Literal["en", "vi", "ar", "ja"], Lower] = "en"
    region: Annotated[Region, Lower] = "strictest"
    latitude: Annotated[Real, Field(ge=-90, le=90), in_unit("deg", "latitude, north positive")] | None = None
    ancestry: Word | None = None
    pregnant: Yes | None = None
    planning_pregnancy: Yes | None = None
    breastfeeding: Yes | None = None
    months_since_birth: Months | None = None
    menopause: Annotated[Menopause | None, ReadMenopause] = None
    cycle: Annotated[Cycle | None, Lower] = None
    contraception: Yes | Word | list[Word] | None = None
    pattern: Pattern | None = None
    gradings: list[Grading] = []
    sites: Annotated[list[SiteLoss], bare("site")] | None = None
    onset: Onset | None = None
    course: Word | None = None
    shedding: Shedding | None = None
    signs: list[Word] | None = None
    symptoms: list[Word] | None = None
    pull_test: Annotated[list[PullTest], BeforeValidator(as_list)] = []
    trichoscopy: Annotated[list[Trichoscopy], BeforeValidator(as_list)] = []
    triggers: Annotated[list[Trigger], bare("what")] | None = None
    family_history: Yes | Word | list[Word | Relative] | None = None
    diet: list[Word] | None = None
    hair_practices: Annotated[list[Practice], bare("what")] | None = None
    conditions: list[Word] | None = None
    drugs: Annotated[list[DrugTaken], BeforeValidator(_drug_names)] | None = None
    allergies: list[Word] | None = None
    labs: list[Lab] = []
    blood_pressure: Annotated[BloodPressure, BeforeValidator(pressure)] | None = None
    pulse: Annotated[Real, Field(ge=20, le=250), in_unit("/min", "pulse")] | None = None
    counts: list[Count] = []
    previous_therapies: list[Previous] = []
    wishes: dict[str, Yes | Real | Word | list[Word] | dict[str, Real] | None] = {}
    budget: Budget | None = None
    visits: list[Visit] = []
    unfinished: list[Asked] = Field(
        [], description="lists that answer only what they name: the asking goes on"
    )
    notes: Note | None = Field(None, description="for people; no rule reads it")

    @model_validator(mode="after")
    def _can_be_true(self) -> Patient:
        for place, why in contradictions(self):
            raise Contradiction(place, why)
        return self

    @property
    def graded(self) -> Pattern | None:
        """The grade of pattern loss that counts: the pattern told, else the latest grading on such a scale."""
        told = sorted(
            (one for one in self.gradings if one.pattern), key=lambda one: str(one.date or ""), reverse=True
        )
        return self.pattern or next((one.pattern for one in told), None)

    @property
    def events(self) -> Iterator[tuple[str, float | None]]:
        """What may have set the loss off, each with how many months ago [mo] it was, where that is known."""
        return ((one.what, one.months(self.date)) for one in self.triggers or [])

    @classmethod
    def load(cls, path: str | Path) -> Patient:
        """Read a patient from a YAML or JSON file, or from standard input for '-'; raises `PatientError`."""
        if str(path) == "-":
            return cls.parse(file_text(sys.stdin.buffer, "standard input"), "standard input")
        return cls.parse(file_text(Path(path), Path(path).name), Path(path).name)

    @classmethod
    def parse(cls, text: str, name: str = "patient") -> Patient:
        """Read a patient from YAML or JSON text; `name` is how complaints call it; raises `PatientError`."""
        sheet = parse(joined(text), Path(name), PatientError)
        if sheet.content is None:
            raise PatientError(f"{name}: it is empty. A patient needs at least age and sex.")
        if not isinstance(sheet.content, dict):
            raise PatientError(
                f"{name}: a patient is written in 'key: value' lines, as 'age: 47' and 'sex: F'."
            )
        try:
            return cls.model_validate(sheet.content)
        except Contradiction as trouble:
            raise complaint(sheet, trouble.place, trouble.why) from None
        except ValidationError as trouble:
            raise first_complaint(sheet, trouble, cls) from None
