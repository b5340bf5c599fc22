"""What came before: onset, triggers, relatives, practices, drugs and their doses, treatments tried."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from follicast import dose as doses
from follicast.evidence.library import evidence
from follicast.evidence.reader import Strict
from follicast.names import by_mouth, drugs_called
from follicast.patient.words import Age, Months, Real, When, Word, months_before

ROUTES = Literal["oral", "topical", "injection", "other"]


class Onset(Strict):
    """When it began: at an age [a], so many months ago, or on a day (or in a month or year)."""

    age: Age | None = None
    months_ago: Months | None = None
    date: When | None = None


class Trigger(Strict):
    """Something that may have set the loss off, and when: so many months ago, or on a day, month or year."""

    what: Word
    months_ago: Months | None = None
    date: When | None = None

    @model_validator(mode="after")
    def _told_once(self) -> Trigger:
        if self.months_ago is not None and self.date is not None:
            raise ValueError("it says months_ago and date; keep the one that is surer")
        return self

    def months(self, today: dt.date | None) -> float | None:
        """Return how many months [mo] before today it was; None where neither was told."""
        return self.months_ago if self.date is None else months_before(self.date, today)


class Relative(Strict):
    """A relative with hair loss, of which kind (`what`), and from which age on."""

    relative: Word
    what: Word | None = None
    age: Age | None = None


class Practice(Strict):
    """Something done to the hair: a tight style, a chemical, heat."""

    what: Word
    often: Word | None = None
    since: When | None = None
    stopped: When | None = None


class DrugTaken(Strict):
    """A drug that is being taken."""

    name: Word
    dose: Word | Real | None = None
    route: ROUTES | None = None
    since: Word | Annotated[int, Field(strict=True)] | None = None

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        drugs_called(name)
        return name

    @model_validator(mode="after")
    def _by_which_way(self) -> DrugTaken:
        twin = by_mouth(self.name)
        if twin and self.route is None and self.daily and self.daily.unit == "mg":
            raise ValueError(
                f"'{self.name}' in mg may be swallowed or put on the skin; call it '{twin}' or give its route"
            )
        return self

    @property
    def generic(self) -> str:
        """The name under which the evidence holds it; of a combination the first."""
        return self.generics[0]

    @property
    def generics(self) -> tuple[str, ...]:
        """Every drug it counts as: a product of two counts as both, and as itself."""
        twin = by_mouth(self.name) if self.route == "oral" else None
        return (twin,) if twin else drugs_called(self.name)

    @property
    def counts_as(self) -> set[str]:
        """Its drugs and their classes, as rules ask for them."""
        held = evidence().drugs
        return {name for one in self.generics for name in (one, *held[one].classes)}

    @property
    def daily(self) -> doses.Dose | None:
        """What is taken in a day, or None where the dose was not told or cannot be read for certain."""
        return doses.read(self.dose) if isinstance(self.dose, str) else None


class Previous(Strict):
    """A therapy tried before, and what came of it."""

    therapy: Word
    months: Months | None = None
    dose: Word | Real | None = None
    ended: When | None = None
    response: Word | None = None
    stopped_because: Word | None = None
    side_effects: list[Word] | None = None
