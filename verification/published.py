"""Published trials re-run: how far predictions were from what was printed, and whether the README says so truly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from follicast.evidence.library import evidence
from follicast.trials import qualification
from follicast.trials.qualification import qualify
from verification.verdict import Verdict

ENOUGH_STUDIES = 3  # below, a bootstrap over studies says nothing
README = Path(__file__).resolve().parents[1] / "README.md"


@cache
def _qualified() -> dict[str, Any]:
    return qualify([], lambda _: None).as_json()


def coverage() -> Iterator[Verdict]:
    """Intervals on unseen studies hold what they promise, and beat the mean of the other trials."""
    out = _qualified()["leave_one_out"]
    low, high = out["cover90_interval"]
    yield Verdict(
        "unseen studies: 90 % intervals hold about 90 %",
        f"{100 * out['cover90']:.0f} % ({100 * low:.0f} to {100 * high:.0f} by bootstrap over studies)",
        low <= 0.9 <= high or out["cover90"] >= 0.85,
        law=False,
    )
    yield _beats("unseen studies", out)
    yield _beats("unseen studies, net of control", out["net_of_control"])


def _beats(what: str, out: dict[str, Any]) -> Verdict:
    """Say whether the model's error is below that of the mean of the other trials."""
    return Verdict(
        f"{what}: error below that of the mean of the other trials",
        f"{out['model_rmse_where_baseline']} against {out['baseline_rmse']} hairs/cm2; difference "
        f"{out['difference_interval']}",
        out["model_rmse_where_baseline"] < out["baseline_rmse"],
        law=False,
    )


def bias() -> Iterator[Verdict]:
    """No group of therapies, sex or duration is predicted too high or too low on unseen studies."""
    unseen = _qualified()["leave_one_out"]
    for group in ("by_therapy", "by_sex", "by_duration"):
        for name, found in unseen[group].items():
            low, high = found["bias_interval"]
            if found["studies"] >= ENOUGH_STUDIES:
                said = f"{found['bias']} hairs/cm2 ({low} to {high}), {found['studies']} studies"
                yield Verdict(f"unseen studies, {name}: no bias", said, low <= 0.0 <= high, law=False)


def facts() -> Iterator[Verdict]:
    """Facts that a model of hair should show."""
    for fact in _qualified()["facts"]:
        yield Verdict(
            f"{fact['number']}, {fact['kind']}: {fact['fact']}",
            f"{fact['value']} {fact['unit']} (band {fact['low']} to {fact['high']})"
            + (f"; {fact['because']}" if fact.get("because") else ""),
            fact["holds"],
            law=False,
        )


def sampling() -> Iterator[Verdict]:
    """The sampler's chains agreed, and truths stood at random ranks."""
    for name, found in evidence().posterior.recipe["structures"].items():
        yield Verdict(
            f"{name}: chains agree (R-hat below 1.02)", f"{found['r_hat']}", found["r_hat"] < 1.02, law=False
        )
        checked = found["rank_check"]
        yield Verdict(
            f"{name}: ranks of {checked['truths']} truths are even (false alarm 1 in 100)",
            f"p {checked['p_value']}; {100 * checked['inside_90']:.0f} % inside the middle 90 %",
            checked["p_value"] > 0.01,
            law=False,
        )


def recorded() -> Iterator[Verdict]:
    """The qualification that the documentation shows is the one found now."""
    kept, now = qualification.recorded(), _qualified()
    same = kept["posterior"] == evidence().posterior.hash and kept["leave_one_out"] == now["leave_one_out"]
    yield Verdict("the recorded qualification is found again", "same" if same else "it differs", same)


def readme() -> Iterator[Verdict]:
    """The README's figures are what qualification prints."""
    out = _qualified()["leave_one_out"]
    text = README.read_text()
    for name, value in (("rmse", out["rmse"]), ("bias", out["bias"])):
        said = re.search(rf"<!-- {name} -->\s*(-?[\d.]+)", text)
        found = float(said[1]) if said else None
        yield Verdict(
            f"the README states the {name} on unseen studies",
            f"{found} there, {value} now",
            found is not None and abs(found - value) <= 0.05,
        )


PROOFS = (coverage, bias, facts, sampling, recorded, readme)
