"""What is said on a terminal: an assessment, a forecast, a plan, each on about a screen.

Colour only repeats what the words say, so a pipe loses nothing. It says less than the page: no pictures, no list
of sources, and only the harms that were counted most often.
"""

from __future__ import annotations

from collections.abc import Iterable
from shutil import get_terminal_size

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from follicast import skin
from follicast.assessment import Assessment, Diagnosis, Question, RedFlag, Screened
from follicast.evidence.library import evidence
from follicast.forecast import JUDGED_AT, ArmForecast, Forecast
from follicast.plan import Plan
from follicast.plan.alternatives import Alternative
from follicast.plan.balance import HarmLine
from follicast.plan.choice import Refusal
from follicast.plan.harms import NOT_ASKED
from follicast.plan.ranking import UNTREATED
from follicast.report.names import REGIONS, arm_name, therapy_name
from follicast.report.text import Speech, speech

_MOST_HARMS = 4
_MOST_QUESTIONS = 5
_MOST_PLACES = 4
_LIKELY = 0.02
_PIPE, _ROOMY = 110, 100  # columns: in a pipe, and those that four months need
_PRIORS = {
    "specialist": "From the prior odds of specialist clinics.",
    "general": "From the prior odds of general practice.",
}
_IN_BRACKETS = "In brackets: how far it moves if every ratio lies at one end of its band."
_SEVERAL = "Several may be true at once."
_STYLE = {"open": "green", "waiting": "yellow", "closed": "red"}


def assessment_summary(assessment: Assessment, language: str = "en") -> RenderableType:
    """Return what it is likely to be, what must be seen first, and which therapies are open, waiting or closed."""
    say = speech(language)
    who = say.say(
        "Woman, {age} years" if assessment.patient.sex == "F" else "Man, {age} years",
        age=say.number(assessment.patient.age),
    )
    parts: list[RenderableType] = [_title(f"{who} · " + _policy(assessment, say))]
    parts += [*seen_first(assessment, language), _head(say.say("What it is likely to be"))]
    parts += [_diagnoses(assessment, say), *(_line(_told(note, say), "dim") for note in _notes(assessment))]
    parts += [
        _head(say.say("Treatments: what may be given (not what works)")),
        _therapies(assessment.therapies, say),
    ]
    if assessment.next:
        parts += [
            _head(say.say("What would tell most next")),
            *(_question(question, say) for question in assessment.next[:_MOST_QUESTIONS]),
        ]
    if assessment.labs:
        parts += [
            _head(say.say("Tests to ask for")),
            *(_line(f"{_told(lab.name, say)}: {_told(lab.why, say)}") for lab in assessment.labs),
        ]
    return Group(*parts, *_warnings(assessment.warnings, say))


def seen_first(assessment: Assessment, language: str = "en") -> list[RenderableType]:
    """Return the red flags under their head, or nothing; whatever a terminal answers begins with them."""
    say = speech(language)
    if not assessment.red_flags:
        return []
    return [_head(say.say("See a doctor first"), "bold red"), *_flags(assessment.red_flags, say)]


def forecast_summary(forecast: Forecast, language: str = "en") -> RenderableType:
    """Return terminal hairs per cm2 by arm and month, of 100 people how many gain, and what is refused."""
    say = speech(language)
    site = say.say(
        "Thick hairs per cm², {site}; 90 % interval in brackets", site=say.say(forecast.today.site)
    )
    start = (
        say.say("from {date}", date=say.date(forecast.start)) if forecast.start else say.say("no start date")
    )
    how = f"{start} · {forecast.today.draws} draws · seed {forecast.today.seed}"
    parts: list[RenderableType] = [_title(site), Text(how, "dim"), _courses(forecast, say)]
    for arm in forecast.arms:
        if arm.refused:
            parts.append(
                _line(
                    f"{arm_name(arm.arm, say)}: {say.say('no forecast')}. {_told(arm.refused.because, say)} "
                    f"{say.say('What is missing:')} {_told(arm.refused.missing, say)}",
                    "yellow",
                )
            )
            parts += _of_skin(arm.refused.effects)
    return Group(*parts, *_warnings(forecast.warnings, say))


