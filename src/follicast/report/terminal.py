"""What is said on a terminal of a forecast and of a plan, each on about a screen.

Colour only repeats what the words say, so a pipe loses nothing. It says less than the page: no pictures, no list
of sources, and only the harms that were counted most often.
"""

from __future__ import annotations

from shutil import get_terminal_size

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from follicast import skin
from follicast.evidence.library import evidence
from follicast.forecast import JUDGED_AT, ArmForecast, Forecast
from follicast.plan import Plan
from follicast.plan.alternatives import Alternative
from follicast.plan.balance import HarmLine
from follicast.plan.harms import NOT_ASKED
from follicast.plan.of_skin import SkinPlan
from follicast.plan.ranking import UNTREATED
from follicast.report.console import head, indented, line, missing, ruled_out, table, title, told, warned
from follicast.report.names import arm_name, therapy_name
from follicast.report.text import Speech, speech

_MOST_HARMS = 4
_MOST_PLACES = 4
_NOT_GIVEN = ("waiting", "refused", "closed")
_PIPE, _ROOMY = 110, 100  # columns: in a pipe, and those that four months need


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
    parts: list[RenderableType] = [title(site), Text(how, "dim"), _courses(forecast, say)]
    for arm in forecast.arms:
        if arm.refused:
            parts.append(
                line(
                    f"{arm_name(arm.arm, say)}: {say.say('no forecast')}. {told(arm.refused.because, say)} "
                    f"{say.say('What is missing:')} {told(arm.refused.missing, say)}",
                    "yellow",
                )
            )
            parts += _of_skin(arm.refused.effects)
    return Group(*parts, *warned(forecast.warnings, say))


def summary(plan: Plan | SkinPlan, language: str = "en") -> RenderableType:
    """Return a plan on one screen: choice, what to expect, dates, cost, harms, and what else there is."""
    say = speech(language)
    if isinstance(plan, SkinPlan):
        return _of_skin_plan(plan, say)
    parts: list[RenderableType] = [
        title(f"{say.say('The plan in short')}: {arm_name(str(plan.regimen), say)}"),
        *_kinds(plan, say),
        _facts(plan, say),
    ]
    refused = _refused(plan, say)
    parts += [*_treated(plan, say)] if plan.regimen.parts else [*refused, *_dated(plan, say)]
    parts += [head(say.say("Side by side")), _ways(plan, say), *_burdens(plan, say)]
    parts += [*_ranking(plan, say), *_otherwise(plan, say), *(refused if plan.regimen.parts else [])]
    return Group(
        *parts,
        *warned(plan.warnings, say),
        Text(""),
        Text(say.say("It supports a clinician's decision and never replaces it."), "dim"),
    )


def _kinds(plan: Plan, say: Speech) -> list[RenderableType]:
    """Say which kinds of loss are likelier than not, or the likeliest."""
    likely, found = evidence().numbers["assessment.likely"].value, plan.assessment.diagnoses
    told_of = [one for one in found if one.probability >= likely] or found[:1]
    shares = ((told(one.name, say), round(100 * one.probability)) for one in told_of)
    return [line(say.say("{name}, about {n} of 100", name=name, n=share)) for name, share in shares]


def _treated(plan: Plan, say: Speech) -> list[RenderableType]:
    """Return what a treatment brings with it: dates, harms, what stopping does."""
    harms = [head(say.say("Side effects")), *_harms(plan, say)]
    return [*_dated(plan, say), *harms, *_stopping(plan, say)]


def _dated(plan: Plan | SkinPlan, say: Speech) -> list[RenderableType]:
    return [head(say.say("Dates")), _dates(plan, say)] if plan.sessions or plan.labs else []


def _of_skin_plan(plan: SkinPlan, say: Speech) -> RenderableType:
    """Return a plan for the skin on one screen: what trials found for the wish, dates, cost, harms."""
    wish = f" · {told(plan.use.name, say)}" if plan.use else ""
    parts: list[RenderableType] = [
        title(f"{say.say('The plan in short')}: {arm_name(plan.choice or 'none', say)}{wish}"),
        *_of_skin(plan.effects),
    ]
    if plan.use and plan.use.known:
        parts.append(line(told(plan.use.known.text, say)))
    sure = plan.certainty
    parts += (
        [line(f"{say.say('How sure is this?')} {say.say(sure.grade)}. {told(sure.because, say)}")]
        if sure
        else []
    )
    parts += [line(f"{say.say('first year')}: {_money(plan, say)}")]
    parts += [*_dated(plan, say), head(say.say("Side effects")), *_harms(plan, say)]
    parts += [*_refused(plan, say), *warned(plan.warnings, say)]
    return Group(
        *parts, Text(""), Text(say.say("It supports a clinician's decision and never replaces it."), "dim")
    )


