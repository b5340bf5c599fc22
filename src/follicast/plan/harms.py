"""What may go wrong, of 100 people: one line for each effect, with every report of it, its range and how sure it is.

None of n is told as at most 3/n; a case report says that a thing can happen and never how often. Reports of one
effect are pooled by people where people were counted; a review is not pooled with the studies it may hold. It
does not say what a harm is worth: that is for the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from follicast.evidence.harm import Harm
from follicast.evidence.library import evidence
from follicast.plan.certainty import GRADES, Certainty
from follicast.plan.of_100 import Icons, icons
from follicast.regimen import Regimen

ANY = "any side effect"
_SERIOUS = ("mild", "moderate", "serious")
_PRIMARY = ("trial", "cohort", "registry")
_DESIGNS = ("trial", "registry", "cohort", "review", "case-report")
_RULE_OF_THREE = 3.0
WHEN_TO_STOP = {
    "mild": "Go on if you can live with it; say so at the next visit.",
    "moderate": "Ask your doctor within days whether to go on.",
    "serious": "Stop at once and get help the same day.",
}
_CONTROLLED = "It was counted in a trial beside a control; how side effects were asked about was not judged."
NOT_ASKED = "Other reports noted no side effect at all: not everybody asked."


@dataclass(frozen=True)
class Report:
    """What one source counted of an effect, on the denominator of 100."""

    of_100: float | None
    at_most: float | None
    control_of_100: float | None
    people: int | None
    design: str
    source: list[str]
    place: str
    verified: str
    note: str | None

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return dict(vars(self))


@dataclass(frozen=True)
class HarmLine:
    """One adverse effect of one therapy, of 100 people where it was counted; `at_most` where none of n had it.

    A case report, or an effect listed without a count, has neither. `low` and `high` are the ends of what the
    `reports` counted; `people` are those pooled, `events` those of them who had it.
    """

    therapy: str
    effect: str
    plain: str
    of_100: float | None
    at_most: float | None
    control_of_100: float | None
    design: str
    people: int | None
    seriousness: str
    what_to_do: str | None
    source: list[str]
    place: str
    verified: str
    note: str | None
    low: float | None = None
    high: float | None = None
    events: float | None = None
    reports: list[Report] = field(default_factory=list)
    certainty: Certainty | None = None

    @property
    def counted(self) -> bool:
        """Whether it stands on the denominator of 100."""
        return self.of_100 is not None or self.at_most is not None

    @property
    def when_to_stop(self) -> str:
        """Whether to go on if it happens."""
        return WHEN_TO_STOP[self.seriousness]

    @property
    def icons(self) -> Icons | None:
        """The hundred people to draw; None where it was not counted."""
        if self.of_100 is not None:
            return icons(self.of_100)
        return None if self.at_most is None else icons(self.at_most, sure=False)

    def as_json(self) -> dict[str, Any]:
        """Return every field, when to stop, and the people to draw."""
        drawn = self.icons
        return dict(vars(self)) | {
            "reports": [report.as_json() for report in self.reports],
            "certainty": self.certainty.as_json() if self.certainty else None,
            "when_to_stop": self.when_to_stop,
            "icons": drawn.as_json() if drawn else None,
        }


def harms(regimen: Regimen) -> list[HarmLine]:
    """Return what sources counted of a regimen, one line an effect: counted ones, then none of n, then reports.

    A harm that nobody reported among an unknown number of people is left out: that tells neither of harm nor of
    safety.
    """
    told = [harm for harm in evidence().harms if harm.therapy in regimen.therapies and _tells(harm)]
    return sorted(_honest([pooled(group) for group in _by_effect(told)]), key=_order)


def harm_line(harm: Harm) -> HarmLine:
    """Put one report of a harm on the denominator of 100 people."""
    return pooled([harm])


def worst(lines: Sequence[HarmLine], least: str, most: str | None = None) -> HarmLine | None:
    """Return the commonest counted harm from one seriousness to another; None where none was counted."""
    ends = _SERIOUS.index(least), _SERIOUS.index(most or _SERIOUS[-1])
    found = [
        line for line in lines if line.counted and ends[0] <= _SERIOUS.index(line.seriousness) <= ends[1]
    ]
    return max(found, key=lambda line: (line.of_100 or 0.0, line.at_most or 0.0), default=None)


def certainty_of(lines: Iterable[HarmLine]) -> Certainty:
    """Return how sure one can be of a regimen's harms: the least sure of those that matter most and were counted."""
    counted = [line for line in lines if line.counted and line.certainty and line.seriousness != "mild"]
    if not counted:
        return Certainty("very low", "Nobody counted a moderate or serious harm.", [])
    last = max(counted, key=lambda line: GRADES.index(line.certainty.grade if line.certainty else "very low"))
    assert last.certainty is not None
    return last.certainty


