"""Reads the facts that rules ask for off a patient's story: each true, false, a number, a word, or unknown.

A list with a date answers its whole class ('asked, none'); without a date it answers only what it names.
Nothing is inferred but what must be so (a man is not pregnant), and each inference has its own few lines.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from follicast.assessment.words import Heard, hear, term_called
from follicast.evidence.intake import Fact
from follicast.evidence.library import evidence
from follicast.patient import Lab, Patient, folded

DAYS_A_MONTH = 30.4375
NEVER = math.inf  # months since something that did not happen
EFFECTIVE = {"combined-pill", "progestin-only", "coil", "sterilised", "not-needed"}
SCARS = (
    "no-follicular-openings",
    "smooth-shiny-scalp",
    "perifollicular-redness",
    "perifollicular-scale",
    "tufted-hairs",
    "pustules",
    "crown-scar",
    "scarring",
    "lonely-hairs",
    "follicular-plugs",
)
INFLAMED = ("scalp-redness", "pustules", "nodules", "boggy-swelling", "scalp-crust")
FEMALE_PATTERN = {"sinclair": 2, "ludwig": 1, "norwood": 2}  # the grade from which each scale speaks of loss
WITHOUT_EFFECT = ("none", "no response", "no effect", "poor", "little", "failed", "worse", "insufficient")
WORDS = ("condition", "sign", "symptom")
NO_ALLERGY = re.compile(r"none|no|nil|nka|nkda|none known|no (known )?(drug )?allerg(y|ie|ies)( known)?")
Bool = bool | None


def any_of(answers: Iterable[Bool]) -> Bool:
    """Return True if one is true, unknown if none is and one is unknown, else False."""
    heard = list(answers)
    return True if True in heard else None if None in heard else False


class Facts:
    """All facts of one patient; `known` holds those that are known, and only those."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.warnings: list[str] = []
        self.known: dict[str, Any] = {}
        self._read_all()

    def learn(self, name: str, value: Any) -> None:
        """Add a fact that another reading found (a likely diagnosis); None leaves it unknown."""
        if value is not None:
            self.known[name] = value

    def _read_all(self) -> None:
        for name, fact in evidence().facts.items():
            value = READERS[fact.source_kind](self, fact)
            if value is not None:
                self.known[name] = float(value) if fact.type == "number" else value
        self.warnings += [*self._strange_words(), *self._undated_lists(), *self._lab_warnings]
        self.warnings += [*self._biotin_warnings(), *self._psa_warnings()]

    # --- lists of words ---

    @cached_property
    def _heard(self) -> dict[str, Heard]:
        person = self.patient
        return {
            "condition": hear(person.conditions or [], WORDS),
            "sign": hear(person.signs or [], ("sign", "symptom", "condition")),
            "symptom": hear(person.symptoms or [], ("symptom", "sign", "condition")),
            "allergy": hear(person.allergies or [], ("allergy",)),
            "site": hear(person.sites or [], ("site",)),
            "trigger": hear([trigger.what for trigger in person.triggers or []], ("trigger",)),
        }

    def _answered(self, entries: list[Any] | None) -> bool:
        """Whether a list answers its class: it was given, and the day of asking is known."""
        return entries is not None and self.patient.date is not None

    def term(self, kind: str, term_id: str) -> Bool:
        """Whether the patient has a term of a kind: said, not said in an answered list, or unknown."""
        heard = [self._heard[k] for k in (WORDS if kind in WORDS else (kind,))]
        if any(term_id in h.said for h in heard):
            return True
        if any(term_id in h.perhaps for h in heard):
            return None
        person = self.patient
        lists = {
            "condition": person.conditions,
            "sign": person.signs,
            "symptom": person.symptoms,
            "allergy": person.allergies,
            "site": person.sites,
        }
        return False if self._answered(lists[kind]) and self._could_see(kind, term_id) else None

    def _could_see(self, kind: str, term_id: str) -> bool:
        """A plain look does not answer for what takes a dermatoscope or a pull."""
        means = evidence().terms[term_id].seen_by
        if kind != "sign" or means == "eye":
            return True
        return any(evidence().terms[said].seen_by == means for said in self._heard["sign"].said)

    def _strange_words(self) -> Iterable[str]:
        course = self.patient.course
        if course and not term_called(course, "course"):
            yield f"'{course}' (course) is not a word Follicast knows; slow, sudden and fluctuating are."
        for kind, heard in self._heard.items():
            for word, near in heard.strange.items():
                meant = f" If '{near}' is meant, say so; until then that is unknown." if near else ""
                yield f"'{word}' ({kind}) is not a word Follicast knows; no rule could look at it.{meant}"

    def _undated_lists(self) -> Iterable[str]:
        if self.patient.date is None:
            for key in ("conditions", "drugs", "allergies", "signs", "symptoms", "triggers"):
                if getattr(self.patient, key) == []:
                    yield f"'{key}' is empty, but without a date it does not say that it was asked."

    # --- drugs and laboratory ---

    @cached_property
    def _drugs(self) -> set[str]:
        return {drug.generic for drug in self.patient.drugs or []}

    def drug(self, generic: str) -> Bool:
        """Whether a drug is taken."""
        return True if generic in self._drugs else False if self._answered(self.patient.drugs) else None

    def drug_class(self, name: str) -> Bool:
        """Whether any drug of a class is taken."""
        taken = any(name in evidence().drugs[generic].classes for generic in self._drugs)
        return True if taken else False if self._answered(self.patient.drugs) else None

    @cached_property
    def _lab_warnings(self) -> list[str]:
        old = [
            f"{lab.test} of {lab.date} is too old to count; measure it again."
            for lab in self.patient.labs
            if not self._fresh(lab)
        ]
        undated = [lab.test for lab in self.patient.labs if lab.date is None]
        return old + [f"{test} has no date and is taken as today's." for test in undated]

    def _biotin_warnings(self) -> list[str]:
        """Biotin comes before any test is asked for or read, whichever therapy it is for."""
        if not self.drug_class("biotin"):
            return []
        said = f"Biotin is taken: it is left out for {_number('biotin_pause'):g} hours before blood is drawn"
        measured = ", ".join(dict.fromkeys(lab.test for lab in self.patient.labs))
        return [
            f"{said}; any immunoassay among {measured} may be false unless it was."
            if measured
            else f"{said}."
        ]

    def _psa_warnings(self) -> list[str]:
        """A PSA measured on finasteride or dutasteride is half of what it stands for."""
        if not self.drug_class("5-alpha-reductase-inhibitor") or self.lab("psa") is None:
            return []
        months = f"{_number('psa_doubled_after'):g} months"
        return [
            f"PSA was measured on a drug that halves it: after {months} of the drug it is read as double."
        ]

    def _fresh(self, lab: Lab) -> bool:
        today: dt.date | None = self.patient.date
        if lab.date is None or today is None:
            return True
        return (today - lab.date).days <= evidence().labs[lab.id].fresh_for.value * DAYS_A_MONTH

    def lab(self, test_id: str) -> float | None:
        """Return the newest value that still counts, in the unit the evidence keeps, or None."""
        values = [lab for lab in self.patient.labs if lab.id == test_id and self._fresh(lab)]
        newest = max(values, key=lambda lab: lab.date or dt.date.min, default=None)
        return None if newest is None else newest.standard

    def months_since(self, trigger_id: str) -> float | None:
        """Months [mo] since a trigger; `NEVER` if it was asked for and did not happen."""
        triggers = self.patient.triggers or []
        found = [t.months_ago for t in triggers if trigger_id in hear([t.what], ("trigger",)).said]
        told = [months for months in found if months is not None]
        if told:
            return min(told)
        return NEVER if self._answered(self.patient.triggers) and not found else None


