"""anchors.women_on_photographs: mean of the women's baselines that two trials of minoxidil printed."""

from statistics import mean

print(round(mean([169.7, 167.3, 169, 161])))
