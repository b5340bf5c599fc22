"""Who sits in the chair: the person, the history, the drugs, the laboratory values and the wishes, as told.

One model serves the file, the form and the API. Only age and sex are required; what is absent is unknown and
stays so. This room checks that a story can be true; what it means is for `assessment`. It refuses what cannot
be (an age of 300, a pregnant man) and what it would have to guess at (a drug it does not know).
"""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator

from follicast.errors import PatientError, did_you_mean
from follicast.evidence.intake import LabTest
from follicast.evidence.library import evidence
from follicast.evidence.reader import Sheet, Strict, parse

MAX_BYTES = 1_000_000  # a patient file is a page or two; more is a mistake and is not read
OLDEST_A = 120
Sex = Literal["F", "M"]
Region = Literal["strictest", "jp", "us", "eu"]
Menopause = Literal["pre", "peri", "post"]
SEXES = {"f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M"}
MENOPAUSES = {"premenopausal": "pre", "perimenopausal": "peri", "postmenopausal": "post"}
SCALES = {"sinclair": 5, "ludwig": 3, "norwood": 7}
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
MORE_THAN_A_HEAD_HAS = 2000  # hairs per cm2; the densest scalps have some 400


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("this is not a finite number")
    return value


def _as_date(value: object) -> object:
    """Read an ISO date and nothing looser: 03/04 is two different days in two countries."""
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("this is not a day of the calendar; write it as 2026-11-22") from None


def _as_sex(value: object) -> object:
    return SEXES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _as_menopause(value: object) -> object:
    if isinstance(value, bool):
        return "post" if value else "pre"
    return MENOPAUSES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _as_lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Real = Annotated[float, Field(strict=True), AfterValidator(_finite)]
NotNegative = Annotated[Real, Field(ge=0)]
Share = Annotated[Real, Field(ge=0, le=1)]
Months = Annotated[Real, Field(ge=0, le=12 * OLDEST_A)]
Yes = Annotated[bool, Field(strict=True)]
Word = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Day = Annotated[dt.date, BeforeValidator(_as_date)]
Density = Annotated[NotNegative, Field(le=MORE_THAN_A_HEAD_HAS)]


class Pattern(Strict):
    """A grade on a scale of pattern loss; `level` is its number, 'II' and '3v' included."""

    scale: Annotated[Literal["sinclair", "ludwig", "norwood"], BeforeValidator(_as_lower)]
    grade: Annotated[int, Field(strict=True)] | Real | Word

    @field_validator("scale", mode="before")
    @classmethod
    def _hamilton_too(cls, scale: object) -> object:
        return "norwood" if isinstance(scale, str) and "norwood" in scale.lower() else scale

    @model_validator(mode="after")
    def _on_the_scale(self) -> Pattern:
        if not 1 <= self.level <= SCALES[self.scale]:
            raise ValueError(f"the {self.scale} scale runs from 1 to {SCALES[self.scale]}")
        return self

    @property
    def level(self) -> float:
        """The grade as a number [1]; letters after it ('3v', 'IIIa') fall away."""
        if not isinstance(self.grade, str):
            return float(self.grade)
        found = re.fullmatch(r"(\d+(?:\.\d+)?|[ivx]+)[ -]?(?:vertex|[av])?", self.grade.strip().lower())
        stem = found.group(1) if found else ""
        number = ROMAN.get(stem) or (float(stem) if stem[:1].isdigit() else 0)
        return float(number or 0)

    @property
    def vertex(self) -> bool:
        """Whether the grade names the vertex ('3v', 'III vertex') or includes it (Norwood 4 and above)."""
        named = re.search(r"\d *v|vertex|^i+v$", str(self.grade).strip().lower()) is not None
        return self.scale == "norwood" and (named or self.level >= 4)


class Onset(Strict):
    """When it began: at an age [a] or so many months ago."""

    age: Annotated[NotNegative, Field(le=OLDEST_A)] | None = None
    months_ago: Months | None = None


