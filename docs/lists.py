"""The pages that are lists: claims, conflicts, rules, scales, numbers, codes, works, drugs and others."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from saying import KNOWN, OUT, asks, because, cell, cite, link, listing, number, of, table, words

from follicast.evidence import census
from follicast.evidence.judgement import Judged, judged
from follicast.report.bibliography import bibtex


def claims() -> None:
    """Write a page for the claims of each source page, and one that counts them and shows what was asked."""
    told, pages = judged(KNOWN), list(dict.fromkeys(KNOWN.claimed_on.values()))
    for page in pages:
        own = [_claim(one) for one in told if one.page == page]
        listing(f"claims/{page}", KNOWN.references[page].title, "What this page claims.", [("", own)])
    lead = (
        "What the five pages that Follicast grew from claim, each claim on its own, and what honours it. "
        "*Emergent* claims are put to the model, which may contradict them; *built in* ones are assumptions of "
        "the model; *outside* ones the model cannot judge."
    )
    counts = Counter((one.claim.kind, one.verdict or "") for one in told)
    rows = [[kind, verdict, number] for (kind, verdict), number in sorted(counts.items())]
    asked = [
        [
            f"[{one.claim_id}](#claim-{one.claim_id.lower()})",
            one.claim.says,
            one.verdict,
            _came_out(one.as_json()),
        ]
        for one in told
        if one.claim.kind == "emergent"
    ]
    sections = [
        ("How many", table(["kind", "verdict", "claims"], rows)),
        (
            "What was put to virtual people",
            table(["claim", "it says", "verdict", "asked, and what came out"], asked),
        ),
    ]
    listing("claims/index", "Claims of the source pages", lead, sections, pages)


def _claim(one: Judged) -> str:
    c, said = one.claim, one.as_json()
    name = one.claim_id
    lines = [f"(claim-{name.lower()})=", f"**{name}** ({c.kind}, {c.topic}): {c.says}", ""]
    lines += [f"- honoured by {', '.join(link(to) for to in c.honoured_by)}"]
    lines += [f"- **{one.verdict}** {_came_out(said)}"] if one.verdict else []
    lines += [f"- why: {c.why}"] if c.why else []
    lines += [f"- trials: {c.trials.text} {cite(c.trials)}"] if c.trials else []
    lines += [f"- **corrected:** {c.corrected.text} {cite(c.corrected)}"] if c.corrected else []
    return "\n".join([*lines, ""])


def _came_out(said: dict[str, Any]) -> str:
    """Say what virtual people answered, and in which band the claim would have held."""
    asked = said["asked"] or ""
    if said["value"] is None:
        return asked
    low, high = said["band"]
    band = f"from {low:g}" if high is None else f"up to {high:g}" if low is None else f"{low:g} to {high:g}"
    unit = KNOWN.units.get(said["unit"], said["unit"])
    return f"{asked} {said['value']:.3g} {unit} (90 % {said['low90']:.3g} to {said['high90']:.3g}; would hold: {band})"


def conflicts() -> None:
    """Write every disagreement."""
    entries = []
    for c in KNOWN.conflicts.values():
        sides = "\n".join(f"- {s.says}{f' ({s.date})' if s.date else ''} {cite(s)}" for s in c.sides)
        where = "".join(f"\n\nIn {region.upper()}: {says}" for region, says in c.by_region.items())
        where += f"\n\n*Told to a patient:* {c.kindly}" if c.kindly else ""
        followed = c.follows.rstrip(".")
        entries.append(
            f"(conflict-{c.id.lower()})=\n## {c.topic}\n\n{sides}\n\n**Followed here:** {followed}. {c.why}{where}\n"
        )
    listing("conflicts", "Where sources disagree", "Both sides, which is followed, and why.", [("", entries)])


def rules() -> None:
    """Write every safety rule, by effect."""
    sections = []
    for effect in ("closes", "waits", "warns", "informs"):
        rows = [
            [f'<a id="rule-{r.id}"></a>{r.id}', ", ".join(r.for_), asks(r), because(r), cite(r)]
            for r in KNOWN.rules.values()
            if r.effect == effect
        ]
        sections.append((f"What {effect}", table(["rule", "for", "when", "because", "source"], rows)))
    listing(
        "rules",
        "Safety rules",
        "Each rule with its effect, what it asks for, and whose rule it is.",
        sections,
    )


def red_flags() -> None:
    """Write every red flag."""
    flags = [[f.id, f.when, f.because, f.do, f.urgency, cite(f)] for f in KNOWN.red_flags.values()]
    listing(
        "red-flags",
        "Red flags",
        "Signs that always refer. No setting switches them off.",
        [("", table(["sign", "when", "because", "do", "how soon", "source"], flags))],
    )


def grades() -> None:
    """Write the grades of guidelines."""
    rows = [
        [
            g.guideline,
            g.year,
            of(g.condition),
            g.what,
            "/".join(g.sex),
            g.grade,
            g.means,
            g.verified,
            cite(g),
        ]
        for g in KNOWN.grades.values()
    ]
    listing(
        "guidelines",
        "What guidelines say",
        "Grades in each guideline's own letters.",
        [
            (
                "",
                table(
                    ["guideline", "year", "condition", "what", "sex", "grade", "means", "verified", "source"],
                    rows,
                ),
            )
        ],
    )


def scales() -> None:
    """Write every scale."""
    listing(
        "scales", "Scales", "How hair loss is graded.", [(s.name, _scale(s)) for s in KNOWN.scales.values()]
    )


def checklists() -> None:
    """Write every checklist."""
    listing(
        "checklists",
        "Checklists",
        "Before, during and after, and how to choose a clinic.",
        [(c.title, [*(_item(i) for i in c.items.values()), ""]) for c in KNOWN.checklists.values()],
    )


def numbers() -> None:
    """Write every number wherever it stands."""
    named = census.numbers(KNOWN)
    rows = [
        [_marked(k), f"{n.value:g}", n.unit, n.kind, n.place, n.reason or "", cite(n)]
        for k, n in named.items()
    ]
    assumed = sum(n.kind == "assumed" for n in named.values())
    listing(
        "numbers",
        "Every number",
        f"All {len(named)} numbers, of which {assumed} are assumed, each with its reason.",
        [("", table(["name", "value", "unit", "kind", "place", "reason", "source"], rows))],
    )


def number_place(name: str) -> str:
    """Return the address of a number on the page of numbers, for the pages beside it."""
    return f"numbers.html#{_mark(name)}"


def _mark(name: str) -> str:
    return "number-" + re.sub(r"[^\w.-]+", "-", name)


def _marked(name: str) -> str:
    return f'<a id="{_mark(name)}"></a>{name}'


def _scale(s: Any) -> list[str]:
    lines = [f"{s.use} {cite(s)}", ""]
    lines += [
        f"- **{level.level}**: {level.says}{'' if level.verified == 'yes' else f' (verified: {level.verified})'}"
        for level in s.levels
    ]
    lines += [f"- weight of {name}: {number(n)}" for name, n in s.weights.items()]
    lines += [
        f"- read on {way.to}: " + "; ".join(f"{a} is {b}" for a, b in way.table.items()) + f" {cite(way)}"
        for way in s.conversions
    ]
    return [*lines, ""]


def _item(i: Any) -> str:
    instead = f" (the page said: {i.replaces})" if i.replaces else ""
    held = f" **{i.met}**: {i.how}" if i.met else ""
    return f"- {i.when + ': ' if i.when else ''}{i.text}{instead}{held} {cite(i)}"


def codes() -> None:
    """Write the standard codes and the licences of their systems."""
    systems = [[s.name, s.ships, s.licence, s.notice or "", cite(s)] for s in KNOWN.code_systems.values()]
    rows = [
        [
            coded.kind,
            coded.name,
            KNOWN.code_systems[code.system].name,
            code.code,
            code.name or "",
            code.match,
            code.verified,
        ]
        for coded in KNOWN.codes.values()
        for code in coded.codes
    ]
    listing(
        "codes",
        "Standard codes",
        "What other systems call our entries, where their licence lets us say so.",
        [
            ("Systems", table(["system", "what lies here", "licence", "notice", "source"], systems)),
            ("Codes", table(["kind", "entry", "system", "code", "name", "match", "verified"], rows)),
        ],
    )


def works() -> None:
    """Write the list of works, and the same as BibTeX."""
    entries = []
    for key, r in sorted(KNOWN.references.items()):
        ids = (f"doi {r.doi}" if r.doi else "", f"PMID {r.pmid}" if r.pmid else "")
        at = ", ".join(part for part in (r.where, *ids) if part)
        head = f"(ref-{key.lower()})=\n**{cell(r.short)}**. {cell(r.title)}."
        entries.append(f"{head} {at}{'.' if at else ''} Read: {r.read}. `{key}`\n")
    (OUT / "references.bib").write_text(bibtex(KNOWN.references))
    listing(
        "references",
        "Works",
        "Every work that the evidence rests on, and how much of it was read. As a file: {download}`references.bib`.",
        [("", entries)],
    )


def uses() -> None:
    """Write the list of what injections into the skin are used for, and what was found of each."""
    rows = []
    for held in KNOWN.uses.values():
        studies = [s.id for s in KNOWN.studies.values() if s.condition in held.indications]
        found = ", ".join(f"[{name}](#study-{name.lower()})" for name in studies)
        given = ", ".join(f"[{KNOWN.therapies[t].name}](#therapy-{t})" for t in held.therapies)
        known = f"{held.known.text} {cite(held.known)}" if held.known else ""
        rows.append([f"**{held.name}**", ", ".join(held.names), given, found or "none is held", known])
    lead = (
        "What injections into the skin are used or praised for. A plan for the skin shows what the studies of a "
        "use found, with their own intervals and without a curve; the words may stand in `wishes: {skin: …}`."
    )
    head = ["use", "other words", "given for it", "studies", "what else is known"]
    listing("uses", "Uses on the skin", lead, [("", table(head, rows))])


def drugs() -> None:
    """Write the list of drugs that a patient's file may name."""
    rows = [
        [
            words(name),
            ", ".join(drug.names),
            ", ".join(map(words, drug.classes)),
            ", ".join(map(words, drug.contains)),
        ]
        for name, drug in sorted(KNOWN.drugs.items())
    ]
    lead = (
        "Every drug that a patient's file may name, by any of its names, and the classes that rules ask for. A "
        "product of several drugs counts as each. A drug in no class is known, and no rule speaks of it."
    )
    listing("drugs", "Drugs", lead, [("", table(["drug", "other names", "classes", "contains"], rows))])


ALL = (claims, conflicts, rules, red_flags, grades, scales, checklists, numbers, codes, works, uses, drugs)
