"""The shapes of files and answers as JSON Schema, with units in UCUM, for other programs to hold us to."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic asks for this one below Python 3.12

_BASE = "https://json-schema.org/draft/2020-12/schema"


def _in(unit: str, what: str) -> Any:
    return Field(description=f"{what} [{unit}]", json_schema_extra={"unit": unit})


Share = Annotated[float, Field(ge=0, le=1)]
Of100 = Annotated[int, Field(ge=0, le=100)]
Date = Annotated[str | None, Field(description="ISO 8601 day, or null where no start is known")]
Sources = Annotated[list[str], Field(description="citekeys of the works that the answer rests on")]


class Heading(TypedDict):
    """What every answer carries."""

    version: str
    evidence_version: str
    seed: int | None
    sources: Sources
    warnings: list[str]


class Curve(TypedDict):
    """One value a month: median and the ends of the 90 % interval."""

    median: list[float]
    low: list[float]
    high: list[float]


class Ends(TypedDict):
    """Median and the ends of the 90 % interval; null where it is not reached."""

    median: float | None
    low: float | None
    high: float | None


class People(TypedDict):
    """Of 100 people like this one, at month 12."""

    gain: Of100
    hold: Of100
    lose: Of100


class EarlyShed(TypedDict):
    """The early shed."""

    peak_week: Annotated[int, _in("wk", "week of the peak")]
    ratio_to_untreated: Annotated[float, _in("1", "shedding against no treatment")]
    over_by_week: Annotated[int | None, _in("wk", "week by which it is over")]


class Effect(TypedDict):
    """One result of a trial of the skin, as its source has it; `change`, `low` and `high` are in `unit`."""

    indication: str
    study: str
    year: int | None
    design: Annotated[
        str, Field(description="as in the file of the study; split-face where sides of a face were")
    ]
    pooled: bool
    comparison: Literal["control", "other treatment", "none"]
    controlled: Annotated[bool, Field(description="whether an arm had nothing of the therapy")]
    risk_of_bias: Literal["low", "some", "high"]
    arm: str
    minus: Annotated[str | None, Field(description="the arm taken away, where this is a difference")]
    role: Literal["treated", "contrast", "other arm"]
    measure: str
    week: Annotated[float | None, _in("wk", "after the start; null where it was not read")]
    change: float | None
    unit: Annotated[str, Field(description="UCUM")]
    share: Annotated[bool, Field(description="whether `change` is a share of people")]
    low: Annotated[float | None, Field(description="lower end of the 95 % interval")]
    high: Annotated[float | None, Field(description="upper end of the 95 % interval")]
    interval: Annotated[
        Literal["printed", "SD and n", "Wilson"] | None,
        Field(description="what the interval rests on; null where no interval can be had"),
    ]
    words: str | None
    p: Annotated[str | None, Field(description="as printed")]
    finding: (
        Literal["difference", "no sure difference", "change", "no sure change", "p and interval disagree"]
        | None
    )
    n: Annotated[int | None, _in("{persons}", "people; null where it was not printed")]
    verified: bool
    note: str | None
    citekeys: Sources


class Refused(TypedDict):
    """Why there is no curve; for a therapy of the skin also what trials found, by indication."""

    because: str
    missing: str
    trials: list[dict[str, str]]
    summaries: NotRequired[Annotated[dict[str, str], Field(description="one line for each indication")]]
    effects: NotRequired[list[Effect]]


Arm = TypedDict(
    "Arm",
    {
        "arm": str,
        "class": Literal["calibrated", "by-analogy"] | None,
        "because": NotRequired[str],
        "months": NotRequired[list[int]],
        "total_density": NotRequired[Annotated[Curve, _in("/cm2", "hairs")]],
        "terminal_density": NotRequired[Annotated[Curve, _in("/cm2", "hairs of at least cutoff_um")]],
        "mean_diameter": NotRequired[Annotated[Curve, _in("um", "mean shaft diameter")]],
        "anagen_share": NotRequired[Annotated[Curve, _in("%", "share of hairs that grow")]],
        "daily_shedding": NotRequired[Annotated[Curve, _in("{hairs}/d", "hairs shed a day, whole scalp")]],
        "over_untreated": NotRequired[Annotated[Curve, _in("/cm2", "terminal hairs more than untreated")]],
        "chance_visible_gain": NotRequired[list[Share]],
        "month_of_visible_benefit": NotRequired[Annotated[Ends | None, _in("mo", "month")]],
        "of_100": NotRequired[People],
        "extra_hair_per_cm2": NotRequired[
            Annotated[Ends, _in("/cm2", "terminal hairs over no treatment, month 12")]
        ],
        "early_shed": NotRequired[EarlyShed | None],
        "refused": NotRequired[Refused],
        "sources": Sources,
    },
)


class Forecast(Heading):
    """The answer of `follicast forecast --json`."""

    site: Literal["vertex", "frontal", "midscalp", "parietal", "occipital"]
    area_cm2: Annotated[float, _in("cm2", "target area")]
    cutoff_um: Annotated[float, _in("um", "a terminal shaft has at least this")]
    method: str
    start: Date
    draws: int
    interval: Share
    arms: Annotated[list[Arm], Field(min_length=1)]


class Aftercare(TypedDict):
    """One piece of advice."""

    when: str
    text: str


class Moved(TypedDict):
    """How far a date was moved from its protocol's day, and why."""

    days: Annotated[int, _in("d", "later than the protocol's day; earlier if negative")]
    because: str


