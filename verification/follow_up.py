"""Does a count at months 0, 3 and 6 sharpen the change by month 12, and do the intervals still hold what they promise?

Virtual people who were never used in fitting: grown by other draws of the posterior with other luck, counted on a
field of 1 cm2 with the errors of a method. The rival people live by the other reading of recovery and are counted with
half as much error again as was assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from follicast import observer
from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.follow_up import Seen
from follicast.follow_up.course import agreed, sharpened, so_far, uncounted
from follicast.forecast import Forecast, forecast
from follicast.parameters import names
from follicast.patient import Patient
from follicast.regimen import Regimen
from follicast.today import Today, today
from verification.verdict import Verdict

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PEOPLE, DRAWS, MONTHS = 150, 200, (0, 3, 6)
OFF = -4.0  # standard normal: the switch of climbing is off
# Person, arm, method, what the error should fall by at least (None: told only), rival people.
CASES = (
    ("woman-47-pattern", "minoxidil-topical-5", "matched", 0.40, False),
    ("woman-47-pattern", "minoxidil-topical-5", "phototrichogram", 0.15, False),
    ("man-28-vertex", "finasteride", "matched", None, False),
    ("man-28-vertex", "finasteride", "phototrichogram", None, False),
    ("woman-47-pattern", "minoxidil-topical-5", "matched", None, True),
    ("woman-47-pattern", "minoxidil-topical-5", "phototrichogram", None, True),
)


@dataclass(frozen=True)
class Scored:
    """What was forecast of one virtual person before and after the counts, and what came."""

    before: float
    after: float
    in90: bool
    in50: bool


def sharpening() -> Iterator[Verdict]:
    """The continuous ranked probability score before and after three counts, and the share inside the intervals."""
    for who, arm, method, aim, rival in CASES:
        scores = _scores(who, arm, method, rival)
        fall, low, high = _fall(scores)
        named = f"{'rival people, 1.5 times the error: ' if rival else ''}{who}, {arm}, {method}"
        yield Verdict(
            f"counts at 0, 3 and 6 months sharpen month 12 ({named})",
            f"error falls by {100 * fall:.0f} % (90 %: {100 * low:.0f} to {100 * high:.0f}), "
            + (f"aim {100 * aim:.0f} %" if aim else "no aim set"),
            aim is None or fall >= aim,
            law=False,
        )
        in90, in50 = (float(np.mean([getattr(s, name) for s in scores])) for name in ("in90", "in50"))
        error = 3.0 * np.sqrt(0.9 * 0.1 / PEOPLE)
        yield Verdict(
            f"intervals after the counts hold what they promise ({named})",
            f"{100 * in90:.0f} % inside the 90 % interval, {100 * in50:.0f} % inside the 50 % interval",
            in90 >= 0.9 - error,
            law=not rival,
        )


def _scores(who: str, arm: str, method: str, rival: bool) -> list[Scored]:
    person = Patient.load(EXAMPLES / f"{who}.yaml").model_copy(update={"counts": []})
    before = _forecast(today(person, seed=7, draws=DRAWS), arm)
    field = round(float(before.today.scalp.density.mean()))  # the follicles of one square centimetre
    truth = today(person, seed=4_242, draws=PEOPLE, follicles=field, beliefs=_rival() if rival else None)
    came = _forecast(truth, arm).arm(arm).values("terminal_density")
    many = uncounted(before, times=8)
    lived = so_far(many, Regimen(arm), [_seen(6, 1.0, method, 0.0)], before.cutoff_um)
    rng = np.random.default_rng(11)
    scores = []
    for course in came:
        counts = _counts(course, method, 1.5 if rival else 1.0, rng)
        after = sharpened(before, many, agreed(many, lived, counts), arm, counts)
        scores.append(_scored(_change(before, arm), _change(after, arm), float(course[12] - course[0])))
    return scores


def _forecast(now: Today, arm: str) -> Forecast:
    return forecast(now, [Regimen(arm)], months=12)


def _rival() -> Floats:
    z = evidence().posterior.draws().copy()
    z[:, names().index("climbing")] = OFF
    return z


def _counts(course: Floats, method: str, times: float, rng: np.random.Generator) -> list[Seen]:
    """Count a course with a method's errors, `times` as large as is assumed of it."""
    anew, alike = _errors(method)
    always = times * alike * rng.standard_normal()
    read = [course[m] * (1.0 + always + times * anew * rng.standard_normal()) for m in MONTHS]
    return [_seen(m, float(value), method, float(value)) for m, value in zip(MONTHS, read, strict=True)]


def _errors(method: str) -> tuple[float, float]:
    anew = observer.error_share(method) / np.sqrt(2.0)
    return anew, max(anew, observer.error_share("phototrichogram") / np.sqrt(2.0))


def _seen(month: float, value: float, method: str, size: float) -> Seen:
    anew, alike = _errors(method)
    return Seen(month, "terminal_density", value, alike * size, anew * size, method)


def _change(found: Forecast, arm: str) -> Floats:
    values = found.arm(arm).values("terminal_density")
    return values[:, 12] - values[:, 0]


def _scored(before: Floats, after: Floats, came: float) -> Scored:
    low90, low50, high50, high90 = np.quantile(after, (0.05, 0.25, 0.75, 0.95))
    return Scored(_crps(before, came), _crps(after, came), low90 <= came <= high90, low50 <= came <= high50)


def _crps(said: Floats, came: float) -> float:
    return float(np.abs(said - came).mean() - 0.5 * np.abs(said[:, None] - said[None]).mean())


def _fall(scores: list[Scored]) -> tuple[float, float, float]:
    """Return by what share the mean score falls, with a 90 % bootstrap interval over people."""
    table = np.array([(s.before, s.after) for s in scores])
    picks = np.random.default_rng(3).integers(0, len(table), (1000, len(table)))
    falls = 1.0 - table[picks, 1].mean(axis=1) / table[picks, 0].mean(axis=1)
    low, high = np.quantile(falls, (0.05, 0.95))
    return float(1.0 - table[:, 1].mean() / table[:, 0].mean()), float(low), float(high)


PROOFS = (sharpening,)
