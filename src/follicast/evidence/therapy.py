"""What a therapy is: where it acts, how it is given, what is known of it, and what is not.

A therapy with no entry under `actions` must say why (`no_action`): then no curve is ever drawn for it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from follicast.evidence.number import Number, Sourced, Text
from follicast.evidence.reader import Strict

Target = Literal["drive", "release", "wake", "hold", "enlarge"]
Sex = Literal["F", "M"]
Region = Literal["jp", "us", "eu", "uk", "kr", "ca", "au", "vn", "in", "br"]
Grade = Literal["high", "moderate", "low", "very low"]
Standing = Literal["approved", "off-label", "not approved", "outside the law", "unknown"]


class Action(Strict):
    """One pull on the chain: at which stage, on what, how strong, how it sets in and fades.

    `potency` and `half_dose` name parameters of the model (`parameters.yaml`), whose values calibration finds.
    A `continuous` action follows its doses with `onset` and `offset`, a `pulse` peaks `onset` after a session and
    fades with `offset`; a `receptor` is blocked by a metabolite of `half_life`; a `reductase` inhibitor kills
    the enzymes that make DHT, whose levels and turnover `pharmacology` knows.
    """

    stage: Literal[2, 3, 4]
    on: Target
    shape: Literal["continuous", "pulse", "receptor", "reductase"]
    potency: str
    half_dose: str | None = None
    dose_scale: str | None = None
    onset: Number | None = None
    offset: Number | None = None
    half_life: Number | None = None
    responder: str | None = None

    @model_validator(mode="after")
    def _has_its_times(self) -> Action:
        timed = self.shape in ("continuous", "pulse")
        if timed != bool(self.onset and self.offset) or (self.shape == "receptor") != bool(self.half_life):
            raise ValueError(
                "continuous actions and pulses have onset and offset, receptors a half_life and a half_dose, "
                "a reductase inhibitor none of them"
            )
        if self.shape == "receptor" and not self.half_dose:
            raise ValueError("a receptor needs the dose that blocks half of it (half_dose)")
        return self

    @property
    def times(self) -> dict[str, Number]:
        """The lengths of time it is described by, by name."""
        named = {"onset": self.onset, "offset": self.offset, "half-life": self.half_life}
        return {name: number for name, number in named.items() if number is not None}


class NoAction(Sourced):
    """Why a therapy has no action in the model, and what evidence would give it one."""

    because: str
    missing: str


class Dose(Strict):
    """A usual dose and, where known, the ends of the range."""

    usual: Number
    low: Number | None = None
    high: Number | None = None
    how: str


class Course(Strict):
    """Sessions of a course, the time between them, and the time between maintenance sessions."""

    sessions: Number
    sessions_high: Number | None = None
    interval: Number
    then_sessions: Number | None = None
    then_interval: Number | None = None
    maintenance: Number | None = None


class Titration(Sourced):
    """How a dose is reached: begun at `start`, and multiplied by `factor` every `step` until it is there."""

    start: Number
    step: Number
    factor: Number
    text: str


class Certainty(Sourced):
    """How sure the body of evidence lets one be (GRADE words), for one sex."""

    grade: Grade
    because: str


class Aftercare(Sourced):
    """One piece of advice for the days after a session or during a therapy."""

    when: str
    text: str


class Monitoring(Sourced):
    """A test to do before (`month` 0) or during a therapy; `every` repeats it. `regions` empty: everywhere.

    With `on_raise` it is done again so long after each raise of the dose.
    """

    test: str
    month: float = 0
    every: Number | None = None
    on_raise: Number | None = None
    why: str
    regions: list[Region] = []


class Status(Sourced):
    """Whether a region's authority has approved this use; `by_sex` where it differs between the sexes."""

    status: Standing
    note: str
    by_sex: dict[Sex, Standing] = {}


class Therapy(Strict):
    """Something that may be done for hair (or skin).

    `background` holds what is told of it beside the plan: its history, how it is said to work, how it is done.
    `would_act` is how a therapy without evidence would act: used once studies have lifted its refusal, never before.
    `template` says that its protocol may enter a plan without a curve once its ingredients are named, and why.
    """

    id: str
    name: str
    short: str
    what: str
    route: Literal["topical", "oral", "injection", "procedure", "supplement"]
    family: list[str] = []
    body: Literal["hair", "skin"] = "hair"
    treats: list[str]
    sex: list[Sex] = ["F", "M"]
    stages: list[int] = []
    ingredients: list[str] = []
    composition: Literal["named", "varies", "unknown"] = "named"
    background: dict[str, Text] = {}
    dose: dict[Sex, Dose] | None = None
    titration: dict[Sex, Titration] | None = None
    course: Course | None = None
    minutes_a_day: Number | None = None
    visits_a_year: Number | None = None
    actions: list[Action] = []
    no_action: NoAction | None = None
    would_act: list[Action] = []
    certainty: dict[Sex, Certainty]
    status: dict[Region, Status] = {}
    aftercare: list[Aftercare] = []
    monitoring: list[Monitoring] = []
    template: Text | None = None
    early_shed: Text | None = None
    on_stopping: Text | None = None
    review: Monitoring | None = None

    @property
    def mechanism(self) -> list[Action]:
        """How it acts, or would act if its evidence reached that far."""
        return self.actions or self.would_act

    @model_validator(mode="after")
    def _acts_or_says_why(self) -> Therapy:
        if bool(self.actions) == bool(self.no_action):
            raise ValueError(
                "a therapy has either actions or a no_action statement, never both, never neither"
            )
        if self.would_act and self.actions:
            raise ValueError("what acts already needs no would_act")
        return self
