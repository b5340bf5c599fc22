"""Therapies of one combination: each is screened for someone who has the others too, and keeps what it is made of."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import anybody
from follicast.assessment import Assessment, assess
from follicast.assessment.consultation import know
from follicast.assessment.screening import called, drugs_in, ingredients, rules_for
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.plan.choice import least_open
from follicast.regimen import Regimen


def somebody(sex: str, **but: Any) -> Assessment:
    told = anybody.well(Random(0)) | {
        "sex": sex,
        "age": 40,
        "region": "us",
        "course": "slow",
        "conditions": [],
    }
    told |= {"drugs": [], "allergies": [], "symptoms": [], "onset": {"months_ago": 24}, "triggers": []}
    told |= {"labs": [{"test": t, "value": v, "unit": u} for t, (v, u) in anybody.WELL.items()]}
    told |= {
        "date": "2026-11-22",
        "family_history": True,
        "blood_pressure": "118/76",
        "wishes": {"registered_number": "x"},
    }
    told |= {"previous_therapies": [{"therapy": "minoxidil", "months": 12, "response": "none"}]}
    if sex == "F":
        told |= {
            "pattern": {"scale": "sinclair", "grade": 3},
            "signs": ["widened parting"],
            "sites": ["midscalp"],
        }
        told |= {"pregnant": False, "planning_pregnancy": False, "breastfeeding": False, "menopause": "pre"}
        told |= {"contraception": "coil"}
    else:
        told = {k: v for k, v in told.items() if k not in ("pregnant", "planning_pregnancy", "breastfeeding")}
        told = {k: v for k, v in told.items() if k not in ("menopause", "contraception")}
        told |= {
            "pattern": {"scale": "norwood", "grade": 4},
            "signs": ["thinning of the vertex"],
            "sites": ["vertex"],
        }
    if but.pop("patches", False):
        told |= {"signs": ["bald patch", "exclamation-mark hairs", "more than half of the scalp bald"]}
        told |= {"conditions": ["alopecia areata"], "course": "sudden"}
        told.pop("pattern")
    return assess(Patient.model_validate(told | but))


CASES = [
    # who, the combination, what becomes of it, by which rule, and what each part alone would be
    ("M", "finasteride+dutasteride", "closed", "two-five-ari"),
    ("M", "finasteride+finasteride-topical", "closed", "same-drug-twice"),
    ("M", "finasteride-topical+mesotherapy-dutasteride", "closed", "two-five-ari"),
    ("M", "minoxidil-topical-2+minoxidil-topical-5", "closed", "same-drug-twice"),
    ("M", "minoxidil-topical-5+mesotherapy-minoxidil", "closed", "same-drug-twice"),
    ("M", "minoxidil-topical-5+minoxidil-oral", "waiting", "minoxidil-both-ways"),
    ("M", "minoxidil-topical-5+minoxidil-oral", "waiting", "lotion-beside-minoxidil-tablets"),
    ("F", "spironolactone+cyproterone", "waiting", "antiandrogens-together"),
    ("F", "spironolactone+bicalutamide", "waiting", "antiandrogens-together"),
    ("F", "spironolactone+minoxidil-oral", "open", "oral-minoxidil-with-spironolactone"),
    ("F", "bicalutamide+minoxidil-oral", "open", "bicalutamide-with-minoxidil-tablets"),
    ("M", "prp+botulinum-toxin", "open", "needles-together"),
    ("M", "prp+microneedling", "open", "needles-together"),
    ("M", "microneedling+minoxidil-topical-5", "open", "needling-and-lotions"),
    ("M", "microneedling+finasteride-topical", "open", "needling-and-lotions"),
    ("M", "prp+minoxidil-topical-5", "open", "needles-and-lotions"),
    ("M", "harg+exosomes", "closed", "growth-factors-twice"),
    ("M", "biotin+finasteride", "open", "biotin-laboratory"),
    ("M", "iron+zinc", "open", "iron-levothyroxine"),
    ("M", "minoxidil-topical-5+finasteride", "open", None),
    ("patches", "topical-immunotherapy+corticosteroid-topical", "waiting", "contact-allergy-and-cortisone"),
    ("patches", "jak-inhibitor+isoprinosine", "waiting", "isoprinosine-immunosuppressant"),
    ("patches", "jak-inhibitor+topical-immunotherapy", "waiting", "contact-allergy-and-cortisone"),
]


@pytest.mark.parametrize(
    ("who", "combination", "status", "rule"), CASES, ids=[f"{c[1]}, {c[3]}" for c in CASES]
)
def test_a_combination(who: str, combination: str, status: str, rule: str | None) -> None:
    answer = somebody("F", patches=True) if who == "patches" else somebody(who)
    parts = combination.split("+")
    said = answer.together(parts)
    assert said.status == status, [
        (r.rule, r.effect) for r in said.reasons if r.effect in ("closes", "waits")
    ]
    assert [part.therapy for part in said.parts] == parts
    alone = {reason.rule for part in parts for reason in answer.of(part).reasons}
    if rule:
        assert rule in {reason.rule for reason in said.reasons} - alone
    if status != "open":
        assert {answer.of(part).status for part in parts} == {"open"}, (
            "each alone is open, and only together they are not"
        )
        assert status == "closed" or said.needs


def test_cortisone_into_the_scalp_and_platelets_wait_for_each_other() -> None:
    said = somebody("F", patches=True).together(["triamcinolone-intralesional", "prp"])
    assert "prp-steroid" in {reason.rule for reason in said.reasons}


def test_low_pressure_makes_spironolactone_and_minoxidil_tablets_wait() -> None:
    pair = ["spironolactone", "minoxidil-oral"]
    assert somebody("F", blood_pressure="96/60").of("minoxidil-oral").status == "open"
    assert somebody("F", blood_pressure="96/60").together(pair).status == "waiting"
    assert somebody("F").together(pair).status == "open"


def test_one_therapy_or_none_is_no_combination() -> None:
    answer = somebody("M")
    for therapy in ("prp", "flutamide", "iron"):
        assert answer.together([therapy]).status == answer.of(therapy).status
    assert answer.together([]).status == "open" and answer.together([]).parts == []
    assert answer.together(["prp", "prp"]).therapy == "prp"


def test_a_therapy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match=r"no therapy is called 'prpp'. Did you mean 'prp'"):
        somebody("M").together(["prpp", "finasteride"])


def test_the_order_of_a_combination_does_not_matter() -> None:
    answer = somebody("M")
    for _, combination, _, _ in CASES:
        parts = combination.split("+")
        there, back = answer.together(parts), answer.together(parts[::-1])
        assert there.status == back.status
        assert {r.rule for r in there.reasons} == {r.rule for r in back.reasons}


def test_a_plan_never_combines_what_must_not_be_combined() -> None:
    answer = somebody("M")
    said = least_open(answer, Regimen("finasteride+dutasteride"))
    assert said is not None and said.status == "closed"
    assert least_open(answer, Regimen("minoxidil-topical-5+finasteride")).status == "open"  # type: ignore[union-attr]


def test_json_tells_each_part() -> None:
    said = somebody("M").together(["finasteride", "dutasteride"]).as_json()
    assert [part["therapy"] for part in said["parts"]] == ["finasteride", "dutasteride"]
    assert "parts" not in somebody("M").of("finasteride").as_json()


# --- what a therapy holds ---


def test_a_cocktail_inherits_the_rules_of_what_it_holds_and_never_by_hand() -> None:
    """A rule names an ingredient or a therapy, never a cocktail beside the therapy whose drug it holds."""
    lib = evidence()
    for rule in lib.rules.values():
        named = [name for name in rule.for_ if name in lib.therapies]
        cocktails = [name for name in named if "mesotherapy" in lib.therapies[name].family]
        others = set(named) - set(cocktails)
        if rule.for_ != lib.rules["pattern-loss-likely"].for_:  # for what loss they are, whatever they hold
            twice = [
                c
                for c in cocktails
                if any(ingredients(c) & ingredients(o) & lib.drugs.keys() for o in others)
            ]
            assert twice == [], rule.id


@pytest.mark.parametrize(
    ("cocktail", "plain"),
    [("mesotherapy-minoxidil", "minoxidil-topical-5"), ("mesotherapy-dutasteride", "dutasteride")],
)
def test_every_rule_of_a_drug_goes_with_it_into_the_syringe(cocktail: str, plain: str) -> None:
    of_drug = {r.id for r in rules_for(plain) if any(name.startswith("ingredient:") for name in r.for_)}
    assert len(of_drug) > 8 and of_drug <= {rule.id for rule in rules_for(cocktail)}


def test_every_ingredient_that_a_rule_speaks_of_is_in_a_therapy() -> None:
    held = {f"ingredient:{name}" for therapy in evidence().therapies for name in ingredients(therapy)}
    asked = {
        name for rule in evidence().rules.values() for name in rule.for_ if name.startswith("ingredient:")
    }
    assert asked and asked <= held


def test_what_is_unknown_in_a_syringe_closes_whatever_it_is_for() -> None:
    answer = somebody("F")
    for therapy in evidence().therapies.values():
        if therapy.composition == "unknown":
            assert "cocktail-unknown" in {reason.rule for reason in answer.of(therapy.id).reasons}
            assert answer.of(therapy.id).status == "closed"


@pytest.mark.parametrize("fact", ["pregnant", "breastfeeding", "anticoagulant"])
def test_pregnancy_breastfeeding_and_blood_thinners_belong_to_every_needle(fact: str) -> None:
    trouble: dict[str, Any] = {"drugs": ["warfarin"]} if fact == "anticoagulant" else {fact: True}
    answer = somebody("F", patches=True, **trouble)
    for therapy in evidence().therapies.values():
        if "injection" in therapy.family:
            assert answer.of(therapy.id).status == "closed", therapy.id
            closing = {r.rule for r in answer.of(therapy.id).reasons if r.effect == "closes"}
            assert closing & {"injection-pregnancy", "injection-breastfeeding", "injection-anticoagulant"}


def test_a_drug_of_a_therapy_counts_for_the_rules_on_drugs_taken() -> None:
    assert {"local-corticosteroid", "triamcinolone"} <= drugs_in("triamcinolone-intralesional")
    assert "immunosuppressant" in drugs_in("jak-inhibitor")
    assert "5-alpha-reductase-inhibitor" in called("mesotherapy-dutasteride")
    assert "minoxidil" not in drugs_in("minoxidil-oral"), "tablets and lotion are two drugs"


# --- hyaluronic and tranexamic acid ---

SKIN = [
    (
        "skin-mesotherapy-tranexamic-acid",
        {"conditions": ["deep vein thrombosis"]},
        "closed",
        "tranexamic-clots",
    ),
    ("skin-mesotherapy-tranexamic-acid", {"contraception": "combined pill"}, "closed", "tranexamic-pill"),
    ("skin-mesotherapy-tranexamic-acid", {"drugs": ["Premarin"]}, "closed", "tranexamic-pill"),
    ("skin-mesotherapy-tranexamic-acid", {"conditions": ["epilepsy"]}, "closed", "tranexamic-seizures"),
    (
        "skin-mesotherapy-tranexamic-acid",
        {"conditions": ["acquired colour blindness"]},
        "closed",
        "tranexamic-colours",
    ),
    ("skin-mesotherapy-tranexamic-acid", {"symptoms": ["vision change"]}, "waiting", "tranexamic-eyes"),
    (
        "skin-mesotherapy-tranexamic-acid",
        {"conditions": ["subarachnoid hemorrhage"]},
        "closed",
        "tranexamic-brain-bleeding",
    ),
    ("skin-mesotherapy-tranexamic-acid", {"conditions": ["CKD"]}, "open", "tranexamic-kidney"),
    ("skin-mesotherapy-tranexamic-acid", {}, "open", None),
    ("skin-mesotherapy-hyaluronic-acid", {"allergies": ["hyaluronidase"]}, "closed", "hyaluronic-allergy"),
    (
        "skin-mesotherapy-hyaluronic-acid",
        {"conditions": ["silicone filler"]},
        "closed",
        "hyaluronic-other-filler",
    ),
    ("skin-mesotherapy-hyaluronic-acid", {"conditions": ["lupus"]}, "open", "hyaluronic-autoimmune"),
    ("skin-mesotherapy-hyaluronic-acid", {"conditions": ["skin infection"]}, "closed", "skin-site-infected"),
    ("skin-mesotherapy-hyaluronic-acid", {}, "open", "hyaluronic-enzyme"),
]


@pytest.mark.parametrize(
    ("therapy", "but", "status", "rule"), SKIN, ids=[f"{s[0][17:]} {s[1]}" for s in SKIN]
)
def test_injections_into_the_skin(therapy: str, but: dict[str, Any], status: str, rule: str | None) -> None:
    said = somebody("F", **but).of(therapy)
    assert said.status == status, said.needs
    if rule:
        assert rule in {reason.rule for reason in said.reasons}


def test_tranexamic_acid_and_kidneys_that_have_all_but_failed() -> None:
    labs = [{"test": "creatinine", "value": 3.2, "unit": "mg/dL"}]
    said = somebody("F", labs=labs).of("skin-mesotherapy-tranexamic-acid")
    assert said.status == "closed" and "tranexamic-severe-kidney" in {reason.rule for reason in said.reasons}


# --- biotin before any test, PSA as double ---


def test_a_test_measured_on_biotin_is_not_read() -> None:
    """A ferritin of 12 lets iron open; measured on biotin it may be falsely low, so that it is measured again."""
    labs = [{"test": "ferritin", "value": 12, "unit": "ug/L"}]
    assert somebody("F", labs=labs).of("iron").status == "open"
    on_biotin = somebody("F", labs=labs, drugs=["biotin"])
    assert on_biotin.of("iron").status == "waiting"
    assert any("ferritin, 72 hours after the last biotin" in need for need in on_biotin.of("iron").needs)
    assert {lab.test: lab.first for lab in on_biotin.labs}[
        "ferritin"
    ] == "biotin is left out for 72 hours before blood is drawn"


def test_biotin_is_asked_for_before_a_test_is_read() -> None:
    labs = [{"test": "ferritin", "value": 12, "unit": "ug/L"}]
    nobody_asked = somebody("F", labs=labs, drugs=None)
    assert nobody_asked.of("iron").status == "waiting"
    assert (
        "ferritin" not in nobody_asked.of("iron").needs and "the drugs taken" in nobody_asked.of("iron").needs
    )
    assert any("Whether biotin is taken is not known" in warning for warning in nobody_asked.warnings)
    assert all(lab.first is None for lab in somebody("F", labs=[]).labs), (
        "biotin was asked for and is not taken"
    )
    asked_first = {lab.test: lab.first for lab in somebody("F", labs=[], drugs=None).labs}
    assert "ask whether biotin is taken" in str(asked_first["ferritin"]) and asked_first["potassium"] is None


def test_what_does_not_rest_on_an_immunoassay_is_read_on_biotin() -> None:
    labs = [
        {"test": "K", "value": 4.2, "unit": "mmol/L"},
        {"test": "creatinine", "value": 0.7, "unit": "mg/dL"},
    ]
    assert somebody("F", labs=labs, drugs=["biotin"]).of("spironolactone").status == "open"


PSA = [
    # the value, what is taken and since when, and whether it is high: read as double after six months of the drug
    (3.0, [], False),
    (4.5, [], True),
    (3.0, [{"name": "finasteride", "since": "2026-01-10"}], True),
    (3.0, [{"name": "finasteride", "since": "2026-10-10"}], False),
    (3.0, [{"name": "dutasteride", "since": 2024}], True),
    (3.0, [{"name": "finasteride"}], None),
    (1.5, [{"name": "finasteride"}], False),
    (4.5, [{"name": "finasteride"}], True),
    (3.0, None, None),
]


@pytest.mark.parametrize(("value", "drugs", "high"), PSA)
def test_psa_is_read_as_double_where_a_drug_has_halved_it(
    value: float, drugs: Any, high: bool | None
) -> None:
    told = {"date": "2026-11-22", "age": 58, "sex": "M", "conditions": [], "drugs": drugs}
    told |= {"labs": [{"test": "PSA", "value": value, "unit": "ng/mL", "date": "2026-11-20"}]}
    assert know(Patient.model_validate(told)).known.get("psa_high") is high


def test_a_high_psa_waits_for_the_urologist_and_for_nobody_else() -> None:
    labs = [{"test": "PSA", "value": 5.1, "unit": "ng/mL"}]
    assert somebody("M", labs=labs, age=58).of("finasteride").status == "waiting"
    assert somebody("M", labs=[], age=58).of("finasteride").status == "open"
    assert somebody("M", labs=[], age=58, conditions=["raised PSA"]).of("dutasteride").status == "waiting"


# --- policies ---


def test_what_another_policy_would_say_is_told_where_it_differs() -> None:
    answer = somebody("M", wishes={})
    differing = {d.therapy: d for d in answer.policies}
    assert differing["exosomes"].status == {
        "strictest": "waiting",
        "jp": "waiting",
        "us": "waiting",
        "eu": "open",
    }
    assert set(differing["exosomes"].rules) == {"exosomes-not-approved-us", "exosomes-not-approved-jp"}
    assert "minoxidil-topical-5" not in differing
    told = answer.as_json()
    assert told["policy"] == "us" and {d["therapy"] for d in told["policies"]} == set(differing)
    for policy in ("strictest", "jp", "us", "eu"):
        under = assess(answer.patient, policy=policy)
        assert {d.therapy: d.status[policy] for d in answer.policies} == {
            d: under.of(d).status for d in differing
        }
        same = {s.therapy for s in under.therapies} - differing.keys()
        assert {t: under.of(t).status for t in same} == {t: answer.of(t).status for t in same}


def test_strictest_is_never_more_open_than_a_region() -> None:
    for seed in range(150):
        known = anybody.read(anybody.story(50_000 + seed)[1]).known
        strict = anybody.statuses(known, "strictest")
        for policy in ("jp", "us", "eu"):
            looser = anybody.statuses(known, policy)
            assert [t for t in strict if anybody.RANK[strict[t]] < anybody.RANK[looser[t]]] == []


# --- what `explain` says ---


def test_explain_says_what_would_open_it_and_how_it_stands_elsewhere(cli: Any) -> None:
    status, out, _ = cli("explain", "examples/man-on-anticoagulant.yaml", "prp")
    assert status == 0
    assert "It would be open only if what cannot be changed were otherwise" in out
    assert "never stopped or changed for this" in out and "[injection-anticoagulant]" in out
    status, out, _ = cli("explain", "examples/woman-47-pattern.yaml", "exosomes")
    assert "By policy: strictest: waiting, jp: waiting, us: waiting, eu: open" in out
    assert (
        "The number of a registered trial, or of a plan filed with the authority, was shown: yes: to be asked"
        in out
    )
    assert (
        "Nothing that could be answered or changed would open it."
        in cli("explain", "examples/woman-47-pattern.yaml", "flutamide")[1]
    )


def test_explain_in_json_holds_the_same() -> None:
    from follicast.plan.explanation import explain

    told = explain(somebody("M", drugs=["warfarin"]), "prp").as_json()
    assert told["opens_if"]["possible"] is False
    assert [change["fact"] for change in told["opens_if"]["changes"]] == ["anticoagulant"]
    assert (
        told["policies"] is None
        and explain(somebody("M", wishes={}), "exosomes").as_json()["policies"]["status"]["eu"] == "open"
    )
    assert explain(somebody("M"), "flutamide").as_json()["opens_if"] is None
