"""What every page of one patient begins with: her chart, who reads it, and a form's fields read with plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from follicast.doors.web import guard
from follicast.doors.web.pages import page
from follicast.errors import InputError, RecordsError
from follicast.patient import Patient
from follicast.records import Chart, Records

Unsaved = RecordsError  # what the records refused is told by the application, with its own status
Form = Annotated[dict[str, Any], Depends(guard.formed)]


@dataclass(frozen=True)
class Desk:
    """One patient's chart on the desk, and the request that asked for it."""

    request: Request
    chart: Chart

    @property
    def patient(self) -> Patient:
        """The patient as told."""
        return self.chart.patient

    @property
    def records(self) -> Records:
        """The clinic's memory."""
        return records_of(self.request)

    def page(self, template: str, step: str, status: int = 200, **told: Any) -> Response:
        """Return a page of this patient; `step` is the way's present one."""
        told = {"chart": self.chart, "patient": self.patient, "step": step, "here": self.address(), **told}
        return page(self.request, template, told, status)

    def address(self, step: str = "") -> str:
        """Return where a step of this patient lies."""
        return f"/patients/{self.chart.id}" + (f"/{step}" if step else "")

    def go(self, step: str, fragment: str = "") -> Response:
        """Send the browser to a step."""
        return RedirectResponse(self.address(step) + (f"#{fragment}" if fragment else ""), 303)

    def save(self, patient: Patient, version: int) -> Chart:
        """Keep a new state of the intake; raises `Conflict` where another was saved since."""
        by = guard.user_of(self.request)
        return self.records.patients.change(self.chart.id, patient, version=version, by=by)


def records_of(request: Request) -> Records:
    """Return the clinic's memory."""
    records: Records = request.app.state.records
    return records


def opened(request: Request, id: str) -> Desk:
    """Open a patient's chart, and keep in the trail who looked."""
    return Desk(request, records_of(request).patients.see(id, by=guard.user_of(request)))


def held(request: Request, id: str, form: Form) -> Desk:
    """Take a patient's chart at hand for a form that proved to come from its page."""
    return Desk(request, records_of(request).patients.get(id))


Opened = Annotated[Desk, Depends(opened)]
Held = Annotated[Desk, Depends(held)]


def text(form: Mapping[str, Any], name: str) -> str:
    """Return a field as a line of text, "" where it was not sent."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def many(form: Mapping[str, Any], name: str) -> list[str]:
    """Return every value of a field that may be sent several times."""
    value = form.get(name, [])
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one]


def number(form: Mapping[str, Any], name: str) -> float | None:
    """Return a field as a number, None where it is empty; a comma may stand for the point."""
    told = text(form, name)
    if not told:
        return None
    try:
        return float(told.replace(",", "."))
    except ValueError:
        raise InputError(f"{name}: '{told}' is no number. Write it as 12 or 12.5.") from None


def whole(form: Mapping[str, Any], name: str) -> int:
    """Return a field as a whole number; raises `InputError` where it is none."""
    told = text(form, name)
    if not told.isdecimal() or len(told) > 9:
        raise InputError(f"{name}: '{told}' is no whole number. Reload the page and try again.")
    return int(told)


def day(form: Mapping[str, Any], name: str) -> dt.date | None:
    """Return a field as a day, None where it is empty."""
    told = text(form, name)
    if not told:
        return None
    try:
        return dt.date.fromisoformat(told)
    except ValueError:
        raise InputError(f"{name}: '{told}' is no day. Write it as 2026-11-22.") from None
