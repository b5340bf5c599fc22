"""pharmacology.dutasteride_type2: the level at which killing (0.0357 per ng/mL and hour) equals turnover, type 2."""

print(round(0.00871 / 0.0357, 3))
