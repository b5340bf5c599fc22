"""pharmacology.type2_half_life: hours, from a turnover of 0.00871 an hour."""

from math import log

print(round(log(2) / 0.00871, 1))
