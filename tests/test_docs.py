"""The pages of the evidence: made from the data, each readable, with plots that say what they show."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from follicast.evidence.library import evidence
from follicast.trials import accuracy, facts
from follicast.trials.accuracy import Predicted
from follicast.trials.net import net_counts
from follicast.trials.observations import observations
from follicast.trials.qualification import Qualification

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(DOCS))

import build  # noqa: E402
import credibility  # noqa: E402
import lists  # noqa: E402
import model_page  # noqa: E402
import model_pictures  # noqa: E402
import patients  # noqa: E402
import pictures_page  # noqa: E402
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


def test_the_page_of_patients_counts_what_is_known_to_be_wrong_and_says_why(pages):
    patients.page()
    said = (pages / "cases.md").read_text()
    wrong = [case for _, _, case in patients.told() if "known_wrong" in case]
    assert f"{len(patients.told())} patients, of whom {len(wrong)} are known to come out wrong" in said
    assert wrong and all(case["known_wrong"] in said for case in wrong)
    assert said.count("**known to be wrong:**") == len(wrong)


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


# --- the model, and how far it may be believed -----------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The page of the model, with all its pictures, and the page of numbers that it leads to."""
    folder = tmp_path_factory.mktemp("reference")
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, lists, saying):
            patch.setattr(module, "OUT", folder)
        model_page.page()
        lists.numbers()
    return (folder / "model.md").read_text(), (folder / "numbers.md").read_text()


def test_every_formula_of_the_model_can_be_set_without_a_script_or_a_network(model):
    setter = pytest.importorskip(
        "docutils.utils.math.latex2mathml", reason="comes with the documentation's tools"
    )
    page, _ = model
    blocks = re.findall(r"^```\{math\}\n(.*?)^```$", page, re.M | re.S)
    formulas = [*blocks, *re.findall(r"\{math\}`([^`]+)`", page)]
    assert len(blocks) > 10 and "$" not in page
    assert all(setter.tex2mathml(tex).startswith("<math") for tex in formulas)


def test_every_number_of_the_model_leads_to_its_place_among_all_numbers(model):
    page, numbers = model
    asked = set(re.findall(r'href="numbers\.html#([^"]+)"', page))
    assert len(asked) > 50
    assert asked <= set(re.findall(r'<a id="([^"]+)"></a>', numbers))


def test_every_picture_of_the_model_stands_on_the_page_and_says_in_words_what_it_shows(model):
    page, _ = model
    said = re.findall(r'<div class="picture"><svg role="img" aria-label="([^"]+)"', page)
    assert len(said) == len(set(said)) == len(model_pictures.ALL)
    assert all(len(words) > 60 for words in said)


def test_a_picture_is_drawn_alike_every_time():
    assert model_pictures.dht() == model_pictures.dht()


def test_a_follicle_looked_at_along_the_way_is_the_one_that_is_run_to_the_end():
    man = model_pictures.the_man(follicles=12)
    half, whole = (man.clocks(model_pictures.LOTION, weeks) for weeks in (26, 52))
    early = model_pictures.after(man.people.scalp, whole, 27)
    ran = model_pictures.run(man.people.scalp, half, threads=1)[1]
    assert (early.phase == ran.phase).all() and (early.um == ran.um).all()


def test_a_stay_lasts_longer_under_a_lotion_that_slows_the_clock():
    ends = re.search(r"untreated: month (\d+), minoxidil [^:]+: month (\d+)", model_pictures.clock())
    assert ends and int(ends[1]) < int(ends[2])


def test_every_therapy_that_acts_is_told_with_the_stage_at_which_it_does(model):
    page, _ = model
    for therapy in evidence().therapies.values():
        row = re.search(rf"^\| \[[^\]]+\]\(#therapy-{therapy.id}\) \| ([^|]*) \|", page, re.M)
        stages = ", ".join(str(stage) for stage in sorted({a.stage for a in therapy.actions}))
        assert (row[1] if row else "") == stages


