"""The pages of the evidence: made from the data, each readable, with plots that say what they show."""

import re
import sys
from pathlib import Path

import pytest

from follicast.evidence.library import evidence
from follicast.trials.net import net_counts

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(DOCS))

import build  # noqa: E402
import lists  # noqa: E402
import saying  # noqa: E402
from forest import Row, forest  # noqa: E402


@pytest.fixture
def pages(tmp_path, monkeypatch):
    for module in (build, lists, saying):
        monkeypatch.setattr(module, "OUT", tmp_path)
    return tmp_path


def test_a_forest_plot_holds_its_labels_and_says_in_words_what_it_shows():
    svg = forest(
        [Row("A trial", 5, 1, 9), Row("No spread", 3, None, None, solid=False)], "hairs", "Two <findings>"
    )
    assert svg.startswith("<svg") and "A trial" in svg and "No spread" in svg
    assert 'aria-label="Two &lt;findings>"' in svg


def test_the_lists_are_written_and_every_link_in_them_and_between_them_leads_somewhere(pages):
    for page in lists.ALL:
        page()
    text = {path.relative_to(pages).as_posix(): path.read_text() for path in pages.rglob("*.md")}
    targets = set(re.findall(r"^\(([^)\s]+)\)=$", "\n".join(text.values()), re.M))
    for name, said in text.items():
        for link in re.findall(r"\]\(#([^)]+)\)", said):
            if link.split("-")[0] in ("ref", "claim", "conflict"):
                assert link in targets, f"{name}: {link}"
    assert "\n".join(text.values()).count("\n(claim-") == len(evidence().claims)


def test_a_page_of_each_kind_can_be_read_by_a_clinician(pages):
    known = evidence()
    build.therapy(known.therapies["exosomes"], [])
    build.condition(known.conditions["tinea-capitis"])
    build.study(known.studies["VANNESTE2000"])
    exosomes, tinea, trial = (
        (pages / name).read_text()
        for name in ("therapies/exosomes.md", "conditions/tinea-capitis.md", "studies/VANNESTE2000.md")
    )
    assert "**refused**" in exosomes and "no curve is drawn" in exosomes and "at most" in exosomes
    assert "## What to ask" in tinea and "B35.0" in tinea
    assert "+17.3" in trial and "SE 2.5" in trial and "<svg" in trial and "**same** (blind)" in trial


def test_no_case_report_is_told_as_a_rate_and_none_of_n_as_at_most():
    said = {h.design: h.told for h in evidence().harms if h.design == "case-report"}
    assert said and not any("of 100" in told for told in said.values())
    none = [h.told for h in evidence().harms if h.events == 0 and h.people]
    assert none and all(told.startswith("none; at most") for told in none)


def test_what_a_trial_found_is_told_over_its_own_control():
    """Olsen 2002 printed +18.6 on 5 % minoxidil and +3.9 on the vehicle: 14.7 hairs per cm2 between them."""
    nets = {n.arm: n for n in net_counts(evidence().studies["OLSEN2002"])}
    assert nets["minoxidil 5 %"].value == pytest.approx(14.7)
    assert nets["minoxidil 5 %"].against == "vehicle" and nets["minoxidil 5 %"].printed
    se = (25.4**2 / 139 + 21.7**2 / 78) ** 0.5
    assert nets["minoxidil 5 %"].interval == pytest.approx((14.7 - 1.96 * se, 14.7 + 1.96 * se), abs=0.01)
    assert "vehicle" not in nets


def test_a_printed_difference_is_taken_and_not_made_again_from_the_arms():
    nets = net_counts(evidence().studies["VANNESTE2000"])
    assert {(n.endpoint, n.value) for n in nets} == {("total_density", 17.3), ("anagen_density", 27.0)}


def test_a_pooled_analysis_without_an_interval_is_not_given_one():
    for study in evidence().studies.values():
        assert all(net.printed for net in net_counts(study) if net.pooled)


def test_a_sign_of_the_table_in_a_cell_is_escaped_once_however_often_it_is_put_there():
    assert saying.cell("a || b") == saying.cell(saying.cell("a || b")) == r"a \|\| b"
