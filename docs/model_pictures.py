"""Pictures of the model, drawn by running it: python docs/model_pictures.py FOLDER writes them as SVG files.

Nothing is sketched by hand: a picture shows what the follicles did under one set of parameters, the middle of the
posterior (of the prior, where no posterior fits the parameters). So it explains, and is no forecast of anybody.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import altair as alt
import numpy as np
import vl_convert
from forest import BAND, FAINT, INK

from follicast import cycle, observer, parameters, pharmacology, sites, weather
from follicast.cycle import Clocks, Floats
from follicast.errors import EvidenceError
from follicast.evidence.library import evidence
from follicast.regimen import Regimen
from follicast.scalp import Scalp
from follicast.simulation import clocks, run
from follicast.trials.cohort import WEEK_D, Grown, cohorts, grow, pulled, treat
from follicast.trials.fact_subjects import Subjects

RUST, OCHRE, GREY = "#b5532c", "#c28b17", "#8d867d"
WIDTH = 460
LOTION, TABLET = "minoxidil-topical-5", "finasteride"
YEAR = 52  # weeks
_SWITCH = "climbing"

Rows = list[dict[str, Any]]


# --- under which parameters ----------------------------------------------------------------------------------


def drawn_under() -> str:
    """Say whose middle the pictures are drawn under."""
    return (
        "the middle of the posterior"
        if _fitted() is not None
        else "the middle of the prior (nothing is fitted)"
    )


def believed(*climbing: float, **changed: float) -> dict[str, Floats]:
    """Return the middle of what is believed once for each given structure (1: thinned hair climbs back) [set].

    `changed` puts other values in the place of single parameters.
    """
    fitted = _fitted()
    z = np.zeros(len(parameters.names())) if fitted is None else np.median(fitted, axis=0)
    found = parameters.parameters(np.tile(z, (len(climbing), 1)))
    found[_SWITCH] = np.array(climbing)
    return found | {name: np.full(len(climbing), value) for name, value in changed.items()}


def favoured() -> float:
    """Return the structure that more draws have, 1 where hair climbs back; that one, where nothing is fitted."""
    fitted = _fitted()
    if fitted is None:
        return 1.0
    return float(parameters.parameters(fitted)[_SWITCH].mean() >= 0.5)


@cache
def _fitted() -> Floats | None:
    try:
        return evidence().posterior.draws()
    except (EvidenceError, OSError):
        return None


# --- how a picture is made -----------------------------------------------------------------------------------


def svg(chart: Any, describe: str) -> str:
    """Return a chart as an SVG that says in words what it shows."""
    styled = (
        chart.properties(description=describe)
        .configure_view(stroke=None)
        .configure_mark(aria=False)  # the picture is read out as one
        .configure_axis(
            gridColor=BAND,
            labelColor=FAINT,
            titleColor=FAINT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight=500,
        )
        .configure_legend(
            orient="bottom",
            title=None,
            labelFontSize=12,
            labelColor=FAINT,
            labelLimit=420,
            columns=2,
            symbolSize=140,
        )
        .configure_title(anchor="start", fontSize=13, color=FAINT, fontWeight=600)
    )
    made = _named(vl_convert.vegalite_to_svg(styled.to_dict()), f"p{crc32(describe.encode()):08x}")
    said = describe.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return made.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)


def _named(drawing: str, own: str) -> str:
    """Name the parts of a drawing by itself: the renderer counts them on from one drawing to the next."""
    parts = {part: k for k, part in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', drawing)))}
    return re.sub(
        r'(id="|url\(#)([^")]+)',
        lambda at: f"{at[1]}{own}-{parts[at[2]]}" if at[2] in parts else at[0],
        drawing,
    )


def framed(drawing: str) -> str:
    """Set a picture into a page."""
    return f'<div class="picture">{"".join(drawing.splitlines())}</div>'


def _lines(rows: Rows, colours: dict[str, str], x: str, y: str, height: int = 210, **scale: Any) -> Any:
    """Return lines of rows (x, y, what), each of its colour; what comes later is dashed more finely."""
    dashes = [[1, 0], [7, 3], [3, 3], [1, 3]]
    names = list(colours)
    legend = alt.Legend(columns=len(names) if sum(map(len, names)) < 50 else 2)
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2.2, clip=True)
        .encode(
            x=alt.X("x:Q", title=x, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=8)),
            y=alt.Y("y:Q", title=y, scale=alt.Scale(**scale)),
            color=alt.Color(
                "what:N", scale=alt.Scale(domain=names, range=list(colours.values())), legend=legend
            ),
            strokeDash=alt.StrokeDash(
                "what:N", scale=alt.Scale(domain=names, range=dashes[: len(names)]), legend=legend
            ),
        )
        .properties(width=WIDTH, height=height)
    )


def _points(what: str, x: Iterable[float], y: Iterable[float]) -> Rows:
    return [
        {"what": what, "x": round(float(a), 3), "y": round(float(b), 4)} for a, b in zip(x, y, strict=True)
    ]


def _guides(at: Rows, **style: Any) -> Any:
    return alt.Chart(alt.Data(values=at)).mark_rule(color=GREY, strokeDash=[2, 3], **style)


# --- one man, follicle by follicle -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Man:
    """One virtual man at the baseline of a trial: the row of his cohort, and the cohort [draw]."""

    people: Grown
    row: int

    def clocks(self, arm: str, weeks: int) -> Clocks:
        """Wind the clocks of his cohort under an arm, week by week."""
        who = self.people
        ages = who.cohort.age + np.arange(weeks + 1) * WEEK_D / weather.YEAR_D
        final = who.cohort.final_period_age
        now = weather.weather(
            who.cohort.sex, ages, WEEK_D, who.parameters, final_period_age=final, onset=who.onset
        )
        return clocks(who.scalp, who.parameters, now, pulled(who, Regimen(arm), weeks))


def the_man(follicles: int = 24) -> Man:
    """Return the man who fits the entry criteria of trials best, among those who answer about as the average man."""
    people = grow(cohorts()["men"], believed(favoured()), 48, follicles)
    middling = np.abs(np.log(people.responders["minoxidil_responder"])) < 0.25
    return Man(people, int(np.argmax(people.weight[0] * middling)))


def after(scalp: Scalp, wound: Clocks, steps: int) -> cycle.State:
    """Return where follicles stand after the first steps of their clocks."""
    if steps == 0:
        return scalp.state
    cut: Any = {
        name: np.ascontiguousarray(getattr(wound, name)[..., :steps])
        for name in ("speed", "down", "up", "ageing")
    }
    short = wound._replace(worked=np.ascontiguousarray(wound.worked[..., : steps + 1]), **cut)
    return run(scalp, short, threads=1)[1]


_PHASES = {cycle.ANAGEN: "growing", cycle.CATAGEN: "ending", cycle.TELOGEN: "resting", cycle.KENOGEN: "empty"}
_SHOWN, _LOOK, _FOLLOWED = 7, 2, 10 * YEAR  # follicles; weeks


def lives() -> str:
    """Draw ten years of a few neighbouring follicles, untreated and with a lotion that begins in year 2."""
    man = the_man()
    arms = {"untreated": "none", "minoxidil 5 % from year 2 on": f"{LOTION}:start@24mo"}
    stays = {name: _stays(man, arm) for name, arm in arms.items()}
    panels = [_bars(rows).properties(title=name) for name, rows in stays.items()]
    said = "; ".join(
        f"{name}: growing {_share(rows, 'growing')}, empty {_share(rows, 'empty')}"
        for name, rows in stays.items()
    )
    return svg(
        alt.vconcat(*panels, spacing=14),
        "Bars for seven neighbouring follicles over ten years: growing, ending, resting and empty stays follow each "
        f"other at different times; bars are as thick as the hair. Share of all their time: {said}.",
    )


def _share(rows: Rows, phase: str) -> str:
    """Say which share of the follicles' ten years was spent in a phase."""
    spent = sum(row["to"] - row["from"] for row in rows if row["phase"] == phase)
    return f"{100.0 * spent / (_SHOWN * _FOLLOWED / YEAR):.0f} %"


