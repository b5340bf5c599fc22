"""The command line as a user meets it: exit status, one clear message, whole files or none."""

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from follicast.doors import output
from follicast.doors.schema import schema_of
from follicast.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
WOMAN = str(ROOT / "examples" / "woman-47-pattern.yaml")
SHARED = {"version", "evidence_version", "seed", "sources", "warnings"}
SMALL = ["--draws", "20"]


def follicast(*arguments, cwd=None, **how):
    """Run the installed command as a process of its own."""
    command = [sys.executable, "-m", "follicast.doors.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=240, check=False, **how)


# --- bad input: one clear message, status 1, nothing written -----------------------------------------------------

BAD = {
    "broken YAML": (b"age: [47\nsex: F\n", "not valid YAML"),
    "an unknown drug": (b"age: 47\nsex: F\ndrugs: [{name: spirolactone}]\n", "Did you mean 'spironolactone'"),
    "an unknown unit": (
        b"age: 47\nsex: F\nlabs: [{test: potassium, value: 4.2, unit: furlong}]\n",
        "furlong",
    ),
    "an age of 300": (b"age: 300\nsex: F\n", "age"),
    "a density of -5": (b"age: 47\nsex: F\ncounts: [{site: midscalp, total_per_cm2: -5}]\n", "total_per_cm2"),
    "male and pregnant": (b"age: 30\nsex: M\npregnant: true\n", "a man cannot be pregnant"),
    "an empty file": (b"", "empty"),
    "50 MB": (b"age: 47\n" + b"# " + b"x" * 50_000_000, "too large"),
    "a binary": (bytes(range(256)) * 8, "not a text file"),
    "a list": (b"- age: 47\n", "key: value"),
    "an unknown key": (b"age: 47\nsex: F\nmenopuase: post\n", "menopause"),
}
DOORS = {
    "assess": [],
    "forecast": ["--arm", "prp", "--csv", "out.csv", "--plot", "out.svg"],
    "plan": ["--out", "out"],
    "explain": ["prp"],
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_told_once_and_nothing_is_written(cli, tmp_path, monkeypatch, what, door):
    content, said = BAD[what]
    (tmp_path / "patient.yaml").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    status, out, err = cli(door, "patient.yaml", *DOORS[door])
    assert (status, out) == (1, "") and said in err
    assert err.count("\n") == 1 and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["patient.yaml"]


def test_a_missing_file_a_folder_and_nothing_on_standard_input(cli, tmp_path, monkeypatch):
    assert cli("assess", tmp_path / "nobody.yaml")[0] == 1
    assert "no such file" in cli("assess", tmp_path / "nobody.yaml")[2]
    assert "folder" in cli("assess", tmp_path)[2]


def test_a_process_of_its_own_ends_with_the_status_and_one_line(tmp_path):
    done = follicast("forecast", "nobody.yaml", "--arm", "prp", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "error: nobody.yaml: there is no such file. Give a YAML or JSON file, or - for input.\n"
    )


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("prq", "no therapy is called 'prq'"),
        ("prp:sessions=five", "sessions=five"),
        ("", "empty"),
        ("prp+prp", "stands twice"),
        ("minoxidil-topical-1:stop@1mo,start@2mo", "before it starts"),
    ],
)
def test_an_arm_that_cannot_be_read_is_the_inputs_fault(cli, arm, said):
    status, out, err = cli("forecast", WOMAN, "--arm", arm)
    assert (status, out) == (1, "") and said in err and err.count("\n") == 1


# --- usage: status 2 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["forecast", WOMAN],
        ["forecast", WOMAN, "--arm", "prp", "--draws", "19"],
        ["forecast", WOMAN, "--arm", "prp", "--draws", "2001"],
        ["forecast", WOMAN, "--arm", "prp", "--draws", "many"],
        ["forecast", WOMAN, "--arm", "prp", "--months", "0"],
        ["forecast", WOMAN, "--arm", "prp", "--months", "121"],
        ["forecast", WOMAN, "--arm", "prp", "--seed", "-1"],
        ["forecast", WOMAN, "--arm", "prp", "--start", "22/11/2026"],
        ["forecast", WOMAN, "--arm", "prp", "--plot", "picture.pdf"],
        ["plan", WOMAN, "--language", "tlh"],
        ["schema", "horse"],
        ["juggle"],
        ["assess"],
    ],
)
def test_wrong_usage_is_status_2(cli, arguments):
    status, out, err = cli(*arguments)
    assert (status, out) == (2, "") and "Error" in err and "Traceback" not in err


@pytest.mark.parametrize("arguments", [["trial", "x.yaml", "--out", "y"], ["schema", "trial"]])
def test_what_comes_later_says_so_with_status_2(cli, arguments):
    status, out, err = cli(*arguments)
    assert (status, out) == (2, "") and "not built yet" in err


