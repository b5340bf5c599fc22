"""Who gets in by the clinic's door: a one-time address, accounts, sessions, proofs of origin, roles."""

import datetime as dt
import io
import logging
import shutil

import pytest
from argon2 import PasswordHasher

from conftest import Clock
from door import GOOD, HTML, NOWHERE, STORY, WOMAN, Door, csrf, filled, routes
from follicast.doors.web import guard
from follicast.records import LOCAL, accounts

OTHER = "some other words in a row"
# What may be seen by who has not signed in, as interfaces.md has it; signing in by a provider is signing in.
OPEN = {"/sign-in", "/sign-in/openid", "/sign-in/openid/back", "/open", "/static/page.css", "/healthz"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same hash made with less work: by design it takes long, and it is made here some hundred times."""
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    accounts._nobodys.cache_clear()
    monkeypatch.setattr(accounts, "_hasher", lambda: weak)
    yield
    accounts._nobodys.cache_clear()


@pytest.fixture
def make(tmp_path, empty_places):
    made = []

    def door(**settings):
        name = f"clinic{len(made)}"
        shutil.copy(empty_places("sqlite").removeprefix("sqlite:///"), tmp_path / f"{name}.db")
        url = f"sqlite:///{tmp_path / name}.db"
        made.append(Door(url, tmp_path / f"{name}.pictures", Clock(), **settings))
        return made[-1]

    yield door
    for one in made:
        one.records.close()


@pytest.fixture
def door(make):
    return make(door="accounts")


@pytest.fixture
def here(make):
    """The door of one person at this computer."""
    return make()


# --- the one-time address ----------------------------------------------------------------------------------------


def test_the_printed_address_opens_once_and_not_again(here):
    token = here.records.tokens.make("open")
    browser = here.anybody()
    first = browser.get(f"/open?token={token}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert browser.get("/api/me").json()["id"] == LOCAL
    again = here.anybody().get(f"/open?token={token}", headers=HTML)
    assert again.status_code == 403 and "used before" in again.text and "set-cookie" not in again.headers


def test_the_printed_address_is_good_for_an_hour(here):
    token = here.records.tokens.make("open")
    here.clock.pass_by(minutes=61)
    assert here.anybody().get(f"/open?token={token}").status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(make):
    for secure in (False, True):
        door = make(secure=secure)
        cookie = door.anybody().get(f"/open?token={door.records.tokens.make('open')}").headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and ("Secure" in cookie) == secure


def test_who_was_let_in_at_this_computer_is_nobody_where_accounts_are_asked_for(door):
    assert door.who(LOCAL).get("/api/me").status_code == 401
    assert door.anybody().get(f"/open?token={door.records.tokens.make('open')}").status_code == 403


# --- the walk ----------------------------------------------------------------------------------------------------


def forged(door):
    browser = door.anybody()
    browser.cookies.set(guard.COOKIE, "x" * 43, domain="clinic.test")
    browser.headers[guard.HEADER] = csrf(browser)
    return browser


def expired(door):
    browser = door.who(door.user("admin"))
    door.clock.pass_by(hours=13)
    return browser


def disabled(door):
    door.user("admin", "other@clinic")
    user = door.user("admin")
    browser = door.who(user)
    door.records.accounts.change(user.id, disabled=True, by="local")
    return browser


def ended(door):
    user = door.user("admin")
    browser = door.who(user)
    door.records.sessions.end_all(user.id, by=user)
    return browser


@pytest.mark.parametrize("unsigned", [Door.anybody, forged, expired, disabled, ended])
def test_every_route_refuses_the_unsigned(door, unsigned):
    browser, seen = unsigned(door), set()
    for method, path in routes(door.app):
        at = filled(path)
        answer = browser.request(method, at, headers={"accept": "application/json"})
        if answer.status_code == 401:
            assert "sign in first" in answer.text or method == "HEAD"
            to_a_person = browser.request(method, at, headers=HTML)
            if not at.startswith("/api"):
                assert to_a_person.headers["location"].startswith("/sign-in?next=")
        else:
            seen.add(path)
    assert seen == OPEN


def test_every_page_and_picture_that_is_not_there_refuses_the_unsigned_too(door):
    for path in (
        "/nothing",
        "/api/nothing",
        "/api/patients/../../etc",
        "/static2",
        "/openness",
        "/docs",
        "/redoc",
    ):
        assert door.anybody().get(path).status_code == 401, path
    assert door.anybody().get("/static/../app.py").status_code in (401, 404)


def test_the_walk_sees_the_routes_of_the_api_document(door):
    walked = {path.replace(":path", "") for _, path in routes(door.app)}
    assert set(door.app.openapi()["paths"]) <= walked and len(walked) > 40


# --- sessions ----------------------------------------------------------------------------------------------------


def test_a_session_ends_when_left_idle_and_lasts_while_used(door):
    browser = door.who(door.user("viewer"))
    for _ in range(5):
        door.clock.pass_by(minutes=29)
        assert browser.get("/api/me").status_code == 200
    door.clock.pass_by(minutes=31)
    assert browser.get("/api/me").status_code == 401


def test_a_session_ends_after_its_time_however_much_it_is_used(door):
    browser = door.who(door.user("viewer"))
    for _ in range(12 * 4 - 1):
        door.clock.pass_by(minutes=15)
        assert browser.get("/api/me").status_code == 200
    door.clock.pass_by(minutes=15)
    assert browser.get("/api/me").status_code == 401


def test_signing_out_ends_the_session_for_whoever_holds_its_cookie(door):
    browser = door.who(door.user("viewer"))
    token = browser.cookies[guard.COOKIE]
    left = browser.post("/sign-out", data={"csrf": csrf(browser)})
    assert left.status_code == 303 and "storage" in left.headers["clear-site-data"]
    assert door.records.sessions.user(token) is None


# --- signing in --------------------------------------------------------------------------------------------------


def sign_in(browser, login="viewer@clinic", password=GOOD, **how):
    return browser.post("/sign-in", data={"login": login, "password": password, **how}, headers=HTML)


def test_login_and_password_open_the_page_one_came_for(door):
    door.user("viewer")
    browser = door.anybody()
    answer = sign_in(browser, next="/patients/abc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/patients/abc")
    assert browser.get("/api/me").json()["role"] == "viewer"


@pytest.mark.parametrize(
    "goal", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:x", "\t//evil.test"]
)
def test_signing_in_never_leads_to_another_site(door, goal):
    door.user("viewer")
    assert sign_in(door.anybody(), next=goal).headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_login_are_told_alike(door):
    door.user("viewer")
    wrong, unknown = sign_in(door.anybody(), password=OTHER), sign_in(door.anybody(), login="nobody")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("viewer@clinic", "") == unknown.text.replace("nobody", "")


def test_after_five_wrong_passwords_nobody_is_let_in_for_a_while(door):
    door.user("viewer")
    browser = door.anybody()
    for _ in range(5):
        assert sign_in(browser, password=OTHER).status_code == 403
    barred = sign_in(browser)
    assert barred.status_code == 429 and 60 <= int(barred.headers["retry-after"]) <= 901
    door.clock.pass_by(seconds=int(barred.headers["retry-after"]))
    assert sign_in(browser).status_code == 303


def test_one_address_may_not_guess_at_many_logins(door):
    answers = [sign_in(door.anybody(), login=f"someone{k}").status_code for k in range(31)]
    assert answers[:30] == [403] * 30 and answers[30] == 429


def test_passwords_open_nothing_where_accounts_are_not_used(here):
    here.user("admin")
    assert sign_in(here.anybody(), login="admin@clinic").status_code == 403


# --- where a request comes from ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {guard.HEADER: ""},
        {guard.HEADER: "0" * 64},
        {guard.HEADER: "é"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://clinic.test:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_changes_something_must_come_from_a_page_of_ours(door, headers):
    browser = door.who(door.user("admin"))
    raw = {key.encode(): value.encode() for key, value in headers.items()}
    answer = browser.post("/api/patients", json={"patient": STORY}, headers=raw)
    assert answer.status_code == 403 and len(door.records.patients) == 0
    assert browser.post("/api/patients", json={"patient": STORY}).status_code == 201


def test_a_script_without_the_proof_changes_nothing_whatever_it_says_it_sends(door):
    browser = door.who(door.user("admin"))
    del browser.headers[guard.HEADER]
    id = door.records.patients.add(WOMAN, by="local").id
    form = {"file": ("x.png", b"x", "image/png")}
    assert browser.post("/api/patients", json={"patient": STORY}).status_code == 403
    assert (
        browser.post(f"/api/patients/{id}/photographs", files=form, data={"site": "vertex"}).status_code
        == 403
    )


def test_every_form_is_refused_without_its_proof(door):
    browser = door.who(door.user("admin"))
    del browser.headers[guard.HEADER]
    forms = [path for method, path in routes(door.app) if method == "POST" and not path.startswith("/api")]
    assert len(forms) >= 7
    id = door.records.patients.add(WOMAN, by="local").id
    before = kept_of(door, id), len(door.records.accounts.all())
    for path in forms:
        for field in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
            told = {"login": "x", "role": "admin", "password": GOOD, "disabled": "yes", **field}
            assert browser.post(filled(path, id=id), data=told, headers=HTML).status_code == 403, path
    assert (kept_of(door, id), len(door.records.accounts.all())) == before


def test_every_answer_says_what_a_browser_may_do_with_it(door):
    browser = door.who(door.user("viewer"))
    for client in (browser, door.anybody()):
        for path in ("/", "/sign-in", "/account", "/api/me", "/static/page.css", "/nothing", "/healthz"):
            said = client.get(path, headers=HTML).headers
            assert "default-src 'none'" in said["content-security-policy"], path
            assert "unsafe" not in said["content-security-policy"]
            assert said["x-content-type-options"] == "nosniff" and said["referrer-policy"] == "same-origin"
            stored = (
                "private"
                if path.startswith("/static") and said["content-type"].startswith("text/css")
                else "no-store"
            )
            assert stored in said["cache-control"], path


def test_reached_by_https_alone_a_browser_is_told_so(make):
    answer = make(secure=True).anybody().get("/healthz")
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in chunks of no told length"])
def test_what_is_larger_than_a_photograph_is_refused(door, told):
    browser = door.who(door.user("admin"))
    id = door.records.patients.add(WOMAN, by="local").id

    def chunks():
        for _ in range(27):
            yield b" " * 1_000_000

    content = b" " * 27_000_000 if told else chunks()
    for path, kind in (
        ("/api/assess", "application/json"),
        (f"/api/patients/{id}/photographs", "multipart/form-data; boundary=x"),
    ):
        answer = browser.post(path, content=content if told else chunks(), headers={"content-type": kind})
        assert answer.status_code == 413, path


# --- roles -------------------------------------------------------------------------------------------------------

ANYONE = {
    "/api/assess", "/api/explain", "/api/forecast", "/api/forecasts", "/api/plan", "/api/plans", "/api/follow-up",
    "/api/follow-ups", "/api/scalps", "/api/patients/find", "/api/jobs/{id}/cancel", "/sign-in", "/sign-out",
    "/account/password", "/account/sessions/end",
}  # fmt: skip
# Every other changing route: what is sent, and the least that one must be.
BODIES = {
    ("POST", "/api/patients"): ("assistant", {"json": {"patient": STORY, "name": "Hoa"}}),
    ("PUT", "/api/patients/{id}"): ("assistant", {"json": {"patient": STORY | {"age": 48.0}, "version": 1}}),
    ("DELETE", "/api/patients/{id}"): ("admin", {}),
    ("POST", "/api/patients/{id}/export"): ("clinician", {}),
    ("POST", "/api/patients/{id}/visits"): ("assistant", {"json": {"day": "2027-01-01"}}),
    ("PUT", "/api/visits/{id}"): ("assistant", {"json": {"day": "2027-01-02", "version": 1}}),
    ("POST", "/api/visits/{id}/strike"): ("assistant", {"json": {"version": 1}}),
    ("POST", "/api/patients/{id}/photographs"): ("assistant", "photograph"),
    ("DELETE", "/api/photographs/{id}"): ("clinician", {}),
    ("POST", "/api/patients/{id}/consents"): ("assistant", {"json": {"what": "photographs", "text_version": "1"}}),
    ("POST", "/api/consents/{id}/withdraw"): ("assistant", {}),
    ("POST", "/accounts"): ("admin", {"data": {"login": "new", "role": "viewer", "password": GOOD}}),
    ("POST", "/accounts/{id}"): ("admin", {"data": {"role": "viewer"}}),
    ("POST", "/accounts/{id}/password"): ("admin", {"data": {"password": OTHER}}),
    ("POST", "/accounts/{id}/sessions/end"): ("admin", {}),
}  # fmt: skip
ROLES = ["viewer", "assistant", "clinician", "admin"]


def picture(kind="PNG", size=(40, 30), **how):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (120, 80, 60)).save(out, kind, **how)
    return out.getvalue()


def sent(door, key):
    """Return the address and the rest of a request that would succeed for who may."""
    path = key[1]
    chart = door.records.patients.add(WOMAN, by="local", name="Hoa")
    visit = door.records.visits.add(chart.id, dt.date(2027, 1, 1), by="local")
    kept = door.records.photographs.keep(
        chart.id, picture(size=(41, 30)), day=dt.date(2027, 1, 1), site="vertex", by="local"
    )
    consent = door.records.consents.give(chart.id, "teaching", text_version="1", by="local")
    whose = {"patients": chart.id, "visits": visit.id, "photographs": kept.id, "consents": consent.id}
    whose["accounts"] = door.user("clinician", f"someone{len(door.records.accounts.all())}").id
    how = BODIES[key][1]
    if how == "photograph":
        how = {
            "files": {"file": ("a.png", picture(), "image/png")},
            "data": {"day": "2027-01-01", "site": "vertex"},
        }
    shelf = path.removeprefix("/api").split("/")[1]
    return filled(path, id=whose[shelf]), how


def changing(app, *beginnings):
    found = {(m, p) for m, p in routes(app) if m not in ("GET", "HEAD") and p not in ANYONE}
    return {(m, p) for m, p in found if p.startswith(beginnings)}


def test_every_changing_route_says_who_may(door):
    assert changing(door.app, "/api", "/accounts") == set(BODIES)


def kept_of(door, id):
    """Return all that is kept of a patient, and how many there are, as the records have it."""
    records = door.records
    return (
        len(records.patients), len(records.patients.history(id)), records.visits.of(id), records.photographs.of(id),
        records.consents.of(id), [one.id for one in records.plans.of(id)],
    )  # fmt: skip


def test_a_viewer_changes_nothing_by_any_form_of_any_page(door):
    """Whatever pages there are: each form is sent with fields that mean something in one or another of them."""
    id = door.records.patients.add(WOMAN, by="local", name="Hoa").id
    viewer, before = door.who(door.user("viewer")), kept_of(door, id)
    told = {"csrf": csrf(viewer), "name": "Lan", "age": "50", "sex": "F", "version": "1", "day": "2027-01-01",
            "what": "photographs", "text_version": "1", "site": "midscalp", "choice": "none", "arm": "none",
            "fact": "pulse", "answer": "71", "value": "71", "terminal": "150", "note": "x"}  # fmt: skip
    for method, path in routes(door.app):
        if method == "POST" and not path.startswith(("/api", "/sign", "/account")):
            viewer.post(filled(path, id=id), data=told, headers=HTML)
            viewer.post(
                filled(path, id=id),
                data=told,
                files={"file": ("a.png", picture(), "image/png")},
                headers=HTML,
            )
    assert kept_of(door, id) == before


@pytest.mark.parametrize("key", BODIES, ids=lambda key: " ".join(key))
def test_a_role_may_change_what_is_its_own_to_change_and_nothing_else(door, key):
    least = ROLES.index(BODIES[key][0])
    for role in ROLES:
        browser = door.who(door.user(role))
        at, how = sent(door, key)
        before = door.records.audit.end()
        answer = browser.request(key[0], at, **how)
        if ROLES.index(role) < least:
            assert answer.status_code == 403, (role, answer.text)
            assert door.records.audit.end() == before
        else:
            assert answer.status_code in (200, 201, 204, 303), (role, answer.text)


def test_a_plan_is_issued_by_who_may_and_looked_at_by_anyone(door):
    id = door.records.patients.add(WOMAN, by="local").id
    for role in ROLES:
        browser = door.who(door.user(role))
        for path in ("/api/plan", "/api/plans"):
            if role in ("viewer", "assistant"):
                assert browser.post(path, json={"patient_id": id, "issue": True}).status_code == 403
        assert browser.post("/api/plans", json={"patient_id": id}).status_code == 202


def test_the_work_of_another_is_not_told_of(door):
    one, other = door.who(door.user("viewer")), door.who(door.user("clinician"))
    job = one.post("/api/forecasts", json={"patient": STORY}).json()["id"]
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert other.request(method, f"/api/jobs/{job}{path}").status_code == 404
    assert other.get("/api/jobs").json() == [] and [j["id"] for j in one.get("/api/jobs").json()] == [job]
    assert door.who(door.user("admin")).get(f"/api/jobs/{job}").status_code == 200


# --- pages of accounts -------------------------------------------------------------------------------------------


def post(browser, path, **fields):
    return browser.post(path, data={"csrf": csrf(browser), **fields}, headers=HTML)


def test_an_admin_adds_changes_and_disables_users(door):
    admin = door.who(door.user("admin"))
    assert (
        post(admin, "/accounts", login="Thu", role="viewer", name="Dr Thu", password=GOOD).status_code == 303
    )
    thu = next(user for user in door.records.accounts.all() if user.login == "thu")
    shown = admin.get("/accounts", headers=HTML).text
    assert "thu" in shown and "Dr Thu" in shown and GOOD not in shown
    assert post(admin, f"/accounts/{thu.id}", role="assistant", name="Thu Ha").status_code == 303
    browser = door.who(thu)
    assert browser.get("/api/me").json() | {"may": None} == {
        "id": thu.id, "login": "thu", "name": "Thu Ha", "role": "assistant", "may": None,
    }  # fmt: skip
    assert post(admin, f"/accounts/{thu.id}/sessions/end").status_code == 303
    assert browser.get("/api/me").status_code == 401
    assert post(admin, f"/accounts/{thu.id}", disabled="yes").status_code == 303
    assert sign_in(door.anybody(), login="thu").status_code == 403
    assert post(admin, f"/accounts/{thu.id}", disabled="no").status_code == 303
    assert sign_in(door.anybody(), login="thu").status_code == 303


def test_what_is_wrong_with_an_account_is_told_on_the_page(door):
    user = door.user("admin")
    admin = door.who(user)
    for path, fields, said in (
        ("/accounts", {"login": "x", "role": "viewer", "password": "short"}, "12 to 1000"),
        ("/accounts", {"login": "x", "role": "king", "password": GOOD}, "king"),
        ("/accounts", {"login": "admin@clinic", "role": "viewer", "password": GOOD}, "admin@clinic"),
        (f"/accounts/{user.id}", {"disabled": "yes"}, "last admin"),
        (f"/accounts/{NOWHERE}", {"role": "viewer"}, "no user"),
        (f"/accounts/{LOCAL}", {"role": "viewer"}, "built in"),
    ):
        answer = post(admin, path, **fields)
        assert 400 <= answer.status_code < 500 and 'role="alert"' in answer.text, path
        assert said in answer.text or said in ("king", "admin@clinic"), answer.text
    assert [u.login for u in door.records.accounts.all()] == ["admin@clinic"]


def test_only_an_admin_sees_the_accounts(door):
    for role in ROLES[:-1]:
        assert door.who(door.user(role)).get("/accounts", headers=HTML).status_code == 403


def test_a_user_changes_her_own_password_by_the_old_one(door):
    user = door.user("viewer")
    here, there = door.who(user), door.who(user)
    for fields in ({"old": OTHER, "new": OTHER, "again": OTHER}, {"old": GOOD, "new": OTHER, "again": GOOD},
                   {"old": GOOD, "new": "short", "again": "short"}, {}):  # fmt: skip
        assert post(here, "/account/password", **fields).status_code in (403, 422)
    assert sign_in(door.anybody()).status_code == 303
    done = post(here, "/account/password", old=GOOD, new=OTHER, again=OTHER)
    assert done.status_code == 303 and here.get("/api/me").status_code == 200
    assert there.get("/api/me").status_code == 401
    assert (
        sign_in(door.anybody()).status_code == 403
        and sign_in(door.anybody(), password=OTHER).status_code == 303
    )


def test_a_stolen_session_cannot_guess_at_the_old_password(door):
    browser = door.who(door.user("viewer"))
    answers = [
        post(browser, "/account/password", old=f"guess number {k}", new=OTHER, again=OTHER) for k in range(6)
    ]
    assert [a.status_code for a in answers] == [403] * 5 + [429] and "retry-after" in answers[-1].headers


def test_a_user_ends_her_sessions_elsewhere(door):
    user = door.user("viewer")
    here, there = door.who(user), door.who(user)
    assert post(here, "/account/sessions/end").status_code == 303
    assert here.get("/api/me").status_code == 200 and there.get("/api/me").status_code == 401


def test_the_pages_of_accounts_speak_four_languages(door):
    admin = door.who(door.user("admin"))
    for language, direction in (("en", "ltr"), ("vi", "ltr"), ("ar", "rtl"), ("ja", "ltr")):
        for path in ("/account", "/accounts", "/sign-in"):
            shown = admin.get(path, headers=HTML | {"accept-language": language})
            assert shown.status_code == 200 and f'lang="{language}" dir="{direction}"' in shown.text


# --- faults of our own -------------------------------------------------------------------------------------------


class PanicError(BaseException):
    """As a compiled library raises it."""


@pytest.mark.parametrize("fault", [ValueError, PanicError])
def test_a_fault_of_our_own_is_told_and_logged_without_its_words(door, monkeypatch, caplog, fault):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(
        type(door.records.patients), "find", lambda *_: (_ for _ in ()).throw(fault("Hoa has lupus"))
    )
    answer = door.who(door.user("viewer")).post("/api/patients/find", json={"text": "Hoa"})
    assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json"
    assert "lupus" not in answer.text and fault.__name__ in answer.text
    assert "lupus" not in caplog.text and "Hoa" not in caplog.text and "patients.py" in caplog.text


def test_records_that_are_held_by_others_are_told_as_busy(tmp_path, door, monkeypatch):
    from follicast.errors import Busy

    monkeypatch.setattr(
        type(door.records.sessions), "user", lambda *_: (_ for _ in ()).throw(Busy("others are writing."))
    )
    browser = door.anybody()
    browser.cookies.set(guard.COOKIE, "x", domain="clinic.test")
    answer = browser.get("/api/me")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
