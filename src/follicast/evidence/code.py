"""Standard codes: what other systems call our conditions, drugs, tests, signs and procedures.

Only systems whose terms allow it are shipped; `code-systems.yaml` says which, under what licence.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Sourced
from follicast.evidence.reader import Strict
from follicast.evidence.rule import Verified


class CodeSystem(Sourced):
    """One system of codes, its licence, and whether its codes (and its wordings) may lie in this repository."""

    name: str
    url: str
    version: str | None = None
    licence: str
    ships: Literal["codes and names", "codes only", "no"]
    notice: str | None = None


class Code(Sourced):
    """One code of one of our entries."""

    system: str
    code: str
    name: str | None = None
    match: Literal["exact", "broader", "narrower", "related", "local"] = "exact"
    verified: Verified = "yes"


class Coded(Strict):
    """The codes of one entry; `kind` and the key say which."""

    kind: Literal["condition", "drug", "lab", "sign", "procedure", "therapy"]
    name: str
    codes: list[Code] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Coded:
        pairs = [(code.system, code.code) for code in self.codes]
        if len(set(pairs)) != len(pairs):
            raise ValueError("the same code of the same system stands twice")
        return self
