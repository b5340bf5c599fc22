"""Photographs: taken over the ghost of the last one, compared on a line of time, with what was done in between."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from follicast.doors.web import guard
from follicast.doors.web.consult import desk
from follicast.doors.web.consult.desk import Desk, Form, Held, Opened
from follicast.errors import InputError, NotAllowed
from follicast.records import Issued, Photograph
from follicast.sites import SITES, usual_site

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)
CONSENT, TEXT = "photographs", "2026-11"
WORDS = (
    "I agree that photographs of my scalp are kept with my records, to compare how my hair changes. "
    "They are shown to nobody outside the clinic, and I can withdraw this at any time."
)


@router.get("/photographs")
def photographs(at: Opened) -> Response:
    """Show the photographs, two of them beside each other in time."""
    return _shown(at)


@router.post("/photographs/compare")
def compare(at: Held, form: Form) -> Response:
    """Compare two that were chosen."""
    return _shown(at, first=desk.text(form, "first"), second=desk.text(form, "second"))


def _shown(at: Desk, trouble: str = "", status: int = 200, first: str = "", second: str = "") -> Response:
    kept = at.records.photographs.of(at.chart.id)
    pair = _pair(kept, first, second)
    return at.page(
        "photographs.html", "photographs", status, kept=kept, pair=pair, between=_between(at, pair), sites=SITES,
        usual=usual_site(at.patient.sex), agreed=at.records.consents.hold(at.chart.id, CONSENT), words=WORDS,
        today=dt.date.today(), trouble=trouble,
    )  # fmt: skip


def _pair(kept: list[Photograph], first: str, second: str) -> tuple[Photograph, Photograph] | None:
    """Return the two that were chosen, the older first; else the oldest and the newest of the newest's site."""
    if not kept:
        return None
    by_id = {one.id: one for one in kept}
    alike = [one for one in kept if one.site == kept[-1].site]
    pair = (by_id.get(first, alike[0]), by_id.get(second, alike[-1]))
    return pair if pair[0].day <= pair[1].day else (pair[1], pair[0])


def _between(at: Desk, pair: tuple[Photograph, Photograph] | None) -> list[Issued]:
    return at.records.plans.followed(at.chart.id, pair[0].day, pair[1].day) if pair else []


@router.post("/consent")
def agree(at: Held, form: Form) -> Response:
    """Take down that the patient agrees to photographs, in the words that stand on the page."""
    if desk.text(form, "agrees") != "yes":
        return _shown(at, "Photographs are kept only of patients who agree to it.", 422)
    by = guard.user_of(at.request)
    at.records.consents.give(at.chart.id, CONSENT, text_version=TEXT, by=by)
    return at.go("photographs")


@router.post("/photographs")
def keep(at: Held, form: Form) -> Response:
    """Keep a photograph."""
    sent, day = form.get("file"), desk.day(form, "day")
    if not at.records.consents.hold(at.chart.id, CONSENT):
        raise NotAllowed(
            "photographs are kept only of patients who agree to it; take the consent down first."
        )
    if not isinstance(sent, UploadFile) or not sent.size or day is None:
        return _shown(at, "A photograph needs a picture and a day.", 422)
    try:
        at.records.photographs.keep(
            at.chart.id, sent.file.read(), day=day, site=desk.text(form, "site") or usual_site(at.patient.sex),
            light=desk.text(form, "light") or None, note=desk.text(form, "note") or None,
            by=guard.user_of(at.request),
        )  # fmt: skip
    except InputError as trouble:
        return _shown(at, str(trouble), 422)
    return at.go("photographs")
