"""The page holds what the plan holds, stands alone, and says it in four languages without promising anything."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from rich.console import Console

from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.plan import Plan
from follicast.plan.walk import advise, expect
from follicast.regimen import Regimen
from follicast.report import Report, report
from follicast.report.charts import forecast_chart
from follicast.report.icons import dots, icon_array
from follicast.report.terminal import assessment_summary, forecast_summary, summary
from follicast.report.text import LANGUAGES, isolated, marked, speech
from follicast.report.wording import overclaims

EXAMPLES = Path(__file__).parent.parent / "examples"
page_module = importlib.import_module("follicast.report.html")
ROOM = Path(page_module.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
VOID = {"meta", "br", "img", "path", "rect", "line", "circle", "use", "link", "input", "hr"}


class Page(HTMLParser):
    """A page as a flat list of (tag, attributes, path of tags above it), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.words: list[tuple[str, str]] = []
        self.above: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}, tuple(self.above)))
        if tag not in VOID:
            self.above.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}, tuple(self.above)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.above:
            while self.above.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.above and self.above[-1] not in ("style", "script"):
            self.words.append((self.above[-1], data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs, _ in self.tags if name == tag]


def patient(name: str) -> Patient:
    return Patient.load(EXAMPLES / f"{name}.yaml")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return advise(patient("woman-47-pattern"), "prp", draws=60)


@pytest.fixture(scope="module")
def pages(plan: Plan) -> dict[str, str]:
    """The plan in every language; its pictures are drawn once."""
    drawn = page_module.scenes(plan.forecast, plan.chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "scenes", lambda *_: drawn)
        return {language: report(plan, language).html for language in LANGUAGES}


@pytest.fixture(scope="module")
def page(pages: dict[str, str]) -> Page:
    return Page(pages["en"])


def block(html: str, start: str, tag: str) -> str:
    """The element that begins at `start`, up to its own end."""
    rest = html[html.index(start) :]
    depth = 0
    for found in re.finditer(rf"<(/?){tag}\b", rest):
        depth += -1 if found.group(1) else 1
        if depth == 0:
            return rest[: found.end()]
    raise AssertionError(f"{start} never ends")


def cells(html: str) -> list[list[str]]:
    """The rows of a table's body, as the words of its cells."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.S)
    return [
        [
            " ".join(re.sub("<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in rows
    ]


# --- it stands alone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_from_anywhere(pages: dict[str, str], language: str) -> None:
    html = pages[language]
    page = Page(html)
    fetching = ("script", "link", "iframe", "object", "embed", "base", "form")
    assert not [tag for tag, _, _ in page.tags if tag in fetching]
    drawn = ("data:image/webp;base64,", "data:image/png;base64,")
    assert all(image["src"].startswith(drawn) for image in page.all("img"))
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style and "@font-face" not in style
    assert not [attrs for _, attrs, _ in page.tags if any(name.startswith("on") for name in attrs)]
    for link in page.all("a"):
        assert link["href"].startswith(("#", "https://doi.org/", "https://", "http://"))
    outside = [above for tag, attrs, above in page.tags if tag == "a" and not attrs["href"].startswith("#")]
    assert outside and all("ol" in above for above in outside), "only the list of sources leads outside"
    assert len(html.encode()) < 4_000_000


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    ids = [attrs["id"] for _, attrs, _ in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    within = {
        attrs["href"][1:]
        for tag, attrs, _ in page.tags
        if tag in ("a", "use") and attrs["href"].startswith("#")
    }
    assert within <= set(ids)


def test_headings_go_down_one_step_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_picture_has_words(page: Page) -> None:
    assert len(page.all("img")) >= 10
    assert all(image["alt"] for image in page.all("img"))
    for svg in page.all("svg"):
        assert svg.get("aria-hidden") == "true" or svg.get("aria-label") or svg.get("aria-labelledby")


# --- charts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_has_title_description_and_table(
    pages: dict[str, str], plan: Plan, language: str
) -> None:
    html = pages[language]
    for name in ("course", "difference", "comparison"):
        figure = block(html, f'<figure class="card chart-card" id="chart-{name}"', "figure")
        assert re.search(r"<figcaption><h3>.+?</h3>", figure)
        assert len(re.findall(r'<title id="[^"]+">[^<]+</title><desc id="[^"]+">[^<]+</desc>', figure)) == 2
        rows = cells(figure)
        assert len(rows) == (
            len(plan.forecast.months)
            if name != "comparison"
            else len([arm for arm in plan.forecast.arms[1:] if not arm.refused])
        )


def test_the_table_holds_the_numbers_of_the_forecast(pages: dict[str, str], plan: Plan) -> None:
    answer = plan.as_json()
    rows = cells(block(pages["en"], '<figure class="card chart-card" id="chart-course"', "figure"))
    for m, row in enumerate(rows):
        bare, chosen = (answer[arm]["terminal_density"] for arm in ("untreated", "forecast"))
        ends = [
            f"{curve[a][m]:.0f} to {curve[b][m]:.0f}"
            for curve in (bare, chosen)
            for a, b in (("low", "high"),)
        ]
        assert row[0] == str(m)
        for said, curve in ((row[1], bare), (row[3], chosen)):
            assert abs(float(said) - curve["median"][m]) <= 0.51
        for said, end in ((row[2], ends[0]), (row[4], ends[1])):
            assert [float(x) for x in said.split(" to ")] == pytest.approx(
                [float(x) for x in end.split(" to ")], abs=1
            )


def test_the_ways_are_those_of_the_plan(pages: dict[str, str], plan: Plan) -> None:
    rows = cells(block(pages["en"], '<table class="ways"', "table"))
    ways = [way for way in plan.as_json()["alternatives"] if way["status"] == "open"]
    assert len(rows) == len(ways)
    for row, way in zip(rows, ways, strict=True):
        assert row[1:4] == [str(way["of_100"][kind]) for kind in ("gain", "hold", "lose")]
        if way["extra_hair"]:
            assert float(row[4].replace("−", "-")) == pytest.approx(way["extra_hair"]["median"], abs=0.051)
        if way["cost_first_year"]:
            assert row[6] == f"¥{way['cost_first_year']:,.0f}"


def test_people_and_dots_are_counted_right() -> None:
    drawn = icon_array({"gain": 3, "hold": 90, "lose": 7}, speech("en"), "x")
    assert [drawn.count(f"#who-{kind}") for kind in ("gain", "hold", "lose")] == [3, 90, 7]
    assert "3 gain, 90 hold, 7 lose" in drawn
    assert dots(21.05).count('class="hit"') == 21 and dots(8.6, sure=False).count('class="maybe"') == 9
    assert dots(0.4).count('class="rest"') == 100


def test_a_chart_is_saved_as_a_picture(plan: Plan, tmp_path: Path) -> None:
    figure = forecast_chart(plan.forecast)
    figure.save(tmp_path / "all.svg")
    figure.save(tmp_path / "all.png")
    assert (tmp_path / "all.svg").read_text().startswith("<svg")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"neither \.svg nor \.png"):
        figure.save(tmp_path / "all.gif")


# --- what the plan holds, the page holds -----------------------------------------------------------------------


def test_the_sources_are_those_of_the_plan(page: Page, plan: Plan) -> None:
    assert [
        attrs["data-key"] for tag, attrs, _ in page.tags if tag == "li" and "data-key" in attrs
    ] == plan.sources


def test_sources_are_told_in_full(pages: dict[str, str], plan: Plan) -> None:
    for key in plan.sources:
        work = evidence().references[key]
        said = block(pages["en"], f'<li id="ref-{key}"', "li")
        assert str(work.year or "") in said
        if work.doi:
            assert f"https://doi.org/{work.doi}" in said.replace("&lt;", "<").replace("&gt;", ">").replace(
                "&#59;", ";"
            )


def test_what_is_refused_says_what_is_missing(pages: dict[str, str], plan: Plan) -> None:
    assert {refusal.status for refusal in plan.refused} >= {"waiting", "closed", "refused"}
    for refusal in plan.refused:
        said = _door(pages["en"], refusal.therapy)
        if refusal.status in ("waiting", "refused"):
            assert "What is missing:" in said
            assert all(missing.split(".")[0] in said for missing in refusal.missing)
        else:
            assert re.search(r"<p>[^<]+", said), "a closed therapy says why"


def _door(html: str, therapy: str) -> str:
    start = html.index(f'data-therapy="{therapy}"')
    return block(html[html.rindex("<li", 0, start) :], "<li", "li")


def test_money_dates_and_harms_are_on_the_page(pages: dict[str, str], plan: Plan) -> None:
    html = pages["en"]
    assert f"¥{plan.cost.first_year:,.0f}" in html
    for session in plan.sessions:
        assert session.date and f'datetime="{session.date.isoformat()}"' in html
    assert all(unknown in html for unknown in plan.cost.unknown)
    assert all(harm.plain in html for harm in plan.harms)
    assert plan.certainty and plan.certainty.because.split(",")[0] in html


def test_it_says_that_it_is_a_simulation_and_no_decision(pages: dict[str, str]) -> None:
    assert pages["en"].count("simulation, not a photograph") >= 10
    assert "never replaces it" in pages["en"]


def test_a_name_cannot_smuggle_in_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        (EXAMPLES / "woman-47-pattern.yaml")
        .read_text()
        .replace("id: woman-47-pattern", "id: '<script>alert(1)</script>'")
    )
    monkeypatch.setattr(page_module, "scenes", lambda *_: None)
    html = report(advise(Patient.parse(text, "x.yaml"), "prp", draws=10), "ar").html
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_a_plan_of_doing_nothing_is_a_page_too() -> None:
    plan = advise(patient("woman-postpartum-4-months"), draws=20)
    assert plan.choice == "none"
    html = report(plan, "en").html
    assert "Nothing is done for now" in html and "<img" not in html


def test_a_page_is_saved_whole(tmp_path: Path) -> None:
    saved = Report("<p>é</p>", "en").save(tmp_path / "plan.html")
    assert saved.read_text(encoding="utf-8") == "<p>é</p>" and [p.name for p in tmp_path.iterdir()] == [
        "plan.html"
    ]


# --- languages -------------------------------------------------------------------------------------------------


def own_words() -> set[str]:
    """Every sentence that the templates and the modules of the room say in their own words."""
    found: set[str] = set()
    for path in sorted((ROOM / "templates").glob("*.html")):
        with path.open("rb") as file:
            found |= {
                str(words) for _, words, _, _ in extract("jinja2", file, keywords={"_": None, "say": None})
            }
    for path in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "say" and node.args:
                found |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) > 1
                }
    found |= {words for pair in page_module.CLASSES.values() for words in pair}
    return found | set(page_module.GRADES.values()) | set(page_module.REGIONS.values())


def catalogue(language: str) -> dict[str, str]:
    with (ROOM / "locale" / f"{language}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_our_own_is_translated(language: str) -> None:
    known = catalogue(language)
    missing = sorted(words for words in own_words() if not known.get(words))
    assert not missing, f"{language}.po lacks: {missing}"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_every_place(language: str) -> None:
    for words, said in catalogue(language).items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (words, said)]
        assert places[0] == places[1], words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language_and_direction(pages: dict[str, str], language: str) -> None:
    html = pages[language]
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    unreviewed = speech(language).say(
        "This translation has not yet been reviewed by a native clinician. "
        "Where it is unclear, the English version counts."
    )
    assert (unreviewed in html) == (language != "en")


@pytest.mark.parametrize("language", OTHERS)
def test_the_bundled_report_is_wholly_translated(pages: dict[str, str], language: str) -> None:
    left = re.findall(r'<span lang="en" dir="ltr">([^<]*)', pages[language])
    assert not left


def test_unknown_words_are_shown_in_english_and_marked() -> None:
    said = speech("ja").told_html("A sentence <nobody> translated.")
    assert said == '<span lang="en" dir="ltr">A sentence &lt;nobody&gt; translated.</span>'


def test_sentences_lists_and_patterns_are_put_together() -> None:
    assert speech("vi").told("PRP injections: session 2 of 3") == "tiêm PRP: buổi 2 trên 3"
    assert speech("ja").told("No alcohol. Do not massage the scalp.") == "お酒は飲まない。頭皮をもまない。"
    assert (
        speech("ja").told("not known: a positive pull test, low ferritin")
        == "不明：牽引試験陽性、低いフェリチン"
    )
    assert speech("vi").told("Month 6: nobody knows this sentence") is None


def test_latin_words_keep_together_in_arabic_lines() -> None:
    assert isolated("محلول Minoxidil 5% اليوم") == 'محلول <bdi dir="ltr">Minoxidil 5%</bdi> اليوم'
    assert marked("حقن PRP.") == "حقن \u2066PRP\u2069."
    assert speech("ar").html("{n} of 100", n="<3") == '<bdi dir="ltr">&lt;3</bdi> من 100'


def test_figures_are_written_as_each_language_writes_them() -> None:
    assert [speech(x).number(-1234.5, 1) for x in LANGUAGES] == [
        "−1,234.5",
        "−1.234,5",
        "−1,234.5",
        "−1,234.5",
    ]
    assert speech("ja").date(dt.date(2026, 11, 22)) == "2026年11月22日"
    assert speech("ar").date(dt.date(2026, 11, 22)) == "22 نوفمبر 2026"
    assert [speech(x).signed(y, 1) for x, y in (("en", 0.04), ("en", 1.5), ("en", -2.0))] == [
        "0.0",
        "+1.5",
        "−2.0",
    ]


def test_a_language_without_a_catalogue_is_refused(plan: Plan) -> None:
    with pytest.raises(InputError, match="no language is called 'jp'"):
        report(plan, "jp")


# --- wording ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised(pages: dict[str, str], language: str) -> None:
    said = own_words() if language == "en" else set(catalogue(language).values())
    assert not [(words, overclaims(words, language)) for words in said if overclaims(words, language)]
    shown = " ".join(words for tag, words in Page(pages[language]).words if tag not in ("title", "desc"))
    assert not overclaims(shown, language)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("A cure for baldness", "en"),
        ("Guaranteed hair", "en"),
        ("works in 100 % of people", "en"),
        ("Chữa khỏi rụng tóc", "vi"),
        ("نتيجة مضمونة", "ar"),
        ("必ず生えます", "ja"),
    ],
)
def test_promises_are_found(words: str, language: str) -> None:
    assert overclaims(words, language)
    assert not overclaims(f"The page says “{words}”.", language)


# --- terminal --------------------------------------------------------------------------------------------------


def shown(renderable: object, **how: object) -> str:
    out = io.StringIO()
    Console(file=out, width=110, **how).print(renderable)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pipe_gets_plain_words(plan: Plan, language: str) -> None:
    for renderable in (
        assessment_summary(plan.assessment, language),
        forecast_summary(plan.forecast, language),
        summary(plan, language),
    ):
        said = shown(renderable)
        assert "\x1b" not in said and said.strip()


def test_the_terminal_says_what_the_plan_says(plan: Plan) -> None:
    said = shown(summary(plan))
    assert f"¥{plan.cost.first_year:,.0f}" in said and "never replaces it" in said
    assert " / ".join(str(plan.chosen.of_100[kind]) for kind in ("gain", "hold", "lose")) in said
    assert "spironolactone tablet (potassium, creatinine)" in said.replace("\n  ", " ")


def test_a_red_flag_comes_first_on_the_terminal() -> None:
    from follicast.assessment import assess

    said = shown(assessment_summary(assess(patient("patchy-exclamation-hairs"))))
    assert said.index("See a doctor first") < said.index("What it is likely to be")


def test_a_refused_arm_is_told_on_the_terminal() -> None:
    found = expect(patient("woman-47-pattern"), [Regimen("exosomes")], draws=10)
    assert "no forecast" in shown(forecast_summary(found.forecast))