def _stays(man: Man, arm: str) -> Rows:
    wound = man.clocks(arm, _FOLLOWED)
    seen = [after(man.people.scalp, wound, week) for week in range(0, _FOLLOWED + 1, _LOOK)]
    return [
        stay for place in range(_SHOWN) for stay in _runs(place, [_look(s, man.row, place) for s in seen])
    ]


def _look(state: cycle.State, row: int, follicle: int) -> tuple[int, float]:
    return int(state.phase[row, follicle]), round(float(state.um[row, follicle]), 1)


def _runs(place: int, looks: list[tuple[int, float]]) -> Rows:
    """Return one bar for each run of looks that are alike."""
    found, week = [], 0
    for (phase, um), same in groupby(looks):
        weeks = _LOOK * len(list(same))
        half = 0.45 * um / 90.0 if um else 0.04
        if phase in _PHASES:
            found.append(
                {
                    "phase": _PHASES[phase], "from": week / YEAR, "to": min(week + weeks, _FOLLOWED) / YEAR,
                    "low": place + 1 - half, "high": place + 1 + half,
                }
            )  # fmt: skip
        week += weeks
    return found


def _bars(rows: Rows) -> Any:
    colours = dict(zip(_PHASES.values(), (INK, OCHRE, RUST, "#cfc8bd"), strict=True))
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect()
        .encode(
            x=alt.X("from:Q", title="years", scale=alt.Scale(domain=[0, 10])),
            x2="to:Q",
            y=alt.Y("low:Q", title="follicle",
                    axis=alt.Axis(values=list(range(1, _SHOWN + 1)), grid=False, format="d")),
            y2="high:Q",
            color=alt.Color("phase:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                            legend=alt.Legend(columns=4)),
        )
        .properties(width=WIDTH, height=190)
    )  # fmt: skip


