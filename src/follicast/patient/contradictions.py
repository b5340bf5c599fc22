"""What cannot all be true of one person: each contradiction with the place at which it is told."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from follicast.errors import PatientError
from follicast.names import folded
from follicast.patient.words import first_day, months_before

if TYPE_CHECKING:
    from follicast.patient.person import Patient

Place = tuple[str | int, ...]
SLACK_A = 1.5  # ages are told in whole years, months are rounded: less apart is one story


class Contradiction(PatientError):
    """Two statements of one patient that cannot both be true (no ValueError: pydantic lets it through)."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(why)
        self.place, self.why = place, why


def contradictions(patient: Patient) -> Iterator[tuple[Place, str]]:
    """Yield each (place, why) at which a patient's statements cannot all be true."""
    yield from _of_sex(patient)
    yield from _of_age(patient)
    yield from _of_fertility(patient)
    yield from _of_dates(patient)
    yield from _of_grades(patient)
    yield from _of_sites(patient)
    yield from _of_labs(patient)


def _of_sex(patient: Patient) -> Iterator[tuple[Place, str]]:
    if patient.sex == "F":
        return
    for key, word in (
        ("pregnant", "be pregnant"),
        ("planning_pregnancy", "plan to be pregnant himself"),
        ("breastfeeding", "be breastfeeding"),
    ):
        if getattr(patient, key):
            yield (key,), f"a man cannot {word}; mend sex or {key}"
    for key, word in (("menopause", "has no menopause"), ("cycle", "has no cycle"),
                      ("months_since_birth", "has not given birth")):  # fmt: skip
        if getattr(patient, key) is not None:
            yield (key,), f"a man {word}; mend sex or leave the line out"


def _of_age(patient: Patient) -> Iterator[tuple[Place, str]]:
    yield from _of_onset(patient)
    for i, trigger in enumerate(patient.triggers or []):
        months, key = trigger.months(patient.date), "months_ago" if trigger.date is None else "date"
        if months is not None and months / 12 > patient.age + 1:
            yield ("triggers", i, key), f"this lies before the birth of someone of {patient.age:g}"
    if patient.menopause == "post" and patient.age < 18:
        yield ("menopause",), f"someone of {patient.age:g} is not past the menopause; mend age or menopause"
    for key, word in (("pregnant", "pregnant"), ("breastfeeding", "breastfeeding")):
        if getattr(patient, key) and not 9 <= patient.age <= 65:
            yield (key,), f"someone of {patient.age:g} is not {word}; mend age or {key}"


def _of_onset(patient: Patient) -> Iterator[tuple[Place, str]]:
    onset = patient.onset
    if onset is None:
        return
    if onset.age is not None and onset.age > patient.age:
        yield ("onset", "age"), f"it cannot have begun at {onset.age:g} in someone of {patient.age:g}"
    for key, months in (("months_ago", onset.months_ago), ("date", months_before(onset.date, patient.date))):
        if months is not None and months / 12 > patient.age + (key == "date"):
            yield ("onset", key), f"this lies before the birth of someone of {patient.age:g}"
        elif (
            months is not None
            and onset.age is not None
            and abs(patient.age - onset.age - months / 12) > SLACK_A
        ):
            yield ("onset", key), f"this is not {onset.age:g}, the age that stands beside it; keep the surer"


def _of_fertility(patient: Patient) -> Iterator[tuple[Place, str]]:
    if patient.pregnant and patient.menopause == "post":
        yield ("menopause",), "someone past the menopause is not pregnant; mend pregnant or menopause"
    months = patient.months_since_birth
    if months is not None and not 9 <= patient.age - months / 12 <= 65:
        yield ("months_since_birth",), f"someone of {patient.age:g} did not give birth then; mend age or this"
    if patient.pregnant and months is not None and months < 0.5:
        yield ("months_since_birth",), "a birth within two weeks and a pregnancy cannot both be; mend one"


def _of_dates(patient: Patient) -> Iterator[tuple[Place, str]]:
    if patient.date is None:
        return
    for place, told in _dated(patient):
        day = told if isinstance(told, dt.date) else first_day(told) if told else None
        if day is not None and day > patient.date:
            yield place, f"{told} lies after the patient's own date, {patient.date}; mend one of them"


def _dated(patient: Patient) -> Iterator[tuple[Place, dt.date | str | None]]:
    for key in ("labs", "counts", "gradings", "pull_test", "trichoscopy", "triggers"):
        for i, entry in enumerate(getattr(patient, key) or []):
            yield (key, i, "date"), entry.date
    yield ("onset", "date"), patient.onset.date if patient.onset else None
    for i, practice in enumerate(patient.hair_practices or []):
        yield ("hair_practices", i, "since"), practice.since
    for i, tried in enumerate(patient.previous_therapies):
        yield ("previous_therapies", i, "ended"), tried.ended


def _of_grades(patient: Patient) -> Iterator[tuple[Place, str]]:
    """One scale has one grade at one site on one day; the pattern told is the whole head's, today."""
    told = patient.pattern
    seen: dict[tuple[str, str | None, dt.date | None], object] = {}
    if told is not None:
        seen[told.scale, None, None] = told.level
    for i, one in enumerate(patient.gradings):
        grade = one.pattern.level if one.pattern else str(one.grade)
        if seen.setdefault((one.scale, one.site, one.date), grade) != grade:
            yield ("gradings", i), f"the {one.scale} scale has two grades; give each its site or its date"


def _of_sites(patient: Patient) -> Iterator[tuple[Place, str]]:
    seen: dict[str, object] = {}
    for i, one in enumerate(patient.sites or []):
        if seen.setdefault(folded(one.site), one) != one:
            yield ("sites", i), f"{one.site} stands twice with different loss; keep the one that holds"


def _of_labs(patient: Patient) -> Iterator[tuple[Place, str]]:
    seen: dict[tuple[str, dt.date | None], float] = {}
    for i, lab in enumerate(patient.labs):
        before = seen.setdefault((lab.id, lab.date), lab.standard)
        if not math.isclose(before, lab.standard):
            yield ("labs", i), f"{lab.test} has two values on one day; keep the one that holds"
        if {day is None for test, day in seen if test == lab.id} == {True, False}:
            yield ("labs", i), f"{lab.test} stands twice and only one is dated; date both: the newer counts"
