"""A file that is handed out is whole or absent, private, and never takes the place of another."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from follicast.errors import RecordsError

UNFINISHED = ".follicast-"
LEFT_BEHIND_S = 3600.0  # what nobody has finished for an hour belongs to a process that is gone


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a private file beside the one to be made; at the end it is forced to the disk and gets its name.

    Raises `RecordsError` where the name is taken, before anything is done and again at the end.
    """
    check_free(file)
    sweep(file.parent)
    try:
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=file.parent)
    except OSError as trouble:
        raise RecordsError(f"{file}: it cannot be written: {trouble.strerror}.") from None
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        give_name(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a process that was killed left unfinished here more than an hour ago: it holds facts about people."""
    for left in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.lstat().st_mtime > LEFT_BEHIND_S:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def work_in(folder: Path) -> Iterator[Path]:
    """Give a private folder in another, for what is not finished; it is gone at the end."""
    sweep(folder)
    work = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_free(file: Path) -> None:
    """Raise `RecordsError` where a file cannot be made under a name: it is taken, or its folder is missing."""
    if file.exists() or file.is_symlink():
        raise RecordsError(
            f"{file}: this is there already and is not overwritten. Give a new name, or move it away."
        )
    if not file.parent.is_dir():
        raise RecordsError(f"{file}: there is no folder {file.parent}. Make it first, or name another.")


def give_name(beside: Path, file: Path) -> None:
    """Force a file to the disk and give it its name, unless someone took the name meanwhile."""
    try:
        with beside.open("rb") as content:
            os.fsync(content.fileno())
        os.link(beside, file)
    except FileExistsError:
        check_free(file)
    except OSError:  # a disk without hard links
        check_free(file)
        os.replace(beside, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