WORK_D = 420.0  # days of work of the stay that is followed
_BEGUN, _STOPPED, _WATCHED = 26, 104, 156  # weeks


def clock() -> str:
    """Draw the clock of growing hairs, untreated and under a lotion that stops, and when one stay ends on each."""
    man, t = the_man(), np.arange(_WATCHED + 2)
    colours = {"untreated": GREY, "minoxidil 5 %, stopped after 2 years": INK}
    arms = dict(zip(colours, ("none", f"{LOTION}:stop@{_STOPPED}wk"), strict=True))
    lines: Rows = []
    ends: Rows = []
    for name, arm in arms.items():
        worked = man.clocks(arm, _WATCHED).worked[man.row, cycle.ANAGEN]
        lines += _points(name, t * WEEK_D / 30.4375, worked)
        ends.append(_end(name, worked))
    chart = _lines(lines, colours, "months", "clock W [days of work]")
    marks = alt.Chart(alt.Data(values=ends))
    dot = marks.mark_point(filled=True, size=70, color=RUST, opacity=1)
    drop = marks.mark_rule(color=RUST, strokeDash=[2, 3])
    picture = (
        chart
        + drop.encode(x="end:Q", y="zero:Q", y2="goal:Q")
        + drop.encode(x="begin:Q", x2="end:Q", y="goal:Q")
    )
    picture += dot.encode(x="begin:Q", y="start:Q") + dot.encode(x="end:Q", y="goal:Q")
    months = ", ".join(f"{end['what']}: month {end['end']:.0f}" for end in ends)
    return svg(
        picture,
        f"Two rising lines, the clock of growing hairs. A stay begun in month 6 ends where its line has risen by "
        f"{WORK_D:g} days of work ({months}). After the lotion stops its line is steeper for a while.",
    )


def _end(name: str, worked: Floats) -> dict[str, Any]:
    """Return when a stay begun at the same moment ends on a clock, in months."""
    start = float(worked[_BEGUN])
    week = float(np.interp(start + WORK_D, worked, np.arange(worked.size)))
    month = WEEK_D / 30.4375
    return {
        "what": name,
        "begin": _BEGUN * month,
        "start": start,
        "goal": start + WORK_D,
        "end": week * month,
        "zero": 0,
    }


# --- the ladder ------------------------------------------------------------------------------------------------

_RUNGS = {"terminal": INK, "intermediate": OCHRE, "vellus": RUST, "deleted": "#cfc8bd"}


