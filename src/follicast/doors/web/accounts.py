"""Pages about users: everyone's own password and sessions, and for an admin the list of who may sign in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from follicast.doors.web import guard
from follicast.doors.web.pages import page
from follicast.doors.web.problem import status_of, wait_of
from follicast.doors.web.sign_in import let_in
from follicast.errors import Missing, NotAllowed, RecordsError
from follicast.records import LOCAL, Records, User
from follicast.records.permission import BUILT_IN, ROLES

router = APIRouter(include_in_schema=False)
OWN, ALL = "/account", "/accounts"


# --- one's own ---------------------------------------------------------------------------------------------------


@router.get(OWN)
async def own(request: Request, done: str = "") -> Response:
    """Show who one is, with forms for a new password and for ending one's sessions elsewhere."""
    return page(request, "account.html", {"done": done == "1"})


@router.post(f"{OWN}/password")
async def own_password(request: Request) -> Response:
    """Give oneself a new password; the old one proves that it is oneself. Every other session ends."""
    form, user = await guard.formed(request), _known(request)
    try:
        await run_in_threadpool(_change_own, request, user, form)
    except RecordsError as trouble:
        told = {"trouble": str(trouble), "done": False}
        shown = page(request, "account.html", told, status_of(trouble))
        shown.headers.update(wait_of(trouble))
        return shown
    return await let_in(request, user, f"{OWN}?done=1")


def _change_own(request: Request, user: User, form: dict[str, Any]) -> None:
    records: Records = request.app.state.records
    new, again = str(form.get("new", "")), str(form.get("again", ""))
    if new != again:
        raise RecordsError("password: the two new ones differ. Type them again.")
    whence = request.client.host if request.client else ""
    records.accounts.sign_in(user.login, str(form.get("old", "")), address=whence)
    records.accounts.set_password(user.id, new, by=user)


@router.post(f"{OWN}/sessions/end")
async def own_sessions(request: Request) -> Response:
    """End all of one's sessions, everywhere, and begin one here."""
    await guard.formed(request)
    user = guard.user_of(request)
    await run_in_threadpool(request.app.state.records.sessions.end_all, user.id, by=user)
    return await let_in(request, user, f"{OWN}?done=1")


def _known(request: Request) -> User:
    user = guard.user_of(request)
    if user.id == LOCAL:
        raise NotAllowed("accounts are not used here: whoever sits at this computer has no password.")
    return user


# --- everyone's, for an admin ------------------------------------------------------------------------------------


@router.get(ALL)
async def all_users(request: Request, done: str = "") -> Response:
    """Show every user to an admin."""
    _admin(request)
    return await _listed(request, {"done": done == "1"})


async def _listed(request: Request, told: dict[str, Any], status: int = 200) -> Response:
    users = await run_in_threadpool(request.app.state.records.accounts.all)
    told = {"users": users, "roles": list(ROLES), "trouble": "", "done": False} | told
    return page(request, "accounts.html", told, status)


@router.post(ALL)
async def add(request: Request) -> Response:
    """Add a user."""
    form, by = await guard.formed(request), _admin(request)
    login, role, name, password, subject = (
        str(form.get(key, "")).strip() for key in ("login", "role", "name", "password", "subject")
    )

    def made(records: Records) -> None:
        records.accounts.add(
            login, role=role, by=by, name=name, password=password or None, subject=subject.casefold() or None
        )

    return await _done(request, made)


@router.post(f"{ALL}/{{id}}")
async def change(request: Request, id: str) -> Response:
    """Change a user's role or name, or let her in or not."""
    form, by = await guard.formed(request), _admin(request)
    told = {key: str(form[key]) for key in ("role", "name") if key in form}
    disabled = str(form["disabled"]) == "yes" if "disabled" in form else None
    return await _done(
        request, lambda records: records.accounts.change(_id(id), by=by, disabled=disabled, **told)
    )


@router.post(f"{ALL}/{{id}}/password")
async def password(request: Request, id: str) -> Response:
    """Give a user a new password; all her sessions end."""
    form, by = await guard.formed(request), _admin(request)
    new = str(form.get("password", ""))
    return await _done(request, lambda records: records.accounts.set_password(_id(id), new, by=by))


@router.post(f"{ALL}/{{id}}/sessions/end")
async def end_sessions(request: Request, id: str) -> Response:
    """End every session of a user."""
    await guard.formed(request)
    by = _admin(request)

    def ended(records: Records) -> None:
        records.accounts.get(_id(id))
        records.sessions.end_all(id, by=by)

    return await _done(request, ended)


async def _done(request: Request, what: Any) -> Response:
    """Do something to accounts, and show the list anew, with what was wrong."""
    try:
        await run_in_threadpool(what, request.app.state.records)
    except RecordsError as trouble:
        return await _listed(request, {"trouble": str(trouble)}, status_of(trouble))
    return RedirectResponse(f"{ALL}?done=1", 303)


def _admin(request: Request) -> User:
    user = guard.user_of(request)
    if not user.may("accounts"):
        raise NotAllowed(f"user {user.id} is {user.role} and may not look after accounts. Ask an admin.")
    return user


def _id(id: str) -> str:
    if id in BUILT_IN:
        raise NotAllowed(f"user {id} is built in and is not changed here.")
    if not (id.isascii() and id.isalnum() and len(id) <= 24):
        raise Missing("no user has the id that was given. Look at the list of users.")
    return id
