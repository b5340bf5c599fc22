"""From a forecast to a plan: schedule, tests, aftercare, cost, harms beside benefits, choice.

`document` holds the plan; `choice` says what may be planned; `schedule`, `cost`, `balance`, `harms` and
`alternatives` fill it; `combinations`, `comparison`, `criteria`, `preferences` and `ranking` lay the options side
by side; `variants` says what if; `walk` goes from patient to plan in one call; `explanation` says why.
"""

from follicast.plan.document import Plan
from follicast.plan.variants import what_if

__all__ = ["Plan", "what_if"]
