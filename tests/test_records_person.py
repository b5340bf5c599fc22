"""One person's data: all of it handed out, or all of it gone to the last byte; and a clinic's in one file and back."""

import datetime as dt
import io
import json
import os
import random
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from follicast.errors import Damaged, Missing, NotAllowed, RecordsError
from follicast.patient import Patient
from follicast.records import Records, backup, measured, person, restore

DAY = dt.date(2026, 3, 1)
NAME, NUMBER = "Xqzvhoa Nguyễnqzv", "KQZV-1700"
JPEG = b"\xff\xd8\xff\xe0" + b"qzv-picture" * 200


def fill(records, name=NAME, number=NUMBER, picture=JPEG):
    """One patient of whom everything is kept that can be."""
    hoa = Patient(age=47.0, sex="F", id=number, ancestry=f"{name} land")
    chart = records.patients.add(hoa, by="local", name=name)
    records.patients.change(chart.id, hoa.model_copy(update={"age": 48.0}), version=1, by="local")
    visit = records.visits.add(
        chart.id, DAY, [measured("shed_score", 3, method=f"asked {name}")], by="local", note=name
    )
    records.photographs.keep(
        chart.id, picture, day=DAY, site="vertex", note=name, visit_id=visit.id, by="local"
    )
    answer = {"evidence_version": "e1", "seed": 7, "told": [f"{name} {part}" for part in range(400)]}
    page = f"<p>{name}</p>" * 3000
    records.plans.issue(chart.id, answer, patient_version=2, pages={"vi": page, "en": page}, by="local")
    records.assessments.issue(chart.id, answer, patient_version=2, by="local")
    consent = records.consents.give(chart.id, f"photographs of {name}", text_version="2026-01", by="local")
    records.consents.withdraw(consent.id, by="local")
    job = records.jobs.ask("forecast", {"name": name}, by="local", patient_id=chart.id)
    records.jobs.take()
    records.jobs.finish(job.id, {"name": name})
    return chart.id


# --- export ------------------------------------------------------------------------------------------------------


