"""Sessions and one-time tokens. Only hashes are kept: who reads the database cannot sign in with what it holds."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import delete, insert, select, update

from follicast.errors import NotAllowed
from follicast.records import audit, words
from follicast.records.accounts import user_of
from follicast.records.database import Database
from follicast.records.permission import By, User, allowed
from follicast.records.schema import sessions, tokens, users

LASTS, IDLE = dt.timedelta(hours=12), dt.timedelta(minutes=30)
ONCE = dt.timedelta(hours=1)
_TOUCH = dt.timedelta(seconds=30)  # a page of many requests is written down once


def _kept(token: str) -> str:
    return words.fingerprint(token.encode(errors="surrogatepass"))


class Sessions:
    """Who is signed in. A session ends when it is left idle, when its time is over, and when its user is disabled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user: By, *, lasts: dt.timedelta = LASTS, idle: dt.timedelta = IDLE) -> str:
        """Begin a session and return its token, which is shown this once."""
        token = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            who, at = allowed(connection, user, "read"), self._database.clock()
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            row = {"hash": _kept(token), "user_id": who, "created_at": at, "expires_at": at + lasts,
                   "idle_s": int(idle.total_seconds()), "seen_at": at}  # fmt: skip
            connection.execute(insert(sessions).values(row))
        return token

    def user(self, token: str) -> User | None:
        """Return whose session a token opens; None for one that is over, unknown, or of a disabled user."""
        at = self._database.clock()
        asked = select(users, sessions.c.expires_at, sessions.c.idle_s, sessions.c.seen_at).join(sessions)
        with self._database.reading() as connection:
            row = connection.execute(
                asked.where(sessions.c.hash == _kept(token), ~users.c.disabled)
            ).one_or_none()
        if row is None or at >= row.expires_at or at >= row.seen_at + dt.timedelta(seconds=row.idle_s):
            return None
        if at >= row.seen_at + _TOUCH:
            self._touch(token, at)
        return user_of(row)

    def _touch(self, token: str, at: dt.datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.hash == _kept(token)).values(seen_at=at))

    def end(self, token: str) -> None:
        """End one session; one that is over already stays so."""
        with self._database.writing() as connection:
            ended = sessions.c.hash == _kept(token)
            whose = connection.execute(select(sessions.c.user_id).where(ended)).scalar_one_or_none()
            if whose is not None:
                connection.execute(delete(sessions).where(ended))
                audit.add(connection, self._database.clock(), whose, "signed-out", "user", whose, None)

    def end_all(self, user_id: str, *, by: By) -> int:
        """End every session of a user; return how many there were."""
        with self._database.writing() as connection:
            own = (by.id if isinstance(by, User) else by) == user_id
            who = allowed(connection, by, "read" if own else "accounts")
            count = connection.execute(delete(sessions).where(sessions.c.user_id == user_id)).rowcount
            audit.add(connection, self._database.clock(), who, "signed-out", "user", user_id, None)
        return count


class Tokens:
    """Words that open something once: the page at a new start, an invitation, a new password."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, purpose: str, *, user_id: str | None = None, lasts: dt.timedelta = ONCE) -> str:
        """Make a token for one purpose and return it; it is shown this once."""
        token = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            at = self._database.clock()
            connection.execute(delete(tokens).where(tokens.c.expires_at <= at))
            row = {"hash": _kept(token), "purpose": words.short(purpose, "purpose", 32), "user_id": user_id,
                   "created_at": at, "expires_at": at + lasts, "used_at": None}  # fmt: skip
            connection.execute(insert(tokens).values(row))
        return token

    def use(self, token: str, purpose: str) -> str | None:
        """Use a token up and return whose it was made for, if anyone's; raises `NotAllowed` the second time."""
        with self._database.writing() as connection:
            at = self._database.clock()
            good = (tokens.c.hash == _kept(token)) & (tokens.c.purpose == purpose)
            row = connection.execute(select(tokens).where(good)).one_or_none()
            if row is None or row.used_at is not None or at >= row.expires_at:
                raise NotAllowed(
                    "this address was used before, is too old, or was never given out. Ask for a new one."
                )
            connection.execute(update(tokens).where(tokens.c.hash == row.hash).values(used_at=at))
        return None if row.user_id is None else str(row.user_id)
