"""Who may do what: four roles, each with a list of acts. The store asks before every write, whichever door it
comes through.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, select

from follicast.errors import Missing, NotAllowed
from follicast.records import words
from follicast.records.schema import users

LOCAL = "local"  # whoever sits at a computer where nobody signs in
SYSTEM = "system"  # the program itself
BUILT_IN = (LOCAL, SYSTEM)
_VIEWER = frozenset({"read"})
_ASSISTANT = _VIEWER | {"write"}
_CLINICIAN = _ASSISTANT | {"issue", "export"}
_ADMIN = _CLINICIAN | {"delete", "accounts", "backup"}
ROLES = {"viewer": _VIEWER, "assistant": _ASSISTANT, "clinician": _CLINICIAN, "admin": _ADMIN}


@dataclass(frozen=True)
class User:
    """Someone who may sign in. A user is never deleted, only disabled: the audit trail names her."""

    id: str
    login: str
    name: str
    role: str
    disabled: bool
    subject: str | None
    has_password: bool
    created_at: dt.datetime
    changed_at: dt.datetime

    def may(self, act: str) -> bool:
        """Say whether this user may 'read', 'write', 'issue', 'export', 'delete', 'accounts' or 'backup'."""
        return not self.disabled and act in ROLES.get(self.role, ())


By = User | str  # a user, or a user's id


def allowed(connection: Connection, by: By, act: str) -> str:
    """Return the id of a user who may do this; raises `NotAllowed`, `Missing` where nobody has the id."""
    name = by.id if isinstance(by, User) else by
    row = connection.execute(select(users.c.role, users.c.disabled).where(users.c.id == name)).one_or_none()
    if row is None:
        raise Missing(f"by: no user has {words.shown(name)}. Sign in, or give 'local'.")
    if row.disabled:
        raise NotAllowed(f"user {name} is disabled and may do nothing. An admin may enable the account.")
    if act not in ROLES.get(row.role, ()):
        who = ", ".join(role for role, acts in ROLES.items() if act in acts)
        raise NotAllowed(f"user {name} is {row.role} and may not do this ({act}); it is for: {who}.")
    return str(name)
