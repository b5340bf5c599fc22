"""reading.comb_share: the share of a day's loss that a minute of combing brings, in men without hair loss."""

younger, older, daily = 10.2, 10.3, 100.0  # hairs in 60 seconds, by age; facts.shed_healthy
print(round((younger + older) / 2 / daily, 2))
