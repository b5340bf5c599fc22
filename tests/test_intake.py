"""The intake: doses, drugs, words and laboratory units, and that every fact can be answered by some patient's file."""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import Any

import pytest
import ucumvert
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast import dose
from follicast.assessment import assess
from follicast.assessment.facts import Facts
from follicast.assessment.words import hear
from follicast.evidence.library import evidence
from follicast.names import drugs_called, folded, name_and_dose, plain_unit, standard
from follicast.patient import Lab, Patient

PERSON = {"age": 40, "sex": "F", "date": "2026-11-22"}
CONDITIONS = ("condition", "sign", "symptom", "diet", "practice")


def facts_of(**told: Any) -> Facts:
    return Facts(Patient.model_validate({**PERSON, **told}))


def known(**told: Any) -> dict[str, Any]:
    return facts_of(**told).known


# --- doses ---


@pytest.mark.parametrize(
    ("text", "per_day", "unit"),
    [
        ("25 mg", 25, "mg"),
        ("5 mg twice a day", 10, "mg"),
        ("5mg bid", 10, "mg"),
        ("2.5 mg/day", 2.5, "mg"),
        ("0,625 mg", 0.625, "mg"),
        ("1,25 mg daily", 1.25, "mg"),
        ("0.5 g three times a day", 1500, "mg"),
        ("250 µg", 0.25, "mg"),
        ("1000 mcg at night", 1, "mg"),
        ("2 tablets of 25 mg twice daily", 100, "mg"),
        ("2 x 20 mg", 40, "mg"),
        ("50 mg 1-0-1", 100, "mg"),
        ("70 mg once a week", 10, "mg"),
        ("10 mg every other day", 5, "mg"),
        ("5 mg every 12 hours", 10, "mg"),
        ("4,000 IU", 4000, "[iU]"),
        ("50000 IU per week", 50000 / 7, "[iU]"),
        ("1 mL twice a day", 2, "mL"),
        ("5mg 1日2回", 10, "mg"),
        ("5 mg ngày 2 lần", 10, "mg"),
        ("5 mg 2 lần/ngày", 10, "mg"),
        ("5 mg مرتين يوميا", 10, "mg"),
    ],
)
def test_doses_are_read_as_amounts_a_day(text: str, per_day: float, unit: str) -> None:
    read = dose.read(text)
    assert read is not None
    assert (read.per_day, read.unit) == (pytest.approx(per_day), unit)


@pytest.mark.parametrize(
    "text",
    ["", "a lot", "5-10 mg", "one tablet", "5 %", "50 mg/mL", "25", "25 mg or so", "5 mg when needed", "1,250 mg",
     "1.000 IU", "10/160 mg", "up to 40 mg", "5 mg every 0 hours", "mg", "5 stone"],
)  # fmt: skip
def test_what_is_no_plain_amount_is_not_read(text: str) -> None:
    assert dose.read(text) is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet=string.digits + " .,x/-mgIUday", max_size=30))
def test_no_dose_crashes_the_reader(text: str) -> None:
    read = dose.read(text)
    assert read is None or read.per_day >= 0


def test_a_dose_of_vitamin_d_is_the_same_in_micrograms() -> None:
    assert known(drugs=[{"name": "vitamin D", "dose": "50 ug"}])["vitamin_d_iu"] == pytest.approx(2000)
    assert known(drugs=["vitamin D3 2000 IU"])["vitamin_d_iu"] == pytest.approx(2000)


def test_amounts_of_one_drug_add_up_and_an_unread_one_leaves_all_unknown() -> None:
    assert known(drugs=["zinc 25 mg", "zinc gluconate 20 mg"])["zinc_mg"] == pytest.approx(45)
    assert "zinc_mg" not in known(drugs=["zinc 25 mg", "zinc"])
    assert known(drugs=[])["zinc_mg"] == 0
    assert "zinc_mg" not in known()
    assert "zinc_mg" not in known(drugs=["ZMA"])
    assert any("zinc has no dose" in warning for warning in facts_of(drugs=["zinc"]).warnings)