def _number(name: str) -> float:
    return evidence().numbers[f"assessment.{name}"].value


def _field(facts: Facts, fact: Fact) -> Any:
    value: Any = facts.patient
    for part in fact.key.split("."):
        value = getattr(value, part, None)
    return value


def _trigger(facts: Facts, fact: Fact) -> float | None:
    person = facts.patient
    if fact.key == "childbirth" and person.months_since_birth is not None:
        return person.months_since_birth
    if fact.key in ("childbirth", "miscarriage") and (person.sex == "M" or person.menopause == "post"):
        return NEVER
    return facts.months_since(fact.key)


def _woman_only(answer: Callable[[Facts], Bool]) -> Callable[[Facts], Bool]:
    def read(facts: Facts) -> Bool:
        return False if facts.patient.sex == "M" else answer(facts)

    return read


def _past_childbearing(facts: Facts) -> bool:
    person = facts.patient
    return person.menopause == "post" or not _number("fertile_from") <= person.age < _number("fertile_until")


def _fertility(key: str) -> Callable[[Facts], Bool]:
    def read(facts: Facts) -> Bool:
        told: Bool = getattr(facts.patient, key)
        return told if told is not None else False if _past_childbearing(facts) else None

    return _woman_only(read)


@_woman_only
def _can_conceive(facts: Facts) -> Bool:
    sterile = any(facts.term("condition", known) for known in ("hysterectomy", "tubal-ligation"))
    if sterile or _past_childbearing(facts):
        return False
    return True if facts.patient.menopause in ("pre", "peri") else None


