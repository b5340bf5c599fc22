"""What several rooms' tests share: the command line, run in this process, and a clinic in either database."""

import datetime as dt
import os
import shutil
import sys
from pathlib import Path

import pytest

from follicast.doors.cli import main

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `verification` lies


@pytest.fixture
def cli(monkeypatch, capfd):
    """Run the command line in this process: (status, standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["follicast", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capfd.readouterr()

    return run


# --- the clinic's records, in both databases ---------------------------------------------------------------------


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.at = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)

    def __call__(self):
        self.at += dt.timedelta(milliseconds=1)
        return self.at

    def pass_by(self, **how):
        self.at += dt.timedelta(**how)


class Clinic:
    """A place for records: a URL and a folder of pictures."""

    def __init__(self, url, pictures):
        self.url, self.pictures, self.clock = url, pictures, Clock()
        self.opened = []

    def open(self, **how):
        from follicast.records import Records

        self.opened.append(Records.open(self.url, pictures=self.pictures, **{"clock": self.clock, **how}))
        return self.opened[-1]

    def close(self):
        for records in self.opened:
            records.close()


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL server of our own, thrown away at the end."""
    from verification import postgres

    if postgres.programs() is None:
        wanted = "postgres" in os.environ.get("FOLLICAST_REQUIRE", "").split(",")
        (pytest.fail if wanted else pytest.skip)("there is no PostgreSQL on this machine")
    server = postgres.Cluster()
    yield server
    server.close()


@pytest.fixture(scope="session")
def empty_places(tmp_path_factory, request):
    """Records made once for each database, to be copied: a migration takes longer than most tests."""
    from follicast.records import Records

    made = {}

    def like(engine):
        if engine not in made:
            folder = tmp_path_factory.mktemp("empty")
            server = request.getfixturevalue("cluster") if engine == "postgres" else None
            made[engine] = server.new() if server else f"sqlite:///{folder / 'clinic.db'}"
            Records.open(made[engine], pictures=folder / "pictures").close()
        return made[engine]

    return like


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    return request.param


@pytest.fixture
def clinic(engine, tmp_path, empty_places, request):
    """An empty clinic in one of the two databases."""
    like = empty_places(engine)
    if engine == "postgres":
        url = request.getfixturevalue("cluster").new(like)
    else:
        shutil.copy(like.removeprefix("sqlite:///"), tmp_path / "clinic.db")
        url = f"sqlite:///{tmp_path / 'clinic.db'}"
    place = Clinic(url, tmp_path / "pictures")
    yield place
    place.close()


@pytest.fixture
def records(clinic):
    """The opened records of an empty clinic."""
    return clinic.open()
