"""How far predictions were from what was printed: error, bias and coverage, beside an honest baseline.

The baseline is the mean of the other trials of the same therapy at the nearest week: what a reader of the
literature would say without a model. Intervals come from a bootstrap over studies, as arms of one study go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from follicast.cycle import Floats
from follicast.trials.observations import Datum

SEED = 11
_BOOTSTRAP = 2000
_SHORT, _LONG = 26, 60  # weeks


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


Base = dict[int, float | None]


def net_of_control(rows: list[Predicted]) -> list[Predicted]:
    """Return every arm that was given something less the control arm of its study, where both were counted alike."""
    return [
        _net(arm, control)
        for arm in rows
        for control in rows
        if _alike(arm.datum, control.datum) and arm.datum.therapies and not control.datum.therapies
    ]


def _alike(arm: Datum, control: Datum) -> bool:
    same = ("study", "week", "endpoint", "unit", "cohorts")
    return not (arm.minus or control.minus) and all(getattr(arm, k) == getattr(control, k) for k in same)


def _net(arm: Predicted, control: Predicted) -> Predicted:
    a, c = arm.datum, control.datum
    how = a.se_source if a.se_source == c.se_source else "assumed"
    datum = replace(
        a,
        minus=c.arm,
        against=c.regimen,
        value=a.value - c.value,
        se=float(np.hypot(a.se, c.se)),
        se_source=how,
    )
    return Predicted(datum, arm.echoes - control.echoes)


def summary(rows: list[Predicted]) -> dict[str, Any]:
    """Return root-mean-square error and bias [hairs/cm2] and coverage of the 50 % and 90 % intervals."""
    rows = [p for p in rows if p.datum.unit == "/cm2"]
    if not rows:
        return {"rmse": None, "bias": None, "cover50": None, "cover90": None, "n": 0}
    away = _away(rows)
    return {
        "rmse": round(float(np.sqrt(np.mean(away**2))), 2),
        "bias": round(float(away.mean()), 2),
        "cover50": round(float(np.mean([p.inside(0.5) for p in rows])), 3),
        "cover90": round(float(np.mean([p.inside(0.9) for p in rows])), 3),
        "n": len(rows),
    }


def left_out_summary(rows: list[Predicted]) -> dict[str, Any]:
    """Return the summary on unseen studies, with bootstrap intervals over studies and the honest baseline."""
    every, rows = rows, [p for p in rows if p.datum.unit == "/cm2"]
    net = net_of_control(rows) + [p for p in rows if p.datum.kind == "contrast"]
    return (
        summary(rows)
        | {
            "cover50_interval": _over_studies(rows, lambda some: np.mean([p.inside(0.5) for p in some])),
            "cover90_interval": _over_studies(rows, lambda some: np.mean([p.inside(0.9) for p in some])),
            "studies": len({p.datum.study for p in rows}),
        }
        | _against_baseline(rows)
        | {
            "arms_only": _part([p for p in rows if p.datum.kind == "arm"]),
            "net_of_control": _part(net),
            "no_other_trial": _alone(rows),
            "by_therapy": _by(rows, lambda d: "+".join(sorted(d.therapies)) or "none"),
            "by_sex": _by(rows, lambda d: "both" if len(d.cohorts) > 1 else d.cohorts[0].sex),
            "by_duration": _by(rows, _duration),
            "every_unit": {
                "cover50": round(float(np.mean([p.inside(0.5) for p in every])), 3),
                "cover90": round(float(np.mean([p.inside(0.9) for p in every])), 3),
                "n": len(every),
            },
        }
    )


def _alone(rows: list[Predicted]) -> list[str]:
    """Return the therapies that a single study counted: for them there is no baseline, and no second opinion."""
    studies: dict[str, set[str]] = {}
    for p in rows:
        studies.setdefault("+".join(sorted(p.datum.therapies)), set()).add(p.datum.study)
    return sorted(therapy for therapy, found in studies.items() if therapy and len(found) == 1)


def _part(rows: list[Predicted]) -> dict[str, Any]:
    return summary(rows) | (_against_baseline(rows) if rows else {})


def _against_baseline(rows: list[Predicted]) -> dict[str, Any]:
    """Return the error beside that of the mean of the other trials, where there are any, and their difference."""
    base: Base = {id(p): other_trials_mean(p.datum, [q.datum for q in rows]) for p in rows}
    paired = [p for p in rows if base[id(p)] is not None]
    if not paired:
        return {
            "baseline_n": 0,
            "baseline_rmse": None,
            "model_rmse_where_baseline": None,
            "difference_interval": None,
        }

    def difference(some: list[Predicted]) -> float:
        model, other = _errors(some, base)
        return model - other

    model, other = _errors(paired, base)
    return {
        "baseline_n": len(paired),
        "baseline_rmse": round(other, 2),
        "model_rmse_where_baseline": round(model, 2),
        "difference_interval": _over_studies(paired, difference),
    }


def _by(rows: list[Predicted], group: Callable[[Datum], str]) -> dict[str, dict[str, Any]]:
    """Return bias and its interval over studies in each group."""
    groups = {
        name: [p for p in rows if group(p.datum) == name] for name in sorted({group(p.datum) for p in rows})
    }
    return {
        name: {
            **{key: summary(some)[key] for key in ("bias", "rmse", "n")},
            "studies": len({p.datum.study for p in some}),
            "bias_interval": _over_studies(some, lambda picked: float(_away(picked).mean())),
        }
        for name, some in groups.items()
    }


def _duration(datum: Datum) -> str:
    if datum.week <= _SHORT:
        return f"to week {_SHORT}"
    return f"to week {_LONG}" if datum.week <= _LONG else f"beyond week {_LONG}"


def other_trials_mean(datum: Datum, everything: Iterable[Datum]) -> float | None:
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


def _away(rows: list[Predicted]) -> Floats:
    return np.array([p.mean - p.datum.value for p in rows])


def _errors(rows: list[Predicted], base: Base) -> tuple[float, float]:
    other = np.array([float(base[id(p)] or 0.0) - p.datum.value for p in rows])
    return float(np.sqrt(np.mean(_away(rows) ** 2))), float(np.sqrt(np.mean(other**2)))


def _over_studies(rows: list[Predicted], value: Callable[[list[Predicted]], Any]) -> list[float]:
    """Return the 90 % interval of a value under resampling of studies, the same resamples for every value."""
    by_study: dict[str, list[Predicted]] = {}
    for p in rows:
        by_study.setdefault(p.datum.study, []).append(p)
    names, luck = sorted(by_study), np.random.default_rng(SEED)
    found = [
        value([p for name in luck.choice(names, len(names)) for p in by_study[name]])
        for _ in range(_BOOTSTRAP)
    ]
    return [round(float(v), 3) for v in np.quantile(np.array(found, dtype=float), [0.05, 0.95])]
