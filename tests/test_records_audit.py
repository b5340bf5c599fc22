"""The audit trail only grows: the database refuses to change it, and whoever gets around that is found."""

import datetime as dt

import pytest
from sqlalchemy import text

from follicast.errors import NotAllowed, RecordsError
from follicast.patient import Patient
from follicast.records import audit as trail

HOA = Patient.parse("age: 47\nsex: F\n")


@pytest.fixture
def filled(records):
    chart = records.patients.add(HOA, by="local", name="Hoa")
    records.patients.see(chart.id, by="local")
    records.visits.add(chart.id, dt.date(2026, 3, 1), by="local", note="Hoa is well")
    records.audit.note("printed", "patient", chart.id, by="local", patient=chart.id)
    return records


def run(records, *statements, unguarded=False):
    """Run statements, as someone who has the database's own password could; `unguarded` without its guards."""
    postgres = records.database.path is None
    with records.database.writing() as connection:
        if unguarded and postgres:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        elif unguarded:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                .scalars()
                .all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))


def test_each_act_leaves_a_line_with_ids_and_no_fact(filled):
    lines = filled.audit.lines()
    assert [(line.what, line.kind) for line in lines] == [
        ("added", "patient"), ("seen", "patient"), ("added", "visit"), ("printed", "patient")]  # fmt: skip
    assert [line.seq for line in lines] == [1, 2, 3, 4] and {line.who for line in lines} == {"local"}
    assert len({line.patient for line in lines}) == 1 and lines == sorted(lines, key=lambda line: line.at)
    assert filled.audit.lines(since=3) == lines[3:] and filled.audit.lines(limit=2) == lines[:2]
    assert filled.audit.lines(patient=lines[0].patient) == lines and filled.audit.lines(patient="x") == []
    with pytest.raises(ValueError, match="never a fact"):
        filled.audit.note("seen", "patient", "Nguyễn Thị Hoa", by="local")


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET who = 'system' WHERE seq = 2", "DELETE FROM audit WHERE seq = 4", "DELETE FROM audit",
    "UPDATE audit SET hash = hash", "UPDATE chain SET length = length - 1", "DELETE FROM chain",
])  # fmt: skip
def test_the_database_refuses_to_change_or_shorten_it(filled, statement):
    before = filled.audit.lines()
    with pytest.raises(RecordsError):
        run(filled, statement)
    assert filled.audit.lines() == before and filled.verify().faults == []


def test_each_engine_refuses_its_own_ways_around(filled):
    ways = (
        ["TRUNCATE audit", "TRUNCATE versions CASCADE"]
        if filled.database.path is None
        else ["INSERT OR REPLACE INTO audit SELECT seq, at, 'system', what, kind, record, patient, previous, hash "
              "FROM audit",
              "INSERT OR REPLACE INTO versions SELECT record, version, kind, patient_id, '{}', at, by FROM versions"]
    )  # fmt: skip
    for statement in ways:
        with pytest.raises(RecordsError):
            run(filled, statement)
    assert filled.verify().faults == []


@pytest.mark.parametrize(("statement", "said"), [
    ("UPDATE audit SET who = 'system' WHERE seq = 2", "line 2 was changed"),
    ("UPDATE audit SET at = (SELECT at FROM audit WHERE seq = 1) WHERE seq = 3", "line 3 was changed"),
    ("UPDATE audit SET record = 'another' WHERE seq = 1", "line 1 was changed"),
    ("DELETE FROM audit WHERE seq = 2", "line 2 is missing"),
    ("DELETE FROM audit WHERE seq = 4", "was cut"),
    ("DELETE FROM audit", "was cut"),
    ("INSERT INTO audit SELECT 5, at, who, what, kind, record, patient, previous, hash FROM audit WHERE seq = 4",
     "line 5"),
    ("DELETE FROM chain", "was cut"),
    ("UPDATE versions SET document = '{\"name\": \"other\", \"age\": 47, \"sex\": \"F\"}' WHERE kind = 'patient'",
     "newest version"),
    ("UPDATE patients SET name = 'other'", "newest version"),
    ("UPDATE visits SET note = 'other'", "newest version"),
    ("INSERT INTO measurements (visit_id, place, patient_id, kind, value, unit) "
     "SELECT id, 0, patient_id, 'shed_score', 3, '' FROM visits",
     "measurements"),
])  # fmt: skip
def test_tampering_by_someone_who_took_the_guards_away_is_found(filled, statement, said):
    run(filled, statement, unguarded=True)
    assert any(said in fault for fault in filled.verify().faults)


def test_a_trail_rewritten_from_its_start_is_found_by_the_records_it_no_longer_tells_of(filled):
    """Whoever rewrites trail and chain consistently must also explain the records; and `verify` prints the end."""
    end = filled.audit.end()
    run(
        filled,
        "DELETE FROM audit",
        "DELETE FROM chain",
        f"INSERT INTO chain VALUES (1, 0, '{trail.START}')",
        unguarded=True,
    )
    filled.audit.note("seen", "patient", "x", by="local")
    found = filled.verify()
    assert any("the audit trail tells of 0" in fault for fault in found.faults)
    assert (found.lines, found.end) != end


def test_the_act_and_its_line_are_written_together_or_not_at_all(filled, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(trail, "add", fail)
    people = len(filled.patients)
    for act in (lambda: filled.patients.add(HOA, by="local"),
                lambda: filled.erase(filled.patients.find()[0].id, by="local"),
                lambda: filled.accounts.add("x", role="viewer", by="local")):  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            act()
    assert len(filled.patients) == people and filled.accounts.all() == [] and filled.verify().faults == []


def test_a_clock_set_back_does_not_break_the_trail(clinic, records):
    records.patients.add(HOA, by="local")
    clinic.clock.pass_by(days=-400)
    records.patients.add(HOA, by="local")
    assert records.verify().faults == []


def test_who_only_looks_is_noted_and_who_may_not_even_that_is_refused(records):
    chart = records.patients.add(HOA, by="local")
    viewer = records.accounts.add("viewer", role="viewer", by="local")
    records.patients.see(chart.id, by=viewer)
    assert [(line.who, line.what) for line in records.audit.lines(patient=chart.id)][-1] == (
        viewer.id,
        "seen",
    )
    records.accounts.change(viewer.id, disabled=True, by="local")
    with pytest.raises(NotAllowed, match="disabled"):
        records.patients.see(chart.id, by=viewer)
