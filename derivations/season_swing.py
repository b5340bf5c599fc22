"""hair_cycle.season_swing: the swing of the anagen clock under which telogen moves from about 10 to about 18 %.

Telogen follows the flow into it of the last hundred days: with a swing of x around a mean of 13 %, low and high are
13 (1 - 0.9 x) and 13 (1 + 0.9 x), the 0.9 being what averaging over 100 of 365 days leaves of a sine.
"""

from math import pi, sin

left = sin(pi * 100 / 365.25) / (pi * 100 / 365.25)
print(round((18 - 10) / (18 + 10) / left, 1))
