"""The clinic's API under thousands of made-up requests, a hundred clients at once, and a redraw against the clock."""

from __future__ import annotations

import asyncio
import json
import os
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

EXAMPLES = 40  # of each operation, right and wrong ones
CLIENTS = 100
REDRAWS = 20
WOMAN = Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml"
WOMAN_STORY = Patient.load(WOMAN).model_dump_json(exclude_none=True)
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

    An answer is at fault that is a server's error, or of a status, media type or shape that the document does not
    tell; `only` keeps to one path.
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
        _tame(case, known, found.cases)
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


def _tame(case: Any, known: dict[str, str], number: int) -> None:
    """Let every other request meet a record that is there, and none keep the machine busy for minutes."""
    shelf, there = case.path.removeprefix("/api/").split("/")[0], number % 2 == 0
    if there and shelf in known and case.method != "DELETE" and isinstance(case.path_parameters, dict):
        case.path_parameters["id"] = known[shelf]
    if not isinstance(case.body, dict):
        return
    if there and case.body.keys() & {"patient", "patient_id", "arms"}:
        _somebody(case.body, known["patients"], number)
    for name, most in _HEAVY.items():
        value = case.body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and most < value <= 1000:
            case.body[name] = most


def _somebody(body: dict[str, Any], id: str, number: int) -> None:
    """Put a person and arms that are known into a request: made-up words alone seldom name a drug."""
    for name in ("patient", "patient_id", "version"):
        body.pop(name, None)
    if number % 4:
        body["patient_id"] = id
    else:
        body["patient"] = json.loads(WOMAN_STORY)
    if "arms" in body:
        body["arms"] = ARMS[: 1 + number % 3]
    body.update({name: value for name, value in {"taken": None, "choice": "none"}.items() if name in body})
    if body.get("issue") is True and number % 16:
        body["issue"] = False


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
    story = json.loads(WOMAN_STORY)
    if not same:
        story["age"] = 47.0 + number / 20
        story |= {"menopause": None, "date": f"2026-11-{1 + number % 28:02d}"}
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


def _redraw(browser: Any, number: int, refine_to: int | None = None, **how: Any) -> float:
    """Ask for four arms as the page does, and return how long the first curves took [s]."""
    story = json.loads(WOMAN_STORY) | how
    arms = [*ARMS[:3], f"minoxidil-topical-1:adherence=0.{10 + number}"]
    begun = time.monotonic()
    job = browser.post("/api/forecasts", json={"patient": story, "arms": arms, "refine_to": refine_to}).json()
    for name, _ in events(browser, job["events"]):
        if name == "result":
            took = time.monotonic() - begun
            break
    browser.post(f"/api/jobs/{job['id']}/cancel")
    return took


def _cpu_s(server: Served) -> float:
    """Return the processor time that a server has used [s]; nan where the system does not tell."""
    try:
        told = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return float("nan")


def redraw() -> Iterator[Verdict]:
    """From a click to four arms redrawn, over HTTP, at the page's default draws."""
    with tempfile.TemporaryDirectory() as folder:
        server = Served(folder)
        try:
            browser = server.browser()
            first = _redraw(browser, 0)
            spent = _cpu_s(server)
            warm = sorted(_redraw(browser, k) for k in range(1, REDRAWS + 1))
            spent = (_cpu_s(server) - spent) / REDRAWS
            hasty = sorted(_redraw(browser, k, 400) for k in range(REDRAWS))
            changed = sorted(_redraw(browser, k, pulse=60.0 + k) for k in range(5))
        finally:
            server.stop()
    yield Verdict(
        "a redraw of four arms at the page's default draws (120) takes under 1 s warm, from request to curves",
        f"median {statistics.median(warm):.2f} s, longest of {REDRAWS} {warm[-1]:.2f} s, {spent:.2f} s of processor "
        f"time each; clicked on while the last is refined {statistics.median(hasty):.2f} s; after an answer changed "
        f"(scalp grown anew) {statistics.median(changed):.2f} s; the very first {first:.2f} s; load of the machine "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        statistics.median(warm) < 1.0,
        law=False,
    )


PROOFS = (made_up, crowd, redraw)