# --- pieces ----------------------------------------------------------------------------------------------------


def _of_skin(found: list[skin.Effect]) -> list[RenderableType]:
    """Lay out what trials of the skin found; a line that wraps keeps its indent."""
    lines = skin.told(found)
    return [Padding(Text(one.strip()), (0, 0, 0, 4 + len(one) - len(one.lstrip()))) for one in lines]


def _courses(forecast: Forecast, say: Speech) -> Padding:
    wide = get_terminal_size((_PIPE, 24)).columns >= _ROOMY
    at = (0, 6, 12, 24) if wide else (0, 12)
    months = sorted({month for month in at if month < forecast.months[-1]} | {forecast.months[-1]})
    laid = table(
        say.say("Way"),
        *(say.say("month {n}", n=month) for month in months),
        say.say("of 100: gain / hold / lose"),
    )
    for arm in (arm for arm in forecast.arms if arm.refused is None):
        curve = arm.curves["terminal_density"]
        cells = [f"{curve.median[m]:.0f} ({curve.low[m]:.0f}–{curve.high[m]:.0f})" for m in months]
        made = "" if arm.evidence_class == "calibrated" else f" ({say.say('by analogy')})"
        laid.add_row(
            Text(arm_name(arm.arm, say) + made, "" if arm.regimen.parts else "dim"), *cells, _of_100(arm)
        )
    return Padding(laid, (1, 0, 0, 0))


def _of_100(arm: ArmForecast) -> str:
    return " / ".join(str(arm.of_100[kind]) for kind in ("gain", "hold", "lose"))


