"""What trials found of therapies of the skin is told as it is: by indication, with the intervals that can be had."""

import io
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from rich.console import Console
from scipy.stats import binomtest

from follicast import skin
from follicast.assessment import RedFlag, assess
from follicast.doors.schema import schema_of
from follicast.errors import InputError, NothingToGive
from follicast.evidence.grading import standing
from follicast.evidence.library import HERE, Library, evidence
from follicast.evidence.study import Result, Study
from follicast.forecast import ArmForecast, Forecast, _refusal
from follicast.patient import Patient
from follicast.plan.of_skin import SkinPlan
from follicast.plan.walk import advise
from follicast.regimen import Regimen
from follicast.report import report
from follicast.report.terminal import forecast_summary
from follicast.report.text import speech

ROOT = Path(__file__).resolve().parents[1]
WOMAN = str(ROOT / "examples" / "woman-47-pattern.yaml")
VITAMIN, HYALURONIC, TRANEXAMIC = (
    f"skin-mesotherapy-{name}" for name in ("vitamin", "hyaluronic-acid", "tranexamic-acid")
)
ALL = (VITAMIN, HYALURONIC, TRANEXAMIC)
PROMISED = {
    "indication", "study", "measure", "week", "change", "unit", "low", "high", "words", "controlled", "design",
    "risk_of_bias",
}  # fmt: skip


def of(therapy, study, **wanted):
    """The effects of a therapy in one study that have the values wanted."""
    found = [effect for effect in skin.effects(therapy) if effect.study == study]
    return [effect for effect in found if all(getattr(effect, key) == value for key, value in wanted.items())]


def study(arms=None, **changed):
    """A study of the skin made up for a test."""
    made = {
        "id": "MADE", "source": "project", "place": "made up", "body": "skin", "sex": "F", "condition": "melasma",
        "site": "face", "group": "made", "design": "parallel", "offset": "needle", "risk_of_bias": "low",
        "bias_reason": "made up", "second_reading": {"verdict": "none", "says": "made up"},
        "arms": arms or [{"name": "drug", "regimen": TRANEXAMIC, "n": 25}],
        "results": [{"arm": "drug", "week": 8, "endpoint": "pigment_score", "change": -4, "unit": "{score}",
                     "place": "made up", "calibrates": False}],
    }  # fmt: skip
    return Study.model_validate(made | changed)


def result(**changed):
    """A result made up for a test."""
    made = {"arm": "drug", "week": 8, "endpoint": "pigment_score", "change": -4.0, "unit": "{score}"}
    return Result.model_validate(made | {"place": "made up", "calibrates": False} | changed)


# --- which effects ---------------------------------------------------------------------------------------------


def test_each_therapy_of_the_skin_is_told_by_its_own_indications():
    told = {therapy: set(skin.by_indication(skin.effects(therapy))) for therapy in ALL}
    assert told[TRANEXAMIC] == {"melasma"}
    assert told[HYALURONIC] == {"facial-ageing", "cheek-smoothness"}
    assert told[VITAMIN] >= {"facial-ageing", "periorbital-wrinkles"}


def test_a_therapy_of_hair_has_no_effects_on_the_skin():
    assert not any(skin.effects(t.id) for t in evidence().therapies.values() if t.body == "hair")


@pytest.mark.parametrize("therapy", ALL)
def test_every_result_of_every_study_that_gave_it_is_told_once(therapy):
    told = skin.effects(therapy)
    for held in evidence().studies.values():
        arms = {arm.name for arm in held.arms if therapy in arm.therapies}
        own = [r for r in held.results if {r.arm, r.minus} & arms] if held.body == "skin" else []
        assert len([e for e in told if e.study == held.id and e.role != "other arm"]) == len(own), held.id


def test_what_saline_alone_did_stands_beside_what_the_drug_did():
    both = of(HYALURONIC, "HA_RCT_GLYTONE", measure="thickness of the dermis", week=12)
    assert {e.role: e.change for e in both} == {"treated": 3.4, "other arm": 2.5}


@pytest.mark.parametrize("therapy", ALL)
def test_controlled_studies_come_first_and_pooled_ones_last(therapy):
    ranks = {"control": 0, "other treatment": 1, "none": 2}
    for held in skin.by_indication(skin.effects(therapy)).values():
        order = [(effect.pooled, ranks[effect.comparison]) for effect in held]
        assert order == sorted(order)


