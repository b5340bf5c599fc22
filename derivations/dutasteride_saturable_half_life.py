"""pharmacology.dutasteride_saturable_half_life: days, from how long dutasteride can be found after the last capsule.

With a linear half-life of five weeks it takes five months from 40 to 0.1 ng/mL (label: four to six). The time is
the integral of dC / (C (linear + saturable Km / (Km + C))), whose closed form is solved for `saturable`.
"""

from math import log

linear, km, high, low, months = log(2) / 35, 0.96, 40.0, 0.1, 5


def days(saturable: float) -> float:
    both = (linear + saturable) * km
    slow = saturable / linear * log((linear * high + both) / (linear * low + both))
    return (log(high / low) + slow) / (linear + saturable)


below, above = 1e-4, 5.0
for _ in range(60):
    middle = (below + above) / 2
    below, above = (middle, above) if days(middle) > months * 30.4375 else (below, middle)
print(round(log(2) / below, 1))
