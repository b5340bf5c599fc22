"""reading.shed_score_doubling: what a doubling of shedding adds to Sinclair's shedding score.

The score rises from schoolgirls to women with pattern loss; a wash says how much more such people shed.
"""

from math import log2

print(round((4.96 - 2.68) / log2(52.2 / 27.9), 2))
