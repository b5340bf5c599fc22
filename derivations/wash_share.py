"""reading.wash_share: the share of a day's loss that one wash brings, in healthy people."""

washed, daily = 27.9, 100.0  # hairs in one wash, 24 hours after the last; facts.shed_healthy
print(round(washed / daily, 2))
