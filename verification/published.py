"""Published trials re-run: how far predictions were from what was printed, and whether the README says so truly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from follicast.trials.qualification import qualify
from verification.verdict import Verdict

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
    yield Verdict(
        "unseen studies: error below that of the mean of the other trials",
        f"{out['model_rmse_where_baseline']} against {out['baseline_rmse']} hairs/cm2; difference "
        f"{out['difference_interval']}",
        out["model_rmse_where_baseline"] < out["baseline_rmse"],
        law=False,
    )


def facts() -> Iterator[Verdict]:
    """Facts that a model of hair should show."""
    for fact in _qualified()["facts"]:
        yield Verdict(
            f"{fact['kind']}: {fact['fact']}",
            f"{fact['value']} {fact['unit']} (band {fact['low']} to {fact['high']})",
            fact["holds"],
            law=False,
        )


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


PROOFS = (coverage, facts, readme)
