"""What went wrong, told to a program as problem+json (RFC 9457) and to a person as a page: where, and what would do.

A fault of our own is told and logged by its kind and place alone: its words may hold what a patient said.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NotRequired

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from follicast.doors.output import plain
from follicast.errors import Busy, Damaged, FollicastError, InputError, Missing, NotAllowed, WrongSchema
from follicast.patient import Contradiction, Patient
from follicast.patient.complaints import told_misfit
from follicast.records import Conflict

MEDIA = "application/problem+json"
LOG = logging.getLogger("follicast.web")
_RETRY_S = 5
TOLD_TO_GO = (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit)
_OF_HTTP = {
    404: "there is nothing at this address. What there is: /api/openapi.json",
    405: "this address does not do that. What it does: /api/openapi.json",
    400: "this cannot be read: it is not what its content-type says.",
}


class Field(TypedDict):
    """One field of two edits: what both started from, what is saved, what was about to be saved; null is absent."""

    field: str
    before: Any
    theirs: Any
    yours: Any
    clashes: bool


class Theirs(TypedDict):
    """What another has saved meanwhile."""

    version: int
    by: str


class Problem(TypedDict):
    """What went wrong: `detail` in words, `place` where in what was sent; of a conflict also what differs."""

    type: str
    title: str
    status: int
    detail: str
    place: list[str | int]
    theirs: NotRequired[Theirs]
    fields: NotRequired[list[Field]]
    red_flags: NotRequired[list[dict[str, Any]]]


class Forged(InputError):
    """A form without the proof of its session: it was not filled in on a page of ours, or that page is too old."""


class Full(Busy):
    """So many wait already that nobody more is let in for now."""


def answer(
    status: int,
    detail: str,
    place: Iterable[str | int] = (),
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return a problem as an answer to a program."""
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, "place": list(place)}
    body = json.dumps(plain(told | more), ensure_ascii=False, allow_nan=False)
    return Response(body.encode("utf-8", "replace"), status, headers, MEDIA)


def for_programs(request: Request) -> bool:
    """Say whether who asks is a program: it asks the API, or wants no page."""
    return request.url.path.startswith("/api") or "text/html" not in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    """Let the application tell what goes wrong."""
    app.add_exception_handler(FollicastError, _told)
    app.add_exception_handler(RequestValidationError, _misfit)
    app.add_exception_handler(HTTPException, _http)
    describe = app.openapi
    app.openapi = lambda: _described(describe())  # type: ignore[method-assign]


def _described(document: dict[str, Any]) -> dict[str, Any]:
    """Add what a problem looks like to the OpenAPI document."""
    shapes = document["components"]["schemas"]
    if "Problem" not in shapes:
        told = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
        shapes.update(told.pop("$defs", {}))
        shapes["Problem"] = told
    return document


_STATUS: dict[type[FollicastError], int] = {
    Forged: 403, NotAllowed: 403, Missing: 404, Busy: 503, Conflict: 409, WrongSchema: 503, Damaged: 503,
}  # fmt: skip


async def _told(request: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, FollicastError)
    status, headers = status_of(trouble), wait_of(trouble)
    if for_programs(request):
        return answer(status, str(trouble), place_of(trouble), headers, **_of_a_conflict(trouble))
    return _page(request, str(trouble), status, headers)


def status_of(trouble: FollicastError) -> int:
    """Return the status that an error is told with."""
    if isinstance(trouble, NotAllowed) and trouble.wait_s:
        return 429
    return next((status for kind, status in _STATUS.items() if isinstance(trouble, kind)), 422)


def wait_of(trouble: FollicastError) -> dict[str, str]:
    """Return when it may be tried again, as a header."""
    if isinstance(trouble, NotAllowed) and trouble.wait_s:
        return {"Retry-After": str(int(trouble.wait_s) + 1)}
    return {"Retry-After": str(_RETRY_S)} if isinstance(trouble, Busy) else {}


def place_of(trouble: FollicastError) -> tuple[str | int, ...]:
    """Return where in a patient's story two statements exclude each other."""
    return trouble.place if isinstance(trouble, Contradiction) else ()


def _of_a_conflict(trouble: FollicastError) -> dict[str, Any]:
    if not isinstance(trouble, Conflict):
        return {}
    fields = [
        {"field": one.field, "before": one.before, "theirs": one.theirs, "yours": one.yours}
        | {"clashes": one.clashes}
        for one in trouble.differences
    ]
    return {"theirs": {"version": trouble.theirs.version, "by": trouble.theirs.by}, "fields": fields}


async def _misfit(request: Request, trouble: Exception) -> Response:
    """Say of what does not fit the place and the reason, in the words that the patient's file gets."""
    assert isinstance(trouble, RequestValidationError)
    errors = [dict(error) for error in trouble.errors()]
    place, why = told_misfit(errors, _wanted(request))
    return answer(422, f"{_dotted(place) or 'what was sent'}: {why}", place)


def _wanted(request: Request) -> type[BaseModel]:
    """Return the model that the body of a request should have had; a patient's where it has none of its own."""
    field = getattr(request.scope.get("route"), "body_field", None)
    found = getattr(getattr(field, "field_info", None), "annotation", None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else Patient


def _dotted(place: tuple[str | int, ...]) -> str:
    said = ""
    for part in place:
        said += f"[{part}]" if isinstance(part, int) else f"{'.' if said else ''}{part}"
    return said


async def _http(request: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, HTTPException)
    detail = _OF_HTTP.get(trouble.status_code, str(trouble.detail))
    headers = dict(trouble.headers or {})
    if for_programs(request):
        return answer(trouble.status_code, detail, (), headers)
    return _page(request, detail, trouble.status_code, headers)


def _page(request: Request, trouble: str, status: int, headers: dict[str, str]) -> Response:
    from follicast.doors.web.pages import page

    shown = page(request, "trouble.html", {"trouble": trouble, "status": status}, status)
    shown.headers.update(headers)
    return shown


def fault(trouble: BaseException) -> str:
    """Log a fault of our own by its kind and place, and return what may be said of it."""
    at = traceback.extract_tb(trouble.__traceback__)
    places = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(at[-6:]))
    LOG.error("a fault of our own: %s at %s", type(trouble).__name__, places)
    return (
        f"a fault of Follicast's own ({type(trouble).__name__}); please report it. Nothing of this was kept."
    )
