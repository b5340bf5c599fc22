"""The records from the command line: one command each, one clear message, whole files or none."""

import json
import re
import zipfile

import pytest

from follicast.patient import Patient
from follicast.records import Records

NAME = "Nguyễn Thị Hoa"


@pytest.fixture
def kept(clinic, monkeypatch, tmp_path):
    """A clinic with one patient, whose database the environment names."""
    monkeypatch.setenv("FOLLICAST_DATABASE", clinic.url)
    monkeypatch.setenv("FOLLICAST_PHOTOGRAPHS", str(clinic.pictures))
    with clinic.open() as records:
        chart = records.patients.add(Patient(age=47.0, sex="F"), by="local", name=NAME)
        records.photographs.keep(
            chart.id, b"\xff\xd8\xff", day=clinic.clock.at.date(), site="vertex", by="local"
        )
    return chart.id


def test_backup_and_restore_take_one_command_each(cli, kept, clinic, tmp_path, monkeypatch):
    status, out, err = cli("records", "backup", tmp_path / "all.zip")
    assert (status, err) == (0, "") and "patients: 1, photographs: 1" in out
    monkeypatch.setenv("FOLLICAST_PHOTOGRAPHS", str(tmp_path / "new-pictures"))
    url = f"sqlite:///{tmp_path / 'new.db'}"
    status, out, err = cli("records", "restore", tmp_path / "all.zip", "--database", url)
    assert (status, err) == (0, "") and "restored as of 20" in out
    with Records.open(url, pictures=tmp_path / "new-pictures") as records:
        assert records.patients.get(kept).name == NAME and records.verify().faults == []
    status, out, err = cli("records", "restore", tmp_path / "all.zip", "--database", url)
    assert (status, out) == (1, "") and "not overwritten" in err and err.count("\n") == 1
    status, out, err = cli("records", "backup", tmp_path / "all.zip")
    assert (status, out) == (1, "") and "not overwritten" in err


def test_one_persons_data_go_out_and_away(cli, kept, clinic, tmp_path):
    assert cli("records", "export", kept, tmp_path / "hoa.zip")[0] == 0 and zipfile.is_zipfile(
        tmp_path / "hoa.zip"
    )
    status, out, err = cli("records", "delete", kept)
    assert (status, out) == (1, "") and "--yes" in err
    assert clinic.open().patients.get(kept).name == NAME
    status, out, err = cli("records", "delete", kept, "--yes")
    assert (status, out, err) == (0, f"deleted: {kept}\n", "")
    assert clinic.open().patients.find() == []
    status, out, err = cli("records", "delete", kept, "--yes")
    assert (status, out) == (1, "") and "no patient" in err and err.count("\n") == 1


def test_verify_says_that_all_is_well_or_what_is_not(cli, kept, clinic):
    status, out, err = cli("records", "verify")
    assert (status, err) == (0, "") and "whole" in out and re.search(r"ends in [0-9a-f]{64}", out)
    (picture,) = [path for path in clinic.pictures.rglob("*") if path.is_file()]
    picture.write_bytes(b"other")
    status, out, err = cli("records", "verify")
    assert status == 1 and "FAULT" in out and "was changed" in out
    answer = json.loads(cli("records", "verify", "--json")[1])
    assert answer["whole"] is False and len(answer["faults"]) == 1 and answer["counts"]["patients"] == 1


def test_older_records_are_refused_with_the_command_that_mends_it(cli, kept, clinic):
    from follicast.records import migration
    from follicast.records.database import Database

    database = Database(clinic.url)
    migration.step_back(database, "0001")
    database.close()
    status, out, err = cli("records", "verify")
    assert (status, out) == (1, "") and "follicast records migrate" in err and err.count("\n") == 1
    assert cli("records", "migrate")[1] == "the schema was 0001 and is 0002\n"
    assert cli("records", "verify")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [["backup", "x.zip"], ["verify"], ["export", "id", "x.zip"], ["delete", "id", "--yes"], ["migrate"]],
)
def test_a_slip_in_the_name_makes_no_new_clinic(cli, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    status, out, err = cli("records", *arguments, "--database", "sqlite:///clinik.db")
    assert (status, out) == (1, "") and "there are no records here" in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_name_the_records_lie_in_the_users_own_data_folder(cli, tmp_path, monkeypatch):
    from follicast.records.store import default_url, pictures_at

    monkeypatch.delenv("FOLLICAST_DATABASE", raising=False)
    monkeypatch.delenv("FOLLICAST_PHOTOGRAPHS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/follicast/clinic.db"
    assert pictures_at(default_url()) == tmp_path / "follicast" / "clinic.db.photographs"
    assert (tmp_path / "follicast").stat().st_mode & 0o077 == 0
    server = pictures_at("postgresql://thu@host/clinic")
    assert (
        server
        == pictures_at("postgresql://other:secret@host/clinic")
        != pictures_at("postgresql://thu@host/other")
    )


def test_whoever_may_not_is_refused(cli, kept, clinic, tmp_path):
    viewer = clinic.open().accounts.add("viewer", role="viewer", by="local")
    for arguments in (
        ["backup", tmp_path / "a.zip"],
        ["export", kept, tmp_path / "b.zip"],
        ["delete", kept, "--yes"],
    ):
        status, out, err = cli("records", *arguments, "--by", viewer.id)
        assert (status, out) == (1, "") and "is viewer and may not" in err
    assert list(tmp_path.glob("*.zip")) == []