@pytest.mark.parametrize(
    ("drug", "therapy", "rule"),
    [
        ("zinc 50 mg", "zinc", "zinc-taken-above-limit"),
        ("vitamin D 10,000 IU", "vitamin-d", "vitamin-d-taken-above-limit"),
        ("Loniten 10 mg", "minoxidil-oral", "oral-minoxidil-taken-above-range"),
        ("Androcur 10 mg", "cyproterone", "cyproterone-taken-high"),
        ("Aldactone 150 mg twice a day", "spironolactone", "spironolactone-taken-above-highest"),
        ("Proscar 5 mg", "finasteride", "finasteride-taken-above-hair-dose"),
        ("Avodart 0.5 mg twice a day", "dutasteride", "dutasteride-taken-above-hair-dose"),
        ("vitamin B6 200 mg", "cystine-complex", "vitamin-b6-taken-high"),
        ("Olumiant 8 mg", "jak-inhibitor", "baricitinib-taken-above-highest"),
    ],
)
def test_a_dose_above_its_limit_is_told_and_half_of_it_is_not(drug: str, therapy: str, rule: str) -> None:
    def verdict(taken: list[str]) -> str:
        trace = assess(Patient.model_validate({**PERSON, "drugs": taken})).of(therapy).trace
        return next(tried.verdict for tried in trace if tried.rule == rule)

    name = str(name_and_dose(drug)["name"])
    assert verdict([drug]) == "holds"
    assert verdict([f"{name} 0.1 mg"]) == "does not hold"
    assert verdict([]) == "does not hold"
    assert verdict([name]) == "unknown"


# --- drugs ---


def test_every_name_and_code_of_a_drug_means_one_drug() -> None:
    meant: dict[str, set[str]] = {}
    for generic, drug in evidence().drugs.items():
        codes = [drug.atc] if isinstance(drug.atc, str) else drug.atc or []
        for name in (generic, *drug.names, *codes):
            meant.setdefault(folded(name), set()).add(generic)
    assert {name: drugs for name, drugs in meant.items() if len(drugs) > 1} == {}
    assert len(meant) > 2500


def test_every_drug_is_recognised_by_each_of_its_names() -> None:
    for generic, drug in evidence().drugs.items():
        for name in (generic, *drug.names):
            assert drugs_called(name) == (generic, *drug.contains), name
            assert drugs_called(name.upper())[0] == generic, name


def test_every_class_and_drug_that_a_fact_asks_for_is_carried_and_found_by_brand() -> None:
    for name, fact in evidence().facts.items():
        if fact.source_kind == "drug class":
            carried = [drug for drug in evidence().drugs.values() if fact.key in drug.classes]
            assert carried, name
            assert all(known(drugs=[drug.names[0]])[name] is True for drug in carried if drug.names), name
            assert known(drugs=["paracetamol"])[name] is False, name
        if fact.source_kind in ("drug", "dose"):
            assert fact.key in evidence().drugs, name


def test_products_hold_what_they_say_and_count_as_all_of_it() -> None:
    drugs = evidence().drugs
    products = {name: drug for name, drug in drugs.items() if drug.contains}
    assert len(products) > 30
    for name, drug in products.items():
        assert set(drug.contains) <= set(drugs), name
        assert not any(drugs[part].contains for part in drug.contains), name
    read = known(drugs=["Hyzaar", "Duodart"])
    assert read["arb"] and read["thiazide"] and read["five_ari_taken"]
    assert known(drugs=["amlodipine/valsartan"])["arb"] is True
    assert known(drugs=["ramipril + hydrochlorothiazide"])["thiazide"] is True


