"""The shape of the database: made when new, refused when another's, brought up by one command."""

import os
import stat
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from follicast.errors import RecordsError, WrongSchema
from follicast.patient import Patient
from follicast.records import Records, migration
from follicast.records.database import Database, address
from follicast.records.schema import OF_A_PERSON, metadata

HOA = Patient(age=47.0, sex="F")


@pytest.fixture
def empty(engine, tmp_path, request):
    """A database with nothing in it."""
    url = (
        request.getfixturevalue("cluster").new()
        if engine == "postgres"
        else f"sqlite:///{tmp_path / 'new.db'}"
    )
    database = Database(url)
    yield database
    database.close()


def test_the_migrations_make_exactly_the_tables_that_the_store_uses(empty):
    assert migration.migrate(empty) == (None, migration.newest())
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "follicast_schema"})
        assert compare_metadata(context, metadata) == []
        unique = {
            (t, tuple(u["column_names"]))
            for t in metadata.tables
            for u in inspect(connection).get_unique_constraints(t)
        }
    assert ("photographs", ("patient_id", "hash")) in unique and ("users", ("login",)) in unique


def test_every_table_that_points_at_a_patient_is_erased_with_her():
    pointing = {table.name for table in metadata.tables.values()
                if any(key.column.table.name == "patients" for key in table.foreign_keys)}  # fmt: skip
    assert pointing | {"patients"} == {table.name for table in OF_A_PERSON}


def test_a_new_database_is_made_on_opening_and_one_of_this_release_is_taken_as_it_is(empty, tmp_path):
    assert migration.present(empty) is None
    Records.open(empty.url_given, pictures=tmp_path / "p").close()
    assert migration.present(empty) == migration.newest()
    Records.open(empty.url_given, pictures=tmp_path / "p").close()


def test_an_older_schema_is_refused_with_the_command_and_then_brought_up_with_all_its_rows(empty, tmp_path):
    with Records.open(empty.url_given, pictures=tmp_path / "p") as records:
        id = records.patients.add(HOA, by="local").id
    assert migration.step_back(empty, "0001") == ("0002", "0001")
    with pytest.raises(WrongSchema, match="follicast records migrate"):
        Records.open(empty.url_given, pictures=tmp_path / "p")
    assert migration.migrate(empty) == ("0001", "0002")
    with Records.open(empty.url_given, pictures=tmp_path / "p") as records:
        assert records.patients.get(id).patient == HOA and records.verify().faults == []
        records.jobs.ask("forecast", {}, by="local")


def test_every_step_can_be_gone_back_and_done_again(empty):
    migration.migrate(empty)
    assert migration.step_back(empty, "base") == ("0002", "None")
    with empty.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"follicast_schema"}
    assert migration.migrate(empty) == (None, "0002")


def test_a_step_that_fails_half_way_leaves_everything_as_it_was(empty, monkeypatch):
    migration.migrate(empty)
    migration.step_back(empty, "0001")
    from alembic import op

    monkeypatch.setattr(op, "create_index", lambda *_: 1 / 0)  # after the table was made
    with pytest.raises(ZeroDivisionError):
        migration.migrate(empty)
    monkeypatch.undo()
    assert migration.present(empty) == "0001"
    with empty.engine.connect() as connection:
        assert "jobs" not in inspect(connection).get_table_names()
    assert migration.migrate(empty) == ("0001", "0002")


def test_a_newer_schema_is_left_alone(empty, tmp_path):
    migration.migrate(empty)
    with empty.writing() as connection:
        connection.execute(text("UPDATE follicast_schema SET version_num = '9999'"))
    for act in (
        lambda: Records.open(empty.url_given, pictures=tmp_path / "p"),
        lambda: migration.migrate(empty),
    ):
        with pytest.raises(WrongSchema, match="newer Follicast"):
            act()


def test_another_programs_database_is_not_built_into(empty, tmp_path):
    with empty.bare() as connection:
        connection.execute(text("CREATE TABLE patients (id INTEGER PRIMARY KEY)"))
    with pytest.raises(RecordsError, match="another program"):
        Records.open(empty.url_given, pictures=tmp_path / "p")


@pytest.mark.parametrize(("url", "said"), [
    ("mysql://x/y", "mysql"), ("sqlite://", "memory"), ("sqlite:///:memory:", "memory"), ("://", "cannot be read"),
    ("sqlite:////nowhere/at/all/clinic.db", "no folder"), ("sqlite:////tmp", "a folder"),
])  # fmt: skip
def test_a_place_that_cannot_be_is_refused_with_what_would_do(url, said):
    with pytest.raises(RecordsError, match=said):
        Records.open(url)


def test_a_file_that_is_no_database_is_left_as_it_was(tmp_path):
    (tmp_path / "letter.txt").write_bytes(b"Dear colleague, " * 100)
    with pytest.raises(RecordsError, match="no database"):
        Records.open(tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_bytes() == b"Dear colleague, " * 100


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    with pytest.raises(RecordsError, match="does not answer") as trouble:
        Records.open("postgresql://thu:verysecret@127.0.0.1:1/clinic", pictures=tmp_path / "p")
    assert "verysecret" not in str(trouble.value)


def test_a_bare_path_is_a_file_of_sqlite_and_its_files_are_private(tmp_path):
    assert address(tmp_path / "clinic.db").get_backend_name() == "sqlite"
    os.umask(0o022)
    with Records.open(tmp_path / "clinic.db") as records:
        records.patients.add(HOA, by="local")
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert {path.name for path in files} >= {"clinic.db", "clinic.db-wal"}
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_neither_the_front_door_nor_the_command_line_wakes_the_database():
    code = "import sys, follicast, follicast.doors.cli\n"
    code += "print({'sqlalchemy', 'alembic', 'argon2', 'psycopg', 'sqlite3'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "set()"
