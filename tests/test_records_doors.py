"""Who gets in: passwords, roles, sessions, tokens, guesses; and long work that outlives page and worker."""

import datetime as dt
import threading
import time

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from follicast.errors import Missing, NotAllowed, RecordsError
from follicast.patient import Patient
from follicast.records import accounts

GOOD, OTHER = "a few words in a row", "some other words in a row"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same hash made with less work: by design it takes long, and it is made here some two hundred times."""
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    accounts._nobodys.cache_clear()
    monkeypatch.setattr(accounts, "_hasher", lambda: weak)
    yield
    accounts._nobodys.cache_clear()


@pytest.fixture
def user(records):
    return records.accounts.add("Thu@Clinic", role="clinician", password=GOOD, name="Dr Thu", by="local")


# --- accounts ----------------------------------------------------------------------------------------------------


def test_a_user_signs_in_with_her_password_whatever_the_case_of_her_login(records, user):
    assert records.accounts.sign_in(" thu@clinic ", GOOD) == records.accounts.get(user.id)
    assert (user.login, user.name, user.role, user.has_password) == (
        "thu@clinic",
        "Dr Thu",
        "clinician",
        True,
    )
    assert records.audit.lines()[-1].what == "signed-in"


def test_only_an_argon2_hash_of_the_password_is_kept(records, user):
    with records.database.reading() as connection:
        kept = connection.execute(text("SELECT password FROM users WHERE login = 'thu@clinic'")).scalar_one()
    assert kept.startswith("$argon2id$") and GOOD not in kept and GOOD not in repr(user)


def test_a_wrong_password_an_unknown_login_and_a_disabled_user_sound_alike(records, user):
    gone = records.accounts.add("gone", role="viewer", password=GOOD, by="local")
    records.accounts.change(gone.id, disabled=True, by="local")
    records.accounts.add("keyless", role="viewer", by="local")
    heard = set()
    for login, password in (
        ("thu@clinic", OTHER),
        ("nobody", GOOD),
        ("gone", GOOD),
        ("keyless", ""),
        ("local", ""),
        ("system", "system"),
    ):
        with pytest.raises(NotAllowed) as trouble:
            records.accounts.sign_in(login, password)
        heard.add(str(trouble.value))
    assert len(heard) == 1


def test_a_hash_made_with_less_work_is_renewed_at_the_next_sign_in(records, user, monkeypatch):
    def kept():
        with records.database.reading() as connection:
            return connection.execute(
                text("SELECT password FROM users WHERE login = 'thu@clinic'")
            ).scalar_one()

    weak = kept()
    accounts._nobodys.cache_clear()
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher)
    records.accounts.sign_in("thu@clinic", GOOD)
    assert "m=1024," in weak and "m=65536,t=3,p=4" in kept()
    records.accounts.sign_in("thu@clinic", GOOD)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(records, user, monkeypatch):
    accounts._nobodys.cache_clear()
    strong = PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: strong)
    records.accounts.set_password(user.id, GOOD, by="local")

    def takes(login):
        best = []
        for _ in range(3):
            begun = time.perf_counter()
            with pytest.raises(NotAllowed):
                records.accounts.sign_in(login, OTHER)
            best.append(time.perf_counter() - begun)
        return min(best)

    takes("first")  # the hash of nobody's password is made once
    assert 0.3 < takes("nobody") / takes("thu@clinic") < 3.3


def test_after_five_wrong_guesses_even_the_right_password_waits_and_a_restart_does_not_help(clinic):
    records = clinic.open()
    records.accounts.add("thu", role="admin", password=GOOD, by="local")
    for _ in range(5):
        with pytest.raises(NotAllowed, match="wrong"):
            records.accounts.sign_in("thu", OTHER, address="10.0.0.1")
    again = clinic.open()
    with pytest.raises(NotAllowed, match="too many") as trouble:
        again.accounts.sign_in("thu", GOOD, address="10.0.0.2")
    assert 0 < trouble.value.wait_s <= 15 * 60
    clinic.clock.pass_by(seconds=trouble.value.wait_s + 1)
    assert again.accounts.sign_in("thu", GOOD).login == "thu"


def test_many_logins_from_one_address_are_slowed_too_and_right_ones_do_not_count(records, user):
    for _ in range(40):
        records.accounts.sign_in("thu@clinic", GOOD, address="10.0.0.9")
    for number in range(30):
        with pytest.raises(NotAllowed, match="wrong"):
            records.accounts.sign_in(f"guess{number}", OTHER, address="10.0.0.9")
    with pytest.raises(NotAllowed, match="too many"):
        records.accounts.sign_in("thu@clinic", GOOD, address="10.0.0.9")
    assert records.accounts.sign_in("thu@clinic", GOOD, address="10.0.0.8") == records.accounts.get(user.id)


def test_guesses_made_at_once_count_as_those_made_in_turn(records, user):
    heard = []

    def guess():
        try:
            records.accounts.sign_in("thu@clinic", OTHER)
        except NotAllowed as trouble:
            heard.append("many" if trouble.wait_s else "wrong")

    threads = [threading.Thread(target=guess) for _ in range(9)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert (heard.count("wrong"), heard.count("many")) == (5, 4)


@pytest.mark.parametrize("password", ["short", "x" * 1001, "aaaaaaaaaaaaaaaa", "long.login@clinic"])
def test_a_password_too_easy_to_guess_is_refused_and_not_repeated(records, password):
    with pytest.raises(RecordsError, match="password") as trouble:
        records.accounts.add("long.login@clinic", role="viewer", password=password, by="local")
    assert password not in str(trouble.value) and records.accounts.all() == []


@pytest.mark.parametrize(
    ("login", "role"),
    [("", "viewer"), ("a b", "viewer"), ("local", "viewer"), ("taken", "viewer"), ("x", "boss")],
)
def test_a_login_or_role_that_cannot_be_is_refused(records, login, role):
    records.accounts.add("taken", role="admin", subject="sub-1", by="local")
    with pytest.raises(RecordsError):
        records.accounts.add(login, role=role, by="local")
    with pytest.raises(RecordsError, match="subject"):
        records.accounts.add("another", role="viewer", subject="sub-1", by="local")
    assert [user.login for user in records.accounts.all()] == ["taken"]


def test_a_new_password_ends_every_session_and_only_she_or_an_admin_may_set_it(records, user):
    token = records.sessions.open(user)
    other = records.accounts.add("other", role="clinician", by="local")
    with pytest.raises(NotAllowed):
        records.accounts.set_password(user.id, OTHER, by=other)
    records.accounts.set_password(user.id, OTHER, by=user)
    assert records.sessions.user(token) is None
    assert records.accounts.sign_in("thu@clinic", OTHER).id == user.id
    with pytest.raises(NotAllowed):
        records.accounts.sign_in("thu@clinic", GOOD)


def test_the_last_admin_can_neither_be_disabled_nor_demoted(records):
    first = records.accounts.add("first", role="admin", by="local")
    for change in ({"disabled": True}, {"role": "viewer"}):
        with pytest.raises(NotAllowed, match="last admin"):
            records.accounts.change(first.id, by="local", **change)
    records.accounts.add("second", role="admin", by=first)
    assert records.accounts.change(first.id, disabled=True, by="local").disabled
    for built_in in ("local", "system"):
        with pytest.raises(NotAllowed, match="built in"):
            records.accounts.change(built_in, disabled=True, by="local")


def test_whoever_signs_in_elsewhere_is_known_by_her_subject(records):
    user = records.accounts.add("thu", role="clinician", subject="https://idp|42", by="local")
    assert (
        records.accounts.with_subject("https://idp|42") == user
        and records.accounts.with_subject("43") is None
    )
    records.accounts.change(user.id, disabled=True, by="local")
    assert records.accounts.with_subject("https://idp|42") is None


# --- sessions and tokens -----------------------------------------------------------------------------------------


def test_a_session_ends_idle_old_or_signed_out(records, clinic, user):
    token = records.sessions.open(user, lasts=dt.timedelta(hours=2), idle=dt.timedelta(minutes=30))
    for _ in range(5):  # used every 20 minutes it goes on ...
        clinic.clock.pass_by(minutes=20)
        assert records.sessions.user(token) == user
    clinic.clock.pass_by(minutes=20)  # ... until its time is over
    assert records.sessions.user(token) is None
    idle = records.sessions.open(user, idle=dt.timedelta(minutes=30))
    clinic.clock.pass_by(minutes=31)
    assert records.sessions.user(idle) is None
    left = records.sessions.open(user)
    records.sessions.end(left)
    records.sessions.end("unknown")
    assert records.sessions.user(left) is None


def test_a_disabled_user_is_out_at_once_and_sessions_survive_a_restart(clinic, records, user):
    token = records.sessions.open(user)
    assert clinic.open().sessions.user(token) == user
    records.accounts.change(user.id, disabled=True, by="local")
    assert records.sessions.user(token) is None
    with pytest.raises(NotAllowed, match="disabled"):
        records.sessions.open(user)


def test_all_sessions_of_a_user_can_be_ended(records, user):
    tokens = [records.sessions.open(user) for _ in range(3)]
    assert records.sessions.end_all(user.id, by=user) == 3
    assert [records.sessions.user(token) for token in tokens] == [None] * 3


def test_tokens_are_kept_as_hashes_only(records, clinic, user):
    tokens = [records.sessions.open(user), records.tokens.make("opening")]
    with records.database.reading() as connection:
        kept = str(
            [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("sessions", "tokens")]
        )
    assert all(token not in kept for token in tokens)


def test_a_one_time_token_opens_once_for_its_purpose_and_in_its_time(records, clinic, user):
    token = records.tokens.make("password", user_id=user.id)
    with pytest.raises(NotAllowed):
        records.tokens.use(token, "opening")
    assert records.tokens.use(token, "password") == user.id
    with pytest.raises(NotAllowed):
        records.tokens.use(token, "password")
    late = records.tokens.make("opening", lasts=dt.timedelta(minutes=5))
    clinic.clock.pass_by(minutes=5)
    with pytest.raises(NotAllowed):
        records.tokens.use(late, "opening")


def test_of_many_who_use_one_token_at_once_one_gets_in(records):
    token, got = records.tokens.make("opening"), []

    def use():
        try:
            got.append(records.tokens.use(token, "opening"))
        except NotAllowed:
            got.append("refused")

    threads = [threading.Thread(target=use) for _ in range(8)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert got.count("refused") == 7


# --- jobs --------------------------------------------------------------------------------------------------------


def test_a_job_goes_from_asked_to_done_and_anyone_can_look_meanwhile(clinic, records):
    job = records.jobs.ask("forecast", {"arms": ["prp"]}, by="local")
    assert (job.state, job.progress, job.ended) == ("waiting", 0.0, False)
    taken = records.jobs.take()
    assert taken.id == job.id and taken.state == "running" and records.jobs.take() is None
    assert records.jobs.tell(job.id, 0.5, "growing the scalp")
    seen = clinic.open().jobs.get(job.id)  # another process, or the page after a reload
    assert (seen.progress, seen.said, seen.request) == (0.5, "growing the scalp", {"arms": ["prp"]})
    assert records.jobs.tell(job.id, 0.3)  # progress never runs back
    assert records.jobs.get(job.id).progress == 0.5
    done = records.jobs.finish(job.id, {"arms": []})
    assert (done.state, done.progress, done.result, done.ended) == ("done", 1.0, {"arms": []}, True)
    with pytest.raises(RecordsError, match="is done"):
        records.jobs.finish(job.id, {})
    assert records.jobs.of("local") == [done]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_its_worker_next_speaks(records):
    first, second = (records.jobs.ask("forecast", {}, by="local") for _ in range(2))
    assert records.jobs.take().id == first.id
    assert records.jobs.cancel(second.id, by="local").state == "cancelled" and records.jobs.take() is None
    assert records.jobs.cancel(first.id, by="local").state == "running"
    assert not records.jobs.tell(first.id, 0.9)
    assert records.jobs.stop(first.id).state == "cancelled"
    assert (
        not records.jobs.tell(first.id, 0.9)
        and records.jobs.cancel(first.id, by="local").state == "cancelled"
    )


def test_a_job_whose_worker_died_is_tried_once_more_and_then_has_failed(records, clinic):
    job = records.jobs.ask("forecast", {}, by="local")
    records.jobs.take()
    clinic.clock.pass_by(seconds=59)
    assert records.jobs.revive() == []
    clinic.clock.pass_by(seconds=2)
    assert [lost.state for lost in records.jobs.revive()] == ["waiting"]
    assert records.jobs.take().tries == 2
    clinic.clock.pass_by(seconds=61)
    assert [lost.state for lost in records.jobs.revive()] == ["failed"] and records.jobs.get(job.id).said


def test_each_job_is_taken_by_one_of_many_workers_in_the_order_asked(records):
    asked = [records.jobs.ask("forecast", number, by="local").id for number in range(12)]
    records.jobs.ask("picture", 0, by="local")
    taken = []

    def work():
        while job := records.jobs.take(["forecast"]):
            taken.append(job.id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert sorted(taken) == sorted(asked) and records.jobs.take().kind == "picture"


def test_old_jobs_are_forgotten_and_failed_ones_say_why(records, clinic):
    job = records.jobs.ask("forecast", {}, by="local")
    records.jobs.take()
    assert records.jobs.fail(job.id, "no such therapy").said == "no such therapy"
    assert records.jobs.forget(dt.timedelta(days=1)) == 0
    clinic.clock.pass_by(days=2)
    assert records.jobs.forget(dt.timedelta(days=1)) == 1
    with pytest.raises(Missing):
        records.jobs.get(job.id)


def test_a_job_for_nobody_is_not_asked(records):
    with pytest.raises(Missing):
        records.jobs.ask("forecast", {}, by="local", patient_id="nobody")
    chart = records.patients.add(Patient.parse("age: 47\nsex: F\n"), by="local")
    assert records.jobs.ask("forecast", {}, by="local", patient_id=chart.id).patient_id == chart.id
