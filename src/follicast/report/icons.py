"""A hundred people, drawn one by one: how many gain, hold, lose or are harmed, by shape as well as by colour.

It draws counts that were worked out elsewhere and knows nothing of how sure they are.
"""

from __future__ import annotations

from markupsafe import Markup

from follicast.report.text import Speech

PEOPLE = 100
_ROW = 20
_STEP_X, _STEP_Y = 20, 27
_DOTS_ROW = 50


def icon_array(of_100: dict[str, int], speech: Speech, name: str) -> Markup:
    """Return an SVG of 100 people: `of_100` {gain, hold, lose} in that order; `name` is the arm's."""
    kinds = [kind for kind in ("gain", "hold", "lose") for _ in range(of_100[kind])]
    people = Markup("").join(_person(i, kind) for i, kind in enumerate(kinds))
    rows = -(-len(kinds) // _ROW)
    said = speech.say("{arm}: of 100 people, {gain} gain, {hold} hold, {lose} lose", arm=name, **of_100)
    return Markup('<svg class="people" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _ROW * _STEP_X, rows * _STEP_Y, said, people
    )


def some_of_100(count: float, speech: Speech, name: str, kind: str = "harm") -> Markup:
    """Return an SVG of 100 people of whom `count` are of a kind (harm, gain), to stand beside the other arrays."""
    told = min(PEOPLE, round(count))
    kinds = ["spared"] * (PEOPLE - told) + [kind] * told
    people = Markup("").join(_person(i, kind) for i, kind in enumerate(kinds))
    said = speech.say("{n} of 100 people: {what}", n=speech.number(count), what=name)
    return Markup('<svg class="people" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _ROW * _STEP_X, PEOPLE // _ROW * _STEP_Y, said, people
    )


def icon_symbols() -> Markup:
    """Return the shapes that the arrays use; they stand once on a page."""
    return _SYMBOLS


def dots(count: float, sure: bool = True) -> Markup:
    """Return 100 small squares of which `count` are filled; hollow where the count is only an upper bound."""
    filled = round(count)
    squares = Markup("").join(_dot(i, i < filled, sure) for i in range(PEOPLE))
    return Markup('<svg class="dots" viewBox="0 0 400 16" aria-hidden="true">{}</svg>').format(squares)


def _person(place: int, kind: str) -> Markup:
    return Markup('<use href="#who-{}" class="{}" x="{}" y="{}" width="18" height="25"/>').format(
        kind, kind, place % _ROW * _STEP_X + 1, place // _ROW * _STEP_Y + 1
    )


def _dot(place: int, filled: bool, sure: bool) -> Markup:
    kind = "hit" if filled and sure else "maybe" if filled else "rest"
    return Markup('<rect class="{}" x="{}" y="{}" width="6" height="6" rx="1.4"/>').format(
        kind, place % _DOTS_ROW * 8 + 1, place // _DOTS_ROW * 8 + 1
    )


_HEAD = '<circle style="fill:var(--in);stroke:var(--edge)" cx="9" cy="4.6" r="3.6"/>'
_BODY = '<path style="fill:var(--in);stroke:var(--edge)" d="M2.2 24v-8.6c0-3.6 2.6-5.6 6.8-5.6s6.8 2 6.8 5.6V24z"/>'
_MARK = "fill:none;stroke:var(--mark);stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round"
_MARKS = {
    "gain": "M9 20.8v-7M5.9 16.6 9 13.4l3.1 3.2",
    "hold": "M5.8 17.2h6.4",
    "lose": "M9 13.4v7M5.9 17.6 9 20.8l3.1-3.2",
    "harm": "M9 12.9v4.6M9 20.7v.1",
    "spared": "",
}
_SHAPES = "".join(
    f'<symbol id="who-{kind}" viewBox="0 0 18 25">{_HEAD}{_BODY}<path style="{_MARK}" d="{mark}"/></symbol>'
    for kind, mark in _MARKS.items()
)
_SYMBOLS = Markup(
    f'<svg class="symbols" aria-hidden="true" width="0" height="0"><defs>{_SHAPES}</defs></svg>'
)
