"""The plan: options side by side, one of them chosen, its dates and its costs; issued, printed, in a calendar."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from follicast.assessment import assess
from follicast.doors.web import guard
from follicast.doors.web.api import bodies
from follicast.doors.web.api.at_once import request_of
from follicast.doors.web.consult import desk, table
from follicast.doors.web.consult.desk import Desk, Form, Held, Opened
from follicast.errors import ArmError, InputError, Missing, NotAllowed, NothingToGive
from follicast.plan.walk import advise
from follicast.records import Job
from follicast.regimen import Regimen
from follicast.report.text import LANGUAGES

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)
_HARMS, _DAYS = 8, 14


@router.get("/plan")
def plan(at: Opened) -> Response:
    """Show the plan for what was chosen, or for what is advised."""
    return _shown(at)


@router.post("/plan")
def choose(at: Held, form: Form) -> Response:
    """Choose an arm, and show its plan."""
    found = assess(at.patient)
    laid = table.lying(at.request, at.chart.id, found)
    choice = desk.text(form, "choice")
    try:
        Regimen(choice) if choice not in ("", "watch") else None
    except ArmError as trouble:
        return _shown(at, str(trouble), 422)
    table.lay(at.request, at.chart.id, table.chosen(laid, choice or None))
    return at.go("plan")


def _shown(at: Desk, trouble: str = "", status: int = 200) -> Response:
    found = assess(at.patient)
    laid = table.lying(at.request, at.chart.id, found)
    issued = list(reversed(at.records.plans.of(at.chart.id)))
    told = {"assessment": found, "issued": issued, "languages_known": LANGUAGES, "harms_shown": _HARMS,
            "days_shown": _DAYS}  # fmt: skip
    try:
        made = advise(at.patient, laid.chosen)
    except (NothingToGive, InputError) as refusal:
        return at.page("plan.html", "plan", status, made=None, trouble=trouble or str(refusal), **told)
    return at.page("plan.html", "plan", status, made=made, trouble=trouble, **told)


@router.post("/plans")
def issue(at: Held, form: Form) -> Response:
    """Ask for the plan to be written and kept; the page that follows tells how far it is."""
    by = guard.user_of(at.request)
    if not by.may("issue"):
        raise NotAllowed("plan: your role may not issue one; a clinician may.")
    languages = [one for one in desk.many(form, "languages") if one in LANGUAGES] or [at.patient.language]
    try:
        asked = bodies.PlanAsked(
            patient_id=at.chart.id,
            version=at.chart.version,
            choice=desk.text(form, "choice") or None,
            languages=languages,  # type: ignore[arg-type]
            issue=True,
        )
    except ValueError:
        raise InputError("plan: there is no such choice. Choose one of the options side by side.") from None
    job = at.request.app.state.work.ask("plan", request_of(asked, at.records), by=by, patient_id=at.chart.id)
    return at.go(f"plans/work/{job.id}")


def _mine(at: Desk, job: str) -> Job:
    found = at.records.jobs.get(job)
    if found.by != guard.user_of(at.request).id or found.patient_id != at.chart.id:
        raise Missing("no work of yours has this id. Go back to the plan.")
    return found


@router.get("/plans/work/{job}")
def working(at: Opened, job: str) -> Response:
    """Tell how far the writing is, and go on to the plan once it is kept."""
    found = _mine(at, job)
    told = found.result if isinstance(found.result, dict) else {}
    issued = (told.get("answer") or {}).get("issued")
    if issued:
        return at.go(f"plans/{issued}")
    trouble = (told.get("trouble") or {}).get("detail", "") or (found.said if found.ended else "")
    return at.page("working.html", "plan", job=found, trouble=trouble)


@router.get("/plans/{plan_id}")
def issued(at: Opened, plan_id: str) -> Response:
    """Show a plan as it was issued: the page to print, the paper, the calendar."""
    kept = at.records.plans.get(plan_id)
    if kept.patient_id != at.chart.id:
        raise Missing("this patient was issued no such plan. Look at the plans that were issued.")
    return at.page("issued.html", "plan", kept=kept, languages_known=LANGUAGES)
