"""The clinic's memory: what is put in comes out, nobody overwrites the unseen, and no message tells a fact."""

import datetime as dt
import logging
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from follicast.errors import Busy, Damaged, Missing, NotAllowed, RecordsError
from follicast.patient import Patient
from follicast.records import Conflict, Records, measured
from follicast.records.words import compared

DAY = dt.date(2026, 3, 1)
NAME = "Nguyễn Thị Hoa"
HOA = Patient.parse("age: 47\nsex: F\nid: K-1700\nconditions: []\ndrugs: [{name: minoxidil}]\n")
ANSWER = {"evidence_version": "e1", "seed": 7, "sources": ["a2020"], "warnings": []}
JPEG = b"\xff\xd8\xff\xe0 a photograph"


def older(patient, age):
    return patient.model_copy(update={"age": float(age)})


# --- patients ----------------------------------------------------------------------------------------------------


def test_a_patient_comes_back_as_she_was_told(records):
    chart = records.patients.add(HOA, by="local", name=NAME)
    again = records.patients.get(chart.id)
    assert again == chart and again.patient == HOA
    assert (again.version, again.name, again.number, again.by) == (1, NAME, "K-1700", "local")
    assert again.patient.conditions == [] and again.patient.allergies is None  # asked: none; and not asked


def test_every_state_of_an_intake_is_kept(records):
    chart = records.patients.add(HOA, by="local", name=NAME)
    records.patients.change(chart.id, older(HOA, 48), version=1, by="local")
    records.patients.change(chart.id, older(HOA, 49), version=2, by="local", name="Hoa")
    history = records.patients.history(chart.id)
    assert [(state.version, state.patient.age, state.name) for state in history] == [
        (1, 47, NAME), (2, 48, NAME), (3, 49, "Hoa")]  # fmt: skip
    assert records.patients.get(chart.id, version=1).patient == HOA


def test_saving_what_is_saved_already_writes_nothing(records):
    chart = records.patients.add(HOA, by="local")
    assert records.patients.change(chart.id, HOA, version=1, by="local").version == 1
    changed = records.patients.change(chart.id, older(HOA, 48), version=1, by="local")
    # a second click on the same button: same content on the old version
    assert records.patients.change(chart.id, older(HOA, 48), version=1, by="local") == changed


@pytest.mark.parametrize(
    ("asked", "found"),
    [("nguyen", True), ("HOA ngu", True), ("Thị", True), ("k-17", True), ("hoai", False),
     ("%", False), ("_", False), ("", True)],
)  # fmt: skip
def test_a_patient_is_found_by_the_words_of_her_name_or_number(records, asked, found):
    chart = records.patients.add(HOA, by="local", name=NAME)
    assert [listed.id for listed in records.patients.find(asked)] == ([chart.id] if found else [])


def test_a_patient_is_found_by_id_and_the_last_changed_comes_first(records):
    first, second = (records.patients.add(HOA, by="local", name=name) for name in ("A B", "B C"))
    assert [listed.id for listed in records.patients.find(first.id)] == [first.id]
    assert [listed.id for listed in records.patients.find("b")] == [second.id, first.id]
    records.patients.change(first.id, older(HOA, 50), version=1, by="local")
    assert [listed.id for listed in records.patients.find("b", limit=1)] == [first.id]
    assert len(records.patients) == 2


@pytest.mark.parametrize(
    ("written", "typed"),
    [("أحمد", "احمد"), ("Đặng", "dang"), ("山田 太郎", "太郎"), ("Łucja", "lucja"), ("ＡＢＣ", "abc")],
)
def test_names_of_any_script_are_compared_without_accents(written, typed):
    assert compared(typed) in compared(written)


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_is_kept_and_found_again(records, name):
    chart = records.patients.add(HOA, by="local", name=name)
    assert records.patients.get(chart.id).name == name.strip()
    assert any(listed.id == chart.id for listed in records.patients.find(name, limit=1000))


