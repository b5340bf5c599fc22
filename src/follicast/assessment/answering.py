"""An answer to one question, written into the patient's story, so that the next reading finds it there.

Each fact is asked in the form that its answer is kept in: yes or no, a number, a laboratory value, one of several
words, or a whole list. A yes or no speaks of its own fact alone: the rest of its list stays open until someone says
that the list was asked in full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import ValidationError

from follicast.assessment.facts import HEARD_AS, INFLAMED, KEPT_IN, SCARS
from follicast.assessment.words import hear
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.patient import Contradiction, Patient

Form = Literal["yes-no", "number", "months", "pressure", "laboratory", "choice", "which", "list"]


@dataclass(frozen=True)
class Asking:
    """How a fact is asked: the `form` of its answer, its `unit`, and what may be chosen {value: name}.

    `key` is the patient's field in which the answer is kept.
    """

    form: Form
    key: str
    unit: str | None = None
    choices: dict[str, str] = field(default_factory=dict)


_GRADES = {"F": ("sinclair", 5), "M": ("norwood", 7)}
_TERMS = {  # facts with a reading of their own that one term answers
    "heavy_shedding": "shedding",
    "yellow_dots": "yellow-dots",
    "hair_diameter_diversity": "hair-diameter-diversity",
    "positive_pull_test": "positive-pull-test",
    "irregular_periods": "irregular-periods",
    "kidney_disease": "kidney-disease",
}
_WHICH = {"scarring_sign": SCARS, "inflamed_scalp": INFLAMED}
_FIELDS = ("pregnant", "planning_pregnancy", "breastfeeding", "family_history")
_MENOPAUSE = {"pre": "before the menopause", "peri": "around the menopause", "post": "past the menopause"}
_COUNTED: dict[str, tuple[str, Callable[[float], Any]]] = {
    "wash_count": ("shedding", lambda value: {"wash_count": value}),
    "wash_short_share": ("shedding", lambda value: {"short_share": value / 100}),
    "pulse": ("pulse", lambda value: value),
    "months_since_onset": ("onset", lambda value: {"months_ago": value}),
    "hairs_pulled": ("pull_test", lambda value: [{"came_out": round(value)}]),
    "salt_score": ("gradings", lambda value: [{"scale": "salt", "grade": value}]),
    "thin_hair_share": ("trichoscopy", lambda value: [{"thin_share": value / 100}]),
    "diameter_diversity_share": ("trichoscopy", lambda value: [{"diversity_share": value / 100}]),
    "yellow_dot_count": ("trichoscopy", lambda value: [{"yellow_dots": round(value)}]),
    "single_unit_share": ("trichoscopy", lambda value: [{"single_unit_share": value / 100}]),
}
_CHOSEN = {
    "can_conceive": "menopause",
    "postmenopausal": "menopause",
    "effective_contraception": "contraception",
    "combined_pill": "contraception",
    "slow_course": "course",
    "sudden_loss": "course",
    "fluctuating": "course",
    "female_pattern": "pattern",
    "male_pattern": "pattern",
}


def asking(fact: str, patient: Patient) -> Asking | None:
    """Return how a fact is asked of a patient, or None for one that takes more than a line (a file, a form)."""
    held = evidence().facts[fact]
    if fact in _COUNTED:
        return Asking("number", _COUNTED[fact][0], held.unit)
    if fact in _CHOSEN:
        return Asking("choice", _CHOSEN[fact], None, _choices(_CHOSEN[fact], patient))
    if fact in _WHICH:
        return Asking("which", "signs", None, {term: evidence().terms[term].name for term in _WHICH[fact]})
    if fact in _FIELDS:
        return Asking("yes-no", fact)
    if fact in ("systolic", "diastolic"):
        return Asking("pressure", "blood_pressure", held.unit)
    return _by_source(fact)


def _by_source(fact: str) -> Asking | None:
    held = evidence().facts[fact]
    if held.lab:
        return Asking("laboratory", "labs", evidence().labs[held.lab].unit, _units(held.lab))
    if held.source_kind == "trigger" or fact == "postpartum":
        return Asking("months", "triggers", "mo")
    if held.source_kind in ("drug class", "drug", "dose"):
        return Asking("list", "drugs")
    if fact == "any_allergy":
        return Asking("list", "allergies")
    term = _term(fact)
    return Asking("yes-no", KEPT_IN[evidence().terms[term].kind]) if term and _words(term) else None


def _choices(key: str, patient: Patient) -> dict[str, str]:
    if key == "menopause":
        return _MENOPAUSE
    if key == "pattern":
        scale, most = _GRADES[patient.sex]
        return {f"{scale} {grade}": f"{scale.capitalize()} {grade}" for grade in range(1, most + 1)}
    return {name: term.name for name, term in evidence().terms.items() if term.kind == key}


def _units(lab: str) -> dict[str, str]:
    test = evidence().labs[lab]
    return {unit: unit for unit in (test.unit, *test.units)}


def _term(fact: str) -> str | None:
    held = evidence().facts[fact]
    return _TERMS.get(fact) or (held.key if held.source_kind in KEPT_IN else None)


@cache
def _words(term: str) -> tuple[str, str] | None:
    """Return the words that say and that deny a term and nothing beside it, as the readers of lists hear them."""
    held = evidence().terms[term]
    heard_as = HEARD_AS[held.kind]
    for name in (held.name, term.replace("-", " "), *held.names):
        said, denied = hear([name], heard_as), hear([f"no {name}"], heard_as)
        clear = not (said.strange or denied.strange or denied.perhaps or denied.said)
        if clear and term in said.said and term in denied.denied:
            return name, f"no {name}"
    return None


def answered(patient: Patient, fact: str, answer: Any) -> Patient:
    """Return the patient with one question answered.

    `answer` is True or False; a number in the fact's unit; months [mo], or None for never; "118/76"; a number with
    its unit for a laboratory value; one of the choices; or the list of those that are there. Raises `InputError`
    for what the question cannot be answered by, and for a story that cannot be true.
    """
    how = asking(fact, patient)
    if how is None or how.form == "list":
        raise InputError(f"{fact}: this is not answered in one word. Write it into the patient's story.")
    return _told(patient, _change(patient, fact, how, answer))


def _change(patient: Patient, fact: str, how: Asking, answer: Any) -> dict[str, Any]:
    if how.form == "yes-no":
        return {fact: answer} if fact in _FIELDS else _worded(patient, how.key, [(_of(fact), bool(answer))])
    if how.form == "which":
        return _worded(patient, how.key, [(term, term in answer) for term in how.choices])
    if how.form == "months":
        return _event(patient, fact, answer)
    if how.form == "laboratory":
        return _measured(patient, fact, answer)
    if how.form == "choice":
        return {how.key: _chosen(fact, how, answer)}
    return {how.key: _added(patient, how.key, _COUNTED[fact][1](answer) if fact in _COUNTED else answer)}


def _of(fact: str) -> str:
    term = _term(fact)
    assert term is not None  # `asking` has seen to it
    return term


def _worded(patient: Patient, key: str, terms: list[tuple[str, bool]]) -> dict[str, Any]:
    """Add words to a list; one that was not asked in full until now stays unfinished."""
    told = getattr(patient, key)
    both = [(words, there) for term, there in terms if (words := _words(term))]
    before = {word for words, _ in both for word in words}  # a new answer takes the place of an older one
    held = [entry for one in told or [] if (entry := _dumped(one)) not in before]
    unasked = [] if told is not None else [key]
    return {key: [*held, *(words[0 if there else 1] for words, there in both)],
            "unfinished": [*patient.unfinished, *unasked]}  # fmt: skip


def _event(patient: Patient, fact: str, months: float | None) -> dict[str, Any]:
    term = "childbirth" if fact == "postpartum" else evidence().facts[fact].key
    if months is None:
        return _worded(patient, "triggers", [(term, False)])
    told = _worded(patient, "triggers", [])
    return told | {"triggers": [*told["triggers"], {"what": _words(term)[0], "months_ago": months}]}  # type: ignore[index]


def _measured(patient: Patient, fact: str, answer: Any) -> dict[str, Any]:
    value, unit = answer
    lab = {"test": evidence().facts[fact].lab, "value": value, "unit": unit, "date": patient.date}
    return {"labs": [*map(_dumped, patient.labs), lab]}


def _chosen(fact: str, how: Asking, answer: Any) -> Any:
    if answer not in how.choices:
        raise InputError(f"{fact}: '{answer}' is none of the answers: {', '.join(how.choices)}.")
    if how.key != "pattern":
        return answer
    scale, grade = answer.split()
    return {"scale": scale, "grade": int(grade)}


def _added(patient: Patient, key: str, value: Any) -> Any:
    """Add to what is there: an entry to a list, a field to a group."""
    there = getattr(patient, key)
    if isinstance(value, list):
        return [*map(_dumped, there), *value]
    return {**_dumped(there), **value} if isinstance(value, dict) and there is not None else value


def _dumped(entry: Any) -> Any:
    return entry.model_dump(mode="json", exclude_none=True) if hasattr(entry, "model_dump") else entry


def finished(patient: Patient, key: str, entries: list[Any] | None = None) -> Patient:
    """Return the patient with a list asked in full: what it does not name is not there.

    `entries` replaces the list; without any it stays as it is, or is empty. Raises `InputError`.
    """
    told = [_dumped(one) for one in getattr(patient, key) or []] if entries is None else entries
    return _told(patient, {key: told, "unfinished": [one for one in patient.unfinished if one != key]})


def retold(patient: Patient, changes: dict[str, Any]) -> Patient:
    """Return the patient with fields told anew, None for unknown; raises `InputError` for what cannot be."""
    return _told(patient, changes)


def _told(patient: Patient, changes: dict[str, Any]) -> Patient:
    story = {**patient.model_dump(mode="json", exclude_none=True), **changes}
    kept = {key: value for key, value in story.items() if value is not None}
    try:
        return Patient.model_validate(kept)
    except Contradiction as trouble:
        raise InputError(f"{trouble.place[0]}: {trouble.why}") from None
    except ValidationError as trouble:
        first = trouble.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None
