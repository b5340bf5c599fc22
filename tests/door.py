"""The clinic's door for tests: an application over records of its own, and people who come in by it."""

import hashlib
import hmac
import json
from pathlib import Path

from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from follicast.doors.web import guard
from follicast.doors.web.app import create_app
from follicast.doors.web.settings import Settings
from follicast.patient import Patient
from follicast.records import Records

GOOD = "a few words in a row"
HTML = {"accept": "text/html"}
WOMAN = Patient.load(Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml")
STORY = json.loads(WOMAN.model_dump_json(exclude_none=True))
NOWHERE = "zzzzzzzzzzzzzz"  # spelt as an id is, and nobody's


class Door:
    """An application on a new clinic; `clock` is the test's, `settings` as in `Settings`."""

    def __init__(self, url, pictures, clock, **settings):
        self.records = Records.open(url, pictures=pictures, clock=clock)
        self.app = create_app(Settings(url, **settings), self.records)
        self.clock = clock

    def anybody(self, **how):
        """A browser that nobody has signed in with."""
        return TestClient(self.app, base_url="http://clinic.test", follow_redirects=False, **how)

    def who(self, user, client=None):
        """A browser in which a user is signed in, and whose scripts send the session's proof."""
        client = client or self.anybody()
        settings = self.app.state.settings
        token = self.records.sessions.open(user, lasts=settings.lasts, idle=settings.idle)
        client.cookies.set(guard.COOKIE, token, domain="clinic.test")
        client.headers[guard.HEADER] = csrf(client)
        return client

    def user(self, role, login=None):
        """A new user of a role."""
        return self.records.accounts.add(login or f"{role}@clinic", role=role, password=GOOD, by="local")


def csrf(client):
    token = client.cookies[guard.COOKIE]
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def routes(app):
    """Yield (method, path) of everything the application answers to."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            yield "GET", "/static/page.css"
            continue
        for method in sorted(context.methods or ()):
            yield method, context.path


def filled(path, **known):
    """Return a path with something in place of each of its parameters."""
    values = {
        "id": NOWHERE,
        "job": NOWHERE,
        "plan_id": NOWHERE,
        "id:path": "prp",
        "language": "en",
        "step": "0",
    }
    values |= known
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"a parameter that this test does not know: {path}"
    return path
