"""Open, waiting or closed: every rule that speaks of a therapy is tried, and what it lacks is asked for.

Closed if a closing rule holds. Waiting if a closing or waiting rule is unknown, or a waiting rule holds.
Open otherwise: nothing unanswered is ever open. A combination is screened part by part, each for someone who
has the other parts too. It knows the rules of the evidence and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from follicast.assessment.facts import Facts
from follicast.assessment.logic import Expression, expression
from follicast.assessment.screened import Reason, Screened, Status, Tried, Verdict
from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.evidence.rule import Rule
from follicast.evidence.therapy import Therapy
from follicast.patient import drug_called, folded

POLICIES = ("strictest", "jp", "us", "eu")
GATES = ("closes", "waits")
ORDER = {"closes": 0, "waits": 1, "warns": 2, "informs": 3}
WORST = {"open": 0, "waiting": 1, "closed": 2}
NOTHING: tuple[str, ...] = ()
_STRENGTH = re.compile(r" [\d.]+ ?%$")
_REMEMBERED = 1 << 16  # rules tried on values: most people are asked the same


def policy_of(asked: str | None, region: str) -> str:
    """Return the policy asked for, or the patient's region's; raises `InputError` for any other."""
    policy = asked or region
    if policy not in POLICIES:
        raise InputError(f"no policy is called '{policy}'. There are: {', '.join(POLICIES)}")
    return policy


def screen(facts: Facts, policy: str) -> list[Screened]:
    """Return every therapy as open, waiting or closed, in the order of the evidence."""
    read, once = readable(facts.known), {}  # type: tuple[Mapping[str, Any], dict[str, Tried]]
    return [_screened(name, facts.known, read, policy, NOTHING, once) for name in evidence().therapies]


def screen_one(therapy: Therapy, facts: Facts, policy: str, beside: tuple[str, ...] = NOTHING) -> Screened:
    """Try every rule that speaks of one therapy, for someone who has those named in `beside` as well."""
    return _screened(therapy.id, facts.known, readable(facts.known), policy, beside, {})


def _screened(
    therapy_id: str,
    told: Mapping[str, Any],
    read: Mapping[str, Any],
    policy: str,
    beside: tuple[str, ...],
    once: dict[str, Tried],
) -> Screened:
    """Screen one therapy; `once` keeps what was tried for other therapies of the same person and company."""
    known = {**read, **brought(beside), **own_facts(therapy_id, beside)}
    tried = [(rule, _try(rule, known, policy, once)) for rule in rules_for(therapy_id)]
    status = _status({(rule.effect, t.verdict) for rule, t in tried})
    reasons = [_reason(rule.id, t.verdict == "unknown") for rule, t in tried if _speaks(rule, t, status)]
    reasons.sort(key=lambda reason: ORDER[reason.effect])
    needs = _needs(tried, told, known) if status == "waiting" else []
    return Screened(therapy_id, status, reasons, needs, [t for _, t in tried])


def screen_together(therapies: Iterable[str], facts: Facts, policy: str) -> Screened:
    """Return a combination as open, waiting or closed: as its least open part, each beside the others."""
    ids = tuple(dict.fromkeys(therapies))
    shelf = evidence().therapies
    parts = [screen_one(shelf[each], facts, policy, tuple(i for i in ids if i != each)) for each in ids]
    status: Status = max((part.status for part in parts), key=WORST.__getitem__, default="open")
    reasons = {(reason.rule, reason.effect): reason for part in parts for reason in part.reasons}
    ordered = sorted(reasons.values(), key=lambda reason: ORDER[reason.effect])
    needs = dict.fromkeys(need for part in parts for need in part.needs)
    trace = [tried for part in parts for tried in part.trace]
    return Screened("+".join(ids), status, ordered, list(needs), trace, parts)


def statuses(known: Mapping[str, Any], policy: str) -> dict[str, Status]:
    """Return the status of every therapy and nothing of its reasons: as `screen`, and many times faster."""
    read = readable(known)
    once = {gate.rule: gate.answer(read) for gate in _shared(policy)}
    return {name: _stands(name, read, policy, once) for name in evidence().therapies}


def _stands(therapy_id: str, read: Mapping[str, Any], policy: str, once: Mapping[str, bool | None]) -> Status:
    status: Status = "open"
    for gate in _in_doubt(therapy_id, policy):
        answer = _own_answer(gate, therapy_id, read) if gate.own else once[gate.rule]
        if answer and gate.closes:
            return "closed"
        if answer is not False:
            status = "waiting"
    return status


@cache
def _in_doubt(therapy_id: str, policy: str) -> tuple[Gate, ...]:
    """Return the gates of a therapy that is given alone, without those which its own facts make untrue."""
    own = own_facts(therapy_id)
    return tuple(gate for gate in gates_for(therapy_id, policy) if gate.answer(own) is not False)


def _own_answer(gate: Gate, therapy_id: str, read: Mapping[str, Any]) -> bool | None:
    own = own_facts(therapy_id)
    return gate.answer({name: own[name] if name in own else read.get(name) for name in gate.names})


@dataclass(frozen=True)
class Gate:
    """A rule that may close a therapy or hold it up, with the value of its threshold.

    `own` says that it asks for a fact of the therapy and not of the person.
    """

    rule: str
    closes: bool
    asked: Expression
    bound: float | None
    own: bool

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The facts it asks for."""
        return tuple(name for name in self.asked.names if name != "threshold")

    def answer(self, known: Mapping[str, Any]) -> bool | None:
        """Return whether it holds, None where the facts known do not settle it."""
        bound = self.bound
        return self.asked.of(
            tuple([bound if name == "threshold" else known.get(name) for name in self.asked.names])
        )


