"""The names under which a drug, a laboratory test, a unit or a grade is written, in four languages' scripts.

A name is recognised or it is not: nothing is guessed, a near miss is only ever suggested. It knows no patient.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from follicast.errors import did_you_mean
from follicast.evidence.intake import Drug, LabTest
from follicast.evidence.library import evidence

ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
CODE = re.compile(r"(?:.*\b)?(rxnorm|rxcui|atc)\s*[:|#]?\s*([a-z0-9]+)", re.IGNORECASE)
STRENGTH = re.compile(
    r"^(\D.*?)[\s,(]*(\d[\d.,]*\s*(?:mg|mcg|[uµμ]g|g|iu|i\.u\.|ml|%|単位).*)$", re.IGNORECASE
)
TABLET = re.compile(r"^(.+?)(?:(?:od)?(?:錠|カプセル)|\s(?:tablet|tab|capsule|cap|pill)s?)$", re.IGNORECASE)
ON_THE_SKIN = re.compile(r"^(.+?)\s(?:foam|solution|lotion|spray|drops)$", re.IGNORECASE)
BARE_STRENGTH = re.compile(r"^(\D*[^\W\d])\s+(\d{2,4})$")  # 'aspirin 100': people leave the mg out
ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None}
)  # spellings that readers take for one
MARKS = re.compile(r"[\u064b-\u0652\u0670]")  # Arabic vowel signs, written or not


@lru_cache(maxsize=1 << 14)
def folded(word: str) -> str:
    """Return a word as it is compared: case, hyphens, runs of blanks and a final s do not matter.

    Nor does how a computer stores it (wide letters, half-width kana, composed accents, Arabic vowel signs).
    """
    plain = unicodedata.normalize("NFKC", word.replace("µ", "u")).replace("μ", "u").replace("’", "'")
    plain = MARKS.sub("", plain.translate(ARABIC))
    plain = re.sub(r"[\s_\-]+", " ", plain.strip().casefold()).strip()
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain


# --- drugs ---


def drug_called(name: str) -> str:
    """Return the generic name of a drug, by any name or code; of a combination the first; else ValueError."""
    return drugs_called(name)[0]


def drugs_called(name: str) -> tuple[str, ...]:
    """Return every drug that a name stands for: a product of two counts as both; raises ValueError if unknown."""
    found = _by_name(name) or _by_code(name) or _by_form(name) or _by_parts(name)
    if found:
        return found
    near = did_you_mean(folded(name), list(_drug_names()))
    raise ValueError(f"no drug is called '{name}'.{near} All names: follicast drugs")


def name_and_dose(text: str) -> dict[str, str]:
    """Split 'zinc 50 mg' into name and dose; what is a name as it stands (or is none at all) is left whole."""
    apart = STRENGTH.match(text.strip()) or BARE_STRENGTH.match(text.strip())
    if apart is None or _by_name(text) or not _known(apart[1]):
        return {"name": text}
    return {"name": apart[1].strip(), "dose": apart[2].strip(" ()")}


def _known(name: str) -> bool:
    return bool(_by_name(name) or _by_form(name) or _by_parts(name))


def by_mouth(name: str) -> str | None:
    """Return the drug that a name means when it is swallowed, where that is another than on the skin; else None."""
    return evidence().drugs[drug_called(name)].by_mouth


def _by_name(name: str) -> tuple[str, ...]:
    generic = _drug_names().get(folded(name))
    return _with_parts(generic) if generic else ()


def _with_parts(generic: str) -> tuple[str, ...]:
    return (generic, *evidence().drugs[generic].contains)


def _by_code(name: str) -> tuple[str, ...]:
    written = CODE.fullmatch(name.strip())
    if written is None:
        return ()
    system = "atc" if written[1].lower() == "atc" else "rxnorm"
    found = _drug_codes().get((system, written[2].upper()), ())
    if len(found) > 1:
        raise ValueError(
            f"the code '{name}' stands for {' and for '.join(found)}; give the one that is meant"
        )
    return _with_parts(found[0]) if found else ()


def _by_form(name: str) -> tuple[str, ...]:
    """Recognise a name with its form (錠, tablet, foam): what has a twin by mouth then means the twin or itself.

    A form for the skin is read only of a drug that is known on the skin: 'finasteride spray' is not finasteride.
    """
    form, skin = TABLET.match(name.strip()), ON_THE_SKIN.match(name.strip())
    found = _by_name(form[1]) if form else _by_name(skin[1]) if skin else ()
    twin = evidence().drugs[found[0]].by_mouth if found else None
    if skin and not form:
        return found if twin else ()
    return _with_parts(twin) if twin else found


def _by_parts(name: str) -> tuple[str, ...]:
    """Recognise a combination written out ('losartan/HCTZ'), if every part is a drug."""
    parts = [part for part in re.split(r"\s*[/+・&]\s*", name.strip()) if part]
    known = [_by_name(part) for part in parts]
    return (
        tuple(dict.fromkeys(one for part in known for one in part)) if len(parts) > 1 and all(known) else ()
    )


@cache
def _drug_names() -> dict[str, str]:
    return {
        folded(name): generic
        for generic, drug in evidence().drugs.items()
        for name in (generic, *drug.names, *_atc(drug))
    }


def _atc(drug: Drug) -> list[str]:
    return [drug.atc] if isinstance(drug.atc, str) else drug.atc or []


@cache
def _drug_codes() -> dict[tuple[str, str], tuple[str, ...]]:
    codes: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry, coded in evidence().codes.items():
        for code in coded.codes:
            if coded.kind == "drug" and code.match == "exact" and code.system in ("atc", "rxnorm"):
                held = codes.get((code.system, code.code.upper()), ())
                codes[code.system, code.code.upper()] = (*held, entry.removeprefix("drug:"))
    return codes


# --- laboratory tests and their units ---


def lab_called(name: str) -> str:
    """Return the id of a laboratory test; raises ValueError if unknown."""
    known = _lab_names()
    if folded(name) in known:
        return known[folded(name)]
    near, tests = did_you_mean(name, list(known)), ", ".join(sorted(evidence().labs))
    raise ValueError(f"no laboratory test is called '{name}'.{near} Known tests: {tests}")


def standard(test: LabTest, value: float, unit: str) -> float:
    """Return a value in the unit kept for a test; raises ValueError for a unit that the test is not given in."""
    if _same_unit(unit, test.unit):
        return value
    for other, worth in test.units.items():
        if _same_unit(unit, other):
            return value * worth.value + (test.offsets[other].value if other in test.offsets else 0.0)
    known = ", ".join([test.unit, *test.units])
    if unit == "1":
        raise ValueError(f"{test.name} stands without its unit; give one of: {known}")
    raise ValueError(f"'{unit}' is no unit of {test.name}; it is given in {known}")


def _same_unit(said: str, kept: str) -> bool:
    """Whether two units are one; laboratories print an international unit as IU and as U (a TSH in mU/L)."""
    return plain_unit(said).replace("iu", "u") == plain_unit(kept).replace("iu", "u")


def plain_unit(unit: str) -> str:
    """Return a unit as it is compared: µ is u, mcg is ug, blanks, brackets and case do not matter."""
    bare = re.sub(r"[\s\[\]{}_*^]", "", unit.replace("µ", "u").replace("μ", "u")).lower()
    return bare.replace("mcg", "ug").replace("x10", "10").replace("×10", "10").replace("1.73m²", "1.73m2")


@cache
def _lab_names() -> dict[str, str]:
    return {
        folded(name): test_id
        for test_id, test in evidence().labs.items()
        for name in (test_id, test.name, *test.names, *([test.loinc] if test.loinc else []))
    }


# --- grades ---


def grade_called(scale: str, grade: str | float) -> str | None:
    """Return a grade as its scale writes it ('2' for Ludwig is 'II', '3v' for Norwood 'III vertex'), or None."""
    written = folded(f"{grade:g}" if isinstance(grade, float) else str(grade))
    return spellings(scale).get(written)


def spellings(scale: str) -> dict[str, str]:
    """Return the grade that each spelling of a known scale's grades stands for."""
    return {way: one.level for one in evidence().scales[scale].levels for way in _ways(one.level)}


