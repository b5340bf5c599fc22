"""Every kind of file has a published schema, and everything that ships obeys it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from follicast.doors.schema import names, schema_of
from follicast.evidence import kept
from follicast.evidence.files import FILES, files_of
from follicast.evidence.library import HERE, Library
from follicast.evidence.reader import read

ALL = [(kind, path) for kind in FILES for path in files_of(kind, HERE)]
KEPT_ELSEWHERE = {"units.yaml", "verdicts.yaml", "posterior/recipe.yaml"}  # units, and what a run wrote


@pytest.mark.parametrize("name", names())
def test_each_schema_is_a_schema(name):
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("kind, path", ALL, ids=[f"{path.parent.name}/{path.stem}" for _, path in ALL])
def test_what_ships_obeys_the_schema_of_its_kind(kind, path):
    sheet = read(path)
    written = json.loads(json.dumps(sheet.content | ({"references": sheet.works} if sheet.works else {})))
    jsonschema.Draft202012Validator(schema_of(kind)).validate(written)


def test_each_file_of_evidence_is_of_exactly_one_kind():
    held = [path for _, path in ALL]
    assert len(held) == len(set(held))
    there = {path for path in HERE.rglob("*.yaml") if path.relative_to(HERE).as_posix() not in KEPT_ELSEWHERE}
    assert there == set(held)


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind not in ("drug", "term", "fact", "text")])
def test_a_schema_refuses_a_key_that_its_kind_does_not_know(kind):
    path = files_of(kind, HERE)[0]
    content = json.loads(json.dumps(read(path).content))
    entry = (
        content
        if kind in ("therapy", "condition", "study", "price", "claim", "checklist")
        else next(iter(content.values()))
    )
    (entry[0] if isinstance(entry, list) else entry)["sourse"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema_of(kind)).validate(content)


def test_a_folder_of_evidence_elsewhere_is_read_too(tmp_path):
    """The files are found by their kind and not by their number: an empty folder holds none."""
    assert all(files_of(kind, Path(tmp_path)) == [] for kind in FILES)


def test_what_is_kept_between_starts_is_what_was_read(tmp_path, monkeypatch):
    """Twice from an empty cache: the second library is taken from what the first kept, and is the same."""
    monkeypatch.setattr(kept, "user_cache_path", lambda name: tmp_path / name)
    first = Library().shelves
    assert len(list(tmp_path.rglob("*.pickle"))) > 15
    monkeypatch.setattr(Library, "_opened", None)  # nothing can be read anew
    assert Library().shelves == first


def test_a_damaged_cache_costs_time_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "user_cache_path", lambda name: tmp_path / name)
    right = Library().drugs
    for path in tmp_path.rglob("*.pickle"):
        path.write_bytes(b"nonsense")
    assert Library().drugs == right


def test_what_was_kept_is_not_used_for_a_changed_file(tmp_path):
    """Another state, another folder: the hash covers every byte of the evidence."""
    folder = tmp_path / "evidence"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = Library(folder).state
    (folder / "units.yaml").write_text((folder / "units.yaml").read_text() + "\n")
    assert Library(folder).state != before


def test_opening_the_house_reads_no_evidence():
    said = "import sys, follicast; assert not any(m.startswith('follicast.evidence') for m in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
