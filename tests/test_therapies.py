"""Every therapy says what it is, where it stands and why it has no curve; every conflict says who is followed."""

from __future__ import annotations

import pytest

from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.evidence.links import resolve
from follicast.evidence.number import Sourced

WITH_A_CURVE = (
    "dutasteride", "finasteride", "finasteride-topical", "minoxidil-oral", "minoxidil-topical-1",
    "minoxidil-topical-2", "minoxidil-topical-5", "prp", "spironolactone",
)  # fmt: skip
WITHOUT_AN_ACTION = (
    "bicalutamide", "biotin", "corticosteroid-topical", "cyproterone", "cystine-complex", "flutamide",
    "isoprinosine", "jak-inhibitor", "mesotherapy-minoxidil", "scalp-cooling", "topical-immunotherapy",
    "triamcinolone-intralesional",
)  # fmt: skip
REFUSED_BEFORE = (
    "botulinum-toxin", "exosomes", "harg", "iron", "mesotherapy-dutasteride", "mesotherapy-vitamin",
    "microneedling", "osteopontin-injection", "skin-mesotherapy-hyaluronic-acid",
    "skin-mesotherapy-tranexamic-acid", "skin-mesotherapy-vitamin", "stem-cells-adipose",
    "stem-cells-bone-marrow", "stem-cells-follicle", "vitamin-d", "zinc",
)  # fmt: skip
FOR_THE_SKIN = {"skin-ageing", "dry-skin", "dull-skin", "pigmentation", "melasma"}
LARGE_REGIONS = ("jp", "us", "eu")


def test_every_therapy_of_the_interface_exists_and_no_other() -> None:
    assert set(evidence().therapies) == {*WITH_A_CURVE, *WITHOUT_AN_ACTION, *REFUSED_BEFORE}


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("therapy", [*WITHOUT_AN_ACTION, *REFUSED_BEFORE])
def test_no_curve_is_drawn_without_evidence(therapy: str, sex: str) -> None:
    said = standing(evidence(), therapy, sex)  # type: ignore[arg-type]
    assert said.grade == "refused"
    assert said.because
    assert said.missing


@pytest.mark.parametrize("therapy", evidence().therapies)
def test_every_therapy_has_a_standing_with_a_source_in_the_large_regions(therapy: str) -> None:
    status = evidence().therapies[therapy].status
    assert set(LARGE_REGIONS) <= set(status)
    assert all(said.note and said.citekeys for said in status.values())


@pytest.mark.parametrize("therapy", evidence().therapies)
def test_every_therapy_tells_how_it_works_or_is_said_to(therapy: str) -> None:
    told = evidence().therapies[therapy].background
    assert any(name.startswith("how-it-") for name in told)


@pytest.mark.parametrize("therapy", evidence().therapies)
def test_a_mechanism_read_on_a_page_is_told_as_the_pages_word(therapy: str) -> None:
    said = evidence().therapies[therapy].background.get("how-it-is-said-to-work")
    if said is not None:
        assert "page" in said.text or "said" in said.text


@pytest.mark.parametrize("therapy", evidence().therapies)
def test_a_therapy_treats_what_exists(therapy: str) -> None:
    known = FOR_THE_SKIN if evidence().therapies[therapy].body == "skin" else set(evidence().conditions)
    assert set(evidence().therapies[therapy].treats) <= known


def test_every_grade_names_a_therapy_that_exists_or_says_what_it_grades() -> None:
    for grade in evidence().grades.values():
        named = [grade.therapy] if isinstance(grade.therapy, str) else grade.therapy or []
        assert set(named) <= set(evidence().therapies), grade.id
        assert grade.what
        assert grade.means


def test_every_grade_is_of_a_condition_or_of_a_group_of_them() -> None:
    for grade in evidence().grades.values():
        assert any(name.startswith(grade.condition) for name in evidence().conditions), grade.id


@pytest.mark.parametrize("conflict", evidence().conflicts)
def test_both_sides_of_a_conflict_stand_apart_and_one_is_followed(conflict: str) -> None:
    said = evidence().conflicts[conflict]
    assert len({(*side.citekeys, side.date, side.place) for side in said.sides}) == len(said.sides)
    assert said.follows
    assert said.why


@pytest.mark.parametrize("conflict", evidence().conflicts)
def test_a_conflict_leads_to_what_it_touches(conflict: str) -> None:
    said = evidence().conflicts[conflict]
    assert said.shown_at
    for link in said.shown_at:
        assert resolve(evidence(), link)


def test_a_conflict_names_claims_that_exist() -> None:
    named = {claim for conflict in evidence().conflicts.values() for claim in conflict.claims}
    assert named <= set(evidence().claims)


def test_an_item_that_corrects_names_a_claim_and_what_it_replaces() -> None:
    for listed in evidence().checklists.values():
        for item in listed.items.values():
            assert (item.corrects is None) == (item.replaces is None), listed.id
            assert item.corrects is None or item.corrects in evidence().claims, listed.id


def test_nobody_is_sent_to_look_for_an_approved_clinic() -> None:
    approval = evidence().checklists["clinic-choice"].items["approval"]
    assert approval.corrects == "C004-043"
    assert "IND" in approval.text


def test_a_checklist_is_for_therapies_that_exist() -> None:
    for listed in evidence().checklists.values():
        assert set(listed.therapies) <= set(evidence().therapies), listed.id


def test_after_care_of_the_pages_stands_in_the_plan_and_in_the_list() -> None:
    therapy, listed = evidence().therapies["prp"], evidence().checklists["prp-aftercare"]
    advised = {advice.text for advice in therapy.aftercare if advice.when == "day 0"}
    assert {"Do not massage the scalp.", "No alcohol."} <= advised
    assert {"no-massage", "no-alcohol", "gentle-wash", "no-hard-exercise"} <= set(listed.items)


def test_no_price_stands_without_place_and_date() -> None:
    for prices in evidence().price_lists.values():
        assert prices.place_name
        assert prices.date[:4].isdigit()


def test_flutamide_is_ruled_out_for_hair() -> None:
    assert "LiverTox" in evidence().therapies["flutamide"].status["us"].note
    assert all(isinstance(said, Sourced) for said in evidence().therapies["flutamide"].status.values())
