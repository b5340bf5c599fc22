"""Every claim of the source pages is told once, sorted honestly, and taken up by something that exists."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from follicast.errors import EvidenceError
from follicast.evidence.claim import Claim, ClaimPage
from follicast.evidence.library import HERE, evidence
from follicast.evidence.links import resolve
from follicast.evidence.reader import build, parse

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "C000": ("seed-mesotherapy-vn", 109, 23),
    "C001": ("seed-prp-clinic", 266, 82),
    "C002": ("seed-skin-mesotherapy", 53, 0),
    "C003": ("seed-botox-like", 35, 8),
    "C004": ("seed-stem-cells", 53, 5),
}  # number of the page: its citekey, its claims, and those about what hair does
ABOUT_HAIR = ("emergent", "built-in", "outside")
ONE = """page: seed-prp-clinic
claims:
  C001-097:
    says: An effect often takes three to six months to be felt.
    about: spironolactone
    topic: timeline
    place: spironolactone, features
    kind: emergent
    honoured_by: ["check:spironolactone-onset", "therapy:spironolactone#review"]
"""


@cache
def laws() -> set[str]:
    """Return the names of every test and of every proof in verification."""
    files = [*(ROOT / "tests").glob("test_*.py"), ROOT / "verification" / "laws.py"]
    return {
        node.name
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def lost(claims: dict[str, Claim]) -> list[str]:
    """Return each link of the claims that leads nowhere, with the claim and the reason."""
    found = []
    for name, claim in claims.items():
        for link in claim.honoured_by:
            try:
                resolve(evidence(), link, {"law": laws()})
            except EvidenceError as trouble:
                found.append(f"{name}: {trouble}")
    return found


def page(text: str) -> ClaimPage:
    return build(parse(text, Path("broken.yaml")), ClaimPage)


def test_there_are_516_claims_each_under_its_number_and_on_its_page():
    wanted = {
        f"{number}-{n:03d}": key for number, (key, count, _) in PAGES.items() for n in range(1, count + 1)
    }
    assert len(wanted) == 516
    assert evidence().claimed_on == wanted


def test_every_link_of_a_claim_leads_to_what_takes_it_up():
    assert lost(evidence().claims) == []


def test_the_unbroken_copy_is_taken():
    assert lost(page(ONE).claims) == []


@pytest.mark.parametrize(
    "link, broken, says",
    [
        ("check:spironolactone-onset", "check:spironolactone-onsett", "leads nowhere. Did you mean"),
        ("therapy:spironolactone#review", "therapie:spironolactone", "names no shelf"),
        ("therapy:spironolactone#review", "therapy:spirolactone", "leads nowhere"),
        ("therapy:spironolactone#review", "therapy:spironolactone#reviews", "is absent or empty"),
        ("therapy:spironolactone#review", "therapy:spironolactone#course", "is absent or empty"),
        ("therapy:spironolactone#review", "law:test_of_nothing", "no law is called"),
    ],
)
def test_a_claim_linked_to_what_does_not_exist_is_found(link, broken, says):
    (told,) = lost(page(ONE.replace(link, broken)).claims)
    assert told.startswith("C001-097") and says in told


def test_a_claim_linked_to_nothing_is_refused_with_its_line():
    nothing = ONE.replace('["check:spironolactone-onset", "therapy:spironolactone#review"]', "[]")
    with pytest.raises(EvidenceError, match=r"broken\.yaml:9: claims\.C001-097\.honoured_by"):
        page(nothing)


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("kind: emergent", "kind: built-in", "an emergent claim, and no other"),
        ('"check:spironolactone-onset", ', "", "an emergent claim, and no other"),
        ("kind: emergent", "kind: proven", "Input should be"),
        ("    about: spironolactone\n", "", "about"),
    ],
)
def test_a_claim_that_is_not_sorted_honestly_is_refused(old, new, says):
    with pytest.raises(EvidenceError, match=says):
        page(ONE.replace(old, new))


@pytest.mark.parametrize("kind", ["built-in", "outside"])
def test_what_is_built_in_or_outside_must_say_why(kind):
    bare = ONE.replace("emergent", kind).replace('"check:spironolactone-onset", ', "")
    with pytest.raises(EvidenceError, match=f"a claim that is {kind} says why"):
        page(bare)
    assert page(bare + "    why: So it was put in.\n").claims["C001-097"].why


def test_exactly_the_emergent_claims_name_a_check():
    for name, claim in evidence().claims.items():
        assert (claim.kind == "emergent") == any(link.startswith("check:") for link in claim.honoured_by), (
            name
        )


def test_every_check_is_named_by_a_claim():
    named = {
        link.removeprefix("check:")
        for claim in evidence().claims.values()
        for link in claim.honoured_by
        if link.startswith("check:")
    }
    assert named == evidence().checks.keys()


def test_the_118_claims_about_what_hair_does_are_emergent_built_in_or_outside():
    found = Counter(name[:4] for name, claim in evidence().claims.items() if claim.kind in ABOUT_HAIR)
    assert {number: found[number] for number in PAGES} == {number: n for number, (_, _, n) in PAGES.items()}
    assert found.total() == 118


def test_a_correction_rests_on_something_other_than_the_page_it_corrects():
    corrected = {name: claim.corrected for name, claim in evidence().claims.items() if claim.corrected}
    assert len(corrected) > 40
    for name, text in corrected.items():
        assert set(text.citekeys) - {evidence().claimed_on[name], "project"}, name


def test_what_trials_say_rests_on_something_other_than_the_page():
    for name, claim in evidence().claims.items():
        if claim.trials:
            assert set(claim.trials.citekeys) - {evidence().claimed_on[name]}, name


def test_every_general_text_takes_up_a_claim():
    linked = {link for claim in evidence().claims.values() for link in claim.honoured_by}
    assert [name for name in evidence().texts if f"text:{name}" not in linked] == []


def said(found: object) -> str:
    """Return what an entry says: an advice or item its text, a rule its reason."""
    return getattr(found, "text", None) or getattr(found, "because", None) or ""


@pytest.mark.parametrize(
    "claim, word",
    [
        ("C001-110", "avocado"),
        ("C001-111", "broccoli"),
        ("C001-112", "banana"),
        ("C001-255", "pain and swelling"),
        ("C001-256", "bruise"),
        ("C001-258", "exercise"),
        ("C001-259", "gent"),
        ("C001-260", "massage"),
        ("C001-261", "alcohol"),
        ("C001-262", "wash"),
        ("C001-263", "step by step"),
        ("C001-264", "scalp"),
    ],
)
def test_what_the_clinic_says_of_food_and_of_the_days_after_leads_to_just_that_advice(claim, word):
    links = [link for link in evidence().claims[claim].honoured_by if not link.startswith("conflict:")]
    assert len(links) >= 3
    for link in links:
        assert word in f"{link} {said(resolve(evidence(), link))}".replace("-", " ").lower(), link


@pytest.mark.parametrize(
    "claim, label, sessions",
    [("C001-235", "course of three", 3), ("C001-237", "course of five", 5), ("C001-239", "monitors", 5)],
)
def test_the_clinics_price_per_session_is_that_of_the_set_divided_by_its_sessions(claim, label, sessions):
    told = evidence().claims[claim]
    offer = resolve(evidence(), told.honoured_by[0])
    assert label in offer.label and offer.sessions == sessions
    assert offer.price / sessions == told.amount


def test_the_clinic_is_cheaper_than_the_range_it_gives_for_tokyo():
    single, market = (resolve(evidence(), link) for link in evidence().claims["C001-240"].honoured_by)
    assert single.price < market[0].low


def test_no_page_of_claims_names_a_page_that_is_not_held():
    for sheet in sorted((HERE / "claims").glob("*.yaml")):
        assert sheet.stem in evidence().references
