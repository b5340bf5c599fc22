"""Long work: asked for, listened to as it goes on, cancelled; or waited for by programs that have the time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from follicast.doors.web import problem
from follicast.doors.web.api import bodies, shapes
from follicast.doors.web.api.at_once import request_of
from follicast.doors.web.api.ways import In, Queue, RecordId, Who, answer, may, routes
from follicast.doors.web.scalps import ALBUM
from follicast.doors.web.work import Work
from follicast.errors import Missing, RecordsError
from follicast.records import Job, Records, User
from follicast.records import jobs as kept

router = routes("work")


def shown(job: Job, whole: bool = True) -> dict[str, Any]:
    """Return a job as it is told; what came to nothing by a fault of what was asked has failed."""
    result = job.result if isinstance(job.result, dict) else {}
    trouble = result.get("trouble")
    told = {
        name: getattr(job, name) for name in ("id", "kind", "state", "progress", "patient_id", "created_at")
    }
    return told | {
        "state": kept.FAILED if trouble else job.state,
        "said": trouble["detail"] if trouble else job.said,
        "refined_by": result.get("refined_by"),
        "events": f"/api/jobs/{job.id}/events",
        "result": result.get("answer") if whole else None,
    }


def own(records: Records, id: str, user: User) -> Job:
    """Return a job of this user's, or anyone's to an admin; raises `Missing`: nobody else's is told of."""
    job = records.jobs.get(id)
    if job.by != user.id and not user.may("accounts"):
        raise Missing("no job of yours has this id. Look at /api/jobs.")
    return job


def _ask(kind: str, asked: bodies.Person, records: Records, work: Work, user: User) -> Job:
    return work.ask(kind, request_of(asked, records), by=user, patient_id=asked.patient_id)


# --- asked for, to be listened to -------------------------------------------------------------------------------


@router.post("/forecasts", status_code=202, response_model=shapes.Job)
def ask_forecast(asked: bodies.ForecastAsked, records: In, work: Queue, user: Who) -> Any:
    """Ask for a forecast of no treatment and of arms."""
    return shown(_ask("forecast", asked, records, work, user))


@router.post("/plans", status_code=202, response_model=shapes.Job)
def ask_plan(asked: bodies.PlanAsked, records: In, work: Queue, user: Who) -> Any:
    """Ask for a plan, to look at or to be issued."""
    if asked.issue:
        may(user, "issue")
    return shown(_ask("plan", asked, records, work, user))


@router.post("/follow-ups", status_code=202, response_model=shapes.Job)
def ask_follow_up(asked: bodies.FollowUpAsked, records: In, work: Queue, user: Who) -> Any:
    """Ask for a forecast sharpened by the visits since its start."""
    return shown(_ask("follow-up", asked, records, work, user))


@router.post("/scalps", status_code=202, response_model=shapes.Job)
def ask_scalp(asked: bodies.ScalpAsked, records: In, work: Queue, user: Who) -> Any:
    """Ask for the top of the head of one draw, under one or two arms: the same follicles under both."""
    return shown(_ask("scalp", asked, records, work, user))


@router.get(
    "/scalps/{id}",
    response_class=Response,
    responses={
        200: {
            "content": {"application/octet-stream": {}},
            "description": "strands (FOLLSTR1)",
        }
    },
)
def strands(id: RecordId, records: In, user: Who) -> Any:
    """Give the strands of a job, for WebGL."""
    found = ALBUM.get(own(records, id, user).id)
    return Response(found.strands, media_type="application/octet-stream")


@router.get(
    "/scalps/{id}/pictures/{step}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "the server's picture of a step"}},
)
def picture(id: RecordId, step: Annotated[int, Path(ge=0, le=100)], records: In, user: Who) -> Any:
    """Draw a step of a job on the server, where a browser cannot, or for print."""
    found = ALBUM.get(own(records, id, user).id)
    return Response(found.picture(step), media_type="image/png")


# --- waited for --------------------------------------------------------------------------------------------------


@router.post("/forecast", response_model=shapes.Foreseen)
async def forecast(asked: bodies.ForecastAsked, request: Request, records: In, work: Queue, user: Who) -> Any:
    """Forecast no treatment and arms, and answer when it is done."""
    asked.refine_to = None
    return await _waited("forecast", asked, request, records, work, user)


