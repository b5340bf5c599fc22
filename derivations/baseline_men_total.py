"""cohorts.baseline_men_total: between 172 (1,553 men) and 198 (212 men), trials weighed alike."""

print(round((876 / 5.067 + 198) / 2))
