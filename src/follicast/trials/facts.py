"""Facts a model of hair should show without having been told, each with its band and a verdict.

`fitted` marks facts that calibration has seen in one form or another, and facts that a constant of the evidence
was set by; only `emergent` ones are evidence that the mechanism is right. A fact of several numbers stands here
as several with the same place in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from follicast.cycle import Floats
from follicast.evidence.library import evidence
from follicast.parameters import parameters
from follicast.trials import fact_drugs, fact_effluvium, fact_healthy, fact_men, fact_people
from follicast.trials.anchors import healthy
from follicast.trials.fact_drugs import shed_excess, shed_over, shed_ratio, weeks_until_gone
from follicast.trials.fact_subjects import Subjects, cutoff

__all__ = [
    "Fact",
    "check",
    "cutoff",
    "healthy",
    "shed_excess",
    "shed_over",
    "shed_ratio",
    "weeks_until_gone",
]

DRAWS = 12

Kind = Literal["emergent", "fitted"]


@dataclass(frozen=True)
class Fact:
    """One fact: its place in the list of 28, the band it should fall into and the values [draw] that came out.

    `conflict` says why it cannot be met together with others, where that is known.
    """

    number: int
    name: str
    says: str
    kind: Kind
    low: float
    high: float
    unit: str
    values: Floats
    conflict: str | None = None

    @property
    def value(self) -> float:
        """The median over posterior draws."""
        return float(np.median(self.values))

    @property
    def holds(self) -> bool:
        """Whether the median lies in the band."""
        return bool(self.low <= self.value <= self.high)

    def as_json(self) -> dict[str, Any]:
        """Return the keys that other programs rely on; `because` stands where it fails and the reason is known."""
        low90, high90 = (round(float(end), 2) for end in np.quantile(self.values, [0.05, 0.95]))
        told = {
            "number": self.number, "id": self.name, "fact": self.says, "kind": self.kind,
            "low": self.low, "high": self.high, "unit": self.unit,
            "value": round(self.value, 2), "low90": low90, "high90": high90, "holds": self.holds,
        }  # fmt: skip
        return told | ({"because": self.conflict} if self.conflict and not self.holds else {})


@dataclass(frozen=True)
class Asked:
    """What a fact is asked by: its place in the list, its name in the evidence, its kind, and how it is found."""

    number: int
    name: str
    kind: Kind
    says: str
    found: Callable[[Subjects], Floats]

    def of(self, subjects: Subjects) -> Fact:
        """Return what the subjects answer, with the band that the evidence gives."""
        band = evidence().numbers[f"facts.{self.name}"]
        assert band.spread is not None and band.spread.low is not None and band.spread.high is not None
        low, high, values = band.spread.low, band.spread.high, self.found(subjects)
        return Fact(self.number, self.name, self.says, self.kind, low, high, band.unit, values, band.note)


def check(say: Callable[[str], None], believed: Mapping[str, Floats] | None = None) -> list[Fact]:
    """Run the facts on some posterior draws, or on the parameters [draw] that are handed in."""
    subjects = Subjects(_posterior() if believed is None else believed)
    found = []
    for about, facts in FACTS.items():
        say(f"facts: {about}")
        found += [asked.of(subjects) for asked in facts]
    return sorted(found, key=lambda fact: fact.number)


def _posterior() -> dict[str, Floats]:
    z = evidence().posterior.draws()
    return parameters(z[np.linspace(0, len(z) - 1, DRAWS).astype(int)])


_H, _M, _D, _E, _P = fact_healthy, fact_men, fact_drugs, fact_effluvium, fact_people
_TO_PLACEBO = "against placebo"

# fmt: off
FACTS: dict[str, tuple[Asked, ...]] = {
    "a healthy scalp": (
        Asked(1, "shed_healthy", "emergent", "healthy scalp: hairs shed a day from 100,000 follicles", _H.shed),
        Asked(3, "telogen_healthy", "emergent", "healthy scalp: resting hairs as a phototrichogram counts them",
              _H.telogen_counted),
        Asked(4, "anagen_histology", "fitted", "healthy histology: anagen among follicles with hair", _H.anagen_tissue),
        Asked(4, "catagen_histology", "emergent", "healthy histology: catagen among follicles with hair",
              _H.catagen_tissue),
        Asked(4, "telogen_histology", "fitted", "healthy histology: telogen among follicles with hair",
              _H.telogen_tissue),
        Asked(6, "no_wave", "emergent", "healthy scalp without seasons: swing of monthly shedding", _H.no_wave),
        Asked(7, "narrow_wave", "emergent", "anagen varies less: swing of monthly shedding", _H.narrow_wave),
        Asked(7, "narrow_volume", "emergent", "anagen varies less: change of hair volume", _H.narrow_volume),
        Asked(7, "short_wave", "emergent", "anagen is shorter: swing of monthly shedding", _H.short_wave),
        Asked(7, "short_volume", "emergent", "anagen is shorter: change of hair volume", _H.short_volume),
        Asked(8, "anagen_spring", "fitted", "temperate season: growing hairs in spring", _H.anagen_spring),
        Asked(8, "anagen_autumn", "fitted", "temperate season: growing hairs in autumn", _H.anagen_autumn),
        Asked(8, "shed_autumn_spring", "emergent", "temperate season: shedding in autumn over that in spring",
              _H.shed_autumn_spring),
        Asked(8, "telogen_peak", "fitted", "temperate season: day on which most hairs rest", _H.telogen_peak),
        Asked(8, "shed_peak_season", "emergent", "temperate season: day on which most hairs are shed", _H.shed_peak),
        Asked(26, "coverage_time", "emergent", "healthy scalp: days until a shaved scalp is covered",
              _H.time_to_coverage),
    ),
    "a fever, a birth, wash counts": (
        Asked(2, "wash_pattern", "emergent", "wash counts: pattern loss over healthy", _E.wash_pattern),
        Asked(2, "wash_effluvium", "emergent", "wash counts: telogen effluvium over healthy", _E.wash_effluvium),
        Asked(25, "fever_shed_peak", "emergent", "fever: weeks to the peak of shedding", _E.fever_shed_peak),
        Asked(25, "fever_telogen", "emergent", "fever: most resting hairs after it", _E.fever_telogen),
        Asked(25, "fever_recovery", "emergent", "fever: months until the count is back", _E.fever_recovery),
        Asked(25, "birth_shed_peak", "emergent", "birth: weeks to the peak of shedding", _E.birth_shed_peak),
        Asked(25, "birth_telogen", "emergent", "birth: most resting hairs after it", _E.birth_telogen),
        Asked(25, "birth_recovery", "emergent", "birth: months until the count is back", _E.birth_recovery),
    ),
    "men who are not treated": (
        Asked(5, "balding_anagen", "fitted", "balding vertex: growing hairs", _M.balding_anagen),
        Asked(5, "balding_density", "fitted", "balding vertex: all hairs", _M.balding_density),
        Asked(9, "vertex_five_years", "fitted", "untreated men's vertex: change of count in 5 years",
              _M.vertex_five_years),
        Asked(9, "vertex_yearly", "fitted", "untreated men's vertex: change of count in an average year of 5",
              _M.vertex_yearly),
        Asked(10, "frontal_weight", "fitted", "untreated men's front: change of hair weight in 192 weeks",
              _M.frontal_weight),
        Asked(10, "frontal_count", "fitted", "untreated men's front: change of count in 192 weeks", _M.frontal_count),
        Asked(10, "mass_over_count", "fitted", "untreated men's front: loss of weight over loss of count",
              _M.weight_over_count),
        Asked(11, "meaningful_two_years", "fitted", "untreated young men: change of hairs above 40 um in 2 years",
              _M.meaningful_two_years),
        Asked(11, "total_two_years", "fitted", "untreated young men: change of all hairs in 2 years",
              _M.total_two_years),
        Asked(28, "occiput_ten_years", "fitted", "men with pattern loss: change of the occiput's count in 10 years",
              _M.occiput_ten_years),
        Asked(28, "vertex_ten_years", "emergent", "the same men: change of the vertex's count in 10 years",
              _M.vertex_ten_years),
    ),
    "DHT": (
        Asked(14, "finasteride_serum", "fitted", "finasteride 1 mg: fall of DHT in the blood", _D.finasteride_serum),
        Asked(14, "finasteride_scalp", "fitted", "finasteride 1 mg: fall of DHT in the scalp", _D.finasteride_scalp),
        Asked(15, "finasteride_low_dose", "fitted", "finasteride 0.2 mg: fall of scalp DHT against that on 5 mg",
              _D.finasteride_low_dose),
        Asked(16, "dutasteride_serum", "fitted", "dutasteride 0.5 mg: fall of DHT in the blood", _D.dutasteride_serum),
        Asked(16, "dutasteride_scalp", "fitted", "dutasteride 0.5 mg: fall of DHT in the scalp", _D.dutasteride_scalp),
        Asked(17, "dht_returns", "emergent", "finasteride stopped: days until DHT is back to nine tenths",
              _D.dht_returns),
    ),
    "men and women under treatment": (
        Asked(12, "finasteride_total", "fitted", f"finasteride {_TO_PLACEBO}, 48 weeks: all hairs",
              _D.finasteride_total),
        Asked(12, "finasteride_anagen", "fitted", f"finasteride {_TO_PLACEBO}, 48 weeks: growing hairs",
              _D.finasteride_anagen),
        Asked(12, "finasteride_ratio", "fitted", f"finasteride {_TO_PLACEBO}, 48 weeks: growing over resting hairs",
              _D.finasteride_ratio),
        Asked(13, "finasteride_two_years", "fitted", f"finasteride {_TO_PLACEBO}, 2 years: all hairs",
              _D.finasteride_two_years),
        Asked(13, "finasteride_widens", "fitted", "finasteride: what the second year adds, of the first",
              _D.finasteride_widens),
        Asked(18, "minoxidil_men_early", "fitted", f"minoxidil 5 % {_TO_PLACEBO}, men, 16 weeks: terminal hairs",
              _D.minoxidil_men_early),
        Asked(18, "minoxidil_men", "fitted", f"minoxidil 5 % {_TO_PLACEBO}, men, 48 weeks: terminal hairs",
              _D.minoxidil_men),
        Asked(18, "minoxidil_plateau", "fitted", "minoxidil 5 %, men: gain of 6 months against that of 48 weeks",
              _D.minoxidil_plateau),
        Asked(19, "minoxidil_women", "fitted", f"minoxidil 5 % {_TO_PLACEBO}, women, 48 weeks: terminal hairs",
              _D.minoxidil_women),
        Asked(20, "shed_peak", "emergent", "minoxidil: week of the peak of shedding", _D.early_shed_peak),
        Asked(20, "shed_over", "emergent", "minoxidil: week by which shedding is back under 1.2 times",
              _D.early_shed_over),
        Asked(20, "shed_noticed", "emergent", "minoxidil: women who would notice the early shed",
              _D.early_shed_noticed),
        Asked(21, "minoxidil_withdrawal", "fitted",
              "minoxidil stopped: weeks until three quarters of the count are gone", _D.minoxidil_stopped),
        Asked(21, "minoxidil_withdrawal_weight", "fitted",
              "minoxidil stopped: weeks until three quarters of the weight are gone", _D.minoxidil_stopped_weight),
        Asked(21, "minoxidil_first_drop", "emergent", "minoxidil stopped: share of the gain gone in 8 weeks",
              _D.minoxidil_first_drop),
        Asked(22, "minoxidil_best", "emergent", "minoxidil for 5 years: month of the highest count", _D.minoxidil_best),
        Asked(22, "minoxidil_five_years", "emergent", "minoxidil for 5 years: change of the count since the start",
              _D.minoxidil_five_years),
        Asked(23, "responders_all", "emergent", "minoxidil 5 %, 6 months: men and women who visibly regrow",
              _D.responders_all),
        Asked(23, "responders_women", "emergent", "minoxidil 2 %, 6 months: women who visibly regrow",
              _D.responders_women),
        Asked(24, "finasteride_withdrawal", "emergent",
              "finasteride stopped: weeks until three quarters of the gain are gone", _D.finasteride_stopped),
    ),
    "whole populations": (
        Asked(27, "prevalence_men_korea", "fitted", "men of Korea: points by which the worst decade is off",
              _P.men_korea),
        Asked(27, "prevalence_men_china", "fitted", "men of China: points by which the worst decade is off",
              _P.men_china),
        Asked(27, "prevalence_women_korea", "fitted", "women of Korea: share with loss in the decade with most",
              _P.women_korea),
        Asked(27, "prevalence_women_china", "fitted", "women of China: share with loss in the decade with most",
              _P.women_china),
    ),
}
# fmt: on
