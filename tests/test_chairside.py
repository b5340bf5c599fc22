"""Ten minutes at the chair: what a clinician types is understood, and what comes back fits on two screens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from follicast.assessment import Assessment, assess
from follicast.assessment.facts import Facts
from follicast.errors import FollicastError
from follicast.names import drugs_called, name_and_dose
from follicast.patient import Patient

WOMAN_47 = Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml"
TWO_SCREENS = 60  # lines of two small terminal windows
SPARSE = {"age": 38, "sex": "F"}


def seen(**told: Any) -> Assessment:
    return assess(Patient.model_validate({"age": 40, "sex": "F", "date": "2026-11-30", **told}))


def chance(answer: Assessment, condition: str) -> float:
    return next(d.probability for d in answer.diagnoses if d.condition == condition)


@pytest.fixture
def patient(tmp_path: Path) -> Any:
    def write(**told: Any) -> Path:
        path = tmp_path / "patient.json"
        path.write_text(json.dumps(told))
        return path

    return write


# --- what is typed is understood ---


@pytest.mark.parametrize(
    ("typed", "meant", "dose"),
    [
        ("aspirin 100", "aspirin", "100"),
        ("Rogaine foam", "minoxidil", None),
        ("minoxidil tablets", "oral-minoxidil", None),
        ("finasteride tablet", "finasteride", None),
        ("finasteride spray", "finasteride-spray", None),
        ("Elevit", "multivitamin", None),
        ("prenatal vitamins", "multivitamin", None),
        ("vitamin B 12", "vitamin-b12", None),
        ("omega 3", "omega-3", None),
    ],
)
def test_a_drug_is_known_as_it_is_scribbled(typed: str, meant: str, dose: str | None) -> None:
    apart = name_and_dose(typed)
    assert drugs_called(apart["name"])[0] == meant
    assert apart.get("dose") == dose


def test_a_form_for_the_skin_never_makes_a_swallowed_drug_of_another() -> None:
    with pytest.raises(ValueError, match="no drug is called"):
        drugs_called("spironolactone lotion")


@pytest.mark.parametrize("unit", ["mU/L", "mIU/L", "µU/mL", "uIU/mL", "m[iU]/L"])
def test_a_thyroid_value_is_read_in_whichever_way_the_laboratory_prints_its_unit(unit: str) -> None:
    answer = seen(labs=[{"test": "TSH", "value": 9, "unit": unit, "date": "2026-11-20"}], drugs=[])
    assert answer.facts.known["tsh"] == 9


def test_a_unit_that_is_another_quantity_is_still_refused() -> None:
    with pytest.raises(FollicastError, match="no unit of ferritin"):
        Patient.parse(json.dumps(SPARSE | {"labs": [{"test": "ferritin", "value": 30, "unit": "mg/dL"}]}))


@pytest.mark.parametrize(
    ("word", "sex"), [("nữ", "F"), ("女性", "F"), ("أنثى", "F"), ("nam", "M"), ("男", "M"), ("Girl", "F")]
)
def test_the_sex_may_be_told_in_the_languages_of_the_clinics(word: str, sex: str) -> None:
    assert Patient.model_validate({"age": 30, "sex": word}).sex == sex


@pytest.mark.parametrize("sign", ["びまん性脱毛", "tóc thưa lan tỏa", "تساقط منتشر"])
def test_diffuse_thinning_is_known_in_each_language(sign: str) -> None:
    assert seen(signs=[sign]).facts.known["diffuse_thinning"] is True


@pytest.mark.parametrize(
    ("told", "african"),
    [
        ("Nigerian", True),
        ("Afro-Caribbean", True),
        ("Japanese", False),
        ("Polish", False),
        ("from the islands", None),
        (None, None),
    ],
)
def test_an_ancestry_in_words_not_known_stays_unknown(told: str | None, african: bool | None) -> None:
    person = SPARSE if told is None else SPARSE | {"ancestry": told}
    assert Facts(Patient.model_validate(person)).known.get("african_ancestry") is african


def test_a_grade_may_be_written_in_one_line() -> None:
    told = Patient.model_validate(SPARSE | {"pattern": "Ludwig II"}).pattern
    assert told is not None and (told.scale, told.level) == ("ludwig", 2)


def test_a_word_where_a_list_is_wanted_is_shown_as_the_list_it_could_be() -> None:
    with pytest.raises(FollicastError, match=r"where a list is wanted; write it as \[diffuse thinning\]"):
        Patient.parse("age: 33\nsex: F\nsigns: diffuse thinning")


def test_a_grade_off_its_scale_is_refused_in_one_line_too() -> None:
    with pytest.raises(FollicastError, match="the ludwig scale runs from 1 to 3"):
        Patient.parse("age: 33\nsex: F\npattern: Ludwig 5")


@pytest.mark.parametrize(("typed", "meant"), [("medications", "drugs"), ("BP", "blood_pressure")])
def test_a_key_by_another_name_is_told_the_name_it_has_here(typed: str, meant: str) -> None:
    with pytest.raises(FollicastError, match=f"Did you mean '{meant}'"):
        Patient.parse(f"age: 33\nsex: F\n{typed}: 120/80")


def test_a_record_number_is_told_to_stand_in_quotes() -> None:
    with pytest.raises(FollicastError, match="1234 was given where a word is wanted; put it in quotes"):
        Patient.parse("age: 33\nsex: F\nid: 1234")


# --- it thinks as a dermatologist would ---


def test_before_puberty_pattern_loss_is_hardly_thought_of() -> None:
    child = seen(age=7, sex="M")
    assert chance(child, "male-androgenetic-alopecia") < 0.03
    assert chance(seen(age=17, sex="M"), "male-androgenetic-alopecia") > 0.3


def test_in_a_woman_with_known_lupus_and_its_signs_the_lupus_leads() -> None:
    answer = seen(age=30, conditions=["lupus"], symptoms=["joint pain", "mouth ulcers"])
    assert answer.diagnoses[0].condition == "systemic-lupus-erythematosus"
    assert [flag.id for flag in answer.red_flags] == ["systemic-signs"]


@pytest.mark.parametrize("told", [{"conditions": ["breast cancer 2022"]}, {"drugs": ["tamoxifen"]}])
@pytest.mark.parametrize("therapy", ["bicalutamide", "cyproterone"])
def test_after_breast_cancer_an_antiandrogen_waits_for_the_oncologist(
    therapy: str, told: dict[str, Any]
) -> None:
    screened = seen(age=55, menopause="post", **told).of(therapy)
    assert screened.status == "waiting" and "the oncologist's agreement" in screened.needs


def test_a_flag_that_wants_a_test_today_has_it_among_the_tests_first() -> None:
    answer = seen(drugs=["spironolactone"], symptoms=["palpitations"])
    assert answer.labs[0].test == "potassium"
    assert answer.labs[0].for_flags == ["spironolactone-potassium-signs"]


def test_unwanted_hair_asks_for_a_deep_voice_and_hormones_before_all_else() -> None:
    answer = seen(age=26, signs=["hirsutism"], date=None)
    first = {question.fact for question in answer.next[:3]}
    assert first == {"virilisation", "testosterone", "dheas"}


def test_being_past_the_menopause_alone_makes_nobody_suspect_a_tumour() -> None:
    answer = seen(age=55, menopause="post", pattern={"scale": "ludwig", "grade": "II"})
    assert all(question.flags == [] for question in answer.next)


def test_the_first_questions_bring_different_news() -> None:
    answer = seen()
    news = [(q.moves[0].condition, q.moves[0].finding) for q in answer.ask_first(8)]
    assert len(news) == len(set(news)) == 8
    facts = {question.fact for question in answer.ask_first(8)}
    assert not {"ferritin", "iron_deficiency"} <= facts


# --- what comes back fits, and says why ---


def test_a_typical_assessment_fits_two_screens_and_all_of_it_is_there_on_asking(cli: Any) -> None:
    short, whole = cli("assess", WOMAN_47)[1], cli("assess", WOMAN_47, "--all")[1]
    assert len(short.splitlines()) <= TWO_SCREENS
    assert "--all" in short and "--all" not in whole
    assert "Tranexamic acid in the skin" in whole and "Tranexamic acid in the skin" not in short


def test_of_a_person_nobody_asked_anything_the_answer_fits_two_screens_too(cli: Any, patient: Any) -> None:
    status, said, _ = cli("assess", patient(**SPARSE))
    assert status == 0 and len(said.splitlines()) <= TWO_SCREENS
    assert "these are the prior odds" in said
    assert "scalp signs (" in said, "what is missing is counted, the most wanted first"


def test_the_likeliest_kind_says_why(cli: Any) -> None:
    said = " ".join(cli("assess", WOMAN_47)[1].split())
    assert "because: a widened parting or a pattern grade (×8)" in said


def test_a_number_that_is_asked_for_says_what_finding_would_move_it(cli: Any) -> None:
    said = " ".join(cli("assess", WOMAN_47)[1].split())
    assert "with low ferritin" in said and "Serum ferritin" in said


def test_what_is_asked_for_the_skin_shows_therapies_of_the_skin(cli: Any, patient: Any) -> None:
    assert "Tranexamic acid in the skin" in cli("assess", patient(**SPARSE, wishes={"skin": "radiance"}))[1]


def test_a_child_is_called_one(cli: Any, patient: Any) -> None:
    assert cli("assess", patient(age=7, sex="M"))[1].startswith("Boy, 7 years")


def test_an_explanation_shows_the_rules_that_decide_and_counts_the_rest(cli: Any) -> None:
    short = cli("explain", WOMAN_47, "spironolactone")[1]
    whole = cli("explain", WOMAN_47, "spironolactone", "--all")[1]
    assert "spironolactone-potassium" in short and "under-eighteen" not in short
    assert "more rules were tried" in short and "more rules were tried" not in whole
    assert "under-eighteen" in whole


def test_a_plan_in_which_all_waits_says_so_and_not_that_nothing_helps(
    cli: Any, patient: Any, tmp_path: Path
) -> None:
    told = patient(age=34, sex="M", pattern={"scale": "norwood", "grade": "3v"}, conditions=[], drugs=[])
    status, said, _ = cli("plan", told, "--draws", "20", "--out", tmp_path / "out")
    said = " ".join(said.split())
    assert status == 0 and "treatments wait for an answer or a test" in said
    assert said.index("Waiting for something") < said.index("Side by side")
    assert "feminise a man" in said, "what is closed says why"
    assert "suits usual weights best" not in said, "between nothing and watching there is nothing to rank"


def test_a_share_beyond_one_is_told_what_a_share_is(cli: Any) -> None:
    status, _, said = cli("forecast", WOMAN_47, "--arm", "finasteride:adherence=1.7")
    assert status == 1 and "adherence is a share, from 0 to 1" in said
