"""What is known, looked up: therapies, kinds of hair loss, drugs, and any entry of the evidence with its sources."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from follicast.doors import lookups
from follicast.doors.web.api import shapes
from follicast.doors.web.api.ways import answer, routes
from follicast.errors import InputError, Missing

router = routes("evidence")


@router.get("/therapies", response_model=shapes.Therapies)
def therapies() -> Any:
    """List every therapy, with its route and how far its evidence reaches in women and men."""
    return answer(lookups.listed("therapies"))


@router.get("/conditions", response_model=shapes.Conditions)
def conditions() -> Any:
    """List every kind of hair loss that is weighed."""
    return answer(lookups.listed("conditions"))


@router.get("/drugs", response_model=shapes.Drugs)
def drugs() -> Any:
    """List every drug that a story may name, with its other names and its classes."""
    return answer(lookups.listed("drugs"))


@router.get("/evidence", response_model=shapes.Shelves)
def shelves() -> Any:
    """List what is held, shelf by shelf."""
    return answer(lookups.listed("shelves"))


@router.get("/evidence/{id:path}", response_model=shapes.Entry)
def entry(id: Annotated[str, Path(max_length=300, description="any id, or a link (shelf:id#path)")]) -> Any:
    """Show one entry with the works it rests on; of a work, who rests on it."""
    try:
        return answer(lookups.entry(id))
    except InputError as trouble:
        raise Missing(str(trouble)) from None