@pytest.mark.parametrize(
    ("written", "generic"),
    [
        ("ワーファリン錠", "warfarin"),
        ("ﾜｰﾌｧﾘﾝ", "warfarin"),
        ("アルダクトンA錠25mg", "spironolactone"),
        ("وَارفَارِين", "warfarin"),
        ("اسبرين", "aspirin"),
        ("kẽm", "zinc"),
        ("thuốc tránh thai", "combined-contraceptive"),
        ("rxnorm:9997", "spironolactone"),
        ("RXCUI 11289", "warfarin"),
        ("ATC C03DA01", "spironolactone"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm|9997", "spironolactone"),
        ("Spirono-lactone", None),
    ],
)
def test_drugs_are_recognised_in_four_scripts_and_by_code(written: str, generic: str | None) -> None:
    name = name_and_dose(written)["name"]
    if generic is None:
        with pytest.raises(ValueError, match="Did you mean 'spironolactone'"):
            drugs_called(name)
    else:
        assert drugs_called(name)[0] == generic


def test_a_code_that_stands_for_two_drugs_is_refused_with_both() -> None:
    with pytest.raises(
        ValueError, match=r"minoxidil and for oral-minoxidil|oral-minoxidil and for minoxidil"
    ):
        drugs_called("rxnorm:6984")


def test_minoxidil_in_mg_is_not_guessed_to_be_a_lotion() -> None:
    with pytest.raises(ValueError, match="oral-minoxidil"):
        facts_of(drugs=["minoxidil 5 mg"])
    assert (
        known(drugs=[{"name": "minoxidil", "dose": "5 mg", "route": "oral"}])["oral_minoxidil_taken"] is True
    )
    assert known(drugs=["ミノキシジル錠5mg"])["oral_minoxidil_taken"] is True
    assert known(drugs=["minoxidil 5% foam"])["topical_minoxidil_taken"] is True


def test_a_pill_of_drospirenone_alone_raises_potassium_and_holds_no_oestrogen() -> None:
    read = known(drugs=["Slinda"], contraception="Slinda")
    assert read["drospirenone"] is True and read["effective_contraception"] is True
    assert read["combined_pill"] is False and read["oestrogen"] is False
    assert known(contraception="Yaz")["combined_pill"] is True


# --- words ---


def test_every_name_of_a_term_is_heard_as_that_term() -> None:
    for term_id, term in evidence().terms.items():
        for name in (term_id, term.name, *term.names):
            heard = hear([name], (term.kind,))
            assert term_id in heard.said, (name, heard)
            assert not heard.strange, name


def test_implied_and_denied_terms_are_terms_and_nothing_denies_itself() -> None:
    terms = evidence().terms
    for name, term in terms.items():
        assert {*term.implies, *term.denies} <= set(terms), name
        assert not {name, *term.implies} & set(term.denies), name
        for wider in term.implies:  # implications are written out whole
            assert set(terms[wider].implies) <= set(term.implies), (name, wider)


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (["no diabetes"], "diabetes"),
        (["denies heart failure or diabetes"], "diabetes"),
        (["diabetes: no"], "diabetes"),
        (["no history of diabetes"], "diabetes"),
        (["không bị tiểu đường"], "diabetes"),
        (["糖尿病なし"], "diabetes"),
        (["no heart disease"], "heart_failure"),
        (["without any liver disease"], "cirrhosis"),
    ],
)
def test_a_plain_denial_is_absent_even_without_a_date(words: list[str], fact: str) -> None:
    assert known(conditions=words, date=None)[fact] is False


@pytest.mark.parametrize(
    "words",
    [
        ["no change in diabetes"],
        ["diabetes not controlled"],
        ["possible diabetes"],
        ["diabetes?"],
        ["no longer needs insulin for diabetes"],
        ["diabetis"],
        ["asthma and diabetis"],
        ["no diabetes but maybe asthma"],
        ["bệnh lạ"],
        ["謎の病気"],
        ["never without diabetes"],
    ],
)
def test_what_is_doubted_misspelt_or_not_understood_is_never_absent(words: list[str]) -> None:
    assert "diabetes" not in known(conditions=words), words


def test_a_word_nobody_knows_leaves_its_list_open_and_says_so() -> None:
    read = facts_of(
        conditions=["suy than man tinh giai doan cuoi"], allergies=["xyzzy"], signs=["weird thing"]
    )
    assert not {"angina", "any_allergy", "pustules"} & {k for k, v in read.known.items() if v is False}
    assert sum("stays unknown until it is said in another word" in warning for warning in read.warnings) == 3
    assert known(conditions=["appendectomy"])["angina"] is False


def test_saying_and_denying_the_same_counts_as_said_and_is_told() -> None:
    read = facts_of(conditions=["diabetes", "no diabetes"])
    assert read.known["diabetes"] is True
    assert any("both told and denied" in warning for warning in read.warnings)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_slip_of_the_pen_never_turns_a_disease_into_its_absence(data: st.DataObject) -> None:
    """Drop or swap a letter of any condition: it is heard as some condition, or what was meant stays unknown."""
    asked = [fact for fact in evidence().facts.values() if fact.source_kind == "condition"]
    fact = data.draw(st.sampled_from(asked))
    term = evidence().terms[fact.key]
    name = data.draw(
        st.sampled_from(
            [name for name in (term.name, *term.names) if len(name) > 6 and name.isascii()] or [term.name]
        )
    )
    at = data.draw(st.integers(1, len(name) - 2))
    slip = (
        name[:at] + name[at + 1 :]
        if data.draw(st.booleans())
        else name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    )
    heard = hear([slip], CONDITIONS)
    assert heard.said or heard.perhaps or heard.leaves_open
    if not heard.said:
        fact_name = next(name for name, one in evidence().facts.items() if one is fact)
        assert fact.key in heard.perhaps or heard.leaves_open or heard.perhaps, (slip, fact_name)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), max_size=4))
