"""What went wrong, in how many of how many."""

from __future__ import annotations

from typing import Literal

from follicast.evidence.number import Sourced


class Harm(Sourced):
    """One adverse effect of one therapy as one source counted it.

    `events` of `people`; where only a share was printed, `share` [1] holds it and `events` is absent.
    A case report has `design: case-report` and never becomes a rate. Zero of n is shown as at most 3/n.
    """

    therapy: str
    effect: str
    plain: str
    design: Literal["trial", "cohort", "registry", "review", "case-report"]
    people: int | None = None
    events: int | None = None
    share: float | None = None
    control_share: float | None = None
    seriousness: Literal["mild", "moderate", "serious"] = "mild"
    what_to_do: str | None = None
    verified: Literal["yes", "partly", "no"] = "yes"
    note: str | None = None