class KeepOff(TypedDict):
    """What is left out around a session or before a test, from the first day to the last."""

    what: str
    first: Date
    last: Date
    because: str
    source: Sources


Hour = Annotated[str | None, Field(description="time of day at the clinic, where it gives one")]


class Session(TypedDict):
    """One session, or the beginning or end of something taken at home."""

    date: Date
    day: Annotated[int, _in("d", "after the start")]
    therapy: str
    what: str
    aftercare: list[Aftercare]
    keep_off: list[KeepOff]
    at: Hour
    moved: Moved | None


class Dose(TypedDict):
    """What is taken or put on at home from one day on; the last day is null where it goes on."""

    date: Date
    day: Annotated[int, _in("d", "after the start")]
    until: Annotated[int | None, _in("d", "the last day, after the start")]
    therapy: str
    what: str
    how: str | None
    per_day: Annotated[float | None, Field(description="in `unit`")]
    unit: str | None
    minutes: Annotated[float | None, _in("min", "what it takes of a day")]
    step: int
    note: str | None
    source: Sources


class Lab(TypedDict):
    """One laboratory test."""

    date: Date
    day: Annotated[int, _in("d", "after the start")]
    test: str
    name: str
    why: str
    before: Annotated[list[str], Field(description="the therapies that wait for its result")]
    keep_off: list[KeepOff]
    source: Sources
    at: Hour
    moved: Moved | None


class Visit(TypedDict):
    """One visit."""

    date: Date
    day: Annotated[int, _in("d", "after the start")]
    what: str
    source: Sources
    at: Hour
    moved: Moved | None


class Clash(TypedDict):
    """What could not be placed within its protocol, between which days, why, and what would do."""

    what: str
    first: Date
    last: Date
    because: str
    would_do: str


class CostItem(TypedDict):
    """One line of the bill."""

    label: str
    amount: float
    times: int
    source: Sources


class Cost(TypedDict):
    """Money, in `currency`; null where a price that the choice needs is not known."""

    currency: Annotated[str | None, Field(description="ISO 4217")]
    first_year: float | None
    per_year_after: float | None
    per_extra_hair_cm2: Annotated[float | None, Field(description="null where no extra hair is expected")]
    course: float | None
    known_first_year: float
    items: list[CostItem]
    unknown: list[str]
    bundle: str | None
    on_request: list[CostItem]
    market: str | None
    list_name: str | None
    place: str | None
    date: str | None
    tax: str | None
    sources: Sources
    per_extra_chance_of_100: Annotated[
        float | None,
        Field(description="the first year for each person more of 100 who visibly gains by month 12"),
    ]
    items_after: list[CostItem]


