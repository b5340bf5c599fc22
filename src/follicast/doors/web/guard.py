"""The door's keeper: who is not signed in sees the sign-in page and nothing else; what changes something must prove
where it comes from; every answer says what a browser may do with it.

It writes no address and no word of a request to a log: either may say who a patient is.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import RequestResponseEndpoint

from follicast.records import Records, User

COOKIE = "follicast_session"
FORM_FIELD, HEADER = "csrf", "x-csrf-token"
OPEN = ("/sign-in", "/open", "/static/", "/healthz", "/cds-services")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_MOST_BYTES = 25_000_000  # a photograph is the largest thing that comes in
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
    "Referrer-Policy": "no-referrer",
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


async def keep(request: Request, go_on: RequestResponseEndpoint) -> Response:
    """Let a request through if its user may come in, and dress the answer."""
    records: Records = request.app.state.records
    session = request.cookies.get(COOKIE, "")
    request.state.user = await run_in_threadpool(records.sessions.user, session) if session else None
    request.state.csrf = proof(session) if request.state.user else ""
    refusal = _refused(request)
    answer = refusal or await go_on(request)
    return _dressed(request, answer)


def _refused(request: Request) -> Response | None:
    path = request.url.path
    if _too_large(request):
        return JSONResponse({"detail": "this is larger than 25 MB, the most that is taken."}, 413)
    if request.state.user is None and not is_open(path):
        return _sign_in_first(request)
    if request.method not in _SAFE and not _from_here(request):
        return JSONResponse(
            {"detail": "this did not come from a page of ours; reload the page and try again."}, 403
        )
    return None


def _too_large(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > _MOST_BYTES


def _sign_in_first(request: Request) -> Response:
    if request.url.path.startswith("/api") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": "sign in first."}, 401, {"WWW-Authenticate": "Cookie"})
    return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303)


def _from_here(request: Request) -> bool:
    """Say whether a request that changes something comes from a page of ours.

    A browser names the page's origin; scripts also send the session's proof as a header. A form's proof stands in its
    body and is looked at by `formed`.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host', '')}":
        return False
    if request.state.user is None:
        return True  # the sign-in page: nothing can be changed there but by who knows a password
    sent = request.headers.get(HEADER)
    return hmac.compare_digest(sent, request.state.csrf) if sent is not None else _is_form(request)


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


async def formed(request: Request) -> dict[str, Any]:
    """Return the fields of a form that carries its session's proof; raises `Forged` where it does not."""
    form = await request.form(max_fields=2000, max_files=10)
    header = request.headers.get(HEADER)
    sent = header if header is not None else str(form.get(FORM_FIELD, ""))
    if request.state.user is not None and not hmac.compare_digest(sent, request.state.csrf):
        raise Forged()
    return {
        key: form.getlist(key) if len(form.getlist(key)) > 1 else form[key]
        for key in form
        if key != FORM_FIELD
    }


class Forged(Exception):
    """A form without the proof of its session: it was not filled in on a page of ours, or that page is too old."""


def _dressed(request: Request, answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.url.path.startswith("/static/"):
        answer.headers["Cache-Control"] = "private, max-age=3600"
    if request.app.state.settings.secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer


def user_of(request: Request) -> User:
    """Return who is signed in; the keeper has seen to it that someone is."""
    user: User = request.state.user
    return user
