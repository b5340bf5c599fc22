"""Reading a patient's file, and saying in one line where, what and why something in it cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, get_args

from pydantic import BaseModel, ValidationError

from follicast.errors import PatientError, did_you_mean
from follicast.evidence.reader import Sheet
from follicast.patient.words import MAX_BYTES

SAID_FOR = {
    **dict.fromkeys(("medication", "medications", "meds", "medicines", "medicine"), "drugs"),
    **dict.fromkeys(("diagnoses", "diagnosis", "history", "diseases", "comorbidities"), "conditions"),
    **dict.fromkeys(("tests", "blood", "bloods", "laboratory", "results"), "labs"),
    **dict.fromkeys(("gender", "sexe"), "sex"),
    **dict.fromkeys(("bp", "pressure"), "blood_pressure"),
    **dict.fromkeys(("grade", "ludwig", "norwood", "sinclair", "scale"), "pattern"),
    **dict.fromkeys(("ethnicity", "race", "origin"), "ancestry"),
    **dict.fromkeys(("treatments", "previous_treatments", "therapies"), "previous_therapies"),
    **dict.fromkeys(("site", "location"), "sites"),
}  # what clinicians call a key
PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def file_text(source: Path | BinaryIO, name: str) -> str:
    """Return the text of a patient's file or stream; raises `PatientError` if it is none or too large."""
    return _text(_bytes(source) if isinstance(source, Path) else source.read(MAX_BYTES + 1), name)


def joined(text: str) -> str:
    """Return JSON with pairs of escapes written as the one character they stand for; YAML refuses such pairs."""
    if not text.lstrip().startswith("{"):
        return text
    return PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text)


def _bytes(path: Path) -> bytes:
    """Read at most one byte more than a patient file may have; each way of failing has its own words."""
    try:
        if path.is_dir():
            raise PatientError(f"{path}: this is a folder; name the patient's file in it.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PatientError(
            f"{path}: there is no such file. Give a YAML or JSON file, or - for input."
        ) from None
    except (OSError, ValueError) as trouble:
        why = getattr(trouble, "strerror", None) or str(trouble)
        raise PatientError(f"{path}: it cannot be read: {why}.") from None


def _text(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        raise PatientError(f"{name}: this is too large for a patient file (more than 1 MB).")
    text = raw.decode("utf-8-sig", errors="replace")
    if "\0" in text or "\ufffd" in text:
        raise PatientError(f"{name}: this is not a text file. A patient is written in YAML or JSON (UTF-8).")
    if not text.strip():
        raise PatientError(f"{name}: it is empty. A patient needs at least age and sex.")
    return text


def complaint(sheet: Sheet, place: tuple[str | int, ...], why: str) -> PatientError:
    """Return the error that names file, line and place, and says in one line why it cannot be."""
    dotted = ""
    for part in place:
        dotted += f"[{part}]" if isinstance(part, int) else f"{'.' if dotted else ''}{part}"
    line = sheet.line(tuple(place))
    said = " ".join(why.split())  # a name may hold a line break, a complaint may not
    stop = "" if said.endswith((".", "drugs")) else "."
    return PatientError(f"{sheet.path.name}:{line}, {dotted}: {said}{stop}")


def first_complaint(sheet: Sheet, trouble: ValidationError, patient: type[BaseModel]) -> PatientError:
    """Speak of the misfit that says most: an own complaint, an unknown key, one that is absent, then the innermost."""
    errors = trouble.errors(include_url=False)
    same = [e for e in errors if e["loc"][:1] == errors[0]["loc"][:1]]
    telling = [e for kind in ("value_error", "extra_forbidden", "missing") for e in same if e["type"] == kind]
    innermost = max(same, key=lambda e: len(_in_file(sheet, e["loc"])))
    meant = next(iter(telling), innermost)
    place = _in_file(sheet, meant["loc"])
    return complaint(sheet, place, _why(meant, len(same), patient))


def _in_file(sheet: Sheet, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    place: tuple[str | int, ...] = ()
    for part in loc:
        if (*place, part) in sheet.lines:
            place = (*place, part)
    if loc and place != tuple(loc) and not place:
        return (loc[0],)
    return place


def _why(misfit: Any, tried: int, patient: type[BaseModel]) -> str:
    kind, given, context = misfit["type"], misfit.get("input"), misfit.get("ctx") or {}
    shown = repr(given) if len(repr(given)) <= 60 else repr(given)[:57] + "…"
    if kind == "value_error":
        return str(misfit["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        return f"'{misfit['loc'][-1]}' is needed and absent"
    if kind == "extra_forbidden":
        return _unknown_key(misfit["loc"], patient)
    if kind in ("greater_than_equal", "greater_than"):
        return f"{shown} is too small: it cannot be below {context.get('ge', context.get('gt'))}"
    if kind in ("less_than_equal", "less_than"):
        return f"{shown} is too large: it cannot be above {context.get('le', context.get('lt'))}"
    if kind == "literal_error":
        return f"{shown} is not known here; it is one of {context['expected']}"
    wanted = {
        "float_type": "a number",
        "int_type": "a whole number",
        "bool_type": "true or false",
        "string_type": "a word",
        "list_type": "a list",
        "model_attributes_type": "a group of 'key: value' lines",
        "model_type": "a group of 'key: value' lines",
        "dict_type": "a group of 'key: value' lines",
        "date_type": "a day such as 2026-11-22",
        "date_from_datetime_inexact": "a day such as 2026-11-22",
    }.get(kind)
    if wanted and tried == 1:
        hint = f"; write it as [{given}]" if kind == "list_type" and isinstance(given, str) else ""
        hint = "; put it in quotes" if kind == "string_type" and isinstance(given, int | float) else hint
        return f"{shown} was given where {wanted} is wanted{hint}"
    return f"{shown} does not fit: {misfit['msg'][0].lower()}{misfit['msg'][1:]}"


def _unknown_key(loc: tuple[str | int, ...], patient: type[BaseModel]) -> str:
    key = str(loc[-1])
    model: type[BaseModel] | None = patient
    for part in loc[:-1]:
        model = _model_under(model, part)
    known = list(model.model_fields) if model else []
    meant = SAID_FOR.get(key.lower())
    near = f" Did you mean '{meant}'?" if meant in known else did_you_mean(key, known)
    return f"no such key is known.{near} Known keys: {', '.join(known)}"


def _model_under(model: type[BaseModel] | None, part: str | int) -> type[BaseModel] | None:
    """Return the model that a key holds, through lists and alternatives; the same for a position in a list."""
    if model is None or isinstance(part, int) or part not in model.model_fields:
        return model
    return next(_models_in(model.model_fields[part].annotation), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def told_misfit(errors: list[dict[str, Any]], model: type[BaseModel]) -> tuple[tuple[str | int, ...], str]:
    """Return place and reason of the misfit that says most, of what was sent to a door and not read from a file.

    `errors` are pydantic's, `model` is what should have been sent; a place's first part (body, query) falls away.
    """
    same = [e for e in errors if e["loc"][:2] == errors[0]["loc"][:2]]
    telling = [e for kind in ("value_error", "extra_forbidden", "missing") for e in same if e["type"] == kind]
    meant = next(iter(telling), max(same, key=lambda e: len(e["loc"])))
    place = tuple(meant["loc"][1:])
    said = _why({**meant, "loc": place or ("it",)}, len(same), model)
    return place, " ".join(said.split())
