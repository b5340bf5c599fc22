"""The API: what it answers, how it says what cannot be, long work that streams and is cancelled, and what breaks it."""

import datetime as dt
import io
import json
import shutil
import threading
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from verification.served import events

from conftest import Clock
from door import NOWHERE, STORY, WOMAN, Door
from follicast.assessment import assess
from follicast.doors.web import tasks
from follicast.doors.web.work import Cancelled, Kind, Work
from follicast.patient import Patient
from follicast.plan.explanation import explain
from follicast.plan.remembered import MEMORY, Memory
from follicast.plan.walk import expect
from follicast.records import LOCAL
from follicast.regimen import Regimen

SMALL = {"draws": 20, "months": 12}
PROBLEM = {"type", "title", "status", "detail", "place"}


@pytest.fixture(scope="module")
def clinic_door(tmp_path_factory, empty_places):
    """One clinic for the tests that leave each other alone."""
    folder = tmp_path_factory.mktemp("api")
    shutil.copy(empty_places("sqlite").removeprefix("sqlite:///"), folder / "clinic.db")
    return Door(f"sqlite:///{folder}/clinic.db", folder / "pictures", Clock())


@pytest.fixture(scope="module")
def api(clinic_door):
    """A browser of whoever sits at this computer; the workers work."""
    with clinic_door.anybody() as browser:
        yield clinic_door.who(LOCAL, browser)


@pytest.fixture
def hoa(api):
    return api.post("/api/patients", json={"patient": STORY, "name": "Hoa"}).json()


