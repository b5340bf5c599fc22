"""reading.sinclair_error: the SD that puts 75 % of readings within one grade of the true one."""

from statistics import NormalDist

print(round(1 / NormalDist().inv_cdf(0.5 + 0.75 / 2), 2))
