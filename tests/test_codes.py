"""Standard codes: keys of ours, systems whose terms allow it, and one code for one thing wherever it stands."""

from __future__ import annotations

import re

import pytest

from follicast.evidence.library import HERE, evidence
from follicast.evidence.reader import parse

SHAPES = {
    "icd-10-cm": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "snomed-ct": r"\d{6,18}",
    "hpo": r"HP:\d{7}",
    "atc": r"[A-Z]\d{2}[A-Z]{2}(\d{2})?",
    "rxnorm": r"\d{2,8}",
    "loinc": r"\d{1,5}-\d",
    "local": r"[A-Z0-9]+(-[A-Z0-9]+)+",
}


def codes():
    return [(key, coded, code) for key, coded in evidence().codes.items() for code in coded.codes]


def held(key: str, system: str, match: str | None = None) -> set[str]:
    coded = evidence().codes.get(key)
    return (
        {c.code for c in coded.codes if c.system == system and match in (None, c.match)} if coded else set()
    )


def test_every_key_is_one_of_ours() -> None:
    library = evidence()
    ours = {
        "condition": {*library.conditions, *library.terms, *library.facts},
        "sign": set(library.terms),
        "drug": set(library.drugs),
        "lab": set(library.labs),
        "therapy": set(library.therapies),
    }
    for key, coded in library.codes.items():
        name = key.removeprefix(f"{coded.kind}:")
        assert coded.kind == "procedure" or name in ours[coded.kind], key


def test_every_system_has_a_licence_and_says_what_may_be_shipped() -> None:
    systems = evidence().code_systems
    assert set(systems) == {"icd-10-cm", "icd-10", "snomed-ct", "hpo", "atc", "rxnorm", "loinc", "local"}
    for name, system in systems.items():
        assert system.licence and system.citekeys, name
        assert system.notice or name == "local", f"{name}: a notice is asked for or prudent"


def test_a_system_that_may_not_be_shipped_holds_no_code() -> None:
    closed = {name for name, system in evidence().code_systems.items() if system.ships == "no"}
    assert closed == {"icd-10"}
    assert [key for key, _, code in codes() if code.system in closed] == []


def test_where_only_codes_may_be_shipped_no_name_stands_beside_them() -> None:
    bare = {name for name, system in evidence().code_systems.items() if system.ships == "codes only"}
    assert bare == {"snomed-ct", "atc", "loinc"}
    assert [key for key, _, code in codes() if code.system in bare and code.name] == []


@pytest.mark.parametrize("system", SHAPES)
def test_codes_are_spelt_as_their_system_spells_them(system: str) -> None:
    found = [code.code for _, _, code in codes() if code.system == system]
    assert found
    assert [code for code in found if not re.fullmatch(SHAPES[system], code)] == []


def luhn_mod_10(number: str) -> int:
    """The check digit of LOINC: every second digit from the right doubled, all digits summed."""
    doubled = str(int("".join(reversed(number))[0::2][::-1] or "0") * 2)
    rest = "".join(reversed(number))[1::2]
    return -sum(int(digit) for digit in doubled + rest) % 10


def test_loinc_numbers_carry_their_check_digit() -> None:
    for key, _, code in codes():
        if code.system == "loinc":
            number, check = code.code.split("-")
            assert luhn_mod_10(number) == int(check), key


_D = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]  # fmt: skip
_P = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]  # fmt: skip


def test_snomed_identifiers_carry_their_check_digit() -> None:
    """SNOMED CT ends its identifiers with a Verhoeff digit."""
    for key, _, code in codes():
        if code.system == "snomed-ct":
            check = 0
            for place, digit in enumerate(reversed(code.code)):
                check = _D[check][_P[place % 8][int(digit)]]
            assert check == 0, (key, code.code)


def test_what_was_not_verified_is_marked() -> None:
    unverified = {(key, code.code) for key, _, code in codes() if code.verified == "no"}
    assert ("drug:lithium", "6448") in unverified and ("lab:pregnancy-test", "2106-3") in unverified
    assert len(unverified) == 8
    assert any(code.verified == "partly" for _, _, code in codes() if code.system == "loinc")


# --- a code stands the same wherever it stands ---


def test_conditions_name_a_code_that_their_codes_hold() -> None:
    for name, condition in evidence().conditions.items():
        if condition.icd10:
            assert condition.icd10 in held(f"condition:{name}", "icd-10-cm"), name


def test_laboratory_tests_name_the_loinc_number_that_their_codes_hold() -> None:
    for name, test in evidence().labs.items():
        assert test.loinc is None or test.loinc in held(f"lab:{name}", "loinc"), name
        assert test.loinc or not held(f"lab:{name}", "loinc"), name


def test_drugs_name_the_atc_codes_that_their_codes_hold() -> None:
    for name, drug in evidence().drugs.items():
        named = {drug.atc} if isinstance(drug.atc, str) else set(drug.atc or [])
        assert named == held(f"drug:{name}", "atc", "exact"), name


def test_names_beside_codes_are_ours_and_up_to_date() -> None:
    library = evidence()
    for name, condition in library.conditions.items():
        if f"condition:{name}" in library.codes:
            assert library.codes[f"condition:{name}"].name == condition.name
    for name, test in library.labs.items():
        if f"lab:{name}" in library.codes:
            assert library.codes[f"lab:{name}"].name == test.name


def test_the_files_of_codes_hold_nothing_but_what_their_heads_say() -> None:
    kinds = {
        "conditions": {"condition"},
        "drugs": {"drug"},
        "labs": {"lab"},
        "signs-and-procedures": {"sign", "procedure", "therapy"},
    }
    for path in sorted((HERE / "codes").glob("*.yaml")):
        assert {entry["kind"] for entry in parse(path.read_bytes(), path).content.values()} == kinds[
            path.stem
        ]
