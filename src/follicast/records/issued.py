"""What was issued: assessments and plans as they left the house, word for word. None of it is ever changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, insert, select

from follicast.errors import Damaged, Missing, RecordsError
from follicast.records import audit, words
from follicast.records.database import Database
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.schema import issued, pages


@dataclass(frozen=True)
class Issued:
    """One document as issued: on which state of the intake, by which release, evidence and seed, with its pages
    by language.

    `hash` is over all of it and is checked whenever it is read.
    """

    id: str
    patient_id: str
    patient_version: int
    kind: str
    document: dict[str, Any]
    program: str
    evidence_version: str
    seed: int | None
    at: dt.datetime
    by: str
    hash: str
    pages: dict[str, str] = field(repr=False)

    def due(self) -> str:
        """Return the hash that it must have."""
        shown = [part for language in sorted(self.pages) for part in (language, self.pages[language])]
        told = [
            self.id,
            self.patient_id,
            self.patient_version,
            self.kind,
            self.program,
            self.evidence_version,
            self.seed,
        ]
        return words.digest(words.spelt(told, self.kind), words.spelt(self.document, self.kind), *shown)


class Shelf:
    """Documents of one kind: 'assessment' or 'plan'."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database, self.kind = database, kind

    def issue(
        self,
        patient_id: str,
        document: dict[str, Any],
        *,
        patient_version: int,
        by: By,
        pages: dict[str, str] | None = None,
    ) -> Issued:
        """Keep a document as it is handed out, with its pages {language: HTML}.

        `document` is the answer as JSON with the keys that every answer has (`evidence_version`, `seed`);
        `patient_version` is
        the state of the intake that it rests on. Raises `Missing`, and `RecordsError` where it is no such answer.
        """
        document = words.read(words.spelt(document, self.kind))  # as it will be read: tuples are lists
        evidence_version, seed = _head(document, self.kind)
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "issue"), self._database.clock()
            _check_version(newest_of(connection, patient_id), patient_version)
            bare = Issued(words.new_id(), patient_id, patient_version, self.kind, document, version("follicast"),
                          evidence_version, seed, at, who, "", pages or {})  # fmt: skip
            kept = Issued(**{**vars(bare), "hash": bare.due()})
            _write(connection, kept)
            audit.add(connection, at, who, "issued", self.kind, kept.id, patient_id)
        return kept

    def get(self, id: str) -> Issued:
        """Return a document as it was issued; raises `Missing`, `Damaged`."""
        with self._database.reading() as connection:
            for found in read(connection, (issued.c.id == id) & (issued.c.kind == self.kind)):
                return _sound(found)
        raise Missing(f"no {self.kind} has {words.shown(id)}. Look at what was issued to the patient.")

    def of(self, patient_id: str) -> list[Issued]:
        """Return what was issued to a patient, oldest first; raises `Missing`, `Damaged`."""
        with self._database.reading() as connection:
            newest_of(connection, patient_id)
            whose = (issued.c.patient_id == patient_id) & (issued.c.kind == self.kind)
            return [_sound(found) for found in read(connection, whose)]

    def followed(self, patient_id: str, first: dt.date, last: dt.date) -> list[Issued]:
        """Return what was issued between two days, and before it what still stood on the first, oldest first."""
        known = [one for one in self.of(patient_id) if one.at.date() <= last]
        before = [one for one in known if one.at.date() < first]
        return [*before[-1:], *known[len(before) :]]


def read(connection: Connection, which: Any = None) -> Iterator[Issued]:
    """Yield documents with their pages, oldest first, unchecked."""
    asked = select(issued).order_by(issued.c.at, issued.c.id)
    for row in connection.execute(asked if which is None else asked.where(which)).all():
        shown = connection.execute(select(pages.c.language, pages.c.html).where(pages.c.issued_id == row.id))
        kept = dict(row._mapping) | {"document": words.read(row.document)}
        yield Issued(**kept, pages={page.language: page.html for page in shown})


def _write(connection: Connection, kept: Issued) -> None:
    row = {name: value for name, value in vars(kept).items() if name != "pages"}
    connection.execute(insert(issued).values(row | {"document": words.spelt(kept.document, kept.kind)}))
    for language, html in kept.pages.items():
        connection.execute(
            insert(pages).values(issued_id=kept.id, language=language, patient_id=kept.patient_id, html=html)
        )


def _head(document: dict[str, Any], kind: str) -> tuple[str, int | None]:
    evidence_version, seed = document.get("evidence_version"), document.get("seed")
    if not isinstance(evidence_version, str) or not (seed is None or isinstance(seed, int)):
        raise RecordsError(f"{kind}: it does not say on which evidence it rests (evidence_version) or by which seed. "
                           "Give the answer as JSON, whole.")  # fmt: skip
    return evidence_version, seed


def _check_version(newest: int, rests_on: int) -> None:
    if not 1 <= rests_on <= newest:
        raise Missing(f"the patient has no version {rests_on} for this to rest on; the newest is {newest}.")


def _sound(found: Issued) -> Issued:
    if found.hash != found.due():
        raise Damaged(f"{found.kind} {found.id}: it is not what was issued. Restore the last backup.")
    return found
