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

from follicast import dose
from follicast.assessment import found
from follicast.assessment.prostate import psa_high
from follicast.assessment.three import Bool, any_of, either
from follicast.assessment.words import Heard, hear, term_called
from follicast.evidence.intake import Fact
from follicast.evidence.library import evidence
from follicast.names import drugs_called, folded, of_african_descent
from follicast.patient import DrugTaken, Lab, Patient, Trichoscopy
from follicast.patient.words import DAYS_A_MONTH, months_before

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
WORDS = ("condition", "sign", "symptom", "diet", "practice")  # kinds that any of their lists may speak of
# which lists answer for a kind, and as which kinds the words of a list are heard
ANSWERED_BY = {"diet": ("diet", "condition"), "practice": ("practice", "sign")}
# the patient's list in which each kind is told
KEPT_IN = {
    "condition": "conditions",
    "sign": "signs",
    "symptom": "symptoms",
    "allergy": "allergies",
    "diet": "diet",
    "practice": "hair_practices",
    "site": "sites",
    "trigger": "triggers",
}
HEARD_AS = {
    "condition": ("condition", "sign", "symptom", "diet", "practice"),
    "sign": ("sign", "symptom", "condition", "practice"),
    "symptom": ("symptom", "sign", "condition", "diet"),
    "diet": ("diet", "condition"),
    "practice": ("practice", "sign"),
    "allergy": ("allergy",),
    "site": ("site",),
    "trigger": ("trigger",),
}
NO_ALLERGY = re.compile(r"none|no|nil|nka|nkda|none known|no (known )?(drug )?allerg(y|ie|ies)( known)?")


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
        self.warnings += [*self._biotin_warnings(), *self._psa_warnings(), *self._unread_doses()]

    # --- lists of words ---

    @cached_property
    def _lists(self) -> dict[str, list[str] | None]:
        """The words of each list as told; None for a list that was not given."""
        person = self.patient
        practices = [one.what for one in person.hair_practices or [] if one.stopped is None]
        return {
            "condition": person.conditions,
            "sign": person.signs,
            "symptom": person.symptoms,
            "allergy": person.allergies,
            "diet": person.diet,
            "practice": None if person.hair_practices is None else practices,
            "site": None if person.sites is None else [one.site for one in person.sites if one.lost],
            "trigger": None if person.triggers is None else [one.what for one in person.triggers],
        }

    @cached_property
    def _heard(self) -> dict[str, Heard]:
        heard = {kind: hear(words or [], HEARD_AS[kind]) for kind, words in self._lists.items()}
        heard["allergy"] = self._heard_allergies(heard["allergy"])
        heard["trichoscopy"] = hear(self._under_the_dermatoscope, HEARD_AS["sign"])
        return heard

    def _heard_allergies(self, heard: Heard) -> Heard:
        """A drug's brand stands for the drug; an allergy to a drug that no rule names leaves nothing open."""
        strange = dict(heard.strange)
        for word in [word for word, near in strange.items() if not near]:
            try:
                generics = drugs_called(word)
            except ValueError:
                if NO_ALLERGY.fullmatch(folded(word)):
                    del strange[word]
                continue
            del strange[word]
            heard.said |= hear([generic.replace("-", " ") for generic in generics], ("allergy",)).said
        return Heard(heard.said, heard.denied, heard.perhaps, strange)

    @cached_property
    def _under_the_dermatoscope(self) -> list[str]:
        return [sign for look in self.patient.trichoscopy for sign in look.signs or []]

    def asked(self, key: str) -> bool:
        """Whether a list of the patient answers its class: it was given and finished, the day of asking known."""
        told = getattr(self.patient, key)
        return told is not None and self.patient.date is not None and key not in self.patient.unfinished

    def term(self, kind: str, term_id: str) -> Bool:
        """Whether the patient has a term of a kind: said, denied, not said in an answered list, or unknown."""
        heard = self._together[kind]
        if term_id in heard.said:
            return True
        if term_id in heard.perhaps:
            return None
        if term_id in heard.denied:
            return False
        return False if self._answered_kinds[kind] and self._could_see(kind, term_id) else None

    @cached_property
    def _together(self) -> dict[str, Heard]:
        """What all lists that may speak of a kind say: a disease may stand among the signs."""
        words = Heard()
        for kind in (*WORDS, "trichoscopy"):
            words.said |= self._heard[kind].said
            words.perhaps |= self._heard[kind].perhaps
            words.denied |= self._heard[kind].denied
        return {kind: words if kind in WORDS else self._heard[kind] for kind in HEARD_AS}

    @cached_property
    def _answered_kinds(self) -> dict[str, bool]:
        return {kind: self._is_answered(kind) for kind in HEARD_AS}

    def _is_answered(self, kind: str) -> bool:
        """Whether the lists that speak of a kind answer it: one was asked for, and none holds a word nobody knows."""
        lists = ANSWERED_BY.get(kind, (kind,))
        asked = any(self.asked(KEPT_IN[one]) for one in lists) or (kind == "sign" and self._looked_on_a_day)
        return asked and not any(self._heard[one].leaves_open for one in (*lists, *self._looks(kind)))

    def _looks(self, kind: str) -> tuple[str, ...]:
        return ("trichoscopy",) if kind == "sign" else ()

    @cached_property
    def _looked(self) -> list[Trichoscopy] | None:
        """The looks through a dermatoscope that tell their signs; None if there was none."""
        return [look for look in self.patient.trichoscopy if look.signs is not None] or None

    @property
    def _looked_on_a_day(self) -> bool:
        return self._looked is not None and self.patient.date is not None

    def _could_see(self, kind: str, term_id: str) -> bool:
        """A plain look does not answer for what takes a dermatoscope or a pull, nor one of these for a plain look."""
        means = evidence().terms[term_id].seen_by
        if kind != "sign":
            return True
        if means == "eye":
            return self.asked("signs")
        if means == "dermatoscope" and self._looked:
            return True
        said = self._heard["sign"].said | self._heard["trichoscopy"].said
        return any(evidence().terms[one].seen_by == means for one in said)

    def _strange_words(self) -> Iterable[str]:
        course = self.patient.course
        if course and not term_called(course, "course"):
            yield f"'{course}' (course) is not a word Follicast knows; slow, sudden and fluctuating are."
        for kind, heard in self._heard.items():
            for word, near in heard.strange.items():
                meant = (
                    f" If '{near}' is meant, say so; until then that is unknown."
                    if near
                    else " What was not named beside it stays unknown until it is said in another word."
                )
                yield f"'{word}' ({kind}) is not a word Follicast knows; no rule could look at it.{meant}"
        for word in self._strange_contraception:
            yield f"'{word}' (contraception) is not a word Follicast knows; whether it protects stays unknown."
        for key, heard in self._heard.items():
            for term in sorted(heard.said & heard.denied):
                yield f"'{evidence().terms[term].name}' ({key}) is both told and denied; it counts as told."

    def _undated_lists(self) -> Iterable[str]:
        if self.patient.date is None:
            for key in (
                "conditions",
                "drugs",
                "allergies",
                "signs",
                "symptoms",
                "triggers",
                "diet",
                "hair_practices",
            ):
                if getattr(self.patient, key) == []:
                    yield f"'{key}' is empty, but without a date it does not say that it was asked."

    # --- drugs and laboratory ---

    @cached_property
    def _drugs(self) -> set[str]:
        return {generic for drug in self.patient.drugs or [] for generic in drug.generics}

    def drug(self, generic: str) -> Bool:
        """Whether a drug is taken, by itself or within a product."""
        return True if generic in self._drugs else False if self.asked("drugs") else None

    def drug_class(self, name: str) -> Bool:
        """Whether any drug of a class is taken."""
        taken = any(name in evidence().drugs[generic].classes for generic in self._drugs)
        return True if taken else False if self.asked("drugs") else None

    def daily_dose(self, generic: str, unit: str) -> float | None:
        """A day's amount of a drug, in `unit`; 0 if it is not taken, None if a dose cannot be read."""
        doses = [
            self._dose_of(drug, generic, unit)
            for drug in self.patient.drugs or []
            if generic in drug.generics
        ]
        told = [amount for amount in doses if amount is not None]
        if len(told) < len(doses):
            return None
        return math.fsum(told) if told else 0.0 if self.asked("drugs") else None

    def _dose_of(self, drug: DrugTaken, generic: str, unit: str) -> float | None:
        """A product of several drugs has one printed dose and several amounts: it is not read."""
        if len(drug.generics) > 1 or drug.daily is None:
            return None
        return dose.in_unit(drug.daily, unit, evidence().drugs[generic].iu_per_mg)

    def _unread_doses(self) -> Iterable[str]:
        """Tell of each drug whose amount a rule asks for and whose dose was not told or could not be read."""
        asked = {
            fact.key: fact.unit or "" for fact in evidence().facts.values() if fact.source_kind == "dose"
        }
        for drug in self.patient.drugs or []:
            for generic in set(drug.generics) & set(asked):
                if self._dose_of(drug, generic, asked[generic]) is None:
                    told = (
                        f"the dose '{drug.dose}' of {drug.name} cannot be read"
                        if drug.dose
                        else f"{drug.name} has no dose"
                    )
                    yield f"{told}; write it as '25 mg twice a day', for a rule asks how much is taken."

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
        newest = self.newest(test_id)
        return None if newest is None else newest.standard

    def newest(self, test_id: str) -> Lab | None:
        """Return the newest entry of a test that still counts, or None."""
        return self._newest.get(test_id)

    @cached_property
    def _newest(self) -> dict[str, Lab]:
        """The newest entry of each test that still counts; of two without a date the first."""
        found: dict[str, Lab] = {}
        for lab in filter(self._fresh, self.patient.labs):
            before = found.get(lab.id)
            if before is None or (lab.date or dt.date.min) > (before.date or dt.date.min):
                found[lab.id] = lab
        return found

    def months_since(self, trigger_id: str) -> float | None:
        """Months [mo] since a trigger; `NEVER` if it was asked for and did not happen."""
        heard = self._heard["trigger"]
        found = [
            months for what, months in self.patient.events if trigger_id in hear([what], ("trigger",)).said
        ]
        told = [months for months in found if months is not None]
        if told:
            return min(told)
        unsure = bool(found) or trigger_id in heard.perhaps or heard.leaves_open
        asked = self.asked("triggers") or trigger_id in heard.denied
        return NEVER if asked and not unsure else None

    @cached_property
    def contraceptives(self) -> set[str] | None:
        """The kinds of contraception told, a brand standing for its kind; None if none can be said."""
        told = self.patient.contraception
        if isinstance(told, bool) or told is None:
            return None if told in (True, None) else {"none"}
        known = {
            kind for word in ([told] if isinstance(told, str) else told) if (kind := _contraceptive(word))
        }
        return known or None

    @cached_property
    def _strange_contraception(self) -> list[str]:
        told = self.patient.contraception
        words = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        return [word for word in words if _contraceptive(word) is None]


