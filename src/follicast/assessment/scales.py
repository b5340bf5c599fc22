"""Reads grades: the SALT score and its classes, and one scale as another, as far as the evidence says how.

What a scale holds and how it converts stands in `evidence/scales.yaml`; this room only looks it up. It grades
nobody, and where a conversion is no more than approximate it says so.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from follicast.errors import InputError
from follicast.evidence.library import evidence, find
from follicast.evidence.scale import Conversion, Scale
from follicast.names import folded, grade_called, spellings


@dataclass(frozen=True)
class Converted:
    """A grade read on another scale; `approximate` and `note` say how far it can be trusted."""

    scale: str
    grade: str
    approximate: bool
    note: str | None
    sources: list[str]


def salt(top: float, back: float, left: float, right: float) -> float:
    """Return the SALT score [%] from the share [%] of each area of the scalp that is bare.

    Refuses what is no percentage (below 0, above 100, not a number). Source: Olsen 2004.
    """
    areas = {"top": top, "back": back, "left": left, "right": right}
    for name, bare in areas.items():
        _percentage(bare, f"the {name} of the scalp")
    weights = evidence().scales["salt"].weights
    return sum(weights[name].value * bare for name, bare in areas.items())


def salt_class(score: float, scale: str = "salt-severity") -> str:
    """Return the band of a SALT score [%]: "limited" and so on, or "S1" and so on on the scale "salt-class".

    Bands are printed in whole percent; a score between two is read as the nearest, but only 0 is none of the
    scalp and only 100 is all of it.
    """
    _percentage(score, "a SALT score")
    whole = _whole_percent(score)
    banded = _scale(scale)
    for name, (low, high) in banded.bands.items():
        if low <= whole <= high:
            return name
    known = ", ".join(name for name, one in evidence().scales.items() if one.bands)
    raise InputError(f"the scale '{scale}' has no bands of a SALT score. Scales that do: {known}")


def convert(scale: str, grade: str | float, to: str) -> Converted:
    """Return a grade of one scale as it reads on another.

    Refuses a scale or a grade that is not known, and two scales that no source or choice of ours connects.
    """
    source, target = _scale(scale), _scale(to)
    if source.weights and target.bands:
        return Converted(to, salt_class(_number(source, grade), to), False, source.note, target.citekeys)
    level = level_of(scale, grade)
    conversion = _conversion(source, to)
    if level not in conversion.table:
        raise InputError(f"grade '{level}' of the {source.name} has no counterpart on '{to}'.")
    return Converted(
        to, conversion.table[level], conversion.approximate, conversion.note, conversion.citekeys
    )


def level_of(scale: str, grade: str | float) -> str:
    """Return a grade as its scale writes it ('2' for Ludwig is 'II', '3v' for Norwood 'III vertex')."""
    known = _scale(scale)
    found = grade_called(scale, grade)
    if found:
        return found
    spelt, written = spellings(scale), folded(str(grade))
    grades = ", ".join(one.level for one in known.levels)
    close = difflib.get_close_matches(written, spelt, n=1, cutoff=0.5)
    hint = f" Did you mean '{spelt[close[0]]}'?" if close else ""
    raise InputError(f"the {known.name} has no grade '{grade}'.{hint} Its grades: {grades}")


def _scale(scale: str) -> Scale:
    return find(evidence().scales, scale, "scale", "follicast evidence")


def _conversion(source: Scale, to: str) -> Conversion:
    for conversion in source.conversions:
        if conversion.to == to:
            return conversion
    known = ", ".join(conversion.to for conversion in source.conversions) or "no other scale"
    raise InputError(f"the {source.name} is not read as '{to}'. It is read as: {known}")


def _number(scale: Scale, grade: str | float) -> float:
    try:
        return float(grade)
    except ValueError:
        raise InputError(f"the {scale.name} is a number from 0 to 100, and '{grade}' is none.") from None


def _percentage(bare: float, what: str) -> None:
    if not (isinstance(bare, int | float) and math.isfinite(bare) and 0 <= bare <= 100):
        raise InputError(f"{what} is given in percent, from 0 to 100, and {bare!r} is not.")


def _whole_percent(score: float) -> float:
    nearest = math.floor(score + 0.5)
    return float(nearest) if nearest == score else float(min(max(nearest, 1), 99))
