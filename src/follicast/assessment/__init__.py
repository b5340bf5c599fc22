"""What it is likely to be, and what is safe: diagnosis, red flags, and each therapy open, waiting or closed.

Everything here is a reading of declared facts by rules that name their source. It sees no scalp and knows no
rule that is not in the evidence; what the patient's story leaves out stays unknown and is asked for.
"""

from follicast.assessment.answer import (
    Assessment,
    Diagnosis,
    LabToAsk,
    Move,
    Question,
    Reason,
    RedFlag,
    Screened,
    Tried,
)
from follicast.assessment.consultation import assess

__all__ = [
    "Assessment",
    "Diagnosis",
    "LabToAsk",
    "Move",
    "Question",
    "Reason",
    "RedFlag",
    "Screened",
    "Tried",
    "assess",
]
