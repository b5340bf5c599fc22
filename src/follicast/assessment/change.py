"""What an answer changed: probabilities that moved, red flags that rose or fell, therapies that opened or closed."""

from __future__ import annotations

from dataclasses import dataclass

from follicast.assessment.answer import Assessment, RedFlag, Status
from follicast.evidence.library import evidence


@dataclass(frozen=True)
class Moved:
    """A kind of hair loss whose probability [1] moved."""

    condition: str
    name: str
    before: float
    after: float


@dataclass(frozen=True)
class Turned:
    """A therapy whose status turned."""

    therapy: str
    before: Status
    after: Status


@dataclass(frozen=True)
class Change:
    """What is different between two assessments of one person."""

    moved: list[Moved]
    turned: list[Turned]
    raised: list[RedFlag]
    fallen: list[RedFlag]

    def __bool__(self) -> bool:
        return bool(self.moved or self.turned or self.raised or self.fallen)


def change(before: Assessment, after: Assessment) -> Change:
    """Return what is different, the largest moves of probability first; moves too small to tell are left out."""
    return Change(
        _moved(before, after),
        _turned(before, after),
        [flag for flag in after.red_flags if flag.id not in {one.id for one in before.red_flags}],
        [flag for flag in before.red_flags if flag.id not in {one.id for one in after.red_flags}],
    )


def _moved(before: Assessment, after: Assessment) -> list[Moved]:
    least = evidence().numbers["assessment.worth_a_line"].value
    was = {diagnosis.condition: diagnosis.probability for diagnosis in before.diagnoses}
    found = [
        Moved(one.condition, one.name, was.get(one.condition, 0.0), one.probability)
        for one in after.diagnoses
        if abs(one.probability - was.get(one.condition, 0.0)) >= least
    ]
    return sorted(found, key=lambda one: -abs(one.after - one.before))


def _turned(before: Assessment, after: Assessment) -> list[Turned]:
    was = {screened.therapy: screened.status for screened in before.therapies}
    return [
        Turned(one.therapy, was[one.therapy], one.status)
        for one in after.therapies
        if was.get(one.therapy, one.status) != one.status
    ]
