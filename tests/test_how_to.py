"""The how-to pages can be followed as they stand: each file is written, each command run, each answer found."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


def squeezed(text: str) -> str:
    """Take line breaks and columns away: a terminal of another width folds elsewhere."""
    return " ".join(text.split())


def run(words: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"
    return done.stdout


def write(text: str, folder: Path) -> None:
    """Write a file under the name in its first line, or add to it where that says 'one line more'."""
    name, more = re.match(r"# (\S+?)(, one line more)?\n", text).groups()
    with (folder / name).open("a" if more else "w") as file:
        file.write(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_can_be_followed_as_it_stands(page, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    said, checked = "", 0
    for kind, text in BLOCK.findall(page.read_text()):
        if kind == "yaml":
            write(text, tmp_path)
        elif kind == "sh":
            program, *words = shlex.split(text)
            assert program == "follicast"
            said = squeezed(run(["-m", "follicast.doors.cli", *words], tmp_path))
        elif kind == "python":
            run(["-c", text], tmp_path)
        else:
            assert kind == "text", kind
            for line in text.splitlines():
                assert squeezed(line) in said, line
                checked += 1
    assert checked > 5


def test_there_is_a_page_on_assessing_and_one_on_planning():
    assert {"assess", "plan"} <= {page.stem for page in PAGES}