# --- looking things up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["therapies"], "prp"),
        (["conditions"], "D03"),
        (["drugs"], "spironolactone"),
        (["numbers"], "hair_cycle."),
        (["numbers", "--assumed"], "assessment.likely"),
        (["evidence"], "reference"),
        (["evidence", "prp"], "Platelet-rich"),
        (["evidence", "seed-prp-clinic"], "rests on it"),
        (["explain", WOMAN, "spironolactone"], "potassium"),
        (["assess", WOMAN], "waiting"),
    ],
)
def test_a_question_is_answered_in_words(cli, arguments, said):
    status, out, err = cli(*arguments)
    assert (status, err) == (0, "") and said in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["therapies"],
        ["conditions"],
        ["drugs"],
        ["numbers", "--assumed"],
        ["evidence", "prp"],
        ["assess", WOMAN],
        ["explain", WOMAN, "spironolactone"],
    ],
)
def test_a_question_is_answered_in_json_with_the_shared_keys(cli, arguments):
    status, out, err = cli(*arguments, "--json")
    assert (status, err) == (0, "") and set(json.loads(out)) >= SHARED


def test_numbers_assumed_lists_only_what_is_assumed_each_with_its_reason(cli):
    rows = json.loads(cli("numbers", "--assumed", "--json")[1])["numbers"]
    assert rows and all(row["kind"] == "assumed" and row["reason"] for row in rows)


def test_an_unknown_name_is_answered_with_the_closest_one(cli):
    assert "Did you mean 'spironolactone'" in cli("explain", WOMAN, "spironolacton")[2]
    assert cli("evidence", "olsen202")[0] == 1


def test_explain_shows_each_rule_with_what_was_known_and_its_source(cli):
    answer = json.loads(cli("explain", WOMAN, "spironolactone", "--json")[1])
    assert answer["status"] == "waiting" and answer["needs"] == ["potassium", "creatinine"]
    assert all(tried["source"] for tried in answer["trace"]) and answer["numbers"]


def test_the_patient_may_come_through_standard_input():
    done = follicast("assess", "-", "--json", input=Path(WOMAN).read_text())
    assert done.returncode == 0 and json.loads(done.stdout)["policy"] == "jp"


@pytest.mark.parametrize("name", ["patient", "forecast", "plan", "study"])
def test_each_schema_is_a_schema(cli, name):
    status, out, _ = cli("schema", name)
    jsonschema.Draft202012Validator.check_schema(json.loads(out))
    assert status == 0 and not {"ge", "le", "gt"} & set(out.replace('"', " ").split())


def test_the_patients_schema_takes_the_bundled_patients_and_refuses_an_age_of_300():
    promise = schema_of("patient")
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        from follicast.patient import Patient

        jsonschema.validate(Patient.load(path).model_dump(mode="json", exclude_none=True), promise)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"age": 300, "sex": "F"}, promise)


# --- forecasts ---------------------------------------------------------------------------------------------------


def test_a_forecast_keeps_its_promise_and_adds_no_treatment(cli):
    status, out, err = cli("forecast", WOMAN, "--arm", "prp", "--arm", "exosomes", *SMALL, "--json")
    answer = json.loads(out)
    jsonschema.validate(answer, schema_of("forecast"))
    assert (status, err) == (0, "") and set(answer) >= SHARED
    assert [arm["arm"] for arm in answer["arms"]] == ["none", "prp", "exosomes"]
    assert answer["start"] == "2026-11-22" and answer["draws"] == 20 and answer["interval"] == 0.9
    assert answer["arms"][2]["refused"]["missing"] and "total_density" not in answer["arms"][2]


def test_the_same_seed_prints_the_same_answer(cli):
    first, again, other = (
        cli("forecast", WOMAN, "--arm", "prp", *SMALL, "--seed", seed, "--json")[1] for seed in (3, 3, 4)
    )
    assert first == again != other


def test_every_arm_refused_is_status_3_and_one_curve_is_enough_for_0(cli):
    status, out, err = cli("forecast", WOMAN, "--arm", "exosomes", *SMALL)
    assert status == 3 and "saline" in out and "refused" in err
    assert cli("forecast", WOMAN, "--arm", "exosomes", "--arm", "prp", *SMALL)[0] == 0
    assert cli("forecast", WOMAN, "--arm", "exosomes", "--arm", "none", *SMALL)[0] == 0
    assert cli("forecast", WOMAN, "--arm", "none", *SMALL)[0] == 0


def test_an_arm_that_is_not_open_is_forecast_with_a_warning(cli):
    status, out, _ = cli("forecast", WOMAN, "--arm", "spironolactone", *SMALL, "--json")
    assert status == 0 and any(
        "spironolactone is waiting" in warning for warning in json.loads(out)["warnings"]
    )


def test_another_kind_of_loss_is_refused_with_its_reasons(cli):
    patient = ROOT / "examples" / "patchy-exclamation-hairs.yaml"
    status, out, err = cli("forecast", patient, "--arm", "prp")
    assert status == 3 and "Alopecia areata" in out and "pattern hair loss and telogen effluvium only" in err
    answer = json.loads(cli("forecast", patient, "--arm", "prp", "--json")[1])
    assert answer["arms"][0]["refused"]["because"] and set(answer) >= SHARED


