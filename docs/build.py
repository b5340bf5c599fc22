"""Writes the evidence as pages to read: one a therapy, a condition, a study, lists of all else, and the model.

They are made anew from the data and never edited: python docs/build.py (make docs then lets Sphinx build them).
"""

from __future__ import annotations

import shutil
from typing import Any

import credibility
import interfaces
import lists
import matrix
import model_page
import patients
import pictures_page
from forest import Row, forest
from saying import KNOWN, OUT, figure, listing, of, people, table, words, write

from follicast.assessment.screening import rules_for
from follicast.evidence.condition import Condition
from follicast.evidence.grading import standing
from follicast.evidence.study import Result, Study
from follicast.evidence.therapy import Sex, Therapy
from follicast.plan.spacing import names_of
from follicast.trials.net import Net, net_counts
from follicast.trials.observations import Z95


def claims_about(link: str) -> list[tuple[str, Any]]:
    """Return the claims that something honours."""
    return [(k, c) for k, c in KNOWN.claims.items() if _touches(c.honoured_by, link)]


def _in_order(n: Net) -> tuple[object, ...]:
    return n.pooled, n.endpoint, n.against is None, n.study, n.week


def _net_row(n: Net) -> Row:
    when = f", week {n.week:g}" if n.week else ""
    label = f"{n.study}{when}, {words(n.endpoint)}{' (pooled)' if n.pooled else ''}"
    held = KNOWN.conditions.get(KNOWN.studies[n.study].condition)
    other = f", {held.name.lower()}" if held and held.kind != "pattern" else ""
    return Row(label + other, n.value, *n.interval, bool(n.against), n.printed, n.pooled, n.arm)


def therapy(t: Therapy, nets: list[Net]) -> None:
    """Write the page of one therapy; `nets` is what studies counted under it alone."""
    rows = [_net_row(n) for n in nets]
    write(
        f"therapies/{t.id}",
        "therapy",
        t=t,
        nets=nets,
        studies=[s for s in KNOWN.studies.values() if any(t.id in arm.therapies for arm in s.arms)],
        forest=figure(forest(rows, "hairs per cm²", f"What studies of {t.name} counted")) if rows else "",
        standings={sex: standing(KNOWN, t.id, sex) for sex in ("F", "M")},
        harms=[h for h in KNOWN.harms if h.therapy == t.id],
        rules=rules_for(t.id),
        grades=[g for g in KNOWN.grades.values() if t.id in g.therapies],
        windows=[w for w in KNOWN.windows.values() if names_of(t.id) & {*w.of, *w.keeps_off}],
        conflicts=[c for c in KNOWN.conflicts.values() if _touches(c.shown_at, f"therapy:{t.id}")],
        claims=claims_about(f"therapy:{t.id}"),
    )


def _touches(links: list[str], entry: str) -> bool:
    return any(link.split("#")[0] == entry for link in links)


def therapies(nets: list[Net]) -> None:
    """Write a page for each therapy, and their list."""
    for t in KNOWN.therapies.values():
        therapy(t, sorted((n for n in nets if n.therapies == (t.id,)), key=_in_order))
    rows = [
        [f"[{t.name}](#therapy-{t.id})", t.route, *(standing(KNOWN, t.id, sex).grade for sex in ("F", "M"))]
        for t in KNOWN.therapies.values()
    ]
    lead = (
        "How far the evidence for an effect on hair counts reaches is decided by the studies, per therapy and "
        "sex: *calibrated*, *by analogy*, or *refused*, in which case no curve is drawn."
    )
    listing(
        "therapies/index",
        "Therapies",
        lead,
        [("", table(["therapy", "route", "in women", "in men"], rows))],
        KNOWN.therapies,
    )


def _reach(therapy: str, sexes: list[Sex]) -> str:
    """Say how far the evidence for more hair reaches, by sex."""
    return ", ".join(f"{standing(KNOWN, therapy, sex).grade} in {people([sex])}" for sex in sexes)