def test_nobody_there_is_told_without_repeating_what_was_asked(records):
    for ask in (
        records.patients.get,
        records.visits.of,
        records.plans.of,
        records.photographs.of,
        records.consents.of,
    ):
        with pytest.raises(Missing) as trouble:
            ask(NAME)
        assert NAME not in str(trouble.value)


# --- two users, one patient --------------------------------------------------------------------------------------


def test_the_second_of_two_editors_gets_both_versions_and_what_differs(records):
    chart = records.patients.add(HOA, by="local", name=NAME)
    theirs = HOA.model_copy(update={"age": 48.0, "pulse": 70.0})
    records.patients.change(chart.id, theirs, version=1, by="local")
    yours = HOA.model_copy(update={"age": 49.0, "latitude": 35.0})
    with pytest.raises(Conflict) as found:
        records.patients.change(chart.id, yours, version=1, by="local")
    conflict = found.value
    assert (conflict.base.version, conflict.theirs.version, conflict.theirs.document["age"]) == (1, 2, 48.0)
    assert conflict.yours["age"] == 49.0
    told = {d.field: (d.before, d.theirs, d.yours, d.clashes) for d in conflict.differences}
    assert told == {
        "age": (47.0, 48.0, 49.0, True), "pulse": (None, 70.0, None, False), "latitude": (None, None, 35.0, False)
    }  # fmt: skip
    assert records.patients.get(chart.id).patient == theirs and len(records.patients.history(chart.id)) == 2
    assert "latitude" not in str(conflict) and "49" not in str(conflict).replace(chart.id, "")


