"""Consents: given in the words of a version of a text, and withdrawn."""

from __future__ import annotations

from typing import Any

from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.ways import In, RecordId, Who, routes

router = routes("consents")


def shown(consent: Any) -> dict[str, Any]:
    """Return a consent as it is told."""
    return vars(consent) | {"holds": consent.holds}


@router.get("/patients/{id}/consents", response_model=list[shapes.Consent])
def of(id: RecordId, records: In) -> Any:
    """Read a patient's consents, oldest first, withdrawn ones too."""
    return [shown(consent) for consent in records.consents.of(id)]


@router.post("/patients/{id}/consents", status_code=201, response_model=shapes.Consent)
def give(id: RecordId, told: bodies.Consented, records: In, user: Who) -> Any:
    """Take down that a patient agrees to something."""
    return shown(records.consents.give(id, told.what, text_version=told.text_version, by=user))


@router.post("/consents/{id}/withdraw", response_model=shapes.Consent)
def withdraw(id: RecordId, records: In, user: Who) -> Any:
    """Take down that a consent is withdrawn."""
    return shown(records.consents.withdraw(id, by=user))
