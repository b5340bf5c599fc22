"""The laws of the house, each a test."""

import ast
import math
import re
from pathlib import Path

import pytest

from follicast.evidence import census
from follicast.evidence.library import evidence

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "follicast"
MODULES = sorted(p for p in SOURCE.rglob("*.py"))

# A room may import from rooms above it, never from one below.
ROOMS = [
    "errors",
    "evidence",
    "cycle",
    "names",
    "dose",
    "patient",
    "assessment",
    "parameters",
    "sites",
    "strain",
    "weather",
    "scalp",
    "scalp_map",
    "people",
    "pharmacology",
    "regimen",
    "pull",
    "simulation",
    "observer",
    "instruments",
    "today",
    "skin",
    "forecast",
    "follow_up",
    "sensitivity",
    "crown",
    "trials",
    "plan",
    "report",
    "records",
    "doors",
]
OWNERS = {
    "numba": ["cycle.py", "report/strands.py"],
    "yaml": ["evidence/"],
    "sqlalchemy": ["records/"],
    "sqlite3": ["records/"],
    "alembic": ["records/"],
    "psycopg": ["records/"],
    "argon2": ["records/"],
    "fastapi": ["doors/"],
    "starlette": ["doors/"],
    "sse_starlette": ["doors/"],
    "authlib": ["doors/"],
    "uvicorn": ["doors/"],
    "typer": ["doors/"],
    "icalendar": ["doors/"],
    "holidays": ["plan/"],
    "cel": ["assessment/"],
    "nutpie": ["trials/"],
    "SALib": ["sensitivity.py"],
    "arviz": ["trials/"],
    "pybtex": ["report/"],
    "platformdirs": ["evidence/", "records/"],
    "pymcdm": ["plan/ranking.py"],
}


def room(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_rooms_look_back_never_ahead(path):
    here = room(path)
    if here == "__init__":
        return  # the front door may open on any room
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "follicast" and len(parts) > 1 and parts[1] in ROOMS:
            assert ROOMS.index(parts[1]) <= ROOMS.index(here), (
                f"{path.name} ({here}) looks ahead into {parts[1]}"
            )


def test_every_room_has_its_place():
    assert {room(p) for p in MODULES} - {"__init__", "__main__"} <= set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_each_tool_has_one_owner(path):
    where = path.relative_to(SOURCE).as_posix()
    for name in {n.split(".")[0] for n in imported(path)}:
        if name in OWNERS:
            assert where.startswith(tuple(OWNERS[name])), (
                f"{where} imports {name}, which belongs to {OWNERS[name]}"
            )


def test_every_number_of_nature_has_value_unit_kind_source_and_place_wherever_it_stands():
    library = evidence()
    numbers = census.numbers(library)
    assert len(numbers) > 1400
    for name, number in numbers.items():
        assert number.unit in library.units and number.place and number.citekeys, name
        assert number.kind in ("measured", "derived", "assumed"), name
        assert all(key in library.references for key in number.citekeys), name
        assert math.isfinite(number.value), name


def test_what_is_assumed_gives_its_reason():
    for name, number in census.numbers(evidence()).items():
        assert number.kind != "assumed" or number.reason, name


def test_everything_that_cites_cites_works_that_are_held():
    library = evidence()
    for shelf, entries in library.shelves.items():
        for name, held in entries.items():
            assert set(census.sources(held)) <= set(library.references), f"{shelf}:{name}"


def test_no_work_is_held_that_nothing_rests_on():
    library = evidence()
    cited = {
        key
        for entries in library.shelves.values()
        for held in entries.values()
        for key in census.sources(held)
    }
    assert set(library.references) - cited - set(library.claimed_on.values()) == set()


def test_the_kernel_holds_no_transcendental_function():
    """Tables are made with `math` outside the compiled rules, so that the plain twin can agree bit for bit."""
    tree = ast.parse((SOURCE / "cycle.py").read_text())
    compiled = [
        f
        for f in ast.walk(tree)
        if isinstance(f, ast.FunctionDef) and any("njit" in ast.unparse(d) for d in f.decorator_list)
    ]
    assert compiled
    for function in compiled:
        assert not re.search(r"\b(exp|log|sin|cos|sqrt|pow|tan)\b|\*\*", ast.unparse(function)), function.name


def test_nothing_reads_the_design_folder_at_run_time():
    for path in MODULES:
        assert "../shared" not in path.read_text(), path


def test_every_module_says_what_its_room_is_for():
    for path in MODULES:
        document = ast.get_docstring(ast.parse(path.read_text()))
        assert (path.name == "__init__.py" and not path.read_text().strip()) or document, path


def test_no_module_is_called_a_junk_drawer():
    for path in MODULES:
        assert path.stem not in {"utils", "helpers", "manager", "process", "common", "misc"}, path
