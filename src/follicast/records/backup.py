"""Backup: everything in one file, the same for SQLite and PostgreSQL, so that one can move into the other.

The file is a zip: our own rows as lines of JSON, the pictures, and a manifest with a hash of each part and the
end of the
audit trail. It is taken at one moment while the clinic writes on (SQLite: its online backup; PostgreSQL: one snapshot).
Open sessions, one-time tokens and attempts to sign in are not backed up. A backup made before a person was
deleted still holds her.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from follicast.errors import Damaged, RecordsError
from follicast.records import audit, migration, words
from follicast.records.database import Database
from follicast.records.moment import spelt
from follicast.records.permission import By, allowed
from follicast.records.photographs import Folder
from follicast.records.schema import metadata, photographs
from follicast.records.whole import check_free, whole_file, work_in

FORMAT = 1
# What the readers of zip and JSON raise on bytes that they cannot make sense of.
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, TypeError,
               AttributeError, RuntimeError)  # fmt: skip
_PASSING = {"sessions", "tokens", "attempts"}
TABLES = [table for table in metadata.sorted_tables if table.name not in _PASSING]
BATCH, _CHUNK = 200, 1 << 20
_TRIES = 3


@dataclass(frozen=True)
class Backup:
    """What a backup holds: when it was taken, of which schema, how many rows and pictures, how the trail ended;
    its faults in words.
    """

    format: int
    program: str
    schema: str
    at: str
    rows: dict[str, int]
    pictures: int
    audit_lines: int
    audit_end: str
    hashes: dict[str, str]
    faults: list[str]


class _Gone(Exception):
    """Someone was deleted while the backup was written: it must be taken anew, or it would hold half of her."""


def write(database: Database, folder: Folder, file: Path, by: By) -> Backup:
    """Write everything into a new file; raises `NotAllowed`, and `RecordsError` where the file is there already."""
    check_free(file)
    with database.writing() as connection:
        who = allowed(connection, by, "backup")
        audit.add(connection, database.clock(), who, "backed-up", "records", "all", None)
    for _ in range(_TRIES):
        try:
            with whole_file(file) as beside:
                made = _fill(database, folder, beside)
                check(beside)
            return made
        except _Gone:
            continue
    raise RecordsError(f"{file}: people were deleted while it was written, three times over. Try it again.")


def _fill(database: Database, folder: Folder, beside: Path) -> Backup:
    with (
        _snapshot(database, beside.parent) as connection,
        zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        parts = _Parts(archive)
        rows = {
            table.name: parts.lines(f"rows/{table.name}.jsonl", _dump(connection, table)) for table in TABLES
        }
        pictures, faults = _pictures(database, folder, connection, parts)
        lines, end = audit.end(connection)
        made = Backup(FORMAT, version("follicast"), str(_schema(connection)), spelt(database.clock()), rows, pictures,
                      lines, end, parts.hashes, [*audit.faults(connection), *faults])  # fmt: skip
        archive.writestr("manifest.json", words.pretty(asdict(made)))
    return made


class _Parts:
    """The parts of an archive, each with the hash of what went into it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive, self.hashes = archive, dict[str, str]()

    def lines(self, name: str, rows: Iterator[str]) -> int:
        found, count = hashlib.sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as part:
            for row in rows:
                raw, count = row.encode() + b"\n", count + 1
                found.update(raw)
                part.write(raw)
        self.hashes[name] = found.hexdigest()
        return count

    def picture(self, name: str, content: bytes) -> None:
        self.archive.writestr(name, content, zipfile.ZIP_STORED)
        self.hashes[name] = words.fingerprint(content)


@contextmanager
def _snapshot(database: Database, beside: Path) -> Iterator[Connection]:
    """Give a connection to the records as they are at one moment."""
    if database.path is None:
        with database.reading() as connection:
            yield connection
        return
    with work_in(beside) as folder:
        _copy(database, folder / "records.db")
        copy = Database(folder / "records.db", database.clock)
        try:
            with copy.reading() as connection:
                yield connection
        finally:
            copy.close()


def _copy(database: Database, file: Path) -> None:
    """Take SQLite's own online backup, in one step: what others write meanwhile waits in the log."""
    with database.bare() as connection:
        source = connection.connection.driver_connection
        target = sqlite3.connect(file)
        try:
            assert isinstance(source, sqlite3.Connection)
            source.backup(target)
        finally:
            target.close()
    os.chmod(file, 0o600)


def _schema(connection: Connection) -> str | None:
    return migration.of(connection)


def _dump(connection: Connection, table: Table) -> Iterator[str]:
    for row in connection.execute(select(table).order_by(*table.primary_key)).yield_per(BATCH):
        yield words.spelt({name: _said(value) for name, value in row._mapping.items()}, table.name)


def _said(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return spelt(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _pictures(
    database: Database, folder: Folder, connection: Connection, parts: _Parts
) -> tuple[int, list[str]]:
    faults, count = [], 0
    for row in connection.execute(select(photographs)).all():
        try:
            parts.picture(f"photographs/{row.patient_id}/{row.hash}", folder.read(row.patient_id, row.hash))
            count += 1
        except Damaged as trouble:
            with database.reading() as current:
                if not current.execute(select(photographs.c.id).where(photographs.c.id == row.id)).first():
                    raise _Gone from None
            faults.append(str(trouble))
    return count, faults


def check(file: Path) -> Backup:
    """Read a backup through and return its manifest; raises `Damaged` where a part is not what was written."""
    try:
        with zipfile.ZipFile(file) as archive:
            told = words.read(archive.read("manifest.json").decode())
            if not isinstance(told, dict):
                raise ValueError
            if told.get("format") != FORMAT:
                raise RecordsError(f"{file}: its format is {told.get('format')}, and this release reads {FORMAT}. "
                                   "Restore it with the release that wrote it.")  # fmt: skip
            for name, due in told["hashes"].items():
                if _hash(archive, name) != due:
                    raise Damaged(f"{file}: the part {name} is not what was written. Take an older backup.")
            return Backup(**told)
    except _UNREADABLE as trouble:
        if isinstance(trouble, FileNotFoundError):
            raise RecordsError(f"{file}: there is no such file. Name a backup.") from None
        raise Damaged(
            f"{file}: this is no whole backup of Follicast ({type(trouble).__name__}). Take another."
        ) from None


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    found = hashlib.sha256()
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