def test_of_many_threads_that_save_on_one_version_one_wins_and_the_others_see_it(records):
    chart = records.patients.add(HOA, by="local")
    won, lost = [], []

    def save(age):
        try:
            won.append(records.patients.change(chart.id, older(HOA, age), version=1, by="local").patient.age)
        except Conflict as conflict:
            lost.append(conflict.theirs.document["age"])

    threads = [threading.Thread(target=save, args=(age,)) for age in range(50, 62)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert len(won) == 1 and set(lost) == set(won) and len(lost) == 11
    assert records.patients.get(chart.id).patient.age == won[0]


def test_a_version_that_never_was_is_refused(records):
    chart = records.patients.add(HOA, by="local")
    with pytest.raises(Missing, match="no version 7"):
        records.patients.change(chart.id, older(HOA, 48), version=7, by="local")


def test_writers_of_many_threads_queue_and_all_get_through(records):
    troubles = []

    def add(number):
        try:
            for _ in range(4):
                records.patients.add(HOA, by="local", name=f"number {number}")
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert troubles == [] and len(records.patients) == 64 and records.verify().faults == []


def test_a_writer_who_waits_too_long_is_told_that_the_records_are_busy(clinic):
    records, hasty = clinic.open(), clinic.open(patience_s=0.2)
    with records.database.writing():
        with pytest.raises(Busy, match="Try it again"):
            hasty.patients.add(HOA, by="local")
        assert hasty.patients.find() == []  # readers do not wait for writers
    assert hasty.patients.add(HOA, by="local").version == 1


def test_a_reader_sees_one_moment(records):
    records.patients.add(HOA, by="local")
    counted = text("SELECT count(*) FROM patients")
    with records.database.reading() as connection:
        before = connection.execute(counted).scalar_one()
        records.patients.add(HOA, by="local")
        assert connection.execute(counted).scalar_one() == before
    assert len(records.patients) == before + 1


# --- visits ------------------------------------------------------------------------------------------------------


def test_a_visit_keeps_each_number_with_its_method_and_error(records):
    chart = records.patients.add(HOA, by="local")
    found = [
        measured("terminal_density", 148, error=9.5, method="phototrichogram", site="midscalp",
                 area_cm2=1, cutoff_um=40),
        measured("mean_diameter", 61, site="midscalp", method="phototrichogram", area_cm2=1, cutoff_um=40),
        measured("shed_score", 4, error=0.5, method="Sinclair"),
    ]  # fmt: skip
    visit = records.visits.add(chart.id, DAY, found, by="local", note="well")
    assert records.visits.of(chart.id) == [visit] and records.visits.get(visit.id).measurements == tuple(
        found
    )
    assert [one.unit for one in visit.measurements] == ["/cm2", "um", "{score}"]
    told = visit.told
    assert (told.date, told.shedding.score) == (DAY, 4)
    assert [(c.terminal_per_cm2, c.mean_diameter_um, c.cutoff_um) for c in told.counts] == [(148, 61, 40)]


def test_a_visit_is_mended_on_its_version_and_struck_out_but_never_lost(records):
    chart = records.patients.add(HOA, by="local")
    first = records.visits.add(chart.id, DAY, [measured("shed_score", 3)], by="local")
    mended = records.visits.change(first.id, DAY, [measured("shed_score", 2)], version=1, by="local")
    with pytest.raises(Conflict):
        records.visits.change(first.id, DAY, [measured("shed_score", 5)], version=1, by="local")
    assert records.visits.of(chart.id) == [mended]
    struck = records.visits.strike(first.id, version=2, by="local")
    assert records.visits.of(chart.id) == [] and struck.struck
    assert records.visits.get(first.id, version=1).measurements == first.measurements
    assert records.verify().faults == []


@pytest.mark.parametrize(
    ("kind", "value", "how"),
    [("total_density", -5, {"site": "vertex"}), ("total_density", 150, {}), ("shed_score", 7, {}),
     ("mean_diameter", 900, {"site": "vertex"}), ("anagen_share", 61, {"site": "vertex"}),
     ("shed_score", 3, {"error": -1}), ("wash_count", float("nan"), {})],
)  # fmt: skip
def test_what_no_head_could_give_is_refused(kind, value, how):
    with pytest.raises(RecordsError, match="measurement"):
        measured(kind, value, **how)


# --- photographs -------------------------------------------------------------------------------------------------


def test_a_photograph_lies_in_a_private_folder_under_its_own_hash(records, clinic):
    chart = records.patients.add(HOA, by="local")
    kept = records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", light="ring", by="local")
    assert records.photographs.read(kept.id) == JPEG and records.photographs.of(chart.id) == [kept]
    assert (kept.media, kept.bytes, kept.light, kept.by) == ("image/jpeg", len(JPEG), "ring", "local")
    (path,) = [path for path in clinic.pictures.rglob("*") if path.is_file()]
    assert path.name == kept.hash and path.read_bytes() == JPEG
    for private in (path, path.parent, clinic.pictures):
        assert private.stat().st_mode & 0o077 == 0


def test_a_photograph_that_was_changed_on_the_disk_or_lost_is_not_shown(records):
    chart = records.patients.add(HOA, by="local")
    kept = records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", by="local")
    path = records.folder.place(chart.id, kept.hash)
    path.write_bytes(JPEG + b"!")
    with pytest.raises(Damaged, match="changed"):
        records.photographs.read(kept.id)
    assert "changed" in records.verify().faults[0]
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        records.photographs.read(kept.id)


def test_what_is_no_picture_too_large_twice_or_of_nobody_is_refused_and_leaves_no_file(records, clinic):
    chart = records.patients.add(HOA, by="local")
    records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", by="local")
    visit = records.visits.add(records.patients.add(HOA, by="local").id, DAY, by="local")
    for picture, how in (
        (b"<svg>", {}),
        (JPEG, {}),
        (b"\xff\xd8\xff" + bytes(50_000_000), {}),
        (JPEG + b"2", {"visit_id": visit.id}),
        (JPEG + b"3", {"site": " "}),
    ):
        with pytest.raises(RecordsError):
            records.photographs.keep(
                chart.id, picture, **{"day": DAY, "site": "vertex", "by": "local", **how}
            )
    for nobody in ("../../tmp", "nobody"):
        with pytest.raises(RecordsError):
            records.photographs.keep(nobody, JPEG, day=DAY, site="x", by="local")
    assert not (clinic.pictures / "nobody").exists()
    assert len([path for path in clinic.pictures.rglob("*") if path.is_file()]) == 1


def test_a_removed_photograph_is_gone_and_the_same_may_be_kept_again(records):
    chart = records.patients.add(HOA, by="local")
    kept = records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", by="local")
    records.photographs.remove(kept.id, by="local")
    assert records.photographs.of(chart.id) == [] and records.folder.files() == []
    assert records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", by="local").id != kept.id
    assert records.verify().faults == []


def test_a_file_that_nobody_names_is_swept_away_once_it_is_old(records):
    chart = records.patients.add(HOA, by="local")
    kept = records.photographs.keep(chart.id, JPEG, day=DAY, site="vertex", by="local")
    records.folder.beside(chart.id, JPEG + b"2")
    assert records.photographs.sweep() == 0  # it may be on its way
    assert records.photographs.sweep(older_than_s=-1) == 1
    assert records.photographs.read(kept.id) == JPEG


# --- what was issued, consents -----------------------------------------------------------------------------------


def test_a_plan_stays_as_it_was_issued_whatever_becomes_of_the_intake(records):
    chart = records.patients.add(HOA, by="local")
    plan = records.plans.issue(
        chart.id, ANSWER, patient_version=1, pages={"vi": "<p>á</p>", "en": "<p>"}, by="local"
    )
    records.patients.change(chart.id, older(HOA, 48), version=1, by="local")
    again = records.plans.get(plan.id)
    assert again == plan and again.document == ANSWER and again.pages == {"vi": "<p>á</p>", "en": "<p>"}
    assert (again.evidence_version, again.seed, again.patient_version) == ("e1", 7, 1)
    assert records.assessments.of(chart.id) == [] and records.plans.of(chart.id) == [plan]
    with pytest.raises(Missing):
        records.assessments.get(plan.id)


@pytest.mark.parametrize("statement", [
    "UPDATE issued SET document = '{}'", "UPDATE pages SET html = ''", "DELETE FROM pages", "DELETE FROM issued",
    "UPDATE versions SET document = '{}'", "DELETE FROM versions",
])  # fmt: skip
def test_the_database_itself_refuses_to_change_or_lose_what_was_issued_or_saved(records, statement):
    chart = records.patients.add(HOA, by="local")
    plan = records.plans.issue(chart.id, ANSWER, patient_version=1, pages={"en": "<p>"}, by="local")
    with pytest.raises(RecordsError), records.database.writing() as connection:
        connection.execute(text(statement))
    assert records.plans.get(plan.id) == plan and records.verify().faults == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"evidence_version": "e", "seed": 1.5},
        {"evidence_version": "e", "x": {1, 2}},
        {"evidence_version": "e", "x": float("nan")},
        {"evidence_version": "e", "x": "\ud800"},
    ],
)
def test_what_is_no_answer_is_not_issued(records, document):
    chart = records.patients.add(HOA, by="local")
    with pytest.raises(RecordsError, match="plan"):
        records.plans.issue(chart.id, document, patient_version=1, by="local")
    with pytest.raises(Missing, match="version 2"):
        records.plans.issue(chart.id, ANSWER, patient_version=2, by="local")


