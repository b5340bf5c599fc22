"""The assessment: cases in plain words, the three-valued logic, and what must never happen."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.assessment import Assessment, assess, facts, screening
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.assessment.red_flags import red_flags
from follicast.assessment.severity import ludwig, severity, sinclair
from follicast.errors import EvidenceError, InputError
from follicast.evidence.library import evidence
from follicast.evidence.reader import parse
from follicast.patient import Patient, Pattern

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PROMISED = [
    "minoxidil-topical-1",
    "minoxidil-topical-2",
    "minoxidil-topical-5",
    "minoxidil-oral",
    "spironolactone",
    "finasteride",
    "finasteride-topical",
    "dutasteride",
    "cyproterone",
    "bicalutamide",
    "flutamide",
    "prp",
    "harg",
    "exosomes",
    "stem-cells-adipose",
    "stem-cells-bone-marrow",
    "stem-cells-follicle",
    "mesotherapy-vitamin",
    "mesotherapy-minoxidil",
    "mesotherapy-dutasteride",
    "botulinum-toxin",
    "osteopontin-injection",
    "microneedling",
    "zinc",
    "iron",
    "vitamin-d",
    "biotin",
    "cystine-complex",
    "triamcinolone-intralesional",
    "corticosteroid-topical",
    "topical-immunotherapy",
    "scalp-cooling",
    "isoprinosine",
    "jak-inhibitor",
    "skin-mesotherapy-vitamin",
    "skin-mesotherapy-hyaluronic-acid",
    "skin-mesotherapy-tranexamic-acid",
]


def content(path: Path) -> dict[str, Any]:
    return parse(path.read_text(), path).content


def cases() -> list[tuple[str, dict[str, Any]]]:
    paths = sorted((HERE / "cases").glob("*.yaml"))
    return [
        (f"{path.stem}/{name}", case)
        for path in paths
        for name, case in content(path).items()
        if isinstance(case, dict) and "story" in case
    ]


def patient_of(case: dict[str, Any]) -> Patient:
    told = dict(case["patient"]) if "patient" in case else content(EXAMPLES / f"{case['like']}.yaml")
    told.update(case.get("but", {}))
    return Patient.model_validate({key: value for key, value in told.items() if value is not None})


def example(name: str, **but: Any) -> Patient:
    return patient_of({"like": name, "but": but})


def misjudged(case: dict[str, Any], answer: Assessment) -> list[str]:
    """Say what of a case's expected diagnoses did not come out."""
    chance = {d.condition: d.probability for d in answer.diagnoses}
    order = [d.condition for d in answer.diagnoses]
    first = case.get("among_first", {"n": 0, "conditions": []})
    wrong = [f"{c} is not likely" for c in case.get("likely", []) if chance[c] < 0.5]
    wrong += [f"{c} is not unlikely" for c in case.get("unlikely", []) if chance.get(c, 0.0) >= 0.5]
    wrong += [f"{c} is not among the first" for c in first["conditions"] if c not in order[: first["n"]]]
    leads = case.get("leading", order[0]) == order[0]
    return wrong if leads else [*wrong, f"{case['leading']} does not lead, but {order[0]}"]


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases()])
def test_case(case: dict[str, Any]) -> None:
    answer = assess(patient_of(case))
    wrong = misjudged(case, answer)
    if "known_wrong" in case:
        assert wrong, "it is right now: strike `known_wrong` out"
    else:
        assert wrong == []
    if "red_flags" in case:
        assert sorted(flag.id for flag in answer.red_flags) == sorted(case["red_flags"])
    if case.get("open") == []:
        assert [s.therapy for s in answer.therapies if s.status == "open"] == []
    assert {t: answer.of(t).status for t in case.get("open", [])} == dict.fromkeys(
        case.get("open", []), "open"
    )
    for therapy, rule in case.get("closed", {}).items():
        screened = answer.of(therapy)
        assert screened.status == "closed", (therapy, screened.status, screened.needs)
        assert rule in [reason.rule for reason in screened.reasons if reason.effect == "closes"], therapy
    for therapy, needs in case.get("waiting", {}).items():
        screened = answer.of(therapy)
        assert screened.status == "waiting", (therapy, screened.status, screened.reasons)
        assert set(needs) <= set(screened.needs), therapy
    for therapy, rule in case.get("warned", {}).items():
        assert rule in [reason.rule for reason in answer.of(therapy).reasons if reason.effect == "warns"], (
            therapy
        )