def problem(answer, status):
    """Return a problem that was told as it should be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() >= PROBLEM and told["status"] == status and len(told["detail"]) > 10
    return told


# --- at once -----------------------------------------------------------------------------------------------------


def test_an_assessment_is_the_one_that_the_library_gives(api):
    told = api.post("/api/assess", json=STORY).json()
    assert told == json.loads(json.dumps(assess(WOMAN).as_json()))


def test_a_story_with_age_and_sex_alone_is_enough_and_says_what_to_ask_next(api):
    told = api.post("/api/assess", json={"age": 30, "sex": "F"}).json()
    assert told["next"] and told["next"][0]["ask"]


def test_an_explanation_names_rules_numbers_and_sources(api):
    told = api.post("/api/explain", json={"patient": STORY, "therapy": "prp"}).json()
    assert told == json.loads(json.dumps(explain(assess(WOMAN), "prp").as_json()))
    assert told["trace"] and told["numbers"] and told["sources"]


def test_what_is_known_can_be_looked_up(api):
    assert {t["therapy"] for t in api.get("/api/therapies").json()["therapies"]} >= {"prp", "finasteride"}
    assert len(api.get("/api/conditions").json()["conditions"]) > 40
    assert any(d["drug"] == "warfarin" for d in api.get("/api/drugs").json()["drugs"])
    assert {s["shelf"] for s in api.get("/api/evidence").json()["shelves"]} >= {"study", "rule"}
    assert api.get("/api/evidence/prp").json()["entry"]["shelf"] == "therapy"
    assert "Did you mean 'prp'" in problem(api.get("/api/evidence/prpp"), 404)["detail"]


def test_who_is_signed_in_is_told_what_she_may(api):
    assert api.get("/api/me").json()["may"] == sorted(
        ["accounts", "backup", "delete", "export", "issue", "read", "write"]
    )


@pytest.mark.parametrize(
    "path, body, place, said",
    [
        ("/api/assess", STORY | {"age": 300}, ["age"], "cannot be above 120"),
        ("/api/assess", STORY | {"sex": "M"}, ["menopause"], "a man has no menopause"),
        ("/api/assess", STORY | {"agee": 1}, ["agee"], "Did you mean 'age'"),
        ("/api/assess", {"age": 40}, ["sex"], "is needed and absent"),
        ("/api/assess", STORY | {"drugs": ["warfrin"]}, ["drugs", 0, "name"], "Did you mean 'warfarin'"),
        ("/api/assess", STORY | {"date": "03/04/2026"}, ["date"], "2026-11-22"),
        ("/api/assess", [STORY], [], "'key: value'"),
        ("/api/explain", {"patient": STORY, "therapy": "prpp"}, [], "Did you mean 'prp'"),
        ("/api/explain", {"therapy": "prp"}, [], "give either patient"),
        ("/api/forecast", {"patient": STORY, "arms": ["prpp"]}, ["arms", 0], "Did you mean 'prp'"),
        ("/api/forecast", {"patient": STORY, "site": "elbow"}, ["site"], "no site that a forecast speaks of"),
        ("/api/forecast", {"patient": STORY, "draws": 1}, ["draws"], "cannot be below 20"),
        ("/api/forecast", {"patient": STORY, "armz": []}, ["armz"], "Did you mean 'arms'"),
        ("/api/plan", {"patient": STORY, "issue": True}, [], "give patient_id"),
        ("/api/patients", {"patient": STORY | {"labs": [{"test": "ferritin", "value": 9, "unit": "kg"}]}},
         ["patient", "labs", 0], "'kg' is no unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_place_and_what_would_do(api, path, body, place, said):
    told = problem(api.post(path, json=body), 422)
    assert said in told["detail"]
    assert told["place"] == place


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[" * 100_000, b'{"age": 1e999, "sex": "F"}', b'{"age": 1' + b"0" * 5000 + b', "sex": "F"}',
     b'{"age": 40, "sex": "F", "notes": "\\ud800"}', b'{"age": NaN, "sex": "F"}', b"\xff\xfe", b'{"age":40,"sex":"F"}x',
     b'{"\\ud800": 1, "age": 40, "sex": "F"}', b'{"age": 40, "sex": "F", "id": "\\u0000"}'],
)  # fmt: skip
def test_what_is_no_json_or_no_story_is_never_a_fault_of_ours(api, content):
    answer = api.post("/api/assess", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400, 422), answer.text
    kept = api.post(
        "/api/patients",
        content=b'{"patient": ' + content + b"}",
        headers={"content-type": "application/json"},
    )
    assert kept.status_code in (201, 400, 422), kept.text


# --- long work ---------------------------------------------------------------------------------------------------


def test_a_forecast_that_is_waited_for_is_the_one_that_the_library_gives(api):
    told = api.post("/api/forecast", json={"patient": STORY, "arms": ["prp"], **SMALL}).json()
    assert told == json.loads(json.dumps(expect(WOMAN, [Regimen("prp")], **SMALL).as_json()))


def test_a_redraw_streams_a_quick_forecast_and_then_a_finer_one(api):
    asked = {"patient": STORY, "arms": ["prp"], "months": 12, "draws": 20, "refine_to": 40}
    job = api.post("/api/forecasts", json=asked)
    assert job.status_code == 202
    heard = list(events(api, job.json()["events"]))
    results = [data for name, data in heard if name == "result"]
    assert [(one["draws"], one["final"]) for one in results] == [(20, False), (40, True)]
    assert heard[-1] == ("end", {"state": "done"})
    progress = [
        data["progress"] for name, data in heard if name == "state" and data["id"] == job.json()["id"]
    ]
    assert progress == sorted(progress) and progress[-1] == 1.0
    quick, fine = (
        api.post("/api/forecast", json=asked | {"draws": n, "refine_to": None}).json() for n in (20, 40)
    )
    assert [one["result"] for one in results] == [quick, fine]


def test_what_came_of_work_is_there_after_a_reload(api):
    job = api.post("/api/forecasts", json={"patient": STORY, **SMALL}).json()
    first = list(events(api, job["events"]))
    again = list(events(api, job["events"]))
    assert [e for e in again if e[0] != "state"] == [e for e in first if e[0] != "state"]
    listed = next(one for one in api.get("/api/jobs").json() if one["id"] == job["id"])
    assert listed["state"] == "done" and listed["result"] is None
    assert api.get(f"/api/jobs/{job['id']}").json()["result"] == first[-2][1]["result"]


def test_a_forecast_follows_the_record_it_names_in_the_version_it_had(api, hoa):
    asked = {"patient_id": hoa["id"], **SMALL}
    before = api.post("/api/forecast", json=asked).json()
    older = STORY | {"age": 70, "menopause": "post", "date": "2026-11-23"}
    api.put(f"/api/patients/{hoa['id']}", json={"patient": older, "version": 1})
    after = api.post("/api/forecast", json=asked).json()
    assert after["start"] == "2026-11-23" and after != before
    assert api.post("/api/forecast", json=asked | {"version": 1}).json() == before
    problem(api.post("/api/forecast", json=asked | {"version": 9}), 404)
    problem(api.post("/api/forecast", json={"patient_id": NOWHERE}), 404)


def test_a_loss_that_no_forecast_speaks_of_is_refused_in_words_and_so_is_a_plan_with_a_red_flag(api):
    areata = STORY | {"signs": ["exclamation-mark hairs"], "conditions": ["alopecia areata"], "pattern": None}
    told = problem(api.post("/api/forecast", json={"patient": areata, **SMALL}), 422)
    assert "forecast" in told["detail"]
    flagged = STORY | {"signs": ["scarring"]}
    flags = assess(Patient.model_validate(flagged)).red_flags
    assert flags
    told = problem(api.post("/api/plan", json={"patient": flagged, "draws": 20}), 422)
    assert {flag["id"] for flag in told["red_flags"]} == {flag.id for flag in flags}
    job = api.post("/api/plans", json={"patient": flagged, "draws": 20}).json()
    heard = list(events(api, job["events"]))
    assert heard[-2][0] == "trouble" and heard[-1] == ("end", {"state": "failed"})
    assert api.get(f"/api/jobs/{job['id']}").json()["said"] == told["detail"]


def test_a_plan_is_issued_word_for_word_with_its_pages_and_its_calendar(api, hoa):
    asked = {"patient_id": hoa["id"], "choice": "prp", "issue": True, "languages": ["ar"], "draws": 20}
    asked["clinician"] = True
    told = api.post("/api/plan", json=asked).json()
    kept = api.get(f"/api/patients/{hoa['id']}/plans").json()
    assert [(one["id"], one["choice"], one["languages"]) for one in kept] == [(told["issued"], "prp", ["ar"])]
    at = f"/api/plans/{told['issued']}"
    assert api.get(at).json() == told["plan"]
    page = api.get(f"{at}/pages/ar")
    assert 'dir="rtl"' in page.text and "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    calendar = api.get(f"{at}/calendar.ics")
    assert calendar.text.startswith("BEGIN:VCALENDAR") and calendar.headers["content-type"].startswith(
        "text/calendar"
    )
    assert api.get(f"{at}/pages/clinic").text != page.text
    problem(api.get(f"{at}/pages/ja"), 404)
    problem(api.get(f"{at}/pages/fr"), 422)
    problem(api.get(f"/api/plans/{NOWHERE}"), 404)


def test_a_plan_on_paper_is_a_pdf_where_something_prints_and_told_in_words_where_nothing_does(
    api, hoa, monkeypatch
):
    import os

    from follicast.report import paper

    issued = api.post(
        "/api/plan", json={"patient_id": hoa["id"], "choice": "none", "issue": True, "draws": 20}
    ).json()
    at = f"/api/plans/{issued['issued']}/pages/en.pdf"
    with monkeypatch.context() as bare:
        bare.setattr(paper, "BROWSERS", ("no-such-browser",) * 3)
        assert "open plan.html in a browser" in problem(api.get(at), 404)["detail"]
    if not any(map(shutil.which, paper.BROWSERS)):
        wanted = "browser" in os.environ.get("FOLLICAST_REQUIRE", "").split(",")
        (pytest.fail if wanted else pytest.skip)("there is no Chromium on this machine")
    assert api.get(at).content.startswith(b"%PDF")


def test_a_plan_is_issued_once_though_its_worker_died_after_issuing_it(api, hoa, clinic_door):
    records = clinic_door.records
    asked = {
        "patient_id": hoa["id"],
        "version": 1,
        "choice": "none",
        "issue": True,
        "languages": [],
        "months": 24,
    }
    asked |= {"draws": 20, "seed": 7, "start": None, "clinician": False}
    job = records.jobs.ask("a plan of nobody's worker", asked, by=LOCAL, patient_id=hoa["id"])
    results = []
    for tries in (1, 2):
        desk = type(
            "Desk",
            (),
            {"job": type("J", (), {"id": job.id, "by": LOCAL, "tries": tries}), "records": records},
        )
        desk.say = staticmethod(lambda *_: None)
        results.append(tasks.plan(asked, desk))
    records.jobs.cancel(job.id, by=LOCAL)
    assert results[0] == results[1] and len(records.plans.of(hoa["id"])) == 1


def test_visits_of_the_record_sharpen_a_follow_up(api, hoa):
    at = f"/api/patients/{hoa['id']}/visits"
    for day, value in (("2026-01-01", 60.0), ("2027-02-22", 130.0), ("2027-05-22", 131.0)):
        counted = {"kind": "terminal_density", "value": value, "site": "midscalp", "method": "matched"}
        assert api.post(at, json={"day": day, "measurements": [counted]}).status_code == 201
    asked = {"patient_id": hoa["id"], "arms": ["prp"], "taken": "prp", "draws": 20}
    told = api.post("/api/follow-up", json=asked).json()
    assert [round(one["month"]) for one in told["observations"]] == [
        3,
        6,
    ]  # what lies before the start is left out
    assert told["track"]["word"] in ("on track", "too early to tell", "off track") and told["before"]
    late = api.post("/api/follow-up", json=asked | {"months": 3})
    assert "forecast for longer" in problem(late, 422)["detail"]


def test_a_scalp_is_given_as_strands_and_as_the_servers_picture(api):
    asked = {"patient": STORY, "arms": ["none", "prp"], "months": [0, 12], "draws": 20, "most": 2000}
    job = api.post("/api/scalps", json=asked).json()
    heard = list(events(api, job["events"]))
    result = heard[-2][1]["result"]
    assert [step["name"] for step in result["header"]["steps"]] == ["none:0", "none:12", "prp:12"]
    strands = api.get(result["link"])
    assert strands.content[:8] == b"FOLLSTR1" and len(strands.content) == result["bytes"]
    picture = api.get(f"{result['link']}/pictures/2.png")
    assert Image.open(io.BytesIO(picture.content)).format == "PNG"
    problem(api.get(f"{result['link']}/pictures/3.png"), 404)
    problem(api.get(f"/api/scalps/{NOWHERE}"), 404)
    refused = api.post("/api/scalps", json=asked | {"arms": ["zinc"]}).json()
    assert list(events(api, refused["events"]))[-1] == ("end", {"state": "failed"})


# --- the queue ---------------------------------------------------------------------------------------------------


@pytest.fixture
def queue(clinic_door):
    """A queue of its own whose work does what a test wants."""
    gate, begun, order = threading.Event(), threading.Event(), []

    def held(asked, desk):
        order.append(asked)
        begun.set()
        while not gate.wait(0.01):
            desk.say(0.5)
        return {"answer": asked}

    def failing(asked, desk):
        raise ValueError("Hoa has lupus")

    kinds = {
        "quick": Kind(held, "quick"),
        "usual": Kind(held),
        "idle": Kind(held, "idle"),
        "bad": Kind(failing),
    }
    made = Work(clinic_door.records, kinds, workers=1, most=3)
    made.gate, made.begun, made.order = gate, begun, order
    yield made
    gate.set()
    made.stop()
    for job in clinic_door.records.jobs.of(LOCAL):
        clinic_door.records.jobs.cancel(job.id, by=LOCAL)


def ended(records, id):
    until = time.monotonic() + 20
    while not records.jobs.get(id).ended:
        assert time.monotonic() < until, records.jobs.get(id).state
        time.sleep(0.01)
    return records.jobs.get(id)


def test_running_work_stops_when_it_is_cancelled_and_what_waits_goes_on(queue, clinic_door):
    records = clinic_door.records
    first, second = (queue.ask("usual", k, by=LOCAL) for k in (1, 2))
    queue.start()
    assert queue.begun.wait(10)
    queue.cancel(first.id, by=LOCAL)
    assert ended(records, first.id).state == "cancelled"
    queue.gate.set()
    assert ended(records, second.id).result == {"answer": 2}


def test_a_quick_redraw_goes_before_a_plan_and_a_plan_before_a_refinement(queue, clinic_door):
    jobs = [queue.ask(kind, kind, by=LOCAL) for kind in ("idle", "usual", "quick")]
    queue.gate.set()
    queue.start()
    for job in jobs:
        ended(clinic_door.records, job.id)
    assert queue.order == ["quick", "usual", "idle"]


def test_one_worker_of_several_is_kept_for_what_is_quick(clinic_door):
    work = Work(
        clinic_door.records, {"q": Kind(None, "quick"), "u": Kind(None), "i": Kind(None, "idle")}, workers=3
    )
    assert [work._ranks(k) for k in range(3)] == [[["q"]], [["q"], ["u"], ["i"]], [["q"], ["u"], ["i"]]]


def test_who_comes_when_the_queue_is_full_is_told_when_to_come_again(clinic_door, monkeypatch):
    app = clinic_door.app
    monkeypatch.setattr(app.state.work, "most", 0)
    browser = clinic_door.who(LOCAL)
    for path in ("/api/forecasts", "/api/forecast"):
        answer = browser.post(path, json={"patient": STORY})
        assert "try again" in problem(answer, 503)["detail"] and int(answer.headers["retry-after"]) > 0


def test_a_fault_in_a_worker_ends_its_job_and_not_the_worker(queue, clinic_door, caplog):
    bad, good = queue.ask("bad", 1, by=LOCAL), queue.ask("usual", 2, by=LOCAL)
    queue.gate.set()
    queue.start()
    failed = ended(clinic_door.records, bad.id)
    assert (
        failed.state == "failed" and "ValueError" in failed.said and "lupus" not in failed.said + caplog.text
    )
    assert ended(clinic_door.records, good.id).state == "done"


def test_told_to_go_a_worker_lets_its_job_wait_for_the_next(queue, clinic_door):
    job = queue.ask("usual", 1, by=LOCAL)
    queue.start()
    assert queue.begun.wait(10)
    queue.stop()
    left = clinic_door.records.jobs.get(job.id)
    assert (left.state, left.tries) == ("waiting", 0)


def test_the_job_of_a_worker_that_fell_silent_is_taken_again(queue, clinic_door):
    records = clinic_door.records
    job = queue.ask("usual", 1, by=LOCAL)
    assert records.jobs.take(["usual"]).id == job.id  # by a server that dies now
    clinic_door.clock.pass_by(seconds=61)
    queue.gate.set()
    queue.start()
    assert ended(records, job.id).tries == 2


def test_whoever_hangs_up_does_not_want_the_answer_any_more(api, clinic_door, monkeypatch):
    from starlette.requests import Request

    async def gone(_):
        return True

    monkeypatch.setattr(Request, "is_disconnected", gone)
    api.post("/api/forecast", json={"patient": STORY, "draws": 400, "months": 60, "arms": ["prp"]})
    last = clinic_door.records.jobs.of(LOCAL, 1)[0]
    assert last.cancel and ended(clinic_door.records, last.id).state == "cancelled"


def test_cancelling_by_address_ends_the_stream_and_cancels_the_refinement(api):
    asked = {
        "patient": STORY,
        "draws": 20,
        "refine_to": 900,
        "months": 120,
        "arms": ["prp", "minoxidil-topical-1"],
    }
    job = api.post("/api/forecasts", json=asked).json()
    heard = []
    for name, data in events(api, job["events"]):
        heard.append((name, data))
        if name == "result":
            assert api.post(f"/api/jobs/{job['id']}/cancel").json()["state"] == "done"
    assert heard[-1] == ("end", {"state": "cancelled"}) and heard[-2][0] == "trouble"


def test_a_desk_raises_when_nobody_wants_its_work(queue, clinic_door):
    from follicast.doors.web.work import Desk

    job = queue.ask("usual", 1, by=LOCAL)
    with pytest.raises(Cancelled):
        Desk(job, clinic_door.records, queue).say(0.1)  # it was never taken
    clinic_door.records.jobs.cancel(job.id, by=LOCAL)


# --- scalps that are remembered ----------------------------------------------------------------------------------


def test_a_remembered_scalp_is_the_one_that_would_be_grown_and_gives_the_same_forecast():
    memory = Memory(2)
    first = memory.today(WOMAN, 7, 20, None, None)
    assert memory.today(WOMAN, 7, 20, None, None) is first and (memory.met, memory.grown) == (1, 1)
    older, later = WOMAN.model_copy(update={"age": 48.0}), dt.date(2026, 1, 1)
    others = [(older, 7, 20, None, None), (WOMAN, 8, 20, None, None), (WOMAN, 7, 21, None, None)]
    others += [(WOMAN, 7, 20, later, None), (WOMAN, 7, 20, None, "vertex")]
    for other in others:
        assert memory.today(*other) is not first
    assert memory.today(WOMAN, 7, 20, None, None) is not first  # two are kept, and five came since
    before, MEMORY.most = MEMORY.most, 2
    try:
        found = [expect(WOMAN, [Regimen("prp")], **SMALL).as_json() for _ in range(2)]
    finally:
        MEMORY.most = before
    MEMORY.most, kept = 0, MEMORY.most
    assert found == [expect(WOMAN, [Regimen("prp")], **SMALL).as_json()] * 2
    MEMORY.most = kept


def test_two_who_ask_for_the_same_scalp_at_once_grow_it_once():
    memory, found = Memory(4), []
    threads = [
        threading.Thread(target=lambda: found.append(memory.today(WOMAN, 7, 20, None, None)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1 and memory.grown == 1
    memory.forget()
    assert memory.today(WOMAN, 7, 20, None, None) is not found[0]


# --- records -----------------------------------------------------------------------------------------------------


def test_a_patient_is_found_by_words_that_stand_in_no_address(api, hoa):
    found = api.post("/api/patients/find", json={"text": "hoa", "limit": 200}).json()
    assert hoa["id"] in [one["id"] for one in found]
    assert api.post("/api/patients/find", json={"text": "nobody at all"}).json() == []


def test_two_who_edit_one_patient_are_told_what_differs(api, hoa):
    at = f"/api/patients/{hoa['id']}"
    mine = api.put(at, json={"patient": STORY | {"pulse": 70, "course": "fast"}, "version": 1})
    assert mine.status_code == 200 and mine.json()["version"] == 2
    told = problem(api.put(at, json={"patient": STORY | {"pulse": 80, "age": 48}, "version": 1}), 409)
    assert told["theirs"] == {"version": 2, "by": LOCAL}
    differs = {
        one["field"]: (one["before"], one["theirs"], one["yours"], one["clashes"]) for one in told["fields"]
    }
    assert differs == {
        "pulse": (68.0, 70.0, 80.0, True), "course": ("slow", "fast", "slow", False), "age": (47.0, 47.0, 48.0, False),
    }  # fmt: skip
    assert api.get(at).json()["patient"]["pulse"] == 70
    assert [one["version"] for one in api.get(f"{at}/history").json()] == [1, 2]


def test_who_looked_at_a_patient_stands_in_the_trail(api, hoa, clinic_door):
    before = len(clinic_door.records.audit.lines(hoa["id"]))
    for path in ("", "/history", "/visits"):
        api.get(f"/api/patients/{hoa['id']}{path}")
    seen = clinic_door.records.audit.lines(hoa["id"])[before:]
    assert [(line.what, line.kind, line.who) for line in seen] == [
        ("seen", "patient", LOCAL), ("seen", "history", LOCAL), ("seen", "visits", LOCAL),
    ]  # fmt: skip


def test_a_person_is_handed_out_whole_and_then_erased(api, hoa):
    import zipfile

    out = api.post(f"/api/patients/{hoa['id']}/export")
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        assert json.loads(archive.read("person.json"))[0]["document"]["name"] == "Hoa"
    assert api.delete(f"/api/patients/{hoa['id']}").status_code == 200
    problem(api.get(f"/api/patients/{hoa['id']}"), 404)


def test_a_visit_is_mended_from_its_version_and_struck_out(api, hoa):
    at = f"/api/patients/{hoa['id']}/visits"
    visit = api.post(at, json={"day": "2027-01-01", "note": "first", "measurements": []}).json()
    mended = api.put(f"/api/visits/{visit['id']}", json={"day": "2027-01-02", "version": 1}).json()
    assert (mended["version"], mended["day"], mended["note"]) == (2, "2027-01-02", "")
    problem(api.put(f"/api/visits/{visit['id']}", json={"day": "2027-01-03", "version": 1}), 409)
    assert api.post(f"/api/visits/{visit['id']}/strike", json={"version": 2}).json()["struck"]
    assert api.get(at).json() == []
    impossible = {"kind": "anagen_share", "value": 2.0, "site": "vertex"}
    told = problem(api.post(at, json={"day": "2027-01-01", "measurements": [impossible]}), 422)
    assert told["place"][:2] == ["measurements", 0]


def test_a_consent_is_given_and_withdrawn_once(api, hoa):
    at = f"/api/patients/{hoa['id']}/consents"
    given = api.post(at, json={"what": "photographs", "text_version": "2026-1"}).json()
    assert given["holds"] and api.get(at).json() == [given]
    assert not api.post(f"/api/consents/{given['id']}/withdraw").json()["holds"]
    assert "withdrawn before" in problem(api.post(f"/api/consents/{given['id']}/withdraw"), 422)["detail"]


# --- photographs -------------------------------------------------------------------------------------------------


def taken(kind="JPEG", size=(80, 60), exif=True, mode="RGB"):
    """A photograph as a telephone takes it: with where it was taken, turned on its side."""
    picture = Image.new(mode, size, 90 if mode == "L" else None)
    told = picture.getexif()
    if exif:
        told[0x0112] = 6  # to be turned by a quarter
        told[0x010F] = "MakerOfTelephones"
        told.get_ifd(0x8825).update({1: "N", 2: (10.0, 46.0, 37.0), 3: "E", 4: (106.0, 41.0, 43.0)})
    out = io.BytesIO()
    picture.save(out, kind, **({"exif": told} if exif else {}))
    return out.getvalue()


def upload(api, hoa, content, name="a.jpg", **told):
    return api.post(
        f"/api/patients/{hoa['id']}/photographs",
        files={"file": (name, content, "application/octet-stream")},
        data={"day": "2027-01-01", "site": "vertex", **told},
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_kept_without_where_and_with_what_it_was_taken(api, hoa, kind):
    raw = taken(kind) + b"<script>hidden behind the end</script>"
    assert b"MakerOfTelephones" in raw
    kept = upload(api, hoa, raw, light="ring", note="left side").json()
    assert kept["media"] == f"image/{kind.lower()}" and (kept["light"], kept["note"]) == ("ring", "left side")
    shown = api.get(kept["link"])
    assert shown.headers["content-type"] == kept["media"] and len(shown.content) == kept["bytes"]
    assert b"MakerOfTelephones" not in shown.content and b"hidden" not in shown.content
    picture = Image.open(io.BytesIO(shown.content))
    assert not picture.getexif() and picture.size == (60, 80)  # upright
    assert [one["id"] for one in api.get(f"/api/patients/{hoa['id']}/photographs").json()] == [kept["id"]]
    assert api.delete(kept["link"]).status_code == 204
    problem(api.get(kept["link"]), 404)


@pytest.mark.parametrize(
    "kind, mode", [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "RGBA")]
)
def test_photographs_of_every_kind_of_colour_are_taken(api, hoa, kind, mode):
    picture = Image.effect_noise((40, 30), 50).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind)
    kept = upload(api, hoa, out.getvalue())
    assert kept.status_code == 201, kept.text
    seen = Image.open(io.BytesIO(api.get(kept.json()["link"]).content)).convert("L")
    assert abs(sum(seen.tobytes()) - sum(picture.convert("L").tobytes())) < 3 * 40 * 30


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "no picture"),
        (b"GIF89a" + b"\0" * 50, "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "no picture"),
        (taken()[:400], "damaged"),
        (b"%PDF-1.4", "no picture"),
    ],
    ids=["nothing", "gif", "svg", "a beginning alone", "cut short", "pdf"],
)
def test_what_is_no_photograph_is_refused_in_words(api, hoa, content, said):
    assert said in problem(upload(api, hoa, content), 422)["detail"]


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(api, hoa):
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 1_000_000
    told = problem(upload(api, hoa, out.getvalue()), 422)
    assert "million" in told["detail"] or "damaged" in told["detail"]


def test_the_same_photograph_is_kept_once_and_only_beside_a_visit_of_hers(api, hoa):
    assert upload(api, hoa, taken()).status_code == 201
    assert "kept already" in problem(upload(api, hoa, taken()), 422)["detail"]
    problem(upload(api, hoa, taken(size=(50, 50)), visit_id=NOWHERE), 404)
    problem(upload(api, {"id": NOWHERE}, taken()), 404)
    problem(upload(api, hoa, taken(), day="yesterday"), 422)


# --- many at once ------------------------------------------------------------------------------------------------

CROWD = """
import threading
from follicast.assessment import assess
from follicast.patient import Patient
start, wrong = threading.Barrier(16), []
def ask():
    person = Patient.model_validate({"age": 40, "sex": "F"})
    start.wait()
    try:
        assess(person)
    except BaseException as trouble:
        wrong.append(repr(trouble))
