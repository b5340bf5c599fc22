"""How a clinic's page is set up: where the records lie, who may come in, and how long one may stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Door = Literal["local", "accounts"]


@dataclass(frozen=True)
class OpenId:
    """A provider of OpenID Connect: its discovery document, and what it knows us by."""

    discovery: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Settings:
    """`door` local: one person at this computer, let in by a one-time address; accounts: whoever has one.

    `secure` says that the page is reached by https alone, as behind a proxy; cookies then never travel otherwise.
    """

    database: str | None = None
    door: Door = "local"
    secure: bool = False
    openid: OpenId | None = None
    lasts: dt.timedelta = dt.timedelta(hours=12)
    idle: dt.timedelta = dt.timedelta(minutes=30)
    workers: int = 1
