"""sites.occipital_density_men: occiput over top in the least affected of 109 men (Vecchio 2002, abstract)."""

print(round(127 / 138, 2))
