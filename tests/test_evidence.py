"""The evidence reader refuses what is not fit to be evidence, and says where."""

from pathlib import Path

import pytest
import ucumvert
from hypothesis import given, settings
from hypothesis import strategies as st

from follicast.errors import EvidenceError, FollicastError
from follicast.evidence.grading import standing
from follicast.evidence.library import HERE, Library, evidence
from follicast.evidence.number import Number
from follicast.evidence.reader import build, parse, read

CONTEXT = {"sources": {"olsen2002"}, "units": {"d", "um"}}
GOOD = """telogen:
  value: 100
  unit: d
  kind: measured
  source: olsen2002
  place: "table 1"
"""


def load(text: str, tmp_path: Path) -> dict[str, Number]:
    path = tmp_path / "numbers.yaml"
    path.write_text(text)
    return build(read(path), dict[str, Number], context=CONTEXT)


def test_a_full_number_is_read(tmp_path):
    assert float(load(GOOD, tmp_path)["telogen"]) == 100


@pytest.mark.parametrize(
    "line, says",
    [
        ("  unit: d\n", "unit"),
        ("  kind: measured\n", "kind"),
        ("  source: olsen2002\n", "source"),
        ('  place: "table 1"\n', "place"),
    ],
)
def test_a_number_without_unit_kind_source_or_place_is_an_error_that_names_file_and_line(
    line, says, tmp_path
):
    with pytest.raises(EvidenceError, match=rf"numbers\.yaml:1: telogen\.{says}: this is required"):
        load(GOOD.replace(line, ""), tmp_path)


def test_a_bare_number_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match=r"numbers\.yaml:1: telogen: 100 stands bare"):
        load("telogen: 100\n", tmp_path)


def test_an_unknown_key_is_refused_with_its_line(tmp_path):
    with pytest.raises(EvidenceError, match=r"numbers\.yaml:7: telogen\.sourse: no such key"):
        load(GOOD + "  sourse: x\n", tmp_path)


def test_a_duplicate_key_is_refused_with_its_line(tmp_path):
    with pytest.raises(EvidenceError, match=r"numbers\.yaml:7: the key 'value' stands twice"):
        load(GOOD + "  value: 90\n", tmp_path)


def test_an_unknown_citekey_is_refused_with_its_line(tmp_path):
    with pytest.raises(
        EvidenceError, match=r"numbers\.yaml:5: telogen\.source: no reference is called 'olsen1902'"
    ):
        load(GOOD.replace("olsen2002", "olsen1902"), tmp_path)


def test_a_unit_that_is_not_declared_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match=r"numbers\.yaml:3: telogen\.unit: the unit 'days'"):
        load(GOOD.replace("unit: d", "unit: days"), tmp_path)


def test_an_assumed_number_needs_a_reason(tmp_path):
    with pytest.raises(EvidenceError, match="needs a reason"):
        load(GOOD.replace("measured", "assumed"), tmp_path)


def test_a_date_stays_text():
    assert parse("day: 2026-01-02\n", Path("x.yaml")).content == {"day": "2026-01-02"}


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_are_given_the_reader_answers_or_says_why(raw):
    try:
        parse(raw, Path("x.yaml"))
    except FollicastError as trouble:
        assert str(trouble).startswith("x.yaml")


def test_what_a_file_states_once_is_spread_over_its_numbers(tmp_path):
    text = "defaults: {source: olsen2002, place: table 1, kind: measured}\na: {value: 1, unit: d}\n"
    assert load(text, tmp_path)["a"].citekeys == ["olsen2002"]


@pytest.mark.parametrize(
    "shelf",
    [
        "references",
        "numbers",
        "parameters",
        "therapies",
        "conditions",
        "studies",
        "rules",
        "harms",
        "price_lists",
        "windows",
        "drugs",
        "labs",
        "terms",
        "facts",
    ],
)
def test_every_shelf_that_ships_can_be_opened(shelf):
    assert getattr(Library(), shelf)


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.yaml")), ids=lambda p: p.stem)
def test_every_file_that_ships_passes_the_guard(path):
    assert parse(path.read_bytes(), path, guard=True).content


def test_every_unit_is_ucum():
    registry = ucumvert.PintUcumRegistry()
    for code in evidence().units:
        registry.from_ucum(code)


def test_every_reference_is_used_or_at_least_known_by_its_kind():
    assert all(reference.title for reference in evidence().references.values())


@pytest.mark.parametrize(
    "therapy, sex, grade",
    [
        ("minoxidil-topical-5", "F", "calibrated"),
        ("minoxidil-topical-2", "F", "calibrated"),
        ("minoxidil-topical-5", "M", "calibrated"),
        ("finasteride", "M", "calibrated"),
        ("dutasteride", "M", "calibrated"),
        ("spironolactone", "F", "by-analogy"),
        ("prp", "F", "by-analogy"),
        ("minoxidil-topical-1", "F", "by-analogy"),
        ("exosomes", "F", "refused"),
        ("mesotherapy-vitamin", "F", "refused"),
        ("harg", "F", "refused"),
        ("stem-cells-adipose", "F", "refused"),
        ("botulinum-toxin", "M", "refused"),
        ("zinc", "F", "refused"),
    ],
)
def test_the_studies_decide_whether_a_therapy_gets_a_curve(therapy, sex, grade):
    assert standing(evidence(), therapy, sex).grade == grade


def test_the_posterior_was_fitted_to_the_evidence_that_ships():
    assert evidence().posterior.recipe["fitted_to"] == evidence().fingerprint(), "run: follicast calibrate"


def test_the_chains_agreed_in_every_structure_that_carries_weight():
    carried = [one for one in evidence().posterior.recipe["structures"].values() if one["weight"] > 0.05]
    assert carried and all(one["r_hat"] < 1.05 and one["divergences"] <= 4 for one in carried)
