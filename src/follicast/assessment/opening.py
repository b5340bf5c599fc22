"""What would open a therapy: the smallest set of facts that would have to be answered, or be otherwise.

The search is exact. What holds a therapy up are its gates (rules that close or wait) that are not known to be
untrue. Each has its smallest ways out; a set that opens the therapy holds one way out of every gate, and the
smallest such set is found by branching over the gate with the fewest. It speaks of facts and not of people: that
an anticoagulant would have to be absent is no advice to stop it, and each change says whether it can be made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations, pairwise, product
from typing import Any

from follicast.assessment.screening import Gate, gates_for, immunoassays, known_to, own_facts
from follicast.evidence.intake import CHANGES
from follicast.evidence.library import evidence

Ways = tuple[tuple[tuple[str, Any], ...], ...]
_REMEMBERED = 1 << 14  # gates met in one state of their facts
_LITERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_ASIDE = (
    0.1  # how far beside a bound a value is taken that stands for all values on that side (a share of it)
)


@dataclass(frozen=True)
class Change:
    """One fact that would have to be answered so (`now` None), or be otherwise; `how` says if and how it can.

    `to` is a value that would do, `says` which values would; `rules` are the gates that it lets through.
    """

    fact: str
    now: Any
    to: Any
    says: str
    how: str
    can: bool
    rules: list[str]
    instead: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class Opening:
    """The smallest set of facts that would open a therapy; empty where it is open."""

    therapy: str
    changes: list[Change]

    @property
    def possible(self) -> bool:
        """Whether everything that would have to change can be asked, measured or changed."""
        return all(change.can for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return the changes, and whether all of them can be made."""
        return {"possible": self.possible, "changes": [change.as_json() for change in self.changes]}


def opening(therapy_id: str, known: Mapping[str, Any], policy: str) -> Opening | None:
    """Return the smallest set of facts that would open a therapy, or None where no fact would."""
    gates = gates_for(therapy_id, policy)
    now = {**known_to(therapy_id, known), **known}
    sought = [
        _smallest(gates, applied(therapy_id, known, start), start, _unread({**known, **start}), now)
        for start in _starts(known)
    ]
    found = [changed for changed in sought if changed is not None]
    if not found:
        return None
    best = min(found, key=lambda changed: _cost(changed, now))
    return Opening(therapy_id, [_change(name, therapy_id, best, known, gates) for name in best])


