"""How far the single hairs of a counted field may stray by luck, and what a count says of where they strayed.

A forecast's draw holds some hundred follicles of the same person; the field that was counted holds others. What
fields of one person differ by is read off the parts of each draw's own field. It is taken as normal, which sums over
hundreds of hairs are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from follicast.cycle import Floats, Integers
from follicast.evidence.library import evidence
from follicast.follow_up.observations import COUNTED, Seen
from follicast.forecast import days_of, look, wound
from follicast.observer import Reading
from follicast.regimen import Regimen
from follicast.today import Today

PARTS = 6
# What adds up over follicles; the rest of a reading are ratios of these.
SUMS = ("total_density", "terminal_density", "anagen_density", "coverage", "daily_shedding", "hair_weight")


@dataclass(frozen=True)
class Field:
    """The course of each draw's field, in parts: sums [draw, sum, look, part]."""

    sums: Floats

    @property
    def whole(self) -> Floats:
        """The course of the whole field [draw, sum, look]."""
        return self.sums.sum(axis=-1)

    @property
    def strays(self) -> Floats:
        """How far each part strays from its share of the whole, scaled so that squares add up to the variance."""
        apart = self.sums - self.sums.mean(axis=-1, keepdims=True)
        return apart * np.sqrt(PARTS / (PARTS - 1.0))

    def at(self, counts: list[Seen]) -> tuple[Integers, Integers]:
        """Return where counts stand in a course: which sum, and which look."""
        return (
            np.array([SUMS.index(one.quantity) for one in counts], dtype=np.int64),
            np.array([one.look for one in counts], dtype=np.int64),
        )


def field(today: Today, regimen: Regimen, months: int, cutoff_um: float) -> Field:
    """Let each draw's field live under a regimen for so many months [mo], in parts that keep their luck."""
    clocks = wound(today, regimen, today.future(days_of(months)))
    parts = [look(scalp, clocks, months, cutoff_um) for scalp in today.scalp.parted(PARTS)]
    return Field(
        np.stack([np.stack([getattr(part, name) for name in SUMS], axis=1) for part in parts], axis=-1)
    )


def free(today: Today, area_cm2: float) -> Floats:
    """Return how much more [draw] a counted field strays than a draw's own, which holds more follicles.

    0 where the counted field is the larger one: then a draw's luck has to do.
    """
    return np.maximum(today.scalp.shape[1] / (today.scalp.density * area_cm2) - 1.0, 0.0)


def errors(counts: list[Seen]) -> Floats:
    """Return the covariance [count, count] of the errors of counts: a method's own is shared by its counts.

    Errors are taken for larger than printed, by as much as one may doubt them.
    """
    alike = np.array([one.alike for one in counts])
    same = np.array([[a.method == b.method for b in counts] for a in counts])
    return doubt() * (np.outer(alike, alike) * same + np.diag([one.anew**2 for one in counts]))


def doubt() -> float:
    """Return by how much variances are taken for larger [1] than the model and printed errors have them."""
    return float(evidence().numbers["follow_up.doubt"]) ** 2


def counted(observations: list[Seen]) -> list[Seen]:
    """Return the observations that are counts of a field."""
    return [one for one in observations if one.quantity in COUNTED]


def moved(
    fields: list[Field], taken: int, counts: list[Seen], freed: Floats, rng: np.random.Generator
) -> list[Floats]:
    """Return courses [draw, sum, look] of the counted field under each arm, given its counts under the arm taken.

    Each draw's field strays further by as much luck as the counted field has more of [draw], then is moved towards the
    counts, as far as its luck and their errors allow (conditional simulation, Matheron's rule).
    """
    gusts = rng.standard_normal((len(freed), PARTS)) * np.sqrt(freed)[:, None]
    own = [f.whole + np.einsum("dslp,dp->dsl", f.strays, gusts) for f in fields]
    if not counts:
        return own
    which, when = fields[taken].at(counts)
    here = fields[taken].strays[:, which, when]
    error = errors(counts)
    misread = rng.multivariate_normal(np.zeros(len(counts)), error, size=len(freed), method="cholesky")
    off = np.array([one.value for one in counts]) - own[taken][:, which, when] - misread
    spread = np.einsum("dip,djp->ij", here, here) / len(freed)
    pulled = np.linalg.solve(freed[:, None, None] * spread + error, off[..., None])[..., 0]
    return [
        path + freed[:, None, None] * _along(f, here, pulled) for f, path in zip(fields, own, strict=True)
    ]


def _along(field: Field, here: Floats, pulled: Floats) -> Floats:
    """Return what a pull [draw, count] on the counts does to a whole course, by how they stray together."""
    together = np.einsum("dslp,dip->sli", field.strays, here) / len(pulled)
    return np.einsum("sli,di->dsl", together, pulled)


def reading(sums: Floats) -> Reading:
    """Return a reading from sums [draw, sum, look]; the ratios follow, and nothing falls below none."""
    kept = dict(zip(SUMS, np.maximum(np.moveaxis(sums, 1, 0), 0.0), strict=True))
    total = np.maximum(kept["total_density"], 1e-9)
    kept["terminal_density"] = np.minimum(kept["terminal_density"], kept["total_density"])
    return Reading(
        mean_diameter=kept["coverage"] / total * 1e4,
        anagen_share=np.minimum(100.0 * kept["anagen_density"] / total, 100.0),
        **kept,
    )