class Icons(TypedDict):
    """A hundred people to draw; hit and rest add up to 100, and hit is a bound where sure is false."""

    hit: Of100
    rest: Of100
    sure: bool
    rounding: str


class Outcome(TypedDict):
    """Of 100 people like this one."""

    label: Literal["gain", "hold", "lose", "benefit"]
    of_100: Of100
    plain: str
    untreated: Of100 | None
    icons: Icons


class Certainty(TypedDict):
    """How sure the evidence lets one be."""

    grade: Literal["high", "moderate", "low", "very low"]
    because: str
    source: Sources


class HarmReport(TypedDict):
    """What one source counted of an effect."""

    of_100: Annotated[float | None, Field(ge=0, le=100)]
    at_most: Annotated[float | None, Field(ge=0, le=100)]
    control_of_100: Annotated[float | None, Field(ge=0, le=100)]
    people: int | None
    design: str
    source: Sources
    place: str
    verified: str
    note: str | None


class Harm(TypedDict):
    """One effect, of 100 people, pooled over its reports; both numbers null where it was not counted."""

    therapy: str
    effect: str
    plain: str
    of_100: Annotated[float | None, Field(ge=0, le=100)]
    at_most: Annotated[float | None, Field(ge=0, le=100)]
    control_of_100: Annotated[float | None, Field(ge=0, le=100)]
    design: str
    people: int | None
    seriousness: str
    what_to_do: str | None
    source: Sources
    place: str
    verified: str
    note: str | None
    low: Annotated[float | None, Field(ge=0, le=100, description="the least that a report counted")]
    high: Annotated[float | None, Field(ge=0, le=100, description="the most that a report counted")]
    events: float | None
    reports: list[HarmReport]
    certainty: Certainty | None
    when_to_stop: str
    icons: Icons | None


class Effort(TypedDict):
    """What is asked in the first year."""

    visits: Annotated[float | None, _in("/a", "first year")]
    visits_kind: str | None
    minutes_a_day: Annotated[float | None, _in("min", "a day")]
    minutes_kind: str | None
    hours: Annotated[float | None, _in("h", "first year, with the way")]
    bound_days: Annotated[float | None, _in("d", "first year, on which something is due")]


class HarmsInShort(TypedDict):
    """The commonest mild and the commonest worse harm, of 100 people."""

    mild: str | None
    mild_of_100: float | None
    mild_at_most: float | None
    worse: str | None
    worse_of_100: float | None
    worse_at_most: float | None
    certainty: str


class Stopping(TypedDict):
    """What is left of the gain after a stop."""

    stopped_at: Annotated[float, _in("mo", "")]
    look_at: Annotated[int, _in("mo", "")]
    left_percent: Annotated[float | None, _in("%", "of the mean gain at the stop")]
    gone_by: Annotated[int | None, _in("mo", "less than a fifth is left")]


class Pregnancy(TypedDict):
    """When it must be stopped for a pregnancy."""

    stop: str
    how_long: str | None
    because: list[str]
    source: Sources


Alternative = TypedDict(
    "Alternative",
    {
        "arm": str,
        "name": str,
        "status": Literal["open", "refused", "waiting", "closed"],
        "class": Literal["calibrated", "by-analogy"] | None,
        "of_100": People | None,
        "extra_hair": Annotated[Ends | None, _in("/cm2", "terminal hairs over no treatment, month 12")],
        "month": Annotated[Ends | None, _in("mo", "month of visible benefit")],
        "cost_first_year": float | None,
        "currency": str | None,
        "certainty": str | None,
        "approval": str | None,
        "why_not": str | None,
        "against_wishes": str | None,
        "better_off": Of100 | None,
        "early_shed": EarlyShed | None,
        "effort": Effort | None,
        "harms": HarmsInShort | None,
        "stopping": Stopping | None,
        "pregnancy": Pregnancy | None,
        "unknown": list[str],
        "reviews": list[Visit],
    },
)


class Weight(TypedDict):
    """How much a criterion weighs."""

    label: str
    weight: float
    share: float
    told: bool


