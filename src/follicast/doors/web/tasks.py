"""Each kind of long work, from what was asked to what comes of it; nothing is computed here but called.

What the user can mend (a visit before the start) and what is refused (a red flag) come back as a result too, under
`trouble`, so that its words stand in the records beside her story and in no log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from follicast.doors.output import plain
from follicast.doors.web import problem
from follicast.doors.web.work import Desk, Kind
from follicast.errors import FollicastError, RecordsError
from follicast.patient import Patient, Visit
from follicast.records import Records
from follicast.regimen import Regimen

Asked = dict[str, Any]
CLINICIANS = (
    "clinic"  # where among the pages of an issued plan the clinician's stands, beside those by language
)


def person(asked: Asked, records: Records) -> Patient:
    """Return who a request is about: as told in it, or as kept in the version that it names."""
    if asked.get("patient_id") is None:
        return Patient.model_validate(asked["patient"])
    return records.patients.get(asked["patient_id"], asked["version"]).patient


class _Steps:
    """Tells of step after step, each a share of the way."""

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk, self.count, self.done = desk, count, 0

    def __call__(self, said: str) -> None:
        self.desk.say(min(self.done / self.count, 0.99), said)
        self.done += 1


def _mended(task: Callable[[Asked, Desk], Any]) -> Callable[[Asked, Desk], Any]:
    """Give what the user can mend back as a result."""

    def tried(asked: Asked, desk: Desk) -> Any:
        try:
            return task(asked, desk)
        except RecordsError:
            raise
        except FollicastError as trouble:
            flags = getattr(getattr(trouble, "assessment", None), "red_flags", [])
            told = {"status": problem.status_of(trouble), "detail": str(trouble)}
            return {"trouble": told | {"red_flags": [flag.as_json() for flag in flags]}}

    return tried


def _how(asked: Asked, *names: str) -> dict[str, Any]:
    told = {name: asked[name] for name in (*names, "seed", "draws")}
    start = asked["start"]
    return told | {"start": dt.date.fromisoformat(start) if start else None}


def foresee(asked: Asked, desk: Desk) -> Any:
    """Forecast; where it is to be refined, ask for that before giving what there is."""
    from follicast.plan.walk import expect

    arms = [Regimen(arm) for arm in asked["arms"]]
    found = expect(person(asked, desk.records), arms, **_how(asked, "months", "site"), say=_Steps(desk, 3))
    return {"draws": asked["draws"], "answer": plain(found.as_json()), "refined_by": _refined(asked, desk)}


def _refined(asked: Asked, desk: Desk) -> str | None:
    if asked["refine_to"] is None or asked["refine_to"] <= asked["draws"]:
        return None
    finer = asked | {"draws": asked["refine_to"], "refine_to": None}
    try:
        job = desk.work.ask("refinement", finer, by=desk.job.by, patient_id=asked.get("patient_id"))
    except RecordsError:
        return None  # too much waits; what there is will do
    return job.id


def plan(asked: Asked, desk: Desk) -> Any:
    """Make a plan and, if it is to be issued, its pages and calendar, and keep them."""
    from follicast.plan.walk import advise
    from follicast.report import report

    before = _issued_by(asked, desk)
    if before is not None:
        return before
    steps = _Steps(desk, 5 + len(asked["languages"]))
    made = advise(person(asked, desk.records), asked["choice"], **_how(asked, "months"), say=steps)
    document = plain(made.as_json())
    if not asked["issue"]:
        return {"answer": {"plan": document, "issued": None}}
    languages = list(dict.fromkeys(asked["languages"] or [made.assessment.patient.language]))
    pages = {}
    for language in languages:
        steps(f"writing the page in {language}")
        pages[language] = report(made, language).html
    if asked["clinician"]:
        steps("writing the clinician's page")
        pages[CLINICIANS] = report(made, languages[0], audience="clinician").html
    steps("keeping it")
    calendar = _calendar(made, asked["patient_id"], languages[0], desk.records)
    kept = desk.records.plans.issue(
        asked["patient_id"],
        document | {"calendar": calendar, "job": desk.job.id},
        patient_version=asked["version"],
        by=desk.job.by,
        pages=pages,
    )
    return {"answer": {"plan": document, "issued": kept.id}}


def _issued_by(asked: Asked, desk: Desk) -> Any:
    """Return what an earlier worker of this very job issued before it died: a plan is issued once."""
    if not asked["issue"] or desk.job.tries < 2:
        return None
    for kept in desk.records.plans.of(asked["patient_id"]):
        if kept.document.get("job") == desk.job.id:
            return {"answer": {"plan": bare(kept.document), "issued": kept.id}}
    return None


def bare(document: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's answer without what is kept beside it: its calendar and the job that made it."""
    return {key: value for key, value in document.items() if key not in ("calendar", "job")}


def _calendar(made: Any, patient_id: str, language: str, records: Records) -> str | None:
    """Return a plan's calendar, which replaces that of the plan issued before."""
    from follicast.doors.calendar import calendar

    old = [kept.document.get("calendar") for kept in records.plans.of(patient_id)]
    last = next((text for text in reversed(old) if text), None)
    neutral = made.assessment.patient.wishes.get("neutral_calendar") is True
    dates = calendar(made, last.encode() if last else None, language, neutral)
    return dates.decode() if dates else None


def follow(asked: Asked, desk: Desk) -> Any:
    """Sharpen a forecast by what was measured since its start."""
    from follicast.evidence.heading import heading
    from follicast.follow_up import given
    from follicast.plan.walk import expect

    who = person(asked, desk.records)
    arms = [Regimen(arm) for arm in dict.fromkeys([*asked["arms"], *filter(None, [asked["taken"]])])]
    steps = _Steps(desk, 5)
    found = expect(who, arms, **_how(asked, "months", "site"), say=steps)
    start = found.forecast.start
    seen = [visit for visit in _visits(asked, who, desk.records) if start is None or visit.date >= start]
    steps("weighing what was measured")
    after = given(found.forecast, seen, asked["taken"])
    steps("looking ahead")
    flags = {"red_flags": [flag.as_json() for flag in found.assessment.red_flags]}
    head = heading(asked["seed"], after.forecast.sources, after.warnings)
    return {"draws": asked["draws"], "answer": plain(head | flags | after.as_json())}


def scalp(asked: Asked, desk: Desk) -> Any:
    """Grow the top of the head under one or two arms, for a browser to draw."""
    from follicast.doors.web import scalps
    from follicast.plan.walk import expect

    steps = _Steps(desk, 5 + len(asked["arms"]))
    arms = [Regimen(arm) for arm in asked["arms"]]
    how = _how(asked) | {"months": max(12, *asked["months"])}
    found = scalps.grown(expect(person(asked, desk.records), arms, **how, say=steps).forecast, asked, steps)
    scalps.ALBUM.keep(desk.job.id, found)
    link = f"/api/scalps/{desk.job.id}"
    answer = {"header": found.header, "bytes": len(found.strands), "link": link}
    return {"draws": asked["draws"], "answer": plain(answer)}


def _visits(asked: Asked, who: Patient, records: Records) -> list[Visit]:
    if asked.get("patient_id") is None:
        return list(who.visits)
    return [*who.visits, *(visit.told for visit in records.visits.of(asked["patient_id"]))]


KINDS = {
    "forecast": Kind(_mended(foresee), "quick"),
    "plan": Kind(_mended(plan)),
    "scalp": Kind(_mended(scalp)),
    "follow-up": Kind(_mended(follow)),
    "refinement": Kind(_mended(foresee), "idle"),
}
