"""What can go wrong, drawn once.

    FollicastError                 anything the user can mend; one message, never a traceback
    ├── InputError                 a file or an argument given by the user is at fault        exit 1
    │   ├── PatientError           a patient file
    │   ├── ArmError               an arm such as "prp:sessions=five"
    │   ├── StudyError             a study file given to `qualify --study`
    │   └── RecordsError           the clinic's records, or what was asked of them
    │       ├── Missing            no record has this id
    │       ├── records.Conflict   someone else saved first; carries both versions and what differs
    │       ├── NotAllowed         this user may not do that, or signed in wrongly too often
    │       ├── Busy               others held the records for too long; nothing was written
    │       ├── WrongSchema        the database has the shape of another release
    │       └── Damaged            what is kept is not what was written
    ├── NothingToGive              the answer is a refusal: every arm refused, a red flag …   exit 3
    └── EvidenceError              Follicast's own data is at fault (a bug of ours)           exit 1

Each message says where, what was given, why it cannot be, and what would do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FollicastError(Exception):
    """Anything a user can mend; `str(error)` is the whole message."""

    exit_code = 1


class InputError(FollicastError):
    """A file or an argument given by the user is at fault."""


class PatientError(InputError):
    """A patient file is at fault."""


class ArmError(InputError):
    """An arm is at fault."""


class StudyError(InputError):
    """A study file is at fault."""


class RecordsError(InputError):
    """The clinic's records are at fault, or what was asked of them; it never holds a fact about a patient."""


class Missing(RecordsError):
    """No record has this id."""


class NotAllowed(RecordsError):
    """A user may not do this, or not now; `wait_s` [s] says when it may be tried again, None for never."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Busy(RecordsError):
    """Others held the records for too long; nothing was written, and it may be tried again."""


class WrongSchema(RecordsError):
    """The database has the shape of another release."""


class Damaged(RecordsError):
    """What is kept is not what was written."""


class NothingToGive(FollicastError):
    """The honest answer is a refusal; its reasons are printed before it is raised."""

    exit_code = 3


class EvidenceError(FollicastError):
    """Follicast's own evidence is at fault."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name closest to the given one, or ""."""
    close = difflib.get_close_matches(given.lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
