"""Takes the picture of the patient's page on the README: python docs/plan_look.py (needs Chromium)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from follicast.patient import Patient
from follicast.plan.clinic import clinic_from, prices_from
from follicast.plan.walk import advise
from follicast.report import report
from follicast.report.paper import renderer

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "plan.webp"
CLINIC = ROOT / "examples" / "clinic"
WIDTH, HEIGHT, SHOWN = 1200, 1400, 945  # the window [px], and what is kept of it


def page() -> str:
    """Return what `follicast plan` writes for the bundled woman in the bundled clinic."""
    person = Patient.load(ROOT / "examples" / "woman-47-pattern.yaml")
    own = {"clinic": clinic_from(CLINIC / "clinic.yaml"), "prices": prices_from(CLINIC / "prices.yaml")}
    return report(advise(person, **own), person.language).html


def photograph(html: str, folder: Path) -> Image.Image:
    """Return the top of a page as a browser shows it."""
    source, shot = folder / "plan.html", folder / "plan.png"
    source.write_text(html, encoding="utf-8")
    command = [renderer(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile",
               f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}", source.as_uri()]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    with Image.open(shot) as picture:
        return picture.convert("RGB").crop((0, 0, WIDTH, SHOWN))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        photograph(page(), Path(folder)).save(TARGET, quality=82, method=6)
    print(TARGET.relative_to(ROOT))
