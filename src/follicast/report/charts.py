"""The forecast as charts, each with a title, a description and a table of the very numbers that it plots.

Colours differ in lightness as well as in hue, lines are named where they end, and scales of hair begin at zero.
A chart adds nothing to the forecast: what is not plotted here may still be in its tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode
from markupsafe import Markup, escape

from follicast.cycle import Floats
from follicast.errors import InputError
from follicast.forecast import HIGH, JUDGED_AT, LOW, MEDIAN, ArmForecast, Curve, Forecast
from follicast.plan.variants import WhatIf
from follicast.report.names import arm_name
from follicast.report.text import Speech, speech

# Stand-ins that the page's style turns into its own colours, by day and by night.
CHOICE, NONE, OTHER, FAINT, GRID = "#0a6c74", "#767069", "#a8611c", "#6b655d", "#e4ded5"
WIDE, NARROW = 660, 300


@dataclass(frozen=True)
class Table:
    """The numbers of a chart: the heads of its columns and its rows, as they are shown."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Figure:
    """One chart, wide and narrow, with its title, its description and its table."""

    name: str
    title: str
    description: str
    wide: Markup
    narrow: Markup
    table: Table

    def save(self, path: str | Path) -> None:
        """Write the wide chart as .svg or .png; refuses other kinds of file."""
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(str(self.wide), encoding="utf-8")
        elif path.suffix == ".png":
            path.write_bytes(vl_convert.svg_to_png(_on_white(str(self.wide)), scale=2))
        else:
            raise InputError(
                f"chart: '{path.name}' is neither .svg nor .png. Name the file with one of these endings."
            )


def forecast_chart(forecast: Forecast, language: str = "en", choice: str | None = None) -> Figure:
    """Return terminal hairs [/cm2] over the months with their 90 % interval, by arm, against no treatment."""
    say = speech(language)
    shown = [
        arm
        for arm in forecast.arms
        if arm.refused is None and choice in (None, arm.arm, forecast.arms[0].arm)
    ]
    shown = [forecast.arms[0], *(arm for arm in shown if arm.arm != forecast.arms[0].arm)]
    courses = [
        _Course(arm_name(arm.arm, say), arm.curves["terminal_density"], _colour(arm, choice)) for arm in shown
    ]
    title = say.say("Thick hairs on each square centimetre, month by month")
    said = [
        say.say(
            "{arm}: {first} today, {year} at month {month} (90 % interval {low} to {high})",
            arm=c.name,
            first=say.number(c.curve.median[0]),
            year=say.number(c.curve.median[_judged(forecast)]),
            month=_judged(forecast),
            low=say.number(c.curve.low[_judged(forecast)]),
            high=say.number(c.curve.high[_judged(forecast)]),
        )
        for c in courses
    ]
    table = _course_table(forecast.months, courses, say)
    return _figure(
        "course", title, say.sentences(said), table, lambda w: _courses(forecast.months, courses, say, w)
    )


def difference_chart(arm: ArmForecast, language: str = "en") -> Figure:
    """Return what an arm adds [hairs/cm2] to the same scalp untreated, with the same luck, month by month."""
    say = speech(language)
    course = _Course(arm_name(arm.arm, say), extra_hair(arm), CHOICE)
    at = min(JUDGED_AT, arm.months[-1])
    curve = course.curve
    title = say.say(
        "What the treatment adds: thick hairs on each square centimetre, compared with no treatment"
    )
    said = say.say(
        "At month {month}: {median} more (90 % interval {low} to {high}). Zero means no difference.",
        month=at,
        median=say.number(curve.median[at], 1),
        low=say.number(curve.low[at], 1),
        high=say.number(curve.high[at], 1),
    )
    table = _course_table(arm.months, [course], say, digits=1)
    return _figure("difference", title, said, table, lambda w: _difference(arm.months, course, say, w))


