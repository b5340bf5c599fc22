"""What another region's policy would say of the same person: only the therapies that would stand otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from follicast.assessment.logic import expression
from follicast.assessment.screened import Status
from follicast.assessment.screening import GATES, POLICIES, known_to, rules_for, statuses


@dataclass(frozen=True)
class Differing:
    """One therapy under every policy, and the regional rules that make the difference."""

    therapy: str
    status: dict[str, Status]
    rules: list[str]

    def as_json(self) -> dict[str, Any]:
        """Return every field."""
        return {"therapy": self.therapy, "status": self.status, "rules": self.rules}


def differing(known: Mapping[str, Any]) -> list[Differing]:
    """Return the therapies whose status is not the same under every policy."""
    under = {policy: statuses(known, policy) for policy in POLICIES}
    found = []
    for therapy in under[POLICIES[0]]:
        status = {policy: said[therapy] for policy, said in under.items()}
        if len(set(status.values())) > 1:
            found.append(Differing(therapy, status, _regional(therapy, known)))
    return found


def _regional(therapy_id: str, known: Mapping[str, Any]) -> list[str]:
    """Return the rules of single regions that close a therapy for this person or hold it up."""
    told = known_to(therapy_id, known)
    return [
        rule.id
        for rule in rules_for(therapy_id)
        if rule.regions
        and rule.effect in GATES
        and rule.when
        and _not_cleared(rule.when, rule.threshold, told)
    ]


def _not_cleared(when: str, threshold: Any, known: Mapping[str, Any]) -> bool:
    bound = {"threshold": threshold.value} if threshold else {}
    return expression(when).verdict({**known, **bound}) is not False
