"""Reads what was measured or told in groups: pull tests, trichoscopy, the SALT score, the wash, the relatives.

Each reading is a number, or yes, no or unknown by a bound of the evidence (`numbers/intake.yaml`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from follicast.assessment.three import Bool, either
from follicast.assessment.words import hear, term_called
from follicast.evidence.library import evidence
from follicast.names import folded
from follicast.patient import PullTest, Relative, Trichoscopy

if TYPE_CHECKING:
    from follicast.assessment.facts import Facts

NO_RELATIVE = (
    "none",
    "no",
    "negative",
    "nobody",
    "no one",
    "nil",
    "no loss",
    "no hair loss",
    "không",
    "なし",
    "لا",
)
NOT_KNOWN = (
    "unknown",
    "not known",
    "unsure",
    "not sure",
    "adopted",
    "not asked",
    "?",
    "không rõ",
    "不明",
    "غير معروف",
)
BARED = {"pattern": "known-pattern-hair-loss", "areata": "known-alopecia-areata"}


def bound(name: str) -> float:
    """Return a bound of the intake, in its unit."""
    return evidence().numbers[f"intake.{name}"].value


def salt_score(facts: Facts) -> float | None:
    """The latest SALT score of the whole scalp [%]."""
    told = [one for one in facts.patient.gradings if one.scale == "salt" and one.site is None]
    return max(told, key=lambda one: one.date or dt.date.min).score if told else None


# --- pull test and trichoscopy ---


def hairs_pulled(facts: Facts) -> float | None:
    """The most hairs that came out of one bundle."""
    return max((float(test.came_out) for test in facts.patient.pull_test), default=None)


def _positive(test: PullTest) -> bool:
    """More than two hairs of a bundle of 50 to 60; of another bundle more than a tenth, the older rule."""
    usual = test.pulled is None or bound("pull_bundle_low") <= test.pulled <= bound("pull_bundle_high")
    return test.came_out > (bound("pull_normal") if usual else bound("pull_share") * float(test.pulled or 0))


def positive_pull_test(facts: Facts) -> Bool:
    """Whether a pull test was positive, as told or as counted."""
    told = facts.term("sign", "positive-pull-test")
    tests = facts.patient.pull_test
    return either(told, any(map(_positive, tests)) if tests else None)


def _at(facts: Facts, site: str) -> Trichoscopy | None:
    """The latest look through a dermatoscope at a site."""
    here = [
        look for look in facts.patient.trichoscopy if look.site and term_called(look.site, "site") == site
    ]
    return max(here, key=lambda look: look.date or dt.date.min, default=None)


def most(facts: Facts, counted: str) -> float | None:
    """The highest value of a count or share over all sites but the occiput."""
    looks = [
        one
        for one in facts.patient.trichoscopy
        if one.site is None or term_called(one.site, "site") != "occiput"
    ]
    return max((float(value) for one in looks if (value := getattr(one, counted)) is not None), default=None)


def percent(counted: str) -> Callable[[Facts], float | None]:
    """Return a reading of the highest share, in per cent [%]."""

    def read(facts: Facts) -> float | None:
        share = most(facts, counted)
        return None if share is None else share * 100

    return read


def front_to_occiput(counted: str) -> Callable[[Facts], float | None]:
    """How many times a count or share in front is that of the occiput [1]."""

    def read(facts: Facts) -> float | None:
        front, back = (getattr(_at(facts, site), counted, None) for site in ("frontal", "occiput"))
        return None if front is None or not back else float(front) / float(back)

    return read


def _above(value: float | None, over: str) -> Bool:
    return None if value is None else value > bound(over)


def yellow_dots(facts: Facts) -> Bool:
    """Whether there are yellow dots, as told or as counted."""
    return either(facts.term("sign", "yellow-dots"), _above(most(facts, "yellow_dots"), "no_dots"))


def diameter_diversity(facts: Facts) -> Bool:
    """Whether hairs of many thicknesses stand side by side, as told or by their counted share."""
    counted = _above(percent("diversity_share")(facts), "diversity")
    return either(facts.term("sign", "hair-diameter-diversity"), counted)


def trichoscopy_pattern(facts: Facts) -> Bool:
    """Rakowska's criteria of female pattern loss: two major ones, or one major and two minor ones."""
    if facts.patient.sex == "M":
        return None
    front = _at(facts, "frontal")
    dots, thin = (getattr(front, name, None) for name in ("yellow_dots", "thin_share"))
    thickness = front_to_occiput("mean_diameter_um")(facts)
    major = [
        _above(dots, "criteria_dots"),
        _above(None if thin is None else thin * 100, "criteria_thin"),
        None if thickness is None else thickness < 1,
    ]
    minor = [_above(front_to_occiput(of)(facts), over) for of, over in MINOR.items()]
    surely = _enough(major.count(True), minor.count(True))
    at_best = _enough(3 - major.count(False), 3 - minor.count(False))
    return True if surely else None if at_best else False


MINOR = {
    "single_unit_share": "criteria_single_units",
    "vellus_hairs": "criteria_vellus",
    "discoloured_share": "criteria_discoloured",
}


def _enough(major: int, minor: int) -> bool:
    return major >= 2 or (major == 1 and minor >= 2)


def short_share(facts: Facts) -> float | None:
    """The share of short hairs among those of a wash [%]."""
    told = facts.patient.shedding
    return None if told is None or told.short_share is None else told.short_share * 100


# --- relatives ---


def _relatives(facts: Facts) -> list[set[str]] | None:
    """Return the kinds of loss of each relative told to have lost hair, empty where none was named; None if unknown."""
    told = facts.patient.family_history
    if told is None or isinstance(told, bool):
        return None if told is None else [set()] * told
    entries = told if isinstance(told, list) else [told]
    words = [(one.what or one.relative) if isinstance(one, Relative) else one for one in entries]
    if any(folded(word) in NOT_KNOWN for word in words):
        return None
    return [hear([word], ("condition", "sign")).said for word in words if not _nobody(word)]


def _nobody(word: str) -> bool:
    """Whether a word says that no relative lost hair."""
    return folded(word) in NO_RELATIVE or bool(hear([word], ("condition", "sign")).denied)


def family_of(kind: str) -> Callable[[Facts], Bool]:
    """Whether hair loss of a kind runs in the family; loss of no named kind is pattern loss until another is said."""
    wanted, other = BARED[kind], BARED["areata" if kind == "pattern" else "pattern"]

    def read(facts: Facts) -> Bool:
        relatives = _relatives(facts)
        if relatives is None:
            return None
        if any(wanted in kinds or (kind == "pattern" and other not in kinds) for kinds in relatives):
            return True
        closed = facts.patient.family_history is False or not isinstance(facts.patient.family_history, list)
        sure = closed or facts.patient.date is not None
        return False if sure and all(kinds for kinds in relatives) else None

    return read
