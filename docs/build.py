"""Writes the evidence as pages to read: python docs/build.py (or make docs). They are made anew, never edited."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from follicast.evidence.grading import standing
from follicast.evidence.library import evidence
from follicast.evidence.number import Number

HERE = Path(__file__).resolve().parent / "reference"


def page(name: str, title: str, head: list[str], rows: Iterable[list[object]]) -> None:
    """Write one table as Markdown."""
    lines = [f"# {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in row) + " |"
        for row in rows
    ]
    (HERE / f"{name}.md").write_text("\n".join(lines) + "\n")


def numbers(shelf: dict[str, Number]) -> Iterable[list[object]]:
    """Return a row for each number."""
    for name, n in shelf.items():
        yield [name, f"{n.value:g}", n.unit, n.kind, ", ".join(n.citekeys), n.place, n.reason or ""]


def build() -> None:
    """Write all pages."""
    HERE.mkdir(exist_ok=True)
    known = evidence()
    head = ["name", "value", "unit", "kind", "source", "place", "reason"]
    page("numbers", "Numbers of nature", head, numbers(known.numbers))
    page("parameters", "What calibration may move, with its prior", head, numbers(dict(known.parameters)))
    page(
        "therapies",
        "Therapies, and how far the evidence for an effect on counts reaches",
        ["id", "name", "women", "men", "why"],
        (
            [
                t.id,
                t.name,
                *(standing(known, t.id, sex).grade for sex in ("F", "M")),
                standing(known, t.id, "F").because,
            ]
            for t in known.therapies.values()
        ),
    )
    page(
        "rules",
        "Safety rules",
        ["id", "for", "effect", "when", "because", "source", "verified"],
        (
            [
                r.id,
                ", ".join(r.for_),
                r.effect,
                r.when or "always",
                r.because,
                ", ".join(r.citekeys),
                r.verified,
            ]
            for r in known.rules.values()
        ),
    )
    page(
        "studies",
        "Studies",
        ["id", "sex", "arms", "results", "calibrating", "risk of bias", "source"],
        (
            [
                s.id,
                s.sex,
                "; ".join(a.name for a in s.arms),
                len(s.results),
                sum(r.calibrates for r in s.results),
                f"{s.risk_of_bias}: {s.bias_reason}",
                ", ".join(s.citekeys),
            ]
            for s in known.studies.values()
        ),
    )
    page(
        "references",
        "References",
        ["citekey", "title", "authors", "year", "where", "doi", "read"],
        (
            [key, r.title, r.authors or "", r.year or "", r.where or "", r.doi or "", r.read]
            for key, r in known.references.items()
        ),
    )


if __name__ == "__main__":
    build()
    print("docs/reference:", ", ".join(sorted(p.name for p in HERE.glob("*.md"))))
