"""What to ask, look at or measure next: each open question, ordered by how much its answer would tell.

An answer tells as many bits as it is expected to move the probabilities, summed over all kinds of hair loss. Like the
probabilities it takes kinds and findings as independent, so it orders questions and measures nothing. What a half-seen
red flag hangs on comes first, whatever it would tell.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from follicast.assessment.answer import Diagnosis, Move, Question, Screened
from follicast.assessment.diagnosis import never_certain
from follicast.assessment.facts import LEARNT, Facts
from follicast.assessment.logic import expression
from follicast.assessment.red_flags import answers, follow_ups
from follicast.assessment.screening import GATES
from follicast.evidence.condition import Condition, Finding, Setting
from follicast.evidence.intake import Fact
from follicast.evidence.library import evidence

_MOST_MOVES = 3


@dataclass(frozen=True)
class _Outlook:
    """What one finding would do to one condition: how likely it is to be there [1], and where each answer leads."""

    says: str
    there: float
    now: float
    if_there: float
    if_not: float

    @property
    def bits(self) -> float:
        """The information [bit] expected of the answer."""
        return self.there * _told(self.if_there, self.now) + (1 - self.there) * _told(self.if_not, self.now)


def next_questions(
    facts: Facts, diagnoses: list[Diagnosis], therapies: list[Screened], setting: Setting = "specialist"
) -> list[Question]:
    """Return the open questions, those first that a red flag hangs on, then by the bits expected of the answer.

    A question that tells nothing of the kind of loss is among them only where a therapy waits for it.
    """
    chances = {diagnosis.condition: diagnosis.odds / (1 + diagnosis.odds) for diagnosis in diagnoses}
    flagged, waited = follow_ups(facts), _waited_for(therapies)
    found = [
        _question(name, _outlooks(name, facts, chances), flagged.get(name, []), waited.get(name, []), setting)
        for name in evidence().facts
        if name not in facts.known and name not in LEARNT
    ]
    worth = [question for question in found if question.flags or question.therapies or question.moves]
    return sorted(worth, key=lambda q: (not q.flags, -q.bits, -len(q.therapies), q.fact))


def _question(
    name: str, outlooks: Mapping[str, _Outlook], flags: list[str], therapies: list[str], setting: Setting
) -> Question:
    fact, worth = evidence().facts[name], evidence().numbers["assessment.worth_asking"].value
    moving = sorted(outlooks.items(), key=lambda pair: (-pair[1].bits, pair[0]))
    moves = [
        _move(condition, told, setting) for condition, told in moving[:_MOST_MOVES] if told.bits >= worth
    ]
    bits = sum(outlook.bits for outlook in outlooks.values())
    return Question(name, fact.ask, fact.need, means(fact), round(bits, 4), moves, flags, therapies)


def _move(condition: str, outlook: _Outlook, setting: Setting) -> Move:
    """Tell where a probability would go, each end as far from never and always as any probability told."""
    prior = evidence().conditions[condition].prior[setting].value
    ends = (never_certain(end, prior) for end in (outlook.now, outlook.if_there, outlook.if_not))
    return Move(condition, outlook.says, *ends)


def means(fact: Fact) -> str:
    """Return how a fact is found: asked for, seen by eye or by an instrument, or measured in a laboratory."""
    if fact.lab:
        return "laboratory"
    return evidence().terms[fact.key].seen_by if fact.source_kind == "sign" else "question"


def _outlooks(name: str, facts: Facts, chances: Mapping[str, float]) -> dict[str, _Outlook]:
    """Return by condition what the finding would do that tells most of it among those the fact settles."""
    found: dict[str, _Outlook] = {}
    for condition, finding in _findings()[name]:
        now = chances.get(condition.id)
        if now is None or not _settles(name, condition, finding, facts.known):
            continue
        outlook = _outlook(now, finding)
        if condition.id not in found or outlook.bits > found[condition.id].bits:
            found[condition.id] = outlook
    return found


@cache
def _findings() -> dict[str, list[tuple[Condition, Finding]]]:
    """Return for each fact the findings that ask for it."""
    by_fact: dict[str, list[tuple[Condition, Finding]]] = defaultdict(list)
    for condition in evidence().conditions.values():
        for finding in condition.findings:
            for name in expression(finding.when).names:
                by_fact[name].append((condition, finding))
    return by_fact


def _settles(name: str, condition: Condition, finding: Finding, known: Mapping[str, Any]) -> bool:
    """Whether some answer to the one fact would make a finding that is open hold."""
    bounds = {key: number.value for key, number in condition.thresholds.items()}
    asked = expression(finding.when)
    if asked.verdict({**known, **bounds}) is not None or (finding.curve and finding.curve.of in known):
        return False
    return any(
        asked.verdict({**known, **bounds, name: answer}) for answer in answers(name, tuple(bounds.values()))
    )


def _outlook(now: float, finding: Finding) -> _Outlook:
    """Read how often a finding is there off its two likelihood ratios, and move the odds by each."""
    present, absent = finding.present.value, finding.absent.value if finding.absent else 1.0
    with_it, without = frequencies(present, absent)
    there = now * with_it + (1 - now) * without
    return _Outlook(finding.says, there, now, _moved(now, present), _moved(now, absent))


def frequencies(present: float, absent: float) -> tuple[float, float]:
    """Return how often [1] a finding is there in people with a condition and in people without it.

    The likelihood ratios [1] of presence and absence fix both shares; where absence moves nothing (1), the larger
    share is assumed.
    """
    if absent == 1:
        larger = evidence().numbers["assessment.seen_where_untold"].value
        return (larger, larger / present) if present >= 1 else (larger * present, larger)
    without = (1 - absent) / (present - absent)
    return present * without, without


def _moved(now: float, ratio: float) -> float:
    odds = ratio * now / (1 - now)
    return odds / (1 + odds)


def _told(then: float, now: float) -> float:
    """Return how far [bit] a probability moved: the Kullback-Leibler divergence of the new one from the old."""
    parts = ((then, now), (1 - then, 1 - now))
    return sum(new * math.log2(new / old) for new, old in parts if new > 0)


def _waited_for(therapies: list[Screened]) -> dict[str, list[str]]:
    """Return by fact the therapies that wait for it."""
    found: dict[str, list[str]] = defaultdict(list)
    for screened in therapies:
        if screened.status != "waiting":
            continue
        gates = (t for t in screened.trace if t.verdict == "unknown" and t.effect in GATES)
        for name in dict.fromkeys(name for t in gates for name, value in t.facts.items() if value is None):
            found[name].append(screened.therapy)
    return found
