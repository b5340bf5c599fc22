"""The clinic's API under thousands of made-up requests, a hundred clients at once, and a redraw against the clock."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

from follicast.doors.web import guard
from follicast.doors.web.app import create_app
from follicast.doors.web.settings import Settings
from follicast.patient import Patient
from follicast.records import LOCAL, Records
from verification.served import Served, csrf, events
from verification.verdict import Verdict

EXAMPLES = 60  # of each operation, right and wrong ones
CLIENTS = 100
REDRAWS = 20
WOMAN = Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml"
ARMS = ["prp", "minoxidil-topical-1", "spironolactone", "minoxidil-oral"]
_HEAVY = {
    "draws": 20,
    "months": 12,
    "refine_to": 30,
    "limit": 200,
}  # most of what a made-up request may ask for


@dataclass
class Broken:
    """What made-up requests did: how many there were, how they were answered, and what was wrong."""

    cases: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def broken(
    app: Any,
    cookies: Mapping[str, str],
    headers: Mapping[str, str],
    examples: int,
    seed: int = 0,
    only: str | None = None,
) -> Broken:
    """Make up `examples` right and as many wrong requests of each operation, and look at every answer.

    `only` keeps to one path. An answer is at fault that is a server's error, of a status, media type or shape that the document does not tell.
    """
    import schemathesis
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    ]  # fmt: skip
    sent = dict(headers) | {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    document = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=sent)
    found = Broken()
    known = _records(app.state.records)

    def tried(case: Any) -> None:
        _tame(case, known)
        answer = case.call(headers=sent)
        found.cases += 1
        found.answers[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=checks)
        except (Exception, BaseExceptionGroup) as trouble:
            found.faults.append(f"{case.method} {case.path}: {answer.status_code}: {trouble}"[:2000])

    how = settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    for operation in (document.include(path=only) if only else document).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = operation.ok().as_strategy(generation_mode=mode)
                seeded(seed)(how(given(strategy)(tried)))()
            except Exception as trouble:  # an operation without a parameter has no wrong requests
                if (
                    "Unsatisfiable" not in type(trouble).__name__
                    and "InvalidArgument" not in type(trouble).__name__
                ):
                    found.faults.append(f"{operation.ok().label}: {type(trouble).__name__}: {trouble}"[:500])
    return found


def _records(records: Records) -> dict[str, str]:
    """Keep one record of each kind, so that made-up requests also meet what is there."""
    import datetime as dt

    chart = records.patients.add(Patient.load(WOMAN), by=LOCAL, name="Nobody")
    visit = records.visits.add(chart.id, dt.date(2027, 1, 1), by=LOCAL)
    consent = records.consents.give(chart.id, "teaching", text_version="1", by=LOCAL)
    job = records.jobs.ask("forecast", {}, by=LOCAL)
    records.jobs.cancel(job.id, by=LOCAL)
    return {"patients": chart.id, "visits": visit.id, "consents": consent.id, "jobs": job.id}


def _tame(case: Any, known: dict[str, str]) -> None:
    """Let every other request meet a record that is there, and none keep the machine busy for minutes."""
    shelf = case.path.removeprefix("/api/").split("/")[0]
    if shelf in known and case.method != "DELETE" and isinstance(case.path_parameters, dict):
        id = case.path_parameters.get("id")
        if isinstance(id, str) and len(id) % 2:
            case.path_parameters["id"] = known[shelf]
    if isinstance(case.body, dict):
        for name, most in _HEAVY.items():
            value = case.body.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and value > most:
                case.body[name] = most if value < 1000 else value
        for name in ("draws", "refine_to"):
            if isinstance(case.body.get(name), int) and 30 < case.body[name] <= 1000:
                case.body[name] = _HEAVY[name]


def made_up() -> Iterator[Verdict]:
    """Thousands of made-up requests."""
    from starlette.testclient import TestClient

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/clinic.db"
        app = create_app(Settings(url))
        with TestClient(app) as browser:
            browser.cookies.set(guard.COOKIE, app.state.records.sessions.open(LOCAL))
            found = broken(app, browser.cookies, {guard.HEADER: csrf(browser)}, EXAMPLES)
    by_status = ", ".join(f"{status}: {count}" for status, count in sorted(found.answers.items()))
    yield Verdict(
        f"the API under {found.cases:,} made-up requests (schemathesis): no fault of ours, no answer undocumented",
        f"{len(found.faults)} faults; answers by status {by_status}"
        + "".join(f"; {f}" for f in found.faults[:3]),
        not found.faults and found.cases > 2000,
    )


# --- a hundred at once -------------------------------------------------------------------------------------------


@dataclass
class Load:
    """How long each kind of request took [s], and how many were told to come again."""

    took: dict[str, list[float]] = field(default_factory=dict)
    told_to_wait: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Return median, 95th percentile and longest of each kind [s]."""
        said = []
        for name, took in self.took.items():
            took = sorted(took)
            said.append(
                f"{name} {statistics.median(took):.2f}/{took[int(0.95 * (len(took) - 1))]:.2f}/{took[-1]:.2f} s"
            )
        return "; ".join(said) + f"; told to come again: {self.told_to_wait}"


