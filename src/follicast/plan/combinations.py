"""Which therapies are worth laying beside the rest together: a handful, chosen by data and never by a list.

A pair is sensible where both may be given, both have a curve, neither holds what the other holds, and they act
through different means. Of therapies that share an ingredient or a way of acting, one stands for all: what
suits the wishes, is approved and rests on the surest evidence. It does not know how much hair a pair adds.
"""

from __future__ import annotations

from itertools import combinations as pairs

from follicast.assessment.answer import Assessment, Screened
from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Therapy
from follicast.plan import choice
from follicast.plan.certainty import GRADES, certainty, graded
from follicast.regimen import Regimen

MOST = 4
_CLASSES = ("calibrated", "by-analogy")


def combinations(assessment: Assessment, most: int = MOST) -> list[Regimen]:
    """Return the pairs worth a forecast, those that reach most stages of the chain first.

    Every pair is screened as a whole; one that is not open is left out (law 5).
    """
    found = [_paired(one, other) for one, other in pairs(_stand_ins(assessment), 2) if _differ(one, other)]
    allowed = [pair for pair in found if _open(assessment, pair)]
    return sorted(allowed, key=lambda pair: _worth(assessment, pair))[:most]


def held_up(assessment: Assessment) -> list[Screened]:
    """Return what screening says of each pair that is not open though both its parts are."""
    able = [arm.therapies[0] for arm in choice.open_arms(assessment)]
    found = (assessment.together(pair) for pair in pairs(able, 2))
    return [screened for screened in found if screened.status != "open"]


def _stand_ins(assessment: Assessment) -> list[Therapy]:
    """Return of each group of therapies that act alike the one that comes first."""
    able = [evidence().therapies[arm.therapies[0]] for arm in choice.open_arms(assessment)]
    able = [record for record in able if _rank(assessment, record)[2] < len(_CLASSES)]
    able.sort(key=lambda record: _rank(assessment, record))
    chosen: list[Therapy] = []
    for record in able:
        if all(_differ(record, other) for other in chosen):
            chosen.append(record)
    return chosen


def _rank(assessment: Assessment, record: Therapy) -> tuple[bool, int, int, int, float, str]:
    """Order therapies: within the wishes, approved, calibrated, surest, strongest; the name decides the rest."""
    regimen, sex = Regimen(record.id), assessment.patient.sex
    stands = choice.approval(regimen, sex, assessment.policy) or "unknown"
    grade = standing(evidence(), record.id, sex).grade
    by_class = _CLASSES.index(grade) if grade in _CLASSES else len(_CLASSES)
    sure = GRADES.index(graded(record.id, sex).grade)
    unwished = choice.unwished(assessment.patient, regimen) is not None
    dose = regimen.parts[0].dose(sex) or 0.0
    return unwished, choice.favour(stands), by_class, sure, -dose, record.id


def _differ(one: Therapy, other: Therapy) -> bool:
    """Whether two therapies share neither an ingredient nor a way of acting."""
    alike = set(one.ingredients) & set(other.ingredients)
    return not alike and not (_means(one) & _means(other))


def _means(record: Therapy) -> set[str]:
    """Return the ways in which a therapy acts: each parameter that it pulls with, and each enzyme or receptor."""
    return {
        f"{action.shape} at stage {action.stage}"
        if action.shape in ("reductase", "receptor")
        else action.potency
        for action in record.mechanism
    }


def _paired(one: Therapy, other: Therapy) -> Regimen:
    return Regimen("+".join(sorted((one.id, other.id))))


def _open(assessment: Assessment, pair: Regimen) -> bool:
    said = choice.least_open(assessment, pair)
    return said is None or said.status == "open"


def _worth(assessment: Assessment, pair: Regimen) -> tuple[int, int, int, str]:
    """Order pairs: within the wishes, more stages of the chain, surer evidence; the name decides between equals."""
    stages = {action.stage for part in pair.parts for action in part.record.mechanism}
    sure = certainty(pair, assessment.patient.sex)
    unwished = choice.unwished(assessment.patient, pair) is not None
    return int(unwished), -len(stages), GRADES.index(sure.grade) if sure else 0, pair.words
