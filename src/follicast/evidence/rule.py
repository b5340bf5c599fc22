"""What a safety rule is: for which therapies, when it holds, what it does to them, and whose rule it is.

A rule is read with three answers: it holds, it does not, or the patient's facts do not say. Only rules that
close or wait turn a gap into *waiting*. The rule itself knows no patient.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from follicast.evidence.number import Number, Sourced

Effect = Literal["closes", "waits", "warns", "informs"]
RuleRegion = Literal["jp", "us", "eu", "uk", "ca", "au", "vn", "kr", "in", "br"]


def _yes_or_no(answer: object) -> object:
    """YAML reads a bare yes as true; here it is a word."""
    return {True: "yes", False: "no"}.get(answer, answer) if isinstance(answer, bool) else answer


_Verified = Literal["yes", "partly", "no"]
Verified = Annotated[_Verified, BeforeValidator(_yes_or_no, json_schema_input_type=_Verified | bool)]


class Rule(Sourced):
    """One rule. `for` names therapies by id, 'ingredient:<name>', 'family:<name>', 'body:<part>' or 'all'.

    A rule for an ingredient goes with it into every therapy that holds it, a cocktail among them. `when` is a CEL
    expression over facts. `threshold` is bound under that name in the expression. `regions` empty: everywhere.
    `alias` is the number of the row it grew from.
    """

    id: str = ""
    for_: list[str] = Field(alias="for", min_length=1)
    kind: Literal[
        "contraindication", "interaction", "caution", "monitoring", "dose", "indication", "aftercare"
    ]
    effect: Effect
    when: str | None = None
    threshold: Number | None = None
    because: str = Field(min_length=1)
    do: str | None = None
    regions: list[RuleRegion] = []
    severity: Literal["absolute", "major", "moderate", "minor", "info"] = "major"
    verified: Verified = "yes"
    tier: Literal[
        "label", "guideline", "peer-reviewed", "secondary", "clinic page", "project", "unverified"
    ] = "secondary"
    alias: str | list[str] | None = None

    @field_validator("for_", mode="before", json_schema_input_type=str | list[str])
    @classmethod
    def _listed(cls, names: object) -> object:
        return [names] if isinstance(names, str) else names

    @model_validator(mode="after")
    def _says_when(self) -> Rule:
        if self.when is None and self.effect in ("closes", "waits"):
            raise ValueError("a rule that closes or waits must say when")
        return self


class RedFlag(Sourced):
    """A sign that always refers. No setting, region or policy touches it.

    `thresholds` are bound under their names in `when`. What is common and refers only with something beside it
    (receding temples in a woman, a drug with a warning) stands in `suspect`; the facts under `ask` then settle it.
    """

    id: str = ""
    when: str
    suspect: str | None = None
    ask: list[str] = []
    thresholds: dict[str, Number] = {}
    because: str = Field(min_length=1)
    do: str = Field(min_length=1)
    urgency: Literal["now", "soon"]
    verified: Verified = "yes"