def _tells(harm: Harm) -> bool:
    return harm.events != 0 or harm.people is not None


def _by_effect(found: Iterable[Harm]) -> list[list[Harm]]:
    """Group reports of one therapy by what they tell in plain words; a case report stands by itself."""
    groups: dict[tuple[str, str, bool], list[Harm]] = {}
    for harm in found:
        groups.setdefault((harm.therapy, harm.plain, harm.design == "case-report"), []).append(harm)
    return list(groups.values())


def pooled(group: Sequence[Harm]) -> HarmLine:
    """Return reports of one effect as one line: pooled over those who counted people, else the largest report."""
    lead = min(group, key=lambda harm: (_DESIGNS.index(harm.design), -(harm.people or 0)))
    events, people, of_100, at_most = _pooled(group)
    control = _pooled_control(group)
    rates = [rate for harm in group if (rate := 0.0 if harm.at_most is not None else harm.of_100) is not None]
    line = HarmLine(
        therapy=lead.therapy,
        effect=lead.effect,
        plain=lead.plain,
        of_100=of_100,
        at_most=at_most,
        control_of_100=control,
        design=lead.design,
        people=people if people else lead.people,
        seriousness=max((harm.seriousness for harm in group), key=_SERIOUS.index),
        what_to_do=next((harm.what_to_do for harm in (lead, *group) if harm.what_to_do), None),
        source=sorted({key for harm in group for key in harm.citekeys}),
        place="; ".join(dict.fromkeys(harm.place for harm in group)),
        verified=min((harm.verified for harm in group), key=("no", "partly", "yes").index),
        note="; ".join(dict.fromkeys(harm.note for harm in group if harm.note)) or None,
        low=min(rates) if any(rates) else None,
        high=max(rates) if any(rates) else None,
        events=events,
        reports=[_report(harm) for harm in group],
    )
    return replace(line, certainty=_sure(line, group)) if line.counted else line


def _report(harm: Harm) -> Report:
    return Report(
        harm.of_100,
        harm.at_most,
        harm.control_of_100,
        harm.people,
        harm.design,
        harm.citekeys,
        harm.place,
        harm.verified,
        harm.note,
    )


def _pooled(group: Sequence[Harm]) -> tuple[float | None, int | None, float | None, float | None]:
    """Return events, people, of 100, and at most of 100, over the studies; a review counts where it is alone."""
    counted = [harm for harm in group if _events(harm.people, harm.events, harm.share) is not None]
    counted = [harm for harm in counted if harm.design in _PRIMARY] or counted[:1]
    if not counted or counted[0].design == "case-report":
        share = next((harm.of_100 for harm in group if harm.of_100 is not None), None)
        return None, None, share, None
    if len(counted) == 1:
        one = counted[0]
        return _events(one.people, one.events, one.share), one.people, one.of_100, one.at_most
    events = sum(_events(harm.people, harm.events, harm.share) or 0.0 for harm in counted)
    people = sum(harm.people or 0 for harm in counted)
    if events == 0:
        return 0.0, people, None, min(100.0, round(100.0 * _RULE_OF_THREE / people, 1))
    return events, people, round(100.0 * events / people, 1), None