def _contraception(facts: Facts) -> str | None:
    told = facts.patient.contraception
    if isinstance(told, bool):
        return None if told else "none"
    return term_called(told, "contraception") if told else None


@_woman_only
def _effective_contraception(facts: Facts) -> Bool:
    told = _contraception(facts)
    by_drug = [facts.drug_class(f"{kind}-contraceptive") for kind in ("combined", "progestin")]
    if told in EFFECTIVE or True in by_drug:
        return True
    return None if told is None else False


@_woman_only
def _combined_pill(facts: Facts) -> Bool:
    told = _contraception(facts)
    past = True if _past_childbearing(facts) else None
    by_word = told == "combined-pill" if told is not None else False if past else None
    return any_of((by_word, facts.drug_class("combined-contraceptive")))


@_woman_only
def _postmenopausal(facts: Facts) -> Bool:
    told = facts.patient.menopause
    return None if told is None else told == "post"


@_woman_only
def _postpartum(facts: Facts) -> Bool:
    months = _trigger(facts, evidence().facts["childbirth_months"])
    if months is None:
        return False if _past_childbearing(facts) else None
    return months <= _number("postpartum")


def _course(facts: Facts) -> str | None:
    """The course as told; it is not read out of a long history, for what is old may have come suddenly."""
    told = facts.patient.course
    return term_called(told, "course") if told else None


def _is_course(*wanted: str) -> Callable[[Facts], Bool]:
    def read(facts: Facts) -> Bool:
        course = _course(facts)
        return None if course is None else course in wanted

    return read


def _months_since_onset(facts: Facts) -> float | None:
    onset = facts.patient.onset
    if onset is None:
        return None
    if onset.months_ago is not None:
        return onset.months_ago
    return None if onset.age is None else (facts.patient.age - onset.age) * 12


def _heavy_shedding(facts: Facts) -> Bool:
    told = facts.patient.shedding
    answers = [facts.term("symptom", "shedding")]
    if told and told.score is not None:
        answers.append(told.score >= _number("shedding_score"))
    if told and told.wash_count is not None:
        answers.append(told.wash_count >= _number("wash_count"))
    return True if True in answers else False if False in answers else None