def test_curves_are_written_as_a_long_table_and_as_a_drawing(cli, tmp_path):
    table, svg, png = tmp_path / "curves.csv", tmp_path / "curves.svg", tmp_path / "curves.png"
    assert (
        cli("forecast", WOMAN, "--arm", "prp", *SMALL, "--months", "6", "--csv", table, "--plot", svg)[0] == 0
    )
    rows = list(csv.DictReader(table.open()))
    assert len(rows) == 2 * 5 * 7 and {row["unit"] for row in rows} == {"/cm2", "um", "%", "{hairs}/d"}
    assert all(float(row["low"]) <= float(row["median"]) <= float(row["high"]) for row in rows)
    assert "<svg" in svg.read_text()
    assert cli("forecast", WOMAN, "--arm", "prp", *SMALL, "--plot", png)[0] == 0
    assert png.read_bytes().startswith(b"\x89PNG")


def test_a_file_that_cannot_be_written_is_told_before_the_work(cli, tmp_path):
    status, _, err = cli("forecast", WOMAN, "--arm", "prp", "--csv", tmp_path / "nowhere" / "x.csv")
    assert status == 1 and "no folder" in err
    (tmp_path / "out").write_text("a file")
    assert "names a folder" in cli("plan", WOMAN, "--out", tmp_path / "out")[2]


# --- plans -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patient", "choice", "said"),
    [
        ("woman-47-pattern", "spironolactone", "waits for: potassium, creatinine"),
        ("man-on-anticoagulant", "prp", "prp is closed"),
        ("woman-pregnant", "minoxidil-topical-1", "minoxidil-topical-1 is closed"),
        ("patchy-exclamation-hairs", "none", "red flag"),
    ],
)
def test_what_cannot_be_planned_is_status_3_with_reasons_and_nothing_is_written(
    cli, tmp_path, patient, choice, said
):
    arguments = ["plan", ROOT / "examples" / f"{patient}.yaml", "--choose", choice, "--out", tmp_path / "out"]
    status, out, err = cli(*arguments)
    assert status == 3 and said in err and said in out and "closed" in out
    assert not (tmp_path / "out").exists()
    answer = json.loads(cli(*arguments, "--json")[1])
    assert said in answer["refused_because"] and answer["therapies"]


def test_a_plan_is_three_whole_files(cli, tmp_path):
    out = tmp_path / "a folder"
    status, said, _ = cli("plan", WOMAN, "--choose", "prp", "--out", out, *SMALL)
    assert status == 0 and sorted(path.name for path in out.iterdir()) == [
        "clinician.html",
        "plan.html",
        "plan.ics",
        "plan.json",
    ]
    answer = json.loads((out / "plan.json").read_text())
    jsonschema.validate(answer, schema_of("plan"))
    assert answer["choice"] == "prp" and answer["cost"]["first_year"] == 344200
    assert "344,200" in said and "plan.html" in said
    assert (out / "plan.html").read_text().lstrip().lower().startswith("<!doctype html")


# --- manners -----------------------------------------------------------------------------------------------------


def test_files_are_whole_or_absent(tmp_path, monkeypatch):
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("before")
    monkeypatch.setattr(output, "_beside", _fails_second(output._beside))
    with pytest.raises(InputError, match="cannot be written"):
        output.write({first: "after", second: "after"})
    assert first.read_text() == "before" and [path.name for path in tmp_path.iterdir()] == ["first.txt"]


def _fails_second(beside):
    calls = []

    def run(path, content):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return beside(path, content)

    return run


def test_json_never_holds_what_json_does_not_know():
    import numpy as np

    told = {
        "a": np.float64(1.5),
        "b": np.array([1, np.nan]),
        "c": float("inf"),
        "d": (np.int64(2), np.bool_(True)),
    }
    assert json.loads(output.as_json(told)) == {"a": 1.5, "b": [1.0, None], "c": None, "d": [2, True]}


def test_a_reader_who_leaves_early_is_no_error():
    command = f"{shlex.quote(sys.executable)} -m follicast.doors.cli drugs | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_an_interrupt_leaves_no_half_written_file(tmp_path):
    command = [
        sys.executable,
        "-m",
        "follicast.doors.cli",
        "plan",
        WOMAN,
        "--choose",
        "prp",
        "--draws",
        "1000",
        "--out",
        str(tmp_path / "out"),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode != 0 and "written" not in err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_question_about_a_drug_does_not_wake_the_simulator():
    code = """
import sys
from follicast.doors.cli import main
sys.argv = ['follicast', 'drugs', '--json']
try:
    main()
finally:
    print({'numba', 'altair', 'babel', 'icalendar', 'scipy'} & set(sys.modules), file=sys.stderr)"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr.strip() == "set()"
