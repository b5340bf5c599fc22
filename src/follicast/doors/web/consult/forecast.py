"""The forecast: arms side by side, redrawn as options change, and the scalp under two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from follicast.assessment import Assessment, assess
from follicast.doors.output import plain
from follicast.doors.web import guard
from follicast.doors.web.consult import desk, table
from follicast.doors.web.consult.desk import Desk, Form, Held, Opened
from follicast.doors.web.consult.table import MOST_ARMS, Table
from follicast.doors.web.pages import language_of
from follicast.errors import InputError, Missing, NothingToGive
from follicast.plan.comparable import bare, drawable, pairs, worded
from follicast.plan.walk import expect
from follicast.regimen import Regimen
from follicast.report.course_chart import QUANTITIES, course, lines
from follicast.report.icons import icon_array
from follicast.report.names import arm_name
from follicast.report.text import Speech, speech

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)
DRAWS, REFINED = 120, 400  # as the API draws for a page: at once, and better in the background
MONTHS = (12, 24, 60)
SHARES = (1.0, 0.75, 0.5, 0.25)
STOPS = (6, 12)
TOLD_AT = (0, 3, 6, 12, 24, 60)


@router.get("/forecast")
def forecast(at: Opened, job: str = "") -> Response:
    """Show the arms on the table; `job` names a finished refinement of the same comparison."""
    return _shown(at, job=job)


@router.post("/forecast")
def lay(at: Held, form: Form) -> Response:
    """Lay other arms on the table, and show them."""
    found = assess(at.patient)
    before = table.lying(at.request, at.chart.id, found)
    may = {*drawable(found), *pairs(found)}
    asked = [arm for arm in desk.many(form, "arm") if arm in may][:MOST_ARMS]
    arms = [
        worded(arm, desk.number(form, f"share:{arm}") or 1.0, desk.number(form, f"stop:{arm}"))
        for arm in asked
    ]
    months, quantity = desk.text(form, "months"), desk.text(form, "quantity")
    laid = Table(
        arms or before.arms,
        int(months) if months in map(str, MONTHS) else before.months,
        quantity if quantity in QUANTITIES else before.quantity,
        before.chosen,
    )
    try:
        for arm in laid.arms:
            Regimen(arm)
    except InputError as trouble:
        return _shown(at, str(trouble), 422)
    table.lay(at.request, at.chart.id, laid)
    return at.go("forecast")


def _shown(at: Desk, trouble: str = "", status: int = 200, job: str = "") -> Response:
    found, say = assess(at.patient), speech(language_of(at.request))
    laid = table.lying(at.request, at.chart.id, found)
    try:
        answer = _refined(at, job) or _foreseen(at, laid)
    except NothingToGive as refusal:
        return at.page(
            "forecast.html", "forecast", status, assessment=found, answer=None, trouble=str(refusal)
        )
    names = {arm["arm"]: arm_name(arm["arm"], say) for arm in answer["arms"]}
    drawn = lines(answer, laid.quantity, names)
    return at.page(
        "forecast.html", "forecast", status, assessment=found, answer=answer, laid=laid, trouble=trouble,
        drawing=course(drawn, laid.quantity, say), drawn=drawn, quantities=QUANTITIES, months=MONTHS, shares=SHARES,
        stops=STOPS, told_at=[month for month in TOLD_AT if month <= laid.months], offered=_offered(found, laid),
        people={arm["arm"]: _people(arm, say) for arm in answer["arms"] if "of_100" in arm}, most=MOST_ARMS,
        work={"patient_id": at.chart.id, "version": at.chart.version, "arms": laid.arms, "months": laid.months,
              "draws": REFINED}, refined=REFINED,
    )  # fmt: skip


def _foreseen(at: Desk, laid: Table) -> Mapping[str, Any]:
    arms = [Regimen(arm) for arm in laid.arms]
    told: Mapping[str, Any] = plain(expect(at.patient, arms, months=laid.months, draws=DRAWS).as_json())
    return told


def _refined(at: Desk, job: str) -> Mapping[str, Any] | None:
    """Return what came of a refinement of this reader's for this patient; None where there is none any more."""
    if not job.isalnum():
        return None
    try:
        done = at.records.jobs.get(job)
    except Missing:
        return None
    ours = (
        done.by == guard.user_of(at.request).id and done.patient_id == at.chart.id and done.kind == "forecast"
    )
    told = done.result.get("answer") if ours and isinstance(done.result, dict) else None
    return told if isinstance(told, dict) else None


def _offered(found: Assessment, laid: Table) -> list[dict[str, Any]]:
    """Return every arm that may be laid on the table, as the form shows it."""
    there = {base: (share, stop) for base, share, stop in map(bare, laid.arms)}
    return [
        {
            "arm": arm,
            "on": arm in there,
            "share": there.get(arm, (1.0, None))[0],
            "stop": there.get(arm, (1.0, None))[1],
        }
        for arm in [*drawable(found), *pairs(found)]
    ]


def _people(arm: Mapping[str, Any], say: Speech) -> Any:
    return icon_array(arm["of_100"], say, arm_name(arm["arm"], say))
