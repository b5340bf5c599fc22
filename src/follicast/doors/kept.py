"""The clinic's records from the command line: backup, restore, one person's data out or away, whether all is well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from follicast.doors import output, users
from follicast.errors import InputError

if TYPE_CHECKING:
    from follicast.records import Records
    from follicast.records.backup import Backup

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The clinic's records: backup, restore, export, delete."
)
app.add_typer(users.app, name="user")
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///clinic.db or postgresql://…; default: FOLLICAST_DATABASE, or your data folder.",
    ),
]
By = Annotated[str, typer.Option(metavar="USER", help="The id of the user whom the audit trail names.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A zip file.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a patient.")]


def _named(database: str | None) -> str:
    """Return the URL of records that are there: a slip in a name must not make a new, empty clinic."""
    from follicast.records.database import Database as Place
    from follicast.records.store import default_url

    url = database or default_url()
    file = Place.file_of(url)
    if file is not None and not file.exists():
        raise InputError(f"{file}: there are no records here. Name them with --database URL.")
    return url


def opened(database: str | None) -> Records:
    """Open records that are there; raises `InputError` where there are none."""
    from follicast.records import Records

    return Records.open(_named(database))


@app.command()
def backup(file: File, database: Database = None, by: By = "local") -> None:
    """Write everything into one new file, while the clinic goes on."""
    with opened(database) as records:
        made = records.backup(file, by=by)
    print(f"written: {file}\n{_counted(made)}")
    output.warn(made.faults)


def _counted(made: Backup) -> str:
    people, lines = made.rows["patients"], made.audit_lines
    return f"patients: {people}, photographs: {made.pictures}, lines of the audit trail: {lines}"


@app.command()
def restore(file: File, database: Database = None) -> None:
    """Put a backup into an empty place, and look at all of it; nothing is ever overwritten."""
    from follicast.records import restore as store
    from follicast.records.store import default_url, pictures_at

    url = database or default_url()
    made = store.restore(file, url, pictures_at(url))
    people, lines = made.rows["patients"], made.audit_lines
    print(
        f"restored as of {made.at}: {people} patients, {made.pictures} photographs, audit trail of {lines} lines"
    )
    output.warn(made.faults)


@app.command()
def export(id: Id, file: File, database: Database = None, by: By = "local") -> None:
    """Write all that is kept of one person into a new file."""
    with opened(database) as records:
        records.export(id, file, by=by)
    print(f"written: {file}")


@app.command()
def delete(
    id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: Database = None,
    by: By = "local",
) -> None:
    """Erase one person: intake, visits, photographs, plans. It cannot be undone; older backups still hold her."""
    with opened(database) as records:
        records.patients.get(id)
        if not yes and not (
            sys.stdin.isatty() and typer.confirm(f"Erase all that is kept of {id}, for good?")
        ):
            raise InputError(
                f"{id}: nothing was deleted. It cannot be undone, so it is done only with --yes."
            )
        done = records.erase(id, by=by)
    print(f"deleted: {id}")
    if not done:
        output.warn(
            ["others are reading; the last freed bytes are overwritten when the records are next opened"]
        )


@app.command()
def verify(database: Database = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Look whether everything is there, whole, and as it was written; status 1 if not."""
    with opened(database) as records:
        found = records.verify()
    if as_json:
        output.print_json({**vars(found), "whole": found.whole})
    else:
        print(", ".join(f"{name}: {count}" for name, count in found.counts.items()))
        print(f"the audit trail has {found.lines} lines and ends in {found.end}")
        print(
            "\n".join(f"FAULT  {fault}" for fault in found.faults)
            or "all is there, whole, and as it was written"
        )
    if not found.whole:
        raise typer.Exit(1)


@app.command()
def migrate(database: Database = None) -> None:
    """Bring older records to the schema of this release; make a backup of the file or server first."""
    from follicast.records import migration
    from follicast.records.database import Database as Place

    place = Place(_named(database))
    try:
        before, after = migration.migrate(place)
    finally:
        place.close()
    print(f"the schema was {before or 'none'} and is {after}")
