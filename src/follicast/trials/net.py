"""What a study found over its own control, study by study, in hairs per cm2: the rows of a forest plot.

Where no control was counted it is the change of the arm itself, which is not an effect and says so. Nothing is
pooled here; what others pooled is marked, and left out where they printed no interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from follicast.evidence.study import POOLED, Result, Study
from follicast.trials.observations import COUNTED, Z95, counted_per_cm2, error_per_cm2


@dataclass(frozen=True)
class Net:
    """A difference from control, or (`against` None) a change from baseline, with its 95 % interval [/cm2].

    `printed` is False where the spread was not printed and a usual one was taken.
    """

    study: str
    arm: str
    therapies: tuple[str, ...]
    against: str | None
    week: float
    endpoint: str
    value: float
    se: float
    printed: bool
    pooled: bool

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 95 % interval [/cm2]."""
        return self.value - Z95 * self.se, self.value + Z95 * self.se


def net_counts(study: Study) -> list[Net]:
    """Return every count of an arm that was given something, over the control where one was counted alike."""
    return [net for net in _nets(study) if net.printed or not net.pooled]


def _nets(study: Study) -> Iterator[Net]:
    usable = [r for r in study.results if r.endpoint in COUNTED and counted_per_cm2(study, r) is not None]
    contrasts = {(r.arm, r.week, r.endpoint) for r in usable if r.minus}
    for result in usable:
        given = study.arm(result.arm).therapies
        if given and (result.minus or (result.arm, result.week, result.endpoint) not in contrasts):
            yield _net(study, result, given, None if result.minus else _control(study, result, usable))


def _control(study: Study, result: Result, usable: list[Result]) -> Result | None:
    alike = (r for r in usable if (r.week, r.endpoint, r.minus) == (result.week, result.endpoint, None))
    return next((r for r in alike if study.arm(r.arm).control), None)


def _net(study: Study, result: Result, given: list[str], control: Result | None) -> Net:
    value, (se, how) = counted_per_cm2(study, result) or 0.0, error_per_cm2(study, result)
    if control is not None:
        other, (more, also) = counted_per_cm2(study, control) or 0.0, error_per_cm2(study, control)
        value, se = value - other, (se**2 + more**2) ** 0.5
        how = how if also == "printed" else also
    against = result.minus or (control.arm if control else None)
    return Net(study.id, result.arm, tuple(given), against, result.week, result.endpoint, value, se,
               how == "printed", study.design in POOLED)  # fmt: skip
