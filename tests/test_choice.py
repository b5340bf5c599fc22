"""The choice: what is laid side by side, how harms stand beside benefits, and how a ranking explains itself."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.assessment import assess
from follicast.errors import InputError, NothingToGive
from follicast.evidence.harm import Harm
from follicast.evidence.library import evidence
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.plan import Plan, choice
from follicast.plan.combinations import MOST, combinations
from follicast.plan.criteria import Measured, cost_shares
from follicast.plan.effort import effort, watching
from follicast.plan.harms import NOT_ASKED, certainty_of, harms, pooled
from follicast.plan.of_100 import icons
from follicast.plan.preferences import CRITERIA, parse, preferences
from follicast.plan.pregnancy import HOW_LONG, pregnancy
from follicast.plan.ranking import METHODS, rank, suits
from follicast.plan.walk import Refused, advise
from follicast.regimen import Regimen
from follicast.today import today

SALTS = (
    "[{test: potassium, value: 4.2, unit: mmol/L, date: 2026-11-20},"
    " {test: creatinine, value: 0.7, unit: mg/dL, date: 2026-11-20}]"
)
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def told(name, **facts):
    """A bundled patient with other facts, each a line of the file."""
    lines = [line for line in (EXAMPLES / name).read_text().split("\n") if line.split(":")[0] not in facts]
    kept = [line for line in lines if not line.startswith("  ")]
    return Patient.parse("\n".join([*kept, *(f"{fact}: {value}" for fact, value in facts.items())]))


def woman(wishes="{}", **facts):
    return told("woman-47-pattern.yaml", wishes=wishes, **facts)


def man(**facts):
    return told("man-28-vertex.yaml", **facts)


@pytest.fixture(scope="module")
def plan():
    """A real plan for the bundled woman, few draws."""
    return advise(woman(), "prp", draws=24)


# --- what stands side by side -----------------------------------------------------------------------------------


def test_no_treatment_and_wait_and_watch_always_stand_first_and_are_always_ranked(plan):
    assert [way.arm for way in plan.alternatives[:2]] == ["none", "watch"]
    assert {"none", "watch"} <= {placed.arm for placed in plan.ranking.options}
    assert {"none", "watch"} <= {placed.arm for placed in advise(woman(), "watch", draws=20).ranking.options}


def test_wait_and_watch_has_dates_and_no_drug():
    plan = advise(woman(), "watch", draws=20)
    watch = plan.alternatives[1]
    assert plan.choice == "watch" and not plan.regimen.parts and plan.sessions == []
    assert (
        [look.day for look in watch.reviews] == [look.day for look in plan.visits] == [2, 92, 183, 365, 730]
    )
    assert watch.effort == watching(4) and watch.effort.hours == 6.0


def test_every_open_arm_with_a_curve_is_laid_beside_the_rest_and_no_other(plan):
    ranked = {placed.arm for placed in plan.ranking.options}
    assert ranked == {way.arm for way in plan.alternatives if way.status == "open" and way.of_100}
    assert "minoxidil-topical-1+prp" in ranked
    assert not ranked & {
        way.arm for way in plan.alternatives if way.status in ("waiting", "closed", "refused")
    }


def test_what_is_closed_waits_or_has_no_evidence_is_never_ranked_even_if_it_was_forecast():
    """Law 5, with arms forced into the forecast by hand."""
    patient = woman()
    arms = [Regimen(w) for w in ("prp", "finasteride", "spironolactone", "prp+finasteride", "harg")]
    found = Plan(assess(patient), forecast(today(patient, draws=20), arms), "prp")
    assert {placed.arm for placed in found.ranking.options} == {"none", "watch", "prp"}


def test_a_red_flag_stops_every_option_whatever_is_preferred():
    flagged = woman(signs="[widened parting, perifollicular redness, loss of follicular openings]")
    assert assess(flagged).red_flags
    for wanted in (None, "watch", "none"):
        with pytest.raises(NothingToGive, match="red flag"):
            advise(flagged, wanted, draws=20, prefer={"benefit": 5})


def test_each_option_says_what_it_asks_gives_and_leaves(plan):
    told = {way.arm: way for way in plan.alternatives}
    lotion = told["minoxidil-topical-5"]
    assert lotion.effort.minutes_a_day == 4 and lotion.effort.minutes_kind == "assumed"
    assert lotion.early_shed.ratio > 1.2 and lotion.month["median"] > 0
    assert 0 <= lotion.stopping.left_percent < 60
    assert lotion.pregnancy.stop == "pause while planning" and "s3aga2018" in lotion.pregnancy.source
    assert lotion.harms.worse and lotion.unknown == ["cost"]
    assert told["prp"].cost_first_year == 344200 and told["prp"].unknown == []


def test_two_needles_add_up_and_reviews_are_shared():
    assert effort(Regimen("prp+minoxidil-topical-1")).visits == effort(Regimen("prp")).visits == 4
    assert effort(Regimen("finasteride+minoxidil-topical-5")).visits == 2
    assert effort(Regimen("finasteride+minoxidil-topical-5")).minutes_a_day == 5
    assert effort(Regimen("biotin")).hours is None


# --- combinations ----------------------------------------------------------------------------------------------


def test_sensible_pairs_are_chosen_by_what_acts_differently():
    """Those that reach more stages of the chain come first, and the surer before the less sure."""
    assert [str(pair) for pair in combinations(assess(woman(labs=SALTS)))] == [
        "minoxidil-topical-1+spironolactone",
        "prp+spironolactone",
        "minoxidil-topical-1+prp",
    ]
    assert [str(pair) for pair in combinations(assess(man()))][:1] == ["finasteride+minoxidil-topical-5"]


@pytest.mark.parametrize(
    "patient", [woman(), woman(labs=SALTS), man()], ids=["woman", "woman with salts", "man"]
)
def test_no_pair_holds_the_same_ingredient_or_acts_alike_and_all_are_open(patient):
    assessment = assess(patient)
    found = combinations(assessment)
    assert 0 < len(found) <= MOST
    for pair in found:
        one, other = (part.record for part in pair.parts)
        assert not set(one.ingredients) & set(other.ingredients)
        assert choice.least_open(assessment, pair).status == "open"
        assert "finasteride+dutasteride" != str(pair) != "dutasteride+finasteride"


def test_a_pair_that_is_not_open_together_is_never_offered(monkeypatch):
    assessment = assess(woman())
    assert [str(pair) for pair in combinations(assessment)] == ["minoxidil-topical-1+prp"]
    closed = replace(assessment.of("prp"), status="closed")
    apart = choice.least_open
    monkeypatch.setattr(choice, "least_open", lambda a, r: closed if len(r.parts) > 1 else apart(a, r))
    assert combinations(assessment) == []


def test_where_nobody_chose_one_therapy_comes_before_two():
    plan = advise(man(), draws=20)
    assert len(plan.regimen.parts) == 1
    assert any(len(arm.regimen.parts) == 2 for arm in plan.forecast.arms)


# --- pregnancy -------------------------------------------------------------------------------------------------


def test_what_must_be_stopped_for_a_pregnancy_comes_from_the_rules_and_no_time_is_made_up():
    patient = woman()
    stops = {
        w: pregnancy(Regimen(w), patient, "jp").stop
        for w in ("none", "prp", "minoxidil-topical-1", "spironolactone")
    }
    assert stops == {
        "none": "nothing to stop",
        "prp": "when pregnant",
        "minoxidil-topical-1": "pause while planning",
        "spironolactone": "before planning",
    }
    assert pregnancy(Regimen("prp+spironolactone"), patient, "jp").stop == "before planning"
    assert pregnancy(Regimen("spironolactone"), patient, "jp").how_long == HOW_LONG
    assert pregnancy(Regimen("finasteride"), man(), "jp") is None


# --- harms beside benefits --------------------------------------------------------------------------------------


def report(**how):
    given = {"therapy": "prp", "effect": "x", "plain": "x", "design": "trial", "source": "x", "place": "y"}
    fields = {n: f.get_default() for n, f in Harm.model_fields.items() if not f.is_required()}
    return Harm.model_construct(**(fields | given | how))


def test_each_effect_of_a_therapy_stands_on_one_line():
    for therapy in evidence().therapies:
        told = [(line.plain, line.design == "case-report") for line in harms(Regimen(therapy))]
        assert len(told) == len(set(told)), therapy


def test_two_reports_of_no_serious_harm_become_one_bound_of_all_their_people():
    line = next(line for line in harms(Regimen("prp")) if line.plain == "a serious side effect")
    assert (line.people, line.events, line.at_most) == (65, 0.0, 4.6)
    assert len(line.reports) == 2 and {"shapiro2020", "aggarwal2020"} <= set(line.source)


def test_reports_are_pooled_by_people_and_their_range_is_shown():
    line = pooled(
        [report(people=100, events=10), report(people=300, share=0.02, control_people=50, control_events=1)]
    )
    assert (line.of_100, line.low, line.high, line.people) == (4.0, 2.0, 10.0, 400)
    assert line.control_of_100 == 2.0


def test_a_review_is_not_pooled_with_the_studies_it_may_hold():
    line = pooled([report(people=100, events=10), report(design="review", people=900, share=0.5)])
    assert (line.of_100, line.people, line.high) == (10.0, 100, 50.0)


def test_none_is_not_told_of_any_side_effect_where_a_single_one_was_counted():
    """None of 75 people had any side effect of PRP, and 4 of 19 had bruises: both cannot be told as they stand."""
    told = {line.plain: line for line in harms(Regimen("prp"))}
    assert "any side effect" not in told
    bruises = told["pain or bruises from the needles"]
    assert NOT_ASKED in bruises.note and {"bruce2020", "yepuri2021", "trink2013"} <= set(bruises.source)
    assert "any side effect" in {line.plain for line in harms(Regimen("spironolactone"))}


@given(st.floats(0.0, 100.0), st.booleans())
def test_a_hundred_people_are_always_drawn(of_100, sure):
    drawn = icons(of_100, sure)
    assert drawn.hit + drawn.rest == 100 and abs(drawn.hit - of_100) <= (0.5 if sure else 1.0)
    assert sure or drawn.hit >= of_100


def test_gain_and_harm_stand_on_the_same_hundred(plan):
    answer = plan.as_json()
    drawn = [line["icons"] for line in [*answer["benefits"], *answer["harms"]] if line["icons"]]
    assert len(drawn) >= 5 and all(one["hit"] + one["rest"] == 100 and one["rounding"] for one in drawn)
    assert sum(answer["benefits"][k]["of_100"] for k in range(3)) == 100


def test_a_harm_counted_beside_a_control_is_surer_than_one_of_few_people_without():
    sure = pooled([report(people=400, events=40, control_people=400, control_events=10)]).certainty
    unsure = pooled([report(people=19, events=4)]).certainty
    wide = pooled([report(people=400, events=4), report(people=400, events=100)]).certainty
    assert (sure.grade, unsure.grade, wide.grade) == ("moderate", "very low", "very low")
    assert "Few people" in unsure.because and "differ widely" in wide.because


def test_the_harms_that_matter_most_say_how_sure_they_are():
    assert certainty_of(harms(Regimen("prp"))).grade == "very low"
    assert certainty_of(harms(Regimen("biotin"))).because == "Nobody counted a moderate or serious harm."


# --- preferences and ranking ------------------------------------------------------------------------------------


def options(**rows):
    """Options made up for the test: each criterion at 0.5 but for those told."""
    made = {}
    for arm, row in rows.items():
        middle = np.array([row.get(name, 0.5) for name in CRITERIA], dtype=float)
        tries = np.tile(middle, (50, 1))
        unknown = [name for name, value in row.items() if value is None]
        for k, name in enumerate(CRITERIA):
            if name in unknown:
                middle[k], tries[:, k] = 0.5, np.random.default_rng(k).uniform(size=50)
        made[arm] = Measured(middle, tries, unknown)
    return made


def weights(**told):
    return preferences(woman(), {name: 0.0 for name in CRITERIA} | told)


def test_weights_come_from_the_line_then_the_wishes_then_the_evidence():
    patient = woman(wishes="{preferences: {safety: 5, natural: 2}}")
    liked = preferences(patient, {"safety": 1})
    assert (liked.weights["safety"], liked.weights["natural"], liked.weights["benefit"]) == (1.0, 2.0, 5.0)
    assert liked.told == {"safety", "natural"}
    assert sum(liked.shares.values()) == pytest.approx(1.0)


def test_whoever_plans_a_pregnancy_has_it_weigh_without_saying_so_twice():
    assert preferences(woman(planning_pregnancy="true")).weights["pregnancy"] == 5.0
    assert preferences(woman()).weights["pregnancy"] == 0.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("saftey=5", "Did you mean 'safety'"),
        ("safety=6", "from 0 to 5"),
        ("safety", "cannot be read"),
        ("cost=-1", "from 0 to 5"),
    ],
)
def test_a_weight_that_cannot_be_is_refused_with_what_would_do(words, said):
    with pytest.raises(InputError, match=said):
        parse(words)


def test_weights_of_nothing_are_refused():
    with pytest.raises(InputError, match="every weight is 0"):
        weights()


def test_the_score_is_the_sum_of_what_each_criterion_adds(plan):
    for placed in plan.ranking.options:
        assert placed.score == pytest.approx(sum(placed.adds.values()), abs=1e-9)


def test_what_is_better_everywhere_comes_first_by_every_method_and_never_loses_its_place():
    made = options(a=dict.fromkeys(CRITERIA, 0.9), b=dict.fromkeys(CRITERIA, 0.4), c={"benefit": 0.6})
    order = rank(made, preferences(woman()), seed=1)
    assert order.first.arm == "a" and order.first.places[0] == 1.0
    assert order.fragile.weights == order.fragile.draws == 1.0
    assert order.fragile.methods == dict.fromkeys(METHODS, "a")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=3, max_size=6), st.data())
def test_one_option_less_turns_no_two_others_around(rows, data):
    """SPOTIS has fixed ends: the reason why it leads and not a method whose scale the options set."""
    shares, values = np.array([0.5, 0.3, 0.2]), np.array(rows)
    out = data.draw(st.integers(0, len(rows) - 1))
    kept = np.delete(np.arange(len(rows)), out)
    assert suits(values[kept], shares) == pytest.approx(suits(values, shares)[kept], abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(CRITERIA) - 1), st.floats(0.0, 0.5), st.integers(0, 1000))
def test_an_option_that_gets_better_never_falls(criterion, more, seed):
    name, random = list(CRITERIA)[criterion], np.random.default_rng(seed)
    rows = {arm: dict(zip(CRITERIA, random.uniform(0, 0.5, len(CRITERIA)), strict=True)) for arm in "abc"}
    before = rank(options(**rows), preferences(woman()), seed).of("a").place
    rows["a"][name] += more
    assert rank(options(**rows), preferences(woman()), seed).of("a").place <= before


def test_two_that_are_close_are_told_to_be_close():
    made = options(a={"benefit": 0.52, "safety": 0.5}, b={"benefit": 0.5, "safety": 0.53})
    order = rank(made, weights(benefit=5.0, safety=3.0), seed=1)
    assert 0.05 < order.fragile.weights < 0.95 and order.fragile.rival == "b"


def test_an_unknown_cost_is_no_zero_cost_and_no_dearest_cost():
    made = options(unknown={"cost": None}, free={"cost": 1.0}, dear={"cost": 0.0})
    order = rank(made, weights(cost=5.0), seed=1)
    assert [placed.arm for placed in order.options] == ["free", "unknown", "dear"]
    assert order.of("unknown").unknown == ["cost"]


def test_no_cost_is_converted_and_a_cost_in_another_currency_is_not_known():
    here = woman(wishes="{}", budget="{amount: 400000, currency: JPY}")
    abroad = woman(wishes="{}", budget="{amount: 2000, currency: EUR}")
    untold = woman(wishes="{}", budget="null")
    shares = {}
    for name, patient in (("here", here), ("abroad", abroad), ("untold", untold)):
        plan = Plan(assess(patient), forecast(today(patient, draws=20), [Regimen("prp")]), "prp")
        shares[name] = cost_shares(plan.options, patient.budget)["prp"]
    assert shares == {"here": 344200 / 400000, "abroad": None, "untold": 1.0}


def test_what_is_unknown_shows_as_doubt_in_the_places():
    made = options(unknown={"cost": None}, middling={"cost": 0.55})
    order = rank(made, weights(cost=5.0), seed=1)
    assert order.first.arm == "middling" and 0.3 < order.first.places[0] < 0.8


def test_the_ranking_says_which_criteria_moved_it():
    made = options(a={"benefit": 0.9, "safety": 0.4}, b={"benefit": 0.2, "safety": 0.8})
    order = rank(made, weights(benefit=5.0, safety=2.0), seed=1)
    assert order.why[0] == "a comes before b: more hair."
    assert order.why[1] == "For b speak: few moderate or serious harms."
    assert (order.between.ahead, order.between.behind) == (["benefit"], ["safety"])


def test_what_is_not_known_is_held_neither_for_nor_against(plan):
    between = plan.ranking.between
    doubtful = {*plan.ranking.of(between.first).unknown, *plan.ranking.of(between.second).unknown}
    assert doubtful and not doubtful & {*between.ahead, *between.behind}


def test_the_same_seed_ranks_alike_and_places_add_up(plan):
    again = advise(woman(), "prp", draws=24).ranking.as_json()
    assert again == plan.ranking.as_json()
    for placed in plan.ranking.options:
        assert sum(placed.places) == pytest.approx(1.0)
    for k in range(len(plan.ranking.options)):
        assert sum(placed.places[k] for placed in plan.ranking.options) == pytest.approx(1.0)


def test_the_advice_follows_the_weights_that_were_told_and_else_stays():
    hair = advise(woman(), draws=24, prefer={name: 0.0 for name in CRITERIA} | {"benefit": 5.0})
    most = max(hair.forecast.arms[1:], key=lambda arm: -1e9 if arm.refused else arm.extra_hair["median"])
    assert hair.choice == most.arm and "weights" in hair.why
    rest = advise(woman(), draws=24, prefer={name: 0.0 for name in CRITERIA} | {"side_effects": 5.0})
    assert rest.choice == "none"
    usual = advise(woman(), draws=24)
    assert usual.choice == "minoxidil-topical-1" and "approved" in usual.why
    assert any("by usual weights" in warning for warning in usual.warnings)


def test_wishes_narrow_what_the_weights_order():
    tablets = woman(wishes="{avoids_tablets: true, preferences: {benefit: 5, effort: 5}}")
    plan = advise(tablets, draws=24)
    assert not any(part.record.route == "oral" for part in plan.regimen.parts)
    assert "minoxidil-oral" in {placed.arm for placed in plan.ranking.options}


def test_an_unreadable_preference_of_the_patient_is_told_before_the_long_work():
    with pytest.raises(InputError, match=r"wishes\.preferences: no criterion is called 'magic'"):
        advise(woman(wishes="{preferences: {magic: 5}}"), "prp", draws=20)


def test_the_command_line_takes_weights_and_lays_the_options_side_by_side(cli, tmp_path):
    status, out, _ = cli(
        "plan", EXAMPLES / "woman-47-pattern.yaml", "--choose", "prp", "--prefer", "benefit=5,cost=0",
        "--draws", "20", "--out", tmp_path,
    )  # fmt: skip
    answer = json.loads((tmp_path / "plan.json").read_text())
    assert status == 0 and answer["ranking"]["told"] == ["benefit", "cost"]
    assert out.count("a serious side effect") == 1
    for said in (
        "What suits what was told best",
        "wait and watch",
        "What if",
        "left if stopped",
        "infection with HIV",
    ):
        assert said in out


def test_a_weight_that_cannot_be_ends_the_command_before_anything_is_written(cli, tmp_path):
    status, _, err = cli(
        "plan", EXAMPLES / "woman-47-pattern.yaml", "--prefer", "fun=5", "--out", tmp_path / "no"
    )
    assert status == 1 and "no criterion is called 'fun'" in err and not (tmp_path / "no").exists()


def test_a_refused_plan_still_holds_its_assessment():
    with pytest.raises(Refused) as refusal:
        advise(woman(pregnant="true"), "minoxidil-oral", draws=20)
    assert refusal.value.assessment.of("minoxidil-oral").status == "closed"
