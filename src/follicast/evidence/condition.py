"""What a kind of hair loss is: how common, which findings speak for and against it, and who should see it.

The likelihood ratios here say how far a finding moves the odds. Most are elicited, not
published: each says so. A condition knows no patient; the weighing is done in `assessment`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from follicast.evidence.number import Number, Sourced, Text
from follicast.evidence.reader import Strict

Setting = Literal["specialist", "general"]
Refer = Literal["none", "dermatology", "urgent"]


class Curve(Strict):
    """A counted quantity whose size tells more than a yes or no: `of` is the fact that holds the count.

    `with_it` names the number (mean, with the SD as its spread) counted in people who have the condition,
    `without` those counted in people who have not, taken in equal parts. `alike` names the share [%] of others
    whose counts are like it all the same: who sheds from another cause sheds as much.
    """

    of: str
    with_it: str
    without: list[str] = Field(min_length=1)
    alike: str


class Finding(Strict):
    """One finding: `present` and `absent` are likelihood ratios [1] if `when` holds or does not.

    `when` is a CEL expression over the declared facts. Where the count of a `curve` is known, it speaks in
    their stead. `gate` false marks a finding that asks for an instrument: it moves the probability shown,
    but no therapy opens or closes on it.
    """

    when: str
    says: str
    present: Number
    absent: Number | None = None
    curve: Curve | None = None
    gate: bool = True

    @field_validator("present", "absent")
    @classmethod
    def _a_ratio(cls, ratio: Number | None) -> Number | None:
        if ratio is not None and not 0 < ratio.value < 1e4:
            raise ValueError("a likelihood ratio is above 0 and finite")
        return ratio


class Condition(Sourced):
    """One kind of hair loss. `prior` holds the share [1] of people with hair loss who have it, by setting.

    `thresholds` are bound under their names in the findings; `tests` are laboratory tests worth asking for.
    `questions` tell it from its neighbours; `timing` is how it begins and how long it lasts.
    """

    id: str
    alias: str
    name: str
    plain: str
    group: str
    kind: Literal["pattern", "effluvium", "other"]
    scarring: bool = False
    sex: list[Literal["F", "M"]] = ["F", "M"]
    prior: dict[Setting, Number] = Field(min_length=1)
    thresholds: dict[str, Number] = {}
    findings: list[Finding] = Field(min_length=1)
    refer: Refer = "none"
    describe: str
    background: dict[str, Text] = {}
    questions: list[str] = []
    timing: str | None = None
    tests: list[str] = []
    icd10: str | None = None
