"""Long work in hand: a queue with an end, a few workers, and word to whoever listens.

What is asked and how far it is stands in the records (`records.jobs`), so a reload of the page or a new start of the
server loses nothing: the job of a worker that died waits again. Workers are threads, since the simulation lets go of
Python's lock; one is kept for forecasts, so that a redraw never waits behind a plan. It does not know what the work is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from follicast.doors.web.problem import TOLD_TO_GO, Full, fault
from follicast.errors import FollicastError, RecordsError
from follicast.records import Job, Records
from follicast.records.permission import By

LOG = logging.getLogger("follicast.web")
KEPT = dt.timedelta(days=1)  # what came of work; a page that is reloaded finds it, and then it is dropped
_BEAT_S, _LOOK_S, _HOUR_S = 10.0, 1.0, 3600.0


class Cancelled(Exception):
    """Nobody wants the work any more, or the server is told to go."""


@dataclass
class Desk:
    """Where one job is done: says how far it is, and hears whether to go on."""

    job: Job
    records: Records
    work: Work
    unwanted: bool = False
    progress: float = 0.0
    told: str = ""

    def say(self, progress: float, said: str = "") -> None:
        """Say how far it is [0 to 1], in words without a patient's facts; raises `Cancelled`."""
        self.progress, self.told = max(progress, self.progress), said
        if self.unwanted or self.work.going:
            raise Cancelled()
        if not self.records.jobs.tell(self.job.id, self.progress, said):
            raise Cancelled()
        self.work.changed(self.job.id)


Task = Callable[[Any, Desk], Any]


@dataclass(frozen=True)
class Kind:
    """A kind of work: what does it, and whether it is quick (before all others) or idle (after all others)."""

    task: Task
    rank: str = "usual"  # quick, usual, idle


class Work:
    """The queue and its workers; `most` jobs may wait, then `Full` is raised."""

    def __init__(
        self,
        records: Records,
        kinds: Mapping[str, Kind],
        *,
        workers: int = 3,
        most: int = 200,
        silent_s: float = 60.0,
    ) -> None:
        self.records, self.kinds, self.most, self.silent_s = records, dict(kinds), most, silent_s
        self.going = False
        self._workers = workers
        self._bell, self._rest = threading.Condition(), threading.Event()
        self._desks: dict[str, Desk] = {}
        self._ears: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self._threads: list[threading.Thread] = []

    # --- whoever asks ---------------------------------------------------------------------------------------

    def ask(self, kind: str, request: Any, *, by: By, patient_id: str | None = None) -> Job:
        """Put work into the queue; raises `Full` where too much waits already."""
        if self.records.jobs.waiting() >= self.most:
            raise Full("so many wait already that nobody more is let in; try again in a few seconds.")
        job = self.records.jobs.ask(kind, request, by=by, patient_id=patient_id)
        with self._bell:
            self._bell.notify_all()
        return job

    def cancel(self, id: str, *, by: By) -> Job:
        """Ask a job to stop; it stops at its next word."""
        job = self.records.jobs.cancel(id, by=by)
        desk = self._desks.get(id)
        if desk is not None:
            desk.unwanted = True
        self.changed(id)
        return job

    async def wait(self, id: str, seconds: float = 2.0) -> None:
        """Wait until a job has something new to tell, at most so long: another server may be at work on it."""
        ear = (asyncio.get_running_loop(), asyncio.Event())
        self._ears.setdefault(id, set()).add(ear)
        try:
            await asyncio.wait_for(ear[1].wait(), seconds)
        except TimeoutError:
            pass
        finally:
            ears = self._ears.get(id, set())
            ears.discard(ear)
            if not ears:
                self._ears.pop(id, None)

    def changed(self, id: str) -> None:
        """Tell whoever listens to a job that there is something new."""
        for loop, event in list(self._ears.get(id, ())):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    # --- the workers ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work."""
        self.going = False
        self._rest.clear()
        for number in range(self._workers):
            self._begin(f"worker-{number}", self._serve, self._ranks(number))
        self._begin("beat", self._beat)

    def _begin(self, name: str, what: Callable[..., None], *told: Any) -> None:
        thread = threading.Thread(target=what, args=told, name=f"follicast-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _ranks(self, number: int) -> list[list[str]]:
        """Return the kinds that a worker takes, in order: the first of several keeps to what is quick."""
        ranks = ["quick"] if number == 0 and self._workers > 1 else ["quick", "usual", "idle"]
        named = [[name for name, kind in self.kinds.items() if kind.rank == rank] for rank in ranks]
        return [names for names in named if names]

    def stop(self, patience_s: float = 5.0) -> None:
        """Let the workers go; what they had in hand waits for the next start."""
        self.going = True
        self._rest.set()
        with self._bell:
            self._bell.notify_all()
        until = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._threads.clear()
        for desk in list(
            self._desks.values()
        ):  # too deep in its work to hear: nobody need wait for it to go silent
            self._quietly(self.records.jobs.release, desk.job.id)

    def _serve(self, ranks: list[list[str]]) -> None:
        while not self.going:
            job = self._quietly(self._next, ranks)
            if job is not None:
                self._do(job)
                continue
            with self._bell:
                self._bell.wait(_LOOK_S)

    def _next(self, ranks: list[list[str]]) -> Job | None:
        for kinds in ranks:
            if self.records.jobs.waiting(kinds):
                job = self.records.jobs.take(kinds)
                if job is not None:
                    return job
        return None

    def _do(self, job: Job) -> None:
        desk = self._desks[job.id] = Desk(job, self.records, self)
        self.changed(job.id)
        try:
            result = self.kinds[job.kind].task(job.request, desk)
            desk.say(1.0)
            self._quietly(self.records.jobs.finish, job.id, result)
        except Cancelled:
            self._quietly(self._leave, job.id)
        except TOLD_TO_GO:
            raise
        except BaseException as trouble:  # a compiled library's panic is no Exception
            why = (
                fault(trouble) if not isinstance(trouble, FollicastError) else "the records could not be used"
            )
            self._quietly(self.records.jobs.fail, job.id, why[:200])
        finally:
            self._desks.pop(job.id, None)
            self.changed(job.id)

    def _leave(self, id: str) -> None:
        if self.going and not self.records.jobs.get(id).cancel:
            self.records.jobs.release(id)
        else:
            self.records.jobs.stop(id)

    def _beat(self) -> None:
        """Say now and then that the workers live, and look for those of others that do not."""
        forgot = 0.0
        while not self.going:
            for desk in list(self._desks.values()):
                if (
                    self._quietly(lambda d=desk: self.records.jobs.tell(d.job.id, d.progress, d.told))
                    is False
                ):
                    desk.unwanted = True
            for job in self._quietly(self.records.jobs.revive, self.silent_s) or []:
                self.changed(job.id)
            if time.monotonic() - forgot > _HOUR_S:
                self._quietly(self.records.jobs.forget, KEPT)
                forgot = time.monotonic()
            self._rest.wait(min(_BEAT_S, self.silent_s / 4))

    def _heard(self, desk: Desk) -> bool:
        return self.records.jobs.tell(desk.job.id, desk.progress, desk.told)

    def _quietly(self, what: Callable[..., Any], *told: Any) -> Any:
        """Do something with the records; where that fails, say so in the log and go on, as the next try may do."""
        try:
            return what(*told)
        except RecordsError as trouble:
            if not self.going:
                LOG.warning("work: the records could not be used (%s)", type(trouble).__name__)
        except Exception as trouble:
            fault(trouble)
        return None
