"""What may be sent to the API: the patient's own model, and around it what is asked of her scalp."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from follicast.errors import FollicastError
from follicast.patient import Patient
from follicast.patient.words import Day
from follicast.plan.choice import WATCH
from follicast.records import Measurement
from follicast.regimen import Regimen
from follicast.sites import site_called

LARGEST_SEED = 2**53 - 1  # JavaScript writes no larger whole number
PAGE_DRAWS, REFINED_DRAWS = 120, 400  # of a redraw: at once, and better in the background
MOST_ARMS, MOST_STEPS = 12, 9
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,24}$")]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Draws = Annotated[int, Field(ge=20, le=1000)]
Months = Annotated[int, Field(ge=1, le=120)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Line = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=4000)]
Language = Literal["en", "vi", "ar", "ja"]


def _arm(words: str) -> str:
    try:
        return str(Regimen(words))
    except FollicastError as trouble:
        raise ValueError(str(trouble)) from None


def _choice(words: str) -> str:
    return WATCH if words.strip() == WATCH else _arm(words)


def _site(name: str) -> str:
    try:
        return site_called(name)
    except FollicastError as trouble:
        raise ValueError(str(trouble)) from None


Arm = Annotated[str, StringConstraints(max_length=300), AfterValidator(_arm)]
Choice = Annotated[str, StringConstraints(max_length=300), AfterValidator(_choice)]
Site = Annotated[str, StringConstraints(max_length=100), AfterValidator(_site)]


class Body(BaseModel):
    """A body that refuses keys it does not know."""

    model_config = {"extra": "forbid"}


class Person(Body):
    """Who it is about: a patient's story, or a patient of the records in her newest state or the one named."""

    patient: Patient | None = None
    patient_id: Id | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _one_person(self) -> Person:
        if (self.patient is None) == (self.patient_id is None):
            raise ValueError("give either patient, a story, or patient_id, one of the records")
        if self.version is not None and self.patient_id is None:
            raise ValueError("a version is one of a patient of the records: give patient_id with it")
        return self


class Luck(Person):
    """Who it is about, from which day on, by how many guesses and with which luck."""

    start: Day | None = None
    draws: Draws = 200
    seed: Seed = 7


class ForecastAsked(Luck):
    """A forecast: no treatment, and each arm; `refine_to` draws once more, in the background."""

    arms: Annotated[list[Arm], Field(max_length=MOST_ARMS)] = []
    months: Months = 24
    site: Site | None = None
    draws: Draws = PAGE_DRAWS
    refine_to: Draws | None = None


class PlanAsked(Luck):
    """A plan for a choice (null: the one advised); `issue` keeps it, with pages in languages and the clinician's."""

    choice: Choice | None = None
    months: Annotated[int, Field(ge=12, le=120)] = 24
    languages: Annotated[list[Language], Field(max_length=4)] = []
    clinician: bool = False
    issue: bool = False

    @model_validator(mode="after")
    def _issued_to_whom(self) -> PlanAsked:
        if self.issue and self.patient_id is None:
            raise ValueError("only a patient of the records can be issued a plan: give patient_id")
        return self


class FollowUpAsked(Luck):
    """A forecast sharpened by the visits since its start; `taken` is the arm followed (null: no treatment)."""

    arms: Annotated[list[Arm], Field(max_length=MOST_ARMS)] = []
    taken: Arm | None = None
    months: Months = 24
    site: Site | None = None
    draws: Annotated[int, Field(ge=20, le=400)] = PAGE_DRAWS


class ScalpAsked(Luck):
    """The top of the head of one draw under one or two arms, step by step; `quantile` picks the course."""

    arms: Annotated[list[Arm], Field(min_length=1, max_length=2)] = ["none"]
    months: Annotated[list[Annotated[int, Field(ge=0, le=120)]], Field(min_length=1, max_length=MOST_STEPS)] = [
        0, 3, 6, 12, 24,
    ]  # fmt: skip
    quantile: Annotated[float, Field(ge=0.05, le=0.95)] = 0.5
    draws: Annotated[int, Field(ge=20, le=400)] = PAGE_DRAWS
    view: Literal["parting", "crown"] | None = None
    tone: Line | None = None
    colour: Line | None = None
    most: Annotated[int, Field(ge=100, le=200_000)] | None = None


class Explained(Person):
    """Why a therapy is open, waiting or closed for a person."""

    therapy: Line


class PatientAdded(Body):
    """A new patient under the clinic's own name for her."""

    patient: Patient
    name: Line = ""


class PatientChanged(Body):
    """A patient's story as it is to be, starting from a version; the name stays where none is given."""

    patient: Patient
    version: Version
    name: Line | None = None


class Sought(Body):
    """Words of a name or number; without any, who was changed last."""

    text: Line = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class VisitAdded(Body):
    """A visit: the day, a note, and what was measured."""

    day: Day
    note: Text = ""
    measurements: Annotated[list[Measurement], Field(max_length=100)] = []


class VisitChanged(VisitAdded):
    """A visit as it is to be, starting from a version."""

    version: Version


class Struck(Body):
    """A visit that was entered by mistake, as of a version."""

    version: Version


class Consented(Body):
    """What a patient agrees to, and in which version of the text."""

    what: Line
    text_version: Line
