"""The records, opened: one object through which the clinic's memory is read and written."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from platformdirs import user_data_path
from sqlalchemy import URL

from follicast.errors import RecordsError
from follicast.records import backup, integrity, migration, person
from follicast.records.accounts import Accounts
from follicast.records.audit import Audit
from follicast.records.consents import Consents
from follicast.records.database import PATIENCE_S, Database, address
from follicast.records.issued import Shelf
from follicast.records.jobs import Jobs
from follicast.records.moment import Clock, now
from follicast.records.patients import Patients
from follicast.records.permission import By
from follicast.records.photographs import Folder, Photographs
from follicast.records.sessions import Sessions, Tokens
from follicast.records.visits import Visits
from follicast.records.words import fingerprint

DATABASE, PICTURES = "FOLLICAST_DATABASE", "FOLLICAST_PHOTOGRAPHS"


def default_url() -> str:
    """Return the database that is used where none is named: FOLLICAST_DATABASE, else a file in the user's data
    folder.
    """
    named = os.environ.get(DATABASE)
    if named:
        return named
    folder = user_data_path("follicast")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as trouble:
        raise RecordsError(
            f"{folder}: it cannot be made: {trouble.strerror}. Name a database with --database."
        ) from None
    return f"sqlite:///{folder / 'clinic.db'}"


def pictures_at(url: str | Path) -> Path:
    """Return the folder of the pictures of a database.

    It is FOLLICAST_PHOTOGRAPHS, else beside the file of SQLite, or for a server in the user's data folder.
    """
    if os.environ.get(PICTURES):
        return Path(os.environ[PICTURES])
    file = Database.file_of(url)
    if file is not None:
        return file.with_name(f"{file.name}.photographs")
    return user_data_path("follicast") / "photographs" / _server(address(url))


def _server(url: URL) -> str:
    """Return a name for a database on a server, whoever asks for it."""
    said = f"{url.host or ''}:{url.port or ''}/{url.database or ''}?{sorted(url.query.items())}"
    return fingerprint(said.encode())[:16]


class Records:
    """The clinic's memory in one database and one folder of pictures.

    `patients`, `visits`, `photographs`, `consents`, `assessments` and `plans` hold what is known of people;
    `accounts`, `sessions`
    and `tokens` who may see it; `jobs` the work in hand; `audit` who did what. May be used from many threads; a
    process that forks opens its own.
    """

    def __init__(self, database: Database, folder: Folder) -> None:
        self.database, self.folder = database, folder
        self.patients, self.visits = Patients(database), Visits(database)
        self.photographs, self.consents = Photographs(database, folder), Consents(database)
        self.assessments, self.plans = Shelf(database, "assessment"), Shelf(database, "plan")
        self.accounts, self.sessions, self.tokens = Accounts(database), Sessions(database), Tokens(database)
        self.jobs, self.audit = Jobs(database), Audit(database)

    @classmethod
    def open(
        cls,
        url: str | Path | None = None,
        *,
        pictures: Path | None = None,
        clock: Clock = now,
        patience_s: float = PATIENCE_S,
    ) -> Records:
        """Open the records at a URL (or file), and make them where there are none.

        `pictures` is the private folder of photographs, `clock` says what time it is, a writer queues for
        `patience_s` [s].
        Raises `WrongSchema` for the database of another release, `RecordsError` for one that cannot be used.
        """
        database = Database(default_url() if url is None else url, clock, patience_s)
        try:
            migration.ready(database)
            records = cls(database, Folder(pictures or pictures_at(database.url_given)))
            records._tidy()
        except BaseException:
            database.close()
            raise
        return records

    def _tidy(self) -> None:
        """Finish what a process did not live to finish: files of the deleted, bytes that were to be overwritten."""
        self.photographs.sweep()
        if person.unwiped(self.folder):
            person.wipe(self.database, self.folder)

    def export(self, id: str, file: str | Path, *, by: By) -> Path:
        """Write all that is kept of a person into a new zip file."""
        return person.export(self.database, self.folder, id, Path(file), by)

    def erase(self, id: str, *, by: By) -> bool:
        """Erase a person; return whether every byte is overwritten already (else it is at the next opening)."""
        return person.erase(self.database, self.folder, id, by)

    def backup(self, file: str | Path, *, by: By) -> backup.Backup:
        """Write everything into one new file, consistent while others go on writing."""
        return backup.write(self.database, self.folder, Path(file), by)

    def verify(self) -> integrity.Report:
        """Look whether everything is there, whole, and as it was written."""
        return integrity.verify(self.database, self.folder)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
