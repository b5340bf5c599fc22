"""What an assessment says on a terminal: on two screens what matters to this person, all of it where asked for."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from follicast.assessment import Assessment, Diagnosis, Question, RedFlag, Screened
from follicast.assessment.answer import LabToAsk, Weight
from follicast.evidence.library import evidence
from follicast.plan.certainty import GRADES, graded
from follicast.report.console import (
    BETWEEN,
    head,
    indented,
    line,
    missing,
    ruled_out,
    table,
    title,
    told,
    warned,
)
from follicast.report.names import REGIONS, therapy_name
from follicast.report.text import Speech, speech

_ADULT = 18
_MOST_QUESTIONS, _MOST_KINDS, _MOST_WEIGHTS = 5, 6, 4
_LIKELY, _WORTH_A_LINE = 0.02, 0.05
_PRIORS = {
    "specialist": "From the prior odds of specialist clinics.",
    "general": "From the prior odds of general practice.",
}
_NOTES = (
    "In brackets: how far it moves if every ratio lies at one end of its band.",
    "Several may be true at once.",
)
_AS_A_CAUSE = "Iron, thyroid, lupus and the like are counted as a cause of the loss, not as a finding."
_STYLE = {"open": "green", "waiting": "yellow", "closed": "red"}


def assessment_summary(
    assessment: Assessment, language: str = "en", everything: bool = False
) -> RenderableType:
    """Return what must be seen first, what it is likely to be, what to ask, what may be given, what to measure.

    What has no bearing on this person is left out and named at the end, unless `everything` is asked for.
    """
    say = speech(language)
    parts: list[RenderableType] = [title(f"{_who(assessment, say)} · {_policy(assessment, say)}")]
    parts += [*seen_first(assessment, language), head(say.say("What it is likely to be"))]
    parts += [_kinds(assessment, say, everything), *_why(assessment, say), _notes(assessment, say)]
    parts += [*_asked(assessment, say, everything), *_given(assessment, say, everything)]
    parts += [*_measured(assessment, say, everything), *warned(assessment.warnings, say)]
    if not everything:
        parts += [Text(""), Text(say.say("Shown is what matters most here; --all shows everything."), "dim")]
    return Group(*parts)


def seen_first(assessment: Assessment, language: str = "en") -> list[RenderableType]:
    """Return the red flags under their head, or nothing; whatever a terminal answers begins with them."""
    say = speech(language)
    if not assessment.red_flags:
        return []
    return [head(say.say("See a doctor first"), "bold red"), *_flags(assessment.red_flags, say)]


def _flags(flags: list[RedFlag], say: Speech) -> list[RenderableType]:
    return [line(f"{told(flag.because, say)} {told(flag.do, say)}", "red") for flag in flags]


def _who(assessment: Assessment, say: Speech) -> str:
    age, woman = say.number(assessment.patient.age), assessment.patient.sex == "F"
    if assessment.patient.age < _ADULT:
        return say.say("Girl, {age} years" if woman else "Boy, {age} years", age=age)
    return say.say("Woman, {age} years" if woman else "Man, {age} years", age=age)


def _policy(assessment: Assessment, say: Speech) -> str:
    return say.say("safety rules: {region}", region=say.say(REGIONS[assessment.policy]))


# --- what it is likely to be ---


def _kinds(assessment: Assessment, say: Speech, everything: bool) -> Padding:
    bound, most = (_LIKELY, None) if everything else (_WORTH_A_LINE, _MOST_KINDS)
    laid = table("", "", "", right=[0, 1])
    found = sorted(assessment.diagnoses, key=lambda diagnosis: -diagnosis.probability)
    likely = [one for i, one in enumerate(found) if i == 0 or one.probability >= bound]
    for i, diagnosis in enumerate(likely[:most]):
        laid.add_row(
            f"{100 * diagnosis.probability:.0f} %",
            Text(_ends(diagnosis), "dim"),
            Text(told(diagnosis.name, say), "bold" if i == 0 else ""),
        )
    return indented(laid)


def _ends(diagnosis: Diagnosis) -> str:
    return f"({100 * diagnosis.probability_low:.0f}–{100 * diagnosis.probability_high:.0f})"


def _why(assessment: Assessment, say: Speech) -> list[RenderableType]:
    """Say what moved the likeliest kind most, each with the factor of its odds."""
    first = max(assessment.diagnoses, key=lambda diagnosis: diagnosis.probability)
    weights = [weight for weight in first.weights if weight.there is not None and weight.ratio != 1]
    weights.sort(key=lambda weight: -abs(math.log(weight.ratio)))
    if not weights:
        return [line(say.say("Nothing told speaks for or against it yet; these are the prior odds."), "dim")]
    said = ", ".join(_factor(weight, say) for weight in weights[:_MOST_WEIGHTS])
    return [line(say.say("{kind}, because: {reasons}", kind=told(first.name, say), reasons=said), "dim")]


def _factor(weight: Weight, say: Speech) -> str:
    sign, size = ("×", weight.ratio) if weight.ratio >= 1 else ("÷", 1 / weight.ratio)
    says = told(weight.says, say)
    said = says if weight.there else say.say("{finding}: not there", finding=says)
    return f"{said} ({sign}{size:.3g})"


def _notes(assessment: Assessment, say: Speech) -> RenderableType:
    shown = [one for one in assessment.diagnoses if one.probability >= _WORTH_A_LINE]
    beside = any(evidence().conditions[one.condition].group == "contributing" for one in shown)
    notes = (_PRIORS[assessment.setting], *_NOTES, *([_AS_A_CAUSE] if beside else []))
    return line(" ".join(told(note, say) for note in notes), "dim")


# --- what to ask ---


def _asked(assessment: Assessment, say: Speech, everything: bool) -> list[RenderableType]:
    """Return what would tell most next, each kind of news once."""
    first = assessment.next if everything else assessment.ask_first(_MOST_QUESTIONS)
    if not first:
        return []
    return [
        head(say.say("What would tell most next")),
        *(_question(question, assessment, say) for question in first),
    ]


def _question(question: Question, assessment: Assessment, say: Speech) -> RenderableType:
    """Ask a question and say where the kind of loss it tells most of would go, or what waits for the answer."""
    asked = f"{told(question.ask, say)} "
    if question.flags:
        return line(asked + say.say("(a sign that would send to a doctor hangs on it)"), "red")
    if not question.moves:
        waiting = ", ".join(therapy_name(therapy, say) for therapy in question.therapies)
        return line(asked + say.say("(waiting for it: {therapies})", therapies=waiting))
    return line(asked + _moved(question, say))


def _moved(question: Question, say: Speech) -> str:
    move = question.moves[0]
    shares = {key: say.number(round(100 * getattr(move, key))) for key in ("now", "if_there", "if_not")}
    name = told(evidence().conditions[move.condition].name, say)
    if evidence().facts[question.fact].type == "bool":
        words = "({condition}: {now} of 100 now, {if_there} if so, {if_not} if not)"
        return say.say(words, condition=name, **shares)
    words = "({condition}: {now} of 100 now, {if_there} with {finding}, {if_not} without)"
    return say.say(words, condition=name, finding=told(move.finding, say), **shares)


# --- what may be given ---


def _given(assessment: Assessment, say: Speech, everything: bool) -> list[RenderableType]:
    shown = [one for one in assessment.therapies if everything or _meant(one, assessment)]
    laid = table("", "")
    for status, rows in {
        "open": _open([one for one in shown if one.status == "open"], assessment, say),
        "waiting": missing(
            [(_name(o, say), o.needs) for o in shown if o.status == "waiting"], say, everything
        ),
        "closed": ruled_out([(_name(o, say), _closing(o)) for o in shown if o.status == "closed"], say),
    }.items():
        for row in rows:
            laid.add_row(Text(say.say(status), _STYLE[status]), row)
    return [head(say.say("Treatments: what may be given (not what works)")), indented(laid)]


def _meant(screened: Screened, assessment: Assessment) -> bool:
    """Whether a therapy concerns this person: one of the skin only where something was asked for the skin."""
    wishes = assessment.patient.wishes
    of_skin = evidence().therapies[screened.therapy].body == "skin"
    return not of_skin or bool(wishes.get("skin")) or wishes.get("asks_for") == screened.therapy


def _open(found: list[Screened], assessment: Assessment, say: Speech) -> list[Text]:
    """Return what is open, grouped by how sure the evidence is, the surest first."""
    rows = []
    for grade in GRADES:
        names = [
            _name(one, say) for one in found if graded(one.therapy, assessment.patient.sex).grade == grade
        ]
        if names:
            sure = say.say("How sure is this?") + " " + say.say(grade)
            rows.append(Text(BETWEEN.join(names)).append(f" – {sure}", "dim"))
    return rows


def _name(screened: Screened, say: Speech) -> str:
    return therapy_name(screened.therapy, say, full=True)


def _closing(screened: Screened) -> str:
    return next((reason.because for reason in screened.reasons if reason.effect == "closes"), "")


# --- what to measure ---


def _measured(assessment: Assessment, say: Speech, everything: bool) -> list[RenderableType]:
    """Return the tests to ask for: those for a likely kind, and those that alone keep a therapy waiting."""
    shown = [lab for lab in assessment.labs if everything or _worth_drawing(lab, assessment)]
    if not shown:
        return []
    return [
        head(say.say("Tests to ask for")),
        *(line(_lab(lab, assessment, say, everything)) for lab in shown),
    ]


def _worth_drawing(lab: LabToAsk, assessment: Assessment) -> bool:
    wanted = lab.for_flags or lab.for_kinds
    return bool(wanted) or any(_only_tests_missing(assessment.of(name)) for name in lab.for_therapies)


def _only_tests_missing(screened: Screened) -> bool:
    """Whether a therapy is open, or waits for nothing that could be asked across the table."""
    tests = {lab.name for lab in evidence().labs.values()}
    return all(need.split(", ")[0] in tests for need in screened.needs)


def _lab(lab: LabToAsk, assessment: Assessment, say: Speech, everything: bool) -> str:
    first = f" ({told(lab.first, say)})" if lab.first else ""
    if everything or lab.for_flags or not lab.for_therapies:
        return f"{told(lab.name, say)}: {told(lab.why, say)}{first}"
    ready = [
        therapy_name(name, say) for name in lab.for_therapies if _only_tests_missing(assessment.of(name))
    ]
    return f"{told(lab.name, say)}: {', '.join(ready) or told(lab.why, say)}{first}"
