"""Why: which rules were tried on a therapy, what they asked, and which numbers stand behind its curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from follicast import skin
from follicast.assessment.answer import Assessment, Screened
from follicast.assessment.opening import Opening
from follicast.assessment.policies import Differing
from follicast.errors import EvidenceError
from follicast.evidence.grading import Standing, standing
from follicast.evidence.heading import heading
from follicast.evidence.library import evidence
from follicast.evidence.number import Number
from follicast.evidence.therapy import Sex, Therapy
from follicast.parameters import parameters
from follicast.plan.balance import Certainty, graded


@dataclass(frozen=True)
class Explanation:
    """The rules and numbers behind one therapy for one person.

    `fitted` holds the median and the 90 % interval that calibration found for a parameter among the numbers,
    whose own value is the belief held before any trial.
    """

    assessment: Assessment
    therapy: Therapy
    screened: Screened
    standing: Standing
    certainty: Certainty
    numbers: dict[str, Number]
    fitted: dict[str, dict[str, float]]

    @property
    def effects(self) -> list[skin.Effect]:
        """What trials of a therapy of the skin found, by indication; nothing for a therapy of hair."""
        return skin.effects(self.therapy.id)

    @property
    def opens_if(self) -> Opening | None:
        """The smallest set of facts that would open it; None where nothing would."""
        return self.assessment.opens_if(self.therapy.id)

    @property
    def policies(self) -> Differing | None:
        """How it stands under each policy, where they differ."""
        return next((d for d in self.assessment.policies if d.therapy == self.therapy.id), None)

    @property
    def sources(self) -> list[str]:
        """The citekeys of the works behind it."""
        keys = {*self.certainty.source, *(key for tried in self.screened.trace for key in tried.source)}
        keys |= {key for number in self.numbers.values() for key in number.citekeys}
        return sorted(
            keys | {key for study in self.standing.studies for key in evidence().studies[study].citekeys}
        )

    def as_json(self) -> dict[str, Any]:
        """Return the rules tried and the numbers used, each with its source."""
        found, opens = self.standing, self.opens_if
        return heading(None, self.sources, self.assessment.warnings) | {
            "policy": self.assessment.policy,
            "setting": self.assessment.setting,
            "red_flags": [flag.as_json() for flag in self.assessment.red_flags],
            "policies": self.policies.as_json() if self.policies else None,
            **self.screened.as_json(trace=True),
            "opens_if": opens.as_json() if opens else None,
            "evidence": {
                "class": found.grade,
                "because": found.because,
                "missing": found.missing,
                "studies": found.studies,
                **skin.as_json(self.effects),
            },
            "certainty": self.certainty.as_json(),
            "numbers": [self._told(name, number) for name, number in self.numbers.items()],
        }

    def _told(self, name: str, n: Number) -> dict[str, Any]:
        said = {"name": name, "value": n.value, "unit": n.unit, "kind": n.kind, "reason": n.reason}
        return said | {"source": n.citekeys, "place": n.place, "fitted": self.fitted.get(name)}


def explain(assessment: Assessment, therapy_id: str) -> Explanation:
    """Return why a therapy is open, waiting or closed; raises `InputError` for an unknown therapy."""
    therapy, sex = evidence().therapy(therapy_id), assessment.patient.sex
    found, sure, numbers = (
        standing(evidence(), therapy_id, sex),
        graded(therapy_id, sex),
        _numbers(therapy, sex),
    )
    return Explanation(assessment, therapy, assessment.of(therapy_id), found, sure, numbers, _fitted(numbers))


def _fitted(numbers: dict[str, Number]) -> dict[str, dict[str, float]]:
    """Return what calibration found for those numbers that are parameters; nothing before it has run."""
    try:
        draws = parameters(evidence().posterior.draws())
    except EvidenceError:
        return {}
    ends = {"median": 0.5, "low": 0.05, "high": 0.95}
    return {
        name: {end: float(np.quantile(draws[name], q)) for end, q in ends.items()}
        for name in numbers
        if name in draws
    }


def _numbers(therapy: Therapy, sex: Sex) -> dict[str, Number]:
    """Return every number that the therapy's schedule and pull rest on."""
    found: dict[str, Number] = {}
    for name, dose in (therapy.dose or {}).items():
        if name == sex:
            found |= {f"dose.{end}": n for end in ("usual", "low", "high") if (n := getattr(dose, end))}
    if therapy.course:
        found |= {f"course.{key}": value for key, value in therapy.course if value is not None}
    for action in therapy.actions:
        found |= {f"{action.on}.{name}": time for name, time in action.times.items()}
        named = (action.potency, action.half_dose, action.dose_scale, action.responder)
        found |= {name: evidence().parameters[name] for name in named if name in evidence().parameters}
    return found
