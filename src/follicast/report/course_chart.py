"""The course of one quantity under several arms, as a drawing that takes its colours from the page it stands on.

It is drawn from a forecast's answer as other programs get it, so that a redraw and a refinement look alike. Lines
differ in their strokes as well as in colour and are named where they end; the table beside it holds the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from follicast.report.text import Speech

WIDTH, HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 176, 14, 40
_TICKS = 5
_APART = 17.0  # between two names
_STEPS = (1, 2, 2.5, 5, 10)
#: What may be drawn: its key in the answer, what it is called, and its digits.
QUANTITIES: dict[str, tuple[str, int]] = {
    "over_untreated": ("Thick hairs per cm², more than without treatment", 0),
    "terminal_density": ("Thick hairs per cm²", 0),
    "total_density": ("All hairs per cm²", 0),
    "mean_diameter": ("Mean diameter of a hair, µm", 1),
    "anagen_share": ("Hairs that grow, of 100", 0),
    "daily_shedding": ("Hairs shed a day", 0),
}


@dataclass(frozen=True)
class Line:
    """One arm as drawn: its name, its place among the arms' colours, and its curves {median, low, high} [month]."""

    name: str
    colour: int
    months: Sequence[float]
    curve: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Point:
    """Something measured: when [mo], how much, and one standard error in the same unit."""

    month: float
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Course:
    """A drawn chart, its title and its description."""

    svg: Markup
    title: str


def lines(answer: Mapping[str, Any], quantity: str, names: Mapping[str, str]) -> list[Line]:
    """Return the lines of a forecast's answer for a quantity; refused arms have none."""
    told = [arm for arm in answer["arms"] if quantity in arm]
    return [
        Line(names.get(arm["arm"], arm["arm"]), k, arm["months"], arm[quantity]) for k, arm in enumerate(told)
    ]


def course(
    drawn: Sequence[Line],
    quantity: str,
    say: Speech,
    points: Sequence[Point] = (),
    judged: float | None = None,
) -> Course:
    """Return the chart of lines over months; time runs from left to right in every language."""
    title = say.say(QUANTITIES[quantity][0])
    scale = _Scale.over(drawn, points)
    parts = [*_frame(scale, say, quantity), *(_band(line, scale) for line in drawn)]
    parts += [_median(line, scale) for line in drawn]
    parts += [_seen(point, scale) for point in points]
    parts += _names(drawn, scale)
    said = "; ".join(_told(line, say, quantity) for line in drawn)
    svg = Markup(
        '<svg class="course" viewBox="0 0 {} {}" role="img" aria-label="{}" direction="ltr">{}</svg>'
    ).format(WIDTH, HEIGHT, f"{title}. {said}", Markup("").join(parts))
    return Course(svg, title)


def _told(line: Line, say: Speech, quantity: str) -> str:
    digits = QUANTITIES[quantity][1]
    first, last = (say.number(line.curve["median"][k], digits) for k in (0, -1))
    return say.say("{name}: {first} now, {last} at month {month}", name=line.name, first=first, last=last,
                   month=say.number(line.months[-1]))  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    """From months and values to the drawing; scales of hair begin at zero or below."""

    months: float
    top: float
    step: float
    foot: float = 0.0

    @classmethod
    def over(cls, drawn: Sequence[Line], points: Sequence[Point]) -> _Scale:
        highest = max(
            [*(max(line.curve["high"]) for line in drawn), *(p.value + p.error for p in points), 1e-9]
        )
        lowest = min([0.0, *(min(line.curve["low"]) for line in drawn)])
        raw = (highest - lowest) / _TICKS
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(power * one for one in _STEPS if power * one >= raw - 1e-12)
        up, down = (math.ceil(end / step - 1e-9) for end in (highest, -lowest))
        return cls(max(line.months[-1] for line in drawn), step * up, step, -step * down)

    def x(self, month: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * month / self.months, 1)

    def y(self, value: float) -> float:
        return round(
            HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value - self.foot) / (self.top - self.foot), 1
        )


def _frame(scale: _Scale, say: Speech, quantity: str) -> list[Markup]:
    right, foot = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    digits = max(QUANTITIES[quantity][1], 0 if scale.step >= 1 else 1)
    parts = []
    for k in range(round(scale.foot / scale.step), round(scale.top / scale.step) + 1):
        y = scale.y(k * scale.step)
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_LEFT, right, y, y)
        )
        said = say.number(k * scale.step, digits)
        parts.append(Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(_LEFT - 8, y + 4, said))
    every = next(step for step in (3, 6, 12, 24, 60) if scale.months / step <= 8)
    for month in range(0, round(scale.months) + 1, every):
        x = scale.x(month)
        parts.append(
            Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(x, x, foot, foot + 5)
        )
        parts.append(Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(x, foot + 20, month))
    parts.append(Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
        (right + _LEFT) / 2, HEIGHT - 4, say.say("months from the start")))  # fmt: skip
    parts.append(
        Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_LEFT, right, foot, foot)
    )
    return parts


def _path(line: Line, which: str, scale: _Scale) -> list[str]:
    return [
        f"{scale.x(month)},{scale.y(value)}"
        for month, value in zip(line.months, line.curve[which], strict=True)
    ]


def _band(line: Line, scale: _Scale) -> Markup:
    around = " ".join([*_path(line, "high", scale), *reversed(_path(line, "low", scale))])
    return Markup('<g class="arm-{}"><polygon class="band" points="{}"/></g>').format(line.colour % 5, around)


def _median(line: Line, scale: _Scale) -> Markup:
    told = " ".join(_path(line, "median", scale))
    return Markup('<g class="arm-{}"><polyline class="line" points="{}"/></g>').format(line.colour % 5, told)


def _seen(point: Point, scale: _Scale) -> Markup:
    x, y = scale.x(point.month), scale.y(point.value)
    low, high = scale.y(max(point.value - point.error, 0.0)), scale.y(point.value + point.error)
    bar = Markup('<line class="error" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(x, x, low, high)
    return bar + Markup('<circle class="seen" cx="{}" cy="{}" r="5"/>').format(x, y)


def _names(drawn: Sequence[Line], scale: _Scale) -> list[Markup]:
    """Name each line where it ends; names that would lie on each other are moved apart."""
    ends = sorted(((scale.y(line.curve["median"][-1]), line) for line in drawn), key=lambda one: one[0])
    placed: list[Markup] = []
    least = -math.inf
    for y, line in ends:
        least = max(y, least + _APART)
        placed.append(
            Markup('<g class="arm-{}"><text class="name" x="{}" y="{}">{}</text></g>').format(
                line.colour % 5, WIDTH - _RIGHT + 10, round(least + 4, 1), _short(line.name)
            )
        )
    return placed


def _short(name: str) -> str:
    return name if len(name) <= 26 else name[:25] + "…"