threads = [threading.Thread(target=ask) for _ in range(16)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(wrong)
"""


def test_the_first_to_ask_may_be_many_at_once():
    import os
    import subprocess
    import sys

    source = str(Path(__file__).resolve().parents[1] / "src")
    told = subprocess.run(
        [sys.executable, "-c", CROWD], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": source}
    )
    assert told.stdout.strip() == "[]", told.stdout + told.stderr[-500:]


# --- the document, and whoever tries to break it -----------------------------------------------------------------


def test_the_document_describes_every_route_with_types_and_problems(clinic_door):
    document = clinic_door.app.openapi()
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            assert said["summary"] and said["description"], (method, path)
            good = [code for code in said["responses"] if code.startswith("2")]
            assert good, (method, path)
            for code in said["responses"]:
                content = said["responses"][code].get("content", {})
                if code >= "4":
                    assert list(content) == ["application/problem+json"], (method, path, code)
                elif "application/json" in content:
                    assert content["application/json"]["schema"], (method, path, code)
    ids = [said["operationId"] for methods in document["paths"].values() for said in methods.values()]
    assert len(ids) == len(set(ids)) > 35
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_a_few_hundred_made_up_requests_do_not_break_it(clinic_door, api):
    from verification import web

    found = web.broken(clinic_door.app, api.cookies, api.headers, examples=4, seed=1)
    assert found.cases >= 200
    assert not found.faults, "\n".join(found.faults[:5])


def test_made_up_requests_find_a_route_that_is_broken(clinic_door, api, monkeypatch):
    from verification import web

    def at_fault(*_):
        raise ValueError("at fault")

    monkeypatch.setattr(type(clinic_door.records.patients), "find", at_fault)
    found = web.broken(
        clinic_door.app, api.cookies, api.headers, examples=3, seed=1, only="/api/patients/find"
    )
    assert found.faults and "500" in found.faults[0]
