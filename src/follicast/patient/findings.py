"""What was found on the scalp: grades by scale and site, how much is lost where, pull tests, trichoscopy."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from follicast.errors import did_you_mean
from follicast.evidence.library import evidence
from follicast.evidence.reader import Strict
from follicast.names import ROMAN, grade_called, spellings
from follicast.patient.words import (
    SCALES,
    Day,
    Density,
    Diameter,
    Lower,
    Real,
    Severity,
    Share,
    Whole,
    Word,
    in_unit,
)  # fmt: skip

SCALE_AND_GRADE = re.compile(r"((?:hamilton[- ])?norwood|ludwig|sinclair)[\s:]+(\S.*)", re.IGNORECASE)


class Pattern(Strict):
    """A grade on a scale of pattern loss; `level` is its number, 'II' and '3v' included."""

    scale: Annotated[Literal["sinclair", "ludwig", "norwood"], Lower]
    grade: Annotated[int, Field(strict=True)] | Real | Word

    @model_validator(mode="before")
    @classmethod
    def _in_one_line(cls, told: object) -> object:
        """Read 'Ludwig II' as people write it."""
        said = SCALE_AND_GRADE.fullmatch(told.strip()) if isinstance(told, str) else None
        return {"scale": said[1], "grade": said[2]} if said else told

    @field_validator("scale", mode="before")
    @classmethod
    def _hamilton_too(cls, scale: object) -> object:
        return "norwood" if isinstance(scale, str) and "norwood" in scale.lower() else scale

    @model_validator(mode="after")
    def _on_the_scale(self) -> Pattern:
        if not 1 <= self.level <= SCALES[self.scale]:
            raise ValueError(f"the {self.scale} scale runs from 1 to {SCALES[self.scale]}")
        return self

    @property
    def level(self) -> float:
        """The grade as a number [1]; letters after it ('3v', 'IIIa') fall away."""
        if not isinstance(self.grade, str):
            return float(self.grade)
        found = re.fullmatch(r"(\d+(?:\.\d+)?|[ivx]+)[ -]?(?:vertex|[av])?", self.grade.strip().lower())
        stem = found.group(1) if found else ""
        number = ROMAN.get(stem) or (float(stem) if stem[:1].isdigit() else 0)
        return float(number or 0)

    @property
    def vertex(self) -> bool:
        """Whether the grade names the vertex ('3v', 'III vertex') or includes it (Norwood 4 and above)."""
        named = re.search(r"\d *v|vertex|^i+v$", str(self.grade).strip().lower()) is not None
        return self.scale == "norwood" and (named or self.level >= 4)


def _scale_called(scale: object) -> object:
    """Return the id of a scale, 'Hamilton-Norwood' included."""
    if not isinstance(scale, str):
        return scale
    plain = scale.strip().lower().replace(" ", "-")
    return "norwood" if plain in ("hamilton-norwood", "norwood-hamilton") else plain


class Grading(Strict):
    """A grade on any scale that Follicast knows (`follicast evidence scales`), of the whole head or of one site."""

    scale: Annotated[Word, BeforeValidator(_scale_called)]
    grade: Annotated[int, Field(strict=True)] | Real | Word
    site: Word | None = None
    date: Day | None = None

    @field_validator("scale")
    @classmethod
    def _known(cls, scale: str) -> str:
        known = evidence().scales
        if scale not in known:
            near = did_you_mean(scale, list(known))
            raise ValueError(f"no scale is called '{scale}'.{near} Scales: {', '.join(known)}")
        return scale

    @model_validator(mode="after")
    def _on_the_scale(self) -> Grading:
        scale = evidence().scales[self.scale]
        if self.scale in SCALES:
            Pattern(scale=self.scale, grade=self.grade)  # type: ignore[arg-type]
        elif scale.weights:
            if self.score is None:
                raise ValueError(f"the {scale.name} is a number from 0 to 100, and '{self.grade}' is none")
        elif grade_called(self.scale, self.grade) is None:
            grades = ", ".join(dict.fromkeys(spellings(self.scale).values()))
            raise ValueError(f"the {scale.name} has no grade '{self.grade}'. Its grades: {grades}")
        return self

    @property
    def score(self) -> float | None:
        """The grade as a score from 0 to 100 [%], or None where it is a word."""
        try:
            number = float(self.grade)
        except ValueError:
            return None
        return number if 0 <= number <= 100 else None

    @property
    def pattern(self) -> Pattern | None:
        """The same as a grade of pattern loss, where its scale is one of those."""
        return Pattern(scale=self.scale, grade=self.grade) if self.scale in SCALES else None  # type: ignore[arg-type]


class SiteLoss(Strict):
    """A site where hair is lost: how severely, and which share of it is bare."""

    site: Word
    severity: Severity | None = None
    bare_share: Share | None = None

    @model_validator(mode="after")
    def _none_is_none(self) -> SiteLoss:
        if self.severity == "none" and self.bare_share:
            raise ValueError("a site without loss is not partly bare; mend severity or bare_share")
        return self

    @property
    def lost(self) -> bool:
        """Whether hair is lost there at all."""
        return self.severity != "none" and self.bare_share != 0


class PullTest(Strict):
    """One gentle pull at a bundle of hairs: how many came out, of how many, where, and when the hair was washed."""

    came_out: Annotated[Whole, in_unit("{hairs}", "hairs that came out")]
    pulled: Annotated[Whole, in_unit("{hairs}", "hairs in the bundle")] | None = None
    site: Word | None = None
    days_since_wash: Annotated[Real, Field(ge=0, le=365), in_unit("d", "days since the last wash")] | None = (
        None
    )
    roots: Literal["telogen", "anagen", "dystrophic", "mixed"] | None = None
    date: Day | None = None

    @model_validator(mode="after")
    def _out_of_the_bundle(self) -> PullTest:
        if self.pulled is not None and self.came_out > self.pulled:
            raise ValueError(f"{self.came_out} hairs cannot come out of a bundle of {self.pulled}")
        return self


class Trichoscopy(Strict):
    """What a dermatoscope counted at one site, as numbers where it was counted, and the signs it showed.

    `yellow_dots` are counted in four fields at 70-fold magnification, as the criteria of 2009 ask; `thin_share`
    is the share of hairs thinner than 0.03 mm; `diversity_share` that of hairs whose diameters differ.
    """

    site: Word | None = None
    date: Day | None = None
    thin_share: Share | None = None
    diversity_share: Share | None = None
    mean_diameter_um: Diameter | None = None
    yellow_dots: Annotated[Whole, in_unit("1", "yellow dots in four fields")] | None = None
    single_unit_share: Share | None = None
    vellus_hairs: (
        Annotated[Whole, in_unit("{hairs}", "vellus hairs in the same fields at every site")] | None
    ) = None
    discoloured_share: Share | None = None
    units_per_cm2: Density | None = None
    signs: list[Word] | None = None