def test_only_an_arm_with_nothing_of_the_therapy_is_a_control():
    controlled = {effect.study for therapy in ALL for effect in skin.effects(therapy) if effect.controlled}
    assert controlled == {"HA_RCT_GLYTONE", "SKINVIVE2023"}
    assert {effect.comparison for effect in of(TRANEXAMIC, "PAZYAR2023")} == {"other treatment"}
    assert {effect.comparison for effect in of(VITAMIN, "SAVOIA2013")} == {"none"}


# --- intervals -------------------------------------------------------------------------------------------------


def test_a_printed_interval_is_told_as_printed():
    (effect,) = of(TRANEXAMIC, "META_PANCHAL2023", week=12, role="contrast")
    assert (effect.change, effect.low, effect.high, effect.interval) == (-0.55, -2.27, 1.18, "printed")


def test_a_printed_sd_and_n_give_the_interval_of_the_mean():
    (effect,) = of(HYALURONIC, "SCEDIS_HA", measure="pores (imaging)")
    half = 1.96 * 7.2 / math.sqrt(20)
    assert effect.interval == "SD and n"
    assert (effect.low, effect.high) == pytest.approx((-15.3 - half, -15.3 + half), abs=0.01)


def test_a_share_of_people_has_wilsons_interval():
    (effect,) = of(HYALURONIC, "SKINVIVE2023", change=55.6)
    low, high = binomtest(69, 124).proportion_ci(method="wilson")
    assert effect.share and effect.interval == "Wilson"
    assert (effect.low, effect.high) == pytest.approx((100 * low, 100 * high), abs=0.05)


def test_a_share_that_no_whole_number_of_the_people_makes_has_no_interval():
    for effect in of(TRANEXAMIC, "BUDAMAKUNTLA2013", share=True):
        assert effect.n == 30 and effect.interval is None, "26.09 % is 6 of 23, not of 30"
    made = result(endpoint="responder_share", unit="%", change=26.09)
    assert skin.interval(study([{"name": "drug", "regimen": TRANEXAMIC, "n": 23}]), made)


def test_a_standard_error_and_a_90_percent_interval_become_95_percent():
    low, high, basis = skin.interval(study(), result(spread={"kind": "se", "value": 1.0}))
    assert (low, high, basis) == (pytest.approx(-5.96, abs=0.001), pytest.approx(-2.04, abs=0.001), "printed")
    low, high, _ = skin.interval(study(), result(spread={"kind": "ci90", "low": -5.645, "high": -2.355}))
    assert (low, high) == (pytest.approx(-5.96, abs=0.001), pytest.approx(-2.04, abs=0.001))


@pytest.mark.parametrize(
    "why, arm, changed",
    [
        (
            "the number of people is assumed",
            {"n": 25, "n_assumed": True},
            {"spread": {"kind": "sd", "value": 2.0}},
        ),
        ("the number of people was not read", {}, {"spread": {"kind": "sd", "value": 2.0}}),
        (
            "nobody has read the number in a source",
            {"n": 25},
            {"sure": "M", "spread": {"kind": "se", "value": 1.0}},
        ),
        (
            "a range of people is no interval of a mean",
            {"n": 25},
            {"spread": {"kind": "range", "low": -9, "high": 1}},
        ),
        ("nothing was printed beside it", {"n": 25}, {"p": "0.01"}),
    ],
)
def test_no_interval_is_made_up_where(why, arm, changed):
    assert skin.interval(study([{"name": "drug", "regimen": TRANEXAMIC} | arm]), result(**changed)) is None, (
        why
    )


def test_what_has_no_interval_says_so():
    for therapy in ALL:
        lines = [line for line in skin.told(skin.effects(therapy)) if line.startswith("    ")]
        for effect, line in zip(skin.effects(therapy), lines, strict=True):
            assert (skin.NO_INTERVAL in line) == (effect.low is None)


# --- what they found -------------------------------------------------------------------------------------------


def test_results_in_words_stay_words():
    (effect,) = of(TRANEXAMIC, "ELFAR2015")
    assert effect.words == "fell least of the three" and effect.change is None and effect.week is None


def test_null_results_are_shown_as_such():
    assert {effect.finding for effect in of(VITAMIN, "AMIN2006")} == {"no sure change"}
    assert {effect.finding for effect in of(VITAMIN, "ELDOMYATI2012")} == {"no sure change"}
    assert {effect.finding for effect in of(TRANEXAMIC, "POOSTIYAN2023")} == {"no sure difference"}
    assert "no sure change from the start" in "\n".join(skin.told(of(VITAMIN, "AMIN2006")))