def test_the_bundled_woman_waits_for_two_tests_and_nothing_else() -> None:
    answer = assess(Patient.load(EXAMPLES / "woman-47-pattern.yaml"))
    assert answer.of("spironolactone").needs == ["potassium", "creatinine"]
    assert {"potassium", "creatinine"} <= {lab.test for lab in answer.labs}
    assert answer.policy == "jp"
    assert answer.warnings == []


def test_the_answer_has_the_promised_keys() -> None:
    answer = assess(Patient.load(EXAMPLES / "woman-47-pattern.yaml")).as_json(trace=True)
    assert {
        "version",
        "evidence_version",
        "seed",
        "sources",
        "warnings",
        "policy",
        "setting",
        "policies",
        "diagnoses",
        "red_flags",
        "therapies",
        "labs",
        "next",
    } == set(answer)
    assert all({"therapy", "status", "reasons", "needs", "trace"} == set(t) for t in answer["therapies"])
    assert all({"rule", "because", "source"} <= set(r) for t in answer["therapies"] for r in t["reasons"])
    assert set(answer["sources"]) <= set(evidence().references)


# --- three answers ---


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a || b", lambda a, b, c: None if (a, b) in UNDECIDED_OR else bool(a or b)),
        ("a && b", lambda a, b, c: None if (a, b) in UNDECIDED_AND else bool(a and b)),
        ("!a", lambda a, b, c: None if a is None else not a),
    ],
)
def test_logic_is_kleenes(text: str, truth: Any) -> None:
    for values in itertools.product((True, False, None), repeat=3):
        known = {name: value for name, value in zip("abc", values, strict=True) if value is not None}
        assert expression(text).verdict(known) is truth(*values), (text, values)


UNDECIDED_OR = {(None, None), (None, False), (False, None)}
UNDECIDED_AND = {(None, None), (None, True), (True, None)}


def test_a_misspelt_fact_or_a_wrong_type_is_our_bug_and_not_unknown() -> None:
    with pytest.raises(EvidenceError):
        expression("age > 'x'").verdict({"age": 3.0})
    with pytest.raises(EvidenceError):
        expression("age").verdict({"age": 3.0})
    with pytest.raises(EvidenceError):
        expression("age >")


@pytest.mark.parametrize("rule", evidence().rules.values(), ids=lambda rule: rule.id)
def test_learning_more_never_changes_what_was_settled(rule: Any) -> None:
    """Every rule is monotone: with a fact taken away its verdict stays or becomes unknown."""
    if rule.when is None:
        return
    asked = expression(rule.when)
    names = [name for name in asked.names if name != "threshold"][:7]
    bound = {
        name: _values(name, rule)[0] for name in asked.names if name not in names and name != "threshold"
    }
    bound |= {"threshold": rule.threshold.value} if rule.threshold else {}
    for values in itertools.product(*(_values(name, rule) for name in names)):
        full = dict(zip(names, values, strict=True))
        settled = asked.verdict({**full, **bound})
        assert settled is not None
        for left_out in names:
            fewer = {name: value for name, value in full.items() if name != left_out}
            assert asked.verdict({**fewer, **bound}) in (settled, None)


def _values(name: str, rule: Any) -> tuple[Any, ...]:
    if evidence().facts[name].type == "bool":
        return (False, True)
    middle = rule.threshold.value if rule.threshold else 50.0
    return (middle - 1, middle + 1)


# --- the evidence of this room ---


def test_every_name_in_an_expression_is_a_declared_fact() -> None:
    lib = evidence()
    for rule in lib.rules.values():
        if rule.when:
            names = set(expression(rule.when).names)
            assert names <= {*lib.facts, "threshold"}, rule.id
            assert ("threshold" in names) == (rule.threshold is not None), rule.id
    for flag in lib.red_flags.values():
        assert set(expression(flag.when).names) <= {*lib.facts, *flag.thresholds}, flag.id
    for condition in lib.conditions.values():
        for finding in condition.findings:
            assert set(expression(finding.when).names) <= {*lib.facts, *condition.thresholds}, condition.id


def test_no_expression_holds_a_bare_number() -> None:
    lib = evidence()
    texts = [rule.when for rule in lib.rules.values() if rule.when]
    texts += [flag.when for flag in lib.red_flags.values()]
    texts += [finding.when for condition in lib.conditions.values() for finding in condition.findings]
    assert [text for text in texts if re.search(r"(?<![\w_])\d", text)] == []


