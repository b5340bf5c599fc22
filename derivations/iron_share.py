"""strain.iron_share: attributable share among women with low stores (Deloche 2007, abstract)."""

low_if_excessive, low_otherwise, excessive = 0.59, 0.48, 0.09
low = excessive * low_if_excessive + (1 - excessive) * low_otherwise
with_low = excessive * low_if_excessive / low
without = excessive * (1 - low_if_excessive) / (1 - low)
print(round(1 - without / with_low, 2))