def _contraceptive(word: str) -> str | None:
    """Return the kind of contraception that a word or a brand stands for, or None."""
    known = term_called(word, "contraception")
    if known:
        return known
    try:
        classes = {name for generic in drugs_called(word) for name in evidence().drugs[generic].classes}
    except ValueError:
        return None
    kinds = {"combined-contraceptive": "combined-pill", "progestin-contraceptive": "progestin-only"}
    return next((kind for name, kind in kinds.items() if name in classes), None)


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


@_woman_only
def _effective_contraception(facts: Facts) -> Bool:
    told = facts.contraceptives
    by_drug = [facts.drug_class(f"{kind}-contraceptive") for kind in ("combined", "progestin")]
    if (told and told & EFFECTIVE) or True in by_drug:
        return True
    return None if told is None or facts._strange_contraception else False


@_woman_only
def _combined_pill(facts: Facts) -> Bool:
    told = facts.contraceptives
    past = True if _past_childbearing(facts) else None
    by_word = "combined-pill" in told if told is not None else False if past else None
    if by_word is False and facts._strange_contraception:
        by_word = None
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
    if onset.date is not None:
        return months_before(onset.date, facts.patient.date)
    return None if onset.age is None else (facts.patient.age - onset.age) * 12


def _heavy_shedding(facts: Facts) -> Bool:
    told = facts.patient.shedding
    answers = [facts.term("symptom", "shedding")]
    if told and told.score is not None:
        answers.append(told.score >= _number("shedding_score"))
    if told and told.wash_count is not None:
        answers.append(told.wash_count >= _number("wash_count"))
    return True if True in answers else False if False in answers else None