@pytest.mark.parametrize(
    "p, finding",
    [
        ("<0.00001", "change"), ("0.026 against baseline", "change"), ("significant", "change"),
        ("0.05", "no sure change"), (">0.05", "no sure change"), ("not significant", "no sure change"),
        ("<0.2", None), (">0.01", None), (None, None),
        ("0.1 between the arms", "no sure difference"), ("significant against either", "difference"),
    ],
)  # fmt: skip
def test_a_printed_p_says_how_sure_a_result_is(p, finding):
    (effect,) = skin._effects(study(results=[result(p=p)]), TRANEXAMIC)
    assert effect.finding == finding


def test_a_p_at_odds_with_its_interval_is_pointed_out():
    (effect,) = of(HYALURONIC, "SCEDIS_HA", measure="roughness (imaging)")
    assert effect.finding == "p and interval disagree"


def test_what_nobody_read_in_a_source_is_marked():
    assert not any(effect.verified for effect in of(TRANEXAMIC, "LEE2006"))
    assert "unverified" in "\n".join(skin.told(of(TRANEXAMIC, "LEE2006")))


# --- summaries -------------------------------------------------------------------------------------------------


def test_a_summary_counts_controls_and_says_what_the_best_studies_found():
    said = {name: skin.summary(held) for name, held in skin.by_indication(skin.effects(HYALURONIC)).items()}
    assert said["facial-ageing"].startswith(
        "1 of 4 studies had a control. Against a control: no sure difference in"
    )
    assert "stiffness" in said["facial-ageing"] and "more radiant" in said["facial-ageing"]
    assert "no difference between arms was read in SKINVIVE2023" in said["cheek-smoothness"]


def test_a_summary_of_melasma_says_that_nobody_was_left_without_treatment():
    said = skin.summary(skin.effects(TRANEXAMIC))
    assert said.startswith("0 of 6 studies had a control, 5 compared with another treatment.")
    assert "fell least of the three" in said and "Pooled analyses" in said


def test_a_summary_follows_the_studies_and_not_a_text():
    arms = [
        {"name": "drug", "regimen": TRANEXAMIC},
        {"name": "saline", "regimen": "none", "control": "needle"},
    ]
    for p, found in (("0.4", "no sure difference"), ("0.001", "a difference")):
        made = study(arms, results=[result(minus="saline", measure="MASI", p=p)])
        said = skin.summary(list(skin._effects(made, TRANEXAMIC)))
        assert said.startswith(f"1 of 1 study had a control. Against a control: {found} in MASI (MADE")


def test_a_new_study_file_is_told_without_a_change_of_code(tmp_path):
    folder = tmp_path / "evidence"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    old = (folder / "studies" / "JEWDS2015.yaml").read_text()
    new = old.replace("    n: 10", f"    n: 10\n    regimen: {VITAMIN}")
    assert new != old
    (folder / "studies" / "JEWDS2015.yaml").write_text(new)
    told = skin.by_indication(skin.effects(VITAMIN, Library(folder)))
    assert [effect.change for effect in told["photodamaged-skin"]] == [-43, -10, -15]


# --- through the doors -----------------------------------------------------------------------------------------


def refused(therapy):
    """The refused arm of a therapy, as a forecast has it."""
    no = _refusal(therapy, standing(evidence(), therapy, "F"))
    return ArmForecast(Regimen(therapy), "refused", no.because, [0, 1], refused=no)


@pytest.mark.parametrize("therapy", ALL)
def test_a_refused_arm_gives_the_effects_and_no_curve(therapy):
    arm = refused(therapy).as_json()
    no = arm["refused"]
    assert "no follicles" in no["because"] and no["missing"] and no["trials"] and "total_density" not in arm
    assert no["effects"] and all(set(effect) >= PROMISED for effect in no["effects"])
    assert set(no["summaries"]) == {effect["indication"] for effect in no["effects"]}
    promise = schema_of("forecast")
    jsonschema.validate(arm, {"$ref": "#/$defs/Arm", "$defs": promise["$defs"]})


def test_a_refused_therapy_of_hair_keeps_its_keys():
    assert set(refused("exosomes").as_json()["refused"]) == {"because", "missing", "trials"}


def test_the_terminal_tells_the_effects_of_a_refused_arm():
    today = SimpleNamespace(site="midscalp", start=None, draws=20, seed=7, warnings=[], sources=set())
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(forecast_summary(Forecast(today, [0, 1], [refused(TRANEXAMIC)], 1.0, 40.0)))
    said = " ".join(console.export_text().split())
    assert "Skin has no follicles" in said and "melasma: 0 of 6 studies had a control" in said
    assert "(95 % -0.93 to 0.15, printed)" in said and skin.NO_INTERVAL in said


