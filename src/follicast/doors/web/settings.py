"""How a clinic's page is set up: where the records lie, who may come in, and how long one may stay."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from follicast.errors import InputError

Door = Literal["local", "accounts"]
OPENID = ("FOLLICAST_OIDC_DISCOVERY", "FOLLICAST_OIDC_CLIENT_ID", "FOLLICAST_OIDC_CLIENT_SECRET")


@dataclass(frozen=True)
class OpenId:
    """A provider of OpenID Connect: its discovery document, and what it knows us by."""

    discovery: str
    client_id: str
    client_secret: str


def openid_of(environment: Mapping[str, str] = os.environ) -> OpenId | None:
    """Return the provider that the environment names, or None; raises `InputError` for half of one."""
    told = {name: environment.get(name, "").strip() for name in OPENID}
    missing = [name for name, value in told.items() if not value]
    if len(missing) == len(OPENID):
        return None
    if missing:
        raise InputError(f"{', '.join(missing)}: not set, while other settings of OpenID Connect are. Set all "
                         "three, or none.")  # fmt: skip
    if not told[OPENID[0]].startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise InputError(f"{OPENID[0]}: a provider is spoken to by https. Give the address of its discovery "
                         "document, https://…/.well-known/openid-configuration")  # fmt: skip
    return OpenId(*told.values())


@dataclass(frozen=True)
class Settings:
    """`door` local: one person at this computer, let in by a one-time address; accounts: whoever has one.

    `secure` says that the page is reached by https alone, as behind a proxy; cookies then never travel otherwise.
    `workers` do long work, at most `waiting` jobs wait for them, and one that was silent for `silent_s` [s] is taken
    for dead. `remembered` scalps stay in memory, so that options redraw from them.
    """

    database: str | None = None
    door: Door = "local"
    secure: bool = False
    openid: OpenId | None = None
    lasts: dt.timedelta = dt.timedelta(hours=12)
    idle: dt.timedelta = dt.timedelta(minutes=30)
    workers: int = 3
    waiting: int = 200
    silent_s: float = 60.0
    remembered: int = 24
