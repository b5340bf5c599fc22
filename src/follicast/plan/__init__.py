"""From a forecast to a plan: schedule, tests, aftercare, cost, harms beside benefits, choice.

`document` holds the plan; `choice` says what may be planned; `schedule`, `cost`, `balance` and `alternatives`
fill it; `walk` goes from patient to plan in one call; `explanation` says why.
"""

from follicast.plan.document import Plan

__all__ = ["Plan"]
