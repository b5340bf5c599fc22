"""The clinic's patients: found, added, read, changed from a version, handed out, erased."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.ways import In, RecordId, Who, may, routes
from follicast.records import Chart

router = routes("patients")


def shown(chart: Chart) -> dict[str, Any]:
    """Return one state of a patient's story as it is told."""
    told = {name: getattr(chart, name) for name in ("id", "version", "name", "number", "at", "by")}
    return told | {"patient": chart.document}


@router.post("/patients/find", response_model=list[shapes.Listed])
def find(sought: bodies.Sought, records: In) -> Any:
    """Find patients by words of name or number; the words stand in the body, so that no address holds a name."""
    return [vars(found) for found in records.patients.find(sought.text, sought.limit)]


@router.post("/patients", status_code=201, response_model=shapes.Chart)
def add(told: bodies.PatientAdded, records: In, user: Who) -> Any:
    """Add a patient."""
    return shown(records.patients.add(told.patient, by=user, name=told.name))


@router.get("/patients/{id}", response_model=shapes.Chart)
def see(id: RecordId, records: In, user: Who) -> Any:
    """Read a patient's story as it is now; the trail keeps who looked."""
    return shown(records.patients.see(id, by=user))


@router.put("/patients/{id}", response_model=shapes.Chart)
def change(id: RecordId, told: bodies.PatientChanged, records: In, user: Who) -> Any:
    """Save a patient's story, starting from a version; 409 with what differs if it is not the newest."""
    return shown(records.patients.change(id, told.patient, version=told.version, by=user, name=told.name))


@router.get("/patients/{id}/history", response_model=list[shapes.Chart])
def history(id: RecordId, records: In, user: Who) -> Any:
    """Read every state that a patient's story had, oldest first."""
    found = [shown(chart) for chart in records.patients.history(id)]
    records.audit.note("seen", "history", id, by=user, patient=id)
    return found


@router.delete("/patients/{id}", response_model=shapes.Erased)
def erase(id: RecordId, records: In, user: Who) -> Any:
    """Erase a person, for good; backups still hold her."""
    return {"overwritten": records.erase(id, by=user)}


@router.post(
    "/patients/{id}/export",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "all that is kept of her"}},
)
def export(id: RecordId, records: In, user: Who) -> Any:
    """Hand out all that is kept of a person, as a zip file."""
    may(user, "export")
    folder = tempfile.TemporaryDirectory()  # private to this user of the machine, and gone after the answer
    try:
        file = records.export(id, Path(folder.name) / "person.zip", by=user)
    except BaseException:
        folder.cleanup()
        raise
    gone = BackgroundTask(folder.cleanup)
    return FileResponse(file, media_type="application/zip", filename=f"{id}.zip", background=gone)
