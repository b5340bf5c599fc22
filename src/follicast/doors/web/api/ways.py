"""What the routes of the API share: where the records are, who asks, and what may go wrong."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from follicast.doors.output import plain
from follicast.doors.web import problem
from follicast.doors.web.guard import user_of
from follicast.doors.web.work import Work
from follicast.errors import NotAllowed
from follicast.records import Records, User

RecordId = Annotated[str, Path(pattern=r"^[a-z0-9]{1,24}$", description="an id of the records")]


def _records(request: Request) -> Records:
    found: Records = request.app.state.records
    return found


def _work(request: Request) -> Work:
    found: Work = request.app.state.work
    return found


In = Annotated[Records, Depends(_records)]
Queue = Annotated[Work, Depends(_work)]
Who = Annotated[User, Depends(user_of)]


def told(*statuses: int) -> dict[int | str, Any]:
    """Return what the OpenAPI document says of statuses that are told as problems."""
    shown = {"content": {problem.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {status: shown | {"description": _WHY[status]} for status in (401, 403, 413, 422, 503, *statuses)}


def answer(told: dict[str, Any]) -> JSONResponse:
    """Return an answer of the library whole, as it is; the document describes it."""
    return JSONResponse(plain(told))


_WHY = {
    400: "it cannot be read",
    401: "sign in first",
    403: "not for this role, or without the token of the page",
    404: "there is no such record",
    409: "another has saved since; both versions are told",
    413: "more than 25 MB",
    422: "what was sent cannot be, and where",
    503: "too many wait, or the records are busy; Retry-After says when to come back",
}


def routes(tag: str) -> APIRouter:
    """Return a router of the API whose problems are told as problem+json."""
    return APIRouter(prefix="/api", tags=[tag], responses=told(400, 404, 409))


def may(user: User, act: str) -> None:
    """Raise `NotAllowed` where a user may not do something, before any work is done for her."""
    if not user.may(act):
        raise NotAllowed(f"user {user.id} is {user.role} and may not do this ({act}). Ask an admin.")