def _graded(facts: Facts) -> Bool:
    """Whether a grade speaks of loss; unknown without a grade."""
    pattern = facts.patient.graded
    return None if pattern is None else pattern.level >= FEMALE_PATTERN[pattern.scale]


def _female_pattern(facts: Facts) -> Bool:
    if facts.patient.sex == "M":
        return False
    return either(
        _graded(facts), *(facts.term("sign", sign) for sign in ("widened-parting", "vertex-thinning"))
    )


def _male_pattern(facts: Facts) -> Bool:
    if facts.patient.sex == "F":
        return False
    graded = facts.patient.graded.level >= 2 if facts.patient.graded else None
    by_site = True if {"vertex", "temples"} & facts._heard["site"].said else None
    signs = (facts.term("sign", sign) for sign in ("vertex-thinning", "temple-recession"))
    return either(graded, by_site, *signs)


def _signs(names: tuple[str, ...]) -> Callable[[Facts], Bool]:
    return lambda facts: any_of(facts.term("sign", name) for name in names)


def _bald_over(bound: str, *signs: str) -> Callable[[Facts], Bool]:
    """Whether more than a part of the scalp is bald, by its SALT score or as seen; all is more than any part."""
    seen = (*signs, "total-scalp-loss")

    def read(facts: Facts) -> Bool:
        score = found.salt_score(facts)
        named = facts.term("condition", "known-alopecia-totalis")
        by_eye = any_of((named, *(facts.term("sign", name) for name in seen)))
        return either(by_eye, None if score is None else score > found.bound(bound))

    return read


