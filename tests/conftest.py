"""What several rooms' tests share: the command line, run in this process."""

import sys

import pytest

from follicast.doors.cli import main


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
