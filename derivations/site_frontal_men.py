"""sites.frontal_men: yearly loss of men's frontal count (Price 2006) over that of the vertex (Kaufman 2008)."""

front = 1 - (1 - 0.130) ** (52.18 / 192)
vertex = 1 - (1 - 0.263) ** (1 / 5)
print(round(front / vertex, 2))