class Placed(TypedDict):
    """One option of the ranking; unknown criteria count in the middle of their range."""

    arm: str
    place: int
    score: float
    adds: dict[str, float]
    first_share: float
    places: list[float]
    unknown: list[str]
    not_applicable: list[str]


class Fragility(TypedDict):
    """In what share of tries the first option stays first."""

    weights: float
    draws: float
    wobble_percent: float
    methods: dict[str, str]
    rival: str | None


class Between(TypedDict):
    """Which criteria put the first option before the next, and which speak for the next."""

    first: str
    second: str
    ahead: list[str]
    behind: list[str]
    unknown: list[str]


class Ranking(TypedDict):
    """The open options in order of how well they suit the weights."""

    method: str
    weights: dict[str, Weight]
    told: list[str]
    options: list[Placed]
    why: list[str]
    between: Between | None
    fragile: Fragility | None


class WhatIf(TypedDict):
    """A variant beside the plan, with the same follicles and the same luck."""

    name: str
    plain: str
    arm: str
    months: list[int]
    terminal_density: Annotated[Curve, _in("/cm2", "under the variant")]
    difference: Annotated[Curve, _in("/cm2", "the variant less the plan")]
    at: dict[str, Ends]
    of_100: People
    month_of_visible_benefit: Ends | None


class Refusal(TypedDict):
    """A therapy that cannot be given or foreseen."""

    therapy: str
    name: str
    status: Literal["refused", "waiting", "closed"]
    because: str
    missing: list[str]
    trials: list[dict[str, str]]
    sources: Sources


class Planned(Heading):
    """What a plan holds whatever it is for."""

    policy: Literal["strictest", "jp", "us", "eu"]
    start: Date
    choice: str
    why: str
    alternatives: list[Alternative]
    sessions: list[Session]
    doses: list[Dose]
    labs: list[Lab]
    visits: list[Visit]
    clashes: list[Clash]
    days_coming: Annotated[list[int], _in("d", "days after the start on which she comes")]
    templates: Annotated[
        list[str], Field(description="therapies that are in the plan as dates, without a curve")
    ]
    cost: Cost
    benefits: list[Outcome]
    harms: list[Harm]
    certainty: Certainty | None
    harm_certainty: Certainty | None
    review: list[str]
    early_shed: str | None
    on_stopping: str | None
    refused: list[Refusal]


class Plan(Planned):
    """The file plan.json, and the answer of `follicast plan --json`."""

    ranking: Ranking
    what_if: list[WhatIf]
    stopping: Stopping | None
    forecast: Arm
    untreated: Arm


class SkinPlan(Planned):
    """The same for a plan for the skin, which has no forecast but what trials found."""

    use: Annotated[str | None, Field(description="the use on the skin that was wished for")]
    forecast: None
    untreated: None
    summaries: NotRequired[Annotated[dict[str, str], Field(description="one line for each indication")]]
    effects: list[Effect]


def names() -> list[str]:
    """Return what has a schema: a patient's and a clinic's file, the answers, every kind of file of evidence."""
    from follicast.evidence.files import FILES

    return ["patient", "clinic", *_ANSWERS, *FILES]


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a patient, an answer, or a file of evidence."""
    return {"$schema": _BASE, **_spelled(_schema(name)), "title": name}


_ANSWERS: dict[str, Any] = {"forecast": Forecast, "plan": Plan, "skin-plan": SkinPlan}
_SPELLING = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def _spelled(schema: Any) -> Any:
    """Spell bounds as JSON Schema does; pydantic leaves some in its own words."""
    if isinstance(schema, list):
        return [_spelled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {_SPELLING.get(key, key): _spelled(value) for key, value in schema.items()}


def _schema(name: str) -> dict[str, Any]:
    if name == "patient":
        from follicast.patient import Patient

        return Patient.model_json_schema()
    if name == "clinic":
        from follicast.plan.clinic import Clinic

        return Clinic.model_json_schema()
    if name in _ANSWERS:
        return TypeAdapter(_ANSWERS[name]).json_schema()
    from follicast.evidence import files

    return files.schema_of(name)
