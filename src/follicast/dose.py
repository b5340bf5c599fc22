"""Reads a dose as people write it ('5 mg twice a day') as an amount a day, or not at all.

What is no plain amount (a range, a tablet of unknown strength, a per cent) is left unread; nothing is guessed but
one thing, on the safe side for limits: an amount without a rhythm is taken as a day's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from follicast.evidence.number import Number
from follicast.names import plain_unit

NUMBER = r"(\d+(?:[.,]\d+)?)"
AMOUNT = re.compile(
    rf"^(?:{NUMBER}\s*(?:x|×|tablets?|tabs?|capsules?|caps?|pills?|viên)\s*(?:of|à|a)?\s*)?"
    rf"{NUMBER}\s*(mg|mcg|[uµμ]g|g|iu|i\.u\.|ui|ie|国際単位|ml)\b\.?(.*)$",
    re.IGNORECASE,
)
UNITS = {"iu": "[iU]", "i.u.": "[iU]", "ui": "[iU]", "ie": "[iU]", "国際単位": "[iU]", "ml": "mL"}
MASSES = {"g": 1000.0, "mg": 1.0, "ug": 0.001}  # in mg, by definition of the prefixes
DAYS = {"h": 1 / 24, "hour": 1 / 24, "d": 1, "day": 1, "week": 7, "wk": 7, "month": 30.4375, "mo": 30.4375}
WORDS = {"once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4}
SHORT = {
    "od": 1,
    "qd": 1,
    "o.d": 1,
    "nocte": 1,
    "bd": 2,
    "bid": 2,
    "tds": 3,
    "tid": 3,
    "qds": 4,
    "qid": 4,
    "qod": 0.5,
}
ONCE = r"(?:in the morning|at night|at bedtime|in the evening|every (?:morning|night|evening)|nightly)"
EACH = re.compile(r"(?:a|per|each|every|/)?\s*(d|day|week|wk|month|mo)")
TIMES = re.compile(
    rf"(?:{NUMBER}|([a-z]+))\s*(?:x|×|times?)?\s*(?:(?:a|per|each|every|/)\s*(day|week|month|d|wk)|(daily|weekly))"
)
EVERY = re.compile(rf"every\s+(?:{NUMBER}|(other|second))?\s*(hour|h|day|week|month)s?")
ELSEWHERE = re.compile(
    r"(?:1日|一日)(\d)回|(?:ngày|mỗi ngày|một ngày)\s*(\d)\s*lần|(\d)\s*lần\s*(?:/|một|mỗi)?\s*ngày"
)
LY = {"daily": 1.0, "weekly": 1 / 7, "monthly": 1 / 30.4375, "every other day": 0.5, "alternate days": 0.5}
LY |= {"毎日": 1.0, "mỗi ngày": 1.0, "hàng ngày": 1.0, "يوميا": 1.0, "مرة يوميا": 1.0, "مرتين يوميا": 2.0}


@dataclass(frozen=True)
class Dose:
    """An amount a day, in `unit` (mg, [iU] or mL)."""

    per_day: float
    unit: str


def read(text: str) -> Dose | None:
    """Return what a dose amounts to in a day, or None where it cannot be read for certain."""
    found = AMOUNT.match(text.strip().lower())
    if found is None:
        return None
    often = _a_day(found[4].strip(" ,;()"))
    if often is None:
        return None
    unit = UNITS.get(found[3], plain_unit(found[3]))
    amount = _number(found[2], unit)
    if amount is None:
        return None
    per_day = float((found[1] or "1").replace(",", ".")) * amount * often
    return Dose(per_day * MASSES[unit], "mg") if unit in MASSES else Dose(per_day, unit)


def in_unit(dose: Dose, unit: str, iu_per_mg: Number | None) -> float | None:
    """Return a daily dose in mg/d or [iU]/d; `iu_per_mg` is what a mg of this drug is worth, where that is fixed."""
    if f"{dose.unit}/d" == unit:
        return dose.per_day
    if iu_per_mg is None or {f"{dose.unit}/d", unit} != {"mg/d", "[iU]/d"}:
        return None
    return dose.per_day * iu_per_mg.value if unit == "[iU]/d" else dose.per_day / iu_per_mg.value


def _a_day(rhythm: str) -> float | None:
    """Return how often a day; no word of a rhythm is once, an unreadable one None."""
    plain = re.sub(r"\s+", " ", rhythm).strip(" .,")
    if not plain or re.fullmatch(ONCE, plain):
        return 1.0
    for known in (SHORT, LY):
        if plain in known:
            return known[plain]
    if scheme := re.fullmatch(r"(\d)-(\d)-(\d)(?:-(\d))?", plain):
        return float(sum(int(part or 0) for part in scheme.groups()))
    if abroad := ELSEWHERE.fullmatch(plain):
        return float(next(filter(None, abroad.groups())))
    return _each(plain) or _times(plain) or _every(plain)


def _each(plain: str) -> float | None:
    found = EACH.fullmatch(plain)
    return 1 / DAYS[found[1]] if found else None


def _times(plain: str) -> float | None:
    found = TIMES.fullmatch(plain)
    if found is None or (found[2] and found[2] not in WORDS):
        return None
    count = float(found[1].replace(",", ".")) if found[1] else float(WORDS[found[2]])
    return count * (LY[found[4]] if found[4] else 1 / DAYS[found[3]])


def _every(plain: str) -> float | None:
    found = EVERY.fullmatch(plain)
    if found is None:
        return None
    gap = 2.0 if found[2] else float((found[1] or "1").replace(",", "."))
    return 1 / (gap * DAYS[found[3]]) if gap else None


def _number(text: str, unit: str = "") -> float | None:
    """Read a decimal, with point or comma; three digits after a comma are thousands of IU and else may be either."""
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) and not (unit != "[iU]" and "." in text):
        return float(text.replace(",", "")) if unit == "[iU]" and "," in text else None
    return float(text.replace(",", "."))
