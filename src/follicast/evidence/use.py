"""What injections into the skin are used or praised for, and where to look for what became of it."""

from __future__ import annotations

from pydantic import Field, model_validator

from follicast.evidence.number import Sourced, Text


class Use(Sourced):
    """One use on the skin. `names` are other words that people wish for it in.

    `indications` are conditions of studies, `measures` those of their measures that speak of this use (empty: all);
    `plain` says in plain words what a measure is; `therapies` are given for this use. Where no study is held,
    `known` says what is known instead.
    """

    id: str = ""
    name: str = Field(min_length=3)
    names: list[str] = []
    indications: list[str] = []
    measures: list[str] = []
    plain: dict[str, str] = {}
    therapies: list[str] = []
    claims: list[str] = []
    known: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Use:
        if not self.indications and self.known is None:
            raise ValueError("a use has studies (indications), or says what is known without them (known)")
        return self
