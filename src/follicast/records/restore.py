"""Puts a backup back: into an empty place only, looked at whole before it gets its name."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, delete, func, insert, select, update

from follicast.errors import Damaged, RecordsError
from follicast.records import audit, migration, words
from follicast.records.backup import BATCH, TABLES, Backup, check
from follicast.records.database import Database
from follicast.records.integrity import verify
from follicast.records.moment import Moment, read
from follicast.records.photographs import Folder
from follicast.records.schema import chain, patients, users
from follicast.records.whole import check_free, give_name, work_in


def restore(file: Path, url: str | Path, pictures: Path) -> Backup:
    """Put a backup into an empty place, look at all of it, and only then give it its name; return what it holds.

    Raises `RecordsError` where records or pictures are there already: nothing is ever overwritten. `Damaged` where what
    was restored is not what was backed up; a new SQLite file is then not left behind.
    """
    told = check(file)
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
    with work_in(place.parent) as work:
        database = Database(work / place.name)
        try:
            _fill_from(file, told, database, folder)
            with database.bare() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()
        give_name(work / place.name, place)


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
            if len(waiting) == BATCH:
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
