"""The door as it is served: a real server, told to go or killed, what it logs, and whom it speaks to."""

import json
import re
import signal
import socket
import time

import httpx2 as httpx
import pytest
from verification.served import Served, events

from door import STORY
from follicast.records import Records

# Facts of one person, each a word that stands nowhere else.
NAME, NUMBER = "Quỳnh Zyxwa", "ZY-918273"
HER = STORY | {
    "id": NUMBER, "age": 47.31, "drugs": ["warfarin"], "conditions": ["lupus"], "notes": "zyx a note",
    "allergies": ["latex zyx"], "signs": ["Christmas-tree parting"],
    "labs": [{"test": "ferritin", "value": 17.77, "unit": "ug/L"}],
}  # fmt: skip
FACTS = [
    "zyx", "ZY-918273", "Qu%E1%BB", "warfarin", "lupus", "latex", "47.31", "17.77", "Christmas", "ferritin",
    "spironolactone", "prp", "148.25",
]  # fmt: skip


@pytest.fixture
def serve(tmp_path):
    made = []

    def start(**how):
        made.append(Served(tmp_path, f"server{len(made)}", **how))
        return made[-1]

    yield start
    for one in made:
        one.stop(signal.SIGKILL)


def consultation(browser):
    """Take one patient through all that the API does."""
    ok = [browser.post("/api/assess", json=HER)]
    ok.append(browser.post("/api/explain", json={"patient": HER, "therapy": "spironolactone"}))
    ok.append(browser.post("/api/patients", json={"patient": HER, "name": NAME}))
    id = ok[-1].json()["id"]
    ok.append(browser.post("/api/patients/find", json={"text": NAME}))
    ok.append(browser.put(f"/api/patients/{id}", json={"patient": HER | {"pulse": 71}, "version": 1}))
    measured = [
        {"kind": "terminal_density", "value": 148.25, "site": "midscalp", "method": "phototrichogram"}
    ]
    visit = {"day": "2027-03-01", "note": "zyx at the visit", "measurements": measured}
    ok.append(browser.post(f"/api/patients/{id}/visits", json=visit))
    job = browser.post(
        "/api/forecasts", json={"patient_id": id, "arms": ["prp"], "draws": 20, "refine_to": 30}
    )
    heard = list(events(browser, job.json()["events"]))
    assert [name for name, _ in heard if name == "result"] == ["result"] * 2 and heard[-1][0] == "end"
    asked = {"patient_id": id, "arms": ["prp"], "taken": "prp", "draws": 20}
    ok += [job, browser.post("/api/follow-up", json=asked)]
    ok.append(
        browser.post("/api/plan", json={"patient_id": id, "choice": "none", "issue": True, "draws": 20})
    )
    told = {"day": "2027-01-01", "site": "midscalp", "note": "zyx of a photograph"}
    ok.append(browser.post(f"/api/patients/{id}/photographs", files={"file": ("zyx.jpg", jpeg())}, data=told))
    ok.append(browser.get(ok[-1].json()["link"]))
    refused = [browser.post("/api/assess", json=HER | {"age": 4731})]
    refused.append(browser.put(f"/api/patients/{id}", json={"patient": HER, "version": 1}))
    ok.append(browser.post(f"/api/patients/{id}/export"))
    ok.append(browser.delete(f"/api/patients/{id}"))
    assert [r.status_code for r in refused] == [422, 409] and "47.31" not in refused[0].text
    return ok, refused


def jpeg():
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 60, 50)).save(out, "JPEG")
    return out.getvalue()


def test_no_fact_of_a_patient_is_logged_or_stands_in_an_address_and_no_network_is_used(serve):
    server = serve()
    addresses = []

    def keep(answer):
        addresses.extend([str(answer.request.url), answer.headers.get("location", "")])

    browser = server.browser(event_hooks={"response": [keep]})
    ok, _ = consultation(browser)
    trouble = [
        (r.request.url.path, r.status_code, r.text[:300]) for r in ok if r.status_code not in (200, 201, 202)
    ]
    flagged = [one for one in trouble if one[0] != "/api/plan"]
    assert not flagged, flagged
    assert server.stop() in (0, -signal.SIGTERM, 143)
    log = server.log
    assert "DEBUG" in log  # it was listening
    for fact in FACTS:
        assert fact.lower() not in log.lower(), f"{fact} was logged"
        wrong = [
            at for at in addresses if fact.lower() in at.lower() and not at.endswith("/api/patients/zyx")
        ]
        assert not wrong, f"{fact} stands in {wrong}"
    spoken = set(re.findall(r"SPOKE TO (.*)", log))
    assert all("127.0.0.1" in place or place.startswith("/") for place in spoken), spoken