def test_every_fact_can_be_read() -> None:
    lib = evidence()
    for name, fact in lib.facts.items():
        if fact.source_kind in ("condition", "sign", "symptom", "allergy", "trigger", "site"):
            assert lib.terms[fact.key].kind == fact.source_kind, name
        if fact.source_kind == "drug":
            assert fact.key in lib.drugs, name
        if fact.source_kind == "drug class":
            assert any(fact.key in drug.classes for drug in lib.drugs.values()), name
        if fact.source_kind == "derived":
            assert fact.key in facts.DERIVED or fact.key in facts.LEARNT, name
        if fact.lab or fact.source_kind == "lab":
            assert (fact.lab or fact.key) in lib.labs, name


def test_rules_speak_of_therapies_that_are_promised() -> None:
    families = {f"family:{name}" for therapy in evidence().therapies.values() for name in therapy.family}
    held = {f"ingredient:{name}" for therapy in PROMISED for name in screening.ingredients(therapy)}
    known = {*PROMISED, *families, *held, "all", "body:hair", "body:skin"}
    assert {name for rule in evidence().rules.values() for name in rule.for_} - known == set()


def test_words_and_drugs_have_one_meaning_each() -> None:
    lib = evidence()
    for kind in {term.kind for term in lib.terms.values()}:
        seen: dict[str, str] = {}
        for term_id, term in lib.terms.items():
            if term.kind == kind:
                assert all(lib.terms[wider].kind == kind for wider in term.implies), term_id
                for name in {facts.hear.__globals__["folded"](n) for n in (term_id, term.name, *term.names)}:
                    assert seen.setdefault(name, term_id) == term_id, name


def test_every_therapy_for_hair_asks_about_scars_and_every_needle_about_blood_thinners() -> None:
    for therapy in evidence().therapies.values():
        rules = {rule.id for rule in screening.rules_for(therapy.id)}
        assert "under-eighteen" in rules
        if therapy.body == "hair":
            assert "scarring-signs" in rules
        if therapy.route == "injection":
            assert {"injection-anticoagulant", "injection-pregnancy", "injection-breastfeeding"} <= rules


# --- what must never happen ---


@pytest.mark.parametrize("policy", screening.POLICIES)
def test_no_policy_switches_a_red_flag_off(policy: str) -> None:
    flagged = example("patchy-exclamation-hairs", region=policy)
    for asked in (None, *screening.POLICIES):
        for setting in ("specialist", "general"):
            assert [flag.id for flag in assess(flagged, policy=asked, setting=setting).red_flags] == [
                "bald-patch"
            ]


def test_wishes_and_missing_dates_do_not_switch_a_red_flag_off() -> None:
    person = example(
        "patchy-exclamation-hairs", date=None, wishes={"ignore_red_flags": True, "no_referral": True}
    )
    assert [flag.id for flag in assess(person).red_flags] == ["bald-patch"]


def test_a_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="no policy is called 'mars'"):
        assess(example("man-28-vertex"), policy="mars")


def test_a_rule_of_another_region_is_shown_as_not_applied() -> None:
    trace = assess(example("woman-47-pattern"), policy="us").of("minoxidil-oral").trace
    assert {t.rule: t.verdict for t in trace}["oral-minoxidil-japan-grade"] == "not applied here"


RARELY_TOLD = (
    "pregnant",
    "planning_pregnancy",
    "breastfeeding",
    "menopause",
    "contraception",
    "pattern",
    "sites",
    "onset",
    "course",
    "shedding",
    "signs",
    "symptoms",
    "triggers",
    "family_history",
    "conditions",
    "drugs",
    "allergies",
    "blood_pressure",
    "pulse",
    "labs",
    "date",
)
RANK = {"open": 0, "waiting": 1, "closed": 1}


