"""Looking things up: therapies, kinds of hair loss, drugs, numbers, and the works they rest on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from follicast.doors import output

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def therapies(as_json: Json = False) -> None:
    """List every therapy, with its route and how far its evidence reaches in women and men."""
    from follicast.evidence.grading import standing
    from follicast.evidence.library import evidence

    rows = [
        {"therapy": t.id, "name": t.name, "route": t.route, "treats": t.treats}
        | {sex: standing(evidence(), t.id, sex).grade for sex in ("F", "M")}
        for t in evidence().therapies.values()
    ]
    columns = {"therapy": "id", "name": "name", "route": "route", "F": "in women", "M": "in men"}
    _print("therapies", rows, columns, as_json)


def conditions(as_json: Json = False) -> None:
    """List every kind of hair loss that is weighed."""
    from follicast.evidence.library import evidence

    rows = [
        {
            "condition": c.id,
            "alias": c.alias,
            "name": c.name,
            "plain": c.plain,
            "kind": c.kind,
            "refer": c.refer,
        }
        for c in evidence().conditions.values()
    ]
    columns = {"condition": "id", "alias": "no.", "name": "name", "kind": "kind", "refer": "refer"}
    _print("conditions", rows, columns, as_json)


def drugs(as_json: Json = False) -> None:
    """List every drug that a patient's file may name, with its other names and its classes."""
    from follicast.evidence.library import evidence

    rows = [
        {"drug": name, "names": drug.names, "classes": drug.classes, "atc": drug.atc}
        for name, drug in sorted(evidence().drugs.items())
    ]
    _print("drugs", rows, {"drug": "drug", "names": "also called", "classes": "classes"}, as_json)


def numbers(
    assumed: Annotated[
        bool, typer.Option("--assumed", help="Only what is assumed, with its reason.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the numbers of nature and of the model, each with unit, kind and source."""
    from follicast.evidence.library import evidence

    known = {**evidence().numbers, **{f"parameters.{name}": n for name, n in evidence().parameters.items()}}
    rows = [
        {"number": name, "value": n.value, "unit": n.unit, "kind": n.kind, "source": n.citekeys}
        | {"place": n.place, "reason": n.reason}
        for name, n in known.items()
        if n.kind == "assumed" or not assumed
    ]
    last = {"reason": "reason"} if assumed else {"kind": "kind", "source": "source"}
    _print("numbers", rows, {"number": "name", "value": "value", "unit": "unit", **last}, as_json)


def evidence(
    id: Annotated[
        str | None, typer.Argument(help="A citekey, therapy, condition, study, rule or number.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what is held, or one entry: a work, a therapy, a condition, a study, a rule or a number."""
    if id is None:
        _print("shelves", _shelves(), {"shelf": "shelf", "entries": "entries"}, as_json)
        return
    entry = _entry(id)
    output.print_json(_headed({"entry": entry})) if as_json else _show(entry)


def _shelf() -> dict[str, dict[str, Any]]:
    from follicast.evidence.library import evidence

    library = evidence()
    return {"references": library.references, "therapies": library.therapies, "conditions": library.conditions,
            "studies": library.studies, "rules": library.rules, "red flags": library.red_flags,
            "numbers": library.numbers, "parameters": library.parameters, "price lists": library.price_lists,
            "drugs": library.drugs, "labs": library.labs}  # fmt: skip


def _shelves() -> list[dict[str, Any]]:
    return [{"shelf": name, "entries": len(held)} for name, held in _shelf().items()]


def _entry(id: str) -> dict[str, Any]:
    """Return one entry of any shelf; raises `InputError` naming what comes close."""
    from follicast.errors import InputError, did_you_mean

    held = _shelf()
    aliases = {c.alias: c.id for c in held["conditions"].values()}
    wanted = aliases.get(id, id)
    for shelf, entries in held.items():
        if wanted in entries:
            fields = entries[wanted].model_dump(mode="json", exclude_none=True, by_alias=True)
            return {"shelf": shelf, "id": wanted, **fields}
    near = did_you_mean(id, [name for entries in held.values() for name in entries])
    raise InputError(f"nothing in the evidence is called '{id}'.{near} What is held: follicast evidence")


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
            output.show(f"{indent}{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def _headed(answer: dict[str, Any]) -> dict[str, Any]:
    from follicast.evidence.heading import heading

    return heading(None, [], []) | answer


def _print(name: str, rows: list[dict[str, Any]], columns: dict[str, str], as_json: bool) -> None:
    if as_json:
        output.print_json(_headed({name: rows}))
        return
    cells = [[_cell(row[key]) for key in columns] for row in rows]
    output.show(output.table(None, list(columns.values()), cells))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value if value is not None else "")