def test_an_export_holds_everything_of_one_person_and_nothing_of_another(records, tmp_path):
    id = fill(records)
    other = fill(records, "Someone Else", "S-2", JPEG + b"2")
    records.export(id, tmp_path / "hoa.zip", by="local")
    with zipfile.ZipFile(tmp_path / "hoa.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = {name: json.loads(content) for name, content in files.items() if name.endswith(".json")}
    assert [state["document"]["age"] for state in told["person.json"]] == [47.0, 48.0]
    assert told["visits.json"][0]["document"]["measurements"][0]["value"] == 3
    assert told["consents.json"][0]["withdrawn_at"] and told["jobs.json"][0]["state"] == "done"
    (picture,) = [content for name, content in files.items() if name.startswith("photographs/")]
    assert picture == JPEG and told["photographs.json"][0]["file"] in {Path(name).name for name in files}
    assert [name for name in files if name.startswith("plans/") and name.endswith(".vi.html")]
    assert [name for name in files if name.startswith("assessments/")]
    assert [line["what"] for line in told["audit.json"]][-1] == "exported" and len(told["audit.json"]) == 9
    assert id.encode() in files["README.txt"] and b"Times are UTC" in files["README.txt"]
    assert not any(b"Someone" in content or other.encode() in content for content in files.values())
    assert (tmp_path / "hoa.zip").stat().st_mode & 0o077 == 0


def test_an_export_overwrites_nothing_and_leaves_nothing_behind_when_it_fails(records, tmp_path):
    id = fill(records)
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(RecordsError, match="not overwritten"):
        records.export(id, tmp_path / "there.zip", by="local")
    with pytest.raises(Missing):
        records.export("nobody", tmp_path / "new.zip", by="local")
    records.folder.place(id, records.photographs.of(id)[0].hash).unlink()
    with pytest.raises(Damaged):
        records.export(id, tmp_path / "new.zip", by="local")
    viewer = records.accounts.add("viewer", role="viewer", by="local")
    with pytest.raises(NotAllowed):
        records.export(id, tmp_path / "new.zip", by=viewer)
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["there.zip"] and not list(tmp_path.glob(".*"))


# --- erase -------------------------------------------------------------------------------------------------------


def bytes_of(clinic, cluster_files):
    """Every byte of the database and of the folder of pictures, as someone who takes the disk away would read them."""
    places = [clinic.pictures, *cluster_files] if cluster_files else [clinic.pictures.parent]
    return {
        path: path.read_bytes() for place in places for path in [place, *place.rglob("*")] if path.is_file()
    }


def files_of_a_server(records, cluster):
    """The folder of this database in the server's files, once what it holds in memory is written there."""
    with records.database.bare() as connection:
        connection.execute(text("CHECKPOINT"))
        number = connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar_one()
    return [Path(cluster.data) / "base" / str(number)]


@pytest.fixture
def on_disk(clinic, engine, request):
    def read(records):
        server = request.getfixturevalue("cluster") if engine == "postgres" else None
        return bytes_of(clinic, files_of_a_server(records, server) if server else [])

    return read


TRACES = [word.encode() for word in ("Xqzvhoa", "qzv-picture", NUMBER, "xqzvhoa", "Nguyễnqzv")]


def traces(disk):
    return {str(path): trace for path, content in disk.items() for trace in TRACES if trace in content}


def test_an_erased_person_is_in_no_byte_of_database_and_folder(records, on_disk):
    ids = [fill(records, f"Another {n}", f"A-{n}", JPEG[:4] + bytes([n])) for n in range(3)]
    id = fill(records)
    assert traces(on_disk(records))  # else the search could not find her
    assert records.erase(id, by="local")
    assert traces(on_disk(records)) == {}
    for asked in (records.patients.get, records.visits.of, records.plans.of, records.photographs.of):
        with pytest.raises(Missing):
            asked(id)
    assert records.patients.find("Xqzvhoa") == [] and records.verify().faults == []
    assert {listed.id for listed in records.patients.find()} == set(ids) and records.photographs.of(ids[0])


def test_the_trail_keeps_that_she_was_deleted_when_and_by_whom(records, clinic):
    id = fill(records)
    admin = records.accounts.add("admin", role="admin", by="local")
    clinician = records.accounts.add("clinician", role="clinician", by="local")
    with pytest.raises(NotAllowed):
        records.erase(id, by=clinician)
    records.erase(id, by=admin)
    line = records.audit.lines()[-1]
    assert (line.what, line.kind, line.record, line.who) == ("deleted", "patient", id, admin.id)
    assert line.at == clinic.clock.at
    with pytest.raises(Missing):
        records.erase(id, by=admin)


def test_an_erasure_that_was_cut_off_is_finished_at_the_next_opening(clinic, records, on_disk, monkeypatch):
    id = fill(records)
    monkeypatch.setattr(
        person, "wipe", lambda *_: False
    )  # as if killed between the deletion and the wiping ...
    monkeypatch.setattr(
        type(records.folder), "drop", lambda *_: None
    )  # ... and before the pictures were gone
    assert not records.erase(id, by="local")
    monkeypatch.undo()
    assert traces(on_disk(records)) and person.unwiped(records.folder)
    records.close()
    again = clinic.open()
    assert traces(on_disk(again)) == {} and not person.unwiped(again.folder)


def test_an_erasure_while_others_read_says_that_the_last_bytes_wait_and_then_wipes_them(
    clinic, records, on_disk
):
    id, hasty = fill(records), clinic.open(patience_s=0.2)
    with records.database.reading() as connection:
        connection.execute(text("SELECT count(*) FROM patients")).scalar_one()
        assert not hasty.erase(id, by="local")
        with pytest.raises(Missing):
            hasty.patients.get(id)
    again = clinic.open()
    assert traces(on_disk(again)) == {} and not person.unwiped(again.folder)


def test_a_picture_on_its_way_while_its_patient_is_erased_is_not_left_behind(records, clinic, monkeypatch):
    id = fill(records)
    beside = type(records.folder).beside

    def slow(folder, patient_id, picture):
        waiting = beside(folder, patient_id, picture)
        records.erase(id, by="local")
        return waiting

    monkeypatch.setattr(type(records.folder), "beside", slow)
    with pytest.raises(Missing):
        records.photographs.keep(id, JPEG + b"3", day=DAY, site="vertex", by="local")
    assert records.folder.files() == []


# --- backup and restore ------------------------------------------------------------------------------------------


def everything(records):
    with records.database.reading() as connection:
        return {table.name: list(backup._dump(connection, table)) for table in backup.TABLES}


@pytest.fixture
def elsewhere(request, tmp_path):
    """An empty place in the database that is named."""

    def place(engine):
        if engine == "postgres":
            return request.getfixturevalue("cluster").new()
        return f"sqlite:///{tmp_path / 'restored.db'}"

    return place


@pytest.mark.parametrize("into", ["sqlite", "postgres"])
def test_a_backup_restored_into_either_database_is_the_same_to_the_last_row(
    records, tmp_path, elsewhere, into
):
    id = fill(records)
    fill(records, "Someone Else", "S-2", JPEG + b"2")
    records.erase(fill(records, "Gone", "G-3", JPEG + b"3"), by="local")
    user = records.accounts.add("thu", role="admin", password="a few words in a row", by="local")
    token = records.sessions.open(user)
    made = records.backup(tmp_path / "all.zip", by=user)
    url = elsewhere(into)
    told = restore.restore(tmp_path / "all.zip", url, tmp_path / "restored")
    assert told == made and (made.pictures, made.rows["patients"], made.faults) == (2, 2, [])
    with Records.open(url, pictures=tmp_path / "restored") as again:
        assert everything(again) == everything(records) and again.verify() == records.verify()
        assert again.photographs.read(again.photographs.of(id)[0].id) == JPEG
        assert again.accounts.sign_in("thu", "a few words in a row") == again.accounts.get(user.id)
        assert again.sessions.user(token) is None  # whoever was signed in signs in anew
        again.patients.add(Patient(age=30.0, sex="M"), by="local")  # and the clinic goes on
        assert again.verify().faults == []
        with pytest.raises(RecordsError), again.database.writing() as connection:
            connection.execute(text("DELETE FROM audit"))


def test_a_backup_taken_while_the_clinic_writes_is_of_one_moment(
    records, clinic, tmp_path, elsewhere, engine
):
    stop, writing = threading.Event(), clinic.open()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            id = fill(writing, f"n{number}", f"N-{number}", JPEG + str(number).encode())
            if number % 3 == 0:
                writing.erase(id, by="local")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not records.patients.find():
            pass
        made = [records.backup(tmp_path / f"{number}.zip", by="local") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    assert [one.faults for one in made] == [[], [], []]
    restore.restore(tmp_path / "1.zip", elsewhere(engine), tmp_path / "restored")


def test_nothing_is_overwritten_by_backup_or_restore(records, clinic, tmp_path):
    fill(records)
    records.backup(tmp_path / "all.zip", by="local")
    with pytest.raises(RecordsError, match="not overwritten"):
        records.backup(tmp_path / "all.zip", by="local")
    before = everything(records)
    with pytest.raises(RecordsError, match="overwritten"):
        restore.restore(tmp_path / "all.zip", clinic.url, tmp_path / "new")
    strange = tmp_path / "strange" / "someone"
    strange.mkdir(parents=True)
    (strange / ("a" * 64)).write_bytes(b"a picture")
    with pytest.raises(RecordsError, match="photographs already"):
        restore.restore(tmp_path / "all.zip", f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "strange")
    assert everything(records) == before and not (tmp_path / "new.db").exists()


def test_a_restore_into_a_database_that_was_only_made_is_no_overwriting(
    records, clinic, tmp_path, elsewhere, engine
):
    """A restore that was killed leaves an empty schema in PostgreSQL, and its own pictures; it can be run again."""
    fill(records)
    records.backup(tmp_path / "all.zip", by="local")
    url, pictures = elsewhere(engine), tmp_path / "restored"
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        name = next(name for name in archive.namelist() if name.startswith("photographs/"))
        half = pictures / name.removeprefix("photographs/")
        half.parent.mkdir(parents=True)
        half.write_bytes(archive.read(name))
    if engine == "postgres":
        Records.open(url, pictures=pictures).close()
    restore.restore(tmp_path / "all.zip", url, pictures)
    with Records.open(url, pictures=pictures) as again:
        assert again.verify().faults == [] and len(again.patients) == 1


def test_what_a_killed_backup_left_unfinished_is_swept_away_once_it_is_old(records, tmp_path):
    old, young = tmp_path / ".follicast-old", tmp_path / ".follicast-young"
    for left in (old, young):
        left.mkdir()
        (left / "records.db").write_bytes(b"half of it")
    os.utime(old, (0, 0))
    records.backup(tmp_path / "all.zip", by="local")
    assert not old.exists() and young.exists()


def mended(content, part, change):
    """The bytes of a backup with one part changed, its zip made anew so that only our own hashes can tell."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return made.getvalue()


DAMAGE = {
    "cut short": (lambda raw: raw[: len(raw) // 2], "no whole backup"),
    "no zip": (lambda raw: b"PK" + bytes(5000), "no whole backup"),
    "a bit turned": (lambda raw: raw[:300] + bytes([raw[300] ^ 1]) + raw[301:], "backup"),
    "a row changed": (
        lambda raw: mended(raw, "rows/patients.jsonl", lambda part: part.replace(b"Xqzv", b"Yqzv")),
        "not what was written",
    ),
    "another format": (
        lambda raw: mended(raw, "manifest.json", lambda part: part.replace(b'"format": 1', b'"format": 9')),
        "format is 9",
    ),
    "no manifest": (lambda raw: mended(raw, "manifest.json", lambda part: b"[]"), "no whole backup"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_backup_is_refused_and_nothing_is_left_behind(tmp_path, what):
    with Records.open(tmp_path / "clinic.db") as records:
        fill(records)
        records.backup(tmp_path / "all.zip", by="local")
    change, said = DAMAGE[what]
    (tmp_path / "bad.zip").write_bytes(change((tmp_path / "all.zip").read_bytes()))
    with pytest.raises(RecordsError, match=said):
        restore.restore(tmp_path / "bad.zip", f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "new")
    assert not (tmp_path / "new.db").exists() and not list(tmp_path.glob(".*"))


def test_a_backup_with_any_byte_changed_is_refused_or_still_holds_what_was_written(tmp_path):
    with Records.open(tmp_path / "clinic.db") as records:
        fill(records)
        made = records.backup(tmp_path / "all.zip", by="local")
    raw, refused = (tmp_path / "all.zip").read_bytes(), 0
    for place in random.Random(5).sample(range(len(raw)), 300):
        (tmp_path / "bad.zip").write_bytes(raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :])
        try:
            assert (
                backup.check(tmp_path / "bad.zip").hashes == made.hashes
            )  # a date in the zip's own head, say
        except RecordsError:
            refused += 1
    assert refused > 200


def test_a_backup_of_damaged_records_is_made_and_says_what_is_wrong(records, tmp_path):
    id = fill(records)
    records.folder.place(id, records.photographs.of(id)[0].hash).unlink()
    made = records.backup(tmp_path / "all.zip", by="local")
    assert len(made.faults) == 1 and "missing" in made.faults[0]


def test_rows_that_do_not_add_up_to_the_trail_are_not_restored(tmp_path):
    """Someone who mends a backup, hashes and all, is found by the trail."""
    with Records.open(tmp_path / "clinic.db") as records:
        fill(records)
        made = records.backup(tmp_path / "all.zip", by="local")
    part = "rows/audit.jsonl"

    def forge(raw):
        return raw.replace(b'"who":"local"', b'"who":"other"')

    raw = (tmp_path / "all.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        from follicast.records.words import fingerprint

        forged = fingerprint(forge(archive.read(part))).encode()
    raw = mended(
        mended(raw, part, forge),
        "manifest.json",
        lambda told: told.replace(made.hashes[part].encode(), forged),
    )
    (tmp_path / "forged.zip").write_bytes(raw)
    with pytest.raises(Damaged, match="audit line 1 was changed"):
        restore.restore(tmp_path / "forged.zip", f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "new")
    assert not (tmp_path / "new.db").exists()


def test_deleted_rows_are_overwritten_even_before_the_file_is_rebuilt(tmp_path):
    with Records.open(tmp_path / "clinic.db") as records, records.database.reading() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        names = ("secure_delete", "journal_mode", "synchronous", "foreign_keys", "temp_store")
        settings = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    assert settings == {
        "secure_delete": 1,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "temp_store": 2,
    }
