"""The database itself: how it is opened, how one reads and writes in it, and what its complaints mean.

Whoever writes holds the one row of `chain` (in SQLite: the whole file) from the first statement on, so writers queue
and never meet in a deadlock; readers see one moment and wait for nobody. No complaint of the database
is passed on in its own words: they quote values, and the values are facts about patients.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, select

from follicast.errors import Busy, RecordsError
from follicast.records import schema
from follicast.records.moment import Clock, in_utc, now

PATIENCE_S = 20.0  # how long a writer queues before it is told that the records are busy
_BUSY_POSTGRESQL = {"55P03", "40001", "40P01", "57014", "53300"}
_MANY = 60  # connections at once: a web server's threads, and some


class Database:
    """One database at a URL; `clock` says what time it is. Raises `RecordsError` for a URL it cannot use."""

    def __init__(self, url: str | Path, clock: Clock = now, patience_s: float = PATIENCE_S) -> None:
        self.url_given, self.url, self.patience_s = url, address(url), patience_s
        self.clock: Clock = lambda: in_utc(clock())
        self._turn = threading.Lock()
        self.where = self.url.render_as_string(hide_password=True)
        if self.path is not None:
            _make_private(self.path)
        self.engine = self._engine()
        self._writer = self.engine.execution_options(writes=True)
        self._reader = self.engine.execution_options(**self._reads())

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        return Path(str(self.url.database)) if self.url.get_backend_name() == "sqlite" else None

    @staticmethod
    def file_of(url: str | Path) -> Path | None:
        """Return the file that a URL names, without making it; None for a server."""
        found = address(url)
        return Path(str(found.database)) if found.get_backend_name() == "sqlite" else None

    def _reads(self) -> dict[str, Any]:
        if self.path is not None:
            return {}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def _engine(self) -> Engine:
        name = "follicast"
        # Where a program logs everything, SQLAlchemy would write whole rows to the log.
        logging.getLogger(f"sqlalchemy.engine.Engine.{name}").setLevel(logging.WARNING)
        how: dict[str, Any] = {"hide_parameters": True, "logging_name": name, "max_overflow": _MANY}
        how["pool_timeout"] = self.patience_s
        if self.path is None:
            wait = int(self.patience_s * 1000)
            how["connect_args"] = {
                "options": f"-c lock_timeout={wait} -c timezone=UTC",
                "connect_timeout": 10,
            }
            how["pool_pre_ping"] = True
        else:
            how["connect_args"] = {"timeout": self.patience_s}
        engine = create_engine(self.url, **how)
        if self.path is not None:
            event.listen(engine, "connect", self._prepare)
            event.listen(engine, "begin", _begin)
        return engine

    def _prepare(self, raw: sqlite3.Connection, _: object) -> None:
        """Make a new SQLite connection ours: durable, checking, and wiping what is deleted."""
        raw.isolation_level = None  # the driver would begin late, and then find that another has written
        for pragma in ("foreign_keys=ON", "secure_delete=ON", "synchronous=FULL", "temp_store=MEMORY"):
            raw.execute(f"PRAGMA {pragma}")
        _write_ahead(raw, time.monotonic() + self.patience_s)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the records as they are at this moment, whatever is written meanwhile."""
        with self.told(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that is alone in writing; it commits at the end, or nothing is written at all."""
        with self._in_turn(), self.told(), self._writer.connect() as connection, connection.begin():
            if self.path is None:
                connection.execute(select(schema.chain).with_for_update())
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let one thread at a time write to SQLite, which makes those who wait sleep; a server has its own queue."""
        if self.path is None:
            yield
            return
        if not self._turn.acquire(timeout=self.patience_s):
            raise self._too_long()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def bare(self) -> Iterator[Connection]:
        """Give a connection without a transaction, for what the database does in none: cleaning up."""
        how: dict[str, Any] = {"bare": True} if self.path is not None else {"isolation_level": "AUTOCOMMIT"}
        with self.told(), self.engine.execution_options(**how).connect() as connection:
            yield connection

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what the database complains of into words without a patient's facts in them."""
        try:
            yield
        except exc.SQLAlchemyError as trouble:
            raise self._complaint(trouble) from None

    def _complaint(self, trouble: exc.SQLAlchemyError) -> RecordsError:
        origin = getattr(trouble, "orig", None)
        name = str(getattr(origin, "sqlite_errorname", "") or getattr(origin, "sqlstate", "") or "")
        if isinstance(trouble, exc.TimeoutError) or _busy(name):
            return self._too_long()
        why = _MEANT.get("_".join(name.split("_")[:2]))
        if why is None and isinstance(trouble, exc.OperationalError) and self.path is None:
            why = "the server does not answer, or not to this user. Is it running, and does the URL name it rightly?"
        kind = type(origin or trouble).__name__
        return RecordsError(f"{self.where}: {why or f'the database refused ({kind} {name}). {_NOTHING}'}")

    def _too_long(self) -> Busy:
        waited = f"others have been writing for {self.patience_s:g} s"
        return Busy(f"{self.where}: {waited}; nothing of this was written. Try it again.")

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


_NOTHING = "What was asked was not written. See whether all is well: follicast records verify"
_MEANT = {
    "SQLITE_NOTADB": "this file is no database. Name another, or give a new name to begin with.",
    "SQLITE_FULL": "the disk is full; nothing of this was written. Make room and try again.",
    "SQLITE_READONLY": "this file may only be read. Give the right to write it and its folder.",
    "SQLITE_CANTOPEN": "it cannot be opened. Does its folder exist, and may it be written?",
    "SQLITE_IOERR": "the disk failed while it was read or written. Restore the last backup if this stays.",
    "SQLITE_CORRUPT": "the file is damaged. Restore the last backup: follicast records restore FILE",
}


def _busy(name: str) -> bool:
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or name in _BUSY_POSTGRESQL


def _begin(connection: Connection) -> None:
    asked = connection.get_execution_options()
    if not asked.get("bare"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if asked.get("writes") else "BEGIN")


def _write_ahead(raw: sqlite3.Connection, until: float) -> None:
    """Keep a log ahead of the file, so that readers and a writer do not wait for each other.

    SQLite does not queue for this change as it does for others, so two who open a new file at once try in turn.
    """
    while True:
        try:
            if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                raw.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as trouble:
            if not _busy(trouble.sqlite_errorname) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def address(url: str | Path) -> URL:
    """Return the URL of a database: a file of SQLite (a bare path too) or PostgreSQL; raises `RecordsError`."""
    said = str(url)
    if "://" not in said:
        return URL.create("sqlite", database=said)
    try:
        found = make_url(said)
        backend = found.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise RecordsError("the database's URL cannot be read. Write it as sqlite:///clinic.db or "
                           "postgresql://user@host/clinic") from None  # fmt: skip
    if backend == "sqlite":
        return _of_a_file(found)
    if backend in ("postgresql", "postgres"):
        return _of_a_server(found)
    raise RecordsError(
        f"records are not kept in '{backend}'. Give sqlite:///clinic.db or postgresql://user@host/clinic"
    )


def _of_a_file(url: URL) -> URL:
    if not url.database or ":memory:" in url.database or url.query:
        raise RecordsError("a database in memory forgets all at the end. Name a file: sqlite:///clinic.db")
    return url.set(drivername="sqlite")


def _of_a_server(url: URL) -> URL:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise RecordsError("PostgreSQL is spoken to through psycopg, which is not installed. "
                           "Install it: pip install 'follicast[postgres]'") from None  # fmt: skip
    return url.set(drivername="postgresql+psycopg")


def _make_private(path: Path) -> None:
    """Make the file of a new database readable by its owner alone; SQLite gives its log the same rights."""
    if path.is_dir():
        raise RecordsError(f"{path}: this is a folder; name a file in it, such as clinic.db.")
    if not path.parent.is_dir():
        raise RecordsError(f"{path}: there is no folder {path.parent}. Make it first, or name another.")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as trouble:
        raise RecordsError(f"{path}: it cannot be opened: {trouble.strerror}.") from None
