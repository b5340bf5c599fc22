"""Visits: what was measured on a day, how, and with what error. A visit can be mended and struck out, never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator
from sqlalchemy import Connection, delete, insert, select, update

from follicast import patient as story
from follicast.errors import Missing, RecordsError
from follicast.evidence.reader import Strict
from follicast.patient.words import NotNegative, Real, Word
from follicast.records import audit, versioned, words
from follicast.records.database import Database
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.schema import measurements, visits
from follicast.records.versioned import Version

Kind = Literal[
    "total_density", "terminal_density", "mean_diameter", "anagen_share", "shed_score", "wash_count"
]
UNITS = {"total_density": "/cm2", "terminal_density": "/cm2", "mean_diameter": "um", "anagen_share": "1",
         "shed_score": "{score}", "wash_count": "{hairs}"}  # fmt: skip
# Where the intake's own model keeps each, and thereby what it may be: a density below 0 is refused there and here.
_COUNTED = {"total_density": "total_per_cm2", "terminal_density": "terminal_per_cm2",
            "mean_diameter": "mean_diameter_um", "anagen_share": "anagen_share"}  # fmt: skip
_SHED = {"shed_score": "score", "wash_count": "wash_count"}
_NOTE = 4000


class Measurement(Strict):
    """One number that was read off a person: densities [/cm2], diameter [um], share [1], Sinclair's score, hairs.

    `error` is one standard error in the same unit, None where nobody knows it; `method` is how it was read.
    """

    kind: Kind
    value: Real
    error: NotNegative | None = None
    method: Word | None = None
    site: Word | None = None
    area_cm2: Annotated[Real, Field(gt=0, le=100)] | None = None
    cutoff_um: Annotated[NotNegative, Field(le=100)] | None = None

    @property
    def unit(self) -> str:
        """The unit of value and error, in UCUM."""
        return UNITS[self.kind]

    @model_validator(mode="after")
    def _possible(self) -> Measurement:
        if self.kind in _SHED:
            story.Shedding.model_validate({_SHED[self.kind]: self.value})
        elif self.site is None:
            raise ValueError("a count needs the site at which it was made")
        else:
            story.Count.model_validate({"site": self.site, _COUNTED[self.kind]: self.value})
        return self


@dataclass(frozen=True)
class Visit:
    """One visit of a patient; `version` is what one saves on, `struck` whether it was struck out as a mistake."""

    id: str
    patient_id: str
    version: int
    day: dt.date
    note: str
    measurements: tuple[Measurement, ...]
    struck: bool
    at: dt.datetime
    by: str

    @property
    def told(self) -> story.Visit:
        """The visit as the intake tells it: counts of one site and method together, errors left out."""
        counts: dict[tuple[Any, ...], dict[str, Any]] = {}
        shed: dict[str, float] = {}
        for found in self.measurements:
            if found.kind in _SHED:
                shed[_SHED[found.kind]] = found.value
                continue
            how = {name: getattr(found, name) for name in ("site", "method", "area_cm2", "cutoff_um")}
            counts.setdefault(tuple(how.values()), how)[_COUNTED[found.kind]] = found.value
        return story.Visit.model_validate(
            {"date": self.day, "counts": list(counts.values()), "shedding": shed or None}
        )


class Visits:
    """The visits of the clinic's patients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, patient_id: str, day: dt.date, found: Iterable[Measurement] = (), *, by: By, note: str = ""
    ) -> Visit:
        """Keep a new visit with what was measured; raises `Missing` where no patient has the id."""
        document = _document(day, found, note)
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "write"), self._database.clock()
            newest_of(connection, patient_id)
            visit = _visit(Version(words.new_id(), 1, document, at, who), patient_id)
            connection.execute(
                insert(visits).values(id=visit.id, patient_id=patient_id, created_at=at, **_row(visit))
            )
            self._keep(connection, "added", visit, document)
        return visit

    def change(
        self,
        id: str,
        day: dt.date,
        found: Iterable[Measurement] = (),
        *,
        version: int,
        by: By,
        note: str = "",
    ) -> Visit:
        """Save a visit anew, starting from `version`; raises `Conflict` if it is no longer the newest."""
        return self._save(id, _document(day, found, note), version, by, "changed")

    def strike(self, id: str, *, version: int, by: By) -> Visit:
        """Strike a visit out that was entered by mistake; it stays in the history."""
        before = self.get(id, version)
        document = _document(before.day, before.measurements, before.note) | {"struck": True}
        return self._save(id, document, version, by, "struck")

    def _save(self, id: str, document: dict[str, Any], version: int, by: By, what: str) -> Visit:
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "write"), self._database.clock()
            patient_id, newest = _whose(connection, id)
            new = versioned.successor(connection, id, newest, version, document)
            if new is None:
                return _visit(versioned.state(connection, id, newest), patient_id)
            visit = _visit(Version(id, new, document, at, who), patient_id)
            connection.execute(update(visits).where(visits.c.id == id).values(_row(visit)))
            self._keep(connection, what, visit, document)
        return visit

    def _keep(self, connection: Connection, what: str, visit: Visit, document: dict[str, Any]) -> None:
        connection.execute(delete(measurements).where(measurements.c.visit_id == visit.id))
        rows = [
            {
                "visit_id": visit.id,
                "patient_id": visit.patient_id,
                "place": place,
                "unit": one.unit,
                **one.model_dump(),
            }
            for place, one in enumerate(visit.measurements)
        ]
        if rows:
            connection.execute(insert(measurements), rows)
        state = Version(visit.id, visit.version, document, visit.at, visit.by)
        versioned.keep(connection, "visit", visit.patient_id, state)
        audit.add(connection, visit.at, visit.by, what, "visit", visit.id, visit.patient_id)

    def get(self, id: str, version: int | None = None) -> Visit:
        """Return a visit as it is now, or as it was in the version that is named; raises `Missing`."""
        with self._database.reading() as connection:
            patient_id, newest = _whose(connection, id)
            return _visit(versioned.state(connection, id, newest if version is None else version), patient_id)

    def of(self, patient_id: str) -> list[Visit]:
        """Return a patient's visits by day, without those struck out."""
        asked = select(visits.c.id, visits.c.version).where(
            visits.c.patient_id == patient_id, ~visits.c.struck
        )
        with self._database.reading() as connection:
            newest_of(connection, patient_id)
            rows = connection.execute(asked.order_by(visits.c.day, visits.c.created_at, visits.c.id)).all()
            return [_visit(versioned.state(connection, row.id, row.version), patient_id) for row in rows]


