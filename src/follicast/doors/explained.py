"""An explanation on the terminal: the verdict, each rule tried, the evidence class, each number used."""

from __future__ import annotations

import math
from typing import Any

from follicast import skin
from follicast.assessment.answer import Tried
from follicast.doors.output import table
from follicast.plan.explanation import Explanation
from follicast.report.terminal import seen_first


def told(found: Explanation) -> list[Any]:
    """Return an explanation as texts and tables."""
    screened, assessment = found.screened, found.assessment
    how = f"policy {assessment.policy}, prior odds of {assessment.setting} care"
    parts: list[Any] = [*seen_first(assessment), f"{found.therapy.name}: {screened.status} ({how})"]
    parts += [
        f"  {reason.effect}: {reason.because} [{', '.join(reason.source)}]" for reason in screened.reasons
    ]
    parts += [f"  needs: {need}" for need in screened.needs]
    parts += ["", _rules(screened.trace), *_evidence(found), _numbers(found)]
    return parts


def _rules(trace: list[Tried]) -> Any:
    rows = [
        (
            tried.rule,
            tried.when or "always",
            _facts(tried),
            tried.verdict,
            tried.effect,
            ", ".join(tried.source),
        )
        for tried in trace
    ]
    return table("Rules tried", ["rule", "asks", "known", "verdict", "effect", "source"], rows)


def _facts(tried: Tried) -> str:
    said = {name: _fact(value) for name, value in tried.facts.items()}
    return ", ".join(f"{name}: {value}" for name, value in said.items())


def _fact(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "never" if value == math.inf else f"{value:g}" if isinstance(value, float) else str(value)


def _evidence(found: Explanation) -> list[str]:
    standing, sure = found.standing, found.certainty
    said = [f"Evidence for a curve: {standing.grade}: {standing.because}"]
    said += [f"  missing: {standing.missing}"] if standing.missing else []
    said += [f"  studies: {', '.join(standing.studies)}"] if standing.studies else []
    said += skin.told(found.effects)
    return [*said, f"Certainty: {sure.grade}. {sure.because} [{', '.join(sure.source)}]", ""]


def _numbers(found: Explanation) -> Any:
    rows = [
        (
            name,
            f"{n.value:g}",
            _span(found.fitted.get(name)),
            n.unit,
            n.kind,
            ", ".join(n.citekeys),
            n.reason or n.place,
        )
        for name, n in found.numbers.items()
    ]
    return table(
        "Numbers used",
        ["number", "value", "fitted (90 %)", "unit", "kind", "source", "place or reason"],
        rows,
    )


def _span(fitted: dict[str, float] | None) -> str:
    return f"{fitted['median']:.2g} ({fitted['low']:.2g} to {fitted['high']:.2g})" if fitted else ""
