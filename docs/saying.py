"""How facts are said on the pages (a source, a number, a spread, a result, a harm), and how a page is written."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

from follicast.evidence.library import evidence
from follicast.evidence.number import Number, Sourced, Spread
from follicast.evidence.rule import Rule
from follicast.evidence.strength import band
from follicast.evidence.study import Result

DOCS = Path(__file__).resolve().parent
OUT = DOCS / "reference"
KNOWN = evidence()


def of(condition: str) -> str:
    """Name a condition; a purpose of the skin by its words."""
    held = KNOWN.conditions.get(condition)
    return held.name if held else words(condition)


def cell(text: object) -> str:
    """Put a text into one cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(str(text).split()))


def words(name: str) -> str:
    """Turn an id into words."""
    return name.replace("_", " ").replace("-", " ")


def people(sexes: list[str]) -> str:
    """Say which sexes."""
    return " and ".join({"F": "women", "M": "men"}[sex] for sex in sexes)


def cite(held: Sourced) -> str:
    """Name the works that something rests on, each a link to the list of works."""
    return "; ".join(f"[{_short(key)}](#ref-{key.lower()})" for key in held.citekeys)


def _short(key: str) -> str:
    work = KNOWN.references[key]
    if work.kind == "project":
        return "our choice"
    return textwrap.shorten(cell(work.short), 48, placeholder=" …")


def asks(rule: Rule) -> str:
    """Say what a rule asks for, with the value of its threshold."""
    if not rule.when:
        return "always"
    bound = f"; threshold {number(rule.threshold)}" if rule.threshold else ""
    return f"`{cell(rule.when)}`{bound}"


def because(rule: Rule) -> str:
    """Say why a rule is there, and that it was not wholly verified where that is so."""
    doubt = "" if rule.verified == "yes" else f" (verified: {rule.verified})"
    return cell(rule.because) + doubt


def number(n: Number) -> str:
    """Say a number with its unit, and that it is assumed where it is."""
    return f"{n.value:g} {KNOWN.units[n.unit]}".strip() + (" (assumed)" if n.kind == "assumed" else "")


def between(ratio: Number) -> str:
    """Say the band of a likelihood ratio."""
    low, high = band(ratio)
    return f"({low:.3g} to {high:.3g})"


def sessions(low: Number, high: Number | None) -> str:
    """Say how many sessions."""
    many = f"{low.value:g} to {high.value:g}" if high else f"{low.value:g}"
    return f"{many} session{'' if many == '1' else 's'}" + (" (assumed)" if low.kind == "assumed" else "")


def link(to: str) -> str:
    """Return a link between facts as one on the pages, where what it leads to has a page or a place on one."""
    shelf, _, name = to.partition("#")[0].partition(":")
    if shelf in ("therapy", "condition", "study", "conflict"):
        return f"[`{to}`](#{shelf}-{name.lower()})"
    return f"`{to}`"


def spread(s: Spread | None) -> str:
    """Say a spread."""
    if s is None:
        return "not printed"
    return f"{s.kind.upper()} {s.value:g}" if s.value is not None else f"{s.kind} {s.low:g} to {s.high:g}"


def found(r: Result) -> str:
    """Say what a result found."""
    said = r.amount(KNOWN.units.get(r.unit, r.unit))
    return "; ".join(part for part in (said, r.found or "", f"p {r.p}" if r.p else "") if part)


_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(DOCS / "pages"), undefined=jinja2.StrictUndefined, autoescape=False
)
_PAGES.globals.update(
    cell=cell,
    words=words,
    of=of,
    people=people,
    cite=cite,
    number=number,
    sessions=sessions,
    spread=spread,
    found=found,
    asks=asks,
    between=between,
    because=because,
)


def write(name: str, template: str, **content: Any) -> None:
    """Fill a template and write the page."""
    path = OUT / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PAGES.get_template(f"{template}.md.j2").render(**content))


def listing(
    name: str,
    title: str,
    lead: str,
    sections: Iterable[tuple[str, list[str]]],
    toc: Iterable[str] = (),
) -> None:
    """Write a page of entries under headings."""
    write(name, "list", title=title, lead=lead, sections=list(sections), toc=list(toc))


def table(head: list[str], rows: Iterable[list[object]]) -> list[str]:
    """Return a table as lines."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell(c) for c in row) + " |" for row in rows), ""]


def figure(svg: str) -> str:
    """Set a drawing into a page."""
    return f'<div class="forest">{"".join(svg.splitlines())}</div>'
