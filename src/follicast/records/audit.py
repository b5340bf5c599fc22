"""The audit trail: who did what to which record, and when. It only grows.

A line holds ids and no fact about a patient. Each line carries the hash of the one before, so that a line that was
changed, taken out or put in is found; `chain` remembers length and end, so that a trail cut short is found too. The
database itself refuses to change or delete a line. Someone who rewrites trail and chain together from
inside the database is found only by a hash kept elsewhere: `verify` prints it, and every backup holds it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from follicast.errors import Damaged
from follicast.records import words
from follicast.records.database import Database
from follicast.records.moment import spelt
from follicast.records.permission import By, allowed
from follicast.records.schema import audit, chain

START = "0" * 64  # what stands before the first line


@dataclass(frozen=True)
class Line:
    """One line of the trail: the user `who` did `what` to the record of a kind; `patient` is whose it is."""

    seq: int
    at: dt.datetime
    who: str
    what: str
    kind: str
    record: str
    patient: str | None
    previous: str
    hash: str

    def due(self) -> str:
        """Return the hash that this line must have."""
        told = [self.seq, spelt(self.at), self.who, self.what, self.kind, self.record, self.patient]
        return words.digest(self.previous, words.spelt(told, "audit"))

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON."""
        return asdict(self) | {"at": spelt(self.at)}


def add(
    connection: Connection, at: dt.datetime, who: str, what: str, kind: str, record: str, patient: str | None
) -> None:
    """Add a line, in the transaction of what it tells of: both are written or neither is."""
    end = connection.execute(select(chain.c.length, chain.c.hash)).one_or_none()
    if end is None:
        raise Damaged("the audit trail has lost its end; restore the last backup")
    bare = Line(end.length + 1, at, who, what, kind, record, patient, end.hash, "")
    line = asdict(bare) | {"hash": bare.due()}
    connection.execute(insert(audit).values(line))
    connection.execute(update(chain).values(length=bare.seq, hash=line["hash"]))


def end(connection: Connection) -> tuple[int, str]:
    """Return how many lines the trail has and the hash that it ends in."""
    found = connection.execute(select(chain.c.length, chain.c.hash)).one_or_none()
    return (found.length, found.hash) if found else (0, START)


def faults(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with the trail, in words; nothing for one that is whole."""
    before, count = START, 0
    for row in connection.execute(select(audit).order_by(audit.c.seq)):
        line, count = _line(row), count + 1
        if line.seq != count:
            yield f"audit line {count} is missing"
            return
        if line.previous != before:
            yield f"audit line {line.seq} does not follow on the one before it"
        if line.hash != line.due():
            yield f"audit line {line.seq} was changed after it was written"
        before = line.hash
    if (count, before) != end(connection):
        yield f"the audit trail was cut: {count} lines are there, {end(connection)[0]} were written"


def _line(row: Row[Any]) -> Line:
    return Line(**row._mapping)


class Audit:
    """The trail, to be read and to be added to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self, patient: str | None = None, since: int = 0, limit: int | None = None) -> list[Line]:
        """Return the lines after number `since`, oldest first; of one patient only, if one is named."""
        asked = select(audit).where(audit.c.seq > since).order_by(audit.c.seq).limit(limit)
        if patient is not None:
            asked = asked.where(or_(audit.c.patient == patient, audit.c.record == patient))
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(asked)]

    def note(self, what: str, kind: str, record: str, *, by: By, patient: str | None = None) -> None:
        """Add a line on something that changes no record: seen, printed, exported. Ids only, never a fact."""
        for word in filter(None, (what, kind, record, patient)):
            _only_an_id(word)
        with self._database.writing() as connection:
            who = allowed(connection, by, "read")
            add(connection, self._database.clock(), who, what, kind, record, patient)

    def end(self) -> tuple[int, str]:
        """Return how many lines the trail has and the hash that it ends in; written down elsewhere, it proves it."""
        with self._database.reading() as connection:
            return end(connection)


def _only_an_id(word: str) -> None:
    if not (word.isascii() and word.replace("-", "").replace("_", "").isalnum() and len(word) <= 24):
        raise ValueError("the audit trail takes ids and single words, never a fact about a patient")
