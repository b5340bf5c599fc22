"""Predicted against observed, as a table and as an answer to other programs."""

from __future__ import annotations

from typing import Any

from follicast.doors.output import table
from follicast.evidence.heading import heading
from follicast.evidence.library import evidence
from follicast.trials.qualification import Qualification

_COLUMNS = [
    "study",
    "arm",
    "week",
    "endpoint",
    "unit",
    "observed",
    "se",
    "predicted",
    "90 % interval",
    "in the fit",
]


def headed(found: Qualification) -> dict[str, Any]:
    """Return the answer with the keys that all answers share."""
    answer = found.as_json()
    studies = [evidence().studies.get(arm["study"]) for arm in answer["arms"]]
    sources = sorted({key for study in studies if study for key in study.citekeys})
    seed = (answer.get("recipe") or {}).get("seed")
    return heading(seed, sources, [skipped["because"] for skipped in answer.get("skipped", [])]) | answer


def told(found: Qualification) -> list[Any]:
    """Return the tables of a qualification: every arm, those left out, the sums of both, and the facts."""
    answer = found.as_json()
    parts: list[Any] = [_arms("Predicted against observed", answer["arms"]), _sum(answer["summary"])]
    if answer.get("left_out_arms"):
        title = "Each study predicted by a model that has not seen it"
        parts += [_arms(title, answer["left_out_arms"]), _sum(answer["leave_one_out"])]
    if answer["facts"]:
        head = ["fact", "kind", "band", "value (90 %)", "holds"]
        parts.append(table("Facts", head, map(_fact, answer["facts"]), ids=False))
    return [
        *parts,
        *(f"left aside: {s['study']} {s['arm']}: {s['because']}" for s in answer.get("skipped", [])),
    ]


def _arms(title: str, arms: list[dict[str, Any]]) -> Any:
    rows = [
        (
            a["study"],
            a["arm"],
            a["week"],
            a["endpoint"],
            a["unit"],
            _cell(a["observed"]),
            _cell(a["observed_se"]),
            _cell(a["predicted"]),
            f"{_cell(a['low90'])} to {_cell(a['high90'])}",
            "yes" if a["in_fit"] else "no",
        )
        for a in arms
    ]
    return table(title, _COLUMNS, rows)


def _fact(fact: dict[str, Any]) -> list[str]:
    band = f"{_cell(fact['low'])} to {_cell(fact['high'])} {fact['unit']}"
    value = f"{_cell(fact['value'])} ({_cell(fact['low90'])} to {_cell(fact['high90'])})"
    return [fact["fact"], fact["kind"], band, value, "yes" if fact["holds"] else "no"]


def _sum(summary: dict[str, Any] | None) -> str:
    said = [f"{key} {_cell(value)}" for key, value in (summary or {}).items()]
    return "  ".join(said) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(map(_cell, value))
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
