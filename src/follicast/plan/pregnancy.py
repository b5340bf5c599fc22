"""What a regimen means for someone who may want a child: whether it must be stopped, and what the rules say.

It reads the safety rules that speak of pregnancy, planned or begun, for each therapy of the regimen. How long
before a pregnancy a drug must be stopped no source that was read says, and no time is made up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from follicast.assessment.logic import expression
from follicast.assessment.screening import applies, rules_for
from follicast.evidence.rule import Rule
from follicast.patient import Patient
from follicast.regimen import Regimen

Stop = Literal["before planning", "pause while planning", "when pregnant", "nothing to stop", "no rule found"]
HOW_LONG = "How long before, no source that was read says: ask the doctor before planning begins."
#: The number of the evidence that says how much each leaves of the criterion [0..1].
LEAVES: dict[Stop, str | None] = {
    "nothing to stop": "choice.pregnancy_best",
    "when pregnant": "choice.pregnancy_begun",
    "pause while planning": "choice.pregnancy_pause",
    "before planning": "choice.pregnancy_worst",
    "no rule found": None,
}
_STRICT: list[Stop] = [
    "nothing to stop",
    "no rule found",
    "when pregnant",
    "pause while planning",
    "before planning",
]


@dataclass(frozen=True)
class Pregnancy:
    """When a regimen must be stopped for a pregnancy, how long before, and the rules behind it."""

    stop: Stop
    how_long: str | None
    because: list[str]
    source: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


def pregnancy(regimen: Regimen, patient: Patient, policy: str) -> Pregnancy | None:
    """Return what a regimen means for a pregnancy; None where none is possible (a man, or after menopause)."""
    if patient.sex != "F" or patient.menopause == "post":
        return None
    found = [_of(therapy, policy) for therapy in regimen.therapies]
    stop = _strictest([stop for stop, _ in found], "nothing to stop")
    rules = {rule.id: rule for _, spoken in found for rule in spoken}.values()
    return Pregnancy(
        stop,
        HOW_LONG if stop == "before planning" else None,
        list(dict.fromkeys(rule.because for rule in rules)),
        sorted({key for rule in rules for key in rule.citekeys}),
    )


def _of(therapy: str, policy: str) -> tuple[Stop, list[Rule]]:
    """Return when one therapy must be stopped, and the rules that say so."""
    spoken = [rule for rule in rules_for(therapy) if applies(rule, policy) and _asks(rule)]
    stops = [_stop(rule) for rule in spoken]
    stop = _strictest(stops, "no rule found")
    return stop, [rule for rule, said in zip(spoken, stops, strict=True) if said == stop]


def _strictest(stops: list[Stop], none: Stop) -> Stop:
    return max(stops, key=_STRICT.index) if stops else none


def _asks(rule: Rule) -> set[str]:
    names = set(expression(rule.when).names) if rule.when else set()
    return names & {"pregnant", "planning_pregnancy"}


def _stop(rule: Rule) -> Stop:
    planned = "planning_pregnancy" in _asks(rule)
    if rule.effect in ("closes", "waits"):
        return "before planning" if planned else "when pregnant"
    return "pause while planning" if planned else "no rule found"
