"""The patient file: what is read, what is refused, and in which words."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import tracemalloc
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from follicast.assessment.facts import Facts
from follicast.doors.schema import schema_of
from follicast.errors import PatientError
from follicast.evidence.library import evidence
from follicast.patient import Contradiction, Patient, Pattern, drug_called, folded, lab_called

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))
PERSON = "age: 47\nsex: F\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_bundled_patients_read_and_read_again(path: Path) -> None:
    person = Patient.load(path)
    again = Patient.parse(json.dumps(person.model_dump(mode="json", exclude_none=True)), "again.json")
    assert again == person


def test_only_age_and_sex_are_needed() -> None:
    person = Patient.parse(PERSON)
    assert (person.age, person.sex, person.region, person.language) == (47, "F", "strictest", "en")
    assert person.drugs is None and person.labs == [] and person.pregnant is None


@pytest.mark.parametrize("word", ["F", "f", "female", "Female", "woman"])
def test_sex_is_read_in_a_few_words(word: str) -> None:
    assert Patient.parse(f"age: 30\nsex: {word}").sex == "F"


def test_lists_of_drugs_may_be_bare_names() -> None:
    person = Patient.parse(PERSON + "drugs: [Xarelto, {name: C09AA05, dose: 5 mg, since: 2024-03}]")
    assert [drug.generic for drug in person.drugs or []] == ["rivaroxaban", "ramipril"]


@pytest.mark.parametrize(
    ("value", "unit", "test", "wanted"),
    [
        (62, "µmol/L", "creatinine", 0.701),
        (4.2, "mEq/L", "K", 4.2),
        (8.0, "10^4/uL", "platelets", 80),
        (120, "g/L", "Hb", 12.0),
        (50, "nmol/L", "25-OH D", 20.03),
        (20, "ng/mL", "ferritin", 20),
        (210000, "/µL", "platelets", 210),
        (1.2, "nmol/L", "testosterone", 34.6),
    ],
)
def test_units_are_turned_into_one(value: float, unit: str, test: str, wanted: float) -> None:
    labs = [{"test": test, "value": value, "unit": unit}]
    assert Patient.model_validate({"age": 47, "sex": "F", "labs": labs}).labs[0].standard == pytest.approx(
        wanted, 1e-3
    )


@pytest.mark.parametrize(
    ("grade", "level"), [("3v", 3), ("III vertex", 3), ("IIIa", 3), ("IV", 4), (3, 3), ("5", 5)]
)
def test_grades_are_read_as_people_write_them(grade: str | int, level: float) -> None:
    assert Pattern(scale="norwood", grade=grade).level == level


def test_hamilton_norwood_is_norwood_and_three_v_names_the_vertex() -> None:
    assert Pattern(scale="Hamilton-Norwood", grade="3v").vertex  # type: ignore[arg-type]
    assert not Pattern(scale="norwood", grade="III").vertex


REFUSED = {
    "an age of 300": ("age: 300\nsex: F", ["p.yaml:1", "age", "300", "120"]),
    "a negative age": ("age: -3\nsex: F", ["age", "below 0"]),
    "an age that is true": ("age: true\nsex: F", ["age", "a number"]),
    "an age in quotes": ("age: '47'\nsex: F", ["age", "a number"]),
    "an age that is no number": ("age: .nan\nsex: F", ["age", "finite"]),
    "an infinite age": ("age: .inf\nsex: F", ["age"]),
    "no age": ("sex: F", ["'age' is needed"]),
    "no sex": ("age: 47", ["'sex' is needed"]),
    "an unknown sex": ("age: 47\nsex: X", ["p.yaml:2", "sex", "'F' or 'M'"]),
    "an unknown key": (PERSON + "denstiy: 3", ["p.yaml:3", "denstiy", "no such key", "Known keys"]),
    "a nearly known key": (PERSON + "alergies: []", ["Did you mean 'allergies'"]),
    "an unknown key inside": (
        PERSON + "pattern: {scale: ludwig, grade: 1, garde: 2}",
        ["pattern.garde", "'grade'"],
    ),
    "an unknown drug": (
        PERSON + "drugs: [warfarin, spirolactone]",
        [
            "drugs[1]: no drug is called 'spirolactone'. Did you mean 'spironolactone'? "
            "All names: follicast drugs"
        ],
    ),
    "an unknown test": (
        PERSON + "labs: [{test: potasium, value: 4, unit: mmol/L}]",
        ["Did you mean 'potassium'"],
    ),
    "an unknown unit": (PERSON + "labs: [{test: potassium, value: 4, unit: stone}]", ["stone", "mmol/L"]),
    "a value without unit": (PERSON + "labs: [{test: potassium, value: 4}]", ["without its unit", "mmol/L"]),
    "a value in the wrong unit": (
        PERSON + "labs: [{test: creatinine, value: 70, unit: mg/dL}]",
        ["no living person"],
    ),
    "a density below nothing": (
        PERSON + "counts: [{site: vertex, total_per_cm2: -5}]",
        ["p.yaml:3", "counts[0].total_per_cm2", "-5", "below 0"],
    ),
    "more terminal hairs than hairs": (
        PERSON + "counts: [{site: vertex, total_per_cm2: 90, terminal_per_cm2: 120}]",
        ["more terminal hairs than hairs"],
    ),
    "a share above one": (PERSON + "counts: [{site: vertex, anagen_share: 80}]", ["anagen_share", "above 1"]),
    "a man who is pregnant": (
        "age: 30\nsex: M\npregnant: true",
        ["p.yaml:3, pregnant: a man cannot be pregnant"],
    ),
    "a man who breastfeeds": ("age: 30\nsex: M\nbreastfeeding: true", ["a man cannot be breastfeeding"]),
    "a man with a menopause": ("age: 60\nsex: M\nmenopause: post", ["a man has no menopause"]),
    "a man after childbirth": ("age: 30\nsex: M\nmonths_since_birth: 3", ["a man has not given birth"]),
    "a child past the menopause": ("age: 12\nsex: F\nmenopause: post", ["menopause"]),
    "a pregnancy at 80": ("age: 80\nsex: F\npregnant: true", ["someone of 80 is not pregnant"]),
    "pregnant and past it": ("age: 50\nsex: F\npregnant: true\nmenopause: post", ["menopause"]),
    "an onset after today": (PERSON + "onset: {age: 50}", ["onset.age", "50", "47"]),
    "an onset before birth": (PERSON + "onset: {months_ago: 900}", ["before the birth"]),
    "a day that is none": (PERSON + "date: 2026-02-30", ["p.yaml:3, date", "2026-11-22"]),
    "a lab from the future": (
        PERSON + "date: 2026-01-01\nlabs: [{test: K, value: 4, unit: mmol/L, date: 2026-02-01}]",
        ["labs[0].date", "2026-02-01", "2026-01-01"],
    ),
    "two values on one day": (
        PERSON + "labs: [{test: K, value: 4, unit: mmol/L}, {test: potassium, value: 6, unit: mmol/L}]",
        ["two values"],
    ),
    "a region that is none": (PERSON + "region: mars", ["region", "'strictest', 'jp', 'us' or 'eu'"]),
    "a grade off the scale": (PERSON + "pattern: {scale: ludwig, grade: 7}", ["runs from 1 to 3"]),
    "a grade that is a word": (PERSON + "pattern: {scale: ludwig, grade: lots}", ["runs from 1 to 3"]),
    "a pressure upside down": (PERSON + "blood_pressure: 76/118", ["upper pressure"]),
    "a key that stands twice": ("age: 47\nsex: F\nage: 48", ["p.yaml:3", "'age' stands twice"]),
    "a list where a word is wanted": (PERSON + "ancestry: [a, b]", ["ancestry", "a word"]),
    "a word where a list is wanted": (PERSON + "drugs: warfarin", ["drugs", "a list"]),
    "a list of things": ("[1, 2]", ["'key: value'"]),
    "a number": ("42", ["'key: value'"]),
    "nothing": ("", ["empty"]),
    "blanks": ("  \n\n", ["empty"]),
    "a comment": ("# nothing here\n", ["empty"]),
    "broken YAML": ("age: [47\nsex: F", ["not valid YAML"]),
    "two documents": ("age: 47\n---\nsex: F", ["not valid YAML"]),
    "a tag": ("age: !!python/object/apply:os.system [ls]\nsex: F", ["tag"]),
    "an alias": ("a: &a [1]\nb: *a", ["aliases"]),
    "an alias that holds itself": ("a: &a [*a]", ["aliases"]),
    "nesting without end": ("a: " + "[" * 5000, ["nested too deep"]),
    "nested maps without end": ("{a: " * 3000, ["nested too deep"]),
    "a budget without currency": (PERSON + "budget: {amount: 3}", ["'currency' is needed"]),
    "a wish that holds a tree": (PERSON + "wishes: {a: {b: {c: 1}}}", ["wishes.a"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_one_clear_message(name: str) -> None:
    text, parts = REFUSED[name]
    with pytest.raises(PatientError) as trouble:
        Patient.parse(text, "p.yaml")
    message = str(trouble.value)
    assert message.startswith("p.yaml")
    assert [part for part in parts if part not in message] == [], message
    assert "\n" not in message and len(message) < 900
    assert "pydantic" not in message and "Traceback" not in message


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PatientError, match="there is no such file"):
        Patient.load(tmp_path / "nobody.yaml")
    with pytest.raises(PatientError, match="this is a folder"):
        Patient.load(tmp_path)
    with pytest.raises(PatientError):
        Patient.load("nul\0.yaml")
    with pytest.raises(PatientError):
        Patient.load("x" * 5000)


@pytest.mark.parametrize("raw", [b"\x89PNG\r\n\x1a\n\0\0", bytes(range(256)), "alter: 47".encode("utf-16")])
def test_a_binary(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "picture.yaml"
    path.write_bytes(raw)
    with pytest.raises(PatientError, match="not a text file"):
        Patient.load(path)


def test_fifty_megabytes_are_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    tracemalloc.start()
    with pytest.raises(PatientError, match="too large"):
        Patient.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PERSON.encode())))
    assert Patient.load("-").age == 47


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + PERSON.encode())
    assert Patient.load(path).age == 47


def test_a_contradiction_is_a_patient_error_in_the_form_too() -> None:
    with pytest.raises(Contradiction) as trouble:
        Patient.model_validate({"age": 30, "sex": "M", "pregnant": True})
    assert isinstance(trouble.value, PatientError)


def test_pregnant_false_is_no_contradiction_in_a_man() -> None:
    assert Patient.parse("age: 30\nsex: M\npregnant: false").pregnant is False


def test_names_fold() -> None:
    assert folded("Anti-Coagulants") == folded("anti coagulant")
    assert drug_called("WARFARIN") == "warfarin"
    assert lab_called("tsh") == "tsh"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        Patient.parse(text, "p.yaml")
    except PatientError as trouble:
        assert "\n" not in str(trouble)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Patient.model_fields, "nonsense"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-10, 400) | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["name", "test", "value", "unit", "scale", "grade", "what", "site"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
    )
)
def test_no_story_crashes_the_model(story: dict[str, object]) -> None:
    try:
        Patient.parse(json.dumps({"age": 40, "sex": "F", **story}), "p.json")
    except PatientError as trouble:
        assert "\n" not in str(trouble)


# --- the keys that a richer story has ---

RICHER = {
    "a man with a cycle": ("age: 30\nsex: M\ncycle: regular", ["p.yaml:3, cycle: a man has no cycle"]),
    "a cycle that is none": (
        PERSON + "cycle: lunar",
        ["p.yaml:3, cycle", "'regular', 'irregular' or 'absent'"],
    ),
    "breastfeeding at 80": ("age: 80\nsex: F\nbreastfeeding: true", ["someone of 80 is not breastfeeding"]),
    "more hairs out than were pulled": (
        PERSON + "pull_test: {came_out: 60, pulled: 50}",
        ["p.yaml:3, pull_test", "60 hairs cannot come out of a bundle of 50"],
    ),
    "half a hair pulled": (PERSON + "pull_test:\n  - {came_out: 2.5}", ["p.yaml:4", "came_out"]),
    "a misspelt key of a pull test": (PERSON + "pull_test: {came_ot: 3}", ["Did you mean 'came_out'"]),
    "a share in per cent": (PERSON + "trichoscopy: {thin_share: 21}", ["thin_share", "above 1"]),
    "a misspelt key of trichoscopy": (
        PERSON + "trichoscopy:\n  - {site: frontal}\n  - {thin_shar: 0.2}",
        ["p.yaml:5, trichoscopy", "Did you mean 'thin_share'"],
    ),
    "a scale that is none": (PERSON + "gradings: [{scale: saltt, grade: 4}]", ["Did you mean 'salt'"]),
    "a grade off another scale": (
        PERSON + "gradings: [{scale: salt, grade: 140}]",
        ["a number from 0 to 100", "140"],
    ),
    "a grade a scale has not": (
        PERSON + "gradings: [{scale: sinclair-shedding, grade: 9}]",
        ["has no grade '9'. Its grades: 1, 2"],
    ),
    "one scale with two grades": (
        PERSON + "pattern: {scale: ludwig, grade: 1}\ngradings: [{scale: ludwig, grade: 2}]",
        ["p.yaml:4, gradings[0]", "two grades"],
    ),
    "a site twice": (
        PERSON + "sites: [vertex, {site: vertex, severity: severe}]",
        ["sites[1]", "stands twice with different loss"],
    ),
    "a bare site without loss": (
        PERSON + "sites: [{site: vertex, severity: none, bare_share: 0.3}]",
        ["without loss is not partly bare"],
    ),
    "a trigger after today": (
        PERSON + "date: 2026-01-01\ntriggers: [{what: surgery, date: 2026-03}]",
        ["p.yaml:4, triggers[0].date", "2026-03", "2026-01-01"],
    ),
    "a trigger told twice": (
        PERSON + "triggers: [{what: surgery, date: 2025-03, months_ago: 4}]",
        ["months_ago and date"],
    ),
    "a trigger before birth": (
        PERSON + "date: 2026-01-01\ntriggers: [{what: surgery, date: 1950}]",
        ["before the birth"],
    ),
    "a day of a trigger that is none": (
        PERSON + "triggers: [{what: surgery, date: last spring}]",
        ["triggers[0].date", "2026-11 or 2026"],
    ),
    "an onset that is two": (PERSON + "onset: {age: 20, months_ago: 12}", ["onset.months_ago", "not 20"]),
    "minoxidil that may be either": (
        PERSON + "drugs: [warfarin, minoxidil 5 mg]",
        ["p.yaml:3, drugs[1]", "'oral-minoxidil'"],
    ),
    "a route that is none": (
        PERSON + "drugs: [{name: zinc, route: nasal}]",
        ["drugs[0].route", "'oral', 'topical'"],
    ),
    "a relative without a name": (
        PERSON + "family_history: [{what: baldness}]",
        ["family_history[0]", "relative"],
    ),
    "a practice that is a number": (PERSON + "hair_practices: [3]", ["hair_practices[0]"]),
    "a combination of a drug and none": (
        PERSON + "drugs: [losartan/zebrastat]",
        ["no drug is called 'losartan/zebrastat'"],
    ),
}


@pytest.mark.parametrize("name", RICHER)
def test_a_richer_story_is_refused_with_one_clear_message(name: str) -> None:
    text, parts = RICHER[name]
    with pytest.raises(PatientError) as trouble:
        Patient.parse(text, "p.yaml")
    message = str(trouble.value)
    assert re.match(r"p\.yaml:\d+, \w+", message), message
    assert [part for part in parts if part not in message] == [], message
    assert "\n" not in message and len(message) < 900


WORDS = st.text(
    alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Zl", "Zp")), min_size=1, max_size=30
)
MONTHS = st.floats(0, 200).map(lambda value: round(value, 2))
SHARES = st.floats(0, 1).map(lambda value: round(value, 3))
COUNTS = st.integers(0, 50)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2026, 11, 22)).map(str)
WHEN = DAYS | st.integers(2015, 2025).map(str) | st.sampled_from(["2025-03", "2024-12"])
SITES = st.sampled_from(["vertex", "frontal", "occiput", "eyebrows", "頭頂部", "đỉnh đầu"])
DRUGS = st.sampled_from(
    ["warfarin", "ワーファリン", "kẽm", "Hyzaar", "أسبرين", "ATC C03DA01", "rxnorm:9997", "zinc"]
)


def some(**keys: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=keys)


def having(**keys: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(keys)


STORIES = st.fixed_dictionaries(
    {"age": st.integers(25, 60), "sex": st.just("F"), "date": st.just("2026-11-22")},
    optional={
        "id": WORDS,
        "region": st.sampled_from(["jp", "us", "eu"]),
        "latitude": st.floats(-90, 90),
        "cycle": st.sampled_from(["regular", "irregular", "absent"]),
        "contraception": st.booleans() | WORDS | st.lists(WORDS, max_size=2),
        "pattern": having(scale=st.just("sinclair"), grade=st.integers(1, 5)),
        "gradings": st.lists(having(scale=st.just("salt"), grade=st.integers(0, 100), site=SITES), max_size=1),
        "sites": st.lists(SITES, unique=True, max_size=3) | st.lists(having(site=SITES, bare_share=SHARES), max_size=1),
        "onset": some(months_ago=MONTHS) | some(date=WHEN),
        "shedding": some(score=st.integers(1, 6), wash_count=COUNTS, short_share=SHARES),
        "signs": st.lists(WORDS, max_size=3),
        "symptoms": st.lists(WORDS, max_size=3),
        "pull_test": having(came_out=COUNTS, site=SITES) | st.lists(having(came_out=COUNTS, date=DAYS), max_size=2),
        "trichoscopy": st.lists(some(site=SITES, thin_share=SHARES, yellow_dots=COUNTS, signs=st.lists(WORDS))),
        "triggers": st.lists(having(what=WORDS, months_ago=MONTHS) | having(what=WORDS, date=WHEN) | WORDS, max_size=3),
        "family_history": st.booleans() | WORDS | st.lists(WORDS | having(relative=WORDS, what=WORDS), max_size=2),
        "diet": st.lists(WORDS, max_size=2),
        "hair_practices": st.lists(WORDS | having(what=WORDS, since=WHEN), max_size=2),
        "conditions": st.lists(WORDS, max_size=3),
        "drugs": st.lists(DRUGS | st.just("zinc 50 mg") | having(name=DRUGS, dose=WORDS, since=WHEN), max_size=3),
        "allergies": st.lists(WORDS, max_size=2),
        "labs": st.lists(having(test=st.just("K"), value=st.floats(2, 7), unit=st.just("mEq/L")), max_size=1),
        "blood_pressure": st.just("118/76"),
        "previous_therapies": st.lists(having(therapy=WORDS, response=WORDS, ended=WHEN), max_size=2),
        "wishes": st.dictionaries(WORDS, st.booleans() | WORDS | st.lists(WORDS, max_size=2), max_size=2),
        "budget": having(amount=st.integers(0, 10**6), currency=st.just("JPY")),
        "notes": st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Cn")), max_size=50),
    },
)  # fmt: skip


class Quoting(yaml.SafeDumper):
    """Writes words in quotes: YAML reads a bare 0E0 as a number in one version and as a word in another."""


Quoting.add_representer(
    str, lambda dumper, word: dumper.represent_scalar("tag:yaml.org,2002:str", word, style='"')
)


@settings(max_examples=150, deadline=None)
@example({"age": 25.0, "sex": "F", "id": "0E0"})
@given(STORIES)
def test_a_patient_written_out_and_read_again_is_the_same(story: dict[str, object]) -> None:
    """As JSON, as YAML, and with what is unknown left out."""
    person = Patient.model_validate(story)
    written = person.model_dump(mode="json")
    assert Patient.model_validate(written) == person
    told = person.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    assert Patient.parse(json.dumps(told), "again.json") == person
    assert Patient.parse(json.dumps(written, ensure_ascii=False), "again.yaml") == person
    assert Patient.parse(yaml.dump(told, Dumper=Quoting, allow_unicode=True), "again.yaml") == person


@settings(max_examples=150, deadline=None)
@given(STORIES)
def test_no_true_story_crashes_the_assessment_and_all_its_facts_are_of_their_kind(
    story: dict[str, object],
) -> None:
    read = Facts(Patient.model_validate(story))
    for name, value in read.known.items():
        wanted = {"bool": bool, "number": float, "text": str}[evidence().facts[name].type]
        assert isinstance(value, wanted), name
    assert all("\n" not in warning for warning in read.warnings)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(Patient.model_fields)), st.data())
def test_nonsense_anywhere_is_refused_at_its_place(key: str, data: st.DataObject) -> None:
    """Whatever stands under one key of a sound story: it is read, or the complaint names the file and a line."""
    nonsense = st.recursive(
        st.none() | st.booleans() | st.integers(-10, 10**9) | st.floats() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner, max_size=4)
        ),
        max_leaves=8,
    )
    story = {"age": 40, "sex": "F", "date": "2026-11-22", key: data.draw(nonsense)}
    try:
        Patient.parse(json.dumps(story, indent=1), "p.json")
    except PatientError as trouble:
        assert re.match(r"p\.json:\d+[,:]", str(trouble)), trouble
        assert "\n" not in str(trouble)


INNER = ["name", "dose", "route", "test", "value", "unit", "scale", "grade", "what", "site", "date", "came_out",
         "relative", "months_ago", "thin_share", "signs", "severity", "since", "therapy", "amount"]  # fmt: skip


def test_the_schema_names_every_key_and_the_units_of_its_numbers() -> None:
    schema = schema_of("patient")
    assert set(schema["properties"]) == set(Patient.model_fields)
    parts = schema["$defs"]
    thin = parts["Trichoscopy"]["properties"]["thin_share"]
    assert thin["anyOf"][0]["maximum"] == 1 and "[1]" in json.dumps(thin)
    assert "[{hairs}]" in json.dumps(parts["PullTest"]["properties"]["came_out"])
    assert '"unit": "mo"' in json.dumps(parts["Trigger"]["properties"]["months_ago"])


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_what_is_written_out_keeps_to_the_schema(story: dict[str, object]) -> None:
    written = Patient.model_validate(story).model_dump(mode="json", exclude_none=True)
    jsonschema.validate(written, schema_of("patient"))
