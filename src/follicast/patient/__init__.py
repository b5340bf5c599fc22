"""Who sits in the chair: the person, the history, the drugs, the laboratory values and the wishes, as told.

One model serves the file, the form and the API. Only age and sex are required; what is absent is unknown and
stays so. This room checks that a story can be true; what it means is for `assessment`. It refuses what cannot
be (an age of 300, a pregnant man) and what it would have to guess at (a drug it does not know).
"""

from follicast.names import ROMAN, drug_called, drugs_called, folded, lab_called
from follicast.patient.contradictions import Contradiction, contradictions
from follicast.patient.findings import Grading, Pattern, PullTest, SiteLoss, Trichoscopy
from follicast.patient.history import DrugTaken, Onset, Practice, Previous, Relative, Trigger
from follicast.patient.measured import Budget, Count, Lab, Shedding
from follicast.patient.person import Patient, Visit
from follicast.patient.words import MAX_BYTES, OLDEST_A, SCALES

__all__ = [
    "MAX_BYTES", "OLDEST_A", "ROMAN", "SCALES", "Budget", "Contradiction", "Count", "DrugTaken", "Grading", "Lab",
    "Onset", "Patient", "Pattern", "Practice", "Previous", "PullTest", "Relative", "Shedding", "SiteLoss",
    "Trichoscopy", "Trigger", "Visit", "contradictions", "drug_called", "drugs_called", "folded", "lab_called",
]  # fmt: skip
