"""What a person may have read elsewhere is put right kindly where it touches the plan, and traced for the clinician."""

from __future__ import annotations

import pytest

from follicast.evidence.library import evidence
from follicast.plan.corrections import corrections, told_kindly
from follicast.regimen import Regimen

PLANNABLE = [
    therapy.id for therapy in evidence().therapies.values() if therapy.actions or therapy.body == "skin"
]


@pytest.mark.parametrize("therapy", PLANNABLE)
def test_whatever_a_source_page_says_otherwise_of_a_therapy_is_told_kindly(therapy: str) -> None:
    """A disagreement between studies alone is for the clinician; where a page is wrong the patient is told."""
    for one in corrections([therapy]):
        of_a_page = any(key.startswith("seed-") for _, keys in one.sides for key in keys)
        assert one.kindly or not of_a_page, f"{one.id} touches {therapy} and is told to nobody"


def test_each_says_what_holds_and_on_what_it_rests() -> None:
    library = evidence()
    for therapy in PLANNABLE:
        for one in corrections([therapy]):
            assert one.holds and one.sides and one.sources
            assert set(one.sources) <= set(library.references)


def test_prp_is_put_right_where_pages_call_it_proven_and_safe() -> None:
    told = told_kindly(corrections(["prp"]))
    assert any('"proven"' in words for words in told) and any('"safe"' in words for words in told)
    assert len(told) == len(set(told))


def test_another_strength_of_a_lotion_is_put_right_alike() -> None:
    one, five = (told_kindly(corrections([f"minoxidil-topical-{n}"])) for n in (1, 5))
    assert one == five and any("30 of 100" in words for words in one)


def test_no_treatment_needs_no_correction() -> None:
    assert corrections(Regimen("none").therapies) == []


def test_a_therapy_is_not_told_of_what_touches_another() -> None:
    assert not {one.id for one in corrections(["prp"])} & {one.id for one in corrections(["spironolactone"])}


def test_a_claim_that_is_told_with_another_leads_to_one_that_is_told() -> None:
    claims = evidence().claims
    for name, claim in claims.items():
        if claim.told_with:
            assert claim.corrected and claims[claim.told_with].kindly, name
        assert not claim.kindly or claim.corrected, f"{name} is told kindly and was never corrected"
