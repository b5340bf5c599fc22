"""How far the evidence for a therapy's effect on counts reaches: calibrated, by analogy, or refused.

The class follows from the studies, per therapy and sex, not from a list: two groups of controlled counts calibrate a
therapy, one group or a calibrated mechanism at the same stage carries it by analogy, and a therapy that only says how
it would act is refused until studies lift it. It says nothing of safety.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from follicast.evidence.library import Library
from follicast.evidence.study import Study
from follicast.evidence.therapy import Sex

EvidenceClass = Literal["calibrated", "by-analogy", "refused"]
_COUNTS = {"total_density", "terminal_density", "anagen_density"}
ENOUGH_GROUPS = 2  # independent groups with verified counts and a concurrent control


@dataclass(frozen=True)
class Standing:
    """The class of one therapy in one sex, why, what is missing, and the studies that bear on it."""

    grade: EvidenceClass
    because: str
    missing: str
    studies: list[str]


def standing(library: Library, therapy_id: str, sex: Sex) -> Standing:
    """Return how far the evidence of a therapy reaches in one sex."""
    therapy = library.therapy(therapy_id)
    ids = _bear_on(library, therapy_id)
    groups = _groups(library, therapy_id, (sex,))
    if therapy.mechanism and len(groups) >= ENOUGH_GROUPS:
        return Standing(
            "calibrated", f"verified counts against a concurrent control from {len(groups)} groups", "", ids
        )
    if therapy.no_action is not None and not (therapy.would_act and _groups(library, therapy_id, ("F", "M"))):
        return Standing("refused", therapy.no_action.because, therapy.no_action.missing, ids)
    missing = "verified counts against a concurrent control from two independent groups in this sex"
    for action in therapy.mechanism:
        donor = _calibrated_alike(library, action.on)
        if donor:
            return Standing(
                "by-analogy",
                f"{len(groups)} such group(s) in this sex; acts at a stage where {donor} is calibrated",
                missing,
                ids,
            )
    return Standing("refused", "no therapy with the same kind of action is calibrated", missing, ids)


def _bear_on(library: Library, therapy_id: str) -> list[str]:
    """Return the studies that gave a therapy: those in pattern hair loss, or all where there is none of these."""
    given = [study for study in library.studies.values() if _gives(study, therapy_id)]
    pattern = [s.id for s in given if (c := library.conditions.get(s.condition)) and c.kind == "pattern"]
    return pattern or [study.id for study in given]


def _gives(study: Study, therapy_id: str) -> bool:
    return any(therapy_id in arm.therapies for arm in study.arms)


def _controlled(study: Study, therapy_id: str) -> bool:
    """Say whether a study has verified counts of this therapy alone beside an arm that had nothing of it."""
    alone = {arm.name for arm in study.arms if arm.therapies == [therapy_id]}
    control = any(arm.control for arm in study.arms)
    counted = any(r.arm in alone and r.calibrates and r.endpoint in _COUNTS for r in study.results)
    return control and counted


def _calibrated_alike(library: Library, target: str) -> str | None:
    """Return a therapy calibrated in either sex that has an action on the same target, if there is one."""
    for other in library.therapies.values():
        if any(action.on == target for action in other.actions):
            for sex in other.sex:
                if len(_groups(library, other.id, (sex,))) >= ENOUGH_GROUPS:
                    return other.short
    return None


def _groups(library: Library, therapy_id: str, sexes: tuple[Sex, ...]) -> set[str]:
    """Return the independent groups with verified counts of a therapy against a concurrent control."""
    people = (*sexes, "both")
    return {s.group for s in library.studies.values() if s.sex in people and _controlled(s, therapy_id)}
