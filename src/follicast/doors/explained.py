"""An explanation on the terminal: the verdict, each rule tried, the evidence class, each number used."""

from __future__ import annotations

import math
from typing import Any

from follicast import skin
from follicast.assessment.answer import Tried
from follicast.assessment.opening import Change, Opening
from follicast.assessment.policies import Differing
from follicast.doors.output import table
from follicast.plan.explanation import Explanation
from follicast.report.assessed import seen_first
from follicast.report.trace import HOW

_DECIDED = ("holds", "unknown")


def told(found: Explanation, everything: bool = False) -> list[Any]:
    """Return an explanation as texts and tables; rules that say no here are counted, unless all are asked for."""
    screened, assessment = found.screened, found.assessment
    how = f"policy {assessment.policy}, prior odds of {assessment.setting} care"
    parts: list[Any] = [*seen_first(assessment), f"{found.therapy.name}: {screened.status} ({how})"]
    parts += [
        f"  {reason.effect}: {reason.because} [{', '.join(reason.source)}]" for reason in screened.reasons
    ]
    parts += [f"  needs: {need}" for need in screened.needs]
    parts += [*_policies(found.policies), *_opens(found.opens_if)]
    parts += ["", *_rules(screened.trace, everything), *_evidence(found), _numbers(found)]
    return parts


def _opens(found: Opening | None) -> list[str]:
    """Say the smallest set of facts that would open a therapy."""
    if found is None:
        return ["Nothing that could be answered or changed would open it."]
    if not found.changes:
        return []
    head = (
        "It would be open if this were so, and no smaller change would do:"
        if found.possible
        else "It would be open only if what cannot be changed were otherwise; no smaller change would do:"
    )
    return [head, *(f"  {_said(change)}" for change in found.changes)]


def _said(change: Change) -> str:
    now = "" if change.now is None else f" (now {_fact(change.now)})"
    instead = f" Or: {change.instead}." if change.instead else ""
    return f"{change.says}{now}: {HOW[change.how]}.{instead} [{', '.join(change.rules)}]"


def _policies(found: Differing | None) -> list[str]:
    """Say how a therapy stands under the other policies, where they differ."""
    if found is None:
        return ["Under every policy (strictest, jp, us, eu) it stands so."]
    stands = ", ".join(f"{policy}: {status}" for policy, status in found.status.items())
    return [f"By policy: {stands} (rules of regions: {', '.join(found.rules)})"]


def _rules(trace: list[Tried], everything: bool) -> list[Any]:
    shown = [tried for tried in trace if everything or tried.verdict in _DECIDED]
    left = len(trace) - len(shown)
    more = [f"{left} more rules were tried and do not hold or are not applied here; --all shows them.", ""]
    return [_tried(shown), *(more if left else [])]


def _tried(trace: list[Tried]) -> Any:
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
