"""Photographs of a scalp: kept after they were decoded and written anew, and shown to who is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import File, Form, UploadFile
from fastapi.responses import Response
from pydantic import BeforeValidator

from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.ways import In, RecordId, Who, may, routes
from follicast.doors.web.developed import developed
from follicast.records import Photograph

router = routes("photographs")


def _blank_is_none(word: object) -> object:
    return None if word == "" else word


Word = Annotated[bodies.Line | None, BeforeValidator(_blank_is_none), Form()]
VisitId = Annotated[bodies.Id | None, BeforeValidator(_blank_is_none), Form()]


def shown(found: Photograph) -> dict[str, Any]:
    """Return what is known of a photograph, and where it is."""
    told = {name: value for name, value in vars(found).items() if name != "hash"}
    return told | {"link": f"/api/photographs/{found.id}"}


@router.get("/patients/{id}/photographs", response_model=list[shapes.Photograph])
def of(id: RecordId, records: In) -> Any:
    """List a patient's photographs by day."""
    return [shown(found) for found in records.photographs.of(id)]


@router.post("/patients/{id}/photographs", status_code=201, response_model=shapes.Photograph)
def keep(
    id: RecordId,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP")],
    day: Annotated[dt.date, Form()],
    site: Annotated[bodies.Line, Form(min_length=1)],
    records: In,
    user: Who,
    light: Word = None,
    note: Word = None,
    visit_id: VisitId = None,
) -> Any:
    """Keep a photograph: only the picture is kept, not where and with what it was taken."""
    may(user, "write")
    picture = developed(file.file.read())
    found = records.photographs.keep(
        id, picture, day=day, site=site, by=user, light=light, note=note, visit_id=visit_id
    )
    return shown(found)


@router.get(
    "/photographs/{id}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}, "image/webp": {}}}},
)
def see(id: RecordId, records: In, user: Who) -> Any:
    """Show a photograph; the trail keeps who looked."""
    found, picture = records.photographs.get(id), records.photographs.read(id)
    records.audit.note("seen", "photograph", id, by=user, patient=found.patient_id)
    return Response(picture, media_type=found.media, headers={"Content-Disposition": "inline"})


@router.delete("/photographs/{id}", status_code=204, response_class=Response)
def remove(id: RecordId, records: In, user: Who) -> None:
    """Remove a photograph; the trail keeps that it was there."""
    records.photographs.remove(id, by=user)
