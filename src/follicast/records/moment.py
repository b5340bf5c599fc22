"""Time as the clinic keeps it: always UTC, to the microsecond, from a clock that a test can set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, String, types
from sqlalchemy.dialects.postgresql import TIMESTAMP

Clock = Callable[[], dt.datetime]
_SPELT = "%Y-%m-%dT%H:%M:%S.%fZ"
_LENGTH = 27


def now() -> dt.datetime:
    """Return the present moment in UTC."""
    return dt.datetime.now(dt.UTC)


def in_utc(moment: dt.datetime) -> dt.datetime:
    """Return a moment in UTC; raises ValueError where it has no time zone: it could be any of two dozen."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is not kept; the clock must give one")
    return moment.astimezone(dt.UTC)


def spelt(moment: dt.datetime) -> str:
    """Return a moment as text of a fixed width, which sorts as time does."""
    return in_utc(moment).strftime(_SPELT)


def read(text: str) -> dt.datetime:
    """Return the moment that `spelt` wrote."""
    return dt.datetime.strptime(text, _SPELT).replace(tzinfo=dt.UTC)


class Moment(types.TypeDecorator[dt.datetime]):
    """A column of moments: a timestamp with time zone in PostgreSQL, text of a fixed width in SQLite."""

    impl = String(_LENGTH)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Return the type that this database has for a moment."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(_LENGTH))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Return a moment as this database takes it."""
        if value is None:
            return None
        return in_utc(value) if dialect.name == "postgresql" else spelt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Return what this database gave as a moment in UTC."""
        if value is None:
            return None
        return in_utc(value) if isinstance(value, dt.datetime) else read(value)
