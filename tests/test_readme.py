"""What the README shows can be done as it stands there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_example_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    monkeypatch.chdir(ROOT)
    exec(code.replace('"plan.html"', repr(str(tmp_path / "plan.html"))), {})
    assert "prp" in capsys.readouterr().out and (tmp_path / "plan.html").stat().st_size > 100_000


def test_the_two_commands_and_the_linked_files_exist():
    targets = (ROOT / "Makefile").read_text()
    assert "\ndemo:" in targets and "\ntest:" in targets
    for link in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_commands_it_names_exist():
    from follicast.doors.cli import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    for name in re.findall(
        r"`(?:follicast )?([a-z]+)(?: --[a-z]+)?`", README.split("On the command line:")[1].split("\n")[0]
    ):
        assert name in known, name
