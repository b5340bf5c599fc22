"""The single values of a patient's file: a number that is one, a day, a share, and how they may be written."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

MAX_BYTES = 1_000_000  # a patient file is a page or two; more is a mistake and is not read
OLDEST_A = 120
Sex = Literal["F", "M"]
Region = Literal["strictest", "jp", "us", "eu"]
Menopause = Literal["pre", "peri", "post"]
Cycle = Literal["regular", "irregular", "absent"]
Severity = Literal["none", "mild", "moderate", "severe"]
SEXES = {
    **dict.fromkeys(("f", "female", "woman", "girl", "w", "nữ", "女", "女性", "أنثى", "امرأة"), "F"),
    **dict.fromkeys(("m", "male", "man", "boy", "nam", "男", "男性", "ذكر", "رجل"), "M"),
}
MENOPAUSES = {"premenopausal": "pre", "perimenopausal": "peri", "postmenopausal": "post"}
SCALES = {"sinclair": 5, "ludwig": 3, "norwood": 7}
MORE_THAN_A_HEAD_HAS = 2000  # hairs per cm2; the densest scalps have some 400
DAYS_A_MONTH = 30.4375


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("this is not a finite number")
    return value


def _as_date(value: object) -> object:
    """Read an ISO date and nothing looser: 03/04 is two different days in two countries."""
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("this is not a day of the calendar; write it as 2026-11-22") from None


def _as_sex(value: object) -> object:
    return SEXES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _as_menopause(value: object) -> object:
    if isinstance(value, bool):
        return "post" if value else "pre"
    return MENOPAUSES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _as_lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _as_when(value: object) -> object:
    """Read a day, a month or a year ('2026-04-30', '2026-04', 2026), and keep it as it was written."""
    told = (
        str(value).strip()
        if isinstance(value, str | int | dt.date) and not isinstance(value, bool)
        else value
    )
    if isinstance(told, str) and _middle(told) is None:
        raise ValueError("this is no day, month or year; write it as 2026-11-22, 2026-11 or 2026")
    return told


def _middle(told: str) -> dt.date | None:
    parts = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", told)
    if not parts:
        return None
    try:
        return dt.date(int(parts[1]), int(parts[2] or 7), int(parts[3] or (15 if parts[2] else 1)))
    except ValueError:
        return None


def months_before(told: str | None, today: dt.date | None) -> float | None:
    """Return how many months [mo] before today something was, a month or year read at its middle; else None."""
    day = _middle(told) if told is not None else None
    return None if day is None or today is None else max(0.0, (today - day).days / DAYS_A_MONTH)


def first_day(told: str) -> dt.date | None:
    """Return the earliest day that a day, month or year may mean."""
    parts = [int(part) for part in told.split("-")]
    return dt.date(*(*parts, 1, 1)[:3]) if _middle(told) else None


def as_list(value: object) -> object:
    """Let one thing stand where a list of such things may."""
    return [value] if isinstance(value, dict) else value


def bare(key: str) -> Any:
    """Return a reader that lets a list say `vertex` where a mapping with only that `key` would stand."""

    def read(entries: object) -> object:
        if not isinstance(entries, list):
            return entries
        return [{key: entry} if isinstance(entry, str) else entry for entry in entries]

    return BeforeValidator(read)


def in_unit(unit: str, what: str) -> Any:
    """Return the unit (UCUM) and the meaning of a number, for the published schema."""
    return Field(description=f"{what} [{unit}]", json_schema_extra={"unit": unit})


Real = Annotated[float, Field(strict=True), AfterValidator(_finite)]
NotNegative = Annotated[Real, Field(ge=0)]
Whole = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Share = Annotated[Real, Field(ge=0, le=1), in_unit("1", "a share, 0 none and 1 all")]
Months = Annotated[Real, Field(ge=0, le=12 * OLDEST_A), in_unit("mo", "months")]
Age = Annotated[NotNegative, Field(le=OLDEST_A), in_unit("a", "years of age")]
Yes = Annotated[bool, Field(strict=True)]
Word = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Note = Annotated[str, Field(strict=True, max_length=10_000)]
Day = Annotated[dt.date, BeforeValidator(_as_date)]
When = Annotated[str, BeforeValidator(_as_when), Field(description="a day, a month or a year, ISO 8601")]
Density = Annotated[NotNegative, Field(le=MORE_THAN_A_HEAD_HAS), in_unit("/cm2", "hairs")]
Diameter = Annotated[Real, Field(gt=0, le=250), in_unit("um", "shaft diameter")]
Lower = BeforeValidator(_as_lower)
ReadSex = BeforeValidator(_as_sex)
ReadMenopause = BeforeValidator(_as_menopause)
