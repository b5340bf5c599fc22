"""What the API answers, key by key, for the OpenAPI document; forecast and plan stand in `schema`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from follicast.doors.schema import Arm, Forecast, Heading, Plan, Share, SkinPlan, Sources

Document = Annotated[
    dict[str, Any], Field(description="a patient's story; its schema: follicast schema patient")
]
Status = Literal["open", "waiting", "closed"]


class Diagnosis(TypedDict):
    """One kind of hair loss; probabilities are marginal and need not sum to 1."""

    condition: str
    name: str
    probability: Share
    probability_low: Share
    probability_high: Share
    kind: str
    reasons: list[str]
    weights: list[dict[str, Any]]
    sources: Sources


class RedFlag(TypedDict):
    """A sign that always refers."""

    id: str
    because: str
    do: str
    urgency: Literal["now", "soon"]
    source: Sources
    place: str


class Reason(TypedDict):
    """One rule that speaks for or against a therapy."""

    rule: str
    effect: str
    because: str
    do: str | None
    source: Sources
    place: str
    verified: str


class Tried(TypedDict):
    """One rule that was tried."""

    rule: str
    when: str | None
    facts: dict[str, Any]
    verdict: str
    effect: str
    source: Sources


class Screened(TypedDict):
    """One therapy for one person."""

    therapy: str
    status: Status
    reasons: list[Reason]
    needs: list[str]
    trace: NotRequired[list[Tried]]


class LabToAsk(TypedDict):
    """A laboratory test worth asking for."""

    test: str
    name: str
    why: str
    for_therapies: list[str]
    first: Any
    source: Sources


class Move(TypedDict):
    """Where a probability would go."""

    condition: str
    finding: str
    now: float
    if_there: float
    if_not: float


class Question(TypedDict):
    """What to ask next; bits are how much its answer is expected to tell."""

    fact: str
    ask: str
    need: str
    how: str
    bits: float
    moves: list[Move]
    flags: list[str]
    therapies: list[str]


class Assessment(Heading):
    """What is likely, what must be seen first, what may be done, what to ask."""

    policy: str
    policies: Any
    setting: str
    diagnoses: list[Diagnosis]
    red_flags: list[RedFlag]
    therapies: list[Screened]
    labs: list[LabToAsk]
    next: list[Question]


class Explanation(Heading):
    """Which rules and numbers gave the answer for one therapy."""

    policy: str
    policies: Any
    setting: str
    red_flags: list[RedFlag]
    therapy: str
    status: Status
    reasons: list[Reason]
    needs: list[str]
    trace: list[Tried]
    opens_if: dict[str, Any]
    evidence: dict[str, Any]
    certainty: dict[str, Any]
    numbers: list[dict[str, Any]]


class Seen(TypedDict):
    """One thing measured after the start."""

    month: float
    quantity: str
    value: float
    alike: float
    anew: float
    method: str
    area_cm2: float


class Track(TypedDict):
    """Whether a course goes as forecast."""

    word: Literal["on track", "too early to tell", "off track"]
    chance: Share
    month: int
    narrowed: float
    expected: dict[str, float]
    now: dict[str, float]


class TakenShare(TypedDict):
    """How likely a share of the doses is."""

    share: float
    chance: Share


class Adherence(TypedDict):
    """What share of the doses would explain it."""

    shares: list[TakenShare]
    likeliest: float


class NextLook(TypedDict):
    """What one more count would narrow."""

    month: int
    method: str
    narrows: float
    worth_it: bool


class Foreseen(Forecast):
    """A forecast, with the red flags that stand before it."""

    red_flags: list[RedFlag]


class FollowUp(Foreseen):
    """A forecast after visits, beside what it was before."""

    taken: str
    observations: list[Seen]
    before: list[Arm]
    grown: int
    agreeing: float
    track: Track
    adherence: Adherence | None
    next_looks: list[NextLook]


class Planned(TypedDict):
    """A plan, and the id under which it was issued."""

    plan: Plan | SkinPlan
    issued: str | None


class Job(TypedDict):
    """Long work: how far it is [0 to 1], and where to listen; `result` only where one job is asked for."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: Share
    said: str
    refined_by: str | None
    patient_id: str | None
    created_at: dt.datetime
    events: str
    result: Any


class Me(TypedDict):
    """Who is signed in, and what she may do."""

    id: str
    login: str
    name: str
    role: str
    may: list[str]


class Listed(TypedDict):
    """A patient as a list shows her."""

    id: str
    name: str
    number: str
    version: int
    changed_at: dt.datetime


class Chart(TypedDict):
    """One state of a patient's story; `version` is what one saves on."""

    id: str
    version: int
    name: str
    number: str
    patient: Document
    at: dt.datetime
    by: str


class Measured(TypedDict):
    """One number read off a person."""

    kind: str
    value: float
    unit: str
    error: float | None
    method: str | None
    site: str | None
    area_cm2: float | None
    cutoff_um: float | None


class Visit(TypedDict):
    """One visit; `version` is what one saves on."""

    id: str
    patient_id: str
    version: int
    day: dt.date
    note: str
    measurements: list[Measured]
    struck: bool
    at: dt.datetime
    by: str


class Photograph(TypedDict):
    """What is known of a photograph, and where it is."""

    id: str
    patient_id: str
    visit_id: str | None
    media: str
    bytes: int
    day: dt.date
    site: str
    light: str | None
    note: str | None
    at: dt.datetime
    by: str
    link: str


class Consent(TypedDict):
    """One consent."""

    id: str
    patient_id: str
    what: str
    text_version: str
    given_at: dt.datetime
    given_to: str
    withdrawn_at: dt.datetime | None
    withdrawn_to: str | None
    holds: bool


class Issued(TypedDict):
    """A plan as it was issued, in short."""

    id: str
    patient_id: str
    patient_version: int
    choice: str
    languages: list[str]
    evidence_version: str
    program: str
    seed: int | None
    at: dt.datetime
    by: str
    link: str


class Erased(TypedDict):
    """Whether every byte of an erased person is overwritten already."""

    overwritten: bool


class Therapies(Heading):
    """Every therapy."""

    therapies: list[dict[str, Any]]


class Conditions(Heading):
    """Every kind of hair loss."""

    conditions: list[dict[str, Any]]


class Drugs(Heading):
    """Every drug that a story may name."""

    drugs: list[dict[str, Any]]


class Shelves(Heading):
    """What is held, shelf by shelf."""

    shelves: list[dict[str, Any]]


class Entry(Heading):
    """One entry of the evidence."""

    entry: dict[str, Any]
