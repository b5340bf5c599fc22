"""A server of the clinic's page in a process of its own, as `follicast serve` makes it, and browsers that come in."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx

from follicast.doors.web import guard

ROOT = Path(__file__).resolve().parents[1]
# Everything is logged that can be, and every address that is spoken to is written down.
PROGRAM = """
import logging, sys
def heard(event, told):
    if event in ("socket.connect", "socket.getaddrinfo") or event.startswith(("urllib", "http.client")):
        place = told[1] if event == "socket.connect" else told[0]
        print("SPOKE TO", place, file=sys.stderr)
sys.addaudithook(heard)
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from follicast.doors.web import serving
from follicast.doors.web.settings import Settings
serving.serve(Settings({database!r}, **{settings!r}), "127.0.0.1", {port})
"""


class Served:
    """A server on a port of its own; `log` is all that it wrote, once it has stopped."""

    def __init__(self, folder, name="server", port=0, **settings):
        self.database = f"sqlite:///{folder}/clinic.db"
        self.file = Path(folder) / f"{name}.log"
        program = PROGRAM.format(database=self.database, settings=settings, port=port)
        with self.file.open("wb") as log:
            path = {"PYTHONPATH": str(ROOT / "src")}
            self.process = subprocess.Popen(
                [sys.executable, "-c", program], stdout=log, stderr=log, cwd=folder, env=os.environ | path
            )
        self.opening = self._said(r"http://\S+")
        self.at = re.match(r"http://[^/]+", self.opening)[0]

    def _said(self, pattern, patience_s=120):
        until = time.monotonic() + patience_s
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(pattern, self.log)
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"the server did not say {pattern}: {self.log[-2000:]}")

    @property
    def log(self):
        """All that it wrote so far."""
        return self.file.read_text(errors="replace")

    def browser(self, **how):
        """A browser that came in by the printed address."""
        client = httpx.Client(base_url=self.at, timeout=120, **how)
        assert client.get(self.opening).status_code == 303
        client.headers[guard.HEADER] = csrf(client)
        return client

    def stop(self, by=signal.SIGTERM, patience_s=20):
        """Stop the server; return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def csrf(client):
    """Return the proof that scripts of a session send along."""
    return hmac.new(client.cookies[guard.COOKIE].encode(), b"csrf", hashlib.sha256).hexdigest()


def events(client, at):
    """Yield (name, data) of a stream of events until it ends."""
    with client.stream("GET", at) as answer:
        assert answer.status_code == 200, answer.read()
        name = None
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                yield name, json.loads(line[6:])