def test_told_to_go_it_goes_at_once_and_what_was_in_hand_is_done_after_the_next_start(serve):
    server = serve()
    browser = server.browser()
    id = browser.post("/api/forecasts", json=long_forecast()).json()["id"]
    running(browser, id)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 15
    assert "Traceback" not in server.log
    again = serve()
    assert finished(again.browser(), id)["state"] == "done"


def test_the_job_of_a_killed_server_is_taken_again(serve):
    server = serve()
    browser = server.browser()
    id = browser.post("/api/forecasts", json=long_forecast()).json()["id"]
    running(browser, id)
    server.stop(signal.SIGKILL)
    with Records.open(server.database) as records:
        assert records.jobs.get(id).state == "running"  # nobody was told
    again = serve(silent_s=2.0)
    job = finished(again.browser(), id)
    assert job["state"] == "done" and len(job["result"]["arms"]) == len(long_forecast()["arms"]) + 1
    with Records.open(server.database) as records:
        assert records.jobs.get(id).tries == 2


def long_forecast():
    doses = [f"minoxidil-topical-1:adherence=0.{k}" for k in range(1, 5)]
    return {"patient": STORY, "arms": doses, "draws": 500, "months": 60}


def running(browser, id):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        job = browser.get(f"/api/jobs/{id}").json()
        if job["state"] == "running" and job["progress"] > 0:
            return
        assert job["state"] in ("waiting", "running"), job["state"]
        time.sleep(0.02)
    raise AssertionError("it never began")


def finished(browser, id):
    until = time.monotonic() + 240
    while time.monotonic() < until:
        job = browser.get(f"/api/jobs/{id}").json()
        if job["state"] not in ("waiting", "running"):
            return job
        time.sleep(0.1)
    raise AssertionError("it never ended")


def test_a_port_that_is_taken_is_told_in_words(cli, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, out, err = cli("serve", "--port", port, "--database", tmp_path / "clinic.db")
    assert (status, out) == (1, "") and f"--port {port}: another program listens there" in err
    assert not (tmp_path / "clinic.db").exists()


def test_nobody_else_reaches_it_without_accounts(cli, tmp_path):
    status, _, err = cli("serve", "--host", "0.0.0.0", "--database", tmp_path / "clinic.db")
    assert status == 2 and "--accounts" in err


def test_a_start_says_where_the_records_lie_and_how_one_gets_in(serve, tmp_path):
    local, clinic = serve(), serve(door="accounts")
    assert f"records lie in sqlite:///{tmp_path}/clinic.db" in local.log
    assert "works once" in local.log and "/open?token=" in local.opening
    assert "follicast records user add" in clinic.log and "token" not in clinic.opening
    assert httpx.get(clinic.at, headers={"accept": "text/html"}).headers["location"].startswith("/sign-in")


def test_the_first_admin_is_made_on_the_command_line_with_a_password_that_is_asked_for(
    cli, monkeypatch, tmp_path
):
    import io

    url = f"sqlite:///{tmp_path}/clinic.db"

    def told(password, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO(password))
        return cli("records", "user", *arguments, "--database", url)

    status, out, _ = told("a few words in a row\n", "add", "Thu", "--role", "admin")
    assert status == 0 and out.startswith("added: thu (admin)")
    assert told("short\n", "add", "x", "--role", "admin")[0] == 1
    assert told("", "add", "x", "--role", "admin")[0] == 1
    assert told("", "add", "Lan", "--role", "viewer", "--openid", "Lan@Clinic.test")[0] == 0
    assert told("some other words\n", "password", "thu")[0] == 0
    assert told("", "change", "lan", "--disable")[0] == 0
    status, _, err = told("", "change", "thu", "--role", "viewer")
    assert status == 1 and "last admin" in err
    status, _, err = told("", "change", "tho", "--enable")
    assert status == 1 and "Did you mean 'thu'" in err
    status, out, _ = told("", "list")
    assert status == 0 and "thu" in out and "OpenID Connect" in out
    with Records.open(url) as records:
        assert records.accounts.sign_in("thu", "some other words").role == "admin"
        assert records.accounts.with_subject("lan@clinic.test") is None  # disabled
    assert "--password" not in json.dumps(cli("records", "user", "add", "--help"))