def ladder() -> str:
    """Draw on which rung the follicles stand as men with pattern loss grow older."""
    men, under = cohorts()["men"], believed(favoured())
    weight = grow(men, under, 48, 120).weight
    rows: Rows = []
    for age in range(20, 76, 5):
        scalp = grow(replace(men, age=float(age)), under, 48, 120).scalp
        rung = np.where(scalp.state.phase == cycle.GONE, cycle.DELETED, scalp.state.rung)
        shares = [float(weight[0] @ (rung == k).mean(axis=1)) * 100.0 for k in range(4)]
        rows += [
            {"age": age, "rung": n, "at": k, "share": s}
            for k, (n, s) in enumerate(zip(_RUNGS, shares, strict=True))
        ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_area()
        .encode(
            x=alt.X("age:Q", title="age [years]", scale=alt.Scale(domain=[20, 75], nice=False)),
            y=alt.Y("share:Q", title="of 100 follicles", stack="zero", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("rung:N", scale=alt.Scale(domain=list(_RUNGS), range=list(_RUNGS.values())),
                            legend=alt.Legend(columns=4)),
            order=alt.Order("at:Q"),
        )
        .properties(width=WIDTH, height=210)
    )  # fmt: skip
    return svg(
        chart,
        f"Of 100 follicles of the vertex of men who would be let into a trial at 35, untreated: "
        f"{rows[0]['share']:.0f} are terminal at 20 and {rows[-4]['share']:.0f} at 75.",
    )


# --- the person ------------------------------------------------------------------------------------------------

_CELL = 7.0  # mm
_HALF = 0.52 * _CELL  # a little over, so that no seam shows


def heads() -> str:
    """Draw how sensitive the top of the head is to androgens, in the three patterns."""
    forms: list[tuple[str, Any, Any]] = [
        ("men (Hamilton)", "M", "hamilton"),
        ("women (Ludwig)", "F", "ludwig"),
        ("women (Christmas tree)", "F", "christmas-tree"),
    ]
    panels = [_head(_map(sex, form)).properties(title=name) for name, sex, form in forms]
    return svg(
        alt.hconcat(*panels, spacing=16),
        "Three maps of the top of the head, front at the top. In men the vertex, the front and the temples are the "
        "most sensitive; in Ludwig's pattern a band along the parting; in the Christmas tree its front most of all.",
    )


def _map(sex: Any, form: Any) -> Rows:
    width, height = (float(evidence().numbers[f"pattern.{part}"]) for part in ("width", "height"))
    rows: Rows = []
    x, depths = _centred(width), 0.5 * height + _centred(height)
    for y in depths:
        inside = (x / (0.5 * width)) ** 2 + ((y - 0.5 * height) / (0.5 * height)) ** 2 <= 1.0
        steps = np.where(inside, np.round(sites.sensitivity(sex, form, x, np.full(x.size, y)) * 10.0), -1)
        edges = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), x.size]
        rows += [
            {"x": x[a] - _HALF, "x2": x[b - 1] + _HALF, "y": y - _HALF, "y2": y + _HALF,
             "s": min(float(steps[a]) / 10.0, 1.2)}
            for a, b in pairwise(edges) if steps[a] >= 0
        ]  # fmt: skip
    return rows


def _centred(length: float) -> Floats:
    """Return the middles of the cells that a length holds, around 0."""
    cells = int(length / _CELL)
    return (np.arange(cells) - 0.5 * (cells - 1)) * _CELL


def _head(rows: Rows) -> Any:
    legend = alt.Legend(
        title="sensitivity (1: the usual site)", orient="bottom", type="gradient", gradientLength=220,
        titleFontSize=12, titleColor=FAINT, titleFontWeight=500, titleLimit=300,
    )  # fmt: skip
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect()
        .encode(
            x=alt.X("x:Q", axis=None),
            x2="x2:Q",
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(reverse=True)),
            y2="y2:Q",
            color=alt.Color("s:Q", scale=alt.Scale(domain=[0, 1.2], range=["#f1ece4", RUST]), legend=legend),
        )
        .properties(width=140, height=165)
    )


