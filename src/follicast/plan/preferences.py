"""What a person would rather have: how much each criterion weighs, from 0 (nothing) to 5 (most).

Weights that nobody told are the evidence's own, and say so. They order what is open and never open what a rule
has closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from follicast.errors import InputError, did_you_mean
from follicast.evidence.library import evidence
from follicast.patient import Patient

#: The criteria, what each is called, and the profile of the clinic's page that it stands for.
CRITERIA: dict[str, str] = {
    "benefit": "more hair",
    "soon": "a gain that is seen soon",
    "early_shed": "little shedding at the start",
    "safety": "few moderate or serious harms",
    "side_effects": "few side effects",
    "effort": "little time",
    "flexible": "few days on which one is bound",
    "lasting": "a gain that outlasts the treatment",
    "natural": "nothing foreign to the body",
    "pregnancy": "nothing to stop for a pregnancy",
    "evidence": "sure evidence",
    "approved": "approved for this use",
    "cost": "low cost",
}


@dataclass(frozen=True)
class Preferences:
    """How much each criterion weighs, and which weights the person told."""

    weights: dict[str, float]
    told: frozenset[str]

    @property
    def shares(self) -> dict[str, float]:
        """The weights as shares that add up to 1."""
        total = sum(self.weights.values())
        return {name: weight / total for name, weight in self.weights.items()}

    def as_json(self) -> dict[str, Any]:
        """Return each criterion's weight, its share, and whether the person told it."""
        return {
            name: {
                "label": CRITERIA[name],
                "weight": weight,
                "share": round(self.shares[name], 3),
                "told": name in self.told,
            }
            for name, weight in self.weights.items()
        }


def preferences(patient: Patient, prefer: Mapping[str, float] | None = None) -> Preferences:
    """Return a person's weights: those asked for, else those among the wishes, else the evidence's own.

    Raises `InputError` for a criterion or weight that is none, and where nothing would weigh anything.
    """
    wished = patient.wishes.get("preferences") or {}
    if not isinstance(wished, Mapping):
        raise InputError("wishes.preferences: write them as {safety: 5, cost: 3}, each weight from 0 to 5.")
    told = {**_checked(wished, "wishes.preferences"), **_checked(prefer or {}, "--prefer")}
    weights = {name: told.get(name, _usual(name, patient)) for name in CRITERIA}
    if not any(weights.values()):
        raise InputError("preferences: every weight is 0, so nothing could be ranked; give one more than 0.")
    return Preferences(weights, frozenset(told))


def parse(words: str) -> dict[str, float]:
    """Read weights as they are written on a command line: "safety=5,cost=3"; raises `InputError`."""
    found: dict[str, float] = {}
    for chunk in filter(None, (chunk.strip() for chunk in words.split(","))):
        name, _, value = chunk.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise InputError(f"--prefer: '{chunk}' cannot be read; write it as safety=5,cost=3.") from None
    return _checked(found, "--prefer")


def _usual(name: str, patient: Patient) -> float:
    planned = name == "pregnancy" and patient.planning_pregnancy is True
    return float(evidence().numbers[f"choice.weight_{name}" + ("_planned" if planned else "")])


def _checked(told: Mapping[str, Any], where: str) -> dict[str, float]:
    most = float(evidence().numbers["choice.weight_most"])
    for name, weight in told.items():
        if name not in CRITERIA:
            known = ", ".join(CRITERIA)
            raise InputError(
                f"{where}: no criterion is called '{name}'.{did_you_mean(name, [*CRITERIA])} All: {known}"
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0.0 <= weight <= most:
            raise InputError(
                f"{where}: '{name}' weighs {weight}, which cannot be; give a number from 0 to {most:g}."
            )
    return {name: float(weight) for name, weight in told.items()}
