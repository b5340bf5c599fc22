"""people.african_density: visible hairs of African over Caucasian adults (Loussouarn 2005, quoted)."""

print(round(161 / 226, 2))
