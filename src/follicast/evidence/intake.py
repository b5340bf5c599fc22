"""The words and facts of the intake: drugs, laboratory tests, terms, and what a rule may ask for.

A patient's own word is recognised by any of its names; a word that is not here is never guessed at.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Number
from follicast.evidence.reader import Strict

How = Literal[
    "never", "not at all", "time", "treatment", "prescriber", "choice", "examination", "fresh value", "clinic"
]
# how a fact that speaks against something may come to be otherwise, and whether it can
CHANGES: dict[How, bool] = {
    "never": False, "not at all": False, "time": True, "treatment": True, "prescriber": True, "choice": True,
    "examination": True, "fresh value": True, "clinic": True,
}  # fmt: skip
_USUALLY: dict[str, How] = {
    "field": "not at all", "derived": "not at all", "condition": "not at all", "allergy": "not at all",
    "site": "not at all", "sign": "treatment", "symptom": "treatment", "lab": "fresh value", "trigger": "time",
    "drug": "prescriber", "drug class": "prescriber", "dose": "prescriber", "beside": "choice", "diet": "treatment",
    "practice": "treatment",
}  # fmt: skip


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
    `biotin` says what biotin in the blood does to it: such a value is not read until biotin was asked for.
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
    biotin: Literal["reads high", "reads low", "not to be trusted"] | None = None


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
    "diet:…", "practice:…", "lab:potassium", "trigger:childbirth" (months ago), "beside:injection" (what else stands
    in the same combination), "derived:<name>". `need` is the short name under which it is asked for, `stated` puts it
    as a statement where the question has no yes or no, `lab` is the test that would answer it. `changes` says how
    it may come to be otherwise where that is not usual for its kind: a drug that is never stopped, one that passes.
    """

    type: Literal["bool", "number", "text"]
    unit: str | None = None
    where: str = Field(
        pattern=r"^(field|drug class|drug|dose|condition|sign|symptom|allergy|site|diet|practice|lab|trigger"
        r"|derived|beside):.+"
    )
    need: str
    ask: str
    stated: str | None = None
    lab: str | None = None
    changes: How | None = None

    @model_validator(mode="after")
    def _numbers_have_units(self) -> Fact:
        if self.type == "number" and self.unit is None:
            raise ValueError("a number needs a unit")
        return self

    @property
    def changed_by(self) -> How:
        """How the fact may come to be otherwise; 'never' and 'not at all' say that it cannot."""
        return self.changes or _USUALLY[self.source_kind]

    @cached_property
    def source_kind(self) -> str:
        """The part of `where` before the colon."""
        return self.where.split(":", 1)[0]

    @cached_property
    def key(self) -> str:
        """The part of `where` after the colon."""
        return self.where.split(":", 1)[1]
