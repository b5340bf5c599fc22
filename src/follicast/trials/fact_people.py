"""Facts of whole populations: how common loss is in each decade of life, in Korea and in China."""

from __future__ import annotations

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.trials.anchors import AGES, prevalence
from follicast.trials.fact_subjects import Subjects


def men_korea(subjects: Subjects) -> Floats:
    """How far off the decade is that is most so, men of Korea [points]."""
    return _furthest(subjects, "korea")


def men_china(subjects: Subjects) -> Floats:
    """How far off the decade is that is most so, men of China [points]."""
    return _furthest(subjects, "china")


def women_korea(subjects: Subjects) -> Floats:
    """How common loss is where it is most so, women of Korea [%]."""
    return prevalence(subjects.parameters, "F", "korea").max(axis=1)


def women_china(subjects: Subjects) -> Floats:
    """How common loss is where it is most so, women of China [%]."""
    return prevalence(subjects.parameters, "F", "china").max(axis=1)


def _furthest(subjects: Subjects, survey: str) -> Floats:
    found = prevalence(subjects.parameters, "M", survey)
    printed = np.array([float(evidence().numbers[f"anchors.{survey}_men_{age}"]) for age in AGES])
    return np.abs(found - printed).max(axis=1)