def _irregular_periods(facts: Facts) -> Bool:
    """As the cycle was told, or as a complaint; absent periods after the menopause say nothing."""
    cycle = facts.patient.cycle if facts.patient.menopause != "post" else None
    return either(facts.term("symptom", "irregular-periods"), None if cycle is None else cycle != "regular")


def _any_allergy(facts: Facts) -> Bool:
    """Whether any allergy was told; 'none' written into the list is no allergy."""
    told = facts.patient.allergies
    named = [word for word in told or [] if not NO_ALLERGY.fullmatch(folded(word))]
    return True if named else False if facts.asked("allergies") else None


def _treatments_failed(facts: Facts) -> Bool:
    """Whether a treatment tried before had no effect; unknown where none, or no response that is known, was told."""
    told = [
        term_called(tried.response, "response")
        for tried in facts.patient.previous_therapies
        if tried.response
    ]
    if any(response in ("no-effect", "worsened") for response in told):
        return True
    return False if told and None not in told else None


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
    return of_african_descent(facts.patient.ancestry)


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


def _injection_undated(facts: Facts) -> Bool:
    """Whether an injection for looks was told without its date; a warning sign after it must not wait for one."""
    told = [what for what, months in facts.patient.events if months is None]
    undated = any("cosmetic-injection" in hear([what], ("trigger",)).said for what in told)
    return True if undated else False if facts.asked("triggers") else None


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
    "family_history": found.family_of("pattern"),
    "family_areata": found.family_of("areata"),
    "irregular_periods": _irregular_periods,
    "positive_pull_test": found.positive_pull_test,
    "hairs_pulled": found.hairs_pulled,
    "salt_score": found.salt_score,
    "yellow_dots": found.yellow_dots,
    "yellow_dot_count": lambda facts: found.most(facts, "yellow_dots"),
    "hair_diameter_diversity": found.diameter_diversity,
    "diameter_diversity_share": found.percent("diversity_share"),
    "thin_hair_share": found.percent("thin_share"),
    "single_unit_share": found.percent("single_unit_share"),
    "single_unit_ratio": found.front_to_occiput("single_unit_share"),
    "vellus_ratio": found.front_to_occiput("vellus_hairs"),
    "trichoscopy_pattern": found.trichoscopy_pattern,
    "wash_short_share": found.short_share,
    "scarring_sign": _signs(SCARS),
    "inflamed_scalp": _signs(INFLAMED),
    "over_quarter_bald": _bald_over("quarter_bald", "over-quarter-bald", "over-half-bald"),
    "over_half_bald": _bald_over("half_bald", "over-half-bald"),
    "platelets_low": _low("platelets", "platelets_low", "thrombocytopenia"),
    "fibrinogen_low": _low("fibrinogen", "fibrinogen_low", "hypofibrinogenaemia"),
    "calcium_high": _calcium_high,
    "egfr": _egfr,
    "kidney_disease": _kidney_disease,
    "injection_undated": _injection_undated,
    "psa_high": psa_high,
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
    "diet": lambda facts, fact: facts.term("diet", fact.key),
    "practice": lambda facts, fact: facts.term("practice", fact.key),
    "dose": lambda facts, fact: facts.daily_dose(fact.key, fact.unit or ""),
    "lab": lambda facts, fact: facts.lab(fact.key),
    "trigger": _trigger,
    "beside": lambda facts, fact: None,  # of the therapy's company; screening knows it
    "derived": lambda facts, fact: None if fact.key in LEARNT else DERIVED[fact.key](facts),
}
