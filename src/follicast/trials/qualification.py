"""Predicted against observed: every published arm run again with the follicles themselves, not the emulator.

Twice over: with the posterior of all studies, and for each study with the posterior that never saw it. The
second is the number to quote. Beside it stands an honest baseline: the mean of the other trials.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from follicast.errors import EvidenceError
from follicast.evidence.library import evidence
from follicast.parameters import parameters
from follicast.trials import facts, likelihood, virtual
from follicast.trials.accuracy import Predicted, left_out_summary, net_of_control, summary
from follicast.trials.observations import Datum, observations
from follicast.trials.study_files import Skipped, read_studies
from follicast.trials.virtual import FOLLICLES, PERSONS

SEED = 11
DRAWS, DRAWS_LEFT_OUT = 48, 24
_ECHOES = 25  # random errors drawn for each posterior draw

Say = Callable[[str], None]


@dataclass(frozen=True)
class Qualification:
    """What was predicted, how well, with and without the study itself, and what emerges without being fitted."""

    arms: list[Predicted]
    left_out: list[Predicted]
    facts: list[facts.Fact]
    skipped: list[Skipped] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the keys that other programs rely on."""
        return {
            "arms": [p.as_json() for p in self.arms],
            "summary": summary([p for p in self.arms if p.datum.in_fit] or self.arms),
            "summary_of": "arms in the fit" if any(p.datum.in_fit for p in self.arms) else "all arms",
            "not_in_fit": summary([p for p in self.arms if not p.datum.in_fit]),
            "leave_one_out": left_out_summary(self.left_out) if self.left_out else None,
            "left_out_arms": [p.as_json() for p in self.left_out],
            "left_out_net": [p.as_json() for p in net_of_control(self.left_out)],
            "facts": [fact.as_json() for fact in self.facts],
            "skipped": [{"study": s.study, "arm": s.arm, "because": s.because} for s in self.skipped],
            "recipe": evidence().posterior.recipe,
        }


def qualify(files: list[Path], say: Say) -> Qualification:
    """Hold the posterior against all published arms, or against the studies in `files` alone."""
    if files:
        return _given(files, say)
    data = observations(evidence().studies.values())
    left_out: list[Predicted] = []
    kept = set(evidence().posterior.left_out)
    for study in dict.fromkeys(d.study for d in data if d.in_fit and d.study in kept):
        left_out += predict([d for d in data if d.study == study and d.in_fit], study, DRAWS_LEFT_OUT, say)
    return Qualification(predict(data, "", DRAWS, say), left_out, facts.check(say))


FILE = "qualified.json"


def record(found: Qualification) -> Path:
    """Write a qualification of the posterior that ships beside it, with the posterior's hash; whole or absent."""
    posterior = evidence().posterior
    path = posterior.folder / FILE
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(found.as_json() | {"posterior": posterior.hash}, indent=1) + "\n")
    beside.replace(path)
    return path


def recorded() -> dict[str, Any]:
    """Return the qualification that was recorded last; raises `EvidenceError` where none was."""
    path = evidence().posterior.folder / FILE
    if not path.exists():
        raise EvidenceError(
            f"{path.name}: no qualification was recorded; make one with: follicast qualify --record"
        )
    return dict(json.loads(path.read_text()))


def _given(files: list[Path], say: Say) -> Qualification:
    """Predict the studies in files; one that was fitted is predicted by the model that never saw it."""
    read = [read_studies(path) for path in files]
    data = observations(study for studies, _ in read for study in studies)
    fitted = set(evidence().posterior.left_out)
    new = [d for d in data if d.study not in fitted]
    rows = predict(new, "", DRAWS, say) if new else []
    for study in dict.fromkeys(d.study for d in data if d.study in fitted):
        rows += predict([d for d in data if d.study == study], study, DRAWS, say)
    return Qualification(rows, [], [], [one for _, left in read for one in left])


def predict(data: list[Datum], without: str, draws: int, say: Say) -> list[Predicted]:
    """Return the predictive distribution of data under the posterior of all studies, or of all but one."""
    say(f"{len(data)} results" + (f" of {without}, which the model has not seen" if without else ""))
    z, nuisance = evidence().posterior.draws(without), evidence().posterior.nuisances(without)
    pick = np.linspace(0, len(z) - 1, draws).astype(int)
    mean = virtual.predict(data, parameters(z[pick]), PERSONS, FOLLICLES)
    told = likelihood.printed(data)
    luck = np.random.default_rng(SEED)
    echoes = []
    for row, more in zip(mean, nuisance[pick], strict=True):
        drift, spreads = likelihood.split(more)
        cov = told.covariance(spreads)
        echoes.append(
            luck.multivariate_normal(row + told.offset @ drift, cov, size=_ECHOES, method="cholesky")
        )
    return [Predicted(d, column) for d, column in zip(data, np.concatenate(echoes).T, strict=True)]
