"""Backup and restore: everything in one file, the same for SQLite and PostgreSQL, so that one can move into the other.

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
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, delete, func, insert, select, update

from follicast.errors import Damaged, RecordsError
from follicast.records import audit, migration, words
from follicast.records.database import Database
from follicast.records.integrity import verify
from follicast.records.moment import Moment, read, spelt
from follicast.records.permission import By, allowed
from follicast.records.photographs import Folder
from follicast.records.schema import chain, metadata, patients, photographs, users
from follicast.records.whole import check_free, give_name, whole_file

FORMAT = 1
_PASSING = {"sessions", "tokens", "attempts"}
TABLES = [table for table in metadata.sorted_tables if table.name not in _PASSING]
_BATCH, _CHUNK = 200, 1 << 20
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
                _check(beside)
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
    folder = Path(tempfile.mkdtemp(prefix=".snapshot-", dir=beside))
    try:
        _copy(database, folder / "records.db")
        copy = Database(folder / "records.db", database.clock)
        try:
            with copy.reading() as connection:
                yield connection
        finally:
            copy.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    for row in connection.execute(select(table).order_by(*table.primary_key)).yield_per(_BATCH):
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


def _check(file: Path) -> Backup:
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
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, NotImplementedError) as trouble:
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


def restore(file: Path, url: str | Path, pictures: Path) -> Backup:
    """Put a backup into an empty place, look at all of it, and only then give it its name; return what it holds.

    Raises `RecordsError` where records or pictures are there already: nothing is ever overwritten. `Damaged` where what
    was restored is not what was backed up; a new SQLite file is then not left behind.
    """
    told = _check(file)
    folder = Folder(pictures)
    _refuse_strange_pictures(folder, told)
    place = Database.file_of(url)
    if place is None:
        _into_a_server(file, told, url, folder)
    else:
        _into_a_file(file, told, place, folder)
    return told


def _refuse_strange_pictures(folder: Folder, told: Backup) -> None:
    """A restore that was killed left pictures of this very backup; any other is someone's."""
    for whose, path in folder.files():
        if not path.name.startswith(".waiting-") and f"photographs/{whose}/{path.name}" not in told.hashes:
            raise RecordsError(f"{folder.root}: there are photographs already, and nothing is overwritten. "
                               "Restore into an empty place.")  # fmt: skip


def _into_a_file(file: Path, told: Backup, place: Path, folder: Folder) -> None:
    check_free(place)
    work = Path(tempfile.mkdtemp(prefix=".restoring-", dir=place.parent))
    try:
        database = Database(work / place.name)
        try:
            _fill_from(file, told, database, folder)
            with database.bare() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()
        give_name(work / place.name, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _into_a_server(file: Path, told: Backup, url: str | Path, folder: Folder) -> None:
    database = Database(url)
    try:
        if migration.present(database) is not None:
            _refuse_full(database)
        _fill_from(file, told, database, folder)
    finally:
        database.close()


def _refuse_full(database: Database) -> None:
    with database.reading() as connection:
        held = [audit.end(connection)[0]]
        held += [
            connection.execute(select(func.count()).select_from(t)).scalar_one()
            for t in (audit.audit, patients)
        ]
    if any(held):
        raise RecordsError(f"{database.where}: there are records already, and nothing is overwritten. "
                           "Restore into an empty database.")  # fmt: skip


def _fill_from(file: Path, told: Backup, database: Database, folder: Folder) -> None:
    migration.migrate(database, told.schema)
    with zipfile.ZipFile(file) as archive:
        for name in told.hashes:
            if name.startswith("photographs/"):
                _, whose, hash = name.split("/")
                folder.settle(folder.beside(whose, archive.read(name)), folder.place(whose, hash))
        with database.writing() as connection:
            connection.execute(delete(users))
            for table in TABLES:
                if f"rows/{table.name}.jsonl" in told.hashes:
                    _load(connection, archive, table)
            _compare(connection, told, file)
    migration.migrate(database)
    found = verify(database, folder)
    if set(found.faults) - set(told.faults):
        raise Damaged(f"{file}: what was restored is not sound: {found.faults[0]}. Take another backup.")


def _load(connection: Connection, archive: zipfile.ZipFile, table: Table) -> None:
    waiting: list[dict[str, Any]] = []
    with archive.open(f"rows/{table.name}.jsonl") as part:
        for line in part:
            waiting.append(_row(table, words.read(line.decode())))
            if len(waiting) == _BATCH:
                _put(connection, table, waiting)
                waiting = []
    if waiting:
        _put(connection, table, waiting)


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if table is chain:
        if rows[0]["length"]:
            connection.execute(update(chain).values(length=rows[0]["length"], hash=rows[0]["hash"]))
    else:
        connection.execute(insert(table), rows)


def _row(table: Table, told: dict[str, Any]) -> dict[str, Any]:
    return {name: _meant(table.c[name].type, value) for name, value in told.items()}


def _meant(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Moment):
        return read(value)
    return dt.date.fromisoformat(value) if isinstance(kind, Date) else value


def _compare(connection: Connection, told: Backup, file: Path) -> None:
    if audit.end(connection) != (told.audit_lines, told.audit_end):
        raise Damaged(
            f"{file}: the audit trail does not end as it did when this was written. Take another backup."
        )
    for table in TABLES:
        if table.name in told.rows:
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if count != told.rows[table.name]:
                raise Damaged(f"{file}: {count} rows of {table.name} came back of {told.rows[table.name]}.")
