"""How an answer leaves the house: JSON, files that are whole or absent, tables, progress for those who watch.

Standard output holds the answer and nothing else; progress, warnings and errors go to standard error.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from follicast.errors import InputError

Say = Callable[[str], None]
Bibtex = Annotated[
    Path | None,
    typer.Option("--bibtex", metavar="FILE", help="Write the works that the answer rests on as BibTeX."),
]


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: NumPy numbers as numbers, what is not finite as null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def as_json(answer: dict[str, Any]) -> str:
    """Return an answer as JSON text."""
    return json.dumps(plain(answer), ensure_ascii=False, indent=2, allow_nan=False)


def print_json(answer: dict[str, Any]) -> None:
    """Print an answer as JSON on standard output."""
    sys.stdout.write(as_json(answer) + "\n")


def check_folder(path: Path) -> None:
    """Raise `InputError` where a file cannot be written, before any long work is done for it."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; name a file.")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}. Make it first, or name another.")


def check_out(folder: Path) -> None:
    """Raise `InputError` where a folder cannot be made or is a file."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: this is a file; --out names a folder.")


def write(files: dict[Path, str | bytes]) -> None:
    """Write files so that each is whole or absent: all beside their places first, then moved there."""
    waiting: list[tuple[str, Path]] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting.append((_beside(path, content), path))
        while waiting:
            os.replace(*waiting[0])
            waiting.pop(0)
    except OSError as trouble:
        raise InputError(f"{trouble.filename or path}: it cannot be written: {trouble.strerror}.") from None
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)


def write_bibtex(path: Path | None, citekeys: Iterable[str]) -> None:
    """Write the works that an answer rests on, if a file was named."""
    if path is None:
        return
    from follicast.report.bibliography import bibtex

    check_folder(path)
    write({path: bibtex(citekeys)})


def _beside(path: Path, content: str | bytes) -> str:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(temporary, 0o666 & ~_umask())
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return temporary


def _umask() -> int:
    """Return the mask that new files get; a temporary file is private and must not stay so."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def progress() -> Iterator[Say]:
    """Show what is being done on a terminal; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda what: status.update(f"{what} …")


def show(*parts: Any) -> None:
    """Print texts and rich renderables: in colour on a terminal, plain and wide enough in a pipe."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str), markup=not isinstance(part, str))


def warn(warnings: Iterable[str]) -> None:
    """Print warnings on standard error."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


_WORD = 12  # a word up to this long stays in one piece


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]], ids: bool = True) -> Any:
    """Return a plain table with a line under its head; `ids` keeps its first column in one piece, to be copied."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False, collapse_padding=True
    )
    rows = list(rows)
    for k, name in enumerate(columns):
        words = [word for row in [columns, *rows] for word in str(row[k] or "").split()]
        widest = min(_WORD, max(map(len, words), default=1))
        drawn.add_column(name, overflow="fold", no_wrap=ids and k == 0, min_width=widest)
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return drawn
