"""The intake: what matters next, lists asked as a whole, the person; and what the last answer changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from follicast.assessment import Assessment, Question, assess
from follicast.assessment.answering import Asking, answered, asking, finished, retold
from follicast.assessment.change import Change, change
from follicast.doors.web.consult import desk, person
from follicast.doors.web.consult.desk import Desk, Form, Held, Opened
from follicast.errors import Damaged, InputError
from follicast.evidence.library import evidence
from follicast.patient import Patient

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)
_MOST_ASKED = 6
#: The lists as they are asked in a consultation, each with the kind of term that it holds.
LISTS = {
    "conditions": ("Diseases, now or before", "condition"),
    "drugs": ("Drugs taken", "drug"),
    "allergies": ("Allergies", "allergy"),
    "symptoms": ("Symptoms", "symptom"),
    "signs": ("Signs on scalp, skin and nails", "sign"),
    "triggers": ("What happened in the last year", "trigger"),
    "sites": ("Where hair is lost", "site"),
    "diet": ("Diet", "diet"),
    "hair_practices": ("What is done to the hair", "practice"),
}


@dataclass(frozen=True)
class Asked:
    """One question with the form of its answer."""

    question: Question
    how: Asking


@dataclass(frozen=True)
class Told:
    """One list as told so far; `done` where it was asked in full."""

    key: str
    label: str
    entries: list[str]
    known: list[str]
    done: bool


@router.get("/intake")
def intake(desk_: Opened) -> Response:
    """Show the intake."""
    return shown(desk_)


def shown(at: Desk, trouble: str = "", status: int = 200) -> Response:
    """Return the intake page as the chart stands, with what went wrong if anything did."""
    found = assess(at.patient)
    questions = list(_questions(found))[:_MOST_ASKED]
    return at.page(
        "intake.html", "intake", status, assessment=found, questions=questions, lists=lists(at.patient),
        last=_last_change(at, found), trouble=trouble, library=evidence(), fields=person.FIELDS,
        values=person.values(at.patient), groups=person.GROUPS,
    )  # fmt: skip


def _questions(found: Assessment) -> Iterator[Asked]:
    """Yield what can be answered in a line, each list and each laboratory test once."""
    seen: set[str] = set()
    for question in found.next:
        how = asking(question.fact, found.patient)
        if how is None:
            continue
        one = how.key if how.form in ("list", "choice", "pressure") else question.fact
        lab = evidence().facts[question.fact].lab
        if (lab or one) not in seen:
            seen.add(lab or one)
            yield Asked(question, how)


def lists(patient: Patient) -> list[Told]:
    """Return every list with what it holds."""
    return [
        Told(key, label, _words(getattr(patient, key)), _known(kind),
             getattr(patient, key) is not None and key not in patient.unfinished)
        for key, (label, kind) in LISTS.items()
    ]  # fmt: skip


def _words(entries: list[Any] | None) -> list[str]:
    return [entry if isinstance(entry, str) else _word(entry) for entry in entries or []]


def _word(entry: Any) -> str:
    """Return an entry in a line: a drug with its dose, an event with its months."""
    name = next(getattr(entry, key) for key in ("name", "what", "site") if hasattr(entry, key))
    dose, months = getattr(entry, "dose", None), getattr(entry, "months_ago", None)
    return f"{name} {dose}" if dose else f"{name}, {months:g} months ago" if months is not None else str(name)


@cache
def _known(kind: str) -> list[str]:
    if kind == "drug":
        return sorted(name.replace("-", " ") for name in evidence().drugs)
    return [term.name for term in evidence().terms.values() if term.kind == kind]


def _last_change(at: Desk, now: Assessment) -> Change | None:
    """Return what the last saved answer changed; None before the first."""
    if at.chart.version < 2:
        return None
    try:
        return change(assess(at.records.patients.get(at.chart.id, at.chart.version - 1).patient), now)
    except Damaged:  # a state of another release tells nothing here
        return None


@router.post("/answer")
def answer(at: Held, form: Form) -> Response:
    """Write one answer into the story."""
    fact, version = desk.text(form, "fact"), desk.whole(form, "version")
    if fact not in evidence().facts:
        raise InputError("answer: there is no such question. Reload the page and try again.")
    how = asking(fact, at.patient)
    try:
        patient = answered(at.patient, fact, _answer(form, how)) if how else at.patient
    except InputError as trouble:
        return shown(at, str(trouble), 422)
    at.save(patient, version)
    return at.go("intake", "next")


def _answer(form: Any, how: Asking) -> Any:
    """Read an answer off the form in the way the question asks for it."""
    told = desk.text(form, "answer")
    if how.form == "yes-no":
        return told == "yes"
    if how.form == "which":
        return desk.many(form, "answer")
    if how.form == "months" and told == "never":
        return None
    if how.form in ("number", "months", "laboratory"):
        value = desk.number(form, "value")
        if value is None:
            raise InputError("answer: the number is missing. Fill it in, or leave the question for later.")
        return (value, desk.text(form, "unit")) if how.form == "laboratory" else value
    return told


@router.post("/list")
def tell(at: Held, form: Form) -> Response:
    """Add to a list, take one entry out, or say that it was asked in full."""
    key, version = desk.text(form, "key"), desk.whole(form, "version")
    if key not in LISTS:
        raise InputError("list: there is no such list. Reload the page and try again.")
    try:
        at.save(_retold(at.patient, key, form), version)
    except InputError as trouble:
        if isinstance(trouble, desk.Unsaved):
            raise
        return shown(at, str(trouble), 422)
    return at.go("intake", f"list-{key}")


def _retold(patient: Patient, key: str, form: Any) -> Patient:
    held = getattr(patient, key)
    entries = [
        one if isinstance(one, str) else one.model_dump(mode="json", exclude_none=True) for one in held or []
    ]
    gone = desk.text(form, "remove")
    if gone:
        entries = [entry for entry, words in zip(entries, _words(held), strict=True) if words != gone]
        return retold(patient, {key: entries})
    added = [word.strip() for word in desk.text(form, "add").replace(";", ",").split(",") if word.strip()]
    if desk.text(form, "done") == "yes":
        return finished(patient, key, [*entries, *added])
    still = [] if held is not None else [key]
    return retold(patient, {key: [*entries, *added], "unfinished": [*patient.unfinished, *still]})


@router.post("/person")
def tell_person(at: Held, form: Form) -> Response:
    """Keep the fields of the person."""
    try:
        at.save(person.read(at.patient, form), desk.whole(form, "version"))
    except InputError as trouble:
        if isinstance(trouble, desk.Unsaved):
            raise
        return shown(at, str(trouble), 422)
    return at.go("intake", "person")


@router.post("/undo")
def undo(at: Held, form: Form) -> Response:
    """Go back to the state before the last answer; what was saved stays in the history."""
    version = desk.whole(form, "version")
    if version > 1:
        at.save(at.records.patients.get(at.chart.id, version - 1).patient, version)
    return at.go("intake", "next")


@router.get("/file")
def file(at: Opened) -> Response:
    """Show the whole story as a file, for what no question asks."""
    return at.page("file.html", "intake", told_file=person.written(at.patient), trouble="")


@router.post("/file")
def tell_file(at: Held, form: Form) -> Response:
    """Keep a story that was written as a file."""
    told = str(form.get("file", ""))
    try:
        patient = Patient.parse(told, "story")
        at.save(patient, desk.whole(form, "version"))
    except InputError as trouble:
        if isinstance(trouble, desk.Unsaved):
            raise
        return at.page("file.html", "intake", 422, told_file=told, trouble=str(trouble))
    return at.go("intake")
