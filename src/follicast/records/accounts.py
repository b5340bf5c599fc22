"""Accounts: who may sign in, with which password, in which role; and how often one may guess.

A password is kept as an argon2id hash. An attempt is written down before it is judged, so that many at once do not
guess more often than one after the other, and it outlives a restart. Whether a login exists is not told:
a wrong password and an unknown login take as long and sound alike.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update

from follicast.errors import Missing, NotAllowed, RecordsError
from follicast.records import audit, words
from follicast.records.database import Database
from follicast.records.permission import BUILT_IN, ROLES, By, User, allowed
from follicast.records.schema import attempts, sessions, users

SHORTEST, LONGEST = 12, 1000
WINDOW = dt.timedelta(minutes=15)
MOST_WRONG = {"whom": 5, "whence": 30}  # within the window: for one login, and from one address
FORGOTTEN = dt.timedelta(days=30)
_WRONG = "login or password is wrong. Try again, or ask an admin for a new password."


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has; unknown logins are tried against it, to take as long."""
    return _hasher().hash(words.new_id())


class Accounts:
    """The users of the clinic."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        login: str,
        *,
        role: str,
        by: By,
        password: str | None = None,
        name: str = "",
        subject: str | None = None,
    ) -> User:
        """Make a user; without a password she can only sign in through `subject` or a one-time token."""
        said = _login(login)
        kept = _hashed(password, said) if password is not None else None
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "accounts"), self._database.clock()
            _refuse_taken(connection, said, subject)
            row = {"id": words.new_id(), "login": said, "name": words.short(name or login, "name"), "role": _role(role),
                   "password": kept, "subject": subject, "disabled": False,
                   "created_at": at, "changed_at": at}  # fmt: skip
            connection.execute(insert(users).values(row))
            audit.add(connection, at, who, "added", "user", str(row["id"]), None)
            return _get(connection, str(row["id"]))

    def change(
        self,
        id: str,
        *,
        by: By,
        name: str | None = None,
        role: str | None = None,
        disabled: bool | None = None,
    ) -> User:
        """Change a user; disabling ends her sessions. Raises `NotAllowed` where nobody would be left to mend it."""
        told: dict[str, Any] = {
            "name": name and words.short(name, "name"),
            "role": role and _role(role),
            "disabled": disabled,
        }
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "accounts"), self._database.clock()
            before, now = (
                _get(connection, id),
                {key: value for key, value in told.items() if value is not None},
            )
            _refuse_the_last(connection, before, now)
            connection.execute(update(users).where(users.c.id == id).values(now | {"changed_at": at}))
            if disabled:
                connection.execute(delete(sessions).where(sessions.c.user_id == id))
            audit.add(connection, at, who, "disabled" if disabled else "changed", "user", id, None)
            return _get(connection, id)

    def set_password(self, id: str, password: str, *, by: By) -> None:
        """Give a user a new password and end all her sessions; she may do it herself, an admin for anyone."""
        login = self.get(id).login
        kept = _hashed(password, login)
        with self._database.writing() as connection:
            own = (by.id if isinstance(by, User) else by) == id
            who, at = allowed(connection, by, "read" if own else "accounts"), self._database.clock()
            _refuse_built_in(id)
            connection.execute(update(users).where(users.c.id == id).values(password=kept, changed_at=at))
            connection.execute(delete(sessions).where(sessions.c.user_id == id))
            audit.add(connection, at, who, "password", "user", id, None)

    def get(self, id: str) -> User:
        """Return a user; raises `Missing`."""
        with self._database.reading() as connection:
            return _get(connection, id)

    def all(self) -> list[User]:
        """Return every user by login, without the two built in."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(users).where(users.c.id.not_in(BUILT_IN)).order_by(users.c.login)
            ).all()
        return [user_of(row) for row in rows]

    def with_subject(self, subject: str) -> User | None:
        """Return the user whom an OpenID Connect provider calls by this subject, unless disabled."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(users).where(users.c.subject == subject, ~users.c.disabled)
            ).one_or_none()
        return user_of(row) if row else None

    def sign_in(self, login: str, password: str, *, address: str = "") -> User:
        """Return the user whose login and password these are; raises `NotAllowed` otherwise, or after too many tries.

        `address` is where the attempt comes from; only its hash is kept.
        """
        attempt = self._attempt(login, address)
        with self._database.reading() as connection:
            row = connection.execute(select(users).where(users.c.login == _folded(login))).one_or_none()
        right = _fits(row.password if row and row.password else _nobodys(), password)
        if not (right and row and row.password) or row.disabled:
            raise NotAllowed(_WRONG)
        self._passed(attempt, row.id, row.password, password)
        return user_of(row)

    def _attempt(self, login: str, address: str) -> str:
        said = {"whom": words.digest("login", _folded(login)), "whence": words.digest("address", address)}
        with self._database.writing() as connection:
            at = self._database.clock()
            connection.execute(delete(attempts).where(attempts.c.at < at - FORGOTTEN))
            for key in MOST_WRONG:
                if key == "whom" or address:
                    _refuse_too_many(connection, key, said[key], at)
            row = {"id": words.new_id(), "at": at, "passed": False, **said}
            connection.execute(insert(attempts).values(row))
        return str(row["id"])

    def _passed(self, attempt: str, id: str, kept: str, password: str) -> None:
        """Note that an attempt was right, and renew a hash that was made with weaker settings."""
        weak = _hasher().check_needs_rehash(kept)
        with self._database.writing() as connection:
            connection.execute(update(attempts).where(attempts.c.id == attempt).values(passed=True))
            if weak:
                connection.execute(
                    update(users).where(users.c.id == id).values(password=_hasher().hash(password))
                )
            audit.add(connection, self._database.clock(), id, "signed-in", "user", id, None)


def _refuse_too_many(connection: Connection, key: str, value: str, at: dt.datetime) -> None:
    recent = (attempts.c[key] == value) & ~attempts.c.passed & (attempts.c.at > at - WINDOW)
    wrong = (
        connection.execute(select(attempts.c.at).where(recent).order_by(attempts.c.at.desc())).scalars().all()
    )
    if len(wrong) >= MOST_WRONG[key]:
        wait_s = (wrong[MOST_WRONG[key] - 1] + WINDOW - at).total_seconds()
        minutes = max(1, round(wait_s / 60))
        raise NotAllowed(f"too many wrong attempts to sign in. Wait {minutes} min and try again.", wait_s)


def _fits(kept: str, password: str) -> bool:
    if len(password) > LONGEST:
        password = ""  # not hashed: a hash of a novel is a way to keep the server busy
    try:
        return _hasher().verify(kept, password.encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def _hashed(password: str, login: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise RecordsError(f"password: it has {len(password)} characters; {SHORTEST} to {LONGEST} are taken. "
                           "A few words in a row do well.")  # fmt: skip
    if words.compared(password) == words.compared(login) or len(set(password)) < 4:
        raise RecordsError(
            "password: it is the login, or one sign over and over. Choose a few words in a row."
        )
    return _hasher().hash(password.encode(errors="surrogatepass"))


def _folded(login: str) -> str:
    return login.strip().casefold()


def _login(login: str) -> str:
    said = words.short(_folded(login), "login", 100)
    if any(sign.isspace() for sign in said) or said in BUILT_IN:
        raise RecordsError(
            "login: it holds a blank, or is one of our own ('local', 'system'). Choose another."
        )
    return said


def _role(role: str) -> str:
    if role not in ROLES:
        raise RecordsError(f"role: there is no such role. There are: {', '.join(ROLES)}.")
    return role


def _refuse_taken(connection: Connection, login: str, subject: str | None) -> None:
    if connection.execute(select(users.c.id).where(users.c.login == login)).first():
        raise RecordsError("login: it is taken. Choose another, or change that user.")
    if subject and connection.execute(select(users.c.id).where(users.c.subject == subject)).first():
        raise RecordsError("subject: another user signs in with it. Change that user.")


def _refuse_built_in(id: str) -> None:
    if id in BUILT_IN:
        raise NotAllowed(
            f"user {id} is built in and has no password and no other role. Add a user of your own."
        )


def _refuse_the_last(connection: Connection, before: User, now: dict[str, Any]) -> None:
    _refuse_built_in(before.id)
    loses = now.get("disabled") or now.get("role", "admin") != "admin"
    if before.role != "admin" or before.disabled or not loses:
        return
    others = (users.c.role == "admin") & ~users.c.disabled & users.c.id.not_in([*BUILT_IN, before.id])
    if not connection.execute(select(func.count()).select_from(users).where(others)).scalar_one():
        raise NotAllowed(
            f"user {before.id} is the last admin; nobody could undo it. Make another admin first."
        )


def _get(connection: Connection, id: str) -> User:
    row = connection.execute(select(users).where(users.c.id == id)).one_or_none()
    if row is None:
        raise Missing(f"no user has {words.shown(id)}. Look at the list of users.")
    return user_of(row)


def user_of(row: Any) -> User:
    """Return a row of users as a user; the hash of her password stays behind."""
    return User(row.id, row.login, row.name, row.role, row.disabled, row.subject, row.password is not None,
                row.created_at, row.changed_at)  # fmt: skip