@st.composite
def told(draw: st.DrawFn) -> dict[str, Any]:
    """Patients as they may be told, most of them complete, some with trouble."""
    sex = draw(st.sampled_from("FM"))
    person: dict[str, Any] = {
        "date": "2026-11-22",
        "age": draw(st.integers(18, 54)),
        "sex": sex,
        "region": draw(st.sampled_from(["strictest", "jp", "us", "eu"])),
        "course": draw(st.sampled_from(["slow", "slow", "slow", "sudden", "fluctuating"])),
        "pattern": {"scale": "sinclair" if sex == "F" else "norwood", "grade": draw(st.integers(1, 5))},
        "signs": draw(
            _some(
                "widened parting",
                "thinning of the vertex",
                "bald patch",
                "red scalp",
                "pustules",
                "perifollicular redness",
                "exclamation-mark hairs",
                "receding temples",
            )
        ),
        "symptoms": draw(_some("itch", "fever", "palpitations", "shedding")),
        "triggers": [],
        "conditions": draw(
            _some(
                "haemophilia",
                "lupus",
                "leukaemia",
                "heart failure",
                "depression",
                "diabetes",
                "haemophillia",
                "deep vein thrombosis",
                "bunions",
            )
        ),
        "drugs": draw(_some("warfarin", "ramipril", "Inspra", "ibuprofen", "aspirin", "prednisolone", "Yaz")),
        "allergies": draw(_some("minoxidil", "lidocaine", "penicillin")),
        "blood_pressure": draw(st.sampled_from(["118/76", "85/55"])),
        "labs": [
            {"test": "potassium", "value": draw(st.sampled_from([4.1, 5.3])), "unit": "mmol/L"},
            {"test": "creatinine", "value": draw(st.sampled_from([0.7, 3.0])), "unit": "mg/dL"},
            {"test": "ferritin", "value": draw(st.sampled_from([12, 200])), "unit": "ug/L"},
        ],
    }
    if sex == "F":
        person |= {
            "pregnant": draw(st.booleans()),
            "planning_pregnancy": draw(st.booleans()),
            "breastfeeding": draw(st.booleans()),
            "menopause": draw(st.sampled_from(["pre", "peri"])),
            "contraception": draw(st.sampled_from(["none", "coil", "pill"])),
        }
    return person


def _some(*words: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), max_size=2, unique=True)


def statuses(person: dict[str, Any]) -> dict[str, str]:
    return {s.therapy: s.status for s in assess(Patient.model_validate(person)).therapies}


@settings(max_examples=60, deadline=None)
@given(told(), st.data())
def test_knowing_less_never_opens_a_therapy(person: dict[str, Any], data: st.DataObject) -> None:
    forgotten = data.draw(st.sampled_from([key for key in RARELY_TOLD if key in person]))
    before = statuses(person)
    after = statuses({key: value for key, value in person.items() if key != forgotten})
    spared = held_by_a_chance_finding(person) if forgotten == "labs" else []
    opened = [t for t, status in after.items() if status == "open" and before[t] != "open"]
    assert [t for t in opened if t not in spared] == []


def held_by_a_chance_finding(person: dict[str, Any]) -> list[str]:
    """Weak kidneys that a laboratory found hold a therapy up, though nobody who denies a disease need look."""
    weak = [
        rule.id
        for rule in evidence().rules.values()
        if rule.effect in screening.GATES and "kidney_disease" in expression(rule.when or "true").names
    ]
    answer = assess(Patient.model_validate(person))
    return [s.therapy for s in answer.therapies if {reason.rule for reason in s.reasons} & {*weak}]


@settings(max_examples=60, deadline=None)
@given(told(), st.sampled_from(["conditions", "drugs", "signs", "allergies"]), st.data())
def test_adding_trouble_never_opens_a_therapy(person: dict[str, Any], key: str, data: st.DataObject) -> None:
    trouble = {
        "conditions": ["haemophilia", "heart failure", "cancer", "angina"],
        "drugs": ["warfarin", "eplerenone", "amikacin"],
        "signs": ["bald patch", "perifollicular scale", "red scalp"],
        "allergies": ["minoxidil", "botulinum toxin", "tranexamic acid"],
    }[key]
    added = data.draw(st.sampled_from(trouble))
    before, after = statuses(person), statuses({**person, key: [*person[key], added]})
    meant_for_it = evidence().rules["areata-likely"].for_ if added == "bald patch" else []
    opened = [t for t, status in after.items() if RANK[status] < RANK[before[t]]]
    assert [t for t in opened if t not in meant_for_it] == []


@settings(max_examples=30, deadline=None)
@given(told(), st.randoms())
def test_the_order_of_facts_does_not_matter(person: dict[str, Any], random: Any) -> None:
    shuffled = dict(random.sample(list(person.items()), len(person)))
    for key in ("signs", "conditions", "drugs", "allergies", "labs"):
        shuffled[key] = random.sample(shuffled[key], len(shuffled[key]))
    assert statuses(shuffled) == statuses(person)


