"""A circle of one inch in diameter in cm2, which trials print as 5.1 cm2."""

from math import pi

print(round(pi * 1.27**2, 3))