def test_a_consent_holds_until_it_is_withdrawn_and_both_are_kept(records):
    chart = records.patients.add(HOA, by="local")
    consent = records.consents.give(chart.id, "photographs", text_version="2026-01", by="local")
    assert records.consents.hold(chart.id, "photographs") and not records.consents.hold(chart.id, "teaching")
    withdrawn = records.consents.withdraw(consent.id, by="local")
    assert not records.consents.hold(chart.id, "photographs") and records.consents.of(chart.id) == [withdrawn]
    assert withdrawn.withdrawn_at > withdrawn.given_at and withdrawn.text_version == "2026-01"
    with pytest.raises(RecordsError, match="before"):
        records.consents.withdraw(consent.id, by="local")


# --- time, roles, words ------------------------------------------------------------------------------------------


def test_every_time_is_kept_in_utc_whatever_zone_the_clock_has(clinic):
    zone = dt.timezone(dt.timedelta(hours=9))
    there = dt.datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=zone)
    records = clinic.open(clock=lambda: there)
    chart = records.patients.add(HOA, by="local")
    kept = records.patients.get(chart.id).at
    assert kept == there and kept.utcoffset() == dt.timedelta(0) and kept.hour == 23
    with pytest.raises(ValueError, match="time zone"):
        clinic.open(clock=lambda: dt.datetime(2026, 3, 1)).patients.add(HOA, by="local")


