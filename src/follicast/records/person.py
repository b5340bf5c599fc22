"""One person's data: handed out whole, or erased.

Erased means: her rows and pictures are deleted, the database overwrites what it freed, rebuilds its file and
empties its log.
The audit trail keeps that a record with this id was deleted, when and by whom. What a backup holds is out of reach from
here, and so are PostgreSQL's own log and replicas.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from follicast.errors import Busy
from follicast.records import audit, issued, versioned, words
from follicast.records.database import Database
from follicast.records.moment import spelt
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.photographs import Folder
from follicast.records.schema import OF_A_PERSON, consents, patients, photographs, versions
from follicast.records.whole import whole_file

_UNWIPED = ".unwiped"  # stands in the folder from before an erasure until the last byte of it is gone
_README = """What this is

These are all the data that the clinic's records hold about one person (record {id}),
taken out on {at} (UTC). Nothing was left out; passwords and the like are not about you and are not here.

  person.json        what you told, in every state that was saved: the highest version is the newest
  visits.json        what was measured at each visit, how, and with what error; visits struck out as mistakes too
  consents.json      what you agreed to, in which version of the text, and what you withdrew
  photographs/       your photographs; photographs.json says of each when, where on the scalp and in which light
  assessments/       what was found, as it was issued
  plans/             the plans that were handed to you: open the .html files in a browser; .json is for programs
  jobs.json          calculations that were asked for on your data
  audit.json         who at the clinic did what with your record, and when. People stand there by id

Times are UTC. JSON files open in any text editor. If something here is wrong, the clinic can mend it; if you want
it deleted, the clinic can do that too.
"""


def export(database: Database, folder: Folder, id: str, file: Path, by: By) -> Path:
    """Write all that is kept of a person into a zip file, whole or not at all, and note in the trail that it was
    handed out.

    Raises `Missing`, `NotAllowed`, `Damaged`, and `RecordsError` where the file is there already.
    """
    with whole_file(file) as beside:
        with database.writing() as connection:  # the line first, so that what is handed out holds it
            who = allowed(connection, by, "export")
            newest_of(connection, id)
            audit.add(connection, database.clock(), who, "exported", "patient", id, id)
        with database.reading() as connection, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            newest_of(connection, id)
            for name, content in _contents(connection, folder, id, database.clock()):
                archive.writestr(name, content)
    return file


def _contents(connection: Any, folder: Folder, id: str, at: dt.datetime) -> Iterator[tuple[str, str | bytes]]:
    yield "README.txt", _README.format(id=id, at=f"{at:%Y-%m-%d %H:%M}")
    yield "person.json", _listed(_states(connection, id, "patient"))
    yield "visits.json", _listed(_states(connection, id, "visit"))
    yield "consents.json", _listed(_plain(row) for row in connection.execute(_whose(consents, id)))
    jobs = next(table for table in OF_A_PERSON if table.name == "jobs")
    yield "jobs.json", _listed(_plain(row) for row in connection.execute(_whose(jobs, id)))
    pictures = connection.execute(_whose(photographs, id).order_by(photographs.c.day)).all()
    yield "photographs.json", _listed(_plain(row) | {"file": _picture_name(row)} for row in pictures)
    for row in pictures:
        yield f"photographs/{_picture_name(row)}", folder.read(id, row.hash)
    for kept in issued.read(connection, issued.issued.c.patient_id == id):
        name = f"{kept.kind}s/{kept.at:%Y-%m-%d}-{kept.id}"
        yield f"{name}.json", words.pretty(_about(kept))
        for language, html in kept.pages.items():
            yield f"{name}.{_safe(language)}.html", html
    lines = connection.execute(
        select(audit.audit).where(audit.audit.c.patient == id).order_by(audit.audit.c.seq)
    )
    yield "audit.json", _listed(_plain(row) for row in lines)


def _whose(table: Any, id: str) -> Any:
    return select(table).where(table.c.patient_id == id)


def _states(connection: Any, id: str, kind: str) -> Iterator[dict[str, Any]]:
    whose = (versions.c.patient_id == id) & (versions.c.kind == kind)
    asked = select(versions.c.record).where(whose).distinct().order_by(versions.c.record)
    for record in connection.execute(asked).scalars().all():
        for state in versioned.states(connection, record):
            yield vars(state) | {"at": spelt(state.at)}


def _about(kept: issued.Issued) -> dict[str, Any]:
    return {**vars(kept), "at": spelt(kept.at), "pages": sorted(kept.pages)}


def _plain(row: Any) -> dict[str, Any]:
    return {name: _said(value) for name, value in row._mapping.items()}


def _said(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return spelt(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _listed(rows: Iterator[dict[str, Any]]) -> str:
    return words.pretty(list(rows))


def _picture_name(row: Any) -> str:
    return f"{row.day}-{_safe(row.site)}-{row.id}.{row.media.partition('/')[2]}"


def _safe(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", word)[:40].strip("-") or "x"


def erase(database: Database, folder: Folder, id: str, by: By) -> bool:
    """Erase a person; return whether every byte is overwritten already, or waits for readers to leave (next
    opening).
    """
    with database.writing() as connection:
        who = allowed(connection, by, "delete")
        newest_of(connection, id)
        _mark(folder)
        audit.add(connection, database.clock(), who, "deleted", "patient", id, id)
        for table in reversed(OF_A_PERSON):
            column = table.c.id if table is patients else table.c.patient_id
            connection.execute(delete(table).where(column == id))
    folder.drop(id)
    return wipe(database, folder)


def _mark(folder: Folder) -> None:
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder.root / _UNWIPED).touch(mode=0o600)


def unwiped(folder: Folder) -> bool:
    """Say whether an erasure was begun and not seen to its end."""
    return (folder.root / _UNWIPED).exists()


def wipe(database: Database, folder: Folder) -> bool:
    """Overwrite what was deleted, in the file and in the log ahead of it; return whether that could be done now."""
    try:
        with database.bare() as connection:
            if database.path is None:
                for table in OF_A_PERSON:
                    connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")
            else:
                connection.exec_driver_sql("VACUUM")
                if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                    return False
    except Busy:
        return False
    (folder.root / _UNWIPED).unlink(missing_ok=True)
    return True
