"""Keeps what was read and checked, so that the next start need not read it again.

What is kept lies in the user's cache folder under a hash of everything it was made from: every byte of the
evidence, the code of this room and the versions of the libraries that read it. A changed file is thus never
answered from what is kept. A damaged or unwritable cache costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pydantic
import yaml
from platformdirs import user_cache_path

Made = TypeVar("Made")
_STATES = 4  # of the evidence, kept side by side: someone who edits goes back and forth between a few
_CODE = Path(__file__).parent


def state(content: bytes) -> str:
    """Return the hash under which shelves are kept: of the evidence (given as a digest) and of its readers."""
    digest = hashlib.sha256(content)
    for path in sorted(_CODE.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update(f"{platform.python_version()} {pydantic.VERSION} {yaml.__version__}".encode())
    return digest.hexdigest()[:24]


def kept(state: str, name: str, make: Callable[[], Made], unchanged: Callable[[], bool]) -> Made:
    """Return what was kept under `name` in this state of the evidence; make and keep it where there is none.

    It is kept only if the evidence is `unchanged` once it was made: someone may be writing a file meanwhile.
    """
    path = user_cache_path("follicast") / "evidence" / state / f"{name}.pickle"
    try:
        return pickle.loads(path.read_bytes())
    except Exception:  # whatever is wrong with it, it can be made again
        made = make()
    if unchanged():
        with contextlib.suppress(OSError):
            _keep(path, made)
    return made


def _keep(path: Path, made: object) -> None:
    """Write whole or not at all, and drop the states that were written longest ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        pickle.dump(made, file, protocol=5)
    os.replace(beside, path)
    states = sorted(path.parent.parent.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for old in states[_STATES:]:
        shutil.rmtree(old, ignore_errors=True)
