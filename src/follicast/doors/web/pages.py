"""A page from a template, in the reader's language, for who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from follicast.evidence.library import evidence
from follicast.report.names import arm_name, therapy_name
from follicast.report.text import LANGUAGES, Speech, speech

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "follicast_language"


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_of(request: Request) -> str:
    """Return the language of the page: as chosen before, else the first of the browser's that we speak."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    told = request.headers.get("accept-language", "")
    wanted = (part.partition(";")[0].strip().partition("-")[0].lower() for part in told.split(","))
    return next((language for language in wanted if language in LANGUAGES), "en")


def page(
    request: Request, template: str, told: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page; templates say everything through `say`."""
    say = speech(language_of(request))
    settings = request.app.state.settings
    known = {
        "trouble": "", "next": "/", "say": say, "languages": LANGUAGES, "path": request.url.path,
        "user": request.state.user, "csrf": request.state.csrf, "door": settings.door, "openid": settings.openid,
    }  # fmt: skip
    written = _templates().get_template(template).render({**known, **_words(say), **(told or {})})
    return HTMLResponse(written, status)


def _words(say: Speech) -> dict[str, Any]:
    """Return what templates say things by: `_` our own words, `told` the evidence's, figures, and names."""
    return {
        "_": say.html,
        "told": say.told_html,
        "number": say.number,
        "signed": say.signed,
        "comma": say.listed(["", ""]),
        "therapy": lambda id: say.told_html(therapy_name(id, say)),
        "arm": lambda words: _apart(arm_name(words, say), say),
        "worth_a_line": evidence().numbers["assessment.worth_a_line"].value,
    }


def _apart(said: str, say: Speech) -> Markup:
    """Keep a name of several words in its own direction inside a line of the other."""
    return Markup("<bdi>{}</bdi>").format(said) if say.direction == "rtl" else escape(said)
