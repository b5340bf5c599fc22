"""pharmacology.type1_half_life: hours, from a turnover of 0.0153 an hour."""

from math import log

print(round(log(2) / 0.0153, 1))
