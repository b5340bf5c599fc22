"""Signing in by OpenID Connect: the clinic's own accounts decide who somebody is, ours what she may do.

State, nonce and PKCE tie the answer to this browser and this question; they wait in a short-lived signed cookie. Nobody
is made a user by signing in: an admin has named her before, by the provider's subject or by an address it has verified.
"""

from __future__ import annotations

import json
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Request
from fastapi.responses import Response
from httpx2 import HTTPError
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from follicast.doors.web import problem
from follicast.doors.web.pages import page
from follicast.doors.web.settings import OpenId
from follicast.errors import Missing
from follicast.records import Records, User
from follicast.records.words import new_id

COOKIE = "follicast_openid"
PATH = "/sign-in/openid"
_WAITS_S = 600
_SECRET = new_id() + new_id()  # an answer that comes after a new start of the server is asked for again
router = APIRouter(include_in_schema=False)
_FAILED = "your clinic's account did not let you in. Try again; if it stays so, tell an admin."
_UNKNOWN = "your clinic's account is good, but no user here has it. Ask an admin to add you."


def provider(settings: OpenId) -> Any:
    """Return what speaks to a provider; nothing is asked of it before somebody signs in."""
    oauth = OAuth()
    oauth.register(
        "clinic",
        server_metadata_url=settings.discovery,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": 10},
    )
    return oauth.create_client("clinic")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_SECRET, salt="openid")


def _asked(request: Request) -> Any:
    if request.app.state.openid is None:
        raise Missing("OpenID Connect is not set up here. Sign in with login and password.")
    return request.app.state.openid


@router.get(PATH)
async def ask(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider, and remember in its cookie what was asked."""
    client = _asked(request)
    request.scope["session"] = {"next": next[:500]}
    try:
        answer: Response = await client.authorize_redirect(request, _back(request))
    except (HTTPError, OAuthError, KeyError, ValueError, RuntimeError) as trouble:
        return _refused(request, trouble)
    answer.set_cookie(
        COOKIE, _signer().dumps(json.dumps(request.scope["session"])), max_age=_WAITS_S, path=PATH,
        httponly=True, samesite="lax", secure=request.app.state.settings.secure,
    )  # fmt: skip
    return answer


def _back(request: Request) -> str:
    scheme = "https" if request.app.state.settings.secure else request.url.scheme
    return f"{scheme}://{request.headers.get('host', '')}{PATH}/back"


@router.get(f"{PATH}/back")
async def come_back(request: Request) -> Response:
    """Let in whom the provider names, if an admin has named her before."""
    from follicast.doors.web.sign_in import inside, let_in

    client = _asked(request)
    request.scope["session"] = _remembered(request)
    try:
        token = await client.authorize_access_token(request)
        claims = token["userinfo"]
    except (HTTPError, OAuthError, JoseError, KeyError, TypeError, ValueError, RuntimeError) as trouble:
        return _refused(request, trouble)
    user = await run_in_threadpool(_user, request.app.state.records, dict(claims))
    if user is None:
        return page(request, "sign_in.html", {"trouble": _UNKNOWN}, status=403)
    goal = inside(str(request.scope["session"].get("next", "/")))
    answer = await let_in(request, user, goal)
    # Coming from another site, a browser sends no strict cookie along a redirect; from our own page it does.
    hop = page(request, "welcome.html", {"goal": goal})
    for value in answer.headers.getlist("set-cookie"):
        hop.headers.append("set-cookie", value)
    hop.delete_cookie(COOKIE, path=PATH)
    return hop


def _remembered(request: Request) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(_signer().loads(request.cookies.get(COOKIE, ""), max_age=_WAITS_S))
    except (BadData, ValueError):
        return {}
    return kept


def _user(records: Records, claims: dict[str, Any]) -> User | None:
    """Return the user named by the provider's subject, or by an address that the provider has verified."""
    found = records.accounts.with_subject(str(claims.get("sub", "")))
    if found is None and claims.get("email_verified") is True and claims.get("email"):
        found = records.accounts.with_subject(str(claims["email"]).strip().casefold())
    if found is not None:
        records.audit.note("signed-in", "user", found.id, by=found)
    return found


def _refused(request: Request, trouble: Exception) -> Response:
    """Say that it failed and no more: what a provider says of a failure is for its own log."""
    problem.LOG.warning("OpenID Connect: refused (%s)", type(trouble).__name__)
    return page(request, "sign_in.html", {"trouble": _FAILED}, status=403)
