"""Consents: to what, in which words (the version of the text), given when and to whom, withdrawn when and to whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from follicast.errors import Missing, RecordsError
from follicast.records import audit, words
from follicast.records.database import Database
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.schema import consents


@dataclass(frozen=True)
class Consent:
    """One consent; `given_to` and `withdrawn_to` are the users who took it down."""

    id: str
    patient_id: str
    what: str
    text_version: str
    given_at: dt.datetime
    given_to: str
    withdrawn_at: dt.datetime | None
    withdrawn_to: str | None

    @property
    def holds(self) -> bool:
        """Whether it has not been withdrawn."""
        return self.withdrawn_at is None


class Consents:
    """What the clinic's patients have agreed to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, patient_id: str, what: str, *, text_version: str, by: By) -> Consent:
        """Take down that a patient agrees to something ('photographs', 'teaching') in the words of a text's version."""
        told = words.short(what, "what"), words.short(text_version, "text_version")
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "write"), self._database.clock()
            newest_of(connection, patient_id)
            consent = Consent(words.new_id(), patient_id, *told, at, who, None, None)
            connection.execute(insert(consents).values(vars(consent)))
            audit.add(connection, at, who, "given", "consent", consent.id, patient_id)
        return consent

    def withdraw(self, id: str, *, by: By) -> Consent:
        """Take down that a consent is withdrawn; raises `Missing`, `RecordsError` where it was before."""
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "write"), self._database.clock()
            before = _get(connection, id)
            if not before.holds:
                raise RecordsError(
                    f"consent {id}: it was withdrawn before, and stays so. A new one can be given."
                )
            now = {"withdrawn_at": at, "withdrawn_to": who}
            connection.execute(update(consents).where(consents.c.id == id).values(now))
            audit.add(connection, at, who, "withdrawn", "consent", id, before.patient_id)
        return Consent(**{**vars(before), **now})

    def of(self, patient_id: str) -> list[Consent]:
        """Return a patient's consents, oldest first, withdrawn ones too."""
        asked = select(consents).where(consents.c.patient_id == patient_id)
        with self._database.reading() as connection:
            newest_of(connection, patient_id)
            rows = connection.execute(asked.order_by(consents.c.given_at, consents.c.id)).all()
        return [Consent(**row._mapping) for row in rows]

    def hold(self, patient_id: str, what: str) -> bool:
        """Say whether a patient agrees to something today."""
        return any(consent.holds and consent.what == what.strip() for consent in self.of(patient_id))


def _get(connection: Connection, id: str) -> Consent:
    row = connection.execute(select(consents).where(consents.c.id == id)).one_or_none()
    if row is None:
        raise Missing(f"no consent has {words.shown(id)}. Look at the patient's consents.")
    return Consent(**row._mapping)
