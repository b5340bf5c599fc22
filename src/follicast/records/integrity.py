"""Is everything there, whole, and as it was written? One pass over all that is kept, with each fault in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from follicast.errors import Damaged, RecordsError
from follicast.records import audit, issued, words
from follicast.records.database import Database
from follicast.records.photographs import Folder
from follicast.records.schema import measurements, patients, photographs, versions, visits

COUNTED = {"patients": patients, "visits": visits, "photographs": photographs, "documents": issued.issued}


@dataclass(frozen=True)
class Report:
    """What was looked at, how the audit trail ends (lines, hash), and what is wrong; no fault means that all is
    well.
    """

    counts: dict[str, int]
    lines: int
    end: str
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(database: Database, folder: Folder) -> Report:
    """Look at everything that is kept, at one moment; clinicians may go on meanwhile."""
    with database.reading() as connection:
        lines, end = audit.end(connection)
        counts = {
            name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in COUNTED.items()
        }
        faults = [*_of_the_file(database, connection), *audit.faults(connection), *_of_documents(connection),
                  *_of_measurements(connection), *_of_issued(connection)]  # fmt: skip
        pictures = connection.execute(
            select(photographs.c.id, photographs.c.patient_id, photographs.c.hash)
        ).all()
        faults += _told_of(connection, "photograph", "kept", [row.id for row in pictures])
    faults += [*_of_pictures(database, folder, pictures), *_of_privacy(database, folder)]
    return Report(counts, lines, end, faults)


def _of_the_file(database: Database, connection: Connection) -> Iterator[str]:
    if database.path is None:
        return
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(5)").all():
        if said != "ok":
            yield f"the database's file is damaged: {str(said).splitlines()[0]}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        yield f"a row of {row[0]} points at one of {row[2]} that is not there"


def _of_documents(connection: Connection) -> Iterator[str]:
    """Each record has every state from 1 to the one it is at, is what its newest state says, and stands in the
    trail.
    """
    kept: dict[str, list[int]] = {}
    for row in connection.execute(select(versions.c.record, versions.c.version).order_by(versions.c.version)):
        kept.setdefault(row.record, []).append(row.version)
    said = _counted(connection, {"added", "changed", "struck"})
    for table, kind in ((patients, "patient"), (visits, "visit")):
        for row in connection.execute(select(table)).all():
            states = kept.pop(row.id, [])
            if states != list(range(1, row.version + 1)):
                yield f"{kind} {row.id} is at version {row.version}, but not all versions up to it are kept"
            elif not _agrees(connection, kind, row):
                yield f"{kind} {row.id} is not what its newest version says"
            if said[kind, row.id] != row.version:
                yield f"{kind} {row.id}: {row.version} versions are kept, the audit trail tells of {said[kind, row.id]}"
    yield from (f"versions of {record} are kept, but the record itself is missing" for record in kept)


def _agrees(connection: Connection, kind: str, row: Any) -> bool:
    newest = (versions.c.record == row.id) & (versions.c.version == row.version)
    told = words.read(connection.execute(select(versions.c.document).where(newest)).scalar_one())
    if kind == "patient":
        return bool(row.name == told["name"] and row.number == told.get("id", "").strip())
    return bool(
        (row.day.isoformat(), row.note, row.struck) == (told["day"], told["note"], told.get("struck", False))
    )


def _of_measurements(connection: Connection) -> Iterator[str]:
    """The table of measurements holds what the visits say, no more and no less."""
    asked = select(measurements).order_by(measurements.c.visit_id, measurements.c.place)
    rows: dict[str, list[tuple[str, float]]] = {}
    for row in connection.execute(asked):
        rows.setdefault(row.visit_id, []).append((row.kind, row.value))
    newest = (versions.c.record == visits.c.id) & (versions.c.version == visits.c.version)
    for visit in connection.execute(select(visits.c.id, versions.c.document).join(versions, newest)):
        told = [(one["kind"], one["value"]) for one in words.read(visit.document)["measurements"]]
        if rows.get(visit.id, []) != told:
            yield f"visit {visit.id}: its measurements are not those that were entered"


def _of_issued(connection: Connection) -> Iterator[str]:
    kept: dict[str, list[str]] = {}
    for found in issued.read(connection):
        kept.setdefault(found.kind, []).append(found.id)
        if found.hash != found.due():
            yield f"{found.kind} {found.id} is not what was issued"
    for kind, ids in kept.items():
        yield from _told_of(connection, kind, "issued", ids)


def _told_of(connection: Connection, kind: str, what: str, ids: list[str]) -> list[str]:
    said = _counted(connection, {what})
    return [f"{kind} {id}: the audit trail does not tell of it" for id in ids if said[kind, id] != 1]


def _counted(connection: Connection, whats: set[str]) -> Counter[tuple[str, str]]:
    lines = audit.audit
    asked = select(lines.c.kind, lines.c.record).where(lines.c.what.in_(whats))
    return Counter((row.kind, row.record) for row in connection.execute(asked))


def _of_pictures(database: Database, folder: Folder, rows: Any) -> Iterator[str]:
    for row in rows:
        try:
            folder.read(row.patient_id, row.hash)
        except RecordsError as trouble:
            if isinstance(trouble, Damaged) and _still_named(database, row.id):
                yield str(trouble)


def _still_named(database: Database, id: str) -> bool:
    """Say whether a photograph is still named: it may have been deleted while the others were looked at."""
    with database.reading() as connection:
        return connection.execute(select(photographs.c.id).where(photographs.c.id == id)).first() is not None


def _of_privacy(database: Database, folder: Folder) -> Iterator[str]:
    for path in filter(None, (database.path, folder.root)):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"{path}: others on this machine may read it. Run: chmod go-rwx '{path}'"
