"""Long work: what was asked, how far it is, what came of it. It survives a reload of the page and a death of
the worker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from follicast.errors import Missing, RecordsError
from follicast.records import words
from follicast.records.database import Database
from follicast.records.patients import newest_of
from follicast.records.permission import By, allowed
from follicast.records.schema import jobs

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
SILENT_S = 60.0  # a worker that has said nothing for so long is taken for dead
MOST_TRIES = 2


@dataclass(frozen=True)
class Job:
    """One piece of long work; `progress` runs from 0 to 1, `cancel` says that someone wants it to stop."""

    id: str
    patient_id: str | None
    kind: str
    state: str
    request: Any
    progress: float
    said: str
    result: Any
    cancel: bool
    tries: int
    created_at: dt.datetime
    heard_at: dt.datetime
    ended_at: dt.datetime | None
    by: str

    @property
    def ended(self) -> bool:
        """Whether it is done, has failed or was cancelled."""
        return self.state in ENDED


class Jobs:
    """The work in hand. A worker takes a job, tells how far it is, and stops when it is told that nobody wants
    it any more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, kind: str, request: Any, *, by: By, patient_id: str | None = None) -> Job:
        """Ask for work; it waits until a worker takes it."""
        text = words.spelt(request, "request")
        with self._database.writing() as connection:
            who, at = allowed(connection, by, "read"), self._database.clock()
            if patient_id is not None:
                newest_of(connection, patient_id)
            row = {"id": words.new_id(), "patient_id": patient_id, "kind": words.short(kind, "kind", 32),
                   "state": WAITING, "request": text, "progress": 0.0, "said": "", "result": None, "cancel": False,
                   "tries": 0, "created_at": at, "heard_at": at, "ended_at": None, "by": who}  # fmt: skip
            connection.execute(insert(jobs).values(row))
            return _get(connection, str(row["id"]))

    def waiting(self, kinds: Iterable[str] | None = None) -> int:
        """Return how many jobs (of some kinds only, if named) wait for a worker."""
        asked = select(func.count()).select_from(jobs).where(jobs.c.state == WAITING)
        if kinds is not None:
            asked = asked.where(jobs.c.kind.in_(list(kinds)))
        with self._database.reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def take(self, kinds: Iterable[str] | None = None) -> Job | None:
        """Take the job that has waited longest (of some kinds only, if named); None where nothing waits."""
        asked = select(jobs.c.id, jobs.c.tries).where(jobs.c.state == WAITING)
        if kinds is not None:
            asked = asked.where(jobs.c.kind.in_(list(kinds)))
        with self._database.writing() as connection:
            row = connection.execute(asked.order_by(jobs.c.created_at, jobs.c.id).limit(1)).one_or_none()
            if row is None:
                return None
            now = {"state": RUNNING, "tries": row.tries + 1, "heard_at": self._database.clock()}
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(now))
            return _get(connection, row.id)

    def tell(self, id: str, progress: float, said: str = "") -> bool:
        """Say how far a job is, in words without a patient's facts; return whether it should go on."""
        with self._database.writing() as connection:
            job = _get(connection, id)
            if job.state != RUNNING:
                return False
            now = {"progress": min(max(progress, job.progress), 1.0), "heard_at": self._database.clock()}
            connection.execute(
                update(jobs)
                .where(jobs.c.id == id)
                .values(now | {"said": words.short(said, "said", empty=True)})
            )
            return not job.cancel

    def finish(self, id: str, result: Any) -> Job:
        """Keep what came of a job; raises `RecordsError` where it is not running."""
        return self._end(id, DONE, {"result": words.spelt(result, "result"), "progress": 1.0})

    def fail(self, id: str, why: str) -> Job:
        """Say why a job came to nothing, in words without a patient's facts."""
        return self._end(id, FAILED, {"said": words.short(why, "why")})

    def stop(self, id: str) -> Job:
        """Say that a job has stopped because it was to be cancelled."""
        return self._end(id, CANCELLED, {})

    def release(self, id: str) -> Job:
        """Let a running job wait again, as a worker does that is told to go: it is no try that failed."""
        with self._database.writing() as connection:
            job, at = _get(connection, id), self._database.clock()
            if job.state == RUNNING:
                now = {"state": WAITING, "progress": 0.0, "heard_at": at, "tries": job.tries - 1}
                if job.cancel:
                    now = {"state": CANCELLED, "ended_at": at}
                connection.execute(update(jobs).where(jobs.c.id == id).values(now))
            return _get(connection, id)

    def _end(self, id: str, state: str, told: dict[str, Any]) -> Job:
        with self._database.writing() as connection:
            job, at = _get(connection, id), self._database.clock()
            if job.state != RUNNING:
                raise RecordsError(
                    f"job {id}: it is {job.state}, and only a running one can end. Nothing was written."
                )
            now = {"state": state, "heard_at": at, "ended_at": at, **told}
            connection.execute(update(jobs).where(jobs.c.id == id).values(now))
            return _get(connection, id)

    def cancel(self, id: str, *, by: By) -> Job:
        """Ask a job to stop: a waiting one stops at once, a running one when its worker next speaks, an ended
        one stays.
        """
        with self._database.writing() as connection:
            allowed(connection, by, "read")
            job, at = _get(connection, id), self._database.clock()
            waits = {"state": CANCELLED, "cancel": True, "ended_at": at}
            now = waits if job.state == WAITING else {"cancel": True}
            if not job.ended:
                connection.execute(update(jobs).where(jobs.c.id == id).values(now))
            return _get(connection, id)

    def revive(self, silent_s: float = SILENT_S) -> list[Job]:
        """Let jobs whose worker has died wait again, at most twice in all; then they have failed. Returns those."""
        with self._database.writing() as connection:
            at = self._database.clock()
            silent = (jobs.c.state == RUNNING) & (jobs.c.heard_at < at - dt.timedelta(seconds=silent_s))
            lost = [_job(row) for row in connection.execute(select(jobs).where(silent))]
            for job in lost:
                connection.execute(update(jobs).where(jobs.c.id == job.id).values(_after_a_death(job, at)))
            return [_get(connection, job.id) for job in lost]

    def get(self, id: str) -> Job:
        """Return a job as it is now; raises `Missing`."""
        with self._database.reading() as connection:
            return _get(connection, id)

    def of(self, by: By, limit: int = 50) -> list[Job]:
        """Return what a user has asked for, newest first."""
        whose = jobs.c.by == (by if isinstance(by, str) else by.id)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(jobs).where(whose).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
            )
            return [_job(row) for row in rows]

    def forget(self, older_than: dt.timedelta) -> int:
        """Drop jobs that ended longer ago; return how many."""
        with self._database.writing() as connection:
            old = jobs.c.ended_at < self._database.clock() - older_than
            return connection.execute(delete(jobs).where(old)).rowcount


def _after_a_death(job: Job, at: dt.datetime) -> dict[str, Any]:
    if job.cancel:
        return {"state": CANCELLED, "ended_at": at}
    if job.tries < MOST_TRIES:
        return {"state": WAITING, "progress": 0.0, "heard_at": at}
    return {"state": FAILED, "ended_at": at, "said": "its worker stopped twice without a word"}


def _get(connection: Connection, id: str) -> Job:
    row = connection.execute(select(jobs).where(jobs.c.id == id)).one_or_none()
    if row is None:
        raise Missing(f"no job has {words.shown(id)}. It may have been dropped; ask anew.")
    return _job(row)


def _job(row: Any) -> Job:
    told = dict(row._mapping)
    told["request"] = words.read(row.request)
    told["result"] = None if row.result is None else words.read(row.result)
    return Job(**told)