@cache
def gates_for(therapy_id: str, policy: str) -> tuple[Gate, ...]:
    """Return what may close a therapy or hold it up under a policy."""
    return tuple(
        _gate(rule.id) for rule in rules_for(therapy_id) if rule.effect in GATES and applies(rule, policy)
    )


@cache
def _gate(rule_id: str) -> Gate:
    rule = evidence().rules[rule_id]
    bound = rule.threshold.value if rule.threshold else None
    asked = expression(rule.when or "true")
    return Gate(
        rule.id, rule.effect == "closes", asked, bound, not _the_persons().issuperset(_asked(rule.id))
    )


@cache
def _shared(policy: str) -> tuple[Gate, ...]:
    """Return every gate of a policy that asks for nothing of the therapy's own: one answer does for all."""
    gates = (gate for name in evidence().therapies for gate in gates_for(name, policy))
    return tuple({gate.rule: gate for gate in gates if not gate.own}.values())


@cache
def _the_persons() -> frozenset[str]:
    """Return the facts that are the person's: all but those of a therapy's contents and company."""
    own = own_facts(next(iter(evidence().therapies)))
    return frozenset(evidence().facts) - own.keys()


@cache
def rules_for(therapy_id: str) -> tuple[Rule, ...]:
    """Return the rules that name a therapy, one of its ingredients, its family, its part of the body, or all."""
    therapy = evidence().therapies[therapy_id]
    called = {therapy.id, "all", f"body:{therapy.body}", *(f"family:{name}" for name in therapy.family)}
    called |= {f"ingredient:{name}" for name in ingredients(therapy_id)}
    return tuple(rule for rule in evidence().rules.values() if called & set(rule.for_))


def applies(rule: Rule, policy: str) -> bool:
    """Whether a rule counts under a policy: the strictest takes every region's rules."""
    return policy == "strictest" or not rule.regions or policy in rule.regions


# --- what a therapy holds, and what it is to the others of a combination ---


@cache
def ingredients(therapy_id: str) -> frozenset[str]:
    """Return what a therapy holds: a drug under its generic name, anything else as a word with hyphens."""
    return frozenset(_ingredient(word) for word in evidence().therapies[therapy_id].ingredients)


def _ingredient(word: str) -> str:
    """Name an ingredient without its strength."""
    name = _STRENGTH.sub("", word)
    try:
        return drug_called(name)
    except ValueError:
        return folded(name).replace(" ", "-")


@cache
def drugs_in(therapy_id: str) -> frozenset[str]:
    """Return the drugs that a therapy holds, with their classes: what its taker takes, for every other rule."""
    drugs = evidence().drugs
    held = ingredients(therapy_id) & drugs.keys()
    return held | {name for drug in held for name in drugs[drug].classes}


@cache
def called(therapy_id: str) -> frozenset[str]:
    """Return the names under which a rule may ask for a therapy beside another: id, families, drugs, classes."""
    return frozenset({therapy_id, *evidence().therapies[therapy_id].family}) | drugs_in(therapy_id)


@cache
def own_facts(therapy_id: str, beside: tuple[str, ...] = NOTHING) -> dict[str, bool]:
    """Return the facts that are a therapy's and not the person's: what is known of its contents, and its company."""
    therapy = evidence().therapies[therapy_id]
    company = frozenset(name for other in beside for name in called(other))
    held = {name for other in beside for name in ingredients(other)} & evidence().drugs.keys()
    own = {
        name: bool(held & ingredients(therapy_id)) if fact.key == "itself" else fact.key in company
        for name, fact in evidence().facts.items()
        if fact.source_kind == "beside"
    }
    return own | {
        "composition_unknown": therapy.composition == "unknown",
        "composition_varies": therapy.composition == "varies",
    }