def measured(
    kind: Kind,
    value: float,
    *,
    error: float | None = None,
    method: str | None = None,
    site: str | None = None,
    area_cm2: float | None = None,
    cutoff_um: float | None = None,
) -> Measurement:
    """Return a measurement; raises `RecordsError` with the reason where no head could give it."""
    try:
        return Measurement(kind=kind, value=float(value), error=error, method=method, site=site,
                           area_cm2=area_cm2, cutoff_um=cutoff_um)  # fmt: skip
    except ValidationError as trouble:
        first = trouble.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or str(kind)
        raise RecordsError(f"measurement, {place}: {first['msg'].splitlines()[0]}.") from None


def _document(day: dt.date, found: Iterable[Measurement], note: str) -> dict[str, Any]:
    told = [one.model_dump(mode="json", exclude_none=True) for one in found]
    return {
        "day": day.isoformat(),
        "note": words.short(note, "note", _NOTE, empty=True),
        "measurements": told,
    }


def _visit(version: Version, patient_id: str) -> Visit:
    kept = version.document
    found = tuple(Measurement.model_validate(one) for one in kept["measurements"])
    struck = bool(kept.get("struck", False))
    return Visit(version.record, patient_id, version.version, dt.date.fromisoformat(kept["day"]), kept["note"],
                 found, struck, version.at, version.by)  # fmt: skip


def _row(visit: Visit) -> dict[str, Any]:
    return {"version": visit.version, "day": visit.day, "note": visit.note, "struck": visit.struck,
            "changed_at": visit.at}  # fmt: skip


def _whose(connection: Connection, id: str) -> tuple[str, int]:
    """Return the patient of a visit and the version it is at; raises `Missing`."""
    row = connection.execute(
        select(visits.c.patient_id, visits.c.version).where(visits.c.id == id)
    ).one_or_none()
    if row is None:
        raise Missing(f"no visit has {words.shown(id)}. Look at the patient's visits.")
    return row.patient_id, row.version