def comparison_chart(arms: Sequence[ArmForecast], language: str = "en", choice: str | None = None) -> Figure:
    """Return the extra hair [/cm2] of each arm at month 12 with its 90 % interval, side by side."""
    say = speech(language)
    rows = [
        {"arm": arm_name(a.arm, say), **a.extra_hair, "colour": CHOICE if a.arm == choice else OTHER}
        for a in arms
    ]
    rows.sort(key=lambda row: -float(str(row["median"])))
    title = say.say(
        "The treatments side by side: extra thick hairs on each square centimetre at month {month}",
        month=min(JUDGED_AT, arms[0].months[-1]),
    )
    said = say.sentences(
        say.say(
            "{arm}: {median} more (90 % interval {low} to {high})",
            arm=row["arm"],
            **{k: say.number(float(str(row[k])), 1) for k in ("median", "low", "high")},
        )
        for row in rows
    )
    head = [say.say("Treatment"), say.say("Middle course"), say.say("90 % interval")]
    table = Table(
        head,
        [
            [str(r["arm"]), say.number(float(str(r["median"])), 1), _interval(r["low"], r["high"], say, 1)]
            for r in rows
        ],
    )
    axis = say.say("extra hairs per cm² over no treatment")
    return _figure("comparison", title, said, table, lambda w: _comparison(rows, axis, w))


def what_if_chart(variants: Sequence[WhatIf], language: str = "en") -> Figure:
    """Return each variant less the plan [/cm2] at the last month with its 90 % interval; the table adds month 12."""
    say, last = speech(language), variants[0].plan.months[-1]
    months = sorted({min(JUDGED_AT, last), last})
    names = [say.told(one.variant.plain) or one.variant.plain for one in variants]
    rows: list[dict[str, object]] = [
        {"arm": name, **one.at(last), "colour": OTHER} for name, one in zip(names, variants, strict=True)
    ]
    title = say.say(
        "What if: thick hairs on each square centimetre more or fewer than by the plan, at month {month}",
        month=last,
    )
    said = say.say("Left of the line there is less hair than by the plan, right of it there is more.")
    head = [say.say("What if")]
    for month in months:
        head += [say.say("month {n}", n=month), say.say("90 % interval")]
    cells = [[cell for month in months for cell in _ends(one.at(month), say)] for one in variants]
    table = Table(head, [[name, *row] for name, row in zip(names, cells, strict=True)])
    axis = say.say("hairs per cm² more or fewer than by the plan")
    return _figure("whatif", title, said, table, lambda w: _comparison(rows, axis, w, above=True))


def _ends(ends: dict[str, float], say: Speech) -> list[str]:
    low, high = say.signed(ends["low"], 1), say.signed(ends["high"], 1)
    return [say.signed(ends["median"], 1), say.say("{low} to {high}", low=low, high=high)]


@dataclass(frozen=True)
class _Course:
    name: str
    curve: Curve
    colour: str


def extra_hair(arm: ArmForecast) -> Curve:
    """Return the extra terminal hairs [/cm2] of an arm over no treatment, draw by draw, as a curve [month]."""
    import numpy as np

    assert arm.untreated is not None
    bare = ArmForecast(arm.regimen, arm.evidence_class, arm.because, arm.months, arm.untreated, arm.untreated)
    extra: Floats = arm.values("terminal_density") - bare.values("terminal_density")
    low, median, high = np.quantile(extra, (LOW, MEDIAN, HIGH), axis=0)
    return Curve(median, low, high)


def _judged(forecast: Forecast) -> int:
    return min(JUDGED_AT, forecast.months[-1])


def _colour(arm: ArmForecast, choice: str | None) -> str:
    return NONE if not arm.regimen.parts else CHOICE if arm.arm == choice else OTHER


def _interval(low: Any, high: Any, say: Speech, digits: int = 0) -> str:
    return say.say(
        "{low} to {high}", low=say.number(float(low), digits), high=say.number(float(high), digits)
    )


def _course_table(months: list[int], courses: list[_Course], say: Speech, digits: int = 0) -> Table:
    head = [say.say("Month")]
    for course in courses:
        head += [course.name, say.say("90 % interval")]
    rows = []
    for m in months:
        row = [say.number(m)]
        for c in courses:
            row += [
                say.number(c.curve.median[m], digits),
                _interval(c.curve.low[m], c.curve.high[m], say, digits),
            ]
        rows.append(row)
    return Table(head, rows)


