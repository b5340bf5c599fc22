"""The first page: find a patient, or add one; and the language in which the pages speak."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from follicast.doors.web import guard
from follicast.doors.web.consult import desk
from follicast.doors.web.consult.desk import Form
from follicast.doors.web.pages import LANGUAGE_COOKIE, language_of, page
from follicast.errors import InputError
from follicast.patient import Patient
from follicast.report.names import REGIONS
from follicast.report.text import LANGUAGES

router = APIRouter(include_in_schema=False)
_REGION_COOKIE = "follicast_region"


@router.get("/")
def first(request: Request) -> Response:
    """Show who was seen last, and ask whom to find or add."""
    return _shown(request, "")


@router.post("/")
def find(request: Request, form: Form) -> Response:
    """Show the patients whose name or number holds every word; a name never stands in an address."""
    return _shown(request, desk.text(form, "text"))


def _shown(request: Request, sought: str, trouble: str = "", status: int = 200) -> Response:
    found = desk.records_of(request).patients.find(sought[:200])
    region = request.cookies.get(_REGION_COOKIE, "strictest")
    told = {"found": found, "sought": sought, "trouble": trouble, "regions": REGIONS, "region": region,
            "today": dt.date.today()}  # fmt: skip
    return page(request, "patients.html", told, status)


@router.post("/patients")
def add(request: Request, form: Form) -> Response:
    """Keep a new patient and go on to her intake."""
    age, sex, region = desk.number(form, "age"), desk.text(form, "sex"), desk.text(form, "region")
    if age is None or sex not in ("F", "M"):
        return _shown(request, "", "A patient needs at least age and sex.", 422)
    try:
        # the day of asking stands from the start, so that a list asked in full answers its class
        told = {"age": age, "sex": sex, "language": language_of(request), "region": region or "strictest",
                "date": desk.day(form, "date") or dt.date.today(), "id": desk.text(form, "number") or None}  # fmt: skip
        patient = Patient.model_validate(told)
    except ValueError:
        return _shown(request, "", "An age lies between 0 and 120 years.", 422)
    by = guard.user_of(request)
    chart = desk.records_of(request).patients.add(patient, name=desk.text(form, "name"), by=by)
    answer = RedirectResponse(f"/patients/{chart.id}/intake", 303)
    answer.set_cookie(_REGION_COOKIE, patient.region, max_age=31_536_000, httponly=True, samesite="strict")
    return answer


@router.get("/patients/{id}")
def way(id: str) -> Response:
    """Begin with the intake."""
    return RedirectResponse(f"/patients/{id}/intake" if id.isalnum() else "/", 303)


@router.post("/language")
def speak(request: Request, form: Form) -> Response:
    """Speak another language from now on, and go back to the page."""
    language, back = desk.text(form, "language"), desk.text(form, "back")
    if language not in LANGUAGES:
        raise InputError(f"language: '{language}' is not spoken here. Choose one of: {', '.join(LANGUAGES)}.")
    plain = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = RedirectResponse(back if plain else "/", 303)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="strict")
    return answer
