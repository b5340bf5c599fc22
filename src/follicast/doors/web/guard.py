"""The door's keeper: who is not signed in sees the sign-in page and nothing else; what changes something must prove
where it comes from; every answer says what a browser may do with it.

It writes no address and no word of a request to a log: either may say who a patient is. It passes streams through as
they come, and counts what comes in, whether its length was told or not.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from follicast.doors.web import problem
from follicast.doors.web.problem import Forged
from follicast.errors import FollicastError
from follicast.records import LOCAL, Records, User

COOKIE = "follicast_session"
FORM_FIELD, HEADER = "csrf", "x-csrf-token"
OPEN = ("/sign-in", "/open", "/static/", "/healthz", "/cds-services")
_SAFE = {"GET", "HEAD", "OPTIONS"}
MOST_BYTES = 25_000_000  # a photograph is the largest thing that comes in
_TOO_LARGE = "this is larger than 25 MB, the most that is taken."
_OLD_FORM = "this form is too old or not ours; reload the page and try again."
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    # no-referrer would make browsers send forms with the origin "null", and none of ours would be let in
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def is_open(path: str) -> bool:
    """Say whether a path may be seen without signing in."""
    return any(path == way or path.startswith(way.rstrip("/") + "/") for way in OPEN)


def proof(session: str) -> str:
    """Return the token that forms and scripts of a session send along; who has not seen a page cannot know it."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


class Keeper:
    """The keeper as a layer around the application: lets a request through, or answers it, and dresses the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the door for one request; anything but HTTP is sent away."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await self._keep(Request(scope, receive), scope, receive, send)

    async def _keep(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        answered = _Answer(request, send)
        try:
            await _recognise(request)
            refusal = _refused(request)
            if refusal is None:
                await self.app(scope, _counted(receive), answered)
            else:
                await refusal(scope, receive, answered)
        except FollicastError as trouble:
            await answered.instead(
                problem.status_of(trouble), str(trouble), problem.wait_of(trouble), receive
            )
        except HTTPException as trouble:
            await answered.instead(trouble.status_code, str(trouble.detail), {}, receive)
        except problem.TOLD_TO_GO:
            raise
        except BaseException as trouble:  # a compiled library's panic is no Exception
            await answered.instead(500, problem.fault(trouble), {}, receive)


class _Answer:
    """Where an answer goes out: dressed with the headers of the house, and begun only once."""

    def __init__(self, request: Request, send: Send) -> None:
        self.request, self.send, self.begun = request, send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            _dress(self.request, MutableHeaders(scope=message))
        await self.send(message)

    async def instead(self, status: int, detail: str, headers: dict[str, str], receive: Receive) -> None:
        """Answer with what went wrong; once an answer has begun it can only be broken off."""
        if self.begun:
            raise ConnectionAbortedError("the answer was broken off") from None
        await problem.answer(status, detail, (), headers)(self.request.scope, receive, self)


async def _recognise(request: Request) -> None:
    """Find out who asks; who was let in at this computer alone is nobody where accounts are asked for."""
    records: Records = request.app.state.records
    session = request.cookies.get(COOKIE, "")[:200]
    user = await run_in_threadpool(records.sessions.user, session) if session else None
    if user is not None and user.id == LOCAL and request.app.state.settings.door != "local":
        user = None
    request.state.user = user
    request.state.csrf = proof(session) if user else ""


def _refused(request: Request) -> Response | None:
    if _too_large(request):
        return problem.answer(413, _TOO_LARGE)
    if request.state.user is None and not is_open(request.url.path):
        return _sign_in_first(request)
    if request.method not in _SAFE and not _from_here(request):
        return problem.answer(403, "this did not come from a page of ours; reload the page and try again.")
    return None


def _too_large(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > MOST_BYTES


def _counted(receive: Receive) -> Receive:
    """Count what comes in, and take no more than the most: a length need not be told, nor be true."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return counting


def _sign_in_first(request: Request) -> Response:
    if problem.for_programs(request):
        return problem.answer(401, "sign in first.", (), {"WWW-Authenticate": "Cookie"})
    return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303)


def _from_here(request: Request) -> bool:
    """Say whether a request that changes something comes from a page of ours.

    A browser names the page's origin; scripts also send the session's proof as a header. A form's proof stands in its
    body and is looked at by `formed`; the API takes no form without the header.
    """
    if not _of_our_origin(request):
        return False
    if request.state.user is None:
        return True  # the sign-in page: nothing can be changed there but by who knows a password
    sent = request.headers.get(HEADER)
    if sent is not None:
        return hmac.compare_digest(sent.encode(), request.state.csrf.encode())
    return _is_form(request) and not request.url.path.startswith("/api")


def _of_our_origin(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    scheme = "https" if request.app.state.settings.secure else request.url.scheme
    return origin is None or origin == f"{scheme}://{request.headers.get('host', '')}"


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


async def formed(request: Request) -> dict[str, Any]:
    """Return the fields of a form that carries its session's proof; raises `Forged` where it does not."""
    form = await request.form(max_fields=2000, max_files=10)
    header = request.headers.get(HEADER)
    sent = header if header is not None else str(form.get(FORM_FIELD, ""))
    if request.state.user is not None and not hmac.compare_digest(
        sent.encode("utf-8", "replace"), request.state.csrf.encode()
    ):
        raise Forged(_OLD_FORM)
    return {
        key: form.getlist(key) if len(form.getlist(key)) > 1 else form[key]
        for key in form
        if key != FORM_FIELD
    }


def _dress(request: Request, headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if request.url.path.startswith("/static/"):
        headers["Cache-Control"] = "private, max-age=3600"
    if request.app.state.settings.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def user_of(request: Request) -> User:
    """Return who is signed in; the keeper has seen to it that someone is."""
    user: User = request.state.user
    return user
