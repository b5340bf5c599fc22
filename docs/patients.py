"""The page of patients in plain words: what was expected of each, what came out, and what is known to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saying import KNOWN, listing, number, of, table

from follicast.assessment.answer import Diagnosis
from follicast.assessment.diagnosis import diagnose
from follicast.assessment.facts import Facts
from follicast.assessment.red_flags import red_flags
from follicast.evidence.reader import parse
from follicast.patient import Patient

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases"
TOLD = 3  # diagnoses shown of each patient
LEAD = (
    "Each patient is told in plain words; what a clinician would expect was written down before the first run. "
    "Probabilities stand alone (several may be true at once): prior odds times likelihood ratios. Findings are "
    "multiplied as if they were independent, and one kind explains another away only where a finding says so, "
    "so read them as an order of what to think of, not as a frequency. In brackets: how far each moves if "
    "every ratio lies at one end of its band."
)


def content(path: Path) -> dict[str, Any]:
    """Return what a YAML file holds."""
    return dict(parse(path.read_text(), path).content)


def told() -> list[tuple[str, str, dict[str, Any]]]:
    """Return every case that is told, with its file and name."""
    return [
        (path.stem, name, case)
        for path in sorted(CASES.glob("*.yaml"))
        for name, case in content(path).items()
        if isinstance(case, dict) and "story" in case
    ]


def patient(case: dict[str, Any]) -> Patient:
    """Return the patient of a case: written out, or like an example with changes."""
    like = dict(case["patient"]) if "patient" in case else content(ROOT / f"examples/{case['like']}.yaml")
    like |= case.get("but", {})
    return Patient.model_validate({key: value for key, value in like.items() if value is not None})


def _expected(case: dict[str, Any]) -> str:
    parts = [f"**{of(case['leading'])}** leads"] if "leading" in case else []
    if "among_first" in case:
        first = case["among_first"]
        parts.append(f"{', '.join(map(of, first['conditions']))} among the first {first['n']}")
    parts += [f"likely: {', '.join(map(of, case['likely']))}"] if case.get("likely") else []
    parts += [f"unlikely: {', '.join(map(of, case['unlikely']))}"] if case.get("unlikely") else []
    if "red_flags" in case:
        parts.append(f"red flags: {', '.join(case['red_flags']) or 'none'}")
    return "; ".join(parts)


def _came_out(case: dict[str, Any]) -> str:
    facts = Facts(patient(case))
    first = ", ".join(_one(diagnosis) for diagnosis in diagnose(facts)[:TOLD])
    flags = ", ".join(flag.id for flag in red_flags(facts)) or "none"
    wrong = f"; **known to be wrong:** {case['known_wrong']}" if "known_wrong" in case else ""
    return f"{first}; red flags: {flags}{wrong}"


def _one(d: Diagnosis) -> str:
    return f"{d.name} {d.probability:.0%} ({d.probability_low:.0%} to {d.probability_high:.0%})"


def _from(case: dict[str, Any], works: dict[str, Any]) -> str:
    key = case.get("from", "composed")
    if key in KNOWN.references:
        return KNOWN.references[key].named
    return works[key]["title"] if key in works else key


def _scores() -> list[str]:
    lines = []
    for run in content(CASES / "first-runs.yaml").values():
        rows = [[what, _of(score), _of(run["hard"][what])] for what, score in run["typical"].items()]
        lines += [f"At the first run of {run['what']}:", "", *table(["", "typical", "hard"], rows)]
    return lines


def _of(score: list[int] | int) -> str:
    return f"{score[0]} of {score[1]}" if isinstance(score, list) else str(score)


def _strengths() -> list[str]:
    names = ("marginal", "small", "moderate", "large", "prior_counted", "prior_elicited")
    rows = []
    for name in names:
        off, since = KNOWN.numbers[f"strength.{name}_off"], KNOWN.numbers.get(f"strength.{name}_from")
        start = number(since) if since else "1" if name == "marginal" else ""
        rows.append([name.replace("_", " odds, "), start, f"times or divided by {off.value:g}", off.reason])
    return table(["strength", "from a ratio of", "may be off by", "why"], rows)


def page() -> None:
    """Write every case, the first scores, and the bands of the ratios."""
    entries, works = told(), content(CASES / "works.yaml")
    wrong = [name for _, name, case in entries if "known_wrong" in case]
    head = ["patient", "from", "expected", "what comes out"]
    sections = [
        (
            "How often it was right",
            [
                f"{len(entries)} patients, of whom {len(wrong)} are known to come out wrong; each says why below.",
                "",
                *_scores(),
            ],
        ),
        ("How strong a finding is, and how far its ratio may be off", _strengths()),
    ]
    for file in dict.fromkeys(file for file, _, _ in entries):
        rows = [
            [
                f"**{name.replace('-', ' ')}**: {case['story']}",
                _from(case, works),
                _expected(case),
                _came_out(case),
            ]
            for where, name, case in entries
            if where == file
        ]
        sections.append((file.replace("-", " ").capitalize(), table(head, rows)))
    listing("cases", "Patients in plain words", LEAD, sections)