def test_no_words_crash_the_reading(words: list[str]) -> None:
    for kinds in (CONDITIONS, ("allergy",), ("trigger",)):
        hear(words, kinds)


def test_a_misspelt_trigger_is_not_a_trigger_that_did_not_happen() -> None:
    assert "childbirth_months" not in known(triggers=["chilbirth"])
    assert "surgery_months" not in known(triggers=["something odd"])
    assert known(triggers=["childbirth"])["surgery_months"] > 1000


def test_an_allergy_is_known_by_the_brand_of_the_drug() -> None:
    assert known(allergies=["Aldactone"])["allergy_spironolactone"] is True
    read = facts_of(allergies=["amlodipine"])
    assert read.known["any_allergy"] is True and read.known["allergy_minoxidil"] is False
    assert not any("amlodipine" in warning for warning in read.warnings)


# --- grades, pull tests, trichoscopy, family ---


@pytest.mark.parametrize(
    ("came_out", "pulled", "positive"),
    [(0, 60, False), (2, 60, False), (3, 60, True), (3, None, True), (2, None, False), (3, 40, False), (5, 40, True),
     (10, 100, False), (11, 100, True)],
)  # fmt: skip
def test_a_pull_test_is_read_by_its_count(came_out: int, pulled: int | None, positive: bool) -> None:
    test = {"came_out": came_out, "pulled": pulled, "site": "vertex", "days_since_wash": 1}
    assert known(pull_test=test)["positive_pull_test"] is positive
    assert known(pull_test=[test])["hairs_pulled"] == came_out


def test_one_positive_pull_is_enough_and_a_told_one_is_not_counted_away() -> None:
    none, some = {"came_out": 0}, {"came_out": 5, "site": "vertex"}
    assert known(pull_test=[none, some])["positive_pull_test"] is True
    assert known(pull_test=[none], signs=["pull test positive"])["positive_pull_test"] is True
    assert known(signs=["negative pull test"], date=None)["positive_pull_test"] is False


FRONT = {"site": "frontal", "yellow_dots": 6, "thin_share": 0.21, "mean_diameter_um": 47}
BACK = {"site": "occiput", "yellow_dots": 0, "thin_share": 0.05, "mean_diameter_um": 52}


def test_the_criteria_of_trichoscopy_are_read_off_its_numbers() -> None:
    assert known(trichoscopy=[FRONT, BACK])["trichoscopy_pattern"] is True
    healthy = {**FRONT, "yellow_dots": 1, "thin_share": 0.06, "mean_diameter_um": 61}
    assert known(trichoscopy=[healthy, {**BACK, "mean_diameter_um": 58}])["trichoscopy_pattern"] is False
    one_major = {"site": "frontal", "yellow_dots": 5, "thin_share": 0.08, "mean_diameter_um": 60}
    assert "trichoscopy_pattern" not in known(
        trichoscopy=[one_major, BACK]
    )  # the minor criteria were not counted
    minor = {"single_unit_share": 0.5, "vellus_hairs": 10, "discoloured_share": 0.1}
    fewer = {"single_unit_share": 0.2, "vellus_hairs": 5, "discoloured_share": 0.1}
    assert known(trichoscopy=[{**one_major, **minor}, {**BACK, **fewer}])["trichoscopy_pattern"] is True
    assert "trichoscopy_pattern" not in known(sex="M", trichoscopy=[FRONT, BACK])


def test_signs_of_the_dermatoscope_are_read_off_counts() -> None:
    assert known(trichoscopy={"diversity_share": 0.25})["hair_diameter_diversity"] is True
    assert known(trichoscopy={"diversity_share": 0.15})["hair_diameter_diversity"] is False
    assert known(trichoscopy={"yellow_dots": 2})["yellow_dots"] is True
    assert known(trichoscopy={"signs": []})["black_dots"] is False
    assert "pustules" not in known(trichoscopy={"signs": []})
    assert "black_dots" not in known(trichoscopy={"yellow_dots": 2})


