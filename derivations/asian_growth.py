"""people.asian_growth: growth of Asian over Caucasian hair (Loussouarn 2005, quoted)."""

print(round(411 / 367, 2))
