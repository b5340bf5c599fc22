"""What went wrong, in how many of how many.

None of n is told as at most 3/n, because n people without a harm do not make it impossible. A case report says
that a thing can happen and never how often.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from follicast.evidence.number import Sourced
from follicast.evidence.rule import Verified
from follicast.evidence.study import SecondReading

_THREE = 3.0  # rule of three: none of n leaves, with 95 % confidence, at most 3/n


class Harm(Sourced):
    """One adverse effect of one therapy as one source counted it.

    `events` of `people`; where only a share was printed, `share` [1] holds it and `events` is absent. Likewise
    `control_events` of `control_people`, or `control_share`, for those who did not get the therapy.
    Without `people` nothing was counted that could be told as so many of 100.
    """

    therapy: str
    effect: str
    plain: str
    design: Literal["trial", "cohort", "registry", "review", "case-report"]
    people: int | None = Field(default=None, ge=1)
    events: int | None = Field(default=None, ge=0)
    share: float | None = None
    control_people: int | None = Field(default=None, ge=1)
    control_events: int | None = Field(default=None, ge=0)
    control_share: float | None = None
    seriousness: Literal["mild", "moderate", "serious"] = "mild"
    what_to_do: str | None = None
    verified: Verified = "yes"
    second_reading: SecondReading | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _a_case_report_is_no_rate(self) -> Harm:
        if self.design == "case-report" and (self.share, self.control_share) != (None, None):
            raise ValueError("a case report says that a harm can happen, never how often: it has no share")
        return self

    @model_validator(mode="after")
    def _counts_agree(self) -> Harm:
        _agree(self.people, self.events, self.share, "")
        _agree(self.control_people, self.control_events, self.control_share, "control_")
        return self

    @property
    def of_100(self) -> float | None:
        """Of 100 people, how many; None where it was not counted, where none had it, and for a case report."""
        return self._of_100(self.people, self.events, self.share)

    @property
    def control_of_100(self) -> float | None:
        """Of 100 people without the therapy, how many; None on the same grounds."""
        return self._of_100(self.control_people, self.control_events, self.control_share)

    @property
    def at_most(self) -> float | None:
        """Of 100 people, at most how many, where none of those who were counted had it; else None."""
        if self.design == "case-report" or self.events != 0 or not self.people:
            return None
        return min(100.0, round(100.0 * _THREE / self.people, 1))

    @property
    def told(self) -> str:
        """How often, in one line, to be read beside the number of people."""
        if self.at_most is not None:
            return f"none; at most {self.at_most:g} of 100"
        if self.of_100 is not None:
            return f"{self.of_100:g} of 100" + (f" ({self.events})" if self.events else "")
        return (
            "reported; how often is not known"
            if self.events != 0
            else "none reported; of how many is not known"
        )

    def _of_100(self, people: int | None, events: int | None, share: float | None) -> float | None:
        if self.design == "case-report" or events == 0:
            return None
        if events is not None and people:
            return round(100.0 * events / people, 1)
        return None if share is None else round(100.0 * share, 1)


def _agree(people: int | None, events: int | None, share: float | None, whose: str) -> None:
    """Refuse what cannot be: more events than people, a share outside 0..1, a share that the count contradicts."""
    if events is not None and people is not None and events > people:
        raise ValueError(f"{whose}events ({events}) cannot be more than {whose}people ({people})")
    if share is None:
        return
    if not 0.0 < share <= 1.0:
        raise ValueError(
            f"{whose}share ({share:g}) must lie above 0 and up to 1; none of n is {whose}events: 0 with {whose}people"
        )
    if events is not None and people and abs(share - events / people) > _half_a_digit(share):
        raise ValueError(
            f"{whose}share ({share:g}) contradicts {events} of {people} ({events / people:.3g}); keep what was counted"
        )


def _half_a_digit(share: float) -> float:
    """Return how far rounding may have moved a share that was printed with so many decimals, or in whole percent."""
    decimals = len(f"{share:.6f}".rstrip("0").split(".")[1])
    return 0.5 * 10.0 ** -max(2, decimals) + 1e-9
