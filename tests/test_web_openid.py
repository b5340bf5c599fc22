"""Signing in by OpenID Connect, against a provider that runs here: what it names is let in, what is forged is not."""

import base64
import secrets
import shutil
import socket
import threading
import time
import urllib.parse as url

import httpx2 as httpx
import pytest
import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from conftest import Clock
from door import HTML, Door
from follicast.doors.web import guard, openid
from follicast.doors.web.settings import OpenId, openid_of
from follicast.errors import InputError

ID, SECRET = "follicast", "a secret of the clinic"


class Provider:
    """A small provider: authorization code with PKCE, a signed identity, its keys. `lie` changes what it says."""

    def __init__(self):
        self.key, self.stranger = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("ours", "ours"))
        self.codes, self.asked = {}, []
        self.person = {"sub": "thu-4711", "email": "Thu@Clinic.test", "email_verified": True}
        self.lie, self.signs_with, self.proofs = {}, self.key, True
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.at = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = Starlette(routes=[
            Route("/.well-known/openid-configuration", self.discovery), Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]), Route("/keys", self.keys),
        ])  # fmt: skip
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        self.thread = threading.Thread(target=self.server.run, args=([listening],), daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def close(self):
        self.server.should_exit = True
        self.thread.join(10)

    async def discovery(self, _):
        return JSONResponse({
            "issuer": self.at, "authorization_endpoint": f"{self.at}/authorize", "token_endpoint": f"{self.at}/token",
            "jwks_uri": f"{self.at}/keys", "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
        })  # fmt: skip

    async def keys(self, _):
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def authorize(self, request):
        """Her password was right; send her back with a code for what was asked."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = url.urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request):
        """Give an identity for a code, once, to who proves to have asked for it."""
        form = await request.form()
        asked = self.codes.pop(form.get("code"), None)
        said = request.headers.get("authorization", "").removeprefix("Basic ")
        known = base64.b64decode(said).decode() == f"{ID}:{SECRET}"
        proven = asked and create_s256_code_challenge(form.get("code_verifier", "")) == asked.get(
            "code_challenge"
        )
        if not (asked and known and proven and asked["redirect_uri"] == form.get("redirect_uri")):
            self.proofs = False
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.at, "aud": ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        identity = jwt.encode(
            {"alg": "RS256", "kid": "ours"}, claims | self.person | self.lie, self.signs_with
        )
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": identity})


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def door(tmp_path, empty_places, provider):
    shutil.copy(empty_places("sqlite").removeprefix("sqlite:///"), tmp_path / "clinic.db")
    how = OpenId(f"{provider.at}/.well-known/openid-configuration", ID, SECRET)
    made = Door(
        f"sqlite:///{tmp_path}/clinic.db", tmp_path / "pictures", Clock(), door="accounts", openid=how
    )
    yield made
    made.records.close()


@pytest.fixture
def thu(door):
    return door.records.accounts.add("thu", role="clinician", by="local", subject="thu-4711")


def sent(browser, next="/"):
    """Ask to sign in; return the address at the provider."""
    answer = browser.get("/sign-in/openid", params={"next": next})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def back(browser, at):
    """Let the provider send the browser back."""
    return browser.get(httpx.get(at).headers["location"], headers=HTML)


def test_whom_the_provider_names_is_let_in_as_the_user_an_admin_made(door, provider, thu):
    browser = door.anybody()
    answer = back(browser, sent(browser, next="/patients/abc"))
    assert answer.status_code == 200 and 'content="0;url=/patients/abc"' in answer.text
    assert browser.get("/api/me").json()["id"] == thu.id
    assert [line.what for line in door.records.audit.lines()][-1] == "signed-in"
    asked = provider.asked[0]
    assert asked["code_challenge_method"] == "S256" and asked["nonce"] and asked["state"] and provider.proofs
    assert asked["redirect_uri"] == "http://clinic.test/sign-in/openid/back" and SECRET not in str(asked)


def test_a_verified_address_names_a_user_and_one_that_is_not_verified_does_not(door, provider):
    door.records.accounts.add("thu", role="viewer", by="local", subject="thu@clinic.test")
    browser = door.anybody()
    assert back(browser, sent(browser)).status_code == 200
    for verified in (False, None, "true"):
        provider.person["email_verified"] = verified
        browser = door.anybody()
        assert back(browser, sent(browser)).status_code == 403


def test_nobody_becomes_a_user_by_signing_in(door, provider):
    browser = door.anybody()
    answer = back(browser, sent(browser))
    assert answer.status_code == 403 and "no user here has it" in answer.text
    assert door.records.accounts.all() == [] and guard.COOKIE not in browser.cookies


def test_a_disabled_user_is_not_let_in(door, thu):
    door.records.accounts.change(thu.id, disabled=True, by="local")
    browser = door.anybody()
    assert back(browser, sent(browser)).status_code == 403


@pytest.mark.parametrize(
    "lie",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"iss": "http://evil.test"}, {"exp": 1}, {"sub": None}],
    ids=lambda lie: next(iter(lie)),
)  # fmt: skip
def test_an_identity_that_is_not_for_us_now_opens_nothing(door, provider, thu, lie):
    provider.lie = lie
    browser = door.anybody()
    assert back(browser, sent(browser)).status_code == 403 and guard.COOKIE not in browser.cookies


def test_an_identity_signed_by_a_stranger_opens_nothing(door, provider, thu):
    provider.signs_with = provider.stranger
    browser = door.anybody()
    assert back(browser, sent(browser)).status_code == 403


def test_the_answer_to_another_browser_opens_nothing(door, provider, thu):
    victim, thief = door.anybody(), door.anybody()
    answer = httpx.get(sent(thief)).headers["location"]
    assert victim.get(answer, headers=HTML).status_code == 403  # it never asked
    sent(victim)
    assert victim.get(answer, headers=HTML).status_code == 403  # it asked something else


def test_an_answer_is_good_once(door, provider, thu):
    browser = door.anybody()
    answer = httpx.get(sent(browser)).headers["location"]
    assert browser.get(answer, headers=HTML).status_code == 200
    assert browser.get(answer, headers=HTML).status_code == 403


def test_what_waits_in_the_cookie_cannot_be_made_up_and_does_not_last(door, provider, thu, monkeypatch):
    browser = door.anybody()
    at = sent(browser)
    kept = next(cookie for cookie in browser.cookies.jar if cookie.name == openid.COOKIE)
    assert kept.path == openid.PATH and kept.has_nonstandard_attr("HttpOnly")
    kept.value = kept.value[:-2] + "xx"
    assert back(browser, at).status_code == 403
    monkeypatch.setattr(openid, "_WAITS_S", -1)
    browser = door.anybody()
    assert back(browser, sent(browser)).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?error=access_denied", "?code=x&state=%00", "?code[]=1"]
)
def test_answers_that_nobody_asked_for_are_refused_in_words(door, query):
    answer = door.anybody().get(f"/sign-in/openid/back{query}", headers=HTML)
    assert answer.status_code == 403 and 'role="alert"' in answer.text


def test_a_provider_that_does_not_answer_is_told_in_words(door, provider):
    provider.close()
    answer = door.anybody().get("/sign-in/openid", headers=HTML)
    assert answer.status_code == 403 and "Try again" in answer.text


def test_the_page_offers_it_only_where_it_is_set_up(door, tmp_path, empty_places):
    assert "/sign-in/openid" in door.anybody().get("/sign-in", headers=HTML).text
    shutil.copy(empty_places("sqlite").removeprefix("sqlite:///"), tmp_path / "other.db")
    bare = Door(f"sqlite:///{tmp_path}/other.db", tmp_path / "other", Clock(), door="accounts")
    assert "/sign-in/openid" not in bare.anybody().get("/sign-in", headers=HTML).text
    assert bare.anybody().get("/sign-in/openid", headers=HTML).status_code == 404
    bare.records.close()


def test_the_provider_is_named_by_the_environment_wholly_or_not_at_all():
    told = {
        "FOLLICAST_OIDC_DISCOVERY": "https://id.test/.well-known/openid-configuration",
        "FOLLICAST_OIDC_CLIENT_ID": ID,
        "FOLLICAST_OIDC_CLIENT_SECRET": SECRET,
    }
    assert openid_of(told).client_id == ID and openid_of({}) is None
    for name in told:
        with pytest.raises(InputError, match=name):
            openid_of({key: value for key, value in told.items() if key != name})
    with pytest.raises(InputError, match="https"):
        openid_of(told | {"FOLLICAST_OIDC_DISCOVERY": "http://id.test/x"})
