"""Photographs: the pictures lie in a private folder beside the database, each under its own hash; here is what is
known of them.

A picture is written beside its place, forced to the disk, moved there, and only then named in the database: whatever is
named is whole. Killed in between, it leaves a file that nobody names, which is swept away later. Each patient has a
folder of her own, so that deleting her never touches another's picture.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from follicast.errors import Damaged, Missing, RecordsError
from follicast.records import audit, words
from follicast.records.database import Database
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.schema import audit as trail
from follicast.records.schema import patients, photographs, visits
from follicast.records.whole import LEFT_BEHIND_S

MOST_BYTES = 50_000_000  # a picture of a good camera has 5 to 20 MB; more is a mistake
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Photograph:
    """What is known of a photograph: whose scalp, where, on which day, in which light, kept by whom."""

    id: str
    patient_id: str
    visit_id: str | None
    hash: str
    bytes: int
    media: str
    day: dt.date
    site: str
    light: str | None
    note: str | None
    at: dt.datetime
    by: str


def media_of(picture: bytes) -> str:
    """Return the media type that a picture's own first bytes tell; raises `RecordsError` for anything else."""
    for beginning, media in _BEGINNINGS.items():
        if picture.startswith(beginning):
            return media
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    raise RecordsError("photograph: this is no picture that is kept here. Give a JPEG, PNG or WebP file.")


class Folder:
    """The private folder of pictures; readable by its owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, patient_id: str, hash: str) -> Path:
        """Return where a picture lies; nothing but our own ids and hashes leads there."""
        if not (patient_id.isalnum() and patient_id.isascii() and _NAME.fullmatch(hash)):
            raise RecordsError(
                "photograph: this is no id of a patient, or no hash. Nothing was read or written."
            )
        return self.root / patient_id / hash

    def beside(self, patient_id: str, picture: bytes) -> Path:
        """Write a picture whole beside its place, forced to the disk, and return where it waits."""
        folder = self.root / patient_id
        try:
            for made in (self.root, folder):
                made.mkdir(mode=0o700, parents=True, exist_ok=True)
                made.chmod(0o700)  # someone may have made it before, for all to read
            handle, name = tempfile.mkstemp(prefix=".waiting-", dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(picture)
                file.flush()
                os.fsync(file.fileno())
        except OSError as trouble:
            raise RecordsError(f"photograph: it cannot be written beside the database: {trouble.strerror}. "
                               "Nothing was kept.") from None  # fmt: skip
        return Path(name)

    def settle(self, waiting: Path, place: Path) -> None:
        """Move a picture to its place and force the folder to the disk."""
        os.replace(waiting, place)
        _sync(place.parent)
        _sync(self.root)

    def read(self, patient_id: str, hash: str) -> bytes:
        """Return a picture; raises `Damaged` where it is missing or not the one that was kept."""
        try:
            picture = self.place(patient_id, hash).read_bytes()
        except OSError:
            raise Damaged(f"photograph {hash[:12]} of patient {patient_id}: its file is missing. "
                          "Restore it from the last backup.") from None  # fmt: skip
        if words.fingerprint(picture) != hash:
            raise Damaged(f"photograph {hash[:12]} of patient {patient_id}: its file was changed since it was kept. "
                          "Restore it from the last backup.")  # fmt: skip
        return picture

    def drop(self, patient_id: str) -> None:
        """Remove everything of a patient."""
        shutil.rmtree(self.root / patient_id, ignore_errors=True)

    def files(self) -> list[tuple[str, Path]]:
        """Return each file with the patient in whose folder it lies."""
        if not self.root.is_dir():
            return []
        return sorted((path.parent.name, path) for path in self.root.glob("*/*") if path.is_file())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Photographs:
    """The photographs of the clinic's patients."""

    def __init__(self, database: Database, folder: Folder) -> None:
        self._database, self.folder = database, folder

    def keep(
        self,
        patient_id: str,
        picture: bytes,
        *,
        day: dt.date,
        site: str,
        by: By,
        light: str | None = None,
        note: str | None = None,
        visit_id: str | None = None,
    ) -> Photograph:
        """Keep a picture and what is known of it; raises `Missing`, `RecordsError` for what is no picture or
        kept already.
        """
        if len(picture) > MOST_BYTES:
            raise RecordsError(
                f"photograph: it is larger than {MOST_BYTES // 1_000_000} MB. Send a smaller one."
            )
        told = {
            "site": words.short(site, "site"),
            "light": _word(light, "light"),
            "note": _word(note, "note", 2000),
        }
        kept: dict[str, Any] = {
            "hash": words.fingerprint(picture),
            "bytes": len(picture),
            "media": media_of(picture),
            "day": day,
        } | told
        place = self.folder.place(patient_id, kept["hash"])
        with self._database.reading() as connection:
            newest_of(connection, patient_id)  # before a folder is made for nobody
        waiting = self.folder.beside(patient_id, picture)
        try:
            with self._database.writing() as connection:
                return self._name(connection, patient_id, visit_id, kept, by, (waiting, place))
        finally:
            waiting.unlink(missing_ok=True)
            self._sweep_if_gone(patient_id)

    def _name(
        self,
        connection: Connection,
        patient_id: str,
        visit_id: str | None,
        kept: dict[str, Any],
        by: By,
        move: tuple[Path, Path],
    ) -> Photograph:
        who, at = allowed(connection, by, "write"), self._database.clock()
        newest_of(connection, patient_id)
        _refuse_twice(connection, patient_id, kept["hash"])
        _check_visit(connection, patient_id, visit_id)
        self.folder.settle(*move)
        found = Photograph(words.new_id(), patient_id, visit_id, **kept, at=at, by=who)
        connection.execute(insert(photographs).values(vars(found)))
        audit.add(connection, at, who, "kept", "photograph", found.id, patient_id)
        return found

    def _sweep_if_gone(self, patient_id: str) -> None:
        """Remove the folder again if the patient was deleted while the picture was on its way."""
        with self._database.reading() as connection:
            gone = (
                connection.execute(select(patients.c.id).where(patients.c.id == patient_id)).first() is None
            )
        if gone:
            self.folder.drop(patient_id)

    def get(self, id: str) -> Photograph:
        """Return what is known of a photograph; raises `Missing`."""
        with self._database.reading() as connection:
            return _named(connection, id)

    def read(self, id: str) -> bytes:
        """Return the picture itself, checked against its hash; raises `Missing`, `Damaged`."""
        found = self.get(id)
        return self.folder.read(found.patient_id, found.hash)

    def of(self, patient_id: str) -> list[Photograph]:
        """Return a patient's photographs by day."""
        asked = select(photographs).where(photographs.c.patient_id == patient_id)
        with self._database.reading() as connection:
            newest_of(connection, patient_id)
            rows = connection.execute(
                asked.order_by(photographs.c.day, photographs.c.at, photographs.c.id)
            ).all()
        return [Photograph(**row._mapping) for row in rows]

    def remove(self, id: str, *, by: By) -> None:
        """Remove one photograph and its file; the audit trail keeps that it was there."""
        with self._database.writing() as connection:
            who, found = allowed(connection, by, "issue"), _named(connection, id)
            connection.execute(delete(photographs).where(photographs.c.id == id))
            audit.add(connection, self._database.clock(), who, "removed", "photograph", id, found.patient_id)
        self._clear([(found.patient_id, self.folder.place(found.patient_id, found.hash))])

    def sweep(self, older_than_s: float = LEFT_BEHIND_S) -> int:
        """Remove the files of deleted patients and those that nobody names; return how many there were."""
        with self._database.reading() as connection:
            left = _unnamed(connection, self.folder.files())
            deleted = set(
                connection.execute(select(trail.c.record).where(trail.c.what == "deleted")).scalars()
            )
        return self._clear(
            [(whose, path) for whose, path in left if whose in deleted or _age_s(path) > older_than_s]
        )

    def _clear(self, files: list[tuple[str, Path]]) -> int:
        """Remove files that still nobody names; alone in writing, so that nobody can name one meanwhile."""
        if not files:
            return 0
        with self._database.writing() as connection:
            still = _unnamed(connection, files)
            for _, path in still:
                with contextlib.suppress(OSError):  # what stays behind is tried again at the next opening
                    path.unlink(missing_ok=True)
                    path.parent.rmdir()  # refused while other files lie there
        return len(still)


