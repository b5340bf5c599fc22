"""pharmacology.dutasteride_rise: ng/mL for each mg, so that 0.5 mg a day settles at 40 ng/mL.

What goes in then equals what leaves by both ways; 1.73 is an apparent volume of 578 L, between the 511 L of the
single-dose study and the label's 300 to 500 L over a bioavailability of 60 % (500 to 833 L).
"""

from math import log

level, linear, saturable, km = 40.0, log(2) / 35, log(2) / 9.1, 0.96
print(round(level * (linear + saturable * km / (km + level)) / 0.5, 2))