class Shedding(Strict):
    """Shedding: Sinclair's photographic score [1 to 6] and hairs counted in one wash."""

    score: Annotated[Real, Field(ge=1, le=6)] | None = None
    wash_count: Annotated[NotNegative, Field(le=20000)] | None = None


class Trigger(Strict):
    """Something that may have set the loss off, and how many months ago."""

    what: Word
    months_ago: Months | None = None


class DrugTaken(Strict):
    """A drug that is being taken."""

    name: Word
    dose: Word | Real | None = None
    since: Word | Annotated[int, Field(strict=True)] | None = None

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        drug_called(name)
        return name

    @property
    def generic(self) -> str:
        """The name under which the evidence holds it."""
        return drug_called(self.name)


class Lab(Strict):
    """One laboratory value, in the unit it was printed in."""

    test: Word
    value: Real
    unit: Word = "1"
    date: Day | None = None

    @field_validator("test")
    @classmethod
    def _known(cls, name: str) -> str:
        lab_called(name)
        return name

    @model_validator(mode="after")
    def _possible(self) -> Lab:
        test, value = evidence().labs[self.id], self.standard
        low, high = test.lowest, test.highest
        if (low and value < low.value) or (high and value > high.value):
            shown = f"{test.name} of {self.value:g} {self.unit}"
            raise ValueError(f"no living person has a {shown}; mend value or unit")
        return self

    @property
    def id(self) -> str:
        """The test's id in the evidence."""
        return lab_called(self.test)

    @property
    def standard(self) -> float:
        """The value in the unit the evidence keeps for the test."""
        return self.value * _factor(evidence().labs[self.id], self.unit)


class BloodPressure(Strict):
    """Systolic and diastolic pressure [mm[Hg]]."""

    systolic: Annotated[Real, Field(ge=40, le=300)]
    diastolic: Annotated[Real, Field(ge=20, le=200)]

    @model_validator(mode="after")
    def _ordered(self) -> BloodPressure:
        if self.diastolic >= self.systolic:
            raise ValueError("the upper pressure lies above the lower one: write it as 118/76")
        return self


class Count(Strict):
    """What an instrument counted at one site."""

    site: Word
    date: Day | None = None
    total_per_cm2: Density | None = None
    terminal_per_cm2: Density | None = None
    mean_diameter_um: Annotated[Real, Field(gt=0, le=250)] | None = None
    anagen_share: Share | None = None
    area_cm2: Annotated[Real, Field(gt=0, le=100)] | None = None
    cutoff_um: Annotated[NotNegative, Field(le=100)] | None = None
    method: Word | None = None

    @model_validator(mode="after")
    def _parts_within_the_whole(self) -> Count:
        if self.total_per_cm2 is not None and (self.terminal_per_cm2 or 0) > self.total_per_cm2:
            raise ValueError("there cannot be more terminal hairs than hairs")
        return self


class Previous(Strict):
    """A therapy tried before, and what came of it."""

    therapy: Word
    months: Months | None = None
    response: Word | None = None
    stopped_because: Word | None = None


class Budget(Strict):
    """What may be spent."""

    amount: NotNegative
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Visit(Strict):
    """A later visit: counts and what was told."""

    date: Day
    counts: list[Count] = []
    pattern: Pattern | None = None
    shedding: Shedding | None = None
    note: Word | None = None


def _bare_names(entries: object) -> object:
    """Let a list say `warfarin` where a mapping with only that name would stand."""
    if not isinstance(entries, list):
        return entries
    return [{"name": entry} if isinstance(entry, str) else entry for entry in entries]


