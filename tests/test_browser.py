"""The report in a real browser: it opens from disk, asks nothing of any network, and fits a phone and a desk."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from follicast.assessment import assess
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.plan import Plan
from follicast.regimen import Regimen
from follicast.report import report
from follicast.today import today

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WOMAN = Patient.load(Path(__file__).resolve().parents[1] / "examples" / "woman-47-pattern.yaml")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
    "--virtual-time-budget=6000",
]  # fmt: skip

# A page that frames the report at a width and writes down what it sees.
FRAME = """<!doctype html><iframe id=f width={width} height=900 src="plan.html"></iframe><script>
f.onload = () => {{
  const d = f.contentDocument, w = d.documentElement;
  const fetched = [...d.querySelectorAll('img,script,link,iframe')];
  const outside = fetched.filter(e => /^(https?:)?\\/\\//.test(e.src || e.href || ''));
  document.title = JSON.stringify([w.scrollWidth, w.clientWidth, w.lang, w.dir, d.querySelectorAll('h1').length,
    d.querySelectorAll('img').length, [...d.images].filter(i => !i.naturalWidth).length, outside.length]);
}};</script>"""


@pytest.fixture(scope="module", autouse=True)
def browser():
    if CHROMIUM is None:
        wanted = "browser" in os.environ.get("FOLLICAST_REQUIRE", "").split(",")
        (pytest.fail if wanted else pytest.skip)("there is no Chromium on this machine")


@pytest.fixture(scope="module")
def plan():
    expected = forecast(today(WOMAN, draws=60), [Regimen("prp")])
    return Plan(assess(WOMAN), expected, choice="prp")


def seen(folder, width):
    (folder / "frame.html").write_text(FRAME.format(width=width))
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [CHROMIUM, *FLAGS, profile, "--dump-dom", (folder / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<title>\[(.*?)\]</title>", done.stdout)
    assert found, done.stderr[-400:]
    return [word.strip('"') for word in found[1].split(",")]


@pytest.mark.parametrize("language, direction", [("en", "ltr"), ("vi", "ltr"), ("ar", "rtl"), ("ja", "ltr")])
def test_the_report_opens_from_disk_in_a_browser_and_fits_its_width(plan, language, direction, tmp_path):
    report(plan, language=language).save(tmp_path / "plan.html")
    for width in (390, 1100):
        needed, there, lang, way, heads, pictures, broken, outside = seen(tmp_path, width)
        assert int(needed) <= int(there) + 1, f"{language} at {width}: {needed} wide"
        assert (lang, way or "ltr", heads) == (language, direction, "1")
        assert int(pictures) >= 7 and broken == "0" and outside == "0"