def _family_history(facts: Facts) -> Bool:
    told = facts.patient.family_history
    if isinstance(told, str):
        return told.strip().lower() not in ("none", "no", "negative")
    if isinstance(told, list):
        return bool(told) or (False if facts.patient.date else None)
    return told


def _graded(facts: Facts) -> Bool:
    """Whether a grade speaks of loss; unknown without a grade."""
    pattern = facts.patient.pattern
    return None if pattern is None else pattern.level >= FEMALE_PATTERN[pattern.scale]


def _female_pattern(facts: Facts) -> Bool:
    if facts.patient.sex == "M":
        return False
    return _either(
        _graded(facts), *(facts.term("sign", sign) for sign in ("widened-parting", "vertex-thinning"))
    )


def _male_pattern(facts: Facts) -> Bool:
    if facts.patient.sex == "F":
        return False
    graded = facts.patient.pattern.level >= 2 if facts.patient.pattern else None
    by_site = True if {"vertex", "temples"} & facts._heard["site"].said else None
    signs = (facts.term("sign", sign) for sign in ("vertex-thinning", "temple-recession"))
    return _either(graded, by_site, *signs)


def _either(*answers: Bool) -> Bool:
    """True if one says so; False if one denies and none is for it; else unknown."""
    return True if True in answers else False if False in answers else None


def _signs(names: tuple[str, ...]) -> Callable[[Facts], Bool]:
    return lambda facts: any_of(facts.term("sign", name) for name in names)


def _bald_over(*signs: str) -> Callable[[Facts], Bool]:
    """Whether more than a part of the scalp is bald; a wholly bald one is more than any part."""
    seen = (*signs, "total-scalp-loss")

    def read(facts: Facts) -> Bool:
        named = facts.term("condition", "known-alopecia-totalis")
        return any_of((named, *(facts.term("sign", name) for name in seen)))

    return read


def _any_allergy(facts: Facts) -> Bool:
    """Whether any allergy was told; 'none' written into the list is no allergy."""
    told = facts.patient.allergies
    named = [word for word in told or [] if not NO_ALLERGY.fullmatch(folded(word))]
    return True if named else False if facts._answered(told) else None


def _treatments_failed(facts: Facts) -> Bool:
    """Whether a treatment tried before had no effect; unknown where none, or no response, was told."""
    told = [folded(tried.response) for tried in facts.patient.previous_therapies if tried.response]
    return any(word in WITHOUT_EFFECT for word in told) if told else None


def _refuses_risks(facts: Facts) -> Bool:
    """Whether the risks are refused: consent is asked for at the session, so only a refusal told counts."""
    return facts.patient.wishes.get("accepts_risks") is False


def _registered_number(facts: Facts) -> Bool:
    """Whether the provider showed the number of a registered trial or a filed plan; unknown where none was told."""
    told = facts.patient.wishes.get("registered_number")
    return bool(str(told).strip()) if told not in (None, False) else None


def _ingredients_named(facts: Facts) -> Bool:
    """Whether the contents of an injection were told; where they were not, nobody has named them."""
    return bool(facts.patient.wishes.get("ingredients"))


def _african(facts: Facts) -> Bool:
    told = facts.patient.ancestry
    return None if told is None else "afric" in told.lower() or told.lower() == "black"


def _pressure(which: str) -> Callable[[Facts], float | None]:
    return lambda facts: getattr(facts.patient.blood_pressure, which, None)


def _low(test: str, bound: str, condition: str) -> Callable[[Facts], Bool]:
    """A laboratory value below its bound, or, where none was measured, the condition as told."""

    def read(facts: Facts) -> Bool:
        value = facts.lab(test)
        told = facts.term("condition", condition)
        return told if value is None else value < _number(bound) or bool(told)

    return read


def _calcium_high(facts: Facts) -> Bool:
    value = facts.lab("calcium")
    told = facts.term("condition", "hypercalcaemia")
    return told if value is None else value > _number("calcium_high") or bool(told)