def _pressure(value: object) -> object:
    found = re.fullmatch(r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*", value) if isinstance(value, str) else None
    return {"systolic": int(found[1]), "diastolic": int(found[2])} if found else value


class Patient(Strict):
    """One person, as far as is known. Absent means unknown; an empty list with a date means 'asked, none'."""

    age: Annotated[NotNegative, Field(le=OLDEST_A)]
    sex: Annotated[Sex, BeforeValidator(_as_sex)]
    id: Word | None = None
    date: Day | None = None
    language: Annotated[Literal["en", "vi", "ar", "ja"], BeforeValidator(_as_lower)] = "en"
    region: Annotated[Region, BeforeValidator(_as_lower)] = "strictest"
    latitude: Annotated[Real, Field(ge=-90, le=90)] | None = None
    ancestry: Word | None = None
    pregnant: Yes | None = None
    planning_pregnancy: Yes | None = None
    breastfeeding: Yes | None = None
    months_since_birth: Months | None = None
    menopause: Annotated[Menopause | None, BeforeValidator(_as_menopause)] = None
    contraception: Word | Yes | None = None
    pattern: Pattern | None = None
    sites: list[Word] | None = None
    onset: Onset | None = None
    course: Word | None = None
    shedding: Shedding | None = None
    signs: list[Word] | None = None
    symptoms: list[Word] | None = None
    triggers: list[Trigger] | None = None
    family_history: Yes | Word | list[Word] | None = None
    conditions: list[Word] | None = None
    drugs: Annotated[list[DrugTaken], BeforeValidator(_bare_names)] | None = None
    allergies: list[Word] | None = None
    labs: list[Lab] = []
    blood_pressure: Annotated[BloodPressure, BeforeValidator(_pressure)] | None = None
    pulse: Annotated[Real, Field(ge=20, le=250)] | None = None
    counts: list[Count] = []
    previous_therapies: list[Previous] = []
    wishes: dict[str, Yes | Real | Word | list[Word] | dict[str, Real] | None] = {}
    budget: Budget | None = None
    visits: list[Visit] = []

    @model_validator(mode="after")
    def _can_be_true(self) -> Patient:
        for place, why in contradictions(self):
            raise Contradiction(place, why)
        return self

    @classmethod
    def load(cls, path: str | Path) -> Patient:
        """Read a patient from a YAML or JSON file, or from standard input for '-'; raises `PatientError`."""
        if str(path) == "-":
            return cls.parse(_text(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input"), "standard input")
        return cls.parse(_text(_bytes(Path(path)), Path(path).name), Path(path).name)

    @classmethod
    def parse(cls, text: str, name: str = "patient") -> Patient:
        """Read a patient from YAML or JSON text; `name` is how complaints call it; raises `PatientError`."""
        sheet = parse(text, Path(name), PatientError)
        if sheet.content is None:
            raise PatientError(f"{name}: it is empty. A patient needs at least age and sex.")
        if not isinstance(sheet.content, dict):
            raise PatientError(
                f"{name}: a patient is written in 'key: value' lines, as 'age: 47' and 'sex: F'."
            )
        try:
            return cls.model_validate(sheet.content)
        except Contradiction as trouble:
            raise _complaint(sheet, trouble.place, trouble.why) from None
        except ValidationError as trouble:
            raise _first_complaint(sheet, trouble) from None


class Contradiction(PatientError):
    """Two statements of one patient that cannot both be true (no ValueError: pydantic lets it through)."""

    def __init__(self, place: tuple[str | int, ...], why: str) -> None:
        super().__init__(why)
        self.place, self.why = place, why


def contradictions(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each (place, why) at which a patient's statements cannot all be true."""
    yield from _of_sex(patient)
    yield from _of_age(patient)
    yield from _of_fertility(patient)
    yield from _of_dates(patient)
    yield from _of_labs(patient)


def _of_sex(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if patient.sex == "F":
        return
    for key, word in (
        ("pregnant", "be pregnant"),
        ("planning_pregnancy", "plan to be pregnant himself"),
        ("breastfeeding", "be breastfeeding"),
    ):
        if getattr(patient, key):
            yield (key,), f"a man cannot {word}; mend sex or {key}"
    if patient.menopause is not None:
        yield ("menopause",), "a man has no menopause; mend sex or leave the line out"
    if patient.months_since_birth is not None:
        yield ("months_since_birth",), "a man has not given birth; mend sex or leave the line out"


def _of_age(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    onset = patient.onset
    if onset and onset.age is not None and onset.age > patient.age:
        yield ("onset", "age"), f"it cannot have begun at {onset.age:g} in someone of {patient.age:g}"
    if onset and onset.months_ago is not None and onset.months_ago / 12 > patient.age:
        yield ("onset", "months_ago"), f"this lies before the birth of someone of {patient.age:g}"
    for i, trigger in enumerate(patient.triggers or []):
        if trigger.months_ago is not None and trigger.months_ago / 12 > patient.age:
            yield ("triggers", i, "months_ago"), f"this lies before the birth of someone of {patient.age:g}"
    if patient.menopause == "post" and patient.age < 18:
        yield ("menopause",), f"someone of {patient.age:g} is not past the menopause; mend age or menopause"
    if patient.pregnant and not 9 <= patient.age <= 65:
        yield ("pregnant",), f"someone of {patient.age:g} is not pregnant; mend age or pregnant"


def _of_fertility(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if patient.pregnant and patient.menopause == "post":
        yield ("menopause",), "someone past the menopause is not pregnant; mend pregnant or menopause"
    months = patient.months_since_birth
    if months is not None and not 9 <= patient.age - months / 12 <= 65:
        yield ("months_since_birth",), f"someone of {patient.age:g} did not give birth then; mend age or this"
    if patient.pregnant and months is not None and months < 0.5:
        yield ("months_since_birth",), "a birth within two weeks and a pregnancy cannot both be; mend one"


def _of_dates(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if patient.date is None:
        return
    dated: list[tuple[tuple[str | int, ...], dt.date | None]] = [
        (("labs", i, "date"), lab.date) for i, lab in enumerate(patient.labs)
    ]
    dated += [(("counts", i, "date"), count.date) for i, count in enumerate(patient.counts)]
    for place, day in dated:
        if day is not None and day > patient.date:
            yield place, f"{day} lies after the patient's own date, {patient.date}; mend one of them"


def _of_labs(patient: Patient) -> Iterator[tuple[tuple[str | int, ...], str]]:
    seen: dict[tuple[str, dt.date | None], float] = {}
    for i, lab in enumerate(patient.labs):
        before = seen.setdefault((lab.id, lab.date), lab.standard)
        if not math.isclose(before, lab.standard):
            yield ("labs", i), f"{lab.test} has two values on one day; keep the one that holds"
        if {day is None for test, day in seen if test == lab.id} == {True, False}:
            yield ("labs", i), f"{lab.test} stands twice and only one is dated; date both: the newer counts"


def folded(word: str) -> str:
    """Return a word as it is compared: case, hyphens, runs of blanks and a final s do not matter."""
    plain = re.sub(r"[\s_\-]+", " ", word.strip().casefold()).replace("µ", "u").replace("’", "'")
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain


def drug_called(name: str) -> str:
    """Return the generic name of a drug, by any name or ATC code; raises ValueError if unknown."""
    known = _drug_names()
    if folded(name) in known:
        return known[folded(name)]
    near = did_you_mean(name, list(known))
    raise ValueError(f"no drug is called '{name}'.{near} All names: follicast drugs")


def lab_called(name: str) -> str:
    """Return the id of a laboratory test; raises ValueError if unknown."""
    known = _lab_names()
    if folded(name) in known:
        return known[folded(name)]
    near, tests = did_you_mean(name, list(known)), ", ".join(sorted(evidence().labs))
    raise ValueError(f"no laboratory test is called '{name}'.{near} Known tests: {tests}")


@cache
def _drug_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for generic, drug in evidence().drugs.items():
        codes = [drug.atc] if isinstance(drug.atc, str) else drug.atc or []
        for name in (generic, *drug.names, *codes):
            names.setdefault(folded(name), generic)
    return names


@cache
def _lab_names() -> dict[str, str]:
    return {
        folded(name): test_id
        for test_id, test in evidence().labs.items()
        for name in (test_id, test.name, *test.names, *([test.loinc] if test.loinc else []))
    }


def _unit(unit: str) -> str:
    """Return a unit as it is compared: µ is u, mcg is ug, blanks, brackets and case do not matter."""
    bare = re.sub(r"[\s\[\]{}_*^]", "", unit.replace("µ", "u").replace("μ", "u")).lower()
    return bare.replace("mcg", "ug").replace("x10", "10").replace("1.73m²", "1.73m2")


def _factor(test: LabTest, unit: str) -> float:
    if _unit(unit) in (_unit(test.unit), _unit("1") if test.unit == "1" else None):
        return 1.0
    for other, factor in test.units.items():
        if _unit(unit) == _unit(other):
            return factor.value
    known = ", ".join([test.unit, *test.units])
    if unit == "1":
        raise ValueError(f"{test.name} stands without its unit; give one of: {known}")
    raise ValueError(f"'{unit}' is no unit of {test.name}; it is given in {known}")


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


def _complaint(sheet: Sheet, place: tuple[str | int, ...], why: str) -> PatientError:
    dotted = ""
    for part in place:
        dotted += f"[{part}]" if isinstance(part, int) else f"{'.' if dotted else ''}{part}"
    line = sheet.line(tuple(place))
    stop = "" if why.endswith((".", "drugs")) else "."
    return PatientError(f"{sheet.path.name}:{line}, {dotted}: {why}{stop}")


def _first_complaint(sheet: Sheet, trouble: ValidationError) -> PatientError:
    """Speak of the misfit that says most: an own complaint, then an unknown key, then the first."""
    errors = trouble.errors(include_url=False)
    first = errors[0]
    same = [e for e in errors if e["loc"][:1] == first["loc"][:1]]
    telling = [e for kind in ("value_error", "extra_forbidden") for e in same if e["type"] == kind]
    meant = next(iter(telling), first)
    place = _in_file(sheet, meant["loc"])
    return _complaint(sheet, place, _why(meant, place, len(same)))


def _in_file(sheet: Sheet, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    place: tuple[str | int, ...] = ()
    for part in loc:
        if (*place, part) in sheet.lines:
            place = (*place, part)
    if loc and place != tuple(loc) and not place:
        return (loc[0],)
    return place


def _why(misfit: Any, place: tuple[str | int, ...], tried: int) -> str:
    kind, given, context = misfit["type"], misfit.get("input"), misfit.get("ctx") or {}
    shown = repr(given) if len(repr(given)) <= 60 else repr(given)[:57] + "…"
    if kind == "value_error":
        return str(misfit["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        return f"'{misfit['loc'][-1]}' is needed and absent"
    if kind == "extra_forbidden":
        return _unknown_key(misfit["loc"])
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
        "model_type": "a group of 'key: value' lines",
        "dict_type": "a group of 'key: value' lines",
        "date_type": "a day such as 2026-11-22",
        "date_from_datetime_inexact": "a day such as 2026-11-22",
    }.get(kind)
    if wanted and tried == 1:
        return f"{shown} was given where {wanted} is wanted"
    return f"{shown} does not fit: {misfit['msg'][0].lower()}{misfit['msg'][1:]}"


def _unknown_key(loc: tuple[str | int, ...]) -> str:
    key = str(loc[-1])
    model: Any = Patient
    for part in loc[:-1]:
        model = _model_under(model, part)
    known = list(getattr(model, "model_fields", {}))
    return f"no such key is known.{did_you_mean(key, known)} Known keys: {', '.join(known)}"


def _model_under(model: Any, part: str | int) -> Any:
    if isinstance(part, int) or not hasattr(model, "model_fields") or part not in model.model_fields:
        return model
    found = re.search(r"follicast\.patient\.(\w+)", str(model.model_fields[part].annotation))
    return globals()[found.group(1)] if found else None
