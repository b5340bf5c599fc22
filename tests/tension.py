"""Rules that pull against each other: found by trying every answer to the facts they ask for.

Two rules are looked at where they speak of one therapy, count under one policy and share a fact. `python
tests/tension.py` prints what is found; tests/test_tension.py holds it against the list of what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any

from follicast.assessment.logic import expression
from follicast.assessment.opening import opening
from follicast.assessment.screening import GATES, POLICIES, applies, gates_for, rules_for
from follicast.evidence.library import evidence
from follicast.evidence.rule import Rule

STRONG = {"closes": 3, "waits": 2, "warns": 1, "informs": 0}
ONLY_WOMEN = (
    "pregnant",
    "planning_pregnancy",
    "breastfeeding",
    "postpartum",
    "can_conceive",
    "combined_pill",
)
ONLY_MEN = ("prostate_cancer", "psa_high", "male_pattern")


@dataclass(frozen=True, order=True)
class Tension:
    """Two rules (or one) and what is the matter between them."""

    kind: str
    rule: str
    by: str = ""


@cache
def names_of(rule: str) -> tuple[str, ...]:
    """Return the facts that a rule asks for."""
    when = evidence().rules[rule].when
    return tuple(n for n in expression(when).names if n != "threshold") if when else ()


def holds(rule: str, facts: dict[str, Any]) -> bool:
    """Whether a rule holds where everything it asks for is known."""
    one = evidence().rules[rule]
    if one.when is None:
        return True
    bound = {"threshold": one.threshold.value} if one.threshold else {}
    return bool(expression(one.when).verdict({**facts, **bound}))


@cache
def implied(fact: str) -> frozenset[str]:
    """Return the facts that are so wherever a fact is: a heart failure is a heart disease, a pregnant one a woman."""
    held, terms = evidence().facts, evidence().terms
    broader = set(terms[held[fact].key].implies) if held[fact].key in terms else set()
    more = {name for name, other in held.items() if other.key in broader}
    drugs = evidence().drugs
    if held[fact].source_kind == "drug" and held[fact].key in drugs:
        classes = drugs[held[fact].key].classes
        more |= {n for n, other in held.items() if other.source_kind == "drug class" and other.key in classes}
    return frozenset(more | ({"female"} if fact in ONLY_WOMEN else set()))


def can_be(facts: dict[str, Any]) -> bool:
    """Whether answers agree with each other as far as words imply each other."""
    for name, value in facts.items():
        if value is True and any(facts.get(other) is False for other in implied(name)):
            return False
        if value is True and name in ONLY_MEN and facts.get("female") is True:
            return False
    return not (facts.get("age", 50) < 10 and facts.get("pregnant"))


def answers(rules: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield every way in which the facts that some rules ask for can be answered."""
    names = sorted({name for rule in rules for name in names_of(rule)})
    for values in product(*(_values(name, rules) for name in names)):
        facts = dict(zip(names, values, strict=True))
        if can_be(facts):
            yield facts


def _values(name: str, rules: tuple[str, ...]) -> tuple[Any, ...]:
    if evidence().facts[name].type == "bool":
        return (False, True)
    asking = [evidence().rules[rule] for rule in rules if name in names_of(rule)]
    cuts = sorted({rule.threshold.value for rule in asking if rule.threshold}) or [0.0]
    return tuple(sorted({x for cut in cuts for x in (cut - 0.01, cut, cut + 0.01)}))


def never() -> Iterator[Tension]:
    """Yield the rules that no answer makes true, and those with a condition that every answer makes true."""
    for rule in evidence().rules.values():
        if rule.when is None or rule.when == "true":
            continue
        said = {holds(rule.id, facts) for facts in answers((rule.id,))}
        if said == {False}:
            yield Tension("never holds", rule.id)
        if said == {True}:
            yield Tension("always holds", rule.id)


def shared(a: Rule, b: Rule) -> bool:
    """Whether two rules speak of one therapy under one policy and ask for one fact."""
    together = any(applies(a, policy) and applies(b, policy) for policy in POLICIES)
    return together and bool(set(names_of(a.id)) & set(names_of(b.id))) and bool(_spoken(a) & _spoken(b))


@cache
def _all_spoken() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for therapy in evidence().therapies:
        for rule in rules_for(therapy):
            found.setdefault(rule.id, set()).add(therapy)
    return {name: frozenset(therapies) for name, therapies in found.items()}


def _spoken(rule: Rule) -> frozenset[str]:
    return _all_spoken().get(rule.id, frozenset())


def pairs() -> Iterator[Tension]:
    """Yield what is the matter between two rules: twins, rules overruled or idle beside another, opposite gates."""
    for a, b in combinations(evidence().rules.values(), 2):
        if shared(a, b):
            yield from _between(a, b)


def _between(a: Rule, b: Rule) -> Iterator[Tension]:
    said = {(holds(a.id, facts), holds(b.id, facts)) for facts in answers((a.id, b.id))}
    if a.effect in GATES and b.effect in GATES and (False, False) not in said:
        yield Tension("cannot both let pass", a.id, b.id)
    only_with_b, only_with_a = (True, False) not in said, (False, True) not in said
    if only_with_b and only_with_a and a.effect == b.effect and (a.regions == b.regions):
        yield Tension("twins", a.id, b.id)
        return
    if only_with_b:
        yield from _under(a, b)
    if only_with_a:
        yield from _under(b, a)


def _under(small: Rule, large: Rule) -> Iterator[Tension]:
    """What it means that one rule holds only where another holds too, wherever both speak."""
    if not _spoken(small) <= _spoken(large) or not _counts_wherever(large, small):
        return
    if large.effect == "closes" and small.effect in ("warns", "informs"):
        yield Tension("told only where it is closed", small.id, large.id)
    elif STRONG[large.effect] >= STRONG[small.effect] and small.effect in GATES:
        yield Tension("decides nothing beside", small.id, large.id)


def _counts_wherever(large: Rule, small: Rule) -> bool:
    return all(applies(large, policy) for policy in POLICIES if applies(small, policy))


def shut_for_everybody() -> Iterator[Tension]:
    """Yield the therapies that no answer at all could open."""
    for therapy in evidence().therapies:
        for policy in POLICIES:
            if gates_for(therapy, policy) and opening(therapy, {}, policy) is None:
                yield Tension("opens for nobody", therapy, policy)


def found() -> list[Tension]:
    """Return all that was found, each once."""
    return sorted({*never(), *pairs(), *shut_for_everybody()})


if __name__ == "__main__":
    for one in found():
        print(f"{one.kind}: {one.rule}{' | ' + one.by if one.by else ''}")
    print(len(found()), "in all")
