"""A PostgreSQL of one's own for the length of a test: made in a temporary folder, reached by a socket, thrown away."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

OWNERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root, so root asks one of these


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL on this machine, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


class Cluster:
    """A server with nothing in it. `durable` makes it force to the disk what it acknowledges, as a clinic's does."""

    def __init__(self, durable: bool = False) -> None:
        self.programs, self.durable = programs(), durable
        self.folder = Path(
            tempfile.mkdtemp(prefix="follicast-pg-", dir="/tmp")
        )  # a socket's path must be short
        self._owner = self._give_away()
        self._number = count(1)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-A",
            "trust",
            "-U",
            "follicast",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.start()

    @property
    def data(self) -> str:
        """The folder of the server's files."""
        return str(self.folder / "data")

    def _give_away(self) -> str | None:
        if os.getuid() != 0:
            return None
        owner = next(name for name in OWNERS if any(name == entry.pw_name for entry in pwd.getpwall()))
        shutil.chown(self.folder, owner)
        return owner

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(Path(str(self.programs)) / program), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.folder}
        subprocess.run(command, check=True, timeout=120, user=self._owner, **quiet)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        how = f"-k {self.folder} -c listen_addresses='' -c max_connections=120 -c shared_buffers=64MB"
        how += "" if self.durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", how, "start")

    def crash(self) -> None:
        """Stop the server as a power cut would: at once, with nothing tidied up."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def new(self, like: str | None = None) -> str:
        """Make an empty database, or a copy of one of ours, and return its URL."""
        import psycopg

        name = f"clinic{next(self._number)}"
        template = f" TEMPLATE {like.partition('?')[0].rpartition('/')[2]}" if like else ""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{template}")
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://follicast@/{name}?host={self.folder}"

    def close(self) -> None:
        """Stop the server and remove its files."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it may have been stopped before
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)
