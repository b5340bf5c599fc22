"""Counts what is held: every number of nature wherever it stands, every source, and who cites which work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from follicast.evidence.library import Library
from follicast.evidence.number import Number, Sourced

_OWN_NAMES = {"number": "", "parameter": "parameters."}  # shelves whose entries are the numbers


def numbers(library: Library) -> dict[str, Number]:
    """Return every number by its name, or by its link where it stands inside something else."""
    return {
        _number_name(shelf, entry, path): part
        for shelf, entries in library.shelves.items()
        for entry, held in entries.items()
        for path, part in _parts(held)
        if isinstance(part, Number)
    }


def sources(held: Any) -> list[str]:
    """Return the citekeys that something rests on, each once, sorted."""
    return sorted({key for _, part in _parts(held) if isinstance(part, Sourced) for key in part.citekeys})


def cited_by(library: Library, citekey: str) -> list[str]:
    """Return the links of all entries that rest on a work."""
    return [
        f"{shelf}:{entry}"
        for shelf, entries in library.shelves.items()
        for entry, held in entries.items()
        if citekey in sources(held) or getattr(held, "page", None) == citekey
    ]


def _number_name(shelf: str, entry: str, path: str) -> str:
    if not path and shelf in _OWN_NAMES:
        return _OWN_NAMES[shelf] + entry
    return f"{shelf}:{entry}" + (f"#{path}" if path else "")


def _parts(held: Any, path: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Walk through models, mappings and lists, and yield each model with its path."""
    if isinstance(held, BaseModel):
        yield path, held
        inside: Mapping[str, Any] = vars(held)
    elif isinstance(held, Mapping):
        inside = held
    elif isinstance(held, list):
        inside = {str(place): item for place, item in enumerate(held)}
    else:
        return
    for name, item in inside.items():
        if isinstance(item, BaseModel | Mapping | list):
            yield from _parts(item, f"{path}.{name}" if path else str(name))
