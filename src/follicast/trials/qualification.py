"""Predicted against observed: every published arm run again with the follicles themselves, not the emulator.

Twice over: with the posterior of all studies, and for each study with the posterior that never saw it. The
second is the number to quote. Beside it stands an honest baseline: the mean of the other trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.parameters import parameters
from follicast.trials import facts, likelihood, virtual
from follicast.trials.observations import Datum, observations
from follicast.trials.study_files import Skipped, read_studies

SEED = 11
DRAWS, DRAWS_LEFT_OUT = 48, 24
PERSONS, FOLLICLES = 40, 240
_ECHOES = 25  # random errors drawn for each posterior draw
_BOOTSTRAP = 2000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Predicted:
    """One datum with its predictive distribution [echo]."""

    datum: Datum
    echoes: Floats

    @property
    def mean(self) -> float:
        """The prediction."""
        return float(self.echoes.mean())

    def inside(self, share: float) -> bool:
        """Say whether the observation lies within the central interval of that share."""
        low, high = np.quantile(self.echoes, [(1 - share) / 2, (1 + share) / 2])
        return bool(low <= self.datum.value <= high)

    def as_json(self) -> dict[str, Any]:
        """Return the keys that other programs rely on."""
        low90, low50, high50, high90 = np.quantile(self.echoes, [0.05, 0.25, 0.75, 0.95])
        d = self.datum
        rounded = {
            name: round(float(value), 2)
            for name, value in (
                ("observed", d.value),
                ("observed_se", d.se),
                ("predicted", self.mean),
                ("low50", low50),
                ("high50", high50),
                ("low90", low90),
                ("high90", high90),
            )
        }
        return {
            "study": d.study,
            "arm": d.arm + (f" minus {d.minus}" if d.minus else ""),
            "kind": d.kind,
            "week": d.week,
            "endpoint": d.endpoint,
            "unit": d.unit,
            "se_source": d.se_source,
            "in_fit": d.in_fit,
            "regimen": d.regimen,
            **rounded,
        }


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
    mean, _ = virtual.predict(data, [], parameters(z[pick]), PERSONS, FOLLICLES)
    told = likelihood.printed(data)
    luck = np.random.default_rng(SEED)
    echoes = []
    for row, more in zip(mean, nuisance[pick], strict=True):
        cov = told.covariance(*np.exp(more[-2:])) - told.sampling + np.diag([d.se**2 for d in data])
        echoes.append(
            luck.multivariate_normal(row + told.offset @ more[:-2], cov, size=_ECHOES, method="cholesky")
        )
    return [Predicted(d, column) for d, column in zip(data, np.concatenate(echoes).T, strict=True)]


def summary(rows: list[Predicted]) -> dict[str, Any]:
    """Return root-mean-square error and bias [hairs/cm2] and coverage of the 50 % and 90 % intervals."""
    rows = [p for p in rows if p.datum.unit == "/cm2"]
    if not rows:
        return {"rmse": None, "bias": None, "cover50": None, "cover90": None, "n": 0}
    away = np.array([p.mean - p.datum.value for p in rows])
    return {
        "rmse": round(float(np.sqrt(np.mean(away**2))), 2),
        "bias": round(float(away.mean()), 2),
        "cover50": round(float(np.mean([p.inside(0.5) for p in rows])), 3),
        "cover90": round(float(np.mean([p.inside(0.9) for p in rows])), 3),
        "n": len(rows),
    }


def left_out_summary(rows: list[Predicted]) -> dict[str, Any]:
    """Return the summary on unseen studies, with bootstrap intervals over studies and the honest baseline."""
    rows = [p for p in rows if p.datum.unit == "/cm2"]
    base = {id(p): other_trials_mean(p.datum, [q.datum for q in rows]) for p in rows}
    paired = [p for p in rows if base[id(p)] is not None]
    studies = sorted({p.datum.study for p in rows})
    luck = np.random.default_rng(SEED)
    samples = [
        [p for s in luck.choice(studies, len(studies)) for p in rows if p.datum.study == s]
        for _ in range(_BOOTSTRAP)
    ]
    differences = [
        _rmse(some, base) for sample in samples if (some := [p for p in sample if base[id(p)] is not None])
    ]
    return summary(rows) | {
        "cover50_interval": _interval([np.mean([p.inside(0.5) for p in sample]) for sample in samples]),
        "cover90_interval": _interval([np.mean([p.inside(0.9) for p in sample]) for sample in samples]),
        "baseline_n": len(paired),
        "baseline_rmse": round(_rmse(paired, base)[1], 2) if paired else None,
        "model_rmse_where_baseline": round(_rmse(paired, base)[0], 2) if paired else None,
        "difference_interval": _interval([model - other for model, other in differences]),
        "studies": len(studies),
        "contrasts": summary([p for p in rows if p.datum.kind == "contrast"]),
        "arms_only": summary([p for p in rows if p.datum.kind == "arm"]),
    }


def other_trials_mean(datum: Datum, everything: list[Datum]) -> float | None:
    """Return the mean of the other trials of the same therapy at the nearest week: the baseline to beat."""
    alike = [
        d
        for d in everything
        if d.study != datum.study
        and d.kind == datum.kind
        and d.therapies.keys() == datum.therapies.keys()
        and d.unit == datum.unit
    ]
    if not alike:
        return None
    nearest = min(abs(d.week - datum.week) for d in alike)
    return float(np.mean([d.value for d in alike if abs(d.week - datum.week) == nearest]))


def _rmse(rows: list[Predicted], base: dict[int, float | None]) -> tuple[float, float]:
    model = np.array([p.mean - p.datum.value for p in rows])
    other = np.array([float(base[id(p)] or 0.0) - p.datum.value for p in rows])
    return float(np.sqrt(np.mean(model**2))), float(np.sqrt(np.mean(other**2)))


def _interval(values: list[Any]) -> list[float]:
    return [round(float(v), 3) for v in np.quantile(np.array(values, dtype=float), [0.05, 0.95])]
