"""What a safety rule is: for which therapies, when it holds, what it does to them, and whose rule it is.

A rule is read with three answers: it holds, it does not, or the patient's facts do not say. Only rules that
close or wait turn a gap into *waiting*. The rule itself knows no patient.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from follicast.evidence.number import Number, Sourced

Effect = Literal["closes", "waits", "warns", "informs"]
RuleRegion = Literal["jp", "us", "eu", "ca", "au", "vn"]


class Rule(Sourced):
    """One rule. `for` names therapies by id, 'family:<name>' or 'all'; `when` is a CEL expression over facts.

    `threshold` is bound under that name in the expression. `regions` empty: everywhere.
    `alias` is the number of the row it grew from.
    """

    id: str = ""
    for_: list[str] = Field(alias="for", min_length=1)
    kind: Literal["contraindication", "interaction", "caution", "monitoring", "dose", "indication"]
    effect: Effect
    when: str | None = None
    threshold: Number | None = None
    because: str = Field(min_length=1)
    do: str | None = None
    regions: list[RuleRegion] = []
    severity: Literal["absolute", "major", "moderate", "minor", "info"] = "major"
    verified: Literal["yes", "partly", "no"] = "yes"
    tier: Literal[
        "label", "guideline", "peer-reviewed", "secondary", "clinic page", "project", "unverified"
    ] = "secondary"
    alias: str | list[str] | None = None

    @field_validator("for_", mode="before")
    @classmethod
    def _listed(cls, names: object) -> object:
        return [names] if isinstance(names, str) else names

    @model_validator(mode="after")
    def _says_when(self) -> Rule:
        if self.when is None and self.effect in ("closes", "waits"):
            raise ValueError("a rule that closes or waits must say when")
        return self

    @property
    def region_free(self) -> bool:
        """Whether the rule holds everywhere."""
        return not self.regions


class RedFlag(Sourced):
    """A sign that always refers. No setting, region or policy touches it."""

    id: str = ""
    when: str
    because: str = Field(min_length=1)
    do: str = Field(min_length=1)
    urgency: Literal["now", "soon"]
    verified: Literal["yes", "partly", "no"] = "yes"