# --- drawing ---------------------------------------------------------------------------------------------------


def _courses(months: list[int], courses: list[_Course], say: Speech, width: int) -> Any:
    """Draw one panel for one treatment; for several a panel each, on one scale, always against no treatment."""
    top = float(max(course.curve.high.max() for course in courses)) * 1.04
    if len(courses) <= 2:
        return _course(months, courses, say, width, _height(width), top)
    panels = [
        _course(months, [courses[0], course], say, (width - 50) // 2, 200, top) for course in courses[1:]
    ]
    return alt.concat(*panels, columns=2, spacing=26)


def _course(
    months: list[int], courses: list[_Course], say: Speech, width: int, height: int, top: float
) -> Any:
    """Draw the first course (no treatment) dashed, with only the edges of its band, and the others solid."""
    y = alt.Scale(domain=[0, top], nice=True)
    layers: list[Any] = []
    for i, course in enumerate(courses):
        layers += _band_and_line(months, course, y, say.say("hairs per cm²"), say.say("month"), dashed=i == 0)
    return alt.layer(*layers, *_end_labels(months, courses)).properties(width=width, height=height)


def _difference(months: list[int], course: _Course, say: Speech, width: int) -> Any:
    low, high = min(float(course.curve.low.min()), 0.0), max(float(course.curve.high.max()), 1.0)
    y = alt.Scale(domain=[low - 0.16 * (high - low), high * 1.06], nice=True)
    zero = _nothing("y").encode(y=alt.Y("y:Q", scale=y))
    layers = _band_and_line(months, course, y, say.say("extra hairs per cm²"), say.say("month"), dashed=False)
    nothing = 0.0 * course.curve.median
    flat = _Course(say.say("no treatment"), Curve(nothing, nothing, nothing), NONE)
    return alt.layer(layers[0], zero, layers[1], *_end_labels(months, [flat, course])).properties(
        width=width, height=0.72 * _height(width)
    )


def _comparison(rows: list[dict[str, object]], what: str, width: int, above: bool = False) -> Any:
    """Draw each middle and interval on one scale; on narrow paper, or if asked, names stand above their lines."""
    wide = width == WIDE and not above
    labels = (
        alt.Axis(domain=False, ticks=False, labelLimit=230, labelPadding=10, grid=False) if wide else None
    )
    y = alt.Y("arm:N", sort=None, title=None, axis=labels)
    base = alt.Chart(_data(rows))
    colour = alt.Color("colour:N", scale=None)
    axis = alt.Axis(title=what, tickCount=6 if wide else 4)
    line = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(
        y=y, x=alt.X("low:Q", axis=axis), x2="high:Q", color=colour
    )
    dot = base.mark_point(filled=True, size=95, opacity=1).encode(y=y, x="median:Q", color=colour)
    layers = [_nothing("x").encode(x="x:Q"), line, dot]
    if not wide:
        name = base.mark_text(align="left", dy=-15, fontSize=13, fontWeight=600)
        layers.append(name.encode(y=y, x=alt.value(2), text="arm:N", color=colour))
    inner = width - 140 if wide else width
    step = 38 if wide else 44 if above else 52
    return alt.layer(*layers).properties(width=inner, height=max(60, step * len(rows)))


def _nothing(axis: str) -> alt.Chart:
    """Return the dashed line where nothing is gained."""
    return alt.Chart(_data([{axis: 0}])).mark_rule(color=NONE, strokeDash=[5, 4], strokeWidth=1.6)


def _band_and_line(
    months: list[int], course: _Course, y: alt.Scale, what: str, month: str, dashed: bool
) -> list[Any]:
    data = alt.Chart(
        _data(
            [
                {
                    "month": m,
                    "median": float(course.curve.median[m]),
                    "low": float(course.curve.low[m]),
                    "high": float(course.curve.high[m]),
                }
                for m in months
            ]
        )
    )
    x = alt.X(
        "month:Q",
        scale=alt.Scale(domain=[months[0], months[-1]], nice=False),
        axis=alt.Axis(title=month, values=_ticks(months), format="d", grid=False),
    )
    axis = alt.Axis(
        title=what, titleAngle=0, titleAlign="left", titleAnchor="end", titleX=-30, titleY=-14, tickCount=5
    )
    bounds = {"x": x, "y": alt.Y("low:Q", scale=y, axis=axis), "y2": "high:Q"}
    middle = {"x": x, "y": alt.Y("median:Q", scale=y, axis=axis)}
    if dashed:
        edge: dict[str, Any] = {"color": course.colour, "strokeWidth": 1.1, "strokeDash": [2, 4]}
        return [
            data.mark_area(opacity=0, line=False, color=course.colour).encode(**bounds),
            data.mark_line(**edge).encode(x=x, y=bounds["y"]),
            data.mark_line(**edge).encode(x=x, y=alt.Y("high:Q", scale=y, axis=axis)),
            data.mark_line(color=course.colour, strokeWidth=2.2, strokeDash=[6, 5]).encode(**middle),
        ]
    return [
        data.mark_area(color=course.colour, opacity=0.2).encode(**bounds),
        data.mark_line(color=course.colour, strokeWidth=2.8, strokeCap="round").encode(**middle),
    ]


def _ticks(months: list[int]) -> list[int]:
    step = 3 if months[-1] <= 24 else 12
    return [month for month in months if month % step == 0]


def _end_labels(months: list[int], courses: list[_Course]) -> list[Any]:
    """Name each line at its end, the upper one above it and the lower one below."""
    order = sorted(courses, key=lambda course: float(course.curve.median[-1]))
    return [
        alt.Chart(_data([{"month": months[-1], "y": float(course.curve.median[-1]), "name": course.name}]))
        .mark_text(
            align="right", dx=-4, dy=-13 if i else 15, fontSize=13, fontWeight=600, color=course.colour
        )
        .encode(x="month:Q", y="y:Q", text="name:N")
        for i, course in enumerate(order)
    ]


def _height(width: int) -> int:
    return 300 if width == WIDE else 250


def _data(rows: Sequence[Any]) -> alt.Data:
    return alt.Data(values=list(rows))


def _figure(name: str, title: str, description: str, table: Table, drawn: Any) -> Figure:
    with debug_mode(False):  # checking each part against its schema takes longer than drawing it
        wide, narrow = (
            _svg(drawn(width), f"{name}-{size}", title, description)
            for width, size in ((WIDE, "wide"), (NARROW, "narrow"))
        )
    return Figure(name, title, description, wide, narrow, table)


def _svg(chart: Any, key: str, title: str, description: str) -> Markup:
    """Render a chart as SVG that names itself, inherits the page's type and can be recoloured."""
    plain = chart.configure(font="sans-serif", background="transparent", padding=4).configure_view(
        stroke=None
    )
    spec = plain.configure_axis(
        labelColor=FAINT,
        titleColor=FAINT,
        gridColor=GRID,
        domainColor=GRID,
        tickColor=GRID,
        labelFontSize=12,
        titleFontSize=12,
        titleFontWeight="normal",
        titlePadding=8,
    ).to_dict(validate=False)
    drawn = vl_convert.vegalite_to_svg(spec)
    drawn = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", drawn)
    drawn = re.sub(
        r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>",
        rf'<svg xmlns="http://www.w3.org/2000/svg" viewBox="\1" class="chart" role="img" '
        rf'aria-labelledby="{key}-t {key}-d" direction="ltr"><title id="{key}-t">{escape(title)}</title>'
        rf'<desc id="{key}-d">{escape(description)}</desc>',
        drawn,
        count=1,
    )
    return Markup(drawn)


def _on_white(svg: str) -> str:
    return svg.replace("</desc>", '</desc><rect width="100%" height="100%" fill="#ffffff"/>', 1)