@router.post("/plan", response_model=shapes.Planned)
async def plan(asked: bodies.PlanAsked, request: Request, records: In, work: Queue, user: Who) -> Any:
    """Plan a choice, and answer when it is done."""
    if asked.issue:
        may(user, "issue")
    return await _waited("plan", asked, request, records, work, user)


@router.post("/follow-up", response_model=shapes.FollowUp)
async def follow_up(
    asked: bodies.FollowUpAsked, request: Request, records: In, work: Queue, user: Who
) -> Any:
    """Sharpen a forecast by visits, and answer when it is done."""
    return await _waited("follow-up", asked, request, records, work, user)


async def _waited(
    kind: str, asked: bodies.Person, request: Request, records: Records, work: Work, user: User
) -> Any:
    """Wait for a job; whoever hangs up does not want it any more."""
    job = await run_in_threadpool(_ask, kind, asked, records, work, user)
    while not job.ended:
        await work.wait(job.id)
        if await request.is_disconnected():
            await run_in_threadpool(work.cancel, job.id, by=user)
            return Response(status_code=499)
        job = await run_in_threadpool(records.jobs.get, job.id)
    return _answer(job)


def _answer(job: Job) -> Any:
    result = job.result if isinstance(job.result, dict) else {}
    if "trouble" in result:
        trouble = result["trouble"]
        return problem.answer(trouble["status"], trouble["detail"], red_flags=trouble["red_flags"])
    if job.state == kept.DONE:
        return answer(result["answer"])
    status = 409 if job.state == kept.CANCELLED else 500
    return problem.answer(status, job.said or "the work was cancelled; ask anew.")


# --- looked at, listened to, cancelled ---------------------------------------------------------------------------


@router.get("/jobs", response_model=list[shapes.Job])
def mine(records: In, user: Who) -> Any:
    """List what the user asked for in the last day, newest first, without what came of it."""
    return [shown(job, whole=False) for job in records.jobs.of(user)]


@router.get("/jobs/{id}", response_model=shapes.Job)
def look(id: RecordId, records: In, user: Who) -> Any:
    """Look at one job, and at what came of it."""
    return shown(own(records, id, user))


@router.post("/jobs/{id}/cancel", response_model=shapes.Job)
def cancel(id: RecordId, records: In, work: Queue, user: Who) -> Any:
    """Cancel a job and its refinement; one that has ended stays as it is."""
    job = own(records, id, user)
    finer = shown(job)["refined_by"]
    if finer:
        work.cancel(finer, by=user)
    return shown(work.cancel(job.id, by=user))


@router.get(
    "/jobs/{id}/events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}, "description": "state, result, trouble, end"}},
)
async def events(id: RecordId, records: In, work: Queue, user: Who) -> Any:
    """Tell how far a job is, then what came of it and of its refinement, then that it has ended."""
    job = await run_in_threadpool(own, records, id, user)
    return EventSourceResponse(_told(job, records, work), ping=15)


async def _told(job: Job, records: Records, work: Work) -> AsyncIterator[ServerSentEvent]:
    while True:
        async for now in _course(job, records, work):
            job = now
            yield _event("state", {name: shown(job)[name] for name in ("id", "state", "progress", "said")})
        finer = shown(job)["refined_by"]
        yield _outcome(job, final=finer is None)
        if not finer:
            break
        try:
            job = await run_in_threadpool(records.jobs.get, finer)
        except RecordsError:
            break  # dropped meanwhile; what was told stands
    yield _event("end", {"state": shown(job)["state"]})


async def _course(job: Job, records: Records, work: Work) -> AsyncIterator[Job]:
    """Yield a job whenever it has something new to tell, the last time when it has ended."""
    before: tuple[Any, ...] = ()
    while True:
        now = (job.state, job.progress, job.said)
        if now != before:
            yield job
        if job.ended:
            return
        before = now
        await work.wait(job.id)
        job = await run_in_threadpool(records.jobs.get, job.id)


def _outcome(job: Job, final: bool) -> ServerSentEvent:
    told = shown(job)
    if told["state"] == kept.DONE:
        return _event("result", {"draws": job.result.get("draws"), "final": final, "result": told["result"]})
    return _event("trouble", {"detail": told["said"] or told["state"]})


def _event(name: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False, allow_nan=False), event=name)