def _facts(plan: Plan, say: Speech) -> Padding:
    arm, laid = plan.chosen, table("", "")
    at = min(JUDGED_AT, plan.forecast.months[-1])
    laid.add_row(
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
        laid.add_row(Text(say.say("When can a gain be seen?"), "dim"), seen)
        laid.add_row(Text(say.say("Over no treatment, month {n}", n=at), "dim"), extra)
    if plan.certainty:
        laid.add_row(
            Text(say.say("How sure is this?"), "dim"),
            f"{say.say(plan.certainty.grade)}. {told(plan.certainty.because, say)}",
        )
    if arm.regimen.parts or plan.cost.first_year:
        laid.add_row(Text(say.say("first year"), "dim"), _money(plan, say))
    return Padding(laid, (1, 0, 0, 2))


def _grade(grade: str | None, say: Speech) -> str:
    return say.say(grade) if grade else ""


def _money(plan: Plan | SkinPlan, say: Speech) -> str:
    cost = plan.cost
    total = (
        say.money(cost.first_year, cost.currency)
        if cost.first_year is not None and cost.currency
        else say.say("open: a price is not known")
    )
    unknown = ", ".join(told(name, say) for name in cost.unknown)
    return total + (f"  ({say.say('Prices not known, so not in any total:')} {unknown})" if unknown else "")


def _dates(plan: Plan | SkinPlan, say: Speech) -> Padding:
    laid = table("", "")
    due = [*((s.day, s.date, s.what) for s in plan.sessions), *((x.day, x.date, x.name) for x in plan.labs)]
    for day, date, what in sorted(due, key=lambda one: one[0]):
        laid.add_row(say.day(date) if date else say.say("day {n}", n=day), told(what, say))
    return indented(laid)


def _harms(plan: Plan | SkinPlan, say: Speech) -> list[RenderableType]:
    """Lay out the harms counted most often, of the same 100 people as the gain, and the worst that was reported."""
    counted = [harm for harm in plan.harms if harm.counted]
    shown = counted[:_MOST_HARMS] + [harm for harm in counted[_MOST_HARMS:] if harm.seriousness == "serious"]
    if not shown:
        return [line(say.say("No harm was counted for this choice. That does not mean there is none."))]
    laid = table("", "", "", "")
    for harm in shown:
        laid.add_row(_rate(harm, say), told(harm.plain, say), Text(_counted(harm, say), "dim"), "")
    said: list[RenderableType] = [indented(laid)]
    said += [line(f"{told(harm.plain, say)}: {told(NOT_ASKED, say)}", "dim") for harm in _unasked(plan)]
    feared = [
        told(harm.plain, say) for harm in plan.harms if not harm.counted and harm.seriousness == "serious"
    ]
    if feared:
        how = {"harms": ", ".join(feared)}
        said.append(line(say.say("reported, how often is not known: {harms}", **how), "dim"))
    if plan.harm_certainty:
        sure = _grade(plan.harm_certainty.grade, say)
        said.append(
            line(say.say("How sure is this?") + f" {sure}. {told(plan.harm_certainty.because, say)}", "dim")
        )
    return said


def _unasked(plan: Plan | SkinPlan) -> list[HarmLine]:
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
    said = [told(plan.on_stopping, say)] if plan.on_stopping else []
    left = plan.stopping
    if left and left.left_percent is not None:
        how = {"month": say.number(left.stopped_at), "look": left.look_at, "n": say.number(left.left_percent)}
        said.append(
            say.say(
                "By the forecast, a stop at month {month} leaves {n} % of the gain at month {look}.",
                **how,
            )
        )
    return [head(say.say("If it is stopped")), *map(line, said)] if said else []


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
    laid = table(*heads, right=[1, 3, 4])
    for way in _open_ways(plan):
        treats = way.arm not in UNTREATED
        extra = say.signed(way.extra_hair["median"], 1) if way.extra_hair and treats else "–"
        shares = " / ".join(str(way.of_100[kind]) for kind in ("gain", "hold", "lose")) if way.of_100 else ""
        month = say.number(way.month["median"] or 0) if way.month else "–"
        shed = f"×{say.number(way.early_shed.ratio, 1)}" if way.early_shed else "–"
        laid.add_row(_named_way(way, plan, say), extra, shares, month, shed, _grade(way.certainty, say))
    return indented(laid)


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
    laid = table(*heads, right=[1, 2, 3, 4, 5])
    for way in _open_ways(plan):
        asked = (way.effort.visits, way.effort.minutes_a_day) if way.effort else (None, None)
        left = way.stopping.left_percent if way.stopping else None
        laid.add_row(
            _named_way(way, plan, say),
            *("?" if value is None else say.number(value) for value in asked),
            _worse(way, say),
            "–" if left is None else f"{say.number(left)} %",
            _price(way, say),
        )
    return [Text(""), indented(laid)]


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
    if all(one.arm in UNTREATED for one in plan.ranking.options):
        return []  # between doing nothing and watching there is nothing to weigh
    usual = say.say("What suits usual weights best (nobody told any)")
    best = say.say("What suits what was told best") if plan.preferences.told else usual
    order = " · ".join(f"{one.place} {arm_name(one.arm, say)}" for one in plan.ranking.options[:_MOST_PLACES])
    return [head(best), line(order), *(line(told(why, say)) for why in plan.ranking.why)]


def _otherwise(plan: Plan, say: Speech) -> list[RenderableType]:
    """Lay out the variants beside the plan: extra hairs over the plan, with the same follicles and luck."""
    if not plan.what_if:
        return []
    months = sorted({min(JUDGED_AT, plan.forecast.months[-1]), plan.forecast.months[-1]})
    heads = [say.say("month {n}", n=month) for month in months]
    laid = table("", *heads, "", right=range(1, len(months) + 1))
    for one in plan.what_if:
        cells = [_between(one.at(month), say) for month in months]
        laid.add_row(told(one.variant.plain, say), *cells, "")
    return [
        head(say.say("What if … (hairs per cm² more or fewer than by the plan)")),
        indented(laid),
    ]


def _between(ends: dict[str, float], say: Speech) -> str:
    low, high = say.signed(ends["low"], 1), say.signed(ends["high"], 1)
    return f"{say.signed(ends['median'], 1)} ({low} – {high})"


def _refused(plan: Plan | SkinPlan, say: Speech) -> list[RenderableType]:
    """Return what cannot be given or foreseen: what it waits for, and why it is closed."""
    by = {status: [one for one in plan.refused if one.status == status] for status in _NOT_GIVEN}
    said = {
        "waiting": missing([(therapy_name(one.therapy, say), one.missing) for one in by["waiting"]], say),
        "refused": ruled_out([(therapy_name(one.therapy, say), "") for one in by["refused"]], say),
        "closed": ruled_out([(therapy_name(one.therapy, say), one.because) for one in by["closed"]], say),
    }
    heads = {
        "waiting": say.say("Waiting for something"),
        "refused": say.say("No forecast, because evidence is missing"),
        "closed": say.say("Not for you, and why"),
    }
    shown: list[RenderableType] = []
    for status in _NOT_GIVEN:
        shown += [head(heads[status]), *map(_row, said[status])] if said[status] else []
    return shown


def _row(words: Text) -> Padding:
    return Padding(words, (0, 0, 0, 2))
