"""reading.photograph_error: the SD of a rater's reading, in grades, under which he repeats 75 % of his grades.

Two readings get other grades where a border between grades falls between them. Borders are one grade apart, so the
chance of it is the readings' mean distance, which is 2 SD / sqrt(pi).
"""

from math import pi, sqrt

print(round((1 - 0.75) * sqrt(pi) / 2, 2))
