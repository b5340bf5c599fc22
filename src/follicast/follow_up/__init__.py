"""What later visits say: a forecast weighed by counts, before and after, and whether the course is on track.

Counts speak of the field that was counted, in which single hairs come and go by luck; shedding and diameters speak of
the person. It does not know why a person answers weakly: too few doses and a weak answer look alike.
"""

from follicast.follow_up.course import FollowUp, given
from follicast.follow_up.observations import Seen, seen

__all__ = ["FollowUp", "Seen", "given", "seen"]
