"""Predicted against observed, as a table and as an answer to other programs."""

from __future__ import annotations

from typing import Any

from follicast.doors.output import table
from follicast.evidence.heading import heading
from follicast.evidence.library import evidence
from follicast.trials.qualification import Qualification

_COLUMNS = [
    "study",
    "arm",
    "week",
    "endpoint",
    "unit",
    "observed",
    "se",
    "predicted",
    "90 % interval",
    "in the fit",
]


def headed(found: Qualification) -> dict[str, Any]:
    """Return the answer with the keys that all answers share."""
    answer = found.as_json()
    studies = [evidence().studies.get(arm["study"]) for arm in answer["arms"]]
    sources = sorted({key for study in studies if study for key in study.citekeys})
    seed = (answer.get("recipe") or {}).get("seed")
    return heading(seed, sources, [skipped["because"] for skipped in answer.get("skipped", [])]) | answer


def told(found: Qualification) -> list[Any]:
    """Return the tables of a qualification: every arm, those left out, how far off both were, and the facts."""
    answer = found.as_json()
    parts: list[Any] = [_arms("Predicted against observed", answer["arms"])]
    unseen = answer["leave_one_out"]
    sums = {answer["summary_of"]: answer["summary"], "not in the fit": answer["not_in_fit"]}
    if unseen:
        parts.append(_arms("Each study predicted by a model that has not seen it", answer["left_out_arms"]))
        sums |= {
            "unseen studies": unseen,
            "unseen, arms": unseen["arms_only"],
            "unseen, net of control": unseen["net_of_control"],
        }
    parts += [_sums({name: one for name, one in sums.items() if one["n"]})]
    if unseen:
        alone = ", ".join(unseen["no_other_trial"]) or "none"
        parts += [f"therapies with no other trial: {alone}", _biases(unseen)]
        parts.append(_structures(answer["recipe"].get("structures", {})))
    if answer["facts"]:
        head = ["", "fact", "kind", "band", "value (90 %)", "holds"]
        parts.append(table("Facts", head, map(_fact, answer["facts"]), ids=False))
    return [
        *parts,
        *(f"left aside: {s['study']} {s['arm']}: {s['because']}" for s in answer.get("skipped", [])),
    ]


def _sums(sums: dict[str, dict[str, Any]]) -> Any:
    head = [
        "hairs/cm2",
        "n",
        "RMSE",
        "bias",
        "in 50 %",
        "in 90 %",
        "mean of other trials",
        "model there",
        "difference",
    ]
    rows = [
        (
            name,
            one["n"],
            _cell(one["rmse"]),
            _cell(one["bias"]),
            _share(one, "cover50"),
            _share(one, "cover90"),
            _cell(one.get("baseline_rmse")),
            _cell(one.get("model_rmse_where_baseline")),
            _cell(one.get("difference_interval")),
        )
        for name, one in sums.items()
    ]
    return table("How far off", head, rows, ids=False)


def _share(one: dict[str, Any], key: str) -> str:
    low_high = one.get(f"{key}_interval")
    said = f"{100.0 * one[key]:.0f} %"
    return said + (f" ({100.0 * low_high[0]:.0f} to {100.0 * low_high[1]:.0f})" if low_high else "")


def _biases(unseen: dict[str, Any]) -> Any:
    rows = [
        (name, one["n"], one["studies"], _cell(one["bias"]), _cell(one["bias_interval"]), _cell(one["rmse"]))
        for group in ("by_therapy", "by_sex", "by_duration")
        for name, one in unseen[group].items()
    ]
    head = ["unseen studies by", "n", "studies", "bias", "90 % interval", "RMSE"]
    return table("Bias in hairs/cm2 (predicted less observed)", head, rows, ids=False)


def _structures(structures: dict[str, Any]) -> Any:
    rows = [
        (
            name,
            _cell(one["weight"]),
            _cell(one["log_score"]),
            _cell(one["r_hat"]),
            one["divergences"],
            f"{max(one['pareto_k'].values()):.2f}",
            ", ".join(one["refitted"]) or "none",
        )
        for name, one in structures.items()
    ]
    head = [
        "structure",
        "weight",
        "log score",
        "R-hat",
        "divergences",
        "largest Pareto k",
        "sampled again without",
    ]
    return table("Rival structures of recovery", head, rows, ids=False)


def _arms(title: str, arms: list[dict[str, Any]]) -> Any:
    rows = [
        (
            a["study"],
            a["arm"],
            a["week"],
            a["endpoint"],
            a["unit"],
            _cell(a["observed"]),
            _cell(a["observed_se"]),
            _cell(a["predicted"]),
            f"{_cell(a['low90'])} to {_cell(a['high90'])}",
            "yes" if a["in_fit"] else "no",
        )
        for a in arms
    ]
    return table(title, _COLUMNS, rows)


def _fact(fact: dict[str, Any]) -> list[str]:
    band = f"{_cell(fact['low'])} to {_cell(fact['high'])} {fact['unit']}"
    value = f"{_cell(fact['value'])} ({_cell(fact['low90'])} to {_cell(fact['high90'])})"
    said = fact["fact"] + (f" [{fact['because']}]" if fact.get("because") and not fact["holds"] else "")
    number = str(fact.get("number") or "")
    return [number, said, fact["kind"], band, value, "yes" if fact["holds"] else "no"]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(map(_cell, value))
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