def test_an_unknown_gate_never_opens() -> None:
    """Taking away any one fact that a closing rule asks for leaves a therapy as it was, or waiting."""
    known = Facts(example("woman-47-pattern")).known | {"pattern_likely": True}
    for therapy in evidence().therapies.values():
        full = screening.screen_one(therapy, facts_of(known), "strictest")
        gates = {name for tried in full.trace if tried.effect in screening.GATES for name in tried.facts}
        for name in gates & set(known):
            fewer = {key: value for key, value in known.items() if key != name}
            status = screening.screen_one(therapy, facts_of(fewer), "strictest").status
            assert status in (full.status, "waiting"), (therapy.id, name)


def facts_of(known: dict[str, Any]) -> Facts:
    read = Facts(Patient.model_validate({"age": 47, "sex": "F"}))
    read.known = known
    return read


# --- readings ---


def test_kidney_function_from_creatinine() -> None:
    """CKD-EPI 2021: a woman of 50 with 1.0 mg/dL has about 69, a man about 92."""
    for sex, wanted in (("F", 69), ("M", 92)):
        labs = [{"test": "creatinine", "value": 1.0, "unit": "mg/dL"}]
        read = Facts(Patient.model_validate({"age": 50, "sex": sex, "labs": labs})).known["egfr"]
        assert read == pytest.approx(wanted, abs=1)


def test_a_list_without_a_date_answers_only_what_it_names() -> None:
    read = Facts(Patient.model_validate({"age": 40, "sex": "M", "drugs": ["Eliquis"], "conditions": []}))
    assert read.known["anticoagulant"] is True
    assert "nsaid" not in read.known
    assert "cancer" not in read.known
    assert any("'conditions' is empty" in warning for warning in read.warnings)


def test_words_nobody_knows_are_told_and_misspellings_left_unknown() -> None:
    read = Facts(
        Patient.model_validate(
            {
                "age": 40,
                "sex": "M",
                "date": "2026-11-22",
                "conditions": ["hart failure"],
                "signs": ["zebra stripes", "no redness"],
            }
        )
    )
    assert "heart_failure" not in read.known
    assert read.known["angina"] is False
    assert any("'zebra stripes' (sign) is not a word Follicast knows" in warning for warning in read.warnings)
    assert any("heart failure" in warning for warning in read.warnings)
    assert read.known["scalp_redness"] is not True


def test_what_takes_a_dermatoscope_is_not_answered_by_a_plain_look() -> None:
    look = {"age": 40, "sex": "M", "date": "2026-11-22", "signs": ["bald patch"]}
    assert "exclamation_mark_hairs" not in Facts(Patient.model_validate(look)).known
    look["signs"] = ["bald patch", "yellow dots"]
    assert Facts(Patient.model_validate(look)).known["exclamation_mark_hairs"] is False


def test_an_event_that_did_not_happen_lies_infinitely_far_back() -> None:
    read = Facts(Patient.model_validate({"age": 40, "sex": "M", "date": "2026-11-22", "triggers": []}))
    assert read.known["surgery_months"] == math.inf
    trace = assess(read.patient).of("prp").as_json(trace=True)["trace"]
    assert all(value != math.inf for tried in trace for value in tried["facts"].values())


def test_a_diagnosis_says_what_moved_it_and_what_is_assumed() -> None:
    first = assess(example("woman-47-pattern")).diagnoses[0]
    assert first.condition == "female-pattern-hair-loss-faga"
    assert any("widened parting" in reason and "assumed" in reason for reason in first.reasons)
    assert any("measured" in reason for reason in first.reasons)


def test_prior_odds_can_be_switched() -> None:
    person = example("patchy-exclamation-hairs", signs=["bald patch"])
    chance = {
        s: {d.condition: d.probability for d in assess(person, setting=s).diagnoses}["alopecia-areata-patchy"]
        for s in ("specialist", "general")
    }
    assert chance["specialist"] > chance["general"]


def test_grades_convert_and_get_a_word() -> None:
    two = Pattern(scale="ludwig", grade="II")
    assert sinclair(two) == pytest.approx(3.5)
    assert ludwig(Pattern(scale="sinclair", grade=2)) == pytest.approx(1)
    assert sinclair(Pattern(scale="norwood", grade="3v")) is None
    assert severity(Pattern(scale="sinclair", grade=1)) == "none"
    assert severity(Pattern(scale="norwood", grade=7)) == "severe"


def test_red_flags_take_nothing_but_facts() -> None:
    assert red_flags.__code__.co_argcount == 1
    assert red_flags.__kwdefaults__ is None