@pytest.fixture(scope="module")
def qualified():
    """A qualification of the first calibrating results, with made-up echoes: the keys are the program's own."""
    luck, known = np.random.default_rng(1), evidence()
    data = [d for d in observations(known.studies.values()) if d.in_fit][:24]
    rows = [Predicted(d, d.value + luck.normal(2.0, d.se + 3.0, 200)) for d in data]
    asked = [one for group in facts.FACTS.values() for one in group][:6]
    found = Qualification(rows, rows, [_answered(one, k == 0) for k, one in enumerate(asked)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accuracy, "_BOOTSTRAP", 40)  # the intervals' own size is not asked for here
        return found.as_json()


def _answered(asked, misses):
    band = evidence().numbers[f"facts.{asked.name}"].spread
    value = 3.0 * band.high + 1.0 if misses else 0.5 * (band.low + band.high)
    return facts.Fact(
        asked.number, asked.name, asked.says, asked.kind, band.low, band.high, "1", np.full(9, value)
    )


def _credibility(pages, monkeypatch, held):
    path = pages / "qualified.json"
    if held is not None:
        path.write_text(json.dumps(held))
    monkeypatch.setattr(credibility, "QUALIFIED", path)
    credibility.page()
    return (pages / "credibility.md").read_text()


def test_without_a_recorded_qualification_the_page_says_so_and_tells_no_figure(pages, monkeypatch):
    page = _credibility(pages, monkeypatch, None)
    assert "**No qualification is recorded.**" in page
    assert "Trials it has not seen" not in page and "<svg" not in page
    assert "children and adolescents" in page


def test_what_qualification_found_stands_on_the_page_as_it_was_recorded(pages, monkeypatch, qualified):
    page, unseen = _credibility(pages, monkeypatch, qualified), qualified["leave_one_out"]
    assert "No qualification is recorded" not in page and "another posterior" not in page
    assert f"{unseen['rmse']:g} hairs per cm² (root mean square, {unseen['n']} results" in page
    for one in qualified["facts"]:
        assert one["fact"] in page
    first = qualified["facts"][0]
    assert not first["holds"] and page.count("**misses**") == 1
    assert f"{first['value']:g}, band {first['low']:g} to {first['high']:g}" in page
    for name in unseen["by_sex"]:
        assert credibility._group(name) in page


def test_a_qualification_of_another_posterior_is_not_passed_off_as_this_ones(pages, monkeypatch, qualified):
    other = qualified | {"recipe": qualified["recipe"] | {"seed": -1}}
    assert "another posterior" in _credibility(pages, monkeypatch, other)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([-3.0, -1.0], "was nearer than the baseline"),
        ([1.0, 3.0], "baseline was nearer"),
        ([-1.0, 2.0], "cannot be said"),
    ],
)
def test_the_model_is_said_to_beat_the_baseline_only_where_it_does(ends, said):
    assert said in credibility.beats({"difference_interval": ends})


def test_what_falls_short_in_sampling_is_named():
    ranks = {"truths": 3, "inside_90": 0.9, "quantiles_5_95": [0.0, 1.0], "p_value": 0.5}
    one = {"weight": 1.0, "rank_check": ranks}
    said = credibility.unsure(
        {"r_hat": 1.3, "divergences": 7, "rounds": [1], "structures": {"climbing": one}}
    )
    assert [
        any(word in line for line in said) for word in ("R-hat is 1.3", "7 steps", "3 of ", "rounds")
    ] == [True] * 4
    ranks = ranks | {"truths": credibility.TRUTHS}
    fine = {"r_hat": 1.0, "divergences": 0, "rounds": list(credibility.ROUNDS)}
    assert credibility.unsure(fine | {"structures": {"climbing": one | {"rank_check": ranks}}}) == []


def test_the_page_on_the_pictures_tells_the_law_as_it_was_drawn(pages):
    pictures_page.page()
    text = (pages / "pictures.md").read_text()
    for scalp in pictures_page.SCALPS:
        found = pictures_page.measured(*scalp)
        assert found.drawn_mm == pytest.approx(found.asked_mm, rel=0.08)
        assert f"| {found.asked_mm:.1f} | {found.drawn_mm:.1f} |" in text
    assert "data:image/webp;base64," in text and "FOLLSTR1" in text
