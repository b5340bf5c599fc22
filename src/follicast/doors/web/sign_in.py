"""Signing in and out: by the one-time address at this computer, by login and password, or by OpenID Connect."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from follicast.doors.web import guard
from follicast.doors.web.pages import page
from follicast.errors import NotAllowed
from follicast.records import LOCAL, Records, User

OPENING = "open"  # what a one-time address is for
_NO_ACCOUNTS = "accounts are not used here. Open the address that was printed where Follicast was started."
router = APIRouter(include_in_schema=False)


@router.get("/open")
async def open_once(request: Request, token: str = "") -> Response:
    """Let in whoever holds the one-time address that was printed at the start, and forget the address."""
    records: Records = request.app.state.records
    try:
        if request.app.state.settings.door != "local":
            raise NotAllowed("accounts are used here. Sign in with yours.")
        await run_in_threadpool(records.tokens.use, token[:200], OPENING)
    except NotAllowed as trouble:
        return page(request, "sign_in.html", {"trouble": str(trouble)}, status=403)
    return await let_in(request, LOCAL, "/")


@router.get("/sign-in")
async def ask(request: Request, next: str = "/") -> Response:
    """Ask who it is."""
    return page(request, "sign_in.html", {"next": inside(next)})


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Let in who knows a login and its password; after too many wrong ones nobody, for a while."""
    form, records = await guard.formed(request), request.app.state.records
    if request.app.state.settings.door != "accounts":
        return page(request, "sign_in.html", {"trouble": _NO_ACCOUNTS}, status=403)
    login, password, goal = (str(form.get(key, "")) for key in ("login", "password", "next"))
    whence = request.client.host if request.client else ""
    try:
        user: User = await run_in_threadpool(records.accounts.sign_in, login, password, address=whence)
    except NotAllowed as trouble:
        status = 429 if trouble.wait_s else 403
        answer = page(request, "sign_in.html", {"trouble": str(trouble), "next": inside(goal)}, status=status)
        if trouble.wait_s:
            answer.headers["Retry-After"] = str(int(trouble.wait_s) + 1)
        return answer
    return await let_in(request, user, inside(goal))


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await guard.formed(request)
    session = request.cookies.get(guard.COOKIE, "")
    await run_in_threadpool(request.app.state.records.sessions.end, session)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(guard.COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


async def let_in(request: Request, user: User | str, goal: str) -> Response:
    """Begin a session and send the browser on."""
    settings, records = request.app.state.settings, request.app.state.records
    token = await run_in_threadpool(records.sessions.open, user, lasts=settings.lasts, idle=settings.idle)
    answer = RedirectResponse(goal, 303)
    answer.set_cookie(
        guard.COOKIE, token, max_age=int(settings.lasts.total_seconds()),
        httponly=True, samesite="strict", secure=settings.secure,
    )  # fmt: skip
    return answer


def inside(path: str) -> str:
    """Return a path of this site; anywhere else is the first page."""
    plain = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and "\\" not in path
        and path.isprintable()
    )
    return path if plain else "/"