def summary(plan: Plan, language: str = "en") -> RenderableType:
    """Return a plan on one screen: choice, what to expect, dates, cost, harms, and what else there is."""
    say = speech(language)
    first = max(plan.assessment.diagnoses, key=lambda diagnosis: diagnosis.probability, default=None)
    parts: list[RenderableType] = [
        _title(f"{say.say('The plan in short')}: {arm_name(str(plan.regimen), say)}")
    ]
    if first:
        share = round(100 * first.probability)
        parts.append(_line(say.say("{name}, about {n} of 100", name=_told(first.name, say), n=share)))
    parts += [_facts(plan, say), _head(say.say("Dates")), _dates(plan, say)]
    parts += [
        _head(say.say("Side effects")),
        *_harms(plan, say),
        *_stopping(plan, say),
        _head(say.say("Side by side")),
        _ways(plan, say),
        *_burdens(plan, say),
        *_ranking(plan, say),
        *_otherwise(plan, say),
    ]
    return Group(
        *parts,
        *_refused(plan, say),
        *_warnings(plan.warnings, say),
        Text(""),
        Text(say.say("It supports a clinician's decision and never replaces it."), "dim"),
    )


# --- pieces ----------------------------------------------------------------------------------------------------


def _title(words: str) -> Text:
    return Text(words, "bold")


def _head(words: str, style: str = "bold cyan") -> Text:
    return Text(f"\n{words}", style)


def _line(words: str, style: str = "") -> Padding:
    return Padding(Text(words, style), (0, 0, 0, 2))


def _of_skin(found: list[skin.Effect]) -> list[RenderableType]:
    """Lay out what trials of the skin found; a line that wraps keeps its indent."""
    lines = skin.told(found)
    return [Padding(Text(line.strip()), (0, 0, 0, 4 + len(line) - len(line.lstrip()))) for line in lines]


def _told(words: str, say: Speech) -> str:
    return say.told(words) or words


def _table(*columns: str, right: Iterable[int] = ()) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD if any(columns) else None,
        pad_edge=False,
        show_edge=False,
        show_header=any(columns),
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    for i, column in enumerate(columns):
        table.add_column(
            column,
            justify="right" if i in right else "left",
            overflow="fold",
            no_wrap=0 < i < len(columns) - 1,
        )
    return table


def _policy(assessment: Assessment, say: Speech) -> str:
    return say.say("safety rules: {region}", region=say.say(REGIONS[assessment.policy]))


def _flags(flags: list[RedFlag], say: Speech) -> list[RenderableType]:
    return [_line(f"{_told(flag.because, say)} {_told(flag.do, say)}", "red") for flag in flags]


def _diagnoses(assessment: Assessment, say: Speech) -> Padding:
    table = _table("", "", "", right=[0, 1])
    found = sorted(assessment.diagnoses, key=lambda diagnosis: -diagnosis.probability)
    for i, diagnosis in enumerate(found):
        if i == 0 or diagnosis.probability >= _LIKELY:
            table.add_row(
                f"{100 * diagnosis.probability:.0f} %",
                Text(_ends(diagnosis), "dim"),
                Text(_told(diagnosis.name, say), "bold" if i == 0 else ""),
            )
    return Padding(table, (0, 0, 0, 2))


def _question(question: Question, say: Speech) -> RenderableType:
    """Ask a question and say where the kind of loss it tells most of would go, or what waits for the answer."""
    asked = f"{_told(question.ask, say)} "
    if question.flags:
        return _line(asked + say.say("(a sign that would send to a doctor hangs on it)"), "red")
    if not question.moves:
        waiting = ", ".join(therapy_name(therapy, say) for therapy in question.therapies)
        return _line(asked + say.say("(waiting for it: {therapies})", therapies=waiting))
    move = question.moves[0]
    shares = {key: say.number(round(100 * getattr(move, key))) for key in ("now", "if_there", "if_not")}
    name = _told(evidence().conditions[move.condition].name, say)
    moved = say.say(
        "({condition}: {now} of 100 now, {if_there} if so, {if_not} if not)", condition=name, **shares
    )
    return _line(asked + moved)


def _notes(assessment: Assessment) -> tuple[str, ...]:
    return _PRIORS[assessment.setting], _IN_BRACKETS, _SEVERAL


def _ends(diagnosis: Diagnosis) -> str:
    return f"({100 * diagnosis.probability_low:.0f}–{100 * diagnosis.probability_high:.0f})"