def test_a_salt_score_says_how_much_is_bald() -> None:
    read = known(gradings=[{"scale": "salt", "grade": 40}])
    assert (read["over_quarter_bald"], read["over_half_bald"], read["salt_score"]) == (True, False, 40)


def test_the_latest_grading_stands_for_the_pattern_where_none_was_told() -> None:
    gradings = [
        {"scale": "ludwig", "grade": "I", "date": "2024-01-01"},
        {"scale": "sinclair", "grade": 3, "date": "2026-01-01"},
    ]
    person = Patient.model_validate({**PERSON, "gradings": gradings})
    assert person.graded is not None and person.graded.scale == "sinclair"
    assert Facts(person).known["female_pattern"] is True


def test_a_site_without_loss_is_no_site_of_loss() -> None:
    sites = ["vertex", {"site": "eyebrows", "severity": "none"}]
    assert known(sites=sites)["eyebrow_site"] is False
    assert known(sites=[{"site": "brows", "bare_share": 0.4}])["eyebrow_site"] is True


@pytest.mark.parametrize(
    ("told", "pattern", "areata"),
    [
        (True, True, None),
        (False, False, False),
        ("none", False, False),
        ("unknown", None, None),
        ("not known", None, None),
        ("mother", True, None),
        ([], False, False),
        ([{"relative": "father", "what": "baldness", "age": 30}], True, False),
        ([{"relative": "sister", "what": "alopecia areata"}], False, True),
        ([{"relative": "father", "what": "none"}], False, False),
        (["alopecia areata in an aunt", "father"], True, True),
    ],
)
def test_a_family_is_read_by_relative_and_kind(told: Any, pattern: bool | None, areata: bool | None) -> None:
    read = known(family_history=told)
    assert (read.get("family_history"), read.get("family_areata")) == (pattern, areata)


def test_diet_and_practices_are_asked_in_their_own_lists_and_heard_in_the_old_ones() -> None:
    assert known(diet=["vegan"])["vegetarian_diet"] is True
    assert known(conditions=["vegetarian"])["vegetarian_diet"] is True
    assert known(diet=[])["raw_egg_diet"] is False
    assert known(diet=["mixed diet"], date=None)["vegetarian_diet"] is False
    assert known(hair_practices=[{"what": "braids", "often": "daily"}])["traction_styles"] is True
    assert known(hair_practices=[{"what": "braids", "stopped": "2024"}])["traction_styles"] is False
    assert known(signs=["tight styles"])["traction_styles"] is True
    assert known(hair_practices=["relaxer"])["chemical_treatment"] is True


def test_dates_and_months_ago_tell_the_same() -> None:
    by_date = known(triggers=[{"what": "surgery", "date": "2026-08-22"}], onset={"date": "2026-08-22"})
    assert by_date["surgery_months"] == pytest.approx(3, abs=0.1)
    assert by_date["months_since_onset"] == pytest.approx(3, abs=0.1)
    assert "surgery_months" not in known(date=None, triggers=[{"what": "surgery", "date": "2026-08"}])


def test_a_response_nobody_knows_is_not_a_success() -> None:
    for response, wanted in (("none", True), ("good", False), ("so-so perhaps", None), ("no benefit", True)):
        tried = [{"therapy": "minoxidil", "months": 12, "response": response}]
        assert known(previous_therapies=tried).get("treatments_failed") is wanted, response


def test_the_cycle_answers_for_irregular_periods() -> None:
    assert known(cycle="absent")["irregular_periods"] is True
    assert known(cycle="regular")["irregular_periods"] is False
    assert "irregular_periods" not in known(cycle="absent", menopause="post", age=60)


# --- laboratory units ---

ONE_UNIT_EVERYWHERE = {
    "inr", "shbg", "mcv", "esr", "prothrombin-time", "aptt", "thyroglobulin-antibody", "tpo-antibody",
    "coeliac-antibody", "ana", "treponemal-antibody", "fungal-microscopy", "fungal-culture",
}  # fmt: skip
BY_AGREEMENT = {
    ("prolactin", "m[iU]/L"), ("hba1c", "mmol/mol"), ("egfr", "mL/min"), ("tuberculosis", "1"), ("alt", "[iU]/L"),
    ("ast", "[iU]/L"),
}  # fmt: skip


