"""pharmacology.type2_share_serum: the plateau of dose / (dose + half dose) through four falls of serum DHT.

Finasteride blocks type 2 alone, so what no dose of it can take away is type 1's (Drake 1999: 0.05 to 5 mg).
"""

falls = {0.05: 0.495, 0.2: 0.686, 1.0: 0.714, 5.0: 0.722}


def plateau(half: float) -> float:
    shape = {dose: dose / (dose + half) for dose in falls}
    return sum(shape[dose] * fall for dose, fall in falls.items()) / sum(x * x for x in shape.values())


def misfit(half: float) -> float:
    return sum((fall - plateau(half) * dose / (dose + half)) ** 2 for dose, fall in falls.items())


print(round(plateau(min((n / 10000 for n in range(50, 1000)), key=misfit)), 3))
