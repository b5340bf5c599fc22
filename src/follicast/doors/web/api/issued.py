"""Plans as they were issued: as JSON, as the page that was handed out, as a calendar, and on paper."""

from __future__ import annotations

from typing import Any, Literal

from fastapi.responses import Response

from follicast.doors.schema import Plan, SkinPlan
from follicast.doors.web import tasks
from follicast.doors.web.api import shapes
from follicast.doors.web.api.ways import In, RecordId, Who, answer, routes
from follicast.errors import Missing, NothingToGive
from follicast.records import Issued, Records, User
from follicast.report.paper import printed

router = routes("plans issued")
PageName = Literal["en", "vi", "ar", "ja", "clinic"]
# The page stands alone: its styles and pictures are inside it, and nothing in it may run or be sent.
_ALONE = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)


def shown(kept: Issued) -> dict[str, Any]:
    """Return an issued plan in short."""
    names = ("id", "patient_id", "patient_version", "evidence_version", "program", "seed", "at", "by")
    told = {name: getattr(kept, name) for name in names}
    about = {
        "choice": kept.document.get("choice", ""),
        "languages": sorted({*kept.pages} - {tasks.CLINICIANS}),
    }
    return told | about | {"link": f"/api/plans/{kept.id}"}


def _seen(records: Records, id: str, user: User) -> Issued:
    kept = records.plans.get(id)
    records.audit.note("seen", "plan", id, by=user, patient=kept.patient_id)
    return kept


def _page(records: Records, id: str, language: str, user: User) -> str:
    kept = _seen(records, id, user)
    if language not in kept.pages:
        raise Missing(
            f"this plan was not issued in '{language}', but in: {', '.join(sorted(kept.pages)) or 'no language'}."
        )
    return kept.pages[language]


@router.get("/patients/{id}/plans", response_model=list[shapes.Issued])
def of(id: RecordId, records: In) -> Any:
    """List the plans that were issued to a patient, oldest first."""
    return [shown(kept) for kept in records.plans.of(id)]


@router.get("/plans/{id}", response_model=Plan | SkinPlan)
def look(id: RecordId, records: In, user: Who) -> Any:
    """Read a plan as it was issued."""
    return answer(tasks.bare(_seen(records, id, user).document))


@router.get(
    "/plans/{id}/pages/{language}.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "the page on paper"}},
)
def paper(id: RecordId, language: PageName, records: In, user: Who) -> Any:
    """Print the page of a plan, where this machine has a renderer."""
    html = _page(records, id, language, user)
    try:
        pdf = printed(html)
    except NothingToGive as trouble:
        raise Missing(str(trouble)) from None
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": "inline"})


@router.get(
    "/plans/{id}/pages/{language}",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "the page that was handed out"}},
)
def page(id: RecordId, language: PageName, records: In, user: Who) -> Any:
    """Show the page of a plan as it was handed out."""
    html = _page(records, id, language, user)
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": _ALONE})


@router.get(
    "/plans/{id}/calendar.ics",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {}}, "description": "sessions, tests and visits"}},
)
def calendar(id: RecordId, records: In, user: Who) -> Any:
    """Give a plan's dates as a calendar."""
    text = _seen(records, id, user).document.get("calendar")
    if not text:
        raise Missing("this plan has no dates, so it has no calendar. Issue one with a start date.")
    named = {"Content-Disposition": 'attachment; filename="plan.ics"'}
    return Response(text, media_type="text/calendar", headers=named)
