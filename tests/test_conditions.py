"""The kinds of hair loss: all there, each with what a clinician asks, and none louder than its evidence."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.assessment import assess
from follicast.assessment.diagnosis import _weigh, diagnose
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.evidence.condition import Condition
from follicast.evidence.library import evidence
from follicast.patient import Patient
from test_assessment import EXAMPLES, cases, content

CONDITIONS = list(evidence().conditions.values())
FORECAST = {
    "pattern": {"male-androgenetic-alopecia", "female-pattern-hair-loss-faga"},
    "effluvium": {
        "seasonal-physiological-shedding",
        "acute-telogen-effluvium-childbirth",
        "acute-telogen-effluvium-miscarriage",
        "acute-telogen-effluvium-severe-fever-or-infection",
        "acute-telogen-effluvium-surgery-or-major-injury",
        "acute-telogen-effluvium-psychological-shock-or-strong-emotion",
        "acute-telogen-effluvium-crash-diet-or-rapid-weight-loss",
        "chronic-telogen-effluvium-idiopathic",
        "anticoagulant-induced-shedding",
        "antiepileptic-induced-shedding",
        "other-drug-induced-telogen-effluvium",
    },
}
ASKED_NOTHING_FOUND = {
    "date": "2026-11-22",
    "signs": [],
    "symptoms": [],
    "triggers": [],
    "conditions": [],
    "drugs": [],
    "allergies": [],
}


def every_condition(function: Any) -> Any:
    return pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: c.id)(function)


# --- all there ---


def test_all_fifty_one_are_there_each_under_one_number() -> None:
    assert sorted(condition.alias for condition in CONDITIONS) == [f"D{n:02}" for n in range(1, 52)]
    assert len({condition.name for condition in CONDITIONS}) == 51


@every_condition
def test_each_says_what_to_ask_when_it_begins_and_how_common_it_is(condition: Condition) -> None:
    assert all(question.endswith(("?", ".")) for question in condition.questions)
    assert condition.questions and condition.timing and condition.plain and condition.describe
    assert condition.citekeys and condition.place
    assert set(condition.prior) == {"specialist", "general"}
    assert all(0 < prior.value < 1 for prior in condition.prior.values())


@every_condition
def test_each_asks_for_tests_and_facts_that_exist(condition: Condition) -> None:
    library = evidence()
    assert set(condition.tests) <= set(library.labs)
    for finding in condition.findings:
        assert set(expression(finding.when).names) <= {*library.facts, *condition.thresholds}, finding.when
    used = {name for finding in condition.findings for name in expression(finding.when).names}
    assert set(condition.thresholds) <= used, "a threshold that no finding reads"


def test_only_pattern_loss_and_telogen_effluvium_are_forecast() -> None:
    for kind, wanted in FORECAST.items():
        assert {condition.id for condition in CONDITIONS if condition.kind == kind} == wanted


def test_scarring_kinds_are_referred_unless_the_scar_is_old() -> None:
    scarring = [condition for condition in CONDITIONS if condition.scarring]
    assert len(scarring) == 10
    assert [c.id for c in scarring if c.refer == "none"] == ["scar-burn-radiotherapy-secondary-scarring"]


@pytest.mark.parametrize("name", ["kerion", "loose-anagen", "tinea-capitis"])
def test_what_only_children_have_asks_for_the_age(name: str) -> None:
    ages = [f for f in evidence().conditions[name].findings if expression(f.when).names[0] == "age"]
    assert len(ages) == 1
    assert ages[0].present.value >= 10 and ages[0].absent and ages[0].absent.value <= 0.3


@pytest.mark.parametrize(
    "name",
    [
        "anticoagulant-induced-shedding",
        "antiepileptic-induced-shedding",
        "other-drug-induced-telogen-effluvium",
    ],
)
def test_drug_induced_shedding_needs_the_drug_and_its_time(name: str) -> None:
    findings = evidence().conditions[name].findings
    drug, timed = findings[0], findings[1]
    assert "drug_start_months" not in expression(drug.when).names
    assert "drug_start_months" in expression(timed.when).names
    assert drug.absent and drug.absent.value <= 0.05, "who does not take it does not shed from it"


# --- ratios: measured is measured, and the rest says what it rests on ---


@every_condition
def test_no_elicited_ratio_is_called_measured(condition: Condition) -> None:
    for finding in condition.findings:
        for ratio in (finding.present, finding.absent):
            if ratio is not None and ratio.kind != "assumed":
                assert "project" not in ratio.citekeys and ratio.sure in ("A", "B", "D"), finding.when
            if ratio is not None and ratio.kind == "assumed":
                assert ratio.reason and len(ratio.reason) > 25, finding.when


def ratios(name: str, when: str) -> tuple[float, float]:
    finding = next(f for f in evidence().conditions[name].findings if f.when == when)
    assert finding.absent is not None
    assert {finding.present.kind, finding.absent.kind} == {"derived"}
    assert not finding.gate, "what takes a dermatoscope opens and closes nothing"
    return finding.present.value, finding.absent.value


@pytest.mark.parametrize(
    ("name", "when", "sensitivity", "specificity"),
    [
        ("female-pattern-hair-loss-faga", "hair_diameter_diversity", 0.75, 0.6154),  # Bhamla 2013
        ("tinea-capitis", "comma_hairs", 0.94, 0.83),  # Dhaille 2019
        ("trichotillomania", "v_sign", 0.504, 0.99),  # Kaczorowska 2021
        ("trichotillomania", "flame_hairs", 0.371, 0.965),  # Kaczorowska 2021
    ],
)
def test_published_ratios_follow_from_sensitivity_and_specificity(
    name: str, when: str, sensitivity: float, specificity: float
) -> None:
    present, absent = ratios(name, when)
    assert present == pytest.approx(sensitivity / (1 - specificity), rel=0.01)
    assert absent == pytest.approx((1 - sensitivity) / specificity, rel=0.01)


def test_shares_within_alopecia_areata_are_numbers_and_give_no_ratio() -> None:
    shares = [name for name in evidence().numbers if name.startswith("signs.areata_")]
    assert {"signs.areata_yellow_dots", "signs.areata_tapering_hairs"} <= set(shares)
    for name in (
        "alopecia-areata-patchy",
        "alopecia-areata-diffuse",
        "alopecia-totalis-universalis-ophiasis",
    ):
        for finding in evidence().conditions[name].findings:
            for ratio in (finding.present, finding.absent):
                assert ratio is None or ratio.kind == "assumed", (name, finding.when)


def test_the_biased_shedding_score_moves_no_diagnosis() -> None:
    female = evidence().conditions["female-pattern-hair-loss-faga"]
    assert not any("shed" in finding.when for finding in female.findings)
    assert "68" in female.background["shedding_score"].text
    assert evidence().numbers["signs.shed_score_pattern"].note


# --- a finding that speaks for a condition never lowers it ---


@every_condition
def test_a_finding_and_its_absence_point_opposite_ways(condition: Condition) -> None:
    for finding in condition.findings:
        present, absent = finding.present.value, finding.absent.value if finding.absent else 1.0
        assert present >= 1 >= absent or present <= 1 <= absent, finding.when


WORDS = {
    "signs": [
        "widened parting", "bald patch", "pustules", "greasy scale", "perifollicular redness", "nail pits",
        "exclamation-mark hairs", "eyebrow loss", "broken hair", "boggy swelling", "V-sign", "tight styles",
        "moth-eaten loss", "smooth shiny scalp", "nodules", "dry hair", "fair hair", "pallor", "body hair lost",
    ],
    "symptoms": ["itch", "shedding", "fatigue", "tremor", "cramps", "twists the hair", "irregular periods"],
    "conditions": ["lupus", "diabetes", "PCOS", "syphilis", "burn of the scalp", "gastric bypass", "epilepsy"],
    "drugs": ["warfarin", "valproate", "lithium", "docetaxel", "biotin", "ramipril"],
}  # fmt: skip


@st.composite
def someone(draw: st.DrawFn) -> dict[str, Any]:
    told = {
        key: draw(st.lists(st.sampled_from(words), max_size=3, unique=True)) for key, words in WORDS.items()
    }
    return {
        **ASKED_NOTHING_FOUND,
        **told,
        "age": draw(st.integers(3, 80)),
        "sex": draw(st.sampled_from("FM")),
    }


def chances(person: dict[str, Any]) -> tuple[dict[str, float], Facts]:
    facts = Facts(Patient.model_validate(person))
    return {one.condition: one.probability for one in diagnose(facts)}, facts


@settings(max_examples=60, deadline=None)
@given(someone(), st.data())
def test_a_finding_that_speaks_for_a_condition_never_lowers_it(
    person: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(list(WORDS)))
    word = data.draw(st.sampled_from(WORDS[key]))
    before, then = chances(person)
    after, now = chances({**person, key: [*person[key], word]})
    for condition in CONDITIONS:
        if condition.id not in before:
            continue
        turned = [
            new
            for old, new in zip(_weigh(condition, then), _weigh(condition, now), strict=True)
            if old.there != new.there
        ]
        speaks_for = all(one.there and one.finding.present.value >= 1 for one in turned)
        if speaks_for and now.known.items() >= then.known.items():
            assert after[condition.id] >= before[condition.id] - 1e-12, (condition.id, word)


# --- a rare condition stays rare ---


@pytest.mark.parametrize(("sex", "age"), [("F", 34), ("F", 62), ("M", 28), ("M", 66), ("F", 5), ("M", 9)])
def test_with_nothing_found_no_rare_condition_rises(sex: str, age: int) -> None:
    chance, _ = chances({**ASKED_NOTHING_FOUND, "sex": sex, "age": age})
    for name, probability in chance.items():
        prior = evidence().conditions[name].prior["specialist"].value
        assert probability <= max(1.5 * prior, 0.01), name
        assert prior >= 0.01 or probability < 0.02, name


def test_doubt_does_not_make_a_tumour_common() -> None:
    chance, _ = chances({"sex": "F", "age": 40})
    assert chance["androgen-secreting-tumour"] < 0.001
    healthy, _ = chances({**ASKED_NOTHING_FOUND, "sex": "F", "age": 40})
    assert healthy["androgen-secreting-tumour"] < 0.001


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda p: p.stem)
def test_fifty_one_kinds_do_not_flood_an_answer(path: Any) -> None:
    answer = assess(Patient.model_validate(content(path)))
    told = [
        d for d in answer.diagnoses if d.probability >= evidence().numbers["assessment.worth_a_line"].value
    ]
    assert 1 <= len(told) <= 6
    untold = {key for d in answer.diagnoses if d not in told for key in d.sources}
    elsewhere = {key for d in told for key in d.sources}
    elsewhere |= {key for s in answer.therapies for reason in s.reasons for key in reason.source}
    elsewhere |= {key for lab in answer.labs for key in lab.source}
    elsewhere |= {key for flag in answer.red_flags for key in flag.source}
    assert not (untold - elsewhere) & set(answer.sources), "works behind what is not told are not cited"


def test_every_probability_is_between_never_and_always() -> None:
    for sex in "FM":
        chance, _ = chances({"sex": sex, "age": 40})
        assert all(0 < one < 1 and math.isfinite(one) for one in chance.values())


# --- patients in plain words ---


def test_there_are_cases_for_many_of_the_rarer_kinds() -> None:
    named = {case["leading"] for _, case in cases() if "leading" in case}
    named |= {name for _, case in cases() for name in case.get("likely", [])}
    assert len(named) >= 30