def test_every_test_is_read_in_conventional_and_in_si_units() -> None:
    assert {name for name, test in evidence().labs.items() if not test.units} == ONE_UNIT_EVERYWHERE


def test_every_factor_between_units_follows_from_ucum_and_the_molar_mass() -> None:
    registry = ucumvert.PintUcumRegistry()
    checked = Counter[str]()
    for name, test in evidence().labs.items():
        for unit, worth in test.units.items():
            if (name, unit) in BY_AGREEMENT:
                continue
            told = registry.from_ucum(unit)
            kept = registry.from_ucum(test.unit)
            mass = re.search(r"([\d.]+) g/mol", worth.place or "")
            charge = 1 if "charge of one" in (worth.place or "") else None
            if charge:
                assert worth.value == charge
            elif mass and told.check("[substance]/[length]**3"):
                right = (told * (float(mass[1]) * registry.from_ucum("g/mol"))).to(kept).magnitude
            elif mass:
                right = (told / (float(mass[1]) * registry.from_ucum("g/mol"))).to(kept).magnitude
            else:
                right = told.to(kept).magnitude
            if not charge:
                assert worth.value == pytest.approx(right, rel=1e-3), (name, unit)
            checked["molar" if mass else "plain"] += 1
    assert checked["molar"] >= 25 and checked["plain"] >= 40


def test_hba1c_is_read_by_the_master_equation() -> None:
    for ifcc, ngsp in ((31, 5.0), (48, 6.5), (53, 7.0), (86, 10.0)):
        assert Lab(test="HbA1c", value=ifcc, unit="mmol/mol").standard == pytest.approx(ngsp, abs=0.05)


def test_units_are_read_however_they_are_typed() -> None:
    assert plain_unit("µmol/L") == plain_unit("umol/l") == plain_unit("μmol / L")
    assert standard(evidence().labs["platelets"], 210, "×10^9/L") == 210


# --- every fact can be answered ---

TOLD: dict[str, dict[str, Any]] = {
    "age": {},
    "female": {},
    "ingredients_named": {"wishes": {"ingredients": ["dexpanthenol"]}},
    "injection_undated": {"triggers": [{"what": "mesotherapy"}]},
    "psa_high": {"sex": "M", "labs": [{"test": "PSA", "value": 9, "unit": "ng/mL"}]},
    "pregnant": {"pregnant": True},
    "planning_pregnancy": {"planning_pregnancy": True},
    "breastfeeding": {"breastfeeding": True},
    "can_conceive": {"menopause": "pre"},
    "effective_contraception": {"contraception": ["condom", "coil"]},
    "combined_pill": {"contraception": "pill"},
    "postmenopausal": {"menopause": "post", "age": 60},
    "postpartum": {"months_since_birth": 3},
    "systolic": {"blood_pressure": "118/76"},
    "diastolic": {"blood_pressure": "118/76"},
    "pulse": {"pulse": 70},
    "african_ancestry": {"ancestry": "African"},
    "treatments_failed": {"previous_therapies": [{"therapy": "minoxidil", "response": "none"}]},
    "refuses_risks": {"wishes": {"accepts_risks": False}},
    "registered_number": {"wishes": {"registered_number": "jRCT123"}},
    "female_pattern": {"pattern": {"scale": "sinclair", "grade": 3}},
    "male_pattern": {"sex": "M", "pattern": {"scale": "norwood", "grade": "3v"}},
    "slow_course": {"course": "gradual"},
    "sudden_loss": {"course": "sudden"},
    "fluctuating": {"course": "comes and goes"},
    "months_since_onset": {"onset": {"months_ago": 4}},
    "heavy_shedding": {"shedding": {"score": 6}},
    "wash_count": {"shedding": {"wash_count": 140}},
    "wash_short_share": {"shedding": {"short_share": 0.2}},
    "family_history": {"family_history": True},
    "family_areata": {"family_history": [{"relative": "brother", "what": "alopecia areata"}]},
    "scarring_sign": {"signs": ["lonely hairs"]},
    "inflamed_scalp": {"signs": ["pustules"]},
    "over_quarter_bald": {"gradings": [{"scale": "salt", "grade": 30}]},
    "over_half_bald": {"signs": ["more than half bald"]},
    "any_allergy": {"allergies": ["nickel"]},
    "platelets_low": {"labs": [{"test": "platelets", "value": 80, "unit": "10*9/L"}]},
    "fibrinogen_low": {"labs": [{"test": "fibrinogen", "value": 1.0, "unit": "g/L"}]},
    "calcium_high": {"labs": [{"test": "calcium", "value": 2.9, "unit": "mmol/L"}]},
    "egfr": {"labs": [{"test": "creatinine", "value": 80, "unit": "umol/L"}]},
    "kidney_disease": {"labs": [{"test": "creatinine", "value": 200, "unit": "umol/L"}]},
    "irregular_periods": {"cycle": "irregular"},
    "positive_pull_test": {"pull_test": {"came_out": 4, "pulled": 55}},
    "hairs_pulled": {"pull_test": {"came_out": 4}},
    "salt_score": {"gradings": [{"scale": "salt", "grade": 12}]},
    "yellow_dots": {"trichoscopy": {"yellow_dots": 3}},
    "yellow_dot_count": {"trichoscopy": {"yellow_dots": 3}},
    "hair_diameter_diversity": {"trichoscopy": {"diversity_share": 0.3}},
    "diameter_diversity_share": {"trichoscopy": {"diversity_share": 0.3}},
    "thin_hair_share": {"trichoscopy": {"thin_share": 0.2}},
    "single_unit_share": {"trichoscopy": {"single_unit_share": 0.4}},
    "single_unit_ratio": {
        "trichoscopy": [{"site": "front", "single_unit_share": 0.4}, {"site": "nape", "single_unit_share": 0.2}]
    },
    "vellus_ratio": {"trichoscopy": [{"site": "front", "vellus_hairs": 6}, {"site": "nape", "vellus_hairs": 3}]},
    "trichoscopy_pattern": {"trichoscopy": [FRONT, BACK]},
}  # fmt: skip
LIST_OF = {
    "condition": "conditions",
    "sign": "signs",
    "symptom": "symptoms",
    "allergy": "allergies",
    "site": "sites",
    "diet": "diet",
    "practice": "hair_practices",
}
FROM_ELSEWHERE = {"pattern_likely", "areata_likely", "composition_unknown", "composition_varies"}


