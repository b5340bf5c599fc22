"""Brings a database to the shape of this release, or says why it is not done unasked.

A new database is made on opening. An older one is not touched before someone asks for it, because a step
may take long and a backup should be made first. A step is one transaction: it is done whole or not at all.
"""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from follicast.errors import RecordsError, WrongSchema
from follicast.records.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "follicast_schema"
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its state in one place per process
_QUEUE = 7_105_119  # the number under which PostgreSQL lets one of us migrate at a time


def newest() -> str:
    """Return the name of the schema that this release writes."""
    return str(ScriptDirectory(str(_SCRIPTS)).get_current_head())


def present(database: Database) -> str | None:
    """Return the name of the schema that a database has; None for one that is new."""
    with database.told(), database.engine.connect() as connection:
        return of(connection)


def of(connection: Connection) -> str | None:
    """Return the name of the schema at the other end of a connection; None for a new one."""
    context = MigrationContext.configure(connection, opts={"version_table": _VERSIONS})
    return context.get_current_revision()


def ready(database: Database) -> None:
    """Make a new database; raises `WrongSchema` for one of another release, `RecordsError` for a stranger's."""
    found = present(database)
    if found is None:
        _refuse_a_strangers(database)
        migrate(database)
    elif found != newest():
        raise WrongSchema(_of_another_release(database.where, found))


def _refuse_a_strangers(database: Database) -> None:
    with database.told(), database.engine.connect() as connection:
        held = set(inspect(connection).get_table_names()) - {_VERSIONS}
        begun = of(connection) is not None  # someone else has just made it
    if not begun and ((held and database.path is not None) or held & {"patients", "audit", "users"}):
        raise RecordsError(
            f"{database.where}: this database holds tables of another program. Name a database of its own."
        )


def _of_another_release(where: str, found: str) -> str:
    known = {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    if found not in known:
        return (f"{where}: its schema is {found}, which this release does not know: a newer Follicast wrote it. "
                "Install that release, or restore a backup made before.")  # fmt: skip
    return (f"{where}: its schema is {found}, of an older release, and this one writes {newest()}. Make a backup of "
            "the file or server first, then run: follicast records migrate --database URL")  # fmt: skip


def migrate(database: Database, to: str = "head") -> tuple[str | None, str]:
    """Bring a database up to a schema (by default this release's); return the names before and after."""
    return _move(database, to, down=False)


def step_back(database: Database, to: str) -> tuple[str | None, str]:
    """Bring a database down to an older schema, 'base' for none; what only the newer one holds is lost."""
    return _move(database, to, down=True)


def _move(database: Database, to: str, down: bool) -> tuple[str | None, str]:
    with _ONE_AT_A_TIME, database.told(), database.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            if database.path is None:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_QUEUE})"))
            before = of(connection)
            known = {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
            if before is not None and before not in known:
                raise WrongSchema(_of_another_release(database.where, before))
            (command.downgrade if down else command.upgrade)(_config(connection), to)
            after = of(connection)
    return before, str(after)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
