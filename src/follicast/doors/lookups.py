"""Looking things up: therapies, kinds of hair loss, drugs, numbers, and the works they rest on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from follicast.doors import output

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Bibtex = output.Bibtex


def therapies(as_json: Json = False) -> None:
    """List every therapy, with its route and how far its evidence reaches in women and men."""
    from follicast.evidence.library import evidence

    columns = {
        "therapy": "id",
        "name": "name",
        "route": "route",
        "F": "more hair, women",
        "M": "more hair, men",
    }
    _print("therapies", _therapies(), columns, as_json, evidence().therapies)


def conditions(as_json: Json = False) -> None:
    """List every kind of hair loss that is weighed."""
    from follicast.evidence.library import evidence

    columns = {"condition": "id", "alias": "no.", "name": "name", "kind": "kind", "refer": "refer"}
    _print("conditions", _conditions(), columns, as_json, evidence().conditions)


def drugs(as_json: Json = False) -> None:
    """List every drug that a patient's file may name, with its other names and its classes."""
    _print("drugs", _drugs(), {"drug": "drug", "names": "also called", "classes": "classes"}, as_json)


def numbers(
    assumed: Annotated[
        bool, typer.Option("--assumed", help="Only what is assumed, with its reason.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List every number of nature and of the model, wherever it stands, with unit, kind and source."""
    from follicast.evidence import census
    from follicast.evidence.library import evidence

    found = {name: n for name, n in census.numbers(evidence()).items() if n.kind == "assumed" or not assumed}
    rows = [
        {"number": name, "value": n.value, "unit": n.unit, "kind": n.kind, "source": n.citekeys}
        | {"place": n.place, "reason": n.reason}
        for name, n in found.items()
    ]
    last = {"reason": "reason"} if assumed else {"kind": "kind", "source": "source"}
    _print("numbers", rows, {"number": "name", "value": "value", "unit": "unit", **last}, as_json, found)


def evidence(
    id: Annotated[
        str | None,
        typer.Argument(
            help="Any id: a citekey, therapy, study, rule, claim, number ..., or a link (shelf:id#path)."
        ),
    ] = None,
    bibtex: Bibtex = None,
    as_json: Json = False,
) -> None:
    """Show what is held, or one entry with the works it rests on; of a work, who rests on it."""
    if id is None:
        output.write_bibtex(bibtex, _all_works())
        _print("shelves", _shelves(), {"shelf": "shelf", "entries": "entries"}, as_json)
        return
    entry, keys = _entry(id)
    output.write_bibtex(bibtex, keys)
    if as_json:
        output.print_json(_headed({"entry": entry}, keys))
    else:
        _show_claim(entry) if "claim_id" in entry else _show(entry)
        if entry["shelf"] != "reference":
            _show_works(keys)


def listed(name: str) -> dict[str, Any]:
    """Return a list (therapies, conditions, drugs, shelves) as an answer with the keys that all answers share."""
    from follicast.evidence import census
    from follicast.evidence.library import evidence

    held = {"therapies": evidence().therapies, "conditions": evidence().conditions}.get(name)
    return _headed({name: _ROWS[name]()}, census.sources(held) if held else [])


def entry(id: str) -> dict[str, Any]:
    """Return one entry of the evidence as an answer; raises `InputError` naming what comes close."""
    found, keys = _entry(id)
    return _headed({"entry": found}, keys)


def _therapies() -> list[dict[str, Any]]:
    from follicast.evidence.grading import standing
    from follicast.evidence.library import evidence

    return [
        {"therapy": t.id, "name": t.name, "route": t.route, "treats": t.treats}
        | {sex: standing(evidence(), t.id, sex).grade for sex in ("F", "M")}
        for t in evidence().therapies.values()
    ]


def _conditions() -> list[dict[str, Any]]:
    from follicast.evidence.library import evidence

    names = ("alias", "name", "plain", "kind", "refer")
    return [
        {"condition": c.id} | {name: getattr(c, name) for name in names}
        for c in evidence().conditions.values()
    ]


def _drugs() -> list[dict[str, Any]]:
    from follicast.evidence.library import evidence

    return [
        {"drug": name, "names": drug.names, "classes": drug.classes, "atc": drug.atc}
        for name, drug in sorted(evidence().drugs.items())
    ]


def _all_works() -> list[str]:
    from follicast.evidence.library import evidence

    return list(evidence().references)


def _shelves() -> list[dict[str, Any]]:
    from follicast.evidence.library import evidence

    return [{"shelf": name, "entries": len(held)} for name, held in evidence().shelves.items()]


_ROWS = {"therapies": _therapies, "conditions": _conditions, "drugs": _drugs, "shelves": _shelves}


def _entry(id: str) -> tuple[dict[str, Any], list[str]]:
    """Return one entry of any shelf and the works it rests on; raises `InputError` naming what comes close."""
    from follicast.evidence import census
    from follicast.evidence.library import evidence
    from follicast.evidence.links import resolve

    library = evidence()
    link = id if id.partition(":")[0] in library.shelves else _link(id)
    held = resolve(library, link)
    shelf, _, name = link.partition(":")
    fields = {"shelf": shelf, "id": name} | _fields(held)
    if shelf == "reference":
        return fields | {"rests on it": census.cited_by(library, name)}, [name]
    if link == f"claim:{name}":
        return _claim(name)
    return fields, census.sources(held)


def _claim(name: str) -> tuple[dict[str, Any], list[str]]:
    """Return a claim with what the model and the trials say to it, and its works."""
    from follicast.evidence.judgement import judged
    from follicast.evidence.library import evidence

    one = next(one for one in judged(evidence()) if one.claim_id == name)
    return {"shelf": "claim", "id": name} | one.as_json(), sorted(set(one.sources))


def _link(id: str) -> str:
    """Return the link of an entry by its bare id, its number in a table (D26, R148) or a standard code (L64.9)."""
    from follicast.errors import InputError, did_you_mean
    from follicast.evidence.library import evidence

    if id.startswith("parameters."):
        return "parameter:" + id.removeprefix("parameters.")
    shelves = evidence().shelves
    for shelf, entries in shelves.items():
        for name, held in entries.items():
            aliases = getattr(held, "alias", None) or []
            if id in (name, *([aliases] if isinstance(aliases, str) else aliases)):
                return f"{shelf}:{name}"
    for name, coded in shelves["code"].items():
        if any(id == code.code for code in coded.codes):
            return f"code:{name}"
    near = did_you_mean(id, [name for entries in shelves.values() for name in entries])
    raise InputError(f"nothing in the evidence is called '{id}'.{near} What is held: follicast evidence")


def _fields(held: Any) -> dict[str, Any]:
    if isinstance(held, list):
        return {"entries": [_fields(item) for item in held]}
    if hasattr(held, "model_dump"):
        return dict(held.model_dump(mode="json", exclude_none=True, exclude_defaults=True, by_alias=True))
    return {"is": held}


def _show_claim(entry: dict[str, Any]) -> None:
    from follicast.doors.claimed import paragraph

    output.show(*paragraph(entry))


def _show_works(keys: list[str]) -> None:
    from follicast.evidence.library import evidence

    works = evidence().references
    output.show("", "Rests on:" if keys else "Rests on no work.")
    output.show(*(f"  {key}: {works[key].named} (read: {works[key].read})" for key in keys))


def _show(entry: dict[str, Any], indent: str = "") -> None:
    for key, value in entry.items():
        if isinstance(value, dict):
            output.show(f"{indent}{key}:")
            _show(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            output.show(f"{indent}{key}:")
            for item in value:
                output.show(f"{indent}  -")
                _show(item, indent + "    ")
        else:
            output.show(f"{indent}{key}: {_cell(value)}")


def _headed(answer: dict[str, Any], sources: list[str]) -> dict[str, Any]:
    from follicast.evidence.heading import heading

    return heading(None, sources, []) | answer


def _print(
    name: str, rows: list[dict[str, Any]], columns: dict[str, str], as_json: bool, held: Any = None
) -> None:
    """Print rows as JSON, headed with the works that `held` rests on, or as a table."""
    if as_json:
        from follicast.evidence import census

        output.print_json(_headed({name: rows}, census.sources(held)))
        return
    cells = [[_cell(row[key]) for key in columns] for row in rows]
    output.show(output.table(None, list(columns.values()), cells))


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return f"{value:g}" if isinstance(value, float) else str("" if value is None else value)