def _therapies(therapies: list[Screened], say: Speech) -> Padding:
    table = _table("", "", "")
    words = {"open": say.say("open"), "waiting": say.say("waiting"), "closed": say.say("closed")}
    for status in words:
        for screened in (one for one in therapies if one.status == status):
            table.add_row(
                Text(words[status], _STYLE[status]),
                therapy_name(screened.therapy, say, full=True),
                Text(_why(screened, say), "dim"),
            )
    return Padding(table, (0, 0, 0, 2))


def _why(screened: Screened, say: Speech) -> str:
    if screened.needs:
        return say.say("What is missing:") + " " + ", ".join(_told(need, say) for need in screened.needs)
    closing = [reason.because for reason in screened.reasons if reason.effect == "closes"]
    return _told(closing[0], say) if closing and screened.status == "closed" else ""


def _courses(forecast: Forecast, say: Speech) -> Padding:
    wide = get_terminal_size((_PIPE, 24)).columns >= _ROOMY
    told = (0, 6, 12, 24) if wide else (0, 12)
    months = sorted({month for month in told if month < forecast.months[-1]} | {forecast.months[-1]})
    table = _table(
        say.say("Way"),
        *(say.say("month {n}", n=month) for month in months),
        say.say("of 100: gain / hold / lose"),
    )
    for arm in (arm for arm in forecast.arms if arm.refused is None):
        curve = arm.curves["terminal_density"]
        cells = [f"{curve.median[m]:.0f} ({curve.low[m]:.0f}–{curve.high[m]:.0f})" for m in months]
        made = "" if arm.evidence_class == "calibrated" else f" ({say.say('by analogy')})"
        table.add_row(
            Text(arm_name(arm.arm, say) + made, "" if arm.regimen.parts else "dim"), *cells, _of_100(arm)
        )
    return Padding(table, (1, 0, 0, 0))


def _of_100(arm: ArmForecast) -> str:
    return " / ".join(str(arm.of_100[kind]) for kind in ("gain", "hold", "lose"))


def _facts(plan: Plan, say: Speech) -> Padding:
    arm, table = plan.chosen, _table("", "")
    at = min(JUDGED_AT, plan.forecast.months[-1])
    table.add_row(
        Text(say.say("of 100, month {n}: gain / hold / lose", n=at), "dim"),
        f"{_of_100(arm)}   ({say.say('no treatment')}: {_of_100(plan.forecast.arms[0])})",
    )
    if arm.regimen.parts:
        month = arm.month_of_visible_benefit
        seen = say.say("likely not to the eye")
        if month:
            seen = say.say("from month {n}", n=say.number(month["median"] or 0))
        extra = say.say(
            "{median} hairs per cm² ({low} to {high})",
            median=say.signed(arm.extra_hair["median"], 1),
            low=say.number(arm.extra_hair["low"], 1),
            high=say.number(arm.extra_hair["high"], 1),
        )
        table.add_row(Text(say.say("When can a gain be seen?"), "dim"), seen)
        table.add_row(Text(say.say("Over no treatment, month {n}", n=at), "dim"), extra)
    if plan.certainty:
        table.add_row(
            Text(say.say("How sure is this?"), "dim"),
            f"{say.say(plan.certainty.grade)}. {_told(plan.certainty.because, say)}",
        )
    table.add_row(Text(say.say("first year"), "dim"), _money(plan, say))
    return Padding(table, (1, 0, 0, 2))


def _grade(grade: str | None, say: Speech) -> str:
    return say.say(grade) if grade else ""


def _money(plan: Plan, say: Speech) -> str:
    cost = plan.cost
    total = (
        say.money(cost.first_year, cost.currency)
        if cost.first_year is not None and cost.currency
        else say.say("open: a price is not known")
    )
    unknown = ", ".join(_told(name, say) for name in cost.unknown)
    return total + (f"  ({say.say('Prices not known, so not in any total:')} {unknown})" if unknown else "")


def _dates(plan: Plan, say: Speech) -> Padding:
    table = _table("", "")
    due = [*((s.day, s.date, s.what) for s in plan.sessions), *((x.day, x.date, x.name) for x in plan.labs)]
    for day, date, what in sorted(due, key=lambda one: one[0]):
        table.add_row(say.day(date) if date else say.say("day {n}", n=day), _told(what, say))
    return Padding(table, (0, 0, 0, 2))


