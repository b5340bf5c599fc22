"""What a number must carry before it may be believed: value, unit, kind, source, place."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from follicast.evidence.reader import Strict

Kind = Literal["measured", "derived", "assumed"]
Sure = Literal["A", "B", "C", "D", "M"]


def _spelled(unit: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("units")
    if known is not None and unit not in known:
        raise ValueError(f"the unit '{unit}' is not in units.yaml (UCUM spelling)")
    return unit


Unit = Annotated[str, AfterValidator(_spelled)]  # a UCUM code that units.yaml declares


class Sourced(Strict):
    """Anything that rests on a source: citekeys, and the place in it."""

    source: str | list[str]
    place: str = Field(min_length=1)

    @field_validator("source")
    @classmethod
    def _known(cls, source: str | list[str], info: ValidationInfo) -> str | list[str]:
        known = (info.context or {}).get("sources")
        for key in [source] if isinstance(source, str) else source:
            if known is not None and key not in known:
                raise ValueError(
                    f"no reference is called '{key}'; add the work under `references:` or mend the citekey"
                )
        return source

    @property
    def citekeys(self) -> list[str]:
        """The citekeys as a list."""
        return [self.source] if isinstance(self.source, str) else list(self.source)


class Spread(Strict):
    """How far a number may be off: an SD, an SE, or the two ends of a range or interval."""

    kind: Literal["sd", "se", "range", "iqr", "ci95", "ci90"]
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Number(Sourced):
    """One number of nature.

    `sure` says how it was read: A in the paper's abstract or text, B quoted by a book, review or table,
    C on a vendor's or clinic's page only, D our arithmetic on A or B, M unverified.
    """

    value: float
    unit: Unit
    kind: Kind
    reason: str | None = None
    sure: Sure | None = None
    spread: Spread | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Number:
        if self.kind == "assumed" and not self.reason:
            raise ValueError("an assumed number needs a reason")
        return self

    def __float__(self) -> float:
        return self.value


class Text(Sourced):
    """A statement in our own words, with its source."""

    text: str = Field(min_length=1)
