"""The page of interfaces: commands, keys of files, keys of answers; what other programs may rely on.

Commands are read off the command line, types and units off the schemas, what the rest means off `interfaces.yaml`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer
from saying import table, write

import follicast
from follicast.doors.cli import app
from follicast.doors.schema import names, schema_of
from follicast.evidence.reader import parse

MEANT = Path(__file__).with_name("interfaces.yaml")


def meant() -> dict[str, dict[str, str]]:
    """Return what keys mean, by what holds them."""
    return dict(parse(MEANT.read_text(), MEANT).content)


def commands() -> list[tuple[str, str, list[str]]]:
    """Return each command: how it is written, what it does, its options as a table."""
    return [_command(name, does) for name, does in sorted(_all(app, ""))]


def _all(group: typer.Typer, before: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every command of a group and of the groups in it, by the words that call it."""
    for command in group.registered_commands:
        if command.callback:
            yield f"{before}{command.name or command.callback.__name__}", command.callback
    for inner in group.registered_groups:
        if inner.typer_instance:
            yield from _all(inner.typer_instance, f"{before}{inner.name} ")


def _command(name: str, does: Callable[..., Any]) -> tuple[str, str, list[str]]:
    arguments, options = [], []
    for key, asked in inspect.signature(does).parameters.items():
        held, info = _asked(does, key)
        if info is None and asked.default is inspect.Parameter.empty and held is not typer.Context:
            arguments.append(key.upper())
        elif isinstance(info, typer.models.ArgumentInfo):
            said = info.metavar or key.upper()
            arguments.append(said if asked.default is inspect.Parameter.empty else f"[{said}]")
        elif isinstance(info, typer.models.OptionInfo):
            options.append([_called(key, info), _takes(held, info.metavar, asked.default), info.help or ""])
    says = (does.__doc__ or "").strip().splitlines()[0]
    return (
        " ".join(["follicast", name, *arguments]),
        says,
        table(["option", "takes", "what"], options) if options else [],
    )


def _called(key: str, info: typer.models.OptionInfo) -> str:
    """Return the names of an option; typer takes a first one for the default until the command is made."""
    named = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
    return "`" + ", ".join(named or ["--" + key.replace("_", "-")]) + "`"


def _asked(does: Callable[..., Any], key: str) -> tuple[Any, Any]:
    """Return the type of a parameter and what the command line is told of it."""
    held = get_type_hints(does, include_extras=True)[key]
    told = getattr(held, "__metadata__", (None,))
    return (get_args(held)[0] if told != (None,) else held), told[0]


def _takes(held: Any, metavar: str | None, default: object) -> str:
    """Say what an option takes, and what it is without."""
    if held is bool:
        return ""
    ways = (
        [way for way in get_args(held) if way is not type(None)]
        if get_origin(held) is not Literal
        else [held]
    )
    choices = [str(one) for way in ways if get_origin(way) is Literal for one in get_args(way)]
    plain = metavar or {int: "number"}.get(held, "text")
    said = " or ".join(f"`{one}`" for one in choices) if choices else plain
    return f"{said}; default `{default}`" if isinstance(default, str | int | Path) else said


def shape(said: Mapping[str, Any]) -> str:
    """Say in words what a schema asks of one value."""
    unit = f" [{said['unit']}]" if said.get("unit") else ""
    if "$ref" in said:
        return f"[{said['$ref'].rsplit('/', 1)[1]}]{unit}"
    if ways := said.get("anyOf") or said.get("oneOf"):
        return " or ".join(dict.fromkeys(shape(way) for way in ways)) + unit
    if "const" in said or "enum" in said:
        return " or ".join(f"`{value}`" for value in said.get("enum", [said.get("const")]))
    if said.get("type") == "array":
        return f"list of {shape(said.get('items', {}))}"
    names_ = {"string": "text", "integer": "whole number", "boolean": "yes or no", "object": "mapping"}
    kind = str(said.get("type", "anything"))
    return ("day" if said.get("format") == "date" else names_.get(kind, kind)) + unit


def _says(said: Mapping[str, Any]) -> str:
    """Return a schema's own words on a value, wherever in it they stand, without the unit that the type tells."""
    found = said.get("description") or next(
        (way["description"] for way in said.get("anyOf", []) if "description" in way), ""
    )
    return re.sub(r" \[[^\]]*\]$", "", " ".join(found.split()))


def keys(schema: Mapping[str, Any], told: Mapping[str, str] | None = None) -> list[str]:
    """Return a schema's own keys as a table, with the words told or else its own."""
    rows = [
        [f"`{name}`", shape(said), (told or {}).get(name) or _says(said)]
        for name, said in schema.get("properties", {}).items()
    ]
    return table(["key", "holds", "what"], rows)


def parts(schema: Mapping[str, Any], told: set[str] | None = None) -> list[tuple[str, str, list[str]]]:
    """Return what a schema refers to by name, but for what was `told` before: name, what it is, its keys."""
    found = [
        (name, " ".join(held.get("description", "").split("\n")[0].split()), keys(held))
        for name, held in sorted(schema.get("$defs", {}).items())
        if held.get("properties")
    ]
    before = set() if told is None else told
    fresh = [part for part in found if str(part) not in before]
    before.update(map(str, fresh))
    return fresh


def front_door() -> list[str]:
    """Return the names of the package, each with the first line it says of itself."""
    rows: list[list[object]] = []
    for name in follicast.__all__[1:]:
        held = getattr(follicast, name)
        first = (held.__doc__ or "").strip().splitlines()[0] if callable(held) else "the arm `none`"
        rows.append([f"`follicast.{name}`", first])
    return table(["name", "what"], rows)


def page() -> None:
    """Write the page."""
    said = meant()
    files = {name: schema_of(name) for name in ("patient", "clinic", "price")}
    answers = {name: schema_of(name) for name in ("forecast", "plan", "skin-plan")}
    told: set[str] = set()
    write(
        "interfaces",
        "interfaces",
        commands=commands(),
        front_door=front_door(),
        schemas=names(),
        patient=keys(files["patient"], said["patient"]),
        files={name: (schema, keys(schema), parts(schema)) for name, schema in files.items()},
        answers={name: (keys(schema, said[name]), parts(schema, told)) for name, schema in answers.items()},
        wishes=_described(said["wishes"]),
        described={name: _described(said[name]) for name in ("assess", "explain", "follow-up")},
    )


def _described(said: Mapping[str, str]) -> list[str]:
    return table(["key", "what"], [[f"`{key}`", what] for key, what in said.items()])