def _harms(plan: Plan, say: Speech) -> list[RenderableType]:
    """Lay out the harms counted most often, of the same 100 people as the gain, and the worst that was reported."""
    counted = [harm for harm in plan.harms if harm.counted]
    shown = counted[:_MOST_HARMS] + [harm for harm in counted[_MOST_HARMS:] if harm.seriousness == "serious"]
    if not shown:
        return [_line(say.say("No harm was counted for this choice. That does not mean there is none."))]
    table = _table("", "", "", "")
    for harm in shown:
        table.add_row(_rate(harm, say), _told(harm.plain, say), Text(_counted(harm, say), "dim"), "")
    said: list[RenderableType] = [Padding(table, (0, 0, 0, 2))]
    said += [_line(f"{_told(harm.plain, say)}: {_told(NOT_ASKED, say)}", "dim") for harm in _unasked(plan)]
    feared = [
        _told(harm.plain, say) for harm in plan.harms if not harm.counted and harm.seriousness == "serious"
    ]
    if feared:
        how = {"harms": ", ".join(feared)}
        said.append(_line(say.say("reported, how often is not known: {harms}", **how), "dim"))
    if plan.harm_certainty:
        sure = _grade(plan.harm_certainty.grade, say)
        said.append(
            _line(say.say("How sure is this?") + f" {sure}. {_told(plan.harm_certainty.because, say)}", "dim")
        )
    return said


def _unasked(plan: Plan) -> list[HarmLine]:
    return [harm for harm in plan.harms if harm.note and NOT_ASKED in harm.note]


def _counted(harm: HarmLine, say: Speech) -> str:
    """Say how far reports lie apart, who was counted, what the control arm had, and how sure that is."""
    said = []
    if harm.low is not None and harm.high is not None and len(harm.reports) > 1 and harm.low != harm.high:
        ends = {"low": say.number(harm.low, 1), "high": say.number(harm.high, 1)}
        said.append(say.say("{low} to {high} in {n} reports", n=len(harm.reports), **ends))
    if harm.control_of_100 is not None:
        said.append(say.say("without it {n}", n=say.number(harm.control_of_100, 1)))
    if harm.people:
        said.append(say.say("{n} people", n=say.number(harm.people)))
    if harm.certainty:
        said.append(_grade(harm.certainty.grade, say))
    return " · ".join(said)


def _rate(harm: HarmLine, say: Speech) -> str:
    if harm.of_100 is None:
        return say.say("at most {n} of 100", n=say.number(harm.at_most or 0))
    return (
        say.say("{n} of 100", n=say.number(harm.of_100))
        if harm.of_100 >= 1
        else say.say("fewer than 1 of 100")
    )


def _stopping(plan: Plan, say: Speech) -> list[RenderableType]:
    """Say what stopping does: in the words of the evidence, and by the forecast."""
    if not plan.regimen.parts:
        return []
    said = [_told(plan.on_stopping, say)] if plan.on_stopping else []
    left = plan.stopping
    if left and left.left_percent is not None:
        how = {"month": say.number(left.stopped_at), "look": left.look_at, "n": say.number(left.left_percent)}
        said.append(
            say.say(
                "By the forecast, a stop at month {month} leaves {n} % of the gain at month {look}.",
                **how,
            )
        )
    return [_head(say.say("If it is stopped")), *map(_line, said)] if said else []


def _ways(plan: Plan, say: Speech) -> Padding:
    """Lay every open option with a forecast beside the others: what it gives, and when."""
    heads = (
        say.say("Way"),
        say.say("extra hairs per cm²"),
        say.say("gain / hold / lose"),
        say.say("seen from month"),
        say.say("early shed"),
        say.say("certainty"),
    )
    table = _table(*heads, right=[1, 3, 4])
    for way in _open_ways(plan):
        treats = way.arm not in UNTREATED
        extra = say.signed(way.extra_hair["median"], 1) if way.extra_hair and treats else "–"
        shares = " / ".join(str(way.of_100[kind]) for kind in ("gain", "hold", "lose")) if way.of_100 else ""
        month = say.number(way.month["median"] or 0) if way.month else "–"
        shed = f"×{say.number(way.early_shed.ratio, 1)}" if way.early_shed else "–"
        table.add_row(_named_way(way, plan, say), extra, shares, month, shed, _grade(way.certainty, say))
    return Padding(table, (0, 0, 0, 2))