def _unnamed(connection: Connection, files: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    named = {(row.patient_id, row.hash) for row in connection.execute(select(photographs))}
    return [(whose, path) for whose, path in files if (whose, path.name) not in named]


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _word(said: str | None, what: str, most: int = 200) -> str | None:
    return words.short(said, what, most, empty=True) or None if said is not None else None


def _named(connection: Connection, id: str) -> Photograph:
    row = connection.execute(select(photographs).where(photographs.c.id == id)).one_or_none()
    if row is None:
        raise Missing(f"no photograph has {words.shown(id)}. Look at the patient's photographs.")
    return Photograph(**row._mapping)


def _refuse_twice(connection: Connection, patient_id: str, hash: str) -> None:
    same = (photographs.c.patient_id == patient_id) & (photographs.c.hash == hash)
    held = connection.execute(select(photographs.c.id).where(same)).scalar_one_or_none()
    if held is not None:
        raise RecordsError(
            f"photograph: this very picture is kept already, as {held}. Choose another, or remove that."
        )


def _check_visit(connection: Connection, patient_id: str, visit_id: str | None) -> None:
    if visit_id is None:
        return
    whose = connection.execute(
        select(visits.c.patient_id).where(visits.c.id == visit_id)
    ).scalar_one_or_none()
    if whose != patient_id:
        raise Missing(
            f"this patient has no visit with {words.shown(visit_id)}. Leave it out, or add the visit first."
        )
