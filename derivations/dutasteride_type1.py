"""pharmacology.dutasteride_type1: ng/mL that halve type 1 of the blood, from five printed falls of serum DHT.

0.5 mg: 85 and 90 % after one and two weeks, 94 % at one year (label), 94.7 % at 24 weeks; 5 mg: 98.4 % at 24
weeks (Clark 2004). Least squares of the logarithm of what is left; one value cannot meet the first two weeks too.
"""

from math import log

import numpy as np

from follicast.evidence.library import evidence
from follicast.pharmacology import enzyme_left, level

falls = [(0.5, 7, 0.85), (0.5, 14, 0.90), (0.5, 168, 0.947), (0.5, 365, 0.94), (5.0, 168, 0.984)]
number = {name.removeprefix("pharmacology."): float(n) for name, n in evidence().numbers.items()}
turnover = [log(2) * 24 / number[f"type{n}_half_life"] for n in (1, 2)]
levels = {dose: level(np.full(365, dose), "dutasteride") for dose in (0.5, 5.0)}
type2 = {
    d: enzyme_left(turnover[1] * c / number["dutasteride_type2"], turnover[1]) for d, c in levels.items()
}


def misfit(half: float) -> float:
    type1 = {d: enzyme_left(turnover[0] * c / half, turnover[0]) for d, c in levels.items()}
    left = {d: type1[d] + number["type2_share_serum"] * (type2[d] - type1[d]) for d in levels}
    return sum(float(log(left[dose][day - 1] / (1 - fall)) ** 2) for dose, day, fall in falls)


print(min((n / 10 for n in range(50, 400)), key=misfit))