@cache
def brought(beside: tuple[str, ...]) -> dict[str, bool]:
    """Return the facts about drugs taken that the other parts of a combination make true."""
    company = {name for other in beside for name in drugs_in(other)}
    return {
        name: True
        for name, fact in evidence().facts.items()
        if fact.source_kind in ("drug", "drug class") and fact.key in company
    }


def known_to(therapy_id: str, known: Mapping[str, Any], beside: tuple[str, ...] = NOTHING) -> dict[str, Any]:
    """Return what is known when a therapy is screened: the person's facts, the company's, and its own."""
    return {**readable(known), **brought(beside), **own_facts(therapy_id, beside)}


# --- biotin comes before any test is read ---


@cache
def immunoassays() -> frozenset[str]:
    """Return the facts that rest on a test which biotin falsifies."""
    labs = evidence().labs
    return frozenset(n for n, fact in evidence().facts.items() if fact.lab and labs[fact.lab].biotin)


def readable(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts without those that biotin may have falsified, unless it was asked for and is not taken."""
    if known.get("biotin_taken") is False:
        return known
    doubtful = immunoassays() & known.keys()
    return {name: value for name, value in known.items() if name not in doubtful} if doubtful else known


# --- trying a rule, and telling it ---


def _try(rule: Rule, known: Mapping[str, Any], policy: str, once: dict[str, Tried]) -> Tried:
    """Try a rule once for all therapies, unless it asks for what is the therapy's own."""
    if rule.id in once:
        return once[rule.id]
    asked = _asked(rule.id)
    tried = _tried(rule.id, applies(rule, policy), tuple([known.get(name) for name in asked]))
    if _the_persons().issuperset(asked):
        once[rule.id] = tried
    return tried


@cache
def _asked(rule_id: str) -> tuple[str, ...]:
    when = evidence().rules[rule_id].when
    return tuple(name for name in expression(when).names if name != "threshold") if when else ()


@lru_cache(maxsize=_REMEMBERED)
def _tried(rule_id: str, counts: bool, values: tuple[Any, ...]) -> Tried:
    """Try a rule on values in the order of the facts it asks for; each distinct question is answered once."""
    rule = evidence().rules[rule_id]
    asked = dict(zip(_asked(rule_id), values, strict=True))
    return Tried(rule.id, rule.when, asked, _verdict(rule, counts, asked), rule.effect, rule.citekeys)


def _verdict(rule: Rule, counts: bool, asked: Mapping[str, Any]) -> Verdict:
    if not counts:
        return "not applied here"
    if rule.when is None:
        return "holds"
    bound = {"threshold": rule.threshold.value} if rule.threshold else {}
    answer = expression(rule.when).verdict({**asked, **bound})
    return "unknown" if answer is None else "holds" if answer else "does not hold"


def _status(heard: set[tuple[str, Verdict]]) -> Status:
    if ("closes", "holds") in heard:
        return "closed"
    unanswered = any((effect, "unknown") in heard for effect in GATES)
    return "waiting" if unanswered or ("waits", "holds") in heard else "open"


def _speaks(rule: Rule, tried: Tried, status: Status) -> bool:
    """Whether a rule is told: it holds, or its question is what the therapy waits for."""
    return tried.verdict == "holds" or (
        status == "waiting" and tried.verdict == "unknown" and rule.effect in GATES
    )


@cache
def _reason(rule_id: str, unknown: bool) -> Reason:
    """Tell a rule; a closing rule that cannot be answered does not close, it makes the therapy wait."""
    rule = evidence().rules[rule_id]
    effect = "waits" if unknown else rule.effect
    return Reason(rule.id, effect, rule.because, rule.citekeys, rule.place, rule.verified, rule.do)


def _needs(
    tried: Iterable[tuple[Rule, Tried]], told: Mapping[str, Any], known: Mapping[str, Any]
) -> list[str]:
    """Return what to ask or measure, each once, in the order in which the rules ask."""
    needs: dict[str, None] = {}
    for rule, t in tried:
        if rule.effect == "waits" and t.verdict == "holds":
            needs[rule.do or rule.because] = None
        if rule.effect in GATES and t.verdict == "unknown":
            needs.update(dict.fromkeys(n for name in t.facts if name not in known for n in _need(name, told)))
    return list(needs)


def _need(name: str, told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what would answer a fact; before a test that biotin falsifies comes the question for biotin."""
    facts, biotin = evidence().facts, told.get("biotin_taken")
    if name not in immunoassays() or biotin is False:
        yield facts[name].need
        return
    if biotin is None:
        yield facts["biotin_taken"].need
    if name not in told or biotin:
        pause = evidence().numbers["assessment.biotin_pause"].value
        yield f"{facts[name].need}, {pause:g} hours after the last biotin" if biotin else facts[name].need