def story_for(name: str) -> dict[str, Any]:
    """A patient of whom a fact is true, or a number known."""
    fact = evidence().facts[name]
    if name in TOLD:
        return TOLD[name]
    if fact.source_kind in LIST_OF:
        return {LIST_OF[fact.source_kind]: [evidence().terms[fact.key].name]}
    if fact.source_kind == "trigger":
        return {"triggers": [{"what": evidence().terms[fact.key].name, "months_ago": 2}]}
    if fact.source_kind == "drug class":
        return {"drugs": [next(name for name, drug in evidence().drugs.items() if fact.key in drug.classes)]}
    if fact.source_kind == "drug":
        return {"drugs": [fact.key]}
    if fact.source_kind == "dose":
        return {"drugs": [{"name": fact.key, "dose": "2 mg"}]}
    assert fact.source_kind == "lab", f"no story tells {name}"
    test = evidence().labs[fact.key]
    low = test.lowest.value if test.lowest else 0
    high = test.highest.value if test.highest else 1
    return {"labs": [{"test": fact.key, "value": float(min(max(low, 1), high)), "unit": test.unit}]}


OF_COMPANY = {name for name, fact in evidence().facts.items() if fact.source_kind == "beside"}


@pytest.mark.parametrize("name", sorted(set(evidence().facts) - FROM_ELSEWHERE - OF_COMPANY))
def test_every_fact_can_be_told_by_some_file(name: str) -> None:
    said = known(**story_for(name))[name]
    assert said is True or evidence().facts[name].type == "number", said


def test_the_facts_told_elsewhere_are_those_of_the_diagnosis_and_of_the_therapy() -> None:
    assert set(evidence().facts) >= FROM_ELSEWHERE
    assert not FROM_ELSEWHERE & set(known())


@pytest.mark.parametrize(
    "name",
    sorted(
        n
        for n, f in evidence().facts.items()
        if f.source_kind in ("condition", "symptom", "allergy", "diet", "practice", "drug", "drug class")
    ),
)
def test_asked_and_none_answers_its_class(name: str) -> None:
    empty = {
        key: [] for key in ("conditions", "symptoms", "allergies", "diet", "hair_practices", "drugs", "signs")
    }
    assert known(**empty)[name] is False
    assert name not in known()
    assert name not in Facts(Patient.model_validate({"age": 40, "sex": "F", **empty})).known
