"""Open, waiting or closed: every rule that speaks of a therapy is tried, and what it lacks is asked for.

Closed if a closing rule holds. Waiting if a closing or waiting rule is unknown, or a waiting rule holds.
Open otherwise: nothing unanswered is ever open. It knows the rules of the evidence and no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from follicast.assessment.answer import Reason, Screened, Status, Tried, Verdict
from follicast.assessment.facts import Facts
from follicast.assessment.logic import expression
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.evidence.rule import Rule
from follicast.evidence.therapy import Therapy

POLICIES = ("strictest", "jp", "us", "eu")
GATES = ("closes", "waits")
OWN = {"composition_unknown", "composition_varies"}  # facts of the therapy, not of the person
ORDER = {"closes": 0, "waits": 1, "warns": 2, "informs": 3}


def policy_of(asked: str | None, region: str) -> str:
    """Return the policy asked for, or the patient's region's; raises `InputError` for any other."""
    policy = asked or region
    if policy not in POLICIES:
        raise InputError(f"no policy is called '{policy}'. There are: {', '.join(POLICIES)}")
    return policy


def screen(facts: Facts, policy: str) -> list[Screened]:
    """Return every therapy as open, waiting or closed, in the order of the evidence."""
    before: dict[str, Tried] = {}
    return [screen_one(therapy, facts, policy, before) for therapy in evidence().therapies.values()]


def screen_one(
    therapy: Therapy, facts: Facts, policy: str, before: dict[str, Tried] | None = None
) -> Screened:
    """Try every rule that speaks of one therapy; `before` keeps what was tried for others of the same person."""
    before = {} if before is None else before
    known = {
        **facts.known,
        "composition_unknown": therapy.composition == "unknown",
        "composition_varies": therapy.composition == "varies",
    }
    tried = [(rule, _once(rule, known, policy, before)) for rule in rules_for(therapy.id)]
    status = _status(tried)
    reasons = [_reason(rule, t) for rule, t in tried if _speaks(rule, t, status)]
    return Screened(
        therapy.id,
        status,
        sorted(reasons, key=lambda r: ORDER[r.effect]),
        _needs(tried, known) if status == "waiting" else [],
        [t for _, t in tried],
    )


@cache
def rules_for(therapy_id: str) -> tuple[Rule, ...]:
    """Return the rules that name a therapy, its family, its part of the body, or all."""
    therapy = evidence().therapies[therapy_id]
    called = {therapy.id, "all", f"body:{therapy.body}", *(f"family:{name}" for name in therapy.family)}
    return tuple(rule for rule in evidence().rules.values() if called & set(rule.for_))


def applies(rule: Rule, policy: str) -> bool:
    """Whether a rule counts under a policy: the strictest takes every region's rules."""
    return policy == "strictest" or not rule.regions or policy in rule.regions


def _once(rule: Rule, known: dict[str, Any], policy: str, before: dict[str, Tried]) -> Tried:
    """Try a rule once for all therapies, unless it asks for what is the therapy's own."""
    if rule.id in before:
        return before[rule.id]
    tried = _try(rule, known, policy)
    if not OWN & tried.facts.keys():
        before[rule.id] = tried
    return tried


def _try(rule: Rule, known: dict[str, Any], policy: str) -> Tried:
    names = expression(rule.when).names if rule.when else ()
    asked = {name: known.get(name) for name in names if name != "threshold"}
    return Tried(rule.id, rule.when, asked, _verdict(rule, known, policy), rule.effect, rule.citekeys)


def _verdict(rule: Rule, known: dict[str, Any], policy: str) -> Verdict:
    if not applies(rule, policy):
        return "not applied here"
    if rule.when is None:
        return "holds"
    bound = {"threshold": rule.threshold.value} if rule.threshold else {}
    answer = expression(rule.when).verdict({**known, **bound})
    return "unknown" if answer is None else "holds" if answer else "does not hold"


def _status(tried: Iterable[tuple[Rule, Tried]]) -> Status:
    said = {(rule.effect, t.verdict) for rule, t in tried}
    if ("closes", "holds") in said:
        return "closed"
    unanswered = any((effect, "unknown") in said for effect in GATES)
    return "waiting" if unanswered or ("waits", "holds") in said else "open"


def _speaks(rule: Rule, tried: Tried, status: Status) -> bool:
    """Whether a rule is told: it holds, or its question is what the therapy waits for."""
    return tried.verdict == "holds" or (
        status == "waiting" and tried.verdict == "unknown" and rule.effect in GATES
    )


def _reason(rule: Rule, tried: Tried) -> Reason:
    """Tell a rule; a closing rule that cannot be answered does not close, it makes the therapy wait."""
    effect = "waits" if tried.verdict == "unknown" else rule.effect
    return Reason(rule.id, effect, rule.because, rule.citekeys, rule.place, rule.verified, rule.do)


def _needs(tried: Iterable[tuple[Rule, Tried]], known: dict[str, Any]) -> list[str]:
    """Return what to ask or measure, each once, in the order in which the rules ask."""
    needs: dict[str, None] = {}
    for rule, t in tried:
        if rule.effect == "waits" and t.verdict == "holds":
            needs[rule.do or rule.because] = None
        if rule.effect in GATES and t.verdict == "unknown":
            needs.update(dict.fromkeys(evidence().facts[name].need for name in t.facts if name not in known))
    return list(needs)
