"""Forest plots of what studies found, as SVG: a mark for each finding, whiskers for its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import vl_convert

INK, FAINT, BAND = "#0a6c74", "#6b655d", "#e4ded5"


@dataclass(frozen=True)
class Row:
    """One finding; `low` and `high` are the ends of its 95 % interval, None where no spread is known.

    `solid` is False for what is no effect over a control; `printed` False where the spread was assumed; `pooled`
    marks an analysis of several trials with a diamond. `arm` is added to a label that would stand twice.
    """

    label: str
    value: float
    low: float | None
    high: float | None
    solid: bool = True
    printed: bool = True
    pooled: bool = False
    arm: str = ""


def forest(rows: Sequence[Row], axis: str, describe: str) -> str:
    """Return a forest plot as an SVG that says in words what it shows."""
    labels = _told_apart(rows)
    data = alt.Data(values=[vars(row) | {"place": k, "label": labels[k]} for k, row in enumerate(rows)])
    y = alt.Y("label:N", sort=alt.EncodingSortField("place"), title=None,
              axis=alt.Axis(labelLimit=330, ticks=False, domain=False))  # fmt: skip
    x = alt.X("value:Q", title=axis, scale=alt.Scale(zero=True))
    base = alt.Chart(data)
    zero = alt.Chart(alt.Data(values=[{"value": 0}])).mark_rule(color=FAINT).encode(x="value:Q")
    dash = alt.condition(alt.datum.printed, alt.value([1, 0]), alt.value([4, 3]))
    whisker = base.transform_filter("isValid(datum.low)").mark_rule(color=INK, strokeWidth=1.6).encode(
        y=y, x=alt.X("low:Q", title=axis), x2="high:Q", strokeDash=dash)  # fmt: skip
    shape = alt.condition(alt.datum.pooled, alt.value("diamond"), alt.value("circle"))
    fill = alt.condition(alt.datum.solid, alt.value(INK), alt.value("white"))
    mark = base.mark_point(size=55, color=INK, strokeWidth=1.6).encode(y=y, x=x, shape=shape, fill=fill)
    chart = (zero + whisker + mark).properties(width=330, height=alt.Step(20), description=describe)
    chart = chart.configure_view(stroke=None).configure_axis(
        gridColor=BAND, labelColor=FAINT, titleColor=FAINT
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_attribute(describe)}" ', 1)


def _told_apart(rows: Sequence[Row]) -> list[str]:
    """Return labels of which no two are the same: a row is drawn on the line of its label."""
    twice = {row.label for row in rows if [r.label for r in rows].count(row.label) > 1}
    labels = [f"{row.label}: {row.arm}" if row.label in twice and row.arm else row.label for row in rows]
    return [label + "\u200b" * labels[:k].count(label) for k, label in enumerate(labels)]


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