async def _client(server: Served, number: int, cookie: str, proof: str, load: Load, same: bool) -> None:
    story = json.loads(Patient.load(WOMAN).model_dump_json(exclude_none=True))
    if not same:
        story["age"] = 30.0 + number % 40 + number / 1000
    headers = {"cookie": f"{guard.COOKIE}={cookie}", guard.HEADER: proof}
    limits = httpx.Timeout(300)
    async with httpx.AsyncClient(base_url=server.at, headers=headers, timeout=limits) as http:
        asked = {"patient": story, "arms": ARMS}
        await _timed(load, "page", http.get("/account", headers={"accept": "text/html"}))
        await _timed(load, "assess", http.post("/api/assess", json=story))
        await _timed(load, "forecast", http.post("/api/forecast", json=asked))


async def _timed(load: Load, name: str, asked: Any) -> None:
    begun = time.monotonic()
    answer = await asked
    load.took.setdefault(name, []).append(time.monotonic() - begun)
    if answer.status_code in (429, 503):
        load.told_to_wait += 1
        if "retry-after" not in answer.headers:
            load.wrong.append(f"{name}: {answer.status_code} without Retry-After")
    elif answer.status_code != 200:
        load.wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")


async def _crowd(server: Served, count: int, cookie: str, proof: str, same: bool) -> Load:
    load = Load()
    await asyncio.gather(*(_client(server, k, cookie, proof, load, same) for k in range(count)))
    return load


def crowd() -> Iterator[Verdict]:
    """A hundred clients at once: all about one patient, then each about one of her own; then more than may wait."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(folder)
        try:
            browser = server.browser()
            cookie = browser.cookies[guard.COOKIE]
            _redraw(browser, 0)
            for same, whose in ((True, "one patient"), (False, "a patient each")):
                begun = time.monotonic()
                load = asyncio.run(_crowd(server, CLIENTS, cookie, csrf(browser), same))
                yield Verdict(
                    f"{CLIENTS} clients at once, {whose}: page, assessment and forecast of four arms are served",
                    f"{len(load.wrong)} wrong; median/95 %/longest: {load.told()}; "
                    f"in all {time.monotonic() - begun:.0f} s"
                    + "".join(f"; {one}" for one in load.wrong[:3]),
                    not load.wrong and load.told_to_wait == 0,
                )
        finally:
            server.stop()
        full = Served(folder, "full", waiting=20)
        try:
            browser = full.browser()
            load = asyncio.run(_crowd(full, CLIENTS, browser.cookies[guard.COOKIE], csrf(browser), False))
            yield Verdict(
                f"{CLIENTS} clients where 20 may wait: the rest are told when to come again, and nothing breaks",
                f"{len(load.wrong)} wrong; {load.told()}" + "".join(f"; {one}" for one in load.wrong[:3]),
                not load.wrong and load.told_to_wait > 0,
            )
        finally:
            full.stop()


# --- a redraw ----------------------------------------------------------------------------------------------------


def _redraw(browser: Any, number: int, **how: Any) -> float:
    """Ask for four arms as the page does, and return how long the first curves took [s]."""
    story = json.loads(Patient.load(WOMAN).model_dump_json(exclude_none=True)) | how
    arms = [*ARMS[:3], f"minoxidil-topical-1:adherence=0.{10 + number}"]
    begun = time.monotonic()
    job = browser.post("/api/forecasts", json={"patient": story, "arms": arms, "refine_to": 400}).json()
    for name, _ in events(browser, job["events"]):
        if name == "result":
            took = time.monotonic() - begun
            break
    browser.post(f"/api/jobs/{job['id']}/cancel")
    return took


def redraw() -> Iterator[Verdict]:
    """From a click to four arms redrawn, over HTTP, at the page's default draws."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(folder)
        try:
            browser = server.browser()
            first = _redraw(browser, 0)
            warm = sorted(_redraw(browser, k) for k in range(1, REDRAWS + 1))
            changed = sorted(_redraw(browser, k, pulse=60.0 + k) for k in range(5))
        finally:
            server.stop()
    yield Verdict(
        "a redraw of four arms at the page's default draws (120) takes under 1 s warm, from request to curves",
        f"median {statistics.median(warm):.2f} s, longest of {REDRAWS} {warm[-1]:.2f} s; after an answer changed "
        f"(scalp grown anew) {statistics.median(changed):.2f} s; the very first {first:.2f} s",
        statistics.median(warm) < 1.0,
        law=False,
    )


PROOFS = (made_up, crowd, redraw)
