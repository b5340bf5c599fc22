"""What the README shows can be done as it stands there."""

import re
from collections import Counter
from pathlib import Path

from follicast.evidence.judgement import judged
from follicast.evidence.library import evidence
from follicast.evidence.reader import parse

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


def test_the_counts_it_gives_are_those_of_the_evidence():
    held = evidence()
    rows = {
        row
        for rule in held.rules.values()
        for row in ([rule.alias] if isinstance(rule.alias, str) else rule.alias or [])
    }
    said = " ".join(README.split())
    assert f"{len(held.studies)} published studies" in said
    assert f"{len([row for row in rows if re.fullmatch(r'R[0-9]+', row)])} safety rules" in said
    assert (
        f"{len(held.conditions)} kinds of hair loss" in said and f"{len(held.harms)} reports of harm" in said
    )
    assert f"{len(held.conflicts)} places where sources disagree" in said
    assert f"their {len(held.claims)} claims" in said


def test_the_verdicts_it_gives_are_those_that_were_found():
    found = Counter(one.verdict for one in judged(evidence()) if one.claim.kind == "emergent")
    said = {name: int(re.search(rf"<!-- {name} --> (\d+)", README)[1]) for name in ("holds", "fails", "open")}
    assert said == {"holds": found["holds"], "fails": found["does not hold"], "open": found["cannot be said"]}
    assert f"and {sum(said.values())} of them" in " ".join(README.split())


def test_the_first_runs_it_tells_are_those_that_were_kept():
    path = ROOT / "tests" / "cases" / "first-runs.yaml"
    runs = parse(path.read_text(), path).content
    said = " ".join(README.split())

    def both(run, asked):
        right, of = (sum(run[kind][asked][at] for kind in ("typical", "hard")) for at in (0, 1))
        return f"{right} of {of}"

    for run in (runs["reported"], runs["second-look"]):
        for asked in ("leading", "all right answers among the first three", "red flags found"):
            assert both(run, asked) in said, asked
        assert run["typical"]["red flags too many"] == run["hard"]["red flags too many"] == 0
