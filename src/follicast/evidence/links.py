"""Links between facts: "<shelf>:<id>" or "<shelf>:<id>#<path>", as in "therapy:prp#course.sessions".

A link stands where one fact honours or touches another. It must lead to something that exists and is not empty.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from pydantic import BaseModel

from follicast.errors import EvidenceError, did_you_mean
from follicast.evidence.library import Library

Elsewhere = Mapping[str, Container[str]]


def resolve(library: Library, link: str, elsewhere: Elsewhere | None = None) -> Any:
    """Return what a link leads to; raises `EvidenceError` where it leads nowhere or to nothing.

    `elsewhere` holds the names of what lives outside the evidence, by prefix ("law", "report").
    """
    prefix, _, rest = link.partition(":")
    if elsewhere and prefix in elsewhere:
        if rest in elsewhere[prefix]:
            return rest
        raise EvidenceError(f"the link '{link}' leads nowhere: no {prefix} is called '{rest}'.")
    entry_id, _, path = rest.partition("#")
    shelf = library.shelves.get(prefix)
    if shelf is None:
        raise EvidenceError(f"the link '{link}' names no shelf.{did_you_mean(prefix, library.shelves)}")
    if entry_id not in shelf:
        raise EvidenceError(f"the link '{link}' leads nowhere.{did_you_mean(entry_id, shelf)}")
    return _follow(shelf[entry_id], path, link)


def _follow(found: Any, path: str, link: str) -> Any:
    for step in path.split(".") if path else []:
        found = _step(found, step)
        if found in (None, "", [], {}):
            raise EvidenceError(f"the link '{link}' leads to nothing: '{step}' is absent or empty.")
    return found


def _step(found: Any, step: str) -> Any:
    if isinstance(found, BaseModel):
        return getattr(found, step, None)
    if isinstance(found, Mapping):
        return found.get(step)
    if isinstance(found, list):
        if step.isdigit():
            return found[int(step)] if int(step) < len(found) else None
        return next((item for item in found if _goes_by(item, step)), None)
    return None


def _goes_by(item: Any, name: str) -> bool:
    """Whether an item of a list is called `name`: it is that word, or one of its fields holds it."""
    return item == name or (isinstance(item, BaseModel) and name in vars(item).values())
