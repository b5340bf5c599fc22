"""people.asian_density: visible hairs of Asian over Caucasian adults (Loussouarn 2005, quoted)."""

print(round(175 / 226, 2))
