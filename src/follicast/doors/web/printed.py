"""A page on paper: printed to PDF by a Chromium of this machine, where there is one, with no network and no profile."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from follicast.errors import Busy, Missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-background-networking",
    "--disable-component-update", "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
_PATIENCE_S = 60.0
_TOO_LONG = "the program that prints did not finish. Try again, or print from the browser."


def renderer() -> str | None:
    """Return the program that prints, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def pdf(html: str) -> bytes:
    """Return a page as PDF; raises `Missing` where nothing prints here, `Busy` where it takes too long."""
    program = renderer()
    if program is None:
        raise Missing("no program that prints was found here (chromium). Print the page from the browser.")
    with tempfile.TemporaryDirectory() as folder:  # private to this user of the machine
        page, out = Path(folder) / "plan.html", Path(folder) / "plan.pdf"
        page.write_text(html, encoding="utf-8")
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [program, *_FLAGS, *root, f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}"]
        try:
            subprocess.run([*command, page.as_uri()], capture_output=True, timeout=_PATIENCE_S, check=True)
            return out.read_bytes()
        except (subprocess.SubprocessError, OSError):
            raise Busy(_TOO_LONG) from None
