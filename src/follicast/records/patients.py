"""Patients: the intake as told, in every state it had, under a name and a number of the clinic's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from follicast.errors import Damaged, Missing, PatientError
from follicast.patient import Patient
from follicast.records import audit, versioned, words
from follicast.records.database import Database
from follicast.records.permission import By, allowed
from follicast.records.schema import patients
from follicast.records.versioned import Version

MOST_FOUND = 50


@dataclass(frozen=True)
class Listed:
    """A patient as a list shows her."""

    id: str
    name: str
    number: str
    version: int
    changed_at: dt.datetime


@dataclass(frozen=True)
class Chart:
    """One state of a patient's intake; `version` is what one saves on."""

    id: str
    version: int
    name: str
    number: str
    document: dict[str, Any]
    at: dt.datetime
    by: str

    @cached_property
    def patient(self) -> Patient:
        """The intake as a patient; raises `Damaged` where this release cannot read what an older one kept."""
        try:
            return Patient.model_validate(self.document)
        except (ValidationError, PatientError) as trouble:
            raise Damaged(_unreadable(self, trouble)) from None


def _unreadable(chart: Chart, trouble: Exception) -> str:
    """Name the places and never the values."""
    places = (
        [".".join(str(part) for part in error["loc"]) for error in trouble.errors()]
        if isinstance(trouble, ValidationError)
        else ["two statements that exclude each other"]
    )
    return (f"patient {chart.id}, version {chart.version}: this release does not read what was kept "
            f"({', '.join(places[:5])}). Mend these fields and save.")  # fmt: skip


def told(patient: Patient) -> dict[str, Any]:
    """Return a patient as the document that is kept; what is unknown is left out."""
    return patient.model_dump(mode="json", exclude_none=True)


class Patients:
    """The clinic's patients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, patient: Patient, *, by: By, name: str = "") -> Chart:
        """Keep a new patient under a new id; `name` is what the clinic calls her, her number is `patient.id`."""
        document = _document(patient, name)
        with self._database.writing() as connection:
            who, at, new = allowed(connection, by, "write"), self._database.clock(), words.new_id()
            connection.execute(insert(patients).values(id=new, created_at=at, **_row(document, 1, at)))
            return self._keep(connection, "added", Version(new, 1, document, at, who))

    def change(self, id: str, patient: Patient, *, version: int, by: By, name: str | None = None) -> Chart:
        """Save a new state of the intake that started from `version`; raises `Conflict` if it is no longer the newest.

        The name stays as it is where none is given. A state that says nothing new is not written again.
        """
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "write"), self._database.clock()
            newest = newest_of(connection, id)
            started = versioned.state(connection, id, version).document
            document = _document(patient, started["name"] if name is None else name)
            new = versioned.successor(connection, id, newest, version, document)
            if new is None:
                return _chart(versioned.state(connection, id, newest))
            connection.execute(update(patients).where(patients.c.id == id).values(_row(document, new, at)))
            return self._keep(connection, "changed", Version(id, new, document, at, who))

    def _keep(self, connection: Connection, what: str, version: Version) -> Chart:
        versioned.keep(connection, "patient", version.record, version)
        audit.add(connection, version.at, version.by, what, "patient", version.record, version.record)
        return _chart(version)

    def get(self, id: str, version: int | None = None) -> Chart:
        """Return a patient's newest state, or the one that is named; raises `Missing`."""
        with self._database.reading() as connection:
            newest = newest_of(connection, id)
            return _chart(versioned.state(connection, id, newest if version is None else version))

    def see(self, id: str, *, by: By) -> Chart:
        """Return a patient's newest state, and keep in the audit trail who looked."""
        with self._database.writing() as connection:
            who, newest = allowed(connection, by, "read"), newest_of(connection, id)
            audit.add(connection, self._database.clock(), who, "seen", "patient", id, id)
            return _chart(versioned.state(connection, id, newest))

    def history(self, id: str) -> list[Chart]:
        """Return every state of a patient's intake, oldest first; raises `Missing`."""
        with self._database.reading() as connection:
            newest_of(connection, id)
            return [_chart(version) for version in versioned.states(connection, id)]

    def find(self, text: str = "", limit: int = MOST_FOUND) -> list[Listed]:
        """Return the patients whose name or number holds every word of a text, or whose id it is.

        Case and accents do not matter. Those changed last come first; without a text, those alone count.
        """
        with self._database.reading() as connection:
            return [Listed(**row._mapping) for row in connection.execute(_sought(text, limit))]

    def __len__(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(patients)).scalar_one())


def newest_of(connection: Connection, id: str) -> int:
    """Return the version that a patient is at; raises `Missing`."""
    found = connection.execute(select(patients.c.version).where(patients.c.id == id)).scalar_one_or_none()
    if found is None:
        raise Missing(
            f"no patient has {words.shown(id)}. Find her by name or number; she may have been deleted."
        )
    return int(found)


def _document(patient: Patient, name: str) -> dict[str, Any]:
    return {"name": words.short(name, "name", empty=True), **told(patient)}


def _row(document: dict[str, Any], version: int, at: dt.datetime) -> dict[str, Any]:
    name, number = document["name"], words.short(document.get("id", ""), "id", empty=True)
    return {"version": version, "name": name, "number": number, "changed_at": at,
            "search": words.compared(f"{name} {number}")}  # fmt: skip


def _chart(version: Version) -> Chart:
    document = dict(version.document)
    name = document.pop("name")
    return Chart(
        version.record, version.version, name, document.get("id", ""), document, version.at, version.by
    )


def _sought(text: str, limit: int) -> Select[Any]:
    shown = (patients.c.id, patients.c.name, patients.c.number, patients.c.version, patients.c.changed_at)
    asked = select(*shown).order_by(patients.c.changed_at.desc(), patients.c.id).limit(limit)
    parts = [patients.c.search.contains(word, autoescape=True) for word in words.compared(text).split()]
    return asked.where(or_(patients.c.id == text.strip(), and_(*parts))) if parts else asked