def test_explain_shows_the_same_list(cli):
    answer = json.loads(cli("explain", WOMAN, TRANEXAMIC, "--json")[1])
    assert {key: answer["evidence"][key] for key in ("summaries", "effects")} == skin.as_json(
        skin.effects(TRANEXAMIC)
    )
    text = cli("explain", WOMAN, TRANEXAMIC)[1]
    assert all(line in text for line in skin.told(skin.effects(TRANEXAMIC)))
    assert "effects" not in json.loads(cli("explain", WOMAN, "exosomes", "--json")[1])["evidence"]


def test_every_source_of_an_effect_is_among_the_sources_of_the_answer(cli):
    for therapy in ALL:
        sources = json.loads(cli("explain", WOMAN, therapy, "--json")[1])["sources"]
        assert {key for effect in skin.effects(therapy) for key in effect.citekeys} <= set(sources)


def test_a_forecast_of_the_skin_is_refused_and_tells_what_trials_found(cli):
    small = ("--draws", "20", "--months", "3")
    status, out, err = cli("forecast", WOMAN, "--arm", TRANEXAMIC, *small)
    assert status == 3 and "refused" in err and "no follicles" in out and "melasma: 0 of 6" in out
    status, out, _ = cli("forecast", WOMAN, "--arm", TRANEXAMIC, *small, "--json")
    answer = json.loads(out)
    jsonschema.validate(answer, schema_of("forecast"))
    assert status == 3 and answer["arms"][1]["refused"]["effects"]


# --- a plan for the skin ---------------------------------------------------------------------------------------

SKIN = ROOT / "examples" / "woman-52-skin.yaml"


def skin_patient(**changed):
    """The bundled woman whose wish is her skin, with lines changed."""
    text = SKIN.read_text()
    for key, value in changed.items():
        text = re.sub(rf"(?m)^{key}:.*$", f"{key}: {value}", text)
    return Patient.parse(text, "x.yaml")


@pytest.fixture(scope="module")
def plan():
    return advise(skin_patient(), HYALURONIC)


def test_every_use_leads_to_studies_therapies_claims_and_measures_that_exist():
    library = evidence()
    conditions = {study.condition for study in library.studies.values() if study.body == "skin"}
    for use in library.uses.values():
        assert set(use.therapies) <= set(library.therapies) and set(use.claims) <= set(library.claims)
        assert set(use.indications) <= conditions, use.id
        found = {effect.measure for effect in skin.studied(use)}
        assert set(use.measures) <= found, use.id
        assert bool(found) == bool(use.indications), use.id


def test_every_study_of_the_skin_is_reached_by_a_use_and_so_is_every_therapy():
    library = evidence()
    reached = {effect.study for use in library.uses.values() for effect in skin.studied(use)}
    assert reached == {study.id for study in library.studies.values() if study.body == "skin"}
    assert set(ALL) == {therapy for use in library.uses.values() for therapy in use.therapies}


def test_every_use_that_the_page_praises_is_held():
    asked = ("hydration", "radiance", "wrinkles", "laxity", "pigment", "melasma", "dark circles", "acne", "fat", "pain",
             "joints", "psoriasis", "blood vessels")  # fmt: skip
    assert len({skin.use_called(word).id for word in asked}) == len(asked)
    with pytest.raises(
        InputError, match=r"no use on the skin is called 'wrinkels'\. Did you mean 'wrinkles'"
    ):
        skin.use_called("wrinkels")


def test_photodamaged_skin_is_reached_by_its_own_name():
    found = skin.studied(skin.use_called("sun damage"))
    assert [(effect.study, effect.change) for effect in found] == [("JEWDS2015", x) for x in (-43, -10, -15)]
    with pytest.raises(NothingToGive, match=r"fine lines: -43 % .*JEWDS2015|JEWDS2015.*fine lines: -43 %"):
        advise(skin_patient(wishes="{skin: sun damage}"))


def test_a_plan_for_the_skin_has_what_a_plan_has_and_no_curve(plan):
    assert [s.date.isoformat() for s in plan.sessions] == ["2026-11-23", "2026-12-21", "2027-01-19"]
    assert all(session.aftercare for session in plan.sessions)
    assert plan.certainty.grade == "low" and plan.harms and plan.review
    assert plan.cost.first_year is None and "photographs" in plan.cost.unknown
    answer = plan.as_json()
    jsonschema.validate(answer, schema_of("skin-plan"))
    assert answer["forecast"] is None and answer["benefits"] == [] and answer["use"] == "radiance"
    assert answer["effects"] == skin.as_json(plan.effects)["effects"] != []