def menopause() -> str:
    """Draw women's androgen drive by age."""
    ages, under = np.arange(20.0, 76.0), believed(1.0)
    final = float(evidence().numbers["hormones.final_period_age"])
    course = weather.drive("F", ages, under, final)[0]
    chart = _lines(
        _points("drive", ages, course), {"drive": INK}, "age [years]", "androgen drive", 150, zero=True
    )
    chart = chart.encode(color=alt.value(INK), strokeDash=alt.value([1, 0]))
    rule = _guides([{"x": final}]).encode(x="x:Q")
    return svg(
        chart + rule,
        f"Androgen drive of women by age: 1 before, rising around the last period at {final:g} years "
        f"to {course[-1]:.2f}.",
    )


_DAYS, _MISSED, _QUIT = 120, (45, 52), 80


def dht() -> str:
    """Draw DHT of scalp and blood under finasteride: every day, with a missed week, then stopped."""
    days = np.arange(_DAYS)
    taken = np.where((days < _QUIT) & ~((days >= _MISSED[0]) & (days < _MISSED[1])), 1.0, 0.0)
    now = believed(1.0)
    left = pharmacology.reductases(
        {pharmacology.FINASTERIDE: taken}, now["finasteride_half_dose"], now["dutasteride_scalp_half_level"]
    )
    scalp, blood = pharmacology.scalp_dht(left, now["type_one_share"])[0], pharmacology.serum_dht(left)[0]
    colours = {"DHT in the scalp": INK, "DHT in the blood": RUST}
    rows = [*_points("DHT in the scalp", days, 100 * scalp), *_points("DHT in the blood", days, 100 * blood)]
    band = alt.Chart(alt.Data(values=[{"a": _MISSED[0], "b": _MISSED[1]}, {"a": _QUIT, "b": _DAYS}]))
    free = band.mark_rect(color=BAND, opacity=0.6).encode(x="a:Q", x2="b:Q")
    chart = free + _lines(
        rows, colours, "days (shaded: nothing is taken)", "of untreated [%]", 190, domain=[0, 100]
    )
    return svg(
        chart,
        f"DHT on 1 mg of finasteride a day falls within days to {100 * scalp[40]:.0f} % in the scalp and "
        f"{100 * blood[40]:.0f} % in the blood, rises in a missed week, falls again, and returns after stopping.",
    )


# --- courses ---------------------------------------------------------------------------------------------------


def decade() -> str:
    """Draw ten years of men's vertex: untreated, with finasteride, and with finasteride stopped after five."""
    names = {1.0: "thinned hair can climb back", 0.0: "thinned hair stays thin"}
    arms = {
        "untreated": "none",
        "finasteride": TABLET,
        "finasteride, stopped after 5 years": f"{TABLET}:stop@60mo",
    }
    colours = dict(zip(arms, (GREY, INK, RUST), strict=True))
    men = grow(cohorts()["men"], believed(*names), 48, 240)
    shown = float(evidence().numbers["cohorts.photograph"])
    courses = {
        name: men.mean(treat(men, Regimen(arm), _FOLLOWED, shown).terminal_density)
        for name, arm in arms.items()
    }
    weeks, panels = np.arange(0, _FOLLOWED + 1, 4), []
    for row, title in enumerate(names.values()):
        rows = [p for name, found in courses.items() for p in _points(name, weeks / YEAR, found[row, weeks])]
        panels.append(
            _lines(rows, colours, "years", f"hairs per cm² (from {shown:g} µm)", 170, zero=False).properties(
                title=title
            )
        )
    ends = {name: found[:, -1] for name, found in courses.items()}
    return svg(
        alt.vconcat(*panels, spacing=12).resolve_scale(y="shared"),
        "Hairs on men's vertex over ten years in both structures. "
        + "; ".join(
            f"{n}: {e[0]:.0f} where hair climbs back and {e[1]:.0f} where not" for n, e in ends.items()
        )
        + " per cm² at the end.",
    )


_PREGNANT, _SINCE = 39, 60  # weeks
_LOTION_FOR = 104  # weeks


def sheds() -> str:
    """Draw what falls due: shedding after a birth, and after a lotion is stopped for three values of `owed`."""
    panels = [_after_birth(), _after_lotion()]
    return svg(
        alt.vconcat(*panels, spacing=14).resolve_scale(color="independent", strokeDash="independent"),
        "Above, daily shedding of a healthy scalp: low in pregnancy, then a peak some three months after birth. Below, "
        "shedding after two years of minoxidil stop: the more is owed, the higher the shed.",
    )


