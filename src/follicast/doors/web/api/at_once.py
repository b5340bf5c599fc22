"""What is answered at once: the assessment, why a therapy is open or closed, and who is signed in."""

from __future__ import annotations

from typing import Any, Literal

from follicast.assessment import assess as assessed
from follicast.doors.web import tasks
from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.ways import In, Who, answer, routes
from follicast.patient import Patient
from follicast.plan.explanation import explain as explained
from follicast.records.permission import ROLES

router = routes("consultation")


@router.post("/assess", response_model=shapes.Assessment)
def assess(patient: Patient, setting: Literal["specialist", "general"] = "specialist") -> Any:
    """Say what it is likely to be, what must be seen first, which therapies are open, and what to ask next."""
    return answer(assessed(patient, setting=setting).as_json())


@router.post("/explain", response_model=shapes.Explanation)
def explain(asked: bodies.Explained, records: In) -> Any:
    """Show which rules and numbers gave the answer for one therapy."""
    person = tasks.person(request_of(asked, records), records)
    return answer(explained(assessed(person), asked.therapy).as_json())


@router.get("/me", response_model=shapes.Me)
def me(user: Who) -> Any:
    """Say who is signed in, and what she may do."""
    return vars(user) | {"may": sorted(ROLES.get(user.role, ()))}


def request_of(asked: bodies.Person, records: Any) -> dict[str, Any]:
    """Return what was asked as plain JSON; a patient of the records in the version she has now."""
    from follicast.records.patients import told

    said = asked.model_dump(mode="json")
    if asked.patient is not None:
        return said | {"patient": told(asked.patient)}
    return said | {"version": records.patients.get(asked.patient_id, asked.version).version}
