"""The person's own fields as a form: which there are, how they stand, and how they are read back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from follicast.assessment.answering import retold
from follicast.doors.web.consult import desk
from follicast.patient import SCALES, Patient
from follicast.report.colours import HAIR_COLOURS, SKIN_TONES
from follicast.report.names import REGIONS
from follicast.report.text import LANGUAGES

_YES_NO = {"yes": "yes", "no": "no"}
_GRADES = {f"{scale} {grade}": f"{scale.capitalize()} {grade}" for scale, most in SCALES.items()
           for grade in range(1, most + 1)}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: its name in the form, its label, of which kind, and what may be chosen {value: label}."""

    name: str
    label: str
    kind: str
    choices: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    women: bool = False


def _word(name: str) -> str:
    return name.replace("-", " ")


FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("pattern", "Grade of pattern loss", "choice", _GRADES),
        Field("onset", "It began, months ago", "number", unit="months"),
        Field("course", "Course", "choice", {k: k for k in ("slow", "sudden", "fluctuating", "stable")}),
        Field("shedding", "Shedding score, Sinclair 1 to 6", "choice", {str(n): str(n) for n in range(1, 7)}),
        Field("family_history", "Hair loss in the family", "choice", _YES_NO),
        Field("menopause", "Menopause", "choice", {"pre": "before the menopause", "peri": "around the menopause",
                                                   "post": "past the menopause"}, women=True),
        Field("pregnant", "Pregnant, or perhaps", "choice", _YES_NO, women=True),
        Field("planning_pregnancy", "Planning a pregnancy", "choice", _YES_NO, women=True),
        Field("breastfeeding", "Breastfeeding", "choice", _YES_NO, women=True),
        Field("contraception", "Contraception", "text", women=True),
        Field("blood_pressure", "Blood pressure", "text", unit="mmHg"),
        Field("pulse", "Pulse", "number", unit="/min"),
        Field("age", "Age", "number", unit="years"),
        Field("date", "Day of the visit", "date"),
        Field("ancestry", "Ancestry", "text"),
        Field("latitude", "Latitude, north positive", "number", unit="°"),
        Field("region", "Safety rules of", "choice", REGIONS),
        Field("language", "Language of the plan", "choice", {code: name for code, (name, _) in LANGUAGES.items()}),
        Field("avoids_tablets", "Would rather not take tablets", "choice", _YES_NO),
        Field("accepts_injections", "Accepts injections", "choice", _YES_NO),
        Field("daily_minutes", "Minutes a day", "number", unit="min"),
        Field("budget", "Budget for a year", "number"),
        Field("currency", "Currency", "text"),
        Field("hair_colour", "Hair colour of the pictures", "choice", {name: _word(name) for name in HAIR_COLOURS}),
        Field("skin_tone", "Skin tone of the pictures", "choice", {name: _word(name) for name in SKIN_TONES}),
    )
}  # fmt: skip
GROUPS = {
    "The loss": ("pattern", "onset", "course", "shedding", "family_history"),
    "The person": ("age", "menopause", "pregnant", "planning_pregnancy", "breastfeeding", "contraception",
                   "blood_pressure", "pulse", "ancestry", "latitude"),
    "Wishes": ("avoids_tablets", "accepts_injections", "daily_minutes", "budget", "currency", "hair_colour",
               "skin_tone"),
    "The visit": ("date", "region", "language"),
}  # fmt: skip
_WISHES = ("avoids_tablets", "accepts_injections", "daily_minutes", "hair_colour", "skin_tone")


def values(patient: Patient) -> dict[str, str]:
    """Return every field as the form shows it, "" for unknown."""
    told: dict[str, Any] = {name: getattr(patient, name, None) for name in FIELDS}
    told |= {name: patient.wishes.get(name) for name in _WISHES}
    graded, pressure = patient.pattern, patient.blood_pressure
    told |= {
        "pattern": f"{graded.scale} {graded.level:g}" if graded else None,
        "onset": patient.onset.months_ago if patient.onset else None,
        "shedding": patient.shedding.score if patient.shedding else None,
        "blood_pressure": f"{pressure.systolic:g}/{pressure.diastolic:g}" if pressure else None,
        "contraception": _listed(patient.contraception),
        "budget": patient.budget.amount if patient.budget else None,
        "currency": patient.budget.currency if patient.budget else None,
        "family_history": patient.family_history if isinstance(patient.family_history, bool) else None,
    }
    return {name: _shown(value) for name, value in told.items()}


def _listed(told: Any) -> Any:
    return ", ".join(told) if isinstance(told, list) else told


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def read(patient: Patient, form: Any) -> Patient:
    """Return the patient with the form's fields; what is as it was shown stays as it was told."""
    before = values(patient)
    moved = {name for name in FIELDS if name in form and desk.text(form, name) != before[name]}
    changes = {name: _read(patient, name, form) for name in moved - set(_WISHES) - {"budget", "currency"}}
    if moved & set(_WISHES):
        told = {name: _wish(name, form) for name in moved & set(_WISHES)}
        changes["wishes"] = {k: v for k, v in {**patient.wishes, **told}.items() if v is not None}
    if moved & {"budget", "currency"}:
        amount = desk.number(form, "budget")
        currency = desk.text(form, "currency").upper()
        changes["budget"] = None if amount is None else {"amount": amount, "currency": currency}
    return retold(patient, changes)


def _read(patient: Patient, name: str, form: Any) -> Any:
    told = desk.text(form, name) or None
    if told is None:
        return None
    if name == "pattern":
        scale, _, grade = told.partition(" ")
        return {"scale": scale, "grade": int(grade) if grade.isdecimal() else grade}
    if name == "onset":
        return {"months_ago": desk.number(form, name)}
    if name == "shedding":
        held = patient.shedding.model_dump(exclude_none=True) if patient.shedding else {}
        return {**held, "score": desk.number(form, name)}
    if FIELDS[name].kind == "number":
        return desk.number(form, name)
    return told == "yes" if FIELDS[name].choices is _YES_NO else told


def _wish(name: str, form: Any) -> Any:
    told = desk.text(form, name)
    if not told:
        return None
    if FIELDS[name].kind == "number":
        return desk.number(form, name)
    return told == "yes" if FIELDS[name].choices is _YES_NO else told


def written(patient: Patient) -> str:
    """Return the whole story as the text of a file."""
    told = {"age": patient.age, "sex": patient.sex}
    told |= patient.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return json.dumps(told, ensure_ascii=False, indent=2)
