"""What a forecast's width comes from, as a short table, a few sentences, and an answer to other programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from follicast.doors import output

if TYPE_CHECKING:
    from follicast.assessment.answer import Assessment
    from follicast.regimen import Regimen
    from follicast.sensitivity import Factor, Sensitivity, Split

_NAMES = {
    "structure": "which mechanism of recovery holds",
    "parameters": "the model's numbers, known from trials",
    "person": "what is not known of this person",
    "luck": "luck (which follicle does what)",
    "measurement": "the error of counting",
}
_QUANTITIES = {
    "change_terminal": "change of thick hairs",
    "change_total": "change of all hairs",
    "change_coverage": "change of coverage",
    "extra_terminal": "thick hairs over no treatment",
}
_SHARES = [
    (0.95, "nearly all"),
    (0.85, "nine tenths"),
    (0.71, "three quarters"),
    (0.59, "two thirds"),
    (0.45, "half"),
    (0.37, "two fifths"),
    (0.29, "a third"),
    (0.22, "a quarter"),
    (0.15, "a fifth"),
    (0.07, "a tenth"),
    (-1.0, "hardly any"),
]
_BAR, _SMALL, _WORTH_SAYING = 16, 0.05, 0.15


def sensitivity(
    patient: Annotated[
        str, typer.Argument(metavar="PATIENT", help="A YAML or JSON file, or - for standard input.")
    ],
    arm: Annotated[str, typer.Option(metavar="ARM", help="Such as prp:sessions=5+minoxidil-topical-1.")],
    month: Annotated[int, typer.Option(min=1, max=120, help="The month that is looked at.")] = 12,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="vertex, frontal, midscalp, parietal or occipital.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The luck.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what a forecast's width comes from: luck, parameters, structure, the person, measurement."""
    from follicast.assessment import assess
    from follicast.evidence.heading import heading
    from follicast.patient import Patient
    from follicast.regimen import Regimen
    from follicast.sensitivity import sensitivity as taken_apart

    person, regimen = Patient.load(patient), Regimen(arm)
    assessment = assess(person)
    _check(assessment, regimen, as_json)
    with output.progress() as say:
        say("trying some thousand guesses, each with its own luck")
        found = taken_apart(person, regimen, month, seed=seed, site=site)
    warnings = [*found.warnings, *_not_open(assessment, regimen)]
    if as_json:
        output.print_json(heading(found.seed, found.sources, warnings) | found.as_json())
        return
    output.show(*told(found))
    output.warn(warnings)


def _check(assessment: Assessment, regimen: Regimen, as_json: bool) -> None:
    """Raise `NothingToGive` for a loss that no forecast speaks of, and for an arm that has no curve."""
    from follicast.errors import NothingToGive
    from follicast.evidence.heading import heading
    from follicast.plan.choice import check_scope
    from follicast.sensitivity import check_arm

    try:
        check_scope(assessment)
        check_arm(regimen, assessment.patient)
    except NothingToGive as refusal:
        if as_json:
            answer = {"arm": str(regimen), "class": None, "refused": {"because": str(refusal)}}
            output.print_json(heading(None, [], []) | answer)
        raise


def _not_open(assessment: Assessment, regimen: Regimen) -> list[str]:
    from follicast.plan.choice import least_open, why_not

    said = least_open(assessment, regimen)
    if said is None or said.status == "open":
        return []
    return [f"{said.therapy} is {said.status} for this person: {why_not(said)}"]


def told(found: Sensitivity) -> Iterable[Any]:
    """Return the headline in sentences, its sources as a table with bars, and the other quantities in a line each."""
    first = found.splits[0]
    title = (
        f"{_QUANTITIES[first.hair.quantity].capitalize()} at month {found.months}, {found.site}, {found.arm}"
    )
    yield output.table(title, _HEAD, map(_row, first.hair.factors, first.counted.factors), ids=False)
    yield " ".join(sentences(first, found.counted_by))
    head = ["", "unit", "width", "mostly", "width of a count"]
    yield ""
    yield output.table("Width that holds nine of ten", head, map(_line, found.splits), ids=False)
    yield "Shares are of the variance, each source after those above it; in brackets 90 % intervals."


_HEAD = ["", "share", "", "of a count", "known alone", "all else known", "SD left"]


def _row(hair: Factor, counted: Factor) -> list[str]:
    counting = hair.factor == "measurement"
    within = counted if counting else hair
    return [
        hair.factor,
        "█" * round(_BAR * hair.share),
        "" if counting else _share(hair.share, hair.share_interval),
        _share(counted.share, counted.share_interval),
        "" if counting else _share(hair.first_order, hair.first_order_interval),
        "" if counting else _share(hair.total, hair.total_interval),
        f"{within.sd_alone:.1f}",
    ]


def _share(middle: float, interval: tuple[float, float]) -> str:
    low, high = (100.0 * min(1.0, max(0.0, end)) for end in interval)
    return f"{100.0 * min(1.0, max(0.0, middle)):.0f} % ({low:.0f}-{high:.0f})"


def _line(split: Split) -> list[str]:
    most = max(split.hair.factors, key=lambda factor: factor.share)
    digits = 2 if split.hair.unit.startswith("cm") else 1
    return [
        _QUANTITIES[split.hair.quantity],
        split.hair.unit,
        f"{split.hair.width90:.{digits}f}",
        most.factor,
        f"{split.counted.width90:.{digits}f}",
    ]


def sentences(split: Split, counted_by: str) -> Iterable[str]:
    """Return in a clinician's words what a width comes from, and what would narrow it."""
    hair, counted = split.hair, split.counted
    if hair.width90 == 0.0:
        yield "All guesses come to the same."
        return
    yield f"Nine of ten outcomes lie within {hair.width90:.0f} hairs/cm2 of each other."
    ranked = sorted(hair.factors, key=lambda factor: -factor.share)
    first, *rest = [factor for factor in ranked if factor.share >= _WORTH_SAYING] or ranked[:1]
    more = "".join(f"; {in_words(factor.share)} {_NAMES[factor.factor]}" for factor in rest)
    yield f"{in_words(first.share).capitalize()} of that width is {_NAMES[first.factor]}{more}."
    yield f"Knowing all about this person would narrow it by about {_hairs(hair.narrowed('person'))},"
    yield f"a {counted_by} today by {_hairs(split.narrowed_by_count)}."
    error = in_words(counted.of("measurement").share)
    yield f"Whoever counts the change will see a width of {counted.width90:.0f}: {error} of it is counting."


def in_words(share: float) -> str:
    """Return a share [1] as it is said: half, a third."""
    return next(words for least, words in _SHARES if share >= least)


def _hairs(number: float) -> str:
    return f"{number:.1f} hairs/cm2" if number >= _SMALL else "next to nothing"
