"""Visits: what was measured on a day; mended from a version, struck out, never lost."""

from __future__ import annotations

from typing import Any

from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.ways import In, RecordId, Who, routes
from follicast.records import Visit

router = routes("visits")


def shown(visit: Visit) -> dict[str, Any]:
    """Return a visit as it is told."""
    measured = [one.model_dump(mode="json") | {"unit": one.unit} for one in visit.measurements]
    return vars(visit) | {"measurements": measured}


@router.get("/patients/{id}/visits", response_model=list[shapes.Visit])
def of(id: RecordId, records: In, user: Who) -> Any:
    """Read a patient's visits by day, without those struck out; the trail keeps who looked."""
    found = [shown(visit) for visit in records.visits.of(id)]
    records.audit.note("seen", "visits", id, by=user, patient=id)
    return found


@router.post("/patients/{id}/visits", status_code=201, response_model=shapes.Visit)
def add(id: RecordId, told: bodies.VisitAdded, records: In, user: Who) -> Any:
    """Add a visit with what was measured."""
    return shown(records.visits.add(id, told.day, told.measurements, by=user, note=told.note))


@router.put("/visits/{id}", response_model=shapes.Visit)
def change(id: RecordId, told: bodies.VisitChanged, records: In, user: Who) -> Any:
    """Save a visit, starting from a version; 409 if it is no longer the newest."""
    found = records.visits.change(
        id, told.day, told.measurements, version=told.version, by=user, note=told.note
    )
    return shown(found)


@router.post("/visits/{id}/strike", response_model=shapes.Visit)
def strike(id: RecordId, told: bodies.Struck, records: In, user: Who) -> Any:
    """Strike out a visit that was entered by mistake; it stays in the history."""
    return shown(records.visits.strike(id, version=told.version, by=user))