def condition(c: Condition) -> None:
    """Write the page of one kind of hair loss."""
    write(
        f"conditions/{c.id}",
        "condition",
        c=c,
        systems=KNOWN.code_systems,
        codes=KNOWN.codes.get(f"condition:{c.id}"),
        therapies=[(t, _reach(t.id, c.sex)) for t in KNOWN.therapies.values() if c.id in t.treats],
        studies=[s for s in KNOWN.studies.values() if s.condition == c.id],
        claims=claims_about(f"condition:{c.id}"),
    )


def conditions() -> None:
    """Write a page for each kind of hair loss, and their list."""
    for c in KNOWN.conditions.values():
        condition(c)
    ordered = sorted(KNOWN.conditions.values(), key=lambda c: c.alias)
    rows = [[c.alias, f"[{c.name}](#condition-{c.id})", c.group, c.refer] for c in ordered]
    listing(
        "conditions/index",
        "Kinds of hair loss",
        "Every kind that is weighed, and who should see it.",
        [("", table(["number", "condition", "group", "refer"], rows))],
        [c.id for c in ordered],
    )


def _study_forests(s: Study) -> list[str]:
    """Draw what a study found, one plot for each thing that is counted in a unit of its own."""
    shown = [(_axis(r), r) for r in s.results if r.change is not None]
    drawn = []
    for axis in dict.fromkeys(axis for axis, _ in shown):
        rows = [_row(s, r) for on, r in shown if on == axis]
        drawn.append(figure(forest(rows, axis, f"What {s.id} found: {axis}")))
    return drawn


def _axis(r: Result) -> str:
    if r.is_share:
        return "of 100 people"
    return f"change from baseline, {KNOWN.units.get(r.unit, r.unit) or 'ratio'}"


def _row(s: Study, r: Result) -> Row:
    half = _half_width(s, r)
    low, high = (r.spread.low, r.spread.high) if r.spread and r.spread.kind == "ci95" else (None, None)
    if half is not None and r.change is not None:
        low, high = r.change - half, r.change + half
    when = f", week {r.week:g}" if r.week else ""
    name = f"{r.arm}{' minus ' + r.minus if r.minus else ''}{when}, {words(r.endpoint)}"
    return Row(name, r.change or 0.0, low, high, bool(r.minus) or s.arm(r.arm).control is None)


def _half_width(s: Study, r: Result) -> float | None:
    """Return half of the 95 % interval where a spread was printed."""
    if r.spread is None or r.spread.value is None:
        return None
    people = s.arm(r.arm).n
    if r.spread.kind == "se":
        return Z95 * r.spread.value
    return Z95 * r.spread.value / people**0.5 if r.spread.kind == "sd" and people and not r.minus else None


def study(s: Study) -> None:
    """Write the page of one study."""
    write(f"studies/{s.id}", "study", s=s, works=KNOWN.references, forests=_study_forests(s))


def studies() -> None:
    """Write a page for each study, and their list."""
    for s in KNOWN.studies.values():
        study(s)
    rows = [
        [
            f"[{s.id}](#study-{s.id.lower()})",
            of(s.condition),
            s.sex,
            "; ".join(a.name for a in s.arms),
            s.risk_of_bias,
            len(s.calibrating) or "",
            s.second_reading.verdict,
        ]
        for s in KNOWN.studies.values()
    ]
    head = ["study", "condition", "sex", "arms", "risk of bias", "calibrating results", "second reading"]
    listing(
        "studies/index",
        "Studies",
        "Every published study that is held: what was done and found, how it was read, how far to trust it.",
        [("", table(head, rows))],
        KNOWN.studies,
    )


def build() -> None:
    """Write all pages."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    therapies([net for s in KNOWN.studies.values() for net in net_counts(s)])
    conditions()
    studies()
    for page in (
        model_page.page,
        pictures_page.page,
        credibility.page,
        patients.page,
        matrix.page,
        interfaces.page,
        *lists.ALL,
    ):
        page()


if __name__ == "__main__":
    build()
    print(f"docs/reference: {sum(1 for _ in OUT.rglob('*.md'))} pages")
