"""The pages in a real browser: from disk, without a network, on a phone, a desk and A4, and right to left."""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from follicast.assessment import assess
from follicast.forecast import forecast
from follicast.patient import Patient
from follicast.plan import Plan
from follicast.plan.walk import advise
from follicast.regimen import Regimen
from follicast.report import report
from follicast.today import today

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WOMAN = Patient.load(EXAMPLES / "woman-47-pattern.yaml")
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


# Every Latin run that is kept apart in an Arabic page: does it read from left to right, and does the Arabic word
# before it in its line stand to its right? A run or a neighbour that is broken over two lines is left out.
GLYPHS = """<!doctype html><iframe id=f width=1100 height=900 src="plan.html"></iframe><script>
f.onload = () => {
  const d = f.contentDocument, out = {runs: 0, turned: 0, neighbours: 0, wrongSide: 0, bare: []};
  const box = (node, from, to) => { const r = d.createRange(); r.setStart(node, from); r.setEnd(node, to);
    const all = [...r.getClientRects()].filter(b => b.width > 0); return all.length === 1 ? all[0] : null; };
  for (const run of d.querySelectorAll('main bdi[dir=ltr]')) {
    const text = run.firstChild;
    if (!text || text.nodeType !== 3 || text.data.trim().length < 2 || run.closest('svg,details:not([open])')) continue;
    const whole = box(text, 0, text.data.length), n = text.data.length;
    const first = box(text, 0, 1), last = box(text, n - 1, n);
    if (!whole || !first || !last) continue;
    out.runs++;
    if (!(first.left < last.left)) out.turned++;
    const before = run.previousSibling;
    if (!before || before.nodeType !== 3 || !/[\\u0600-\\u06ff]\\s*$/.test(before.data)) continue;
    const k = before.data.trimEnd().length, letter = box(before, k - 1, k);
    if (!letter || Math.abs(letter.bottom - whole.bottom) > letter.height) continue;
    out.neighbours++;
    if (!(letter.left >= whole.right - 1)) out.wrongSide++;
  }
  const walk = d.createTreeWalker(d.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { const node = walk.currentNode, up = node.parentElement;
    if (!/[\\u0600-\\u06ff]/.test(node.data) || up.closest('svg,[dir=ltr],script,style,option')) continue;
    const bare = node.data.replace(/\\u2066[^\\u2069]*\\u2069/g, '');
    if (/[A-Za-z]{2}/.test(bare)) out.bare.push(node.data.trim().slice(0, 80)); }
  document.title = JSON.stringify(out);
};</script>"""


def dumped(folder, frame):
    """What a page that frames the report writes into its title."""
    (folder / "frame.html").write_text(frame)
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [CHROMIUM, *FLAGS, profile, "--dump-dom", (folder / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<title>([\[{].*?[\]}])</title>", done.stdout)
    assert found, done.stderr[-400:]
    return json.loads(unescape(found[1]))


def seen(folder, width):
    return dumped(folder, FRAME.format(width=width))


LANGUAGES = [("en", "ltr"), ("vi", "ltr"), ("ar", "rtl"), ("ja", "ltr")]


@pytest.mark.parametrize("audience", ["patient", "clinician"])
@pytest.mark.parametrize("language, direction", LANGUAGES)
def test_a_page_opens_from_disk_in_a_browser_and_fits_its_width(
    plan, language, direction, audience, tmp_path
):
    report(plan, language=language, audience=audience).save(tmp_path / "plan.html")
    for width in (390, 1100):
        needed, there, lang, way, heads, pictures, broken, outside = seen(tmp_path, width)
        assert needed <= there + 1, f"{language} at {width}: {needed} wide"
        assert (lang, way or "ltr", heads) == (language, direction, 1)
        assert pictures >= (7 if audience == "patient" else 0) and broken == 0 and outside == 0


@pytest.mark.parametrize("audience", ["patient", "clinician"])
def test_latin_names_and_digits_read_from_left_to_right_inside_arabic_lines(plan, audience, tmp_path):
    report(plan, "ar", audience=audience).save(tmp_path / "plan.html")
    found = dumped(tmp_path, GLYPHS)
    assert found["runs"] > 40 and found["turned"] == 0
    assert found["neighbours"] > 10 and found["wrongSide"] == 0
    assert found["bare"] == [], "a Latin word stands in an Arabic line without being kept apart"


def test_the_measure_of_glyphs_sees_a_run_that_turns_round(tmp_path):
    (tmp_path / "plan.html").write_text(
        "<!doctype html><html lang=ar dir=rtl><meta charset=utf-8><main><p>"
        "محلول <bdi dir=ltr style='unicode-bidi:bidi-override;direction:rtl'>Minoxidil 5%</bdi> اليوم</p>"
        "<p>حقن PRP اليوم</p></main>"
    )
    found = dumped(tmp_path, GLYPHS)
    assert found["turned"] == found["runs"] == 1 and found["bare"] == ["حقن PRP اليوم"]


@pytest.mark.parametrize("language", ["en", "ar", "ja"])
def test_the_patients_page_prints_on_a4(plan, language, tmp_path):
    path = report(plan, language).save(tmp_path / "plan.pdf")
    assert path.read_bytes().startswith(b"%PDF-")
    said = shutil.which("pdfinfo") and subprocess.run(
        ["pdfinfo", path], capture_output=True, text=True, check=True
    )
    if said:
        assert "(A4)" in said.stdout
        assert 6 <= int(re.search(r"Pages:\s+(\d+)", said.stdout)[1]) <= 14


def test_a_plan_for_the_skin_fits_a_phone_and_prints(tmp_path):
    plan = advise(Patient.load(EXAMPLES / "woman-52-skin.yaml"))
    page = report(plan, "ar")
    page.save(tmp_path / "plan.html")
    needed, there, *_ = seen(tmp_path, 390)
    assert needed <= there + 1
    assert page.save(tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF-")


def test_the_note_is_marked_by_one_click_and_copied_by_one(plan, tmp_path):
    """Without a clipboard (as in a frame) the button marks the note and copies what is marked."""
    report(plan, audience="clinician").save(tmp_path / "plan.html")
    frame = """<!doctype html><iframe id=f width=1100 height=900 src="plan.html"></iframe><script>
    f.onload = () => { const d = f.contentDocument, b = d.getElementById('copy'), t = d.getElementById('note-text');
      const w = f.contentWindow; let copied = '';
      d.execCommand = what => { copied = what + ':' + w.getSelection().toString(); return true; };
      Object.defineProperty(w.navigator, 'clipboard', {value: undefined});
      b.click(); document.title = JSON.stringify([b.hidden, copied === 'copy:' + t.textContent.trim() ||
        copied.trim() === 'copy:' + t.textContent, d.getElementById('copied').textContent,
        w.getComputedStyle(t).userSelect]); };</script>"""
    assert dumped(tmp_path, frame) == [False, True, "copied", "all"]
