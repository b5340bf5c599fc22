"""Which arms may be laid side by side: what is open and has a curve, and with which a comparison begins."""

from __future__ import annotations

from follicast.assessment.answer import Assessment
from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.plan.choice import approval, open_arms, unwished
from follicast.plan.combinations import combinations
from follicast.regimen import MONTH_D, Regimen

_FIRST = 3  # arms beside no treatment that a comparison begins with


def drawable(found: Assessment) -> list[str]:
    """Return the open therapies that have a curve: those within the wishes, approved and fitted to trials first."""
    sex = found.patient.sex
    curved = [
        arm
        for arm in open_arms(found)
        if all(standing(evidence(), therapy, sex).grade != "refused" for therapy in arm.therapies)
    ]
    return [str(arm) for arm in sorted(curved, key=lambda arm: _rank(found, arm))]


def _rank(found: Assessment, arm: Regimen) -> tuple[bool, bool, bool]:
    sex = found.patient.sex
    calibrated = all(standing(evidence(), one, sex).grade == "calibrated" for one in arm.therapies)
    approved = approval(arm, sex, found.policy) == "approved"
    return unwished(found.patient, arm) is not None, not approved, not calibrated


def pairs(found: Assessment) -> list[str]:
    """Return the sensible pairs of open therapies that have a curve."""
    may = set(drawable(found))
    return [str(arm) for arm in combinations(found) if set(arm.therapies) <= may]


def first(found: Assessment) -> list[str]:
    """Return the arms that a comparison begins with."""
    return drawable(found)[:_FIRST]


def worded(arm: str, share: float = 1.0, stop_month: float | None = None) -> str:
    """Return an arm with a share of its doses [1] and a month [mo] at which it is stopped, in an arm's words."""
    options = [f"adherence={share:g}"] if share != 1.0 else []
    options += [f"stop@{stop_month:g}mo"] if stop_month is not None else []
    parts = (part.therapy + (":" + ",".join(options) if options else "") for part in Regimen(arm).parts)
    return "+".join(parts)


def bare(arm: str) -> tuple[str, float, float | None]:
    """Return an arm without its options, the share of doses [1] and the month [mo] of the stop."""
    parts = Regimen(arm).parts
    stop = parts[0].stop_d / MONTH_D
    return "+".join(p.therapy for p in parts), parts[0].adherence, stop if stop < 1e6 else None