def _pooled_control(group: Sequence[Harm]) -> float | None:
    """Return of 100 people without the therapy how many, over the reports that counted them."""
    told = [harm for harm in group if harm.control_of_100 is not None]
    if len(told) < 2 or any(harm.control_people is None for harm in told):
        return told[0].control_of_100 if told else None
    events = [_events(h.control_people, h.control_events, h.control_share) or 0.0 for h in told]
    return round(100.0 * sum(events) / sum(h.control_people or 0 for h in told), 1)


def _events(people: int | None, events: int | None, share: float | None) -> float | None:
    if people is None or (events is None and share is None):
        return None
    return float(events) if events is not None else people * float(share or 0.0)


def _honest(lines: list[HarmLine]) -> list[HarmLine]:
    """Where a single effect was counted more often than a bound on any, tell so there and drop the bound."""
    return [
        _contradicting(line, lines)
        for line in lines
        if not (_is_bound_on_any(line) and _commonest(lines, line.therapy) > (line.at_most or 0.0))
    ]


def _contradicting(line: HarmLine, lines: list[HarmLine]) -> HarmLine:
    """Add to the commonest effect of a therapy what reports of no side effect at all are worth."""
    none = [o for o in lines if o.therapy == line.therapy and _is_bound_on_any(o)]
    most = line.of_100 or 0.0
    if not none or most != _commonest(lines, line.therapy) or most <= max(o.at_most or 0.0 for o in none):
        return line
    keys = {key for other in [line, *none] for key in other.source}
    return replace(line, note=" ".join(filter(None, (line.note, NOT_ASKED))), source=sorted(keys))


def _is_bound_on_any(line: HarmLine) -> bool:
    return line.plain == ANY and line.at_most is not None


def _commonest(lines: list[HarmLine], therapy: str) -> float:
    return max((line.of_100 or 0.0 for line in lines if line.therapy == therapy), default=0.0)


def _order(line: HarmLine) -> tuple[Any, ...]:
    return (
        line.design == "case-report",
        line.of_100 is None,
        line.at_most is None,
        -(line.of_100 or 0),
        -(line.at_most or 0),
        line.effect,
    )


def _sure(line: HarmLine, group: Sequence[Harm]) -> Certainty:
    """Return GRADE's word for a counted harm: trials with a control begin moderate, all else begins low."""
    controlled = any(harm.design == "trial" and harm.control_of_100 is not None for harm in group)
    start = 1 if controlled else 2
    why = [_CONTROLLED if controlled else "It was counted without a control."]
    for off in _doubts(line):
        start, why = start + 1, [*why, off]
    return Certainty(GRADES[min(start, 3)], " ".join(why), line.source)


def _doubts(line: HarmLine) -> list[str]:
    """Return each reason to be less sure of a counted harm."""
    number = {name: float(evidence().numbers[f"choice.{name}"]) for name in ("few_people", "wide", "apart")}
    low, high = line.low or 0.0, line.high or 0.0
    found = []
    if (line.people or 0) < number["few_people"]:
        found.append("Few people were counted.")
    if high - low > number["apart"] and high > number["wide"] * max(low, 1e-9):
        found.append("Reports differ widely.")
    if line.verified != "yes":
        found.append("It was not read in the source itself.")
    return found


def burden(line: HarmLine | None, random: np.random.Generator, tries: int) -> Any:
    """Return how often a harm may occur, of 100, in so many tries [try]; None where it was not counted.

    Counts are drawn from their Beta posterior (Jeffreys), so that none of few people is no proof of none.
    """
    if line is None or not line.counted:
        return None
    people = line.people or 0
    events = line.events if line.events is not None else (line.of_100 or 0.0) / 100.0 * people
    if people == 0:
        return np.full(tries, line.of_100 or line.at_most or 0.0)
    return 100.0 * random.beta(events + 0.5, people - events + 0.5, tries)