def _burdens(plan: Plan, say: Speech) -> list[RenderableType]:
    """Lay what each option asks and risks beside the others; what is not known stands as a question mark."""
    heads = (
        say.say("Way"),
        say.say("visits a year"),
        say.say("minutes a day"),
        say.say("worse harm, of 100"),
        say.say("left if stopped"),
        say.say("first year"),
    )
    table = _table(*heads, right=[1, 2, 3, 4, 5])
    for way in _open_ways(plan):
        asked = (way.effort.visits, way.effort.minutes_a_day) if way.effort else (None, None)
        left = way.stopping.left_percent if way.stopping else None
        table.add_row(
            _named_way(way, plan, say),
            *("?" if value is None else say.number(value) for value in asked),
            _worse(way, say),
            "–" if left is None else f"{say.number(left)} %",
            _price(way, say),
        )
    return [Text(""), Padding(table, (0, 0, 0, 2))]


def _open_ways(plan: Plan) -> list[Alternative]:
    return [way for way in plan.alternatives if way.status == "open" and way.of_100]


def _named_way(way: Alternative, plan: Plan, say: Speech) -> Text:
    return Text(arm_name(way.arm, say), "bold" if way.arm == plan.choice else "")


def _worse(way: Alternative, say: Speech) -> str:
    """Say how common the commonest moderate or serious harm is, of 100."""
    if way.arm in UNTREATED:
        return "–"
    harms = way.harms
    if harms is None or (harms.worse_of_100 is None and harms.worse_at_most is None):
        return "?"
    if harms.worse_of_100 is None:
        return f"≤ {say.number(harms.worse_at_most or 0)}"
    return say.number(harms.worse_of_100, 1)


def _price(way: Alternative, say: Speech) -> str:
    if way.cost_first_year is None:
        return "?"
    return say.money(way.cost_first_year, way.currency) if way.currency else "–"


def _ranking(plan: Plan, say: Speech) -> list[RenderableType]:
    """Say which option suits the weights best, why, and how easily that turns."""
    told = plan.preferences.told
    usual = say.say("What suits usual weights best (nobody told any)")
    head = say.say("What suits what was told best") if told else usual
    order = " · ".join(f"{one.place} {arm_name(one.arm, say)}" for one in plan.ranking.options[:_MOST_PLACES])
    return [_head(head), _line(order), *(_line(_told(why, say)) for why in plan.ranking.why)]


def _otherwise(plan: Plan, say: Speech) -> list[RenderableType]:
    """Lay out the variants beside the plan: extra hairs over the plan, with the same follicles and luck."""
    if not plan.what_if:
        return []
    months = sorted({min(JUDGED_AT, plan.forecast.months[-1]), plan.forecast.months[-1]})
    heads = [say.say("month {n}", n=month) for month in months]
    table = _table("", *heads, "", right=range(1, len(months) + 1))
    for one in plan.what_if:
        cells = [_between(one.at(month), say) for month in months]
        table.add_row(_told(one.variant.plain, say), *cells, "")
    return [
        _head(say.say("What if … (hairs per cm² more or fewer than by the plan)")),
        Padding(table, (0, 0, 0, 2)),
    ]


def _between(ends: dict[str, float], say: Speech) -> str:
    low, high = say.signed(ends["low"], 1), say.signed(ends["high"], 1)
    return f"{say.signed(ends['median'], 1)} ({low} – {high})"


def _refused(plan: Plan, say: Speech) -> list[RenderableType]:
    heads = {
        "waiting": say.say("Waiting for something"),
        "refused": say.say("No forecast, because evidence is missing"),
        "closed": say.say("Not for you, and why"),
    }
    said: list[RenderableType] = []
    for status, head in heads.items():
        names = [_named(one, say) for one in plan.refused if one.status == status]
        if names:
            said.append(_line(f"{head}: {', '.join(names)}", "dim"))
    return said


def _named(one: Refusal, say: Speech) -> str:
    missing = ", ".join(_told(missing, say) for missing in one.missing)
    return therapy_name(one.therapy, say) + (f" ({missing})" if one.status == "waiting" else "")


def _warnings(warnings: list[str], say: Speech) -> list[RenderableType]:
    if not warnings:
        return []
    return [
        _head(say.say("Read with care"), "bold yellow"),
        *(_line(_told(warning, say)) for warning in warnings),
    ]
