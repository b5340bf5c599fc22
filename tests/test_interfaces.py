"""What is promised to other programs: the page of interfaces names what is there, all of it, and nothing else."""

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest

from follicast.assessment import assess
from follicast.doors.schema import schema_of
from follicast.follow_up import given
from follicast.forecast import forecast
from follicast.patient import Patient, Visit
from follicast.plan.explanation import explain
from follicast.regimen import Regimen
from follicast.today import today

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import interfaces  # noqa: E402

MEANT = interfaces.meant()
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def paths(answer, before=""):
    """Return every key of an answer, with the keys that lead to it; lists are entered."""
    if isinstance(answer, list):
        return {path for one in answer for path in paths(one, before + "[]")}
    if not isinstance(answer, dict):
        return set()
    dot = before + "." if before else ""
    return {dot + key for key in answer} | {
        path for key, value in answer.items() for path in paths(value, dot + key)
    }


def undescribed(answer, meant):
    """Return what an answer holds that is neither described, nor leads to or follows from what is."""
    return {
        path
        for path in paths(answer)
        if not any(
            path == key
            or key.startswith((path + ".", path + "[]"))
            or path.startswith((key + ".", key + "[]"))
            for key in meant
        )
    }


@pytest.mark.parametrize("name", ["patient", "forecast", "plan", "skin-plan"])
def test_every_key_of_a_schema_is_described_and_no_other(name):
    assert list(MEANT[name]) == list(schema_of(name)["properties"])


def test_every_key_of_an_assessment_is_described_and_every_described_one_occurs():
    answers = [assess(Patient.load(path)).as_json() for path in EXAMPLES]
    assert set().union(*(undescribed(answer, MEANT["assess"]) for answer in answers)) == set()
    assert set(MEANT["assess"]) <= set().union(*map(paths, answers))


def test_every_key_of_an_explanation_is_described_and_every_described_one_occurs():
    people = [assess(Patient.load(path)) for path in EXAMPLES]
    answers = [explain(one, therapy).as_json() for one in people for therapy in ("spironolactone", "prp")]
    headed = {"version", "evidence_version", "seed", "sources", "warnings"}
    found = set().union(*(undescribed(answer, MEANT["explain"]) for answer in answers))
    assert {path.split(".")[0].split("[")[0] for path in found} == headed
    assert set(MEANT["explain"]) <= set().union(*map(paths, answers))


def test_every_key_that_visits_add_to_a_forecast_is_described_and_every_described_one_occurs():
    person = Patient.model_validate({"age": 47, "sex": "F", "date": "2026-11-22"})
    before = forecast(today(person, seed=7, draws=40), [Regimen("minoxidil-topical-5")], months=12)
    counted = {"site": "midscalp", "terminal_per_cm2": 120, "method": "phototrichogram"}
    visit = Visit.model_validate({"date": dt.date(2027, 3, 1), "counts": [counted]})
    answer = given(before, [visit], "minoxidil-topical-5").as_json()
    added = {key: value for key, value in answer.items() if key not in before.as_json()}
    assert undescribed(added, MEANT["follow-up"]) == set()
    assert set(MEANT["follow-up"]) <= paths(answer)


def test_every_wish_that_something_reads_is_named():
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r'wishes(?:\.get\("|\.)([a-z_]+)', source)) - {"get", "items"}
    assert len(read) > 9
    assert read <= set(MEANT["wishes"])


def test_every_command_that_help_lists_stands_on_the_page_under_the_options_it_takes():
    told = {usage.split()[1]: (usage, "\n".join(options)) for usage, _, options in interfaces.commands()}
    done = subprocess.run(
        [sys.executable, "-m", "follicast.doors.cli", "--help"], capture_output=True, text=True, check=True
    )
    listed = set(re.findall(r"^  ([a-z-]+) ", done.stdout.split("Commands:")[1], re.M))
    assert listed == set(told)
    assert told["explain"][0] == "follicast explain PATIENT THERAPY"
    assert "| `--json` |" in told["assess"][1] and "default `200`" in told["plan"][1]


def test_the_page_is_written_in_words_and_with_units(tmp_path, monkeypatch):
    import saying

    monkeypatch.setattr(saying, "OUT", tmp_path)
    interfaces.page()
    page = (tmp_path / "interfaces.md").read_text()
    assert "| `total_density` | [Curve] [/cm2] |" in page and "| `latitude` | number [deg] or null |" in page
    assert "object at 0x" not in page and "typing." not in page
