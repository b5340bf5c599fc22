"""people.hispanic_density: hairs of Hispanic over Caucasian adults, mid-ranges over sites (Birnbaum 2018)."""

print(round((169 + 178) / (214 + 230), 2))