def _ways(level: str) -> list[str]:
    """Return the ways in which a grade is written: III vertex, 3 vertex, 3v; II and 2."""
    plain = folded(level)
    stem, _, rest = plain.partition(" ")
    numbers = (stem, str(ROMAN[stem])) if stem in ROMAN else ()
    long = [f"{number} {rest}".strip() for number in numbers]
    return [plain, *long, *(number + rest[0] for number in numbers if rest)]


# --- ancestry ---


Group = Literal["asian", "african", "hispanic"]
# Words by which an ancestry is told, for the groups that have tables. The Asian tables are East and South-East
# Asian, so South Asian ancestry has none; whole words only, for "Caucasian" ends in one of them.
_ANCESTRIES: dict[Group, str] = {
    "asian": r"asian|japan(ese)?|korean?|chin(a|ese)|vietnam(ese)?|thai(land)?",
    "african": r"african?|afro|black|caribbean|nigerian?|ghana(ian)?|kenyan?|ethiopian?|eritrean?|somalia?n?|"
    r"senegal(ese)?|cameroon(ian)?|congo(lese)?|ugandan?|tanzanian?|zimbabwean?|jamaican?|haiti(an)?",
    "hispanic": r"hispanic|latin[oax]|latin american",
}
_NO_TABLE = r"(south|west|central) asian"
_OF_ELSEWHERE = (
    r"europe(an)?|caucasian|white|arab|middle east(ern)?|persian|iranian?|turkish|indian?|pakistani|"
    r"british|irish|french|german|italian|spanish|polish|russian|scandinavian|filipino|indonesian"
)


def group(ancestry: str | None) -> Group | None:
    """Return the group whose tables an ancestry is read from, None where it is the trials' own or has none."""
    told = _as_told(ancestry)
    if re.search(_NO_TABLE, told):
        return None
    return next((known for known, words in _ANCESTRIES.items() if _speaks(words, told)), None)


def of_african_descent(ancestry: str | None) -> bool | None:
    """Return whether an ancestry is African; None where it was not told, or in words that are not known."""
    told = _as_told(ancestry)
    if _speaks(_ANCESTRIES["african"], told):
        return True
    known = group(ancestry) or re.search(_NO_TABLE, told) or _speaks(_OF_ELSEWHERE, told)
    return False if known else None


def _as_told(ancestry: str | None) -> str:
    return (ancestry or "").lower().replace("-", " ")


def _speaks(words: str, told: str) -> bool:
    return re.search(rf"\b({words})s?\b", told) is not None
