"""The page of therapies by groups of people: complete, true to the rules, and ready to be signed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from follicast.evidence.library import evidence

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

import lists
import matrix
import saying

AT = {group.name: place for place, group in enumerate(matrix.GROUPS)}


def status(group: str) -> dict[str, str]:
    return {screened.therapy: screened.status for screened in matrix.assessed(AT[group]).therapies}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (lists, saying):
        monkeypatch.setattr(module, "OUT", tmp_path)
    matrix.page()
    lists.rules()
    return (tmp_path / "matrix.md").read_text() + (tmp_path / "rules.md").read_text()


def test_every_therapy_is_marked_for_every_group(page: str) -> None:
    cells = re.findall(r'<td class="(open|waiting|closed)" title="[^"]+">', page)
    assert len(cells) == len(evidence().therapies) * len(matrix.GROUPS)
    assert len(matrix.GROUPS) >= 30 and len(AT) == len(matrix.GROUPS)
    assert sum(len(columns) for _, columns in matrix.parts()) == len(matrix.GROUPS)


def test_every_mark_that_is_not_open_leads_to_the_rule_that_decides(page: str) -> None:
    targets = set(re.findall(r'<a id="rule-([\w-]+)"></a>', page))
    assert targets == set(evidence().rules)
    assert set(re.findall(r'href="rules\.html#rule-([\w-]+)"', page)) <= targets
    for at in range(len(matrix.GROUPS)):
        for screened in matrix.assessed(at).therapies:
            assert bool(matrix.deciding(screened)) == (screened.status != "open")


def test_every_group_can_be_signed(page: str) -> None:
    assert page.count('<div class="signoff">') == len(matrix.GROUPS)
    assert evidence().version in page and "signature" in page
    marks = set(re.findall(r'<a id="(group-[\w-]+)"></a>', page))
    assert (
        {group.mark for group in matrix.GROUPS} == marks == set(re.findall(r'href="#(group-[\w-]+)"', page))
    )


def test_what_the_groups_are_there_for() -> None:
    """The cells that a clinician would look at first."""
    needles = [t.id for t in evidence().therapies.values() if "injection" in t.family]
    for group in (
        "pregnant",
        "breastfeeding",
        "woman on an anticoagulant",
        "man on an anticoagulant",
        "bleeding disorder",
    ):
        assert {status(group)[therapy] for therapy in needles} == {"closed"}, group
    for group in ("girl of 16", "boy of 16"):
        assert set(status(group).values()) == {"closed"}
    assert status("hyperkalaemia")["spironolactone"] == "closed" == status("kidney disease")["spironolactone"]
    assert status("woman on an antihypertensive")["spironolactone"] == "waiting"
    assert status("heart failure")["minoxidil-oral"] == "closed"
    assert (
        status("cancer in the past")["prp"] == "waiting"
        and status("cancer in the past")["exosomes"] == "closed"
    )
    assert status("prostate cancer")["finasteride"] == "waiting"
    assert (
        status("allergy to minoxidil")["minoxidil-topical-2"]
        == "closed"
        == status("allergy to minoxidil")["mesotherapy-minoxidil"]
    )
    hair = [t.id for t in evidence().therapies.values() if t.body == "hair"]
    assert {status("scarring signs")[therapy] for therapy in hair} == {"closed"}
    assert status("bald patch")["triamcinolone-intralesional"] == "open"
    assert status("half of the scalp bald")["jak-inhibitor"] == "open"
    assert status("woman, Europe")["exosomes"] == "open" and status("woman, Japan")["exosomes"] == "waiting"
    for group in ("woman, nothing asked", "man, nothing asked"):
        assert "open" not in status(group).values()
