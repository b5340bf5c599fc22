"""A page on A4: printed by a browser that is on this machine, without a network.

Chromium is asked because it sets Latin words inside Arabic lines and Japanese lines right. Where no such browser is
there, there is no PDF, and it says so; the page itself can be printed from any browser by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from follicast.errors import NothingToGive

#: Names under which Chromium and its kin are installed.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer",
    "--print-to-pdf-no-header", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
_PATIENCE_S = 120


def renderer() -> str:
    """Return the path of a browser that prints; raises `NothingToGive` where there is none."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise NothingToGive(
        "no PDF: nothing on this machine can print one (looked for "
        f"{', '.join(BROWSERS[:3])} and others). Install Chromium, or open plan.html in a browser and print it."
    )


def printed(html: str) -> bytes:
    """Return a page as PDF on A4; raises `NothingToGive` where no browser can."""
    browser = renderer()
    with tempfile.TemporaryDirectory() as folder:
        page, paper = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        command = [browser, *_FLAGS, *_sandbox(), f"--user-data-dir={folder}/profile",
                   f"--print-to-pdf={paper}", page.as_uri()]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            raise NothingToGive(f"no PDF: {browser} did not print within {_PATIENCE_S} s.") from None
        if done.returncode or not paper.is_file():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise NothingToGive(f"no PDF: {browser} could not print the page. {' '.join(last)}")
        return paper.read_bytes()


def _sandbox() -> list[str]:
    """Chromium refuses to run its sandbox as root, as in a container."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
