"""Follow-up: what a visit found, the forecast before and after, whether it goes as expected, and the next look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from follicast.assessment import assess
from follicast.doors.web import guard
from follicast.doors.web.consult import desk
from follicast.doors.web.consult.desk import Desk, Form, Held, Opened
from follicast.doors.web.pages import language_of
from follicast.errors import InputError, NothingToGive
from follicast.follow_up import FollowUp, given
from follicast.forecast import JUDGED_AT
from follicast.observer import error_share
from follicast.plan.comparable import drawable
from follicast.plan.walk import expect
from follicast.records import Measurement, Visit, measured
from follicast.regimen import Regimen
from follicast.report.course_chart import Course, Line, Point, course
from follicast.report.text import speech
from follicast.sites import SITES, usual_site

router = APIRouter(prefix="/patients/{id}", include_in_schema=False)
DRAWS = 120
#: What may be measured at a visit: label, unit, and whether it is read at a site.
KINDS: dict[str, tuple[str, str, bool]] = {
    "terminal_density": ("Thick hairs", "/cm²", True),
    "total_density": ("All hairs", "/cm²", True),
    "mean_diameter": ("Mean diameter", "µm", True),
    "anagen_share": ("Share that grows", "0–1", True),
    "shed_score": ("Shedding score, Sinclair", "1–6", False),
    "wash_count": ("Hairs in one wash", "", False),
}
METHODS = {
    "phototrichogram": "phototrichogram",
    "matched": "hair-to-hair matched pictures",
    "trichoscopy": "trichoscopy by hand",
}
_QUANTITY = "terminal_density"


@router.get("/follow-up")
def follow_up(at: Opened) -> Response:
    """Show the visits, and what they say of the course that was followed."""
    return _shown(at)


def _shown(at: Desk, trouble: str = "", status: int = 200, taken: str | None = None) -> Response:
    visits, found = at.records.visits.of(at.chart.id), assess(at.patient)
    followed = taken or _followed(at)
    weighed, why = _weighed(at, visits, followed)
    return at.page(
        "follow_up.html", "follow-up", status, trouble=trouble, why=why, visits=visits, kinds=KINDS,
        methods=METHODS, sites=SITES, usual=usual_site(at.patient.sex), weighed=weighed, followed=followed,
        arms=["none", *dict.fromkeys([*([followed] if followed != "none" else []), *drawable(found)])],
        drawing=_drawing(at, weighed) if weighed else None, today=dt.date.today(),
        off=round(100 * error_share("phototrichogram")), judged=JUDGED_AT,
        grows=_change(weighed) if weighed else None,
    )  # fmt: skip


def _followed(at: Desk) -> str:
    """Return the arm of the last plan that was issued; no treatment where none was."""
    issued = at.records.plans.of(at.chart.id)
    choice = issued[-1].document.get("choice") if issued else None
    return "none" if choice in (None, "watch") else str(choice)


def _weighed(at: Desk, visits: list[Visit], taken: str) -> tuple[FollowUp | None, str]:
    """Return the forecast weighed by the visits since its start, or why there is none."""
    start = at.patient.date
    later = [
        visit.told for visit in visits if start is not None and visit.day >= start and visit.measurements
    ]
    if not later:
        return None, ""
    months = 24 if start is None else max(24, -(-(later[-1].date - start).days // 30) + 6)
    try:
        before = expect(at.patient, [Regimen(taken)], months=months, draws=DRAWS).forecast
        return given(before, later, taken), ""
    except (NothingToGive, InputError) as refusal:
        return None, str(refusal)


def _change(weighed: FollowUp) -> int:
    """Return the change [%] of thick hairs that was expected by the month of judging, beside a count's error."""
    arm = weighed.before.arm(weighed.taken)
    return round(
        100 * abs(weighed.track.expected["median"]) / max(float(arm.values(_QUANTITY)[:, 0].mean()), 1.0)
    )


def _drawing(at: Desk, weighed: FollowUp) -> Course:
    say = speech(language_of(at.request))
    named = {"before": say.say("before the visits"), "after": say.say("after the visits")}
    drawn = [
        Line(named[key], k, forecast.months, _curve(forecast.arm(weighed.taken)))
        for k, (key, forecast) in enumerate((("before", weighed.before), ("after", weighed.forecast)))
    ]
    points = [
        Point(one.month, one.value, one.anew) for one in weighed.observations if one.quantity == _QUANTITY
    ]
    return course(drawn, _QUANTITY, say, points)


def _curve(arm: Any) -> dict[str, list[float]]:
    curve = arm.curves[_QUANTITY]
    return {name: [float(value) for value in getattr(curve, name)] for name in ("median", "low", "high")}


@router.post("/follow-up")
def tell(at: Held, form: Form) -> Response:
    """Keep a visit, or strike one out; then weigh anew."""
    by = guard.user_of(at.request)
    strike = desk.text(form, "strike")
    if strike:
        at.records.visits.strike(strike, version=desk.whole(form, "visit_version"), by=by)
        return at.go("follow-up")
    taken = desk.text(form, "taken")
    if taken:
        return _shown(at, taken=str(Regimen(taken)))
    try:
        day = desk.day(form, "day")
        found = list(_measurements(form))
        if day is None or not found:
            raise InputError("visit: it needs a day and at least one thing that was measured.")
        at.records.visits.add(at.chart.id, day, found, by=by, note=desk.text(form, "note"))
    except InputError as trouble:
        return _shown(at, str(trouble), 422)
    return at.go("follow-up")


def _measurements(form: Any) -> list[Measurement]:
    site, method = desk.text(form, "site"), desk.text(form, "method")
    found = []
    for kind, (_, _, at_site) in KINDS.items():
        value = desk.number(form, kind)
        if value is not None:
            where = (
                {"site": site, "method": method or None, "area_cm2": desk.number(form, "area")}
                if at_site
                else {}
            )
            found.append(measured(kind, value, error=desk.number(form, f"error:{kind}"), **where))  # type: ignore[arg-type]
    return found
