"""Claims are put to virtual people by checks that can fail, and what came out is what is shown."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from follicast.evidence.check import Check
from follicast.evidence.claim import Claim
from follicast.evidence.judgement import _judge, judged, stale
from follicast.evidence.library import HERE, Library, evidence
from follicast.evidence.reader import build, read
from follicast.evidence.verdict import Verdicts
from follicast.parameters import parameters
from follicast.regimen import NO_TREATMENT
from follicast.trials import claims, questions
from follicast.trials.cohort import cohorts, follow, grow, still, treat
from follicast.trials.facts import weeks_until_gone
from follicast.trials.questions import Answer

NAN = float("nan")
ROOT = Path(__file__).resolve().parents[1]


def check(low=None, high=None, **more):
    ends = {
        name: {"value": value, "unit": "%", "kind": "derived", "source": "project", "place": "a test"}
        for name, value in (("low", low), ("high", high))
        if value is not None
    }
    return Check.model_validate({"id": "a", "asks": "How much?", "unit": "%", **ends, **more})


def said(asked, *values):
    return claims.judge(asked, Answer(np.array(values, dtype=float))).verdict


# --- the rule ----------------------------------------------------------------------------------------------------


def test_an_answer_in_the_band_holds_and_one_out_of_it_does_not():
    assert said(check(20, 40), 25, 30, 31, 35) == "holds"
    assert said(check(20, 40), 2, 5, 6, 19.9) == "does not hold"
    assert said(check(20, 40), 41, 50, 60, 70) == "does not hold"


def test_a_band_open_at_one_end_is_a_bound():
    assert said(check(low=20), 20, 1000, 50, 60) == "holds"
    assert said(check(high=20), 20, -5, 3, 1) == "holds"
    assert said(check(high=20), 21, 25, 30, 40) == "does not hold"


def test_where_fewer_than_three_draws_in_four_agree_nothing_can_be_said():
    assert said(check(20, 40), 30, 30, 30, 50) == "holds"
    assert said(check(20, 40), 30, 30, 30, 50, 60) == "cannot be said"
    assert said(check(20, 40), 30, 10, 10, 10) == "does not hold"
    assert said(check(20, 40), 30, 30, 10, 10, 10) == "cannot be said"


def test_an_interval_that_sticks_out_on_both_sides_of_the_band_says_nothing():
    assert said(check(29, 31), 0, 1, 2, 30, 60, 61, 62) == "cannot be said"


def test_draws_without_an_answer_count_for_neither_side():
    assert said(check(20, 40), 30, 30, 30, NAN) == "holds"
    assert said(check(20, 40), 30, 30, NAN, NAN) == "cannot be said"
    assert said(check(20, 40), 50, 60, NAN, NAN) == "cannot be said"
    found = claims.judge(check(20, 40), Answer(np.array([NAN, NAN])))
    assert found.verdict == "cannot be said" and found.value is None and found.unanswered == 100


def test_a_check_that_waits_cannot_be_said_whatever_comes_out():
    assert said(check(20, 40, waits_for="nutrition"), 30, 30, 30) == "cannot be said"


def test_a_verdict_tells_median_interval_and_how_many_draws_lie_in_the_band():
    values = np.arange(101.0)
    found = claims.judge(check(0, 80), Answer(values, {"twice": 2 * values}))
    assert (found.low90, found.value, found.high90) == (5, 50, 95)
    assert found.inside == 80.2 and found.unanswered == 0 and found.beside == {"twice": 100}


# --- the checks --------------------------------------------------------------------------------------------------


def test_every_check_is_put_to_virtual_people_and_no_other_question_is():
    assert set(questions.QUESTIONS) == set(claims.asked())
    waiting = {name for name, c in evidence().checks.items() if c.waits_for}
    assert waiting == set(evidence().checks) - set(questions.QUESTIONS)


def test_every_check_is_asked_for_by_a_claim():
    linked = {link for claim in evidence().claims.values() for link in claim.honoured_by}
    assert {f"check:{name}" for name in evidence().checks} <= linked


def test_the_ends_of_a_band_are_in_the_unit_of_the_check_and_in_order():
    for name, c in evidence().checks.items():
        assert {end.unit for end in (c.low, c.high) if end} == {c.unit}, name
        assert not (c.low and c.high) or c.low.value < c.high.value, name


def test_every_question_gives_one_answer_a_draw():
    asked = []
    found = claims.ask(asked.append, draws=2, persons=6, follicles=300)
    assert set(found.verdicts) == set(evidence().checks)
    answered = {name for name, verdict in found.verdicts.items() if verdict.value is not None}
    assert len(answered) > 20 and len(asked) == len(questions.QUESTIONS)
    assert all(verdict.unanswered in (0, 50, 100) for verdict in found.verdicts.values())


def test_draws_asked_in_parts_answer_as_draws_asked_together(monkeypatch):
    few = ("minoxidil-gain", "prp-fades", "menopause-raises-loss")
    monkeypatch.setattr(claims, "QUESTIONS", {name: questions.QUESTIONS[name] for name in few})
    monkeypatch.setattr(claims, "asked", lambda: list(few))
    together = claims.ask(lambda _: None, 4, 4, 60)
    monkeypatch.setattr(claims, "AT_ONCE", 3)
    assert claims.ask(lambda _: None, 4, 4, 60) == together


def test_following_people_whom_nothing_pulls_is_leaving_them_untreated():
    grown = grow(cohorts()["women"], parameters(evidence().posterior.draws()[:1]), 4, 60)
    none, followed = treat(grown, NO_TREATMENT, 10, 40.0), follow(grown, still(grown, 10), 10, 40.0)
    for name, values in vars(none).items():
        assert (values == getattr(followed, name)).all(), name


def test_a_swing_is_found_at_its_period_and_nowhere_else():
    weeks = np.arange(260)
    swings = 100 * (1 + 0.3 * np.cos(2 * np.pi * weeks / 260 * 17))  # 15.3 weeks, three and a half months
    assert questions._swing(swings[None], 3, 4) == pytest.approx(30)
    assert questions._swing(swings[None], 6, 8) == pytest.approx(0, abs=1e-6)


def test_the_day_of_the_largest_shed_is_read_off_the_yearly_swing():
    people = questions.Volunteers({}, 1, 1)
    day = np.arange(0, 3 * 365.25, 7.0) % 365.25
    people.seasonal_shed = (day, 100 + 20 * np.cos(2 * np.pi * (day - 280) / 365.25)[None])
    assert questions.season_autumn(people).values == pytest.approx(280, abs=2)
    assert questions.episodes_in_women(people).values < 5
    assert questions.season_spring(people).values < 100


def test_a_gain_is_gone_when_under_a_quarter_is_left():
    gain = np.array([[4.0, 8, 4, 2, 1.9, 0], [4, 8, 8, 8, 8, 8]])
    assert weeks_until_gone(gain, 1).tolist() == [3, 4]


def test_the_middle_of_those_who_see_a_gain_leaves_the_others_out():
    values, weight = np.array([3.0, 1.0, 2.0, np.inf]), np.array([0.2, 0.2, 0.2, 0.0])
    assert questions._weighted_median(values, weight) == 2


# --- the verdicts that ship --------------------------------------------------------------------------------------


def test_the_verdicts_that_ship_were_found_with_the_posterior_and_the_bands_that_ship():
    recipe, posterior = evidence().verdicts.recipe, evidence().posterior
    assert recipe.fitted_to == posterior.recipe["fitted_to"] and recipe.posterior == posterior.hash
    assert set(evidence().verdicts.verdicts) == set(evidence().checks)
    assert stale(evidence()) == []


def test_verdicts_of_another_posterior_or_another_band_are_called_stale():
    library = Library()
    old = evidence().verdicts
    name = next(iter(old.verdicts))
    moved = old.verdicts | {name: old.verdicts[name].model_copy(update={"low": -99.0})}
    library.__dict__["verdicts"] = old.model_copy(update={"verdicts": moved})
    assert name in stale(library)[0]
    other = old.recipe.model_copy(update={"fitted_to": "0"})
    library.__dict__["verdicts"] = old.model_copy(update={"recipe": other})
    assert "another posterior" in stale(library)[0]


def test_the_verdicts_that_ship_follow_from_their_own_figures():
    enough = float(evidence().numbers["claims.agreement"])
    for name, found in evidence().verdicts.verdicts.items():
        if found.verdict != "cannot be said":
            assert (found.inside >= enough) == (found.verdict == "holds"), name
            assert claims._lies(found.value, found.low, found.high) == (found.verdict == "holds"), name


def test_verdicts_are_written_as_they_are_read(tmp_path):
    path = claims.write(evidence().verdicts, tmp_path)
    assert build(read(path), Verdicts) == evidence().verdicts
    assert [p.name for p in tmp_path.iterdir()] == ["verdicts.yaml"]


def test_verdicts_move_the_version_of_the_evidence_and_not_what_calibration_leans_on(tmp_path):
    copy = shutil.copytree(HERE, tmp_path / "evidence")
    (copy / "verdicts.yaml").write_text("recipe: {}\n")
    other = Library(copy)
    assert other.version != evidence().version and other.fingerprint() == evidence().fingerprint()


# --- claims beside their verdicts --------------------------------------------------------------------------------


def claim(kind="emergent", links=("check:minoxidil-gain",), **more):
    return Claim(says="Something grows.", about="hair", topic="effect", place="top", kind=kind,
                 honoured_by=list(links), **more)  # fmt: skip


def beside(verdicts, made):
    library = Library()
    found = evidence().verdicts
    told = {name: found.verdicts[name].model_copy(update={"verdict": v}) for name, v in verdicts.items()}
    library.__dict__["verdicts"] = found.model_copy(update={"verdicts": told})
    library.__dict__["claimed_on"] = {"C": "seed-prp-clinic"}
    return _judge(library, "C", made)


def test_of_several_checks_the_one_that_speaks_most_against_a_claim_decides():
    made = claim(links=("check:prp-fades", "check:prp-maintained"))
    found = beside({"prp-fades": "holds", "prp-maintained": "does not hold"}, made)
    assert found.verdict == "does not hold" and found.check.id == "prp-maintained"
    assert beside({"prp-fades": "holds", "prp-maintained": "holds"}, made).verdict == "holds"
    assert (
        beside({"prp-fades": "holds", "prp-maintained": "cannot be said"}, made).verdict == "cannot be said"
    )


def test_a_claim_whose_check_was_never_run_cannot_be_said():
    assert beside({}, claim()).verdict == "cannot be said"


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("built-in", "built in"), ("outside", "cannot be said"), ("data", None), ("rule", None)],
)
def test_a_claim_that_is_not_simulated_says_what_it_is(kind, verdict):
    found = beside({}, claim(kind, ["therapy:prp"], why="the model is made so"))
    assert found.verdict == verdict and found.as_json()["value"] is None


def test_every_claim_of_the_pages_has_the_verdict_its_kind_allows():
    allowed = {"emergent": {"holds", "does not hold", "cannot be said"}, "built-in": {"built in"},
               "outside": {"cannot be said"}}  # fmt: skip
    found = judged(evidence())
    assert len(found) == len(evidence().claims) > 500
    for one in found:
        assert one.verdict in allowed.get(one.claim.kind, {None}), one.claim_id
    assert {one.verdict for one in found if one.claim.kind == "emergent"} == allowed["emergent"]


# --- on the command line -----------------------------------------------------------------------------------------

PROMISED = {"claim_id", "statement", "honoured_as", "where", "kind", "verdict", "asked", "value", "low90", "high90",
            "band", "unit", "trials", "corrected", "source"}  # fmt: skip


def test_claims_as_json_hold_the_keys_that_other_programs_rely_on(cli):
    status, out, _ = cli("claims", "--json")
    answer = json.loads(out)
    assert status == 0 and {"version", "evidence_version", "seed", "sources", "warnings"} <= set(answer)
    assert len(answer["claims"]) == len(evidence().claims)
    assert all(set(one) >= PROMISED for one in answer["claims"])
    gain = next(one for one in answer["claims"] if one["where"][0] == "check:minoxidil-gain")
    assert gain["band"] == [20, 40] and gain["unit"] == "%" and gain["low90"] < gain["value"] < gain["high90"]
    assert "seed-prp-clinic" in answer["sources"] and "olsen2002" in answer["sources"]


def test_claims_are_told_with_what_came_out_and_what_was_claimed(cli):
    status, out, _ = cli("claims", "--kind", "emergent", "--page", "seed-mesotherapy-vn")
    assert status == 0 and "C000-104  emergent: does not hold" in out and "C001" not in out
    assert "claimed: at least 80 %" in out and "trials: " in out and "corrected: " in out


def test_claims_can_be_chosen_by_verdict(cli):
    _, out, _ = cli("claims", "--verdict", "built in", "--json")
    assert {one["kind"] for one in json.loads(out)["claims"]} == {"built-in"}


@pytest.mark.parametrize("option", ["--kind", "--page", "--verdict"])
def test_a_choice_that_no_claim_could_meet_is_wrong_usage(cli, option):
    status, out, err = cli("claims", option, "horse")
    assert (status, out) == (2, "") and "There are:" in err


def test_claims_run_anew_writes_what_came_out(cli, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(claims, "ask", lambda say: evidence().verdicts)
    monkeypatch.setattr(claims, "write", written.append)
    assert cli("claims", "--run", "--json")[0] == 0 and written == [evidence().verdicts]


# --- verification ------------------------------------------------------------------------------------------------


@pytest.fixture
def afresh(monkeypatch):
    """Return what verification says of a claim that does not hold, once what comes out is changed."""
    monkeypatch.syspath_prepend(str(ROOT))
    from verification import claims as proof

    def run(**changed):
        shipped = evidence().verdicts
        name = next(n for n, v in shipped.verdicts.items() if v.verdict == "does not hold")
        new = shipped.verdicts | {name: shipped.verdicts[name].model_copy(update=changed)}
        monkeypatch.setattr(claims, "ask", lambda say: shipped.model_copy(update={"verdicts": new}))
        return next(v for v in proof.verdicts() if v.what == name)

    return run


def test_a_claim_that_does_not_hold_is_told_and_is_no_failure(afresh):
    verdict = afresh()
    assert verdict.holds and verdict.word == "claim does not hold"


def test_a_changed_verdict_or_value_fails(afresh):
    for changed in ({"verdict": "holds"}, {"value": 99999.0}, {"value": None}):
        verdict = afresh(**changed)
        assert verdict.law and not verdict.holds and "written down: does not hold" in verdict.found
