"""Puts the claims of the source pages to virtual people and says whether they hold, do not hold, or cannot be told.

The rule: an answer lies in the band of its check or it does not, draw by draw of the posterior. A claim *holds*
where the median lies in the band and so do at least three draws in four; it *does not hold* where the median
lies outside and so do at least three in four. Otherwise it *cannot be said*: the data that the model was fitted
to leave the answer open. A draw in which a question has no answer (a treatment that does nothing has no gain
that could fade) counts for neither side.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.check import Check
from follicast.evidence.library import evidence
from follicast.evidence.verdict import Recipe, Said, Verdict, Verdicts, band
from follicast.parameters import parameters
from follicast.trials.cohort import SEED
from follicast.trials.questions import QUESTIONS, Answer, Volunteers
from follicast.trials.virtual import FOLLICLES, PERSONS

DRAWS, AT_ONCE = 64, 16  # no more draws at once than memory likes
FILE = "verdicts.yaml"
_DIGITS = 4  # significant ones; the rest would be the noise of few virtual people

Say = Callable[[str], None]


def ask(say: Say, draws: int = DRAWS, persons: int = PERSONS, follicles: int = FOLLICLES) -> Verdicts:
    """Put every check to virtual people and judge the answers; the same evidence gives the same verdicts."""
    checks, posterior = evidence().checks, evidence().posterior
    answers = _answers(say, draws, persons, follicles)
    recipe = Recipe(
        fitted_to=str(posterior.recipe["fitted_to"]),
        posterior=posterior.hash,
        seed=SEED,
        draws=draws,
        persons=persons,
        follicles=follicles,
    )
    return Verdicts(
        recipe=recipe, verdicts={name: judge(check, answers.get(name)) for name, check in checks.items()}
    )


def asked() -> list[str]:
    """Return the checks that are put to virtual people: all but those that wait for something."""
    return [name for name, check in evidence().checks.items() if check.waits_for is None]


def _answers(say: Say, draws: int, persons: int, follicles: int) -> dict[str, Answer]:
    z = evidence().posterior.draws()
    picked = z[np.linspace(0, len(z) - 1, draws).astype(int)]
    parts: dict[str, list[Answer]] = {name: [] for name in asked()}
    for first in range(0, draws, AT_ONCE):
        people = Volunteers(parameters(picked[first : first + AT_ONCE]), persons, follicles)
        for name, found in parts.items():
            say(f"claims, draws {first + 1} to {first + people.draws} of {draws}: {name}")
            found.append(QUESTIONS[name](people))
    return {name: _together(found) for name, found in parts.items()}


def _together(parts: list[Answer]) -> Answer:
    return Answer(
        np.concatenate([part.values for part in parts]),
        {name: np.concatenate([part.beside[name] for part in parts]) for name in parts[0].beside},
    )


def judge(check: Check, answer: Answer | None) -> Verdict:
    """Return the verdict on a check by the rule of this module; without an answer nothing can be said."""
    low, high = band(check)
    if answer is None or check.waits_for is not None:
        return Verdict(verdict="cannot be said", low=low, high=high)
    given, draws = _given(answer.values), answer.values.size
    inside = np.array([_lies(x, low, high) for x in given.tolist()], dtype=bool)
    low90, value, high90 = _interval(given)
    return Verdict(
        verdict=_said(inside.sum() / draws, (~inside).sum() / draws, _lies(value, low, high)),
        value=value,
        low90=low90,
        high90=high90,
        inside=_percent(inside.sum() / draws),
        unanswered=_percent(1.0 - given.size / draws),
        low=low,
        high=high,
        beside=_beside(answer),
    )


def _said(inside: float, outside: float, median_inside: bool) -> Said:
    enough = float(evidence().numbers["claims.agreement"]) / 100.0
    if median_inside and inside >= enough:
        return "holds"
    if not median_inside and outside >= enough:
        return "does not hold"
    return "cannot be said"


def _lies(value: float | None, low: float | None, high: float | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _given(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _interval(given: Floats) -> tuple[float | None, float | None, float | None]:
    """Return the lower end, the median and the upper end of the 90 % interval; none without an answer."""
    if not given.size:
        return None, None, None
    low, middle, high = (_rounded(float(x)) for x in np.quantile(given, [0.05, 0.5, 0.95]))
    return low, middle, high


def _beside(answer: Answer) -> dict[str, float]:
    found = {name: _interval(_given(values))[1] for name, values in answer.beside.items()}
    return {name: value for name, value in found.items() if value is not None}


def _rounded(value: float) -> float:
    return round(float(f"{value:.{_DIGITS}g}"), _DIGITS) + 0.0


def _percent(share: float) -> float:
    return round(100.0 * float(share), 1)


def write(verdicts: Verdicts, folder: Path | None = None) -> Path:
    """Write verdicts into an evidence folder, one check a line; the file is whole or absent."""
    path = (folder or evidence().folder) / FILE
    lines = [f"  {name}: {_line(found)}" for name, found in verdicts.verdicts.items()]
    head = "# Written by `follicast claims --run`, read by `follicast claims`. Not edited by hand."
    text = "\n".join([head, f"recipe: {verdicts.recipe.model_dump_json()}", "verdicts:", *lines])
    beside = path.with_suffix(".part")
    beside.write_text(text + "\n")
    beside.replace(path)
    return path


def _line(found: Verdict) -> str:
    return json.dumps(found.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
