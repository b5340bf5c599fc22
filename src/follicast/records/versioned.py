"""What can be edited is kept in every state it had, and nobody overwrites what he has not seen.

Whoever saves says which version he started from. If another has been saved since, nothing is written, and a
`Conflict` carries both, the state they both started from, and each field that differs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from follicast.errors import Missing, RecordsError
from follicast.records import words
from follicast.records.schema import versions


@dataclass(frozen=True)
class Difference:
    """One field of two edits: what both started from, what is saved, what was about to be saved. None is absent."""

    field: str
    before: Any
    theirs: Any
    yours: Any

    @property
    def clashes(self) -> bool:
        """Whether both changed it, and not to the same; else the one change can be taken as it is."""
        return self.theirs != self.yours and self.before not in (self.theirs, self.yours)


@dataclass(frozen=True)
class Version:
    """One state of a document: when it was saved and by whom."""

    record: str
    version: int
    document: dict[str, Any]
    at: dt.datetime
    by: str


class Conflict(RecordsError):
    """Someone else saved first; nothing was written.

    `theirs` is what is saved now, `yours` the document that was not, `base` what both started from, `differences`
    the fields in which the two differ. The message names no field: a field may be a fact.
    """

    def __init__(self, base: Version, theirs: Version, yours: dict[str, Any]) -> None:
        self.base, self.theirs, self.yours = base, theirs, yours
        self.differences = _differences(base.document, theirs.document, yours)
        super().__init__(
            f"record {theirs.record}: you started from version {base.version}, and {theirs.by} has saved version "
            f"{theirs.version} since; fields that differ: {len(self.differences)}. Nothing of yours was written. Look "
            f"at both, and save again on version {theirs.version}."
        )


def _differences(base: dict[str, Any], theirs: dict[str, Any], yours: dict[str, Any]) -> list[Difference]:
    names = dict.fromkeys([*base, *theirs, *yours])
    found = [Difference(name, base.get(name), theirs.get(name), yours.get(name)) for name in names]
    return [difference for difference in found if difference.theirs != difference.yours]


def keep(connection: Connection, kind: str, patient: str, version: Version) -> None:
    """Write a new state of a document."""
    row = {"record": version.record, "version": version.version, "kind": kind, "patient_id": patient,
           "document": words.spelt(version.document, kind), "at": version.at, "by": version.by}  # fmt: skip
    connection.execute(insert(versions).values(row))


def states(connection: Connection, record: str) -> list[Version]:
    """Return every state of a record, oldest first."""
    asked = select(versions).where(versions.c.record == record).order_by(versions.c.version)
    return [_version(row) for row in connection.execute(asked)]


def state(connection: Connection, record: str, version: int) -> Version:
    """Return one state of a record; raises `Missing`."""
    asked = select(versions).where(versions.c.record == record, versions.c.version == version)
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise Missing(
            f"a record of {words.shown(record)} has no version {version}. Load it again, and save on what it has."
        )
    return _version(row)


def _version(row: Any) -> Version:
    return Version(row.record, row.version, words.read(row.document), row.at, row.by)


def successor(
    connection: Connection, record: str, newest: int, started_from: int, document: dict[str, Any]
) -> int | None:
    """Return the number that a new state gets; None where it says nothing new; raises `Conflict`."""
    theirs = state(connection, record, newest)
    if theirs.document == document:
        return None
    if started_from != newest:
        raise Conflict(state(connection, record, started_from), theirs, document)
    return newest + 1