def test_its_effects_are_those_of_the_wish_as_the_trials_print_them(plan):
    assert {effect.study for effect in plan.effects} == {"HA_RCT_GLYTONE", "META_GHATGE2023"}
    everything = skin.effects(HYALURONIC)
    assert sorted(map(repr, [*plan.effects, *plan.other_effects])) == sorted(map(repr, everything))
    (share,) = [effect for effect in plan.effects if effect.share]
    assert (share.change, share.interval) == (51.0, "Wilson")


def test_it_is_looked_at_when_the_trials_looked(plan):
    weeks = {effect.week for effect in plan.effects if effect.week}
    assert [look.day for look in plan.visits] == [0, *sorted(round(7 * week) for week in weeks)]


def test_a_wish_without_a_choice_takes_the_open_therapy_with_the_surest_evidence():
    assert advise(skin_patient()).choice == HYALURONIC
    assert advise(skin_patient(wishes="{skin: melasma}")).choice == TRANEXAMIC
    with pytest.raises(NothingToGive, match="No trial of such injections against acne was found"):
        advise(skin_patient(wishes="{skin: acne}"))


def test_screening_and_red_flags_rule_over_a_plan_for_the_skin():
    with pytest.raises(NothingToGive, match=f"{VITAMIN} is closed"):
        advise(skin_patient(), VITAMIN)
    with pytest.raises(NothingToGive, match="is closed"):
        advise(skin_patient(allergies="[hyaluronic acid]"), HYALURONIC)
    with pytest.raises(NothingToGive, match="is closed"):
        advise(skin_patient(pregnant="true", menopause="pre"), HYALURONIC)
    flagged = replace(assess(skin_patient()), red_flags=[RedFlag("x", "A sign.", "See one.", "now", [], "x")])
    with pytest.raises(NothingToGive, match="no plan while a red flag stands"):
        SkinPlan(flagged, HYALURONIC)


def test_hair_and_skin_are_planned_apart():
    with pytest.raises(InputError, match="mixes hair and skin; plan each by itself"):
        advise(skin_patient(), f"prp+{HYALURONIC}")


def test_a_choice_that_was_not_tried_for_the_wish_says_so():
    plan = advise(skin_patient(), TRANEXAMIC)
    assert plan.effects == [] and plan.other_effects
    assert "no study held here tried this treatment for this wish" in plan.warnings
    assert "No study that we hold has tried this for your wish" in report(plan).html


@pytest.mark.parametrize("language", ["en", "vi", "ar", "ja"])
def test_its_page_shows_every_effect_with_its_interval_and_no_chart(plan, language):
    html = report(plan, language).html
    results = html.split('<section id="effects"')[1].split("</section>")[0]
    assert results.count("<dt>") == len(plan.effects)
    say = speech(language)
    for effect in plan.effects:
        assert str(say.told_html(skin.plainly(effect.measure))) in results
        if effect.low is not None:
            assert say.number(effect.low, 1) in results and say.number(effect.high, 1) in results
    assert '<figure class="card chart-card"' not in html and "<img" not in html


def test_the_clinician_also_sees_its_other_effects_and_every_use(plan):
    html = report(plan, audience="clinician").html
    results = html.split('<section id="effects"')[1].split("</section>")[0]
    assert results.count("<dt>") == len(plan.effects) + len(plan.other_effects)
    assert all(use.name.replace("'", "&#39;") in results for use in evidence().uses.values())
    assert "fine lines" not in results and "skin damaged by the sun" in results


def test_the_bundled_skin_patient_goes_through_the_door(cli, tmp_path):
    status, said, _ = cli("plan", SKIN, "--choose", HYALURONIC, "--language", "ar", "--out", tmp_path)
    assert status == 0
    assert {p.name for p in tmp_path.iterdir()} == {"plan.html", "clinician.html", "plan.json", "plan.ics"}
    assert "زيارة الجلد" in (tmp_path / "plan.ics").read_text() and "p 0.012" in said
    status, said, error = cli("plan", SKIN, "--choose", VITAMIN, "--out", tmp_path / "no", "--json")
    assert status == 3 and "closed" in error and not (tmp_path / "no").exists()
