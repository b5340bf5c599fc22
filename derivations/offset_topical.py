"""cohorts.offset_topical: mean change in the vehicle and control arms of topical trials."""

from statistics import mean

print(round(mean([3.9, 4.7, 9.4, 16.0, 6.7, -0.6, 2.0])))