def applied(therapy_id: str, known: Mapping[str, Any], to: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known when a therapy is screened after some facts have been answered or changed."""
    own = {name: value for name, value in to.items() if name in own_facts(therapy_id)}
    return {**known_to(therapy_id, {**known, **to}), **own}


def values_of(name: str, gates: Iterable[Gate]) -> tuple[Any, ...]:
    """Return one value for everything that gates can tell apart of a fact."""
    if evidence().facts[name].type == "bool":
        return (False, True)
    cuts = sorted({cut for gate in gates if name in gate.names for cut in _cuts(gate)})
    between = [(low + high) / 2 for low, high in pairwise(cuts)]
    aside = [cuts[0] - _ASIDE * (abs(cuts[0]) or 1), cuts[-1] + _ASIDE * (abs(cuts[-1]) or 1)]
    return tuple(sorted([*cuts, *between, *aside]))


# --- the search ---


def _starts(known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Begin with nothing changed; and where biotin is or may be taken, with its absence, which lets tests be read."""
    yield {}
    if known.get("biotin_taken") is not False:
        yield {"biotin_taken": False}


def _unread(known: Mapping[str, Any]) -> frozenset[str]:
    """Return the facts that no answer could settle: tests, for as long as biotin may falsify them."""
    return frozenset() if known.get("biotin_taken") is False else immunoassays()


def _smallest(
    gates: tuple[Gate, ...],
    told: Mapping[str, Any],
    start: dict[str, Any],
    fixed: frozenset[str],
    now: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Branch over the ways out of the shut gate that has fewest, and leave what cannot be the smallest."""
    best: dict[str, Any] | None = None
    waiting = [start]
    while waiting:
        changed = waiting.pop()
        shut = [gate for gate in gates if gate.answer({**told, **changed}) is not False]
        if best is not None and _least(changed, shut, now) >= _cost(best, now):
            continue
        if not shut:
            best = changed
            continue
        ways = [_ways(gate, _domain(gate, gates), {**told, **changed}, {*fixed, *changed}) for gate in shut]
        waiting += [{**changed, **dict(way)} for way in reversed(min(ways, key=len))]
    return best


def _least(changed: Mapping[str, Any], shut: list[Gate], now: Mapping[str, Any]) -> tuple[int, int]:
    """Return a cost that no way on from here can be below: gates that share no fact need a change each."""
    met: set[str] = set()
    more = 0
    for gate in shut:
        if not met & set(gate.names):
            met |= set(gate.names)
            more += 1
    size, stuck = _cost(changed, now)
    return size + more, stuck


def _cost(changed: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[int, int]:
    """Weigh a set: the fewer facts the better, and of as many the fewer that nobody can change."""
    return len(changed), sum(1 for name in changed if not _can(name, now.get(name)))


def _domain(gate: Gate, gates: tuple[Gate, ...]) -> tuple[tuple[Any, ...], ...]:
    return tuple(_values(name, gates) for name in gate.names)


@cache
def _values(name: str, gates: tuple[Gate, ...]) -> tuple[Any, ...]:
    return values_of(name, gates)


def _ways(gate: Gate, domain: tuple[tuple[Any, ...], ...], known: Mapping[str, Any], fixed: set[str]) -> Ways:
    state = tuple([known.get(name) for name in gate.names])
    return _ways_out(gate, domain, state, frozenset(fixed & set(gate.names)))


@lru_cache(maxsize=_REMEMBERED)
def _ways_out(
    gate: Gate, domain: tuple[tuple[Any, ...], ...], state: tuple[Any, ...], fixed: frozenset[str]
) -> Ways:
    """Return every smallest set of values that makes a gate untrue, given what else is known."""
    known = dict(zip(gate.names, state, strict=True))
    choices = {
        name: [value for value in values if value != known[name]]
        for name, values in zip(gate.names, domain, strict=True)
        if name not in fixed
    }
    found: list[frozenset[tuple[str, Any]]] = []
    for size in range(1, len(choices) + 1):
        for names in combinations(choices, size):
            for values in product(*(choices[name] for name in names)):
                way = frozenset(zip(names, values, strict=True))
                if not any(less <= way for less in found) and gate.answer({**known, **dict(way)}) is False:
                    found.append(way)
    return tuple(tuple(sorted(way, key=str)) for way in found)


def _cuts(gate: Gate) -> list[float]:
    literals = [float(word) for word in _LITERAL.findall(gate.asked.text)]
    return [*literals, *([gate.bound] if gate.bound is not None else [])]


# --- in words ---


def _change(
    name: str, therapy_id: str, best: Mapping[str, Any], known: Mapping[str, Any], gates: tuple[Gate, ...]
) -> Change:
    others = {n: value for n, value in best.items() if n != name}
    without = applied(therapy_id, known, others)
    now = known.get(name, without.get(name))
    rules = [gate.rule for gate in gates if name in gate.names and gate.answer(without) is not False]
    waiting = [evidence().rules[rule] for rule in rules if evidence().rules[rule].effect == "waits"]
    instead = next((rule.do for rule in waiting if now is not None), None)
    says = _says(name, best[name], _that_do(name, applied(therapy_id, known, best), gates))
    return Change(name, now, best[name], says, _how(name, now), _can(name, now), rules, instead)


def _that_do(name: str, opened: Mapping[str, Any], gates: tuple[Gate, ...]) -> list[tuple[Any, bool]]:
    """Return each value of a fact that gates tell apart, and whether the therapy would be open on it."""
    asking = [gate for gate in gates if name in gate.names]
    return [
        (value, all(gate.answer({**opened, name: value}) is False for gate in asking))
        for value in values_of(name, gates)
    ]


def _says(name: str, to: Any, tried: list[tuple[Any, bool]]) -> str:
    """Say a fact with the answers that would do: yes, no, or a range."""
    fact = evidence().facts[name]
    if fact.type == "bool":
        return f"{fact.stated or fact.ask} {'yes' if to else 'no'}"
    good = [i for i, (_, does) in enumerate(tried) if does]
    first, last = good[0], good[-1]
    unit = evidence().units.get(fact.unit or "", fact.unit or "")
    low = "" if first == 0 else _bound(tried, first, "at least", "above")
    high = "" if last == len(tried) - 1 else _bound(tried, last, "at most", "below")
    return f"{fact.ask} {' and '.join(filter(None, (low, high)))} {unit}".strip()


def _bound(tried: list[tuple[Any, bool]], at: int, within: str, beyond: str) -> str:
    """Say one end of a run of values: values stand for a cut (odd places) or for all between two cuts (even)."""
    if at % 2:
        return f"{within} {tried[at][0]:g}"
    cut = tried[at - 1][0] if beyond == "above" else tried[at + 1][0]
    return f"{beyond} {cut:g}"


def _how(name: str, now: Any) -> str:
    fact = evidence().facts[name]
    if now is None:
        return "measured" if fact.lab else "asked"
    return fact.changed_by


def _can(name: str, now: Any) -> bool:
    return now is None or CHANGES[evidence().facts[name].changed_by]
