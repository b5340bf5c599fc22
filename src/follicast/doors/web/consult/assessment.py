"""The assessment: red flags first, kinds of loss with their probabilities, and every treatment with why."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from follicast.assessment import assess
from follicast.doors.web.consult.desk import Opened
from follicast.evidence.library import evidence
from follicast.plan.choice import candidates

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)


@router.get("/assessment")
def assessment(at: Opened) -> Response:
    """Show the assessment of the story as it stands."""
    found = assess(at.patient)
    given = {therapy.id for therapy in candidates(found)}
    # what is given for this kind of loss comes first, the rest on request
    near = [one for one in found.therapies if one.therapy in given]
    far = [one for one in found.therapies if one.therapy not in given]
    return at.page("assessment.html", "assessment", assessment=found, near=near, far=far, library=evidence())
