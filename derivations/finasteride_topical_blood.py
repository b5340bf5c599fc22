"""pharmacology.finasteride_topical_blood: mg by mouth that 1 mg on the scalp stands for in the blood.

Each fall of serum DHT under the solution (Caserini 2016, one week) is the fall that some dose by mouth would give:
share of type 2 times dose / (dose + 0.028). Geometric mean over the four doses.
"""

from math import prod

falls = {0.2275: 0.24, 0.455: 0.26, 0.6825: 0.44, 0.91: 0.48}
share, half = 0.736, 0.028
equal = [half * fall / (share - fall) / dose for dose, fall in falls.items()]
print(round(prod(equal) ** (1 / len(equal)), 3))