def _egfr(facts: Facts) -> float | None:
    """Kidney function [mL/min/{1.73_m2}]: as measured, or by the CKD-EPI equation of 2021 from creatinine."""
    measured, creatinine = facts.lab("egfr"), facts.lab("creatinine")
    if measured is not None or creatinine is None:
        return measured
    who = "women" if facts.patient.sex == "F" else "men"
    ratio = creatinine / _number(f"ckd_epi_kappa_{who}")
    low = min(ratio, 1) ** _number(f"ckd_epi_alpha_{who}")
    high = max(ratio, 1) ** _number("ckd_epi_above")
    sex_factor = _number("ckd_epi_women") if who == "women" else 1.0
    aged = _number("ckd_epi_per_year") ** facts.patient.age
    return _number("ckd_epi_factor") * low * high * aged * sex_factor


def _kidney_disease(facts: Facts) -> Bool:
    """A kidney disease as told, or kidneys that a measured creatinine shows to be weak."""
    filtered = _egfr(facts)
    weak = filtered is not None and filtered < _number("kidney_disease_below")
    return True if weak else facts.term("condition", "kidney-disease")


DERIVED: dict[str, Callable[[Facts], Any]] = {
    "female": lambda facts: facts.patient.sex == "F",
    "pregnant": _fertility("pregnant"),
    "planning_pregnancy": _fertility("planning_pregnancy"),
    "breastfeeding": _fertility("breastfeeding"),
    "can_conceive": _can_conceive,
    "effective_contraception": _effective_contraception,
    "combined_pill": _combined_pill,
    "postmenopausal": _postmenopausal,
    "postpartum": _postpartum,
    "systolic": _pressure("systolic"),
    "diastolic": _pressure("diastolic"),
    "african_ancestry": _african,
    "any_allergy": _any_allergy,
    "treatments_failed": _treatments_failed,
    "refuses_risks": _refuses_risks,
    "registered_number": _registered_number,
    "ingredients_named": _ingredients_named,
    "female_pattern": _female_pattern,
    "male_pattern": _male_pattern,
    "slow_course": _is_course("slow", "stable"),
    "sudden_loss": _is_course("sudden"),
    "fluctuating": _is_course("fluctuating"),
    "months_since_onset": _months_since_onset,
    "heavy_shedding": _heavy_shedding,
    "family_history": _family_history,
    "scarring_sign": _signs(SCARS),
    "inflamed_scalp": _signs(INFLAMED),
    "over_quarter_bald": _bald_over("over-quarter-bald", "over-half-bald"),
    "over_half_bald": _bald_over("over-half-bald"),
    "platelets_low": _low("platelets", "platelets_low", "thrombocytopenia"),
    "fibrinogen_low": _low("fibrinogen", "fibrinogen_low", "hypofibrinogenaemia"),
    "calcium_high": _calcium_high,
    "egfr": _egfr,
    "kidney_disease": _kidney_disease,
}
# from the diagnosis, and from the therapy itself
LEARNT = {"pattern_likely", "areata_likely", "composition_unknown", "composition_varies"}

READERS: dict[str, Callable[[Facts, Fact], Any]] = {
    "field": _field,
    "drug class": lambda facts, fact: facts.drug_class(fact.key),
    "drug": lambda facts, fact: facts.drug(fact.key),
    "condition": lambda facts, fact: facts.term("condition", fact.key),
    "sign": lambda facts, fact: facts.term("sign", fact.key),
    "symptom": lambda facts, fact: facts.term("symptom", fact.key),
    "allergy": lambda facts, fact: facts.term("allergy", fact.key),
    "site": lambda facts, fact: facts.term("site", fact.key),
    "lab": lambda facts, fact: facts.lab(fact.key),
    "trigger": _trigger,
    "derived": lambda facts, fact: None if fact.key in LEARNT else DERIVED[fact.key](facts),
}
