"""people.african_growth: growth of African over Caucasian hair (Loussouarn 2005, quoted)."""

print(round(280 / 367, 2))
