"""CONTRIBUTING says how a trial, a therapy, a rule, a patient and a price list are added; it is done as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from follicast.assessment import assess
from follicast.evidence.reader import parse
from follicast.patient import Patient

ROOT = Path(__file__).resolve().parents[1]
SAID = (ROOT / "CONTRIBUTING.md").read_text()
FILES = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", SAID, re.S))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the source with the files of CONTRIBUTING written into it, and nothing else changed."""
    folder = tmp_path_factory.mktemp("copy of the house")
    for name in ("src", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def follicast(folder, *words):
    paths = {"PYTHONPATH": str(folder / "src"), "XDG_CACHE_HOME": str(folder / "cache")}
    told = subprocess.run([sys.executable, "-m", "follicast.doors.cli", *words],
                          capture_output=True, text=True, cwd=folder, env=os.environ | paths)  # fmt: skip
    return told.returncode, told.stdout, told.stderr


def test_it_shows_one_file_for_each_thing_that_is_added_without_code():
    kinds = sorted(Path(name).parent.name for name in FILES)
    assert kinds == ["cases", "prices", "rules", "studies", "therapies"]


def test_the_patient_is_judged_as_was_expected():
    (case,) = parse(FILES["tests/cases/example.yaml"], ROOT / "CONTRIBUTING.md").content.values()
    found = assess(Patient.model_validate(case["patient"]))
    chance = {one.condition: one.probability for one in found.diagnoses}
    assert all(chance[condition] >= 0.5 for condition in case["likely"])
    assert [flag.id for flag in found.red_flags] == case["red_flags"]


def test_the_price_list_is_held_with_the_work_it_brought(copy):
    status, out, _ = follicast(copy, "evidence", "price:example-clinic")
    assert status == 0 and "price: 250" in out and "examplelist2026: A made-up price list" in out


def test_the_trial_is_there_with_the_work_it_brought(copy):
    status, out, _ = follicast(copy, "evidence", "EXAMPLE2026")
    assert status == 0 and "change: 14\n" in out and "example2026: A made-up trial" in out


def test_the_therapy_is_listed_and_refused_a_curve(copy):
    status, out, _ = follicast(copy, "therapies")
    assert status == 0 and re.search(r"example-lotion.*refused.*refused", out)


def test_the_rule_closes_the_therapy_for_the_bundled_woman_and_explain_shows_why(copy):
    status, out, _ = follicast(copy, "explain", "examples/woman-47-pattern.yaml", "example-lotion")
    assert status == 0 and "closed" in out and "keeps it for people of 50 and over" in out
    assert "age < threshold" in " ".join(out.split())


@pytest.mark.parametrize(
    "file, line, instead, says",
    [
        ("studies/EXAMPLE2026.yaml", "place: abstract, results\n", "", "EXAMPLE2026.yaml:1: place: this is required"),
        ("therapies/example-lotion.yaml", "family: ", "familly: ", "example-lotion.yaml:7: familly: no such key"),
        ("rules/example.yaml", "unit: a", "unit: years", "example.yaml:7: example-lotion-under-50.threshold.unit"),
        ("rules/example.yaml", "source: examplelabel2026\n", "source: label1999\n",
         "no reference is called 'label1999'"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_file_and_line(copy, file, line, instead, says):
    path = copy / "src" / "follicast" / "evidence" / file
    good = path.read_text()
    assert line in good
    try:
        path.write_text(good.replace(line, instead))
        status, _, err = follicast(copy, "assess", "examples/woman-47-pattern.yaml")
        if "studies" in file:  # assessing needs no trial
            status, _, err = follicast(copy, "therapies")
        assert status == 1 and says in err and "Traceback" not in err
    finally:
        path.write_text(good)