ROLE_TRIES = {
    "viewer": lambda r, c, by: r.patients.see(c, by=by),
    "assistant": lambda r, c, by: r.visits.add(c, DAY, by=by),
    "clinician": lambda r, c, by: r.plans.issue(c, ANSWER, patient_version=1, by=by),
    "admin": lambda r, c, by: r.erase(c, by=by),
}


@pytest.mark.parametrize("role", ROLE_TRIES)
def test_each_role_may_do_what_the_lesser_may_and_no_more(records, role):
    user = records.accounts.add(f"{role}@clinic", role=role, by="local")
    chart = records.patients.add(HOA, by="local")
    ranks = list(ROLE_TRIES)
    for asked, act in ROLE_TRIES.items():
        if ranks.index(asked) <= ranks.index(role):
            act(records, chart.id, user)
        else:
            with pytest.raises(NotAllowed, match=f"is {role}"):
                act(records, chart.id, user)
    with pytest.raises(Missing):
        records.patients.add(HOA, by="nobody")


def test_no_fact_of_a_patient_reaches_a_log_or_a_message(clinic, caplog):
    caplog.set_level(logging.DEBUG)
    records, heard = clinic.open(), []
    secret = HOA.model_copy(update={"ancestry": "Secretland", "id": "K-9999"})
    chart = records.patients.add(secret, by="local", name="Verysecret")
    records.patients.find("Verysecret")
    records.patients.change(chart.id, older(secret, 48), version=1, by="local")
    for act in (
        lambda: records.patients.change(chart.id, older(secret, 49), version=1, by="local"),
        lambda: records.patients.add(secret, by="local", name="Verysecret" * 30),
        lambda: records.patients.add(secret, by="local", name="Very\0secret"),
        lambda: records.patients.add(secret, by="Verysecret"),
        lambda: records.patients.get("Verysecret"),
        lambda: _run(records, "INSERT INTO patients SELECT * FROM patients"),  # PostgreSQL quotes the row
        lambda: _run(
            records, "INSERT INTO patients (id, version, name) VALUES ('Verysecret', 1, 'Verysecret')"
        ),
        lambda: _run(records, "SELECT * FROM Verysecret"),
        lambda: records.plans.issue(chart.id, {"Verysecret": {1}}, patient_version=1, by="local"),
    ):
        with pytest.raises(RecordsError) as trouble:
            act()
        heard.append(str(trouble.value))
    told = "\n".join([*heard, caplog.text, *(str(line) for line in records.audit.lines())])
    for fact in ("Verysecret", "Secretland", "K-9999"):
        assert fact.lower() not in told.lower()


def _run(records, statement):
    with records.database.writing() as connection:
        connection.execute(text(statement))


def test_an_intake_that_this_release_cannot_read_is_told_by_its_places_alone(records):
    from follicast.records.versioned import Version, keep

    chart = records.patients.add(HOA, by="local")
    document = {
        "name": "",
        "age": 47,
        "sex": "F",
        "drugs": [{"name": "withdrawnol"}],
        "menopause": "Verysecret",
    }
    with records.database.writing() as connection:
        keep(
            connection, "patient", chart.id, Version(chart.id, 2, document, dt.datetime.now(dt.UTC), "local")
        )
        connection.execute(text("UPDATE patients SET version = 2"))
    again = records.patients.get(chart.id)
    assert again.document["drugs"]  # it can still be shown and mended
    with pytest.raises(Damaged, match=r"drugs\.0\.name") as trouble:
        again.patient
    assert "withdrawnol" not in str(trouble.value) and "Verysecret" not in str(trouble.value)


def test_the_records_open_again_as_they_were_left(clinic):
    with clinic.open() as records:
        chart = records.patients.add(HOA, by="local", name=NAME)
    assert isinstance(records, Records) and clinic.open().patients.get(chart.id) == chart
