"""The pieces that everything on a terminal is put together of: heads, lines, tables, groups that share a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from follicast.report.text import Speech

_MOST_GROUPS = 8  # sets of what is missing that are told one by one; more are counted instead
_MOST_NEEDS = 8
BETWEEN = " · "  # names hold commas
_INDENT = (0, 0, 0, 2)


def title(words: str) -> Text:
    """Return a line in bold."""
    return Text(words, "bold")


def head(words: str, style: str = "bold cyan") -> Text:
    """Return a head with an empty line before it."""
    return Text(f"\n{words}", style)


def line(words: str, style: str = "") -> Padding:
    """Return an indented line; where it wraps it keeps its indent."""
    return Padding(Text(words, style), _INDENT)


def told(words: str, say: Speech) -> str:
    """Return words of the evidence in the reader's language, in English where nobody translated them."""
    return say.told(words) or words


def table(*columns: str, right: Iterable[int] = ()) -> Table:
    """Return a table without a frame; `right` are the columns of figures."""
    laid = Table(
        box=box.SIMPLE_HEAD if any(columns) else None,
        pad_edge=False,
        show_edge=False,
        show_header=any(columns),
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    for i, column in enumerate(columns):
        justify, middle = "right" if i in right else "left", 0 < i < len(columns) - 1
        laid.add_column(column, justify=justify, overflow="fold", no_wrap=middle)  # type: ignore[arg-type]
    return laid


def indented(laid: Table) -> Padding:
    """Return a table indented as lines are."""
    return Padding(laid, _INDENT)


def warned(warnings: list[str], say: Speech) -> list[RenderableType]:
    """Return what is to be read with care under its head, or nothing."""
    if not warnings:
        return []
    return [head(say.say("Read with care"), "bold yellow"), *(line(told(one, say)) for one in warnings)]


def missing(
    waiting: Sequence[tuple[str, Sequence[str]]], say: Speech, everything: bool = False
) -> list[Text]:
    """Return who waits for what: one text for each set of what is missing.

    `waiting` pairs what waits with its needs. Where the sets are many the needs are counted in one text, unless
    `everything` is asked for.
    """
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, needs in waiting:
        groups[tuple(sorted(needs))].append(name)
    if len(groups) > _MOST_GROUPS and not everything:
        return [_counted(waiting, say)]
    return [
        _because(names, say.say("What is missing:") + " " + ", ".join(told(need, say) for need in needs))
        for needs, names in sorted(groups.items(), key=lambda group: len(group[0]))
    ]


def _counted(waiting: Sequence[tuple[str, Sequence[str]]], say: Speech) -> Text:
    """Say what is missing, that first which most wait for."""
    asked = Counter(need for _, needs in waiting for need in dict.fromkeys(needs)).most_common()
    said = [f"{told(need, say)} ({count})" for need, count in asked[:_MOST_NEEDS]]
    more = ["…"] if len(asked) > _MOST_NEEDS else []
    return _because(
        [name for name, _ in waiting], say.say("What is missing:") + " " + ", ".join([*said, *more])
    )


def ruled_out(closed: Sequence[tuple[str, str]], say: Speech) -> list[Text]:
    """Return what is closed, one text for each reason; `closed` pairs what is closed with its reason."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, why in closed:
        groups[why].append(name)
    return [_because(names, told(why, say)) for why, names in groups.items()]


def _because(names: list[str], why: str) -> Text:
    return Text(BETWEEN.join(names)).append(f" – {why}" if why else "", "dim")
