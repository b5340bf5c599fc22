"""Protocols that may enter a plan without a curve: only with their ingredients named, and only beside what has one.

A mix whose contents nobody names is no therapy. Named, each ingredient brings along the rules of every therapy
that holds it. What the mix does to hair is not known, so nothing is drawn for it: the curve of such a plan is
that of its other parts, or of no treatment.
"""

from __future__ import annotations

from follicast.assessment.answer import Assessment
from follicast.errors import NothingToGive
from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.evidence.therapy import Therapy
from follicast.patient import Patient, folded
from follicast.plan.days import listed
from follicast.regimen import Part, Regimen

_BARS = ("contraindication", "interaction")


def templates(regimen: Regimen, patient: Patient) -> list[Part]:
    """Return the parts that enter as templates: no evidence for a curve, and their ingredients named."""
    if not listed(patient, "ingredients"):
        return []
    return [part for part in regimen.parts if part.record.template and _without_curve(part, patient)]


def _without_curve(part: Part, patient: Patient) -> bool:
    return standing(evidence(), part.therapy, patient.sex).grade == "refused"


def carried(regimen: Regimen, patient: Patient) -> Regimen:
    """Return the regimen whose curve a plan shows: all parts but the templates."""
    left_out = {part.therapy for part in templates(regimen, patient)}
    if not left_out:
        return regimen
    words = [chunk for chunk in regimen.words.split("+") if chunk.partition(":")[0].strip() not in left_out]
    return Regimen("+".join(words) or "none")


def check_ingredients(assessment: Assessment, regimen: Regimen) -> None:
    """Raise `NothingToGive` where a rule of an ingredient stands against a template (law 5)."""
    for part in templates(regimen, assessment.patient):
        for name in listed(assessment.patient, "ingredients"):
            for therapy in holding(name):
                _check(assessment, part, name, therapy)


def _check(assessment: Assessment, part: Part, ingredient: str, therapy: Therapy) -> None:
    bars = [
        reason
        for reason in assessment.of(therapy.id).reasons
        if reason.effect in ("closes", "waits") and evidence().rules[reason.rule].kind in _BARS
    ]
    if bars:
        raise NothingToGive(
            f"'{part.therapy}' cannot be planned with {ingredient} in it: a mix carries the rules of what it holds. "
            f"{bars[0].because} Leave {ingredient} out, or settle that first."
        )


def holding(ingredient: str) -> list[Therapy]:
    """Return the therapies that hold an ingredient, by any way of writing it."""
    wanted = folded(ingredient)
    return [
        therapy
        for therapy in evidence().therapies.values()
        if any(wanted in _words(held) for held in (therapy.id, *therapy.ingredients))
    ]


def _words(held: str) -> set[str]:
    """Return an ingredient whole and its first word: 'minoxidil 0.5 %' is minoxidil too."""
    return {folded(held), folded(held.replace("oral-", "").split(" ")[0])}


def said(regimen: Regimen, patient: Patient) -> list[str]:
    """Return what a plan with templates warns of: what each holds, and that nothing is drawn for it."""
    named = ", ".join(listed(patient, "ingredients"))
    return [
        f"{part.record.short} ({named}) is a template of dates: {part.record.template.text} "
        "The curve and the numbers of gain shown are those of the plan without it."
        for part in templates(regimen, patient)
        if part.record.template
    ]
