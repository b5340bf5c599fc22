"""The words and facts of the intake: drugs, laboratory tests, terms, and what a rule may ask for.

A patient's own word is recognised by any of its names; a word that is not here is never guessed at.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Number
from follicast.evidence.reader import Strict


class Drug(Strict):
    """A drug a patient may take: brand and other names, the classes that rules ask for, and the ATC code.

    A product of several drugs `contains` them and counts as each. `by_mouth` names the drug that the same name
    means when it is swallowed; `iu_per_mg` is what a mg is worth in international units [[iU]/mg].
    """

    names: list[str] = []
    classes: list[str] = []
    atc: str | list[str] | None = None
    contains: list[str] = []
    by_mouth: str | None = None
    iu_per_mg: Number | None = None


class LabTest(Strict):
    """A laboratory test: `units` holds what one of another unit is worth in `unit` (a factor [1]).

    `offsets` is what is added after the factor, for scales that do not begin at the same nothing (HbA1c).
    `lowest` and `highest` bound what a living person can have; `fresh_for` is how long [mo] a value counts.
    """

    name: str
    names: list[str] = []
    unit: str
    units: dict[str, Number] = {}
    offsets: dict[str, Number] = {}
    lowest: Number | None = None
    highest: Number | None = None
    fresh_for: Number
    loinc: str | None = None


class Term(Strict):
    """A word of the intake. `implies` names broader terms of the same kind: who has it has those too.

    `denies` names terms that it rules out. `seen_by` says what it takes to see a sign: a plain look answers only
    the signs seen by eye.
    """

    kind: Literal[
        "condition", "sign", "symptom", "trigger", "allergy", "site", "course", "contraception",
        "diet", "practice", "response",
    ]  # fmt: skip
    name: str
    names: list[str] = []
    implies: list[str] = []
    denies: list[str] = []
    seen_by: Literal["eye", "dermatoscope", "pull test", "biopsy"] = "eye"


class Fact(Strict):
    """A fact a rule may ask for.

    `where` says how it is read off the patient: "field:age", "drug class:anticoagulant", "drug:lithium",
    "dose:zinc" (a day's, as told), "condition:heart-failure", "sign:…", "symptom:…", "allergy:…", "site:…",
    "diet:…", "practice:…", "lab:potassium", "trigger:childbirth" (months ago), "derived:<name>". `need` is the
    short name under which it is asked for, `lab` the test that would answer it.
    """

    type: Literal["bool", "number", "text"]
    unit: str | None = None
    where: str = Field(
        pattern=r"^(field|drug class|drug|dose|condition|sign|symptom|allergy|site|diet|practice|lab|trigger"
        r"|derived):.+"
    )
    need: str
    ask: str
    lab: str | None = None

    @model_validator(mode="after")
    def _numbers_have_units(self) -> Fact:
        if self.type == "number" and self.unit is None:
            raise ValueError("a number needs a unit")
        return self

    @property
    def source_kind(self) -> str:
        """The part of `where` before the colon."""
        return self.where.split(":", 1)[0]

    @property
    def key(self) -> str:
        """The part of `where` after the colon."""
        return self.where.split(":", 1)[1]