def _after_birth() -> Any:
    woman = Subjects(believed(favoured()))
    weeks = _PREGNANT + _SINCE
    hold, jump = np.zeros((1, weeks + 1)), np.zeros((1, weeks + 1))
    hold[:, :_PREGNANT] = woman.parameters["pregnancy_hold"][:, None]
    jump[:, _PREGNANT] = (1.0 - 1.0 / (1.0 + hold)).sum(axis=1) * WEEK_D
    shed = _smooth(woman.life(weeks, hold=hold, jump=jump).daily_shedding[0, 1:])
    rows = _points("a healthy scalp", np.arange(1, weeks + 1) - _PREGNANT, shed)
    chart = _lines(rows, {"a healthy scalp": INK}, "weeks since birth", "hairs shed a day", 150, zero=True)
    chart = chart.encode(color=alt.value(INK), strokeDash=alt.value([1, 0]))
    return (chart + _guides([{"x": 0}]).encode(x="x:Q")).properties(
        title="a birth: all that was withheld falls due"
    )


def _after_lotion() -> Any:
    shares = {"nothing owed": (0.0, GREY), "half of it": (0.5, OCHRE), "all of it": (1.0, RUST)}
    weeks = _LOTION_FOR + _SINCE
    rows: Rows = []
    for name, (owed, _) in shares.items():
        men = grow(cohorts()["men"], believed(favoured(), owed=owed), 48, 400)
        shed = men.mean(treat(men, Regimen(f"{LOTION}:stop@{_LOTION_FOR}wk"), weeks, 0.0).daily_shedding)[0]
        rows += _points(name, np.arange(-20, _SINCE + 1), _smooth(shed)[_LOTION_FOR - 20 :])
    colours = {name: colour for name, (_, colour) in shares.items()}
    chart = _lines(rows, colours, "weeks since the last dose", "hairs shed a day", 150, zero=True)
    return (chart + _guides([{"x": 0}]).encode(x="x:Q")).properties(title="a lotion stopped after two years")


def _smooth(weekly: Floats) -> Floats:
    """Return the running mean over five weeks; ends are held."""
    return np.convolve(np.pad(weekly, 2, mode="edge"), np.full(5, 0.2), mode="valid")


def observed() -> str:
    """Draw how many hairs are counted on the same scalps, by the thinnest hair that counts."""
    cuts, rows = np.arange(0.0, 91.0, 5.0), []
    colours = {"men, vertex": INK, "women, midscalp": RUST}
    for name, who in zip(colours, ("men", "women"), strict=True):
        people = grow(cohorts()[who], believed(favoured()), 48, 240)
        counts = [people.mean(observer.standing(people.scalp, cut).terminal_density)[0, 0] for cut in cuts]
        rows += _points(name, cuts, counts)
    shown, cutoff = (float(evidence().numbers[n]) for n in ("cohorts.photograph", "reading.cutoff"))
    chart = _lines(rows, colours, "thinnest hair that counts [µm]", "hairs counted per cm²", 180, zero=True)
    rule = _guides([{"x": shown}, {"x": cutoff}]).encode(x="x:Q")
    text = _label(shown, "photographs", "right") + _label(cutoff, "terminal", "left")
    said = ", ".join(
        f"{r['y']:.0f} at {r['x']:g} µm ({r['what']})" for r in rows if r["x"] in (0.0, shown, cutoff)
    )
    return svg(chart + rule + text, f"The same scalps counted from different hair diameters on: {said}.")


def _label(x: float, said: str, side: Any) -> Any:
    mark = alt.Chart(alt.Data(values=[{"x": x, "t": said}])).mark_text(
        align=side, dx=5 if side == "left" else -5, dy=-8, color=FAINT, fontSize=12, baseline="bottom"
    )
    return mark.encode(x="x:Q", y=alt.value(180), text="t:N")


ALL: dict[str, Callable[[], str]] = {
    "lives": lives,
    "clock": clock,
    "ladder": ladder,
    "heads": heads,
    "menopause": menopause,
    "dht": dht,
    "decade": decade,
    "sheds": sheds,
    "observed": observed,
}

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in ALL.items():
        (folder / f"{name}.svg").write_text(draw())
        print(folder / f"{name}.svg")
