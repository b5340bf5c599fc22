"""Reads one evidence file and refuses what is not fit to be evidence.

A file is YAML or it is nothing: no duplicate key, no tag, no date turned into an object. Each complaint
names file and line. What a file may hold is said by the models beside this module; this one knows only
how to read, how to fill in what a file states once for all its numbers (`defaults:`), and where each
thing stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from follicast.errors import EvidenceError, FollicastError

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _JsonLoader(Loader):  # type: ignore[misc, valid-type]
    """Reads JSON, whose 1e5 is a number; in YAML 1.1 it is a word."""


_JsonLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?\d+[eE][+-]?\d+$"), list("-0123456789")
)
MAX_BYTES = 5_000_000
MAX_DEPTH = 32  # deeper nesting is an attack or an accident, and would exhaust the stack
_OWN = Path(__file__).parent
Place = tuple[str | int, ...]
Model = TypeVar("Model")


@dataclass(frozen=True)
class Sheet:
    """One file as plain values, with the line on which each of them stands, and the works it brings with it."""

    path: Path
    content: Any
    lines: dict[Place, int]
    works: dict[str, Any] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """Return the line [1-based] of a place, or of the nearest thing that holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, place: Place, message: str, kind: type[FollicastError] = EvidenceError) -> FollicastError:
        """Return an error that names file, line and place."""
        dotted = ".".join(str(part) for part in place)
        return kind(f"{self.path.name}:{self.line(place)}: {dotted + ': ' if dotted else ''}{message}")


def parse(text: str | bytes, path: Path, error: type[Exception] = EvidenceError, guard: bool = True) -> Sheet:
    """Parse YAML text into a sheet; a duplicate key, a tag or broken YAML raises `error`.

    Without `guard` the text is not searched beforehand for what could make it huge or deep.
    """
    try:
        if guard:
            _guard(text, path, error)
        node = yaml.compose(text, Loader=_JsonLoader if _is_json(text) else Loader)
    except (yaml.YAMLError, UnicodeError) as trouble:
        mark = getattr(trouble, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        what = getattr(trouble, "problem", None) or "it holds characters that no text has"
        raise error(f"{path.name}{where}: this is not valid YAML: {what}.") from None
    lines: dict[Place, int] = {}
    content = _value(node, (), lines, path, error) if node is not None else None
    return Sheet(path, content, lines)


def _is_json(text: str | bytes) -> bool:
    return text.lstrip()[:1] in ("{", b"{")


def _guard(text: str | bytes, path: Path, error: type[Exception]) -> None:
    """Refuse what makes a small file large (aliases), deep, or an object (tags) before it is composed."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise error(f"{path.name}:{line}: anchors and aliases (& and *) are not read; write it out.")
        if tag := getattr(event, "tag", None):
            raise error(f"{path.name}:{line}: the tag {tag} is not read; write a plain value.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise error(f"{path.name}:{line}: this is nested too deep (more than {MAX_DEPTH} levels).")


def read(path: Path) -> Sheet:
    """Read one evidence file, set aside its `references`, and spread its `defaults` over its numbers.

    What ships with Follicast passes the guard in the tests and is not searched again at every start.
    """
    sheet = parse(path.read_bytes(), path, guard=_OWN not in path.parents)
    if not isinstance(sheet.content, dict):
        raise sheet.error((), "an evidence file holds named entries, and this one does not.")
    if path.parent.name != "references":
        sheet.works.update(sheet.content.pop("references", None) or {})
    defaults = sheet.content.pop("defaults", {})
    if defaults:
        _spread(sheet.content, defaults)
    return sheet


def build(
    sheet: Sheet,
    shape: type[Model],
    content: Any = None,
    context: dict[str, Any] | None = None,
    error: type[FollicastError] = EvidenceError,
) -> Model:
    """Turn a sheet into `shape` (a pydantic model or a mapping of them); every misfit names file and line.

    A misfit raises `error`: ours is the fault for what ships, the user's for a file that was given.
    """
    content = sheet.content if content is None else content
    try:
        return TypeAdapter(shape).validate_python(content, context=context)
    except ValidationError as trouble:
        first = trouble.errors()[0]
        raise sheet.error(_known_place(sheet, first["loc"]), _say(first), error) from None


class Strict(BaseModel):
    """A model that refuses keys it does not know."""

    model_config = {"extra": "forbid", "frozen": True}


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path, error: type[Exception]) -> Any:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, path, error)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, i), lines, path, error) for i, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], path: Path, error: type[Exception]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, child in node.value:
        key = str(key_node.value)
        if key in result:
            raise error(
                f"{path.name}:{key_node.start_mark.line + 1}: the key '{key}' stands twice; keep one of them."
            )
        result[key] = _value(child, (*place, key), lines, path, error)
        lines[*place, key] = key_node.start_mark.line + 1
    return result


def _scalar(node: yaml.Node) -> Any:
    tag, text = node.tag.rsplit(":", 1)[-1], str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if tag in ("int", "float"):
        return _number(tag, text)
    return text  # dates too stay text: YAML must not make objects


def _number(tag: str, text: str) -> int | float | str:
    """Read a number; what YAML calls one and people do not (12:30, 007, ten thousand digits) stays text."""
    bare = text.replace("_", "").lower()
    try:
        if tag == "float":
            return float(bare.replace(".inf", "inf").replace(".nan", "nan"))
        return int(bare, 0) if not bare.lstrip("+-").startswith("0") or bare == "0" else text
    except ValueError:
        return text


def _spread(content: Any, defaults: dict[str, Any]) -> None:
    if isinstance(content, dict):
        if "value" in content:
            for key, default in defaults.items():
                content.setdefault(key, default)
        for child in content.values():
            _spread(child, defaults)
    elif isinstance(content, list):
        for child in content:
            _spread(child, defaults)


def _known_place(sheet: Sheet, loc: Place) -> Place:
    """Drop the parts of a pydantic location that are not in the file (union tags and the like)."""
    place: Place = ()
    for part in loc:
        if (*place, part) in sheet.lines:
            place = (*place, part)
    return place if place == tuple(loc) else (*place, *[p for p in loc[-1:] if p not in place])


def _say(first: Any) -> str:
    kind, given = first["type"], first.get("input")
    if kind == "missing":
        return "this is required and absent."
    if kind == "extra_forbidden":
        return "no such key is known here."
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        return f"{given!r} stands bare: a number needs value, unit, kind, source and place."
    return f"{first['msg'].removeprefix('Value error, ')} (given: {given!r})"
