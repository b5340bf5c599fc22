"""The two pages hold what the plan holds, stand alone, and say it in four languages."""

from __future__ import annotations

import importlib
import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from follicast.errors import InputError, NothingToGive
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.plan import Plan
from follicast.plan.corrections import corrections
from follicast.plan.walk import advise, expect
from follicast.regimen import Regimen
from follicast.report import Report, paper, report
from follicast.report.assessed import assessment_summary
from follicast.report.charts import forecast_chart
from follicast.report.icons import dots, icon_array, some_of_100
from follicast.report.note import note
from follicast.report.terminal import forecast_summary, summary
from follicast.report.text import LANGUAGES, speech

EXAMPLES = Path(__file__).parent.parent / "examples"
page_module = importlib.import_module("follicast.report.page")
html_module = importlib.import_module("follicast.report.html")
VOID = {"meta", "br", "img", "path", "rect", "line", "circle", "use", "link", "input", "hr"}
AUDIENCES = ("patient", "clinician")


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
def both(plan: Plan) -> dict[tuple[str, str], str]:
    """The plan in every language for both readers; its pictures are drawn once."""
    drawn = page_module.scenes(plan.forecast, plan.chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "scenes", lambda *_: drawn)
        return {
            (language, audience): report(plan, language, audience=audience).html
            for language in LANGUAGES
            for audience in AUDIENCES
        }


@pytest.fixture(scope="module")
def pages(both: dict[tuple[str, str], str]) -> dict[str, str]:
    """The patient's page in every language."""
    return {language: html for (language, audience), html in both.items() if audience == "patient"}


@pytest.fixture(scope="module")
def clinician(both: dict[tuple[str, str], str]) -> str:
    """The clinician's page in English."""
    return both["en", "clinician"]


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


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_from_anywhere(
    both: dict[tuple[str, str], str], language: str, audience: str
) -> None:
    html = both[language, audience]
    page = Page(html)
    fetching = ("link", "iframe", "object", "embed", "base", "form", "script")
    scripts = [attrs for tag, attrs, _ in page.tags if tag in fetching]
    assert scripts == ([] if audience == "patient" else [{}]), "one script for copying, with no address"
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


@pytest.mark.parametrize("audience", AUDIENCES)
def test_links_within_the_page_lead_somewhere(both: dict[tuple[str, str], str], audience: str) -> None:
    page = Page(both["en", audience])
    ids = [attrs["id"] for _, attrs, _ in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    within = {
        attrs["href"][1:]
        for tag, attrs, _ in page.tags
        if tag in ("a", "use") and attrs["href"].startswith("#")
    }
    assert within <= set(ids)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_headings_go_down_one_step_at_a_time(both: dict[tuple[str, str], str], audience: str) -> None:
    page = Page(both["en", audience])
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
    harmed = some_of_100(21.05, speech("en"), "sore")
    assert [harmed.count(f"#who-{kind}") for kind in ("harm", "spared")] == [21, 79]
    assert "21 of 100 people: sore" in harmed


def test_a_chart_is_saved_as_a_picture(plan: Plan, tmp_path: Path) -> None:
    figure = forecast_chart(plan.forecast)
    figure.save(tmp_path / "all.svg")
    figure.save(tmp_path / "all.png")
    assert (tmp_path / "all.svg").read_text().startswith("<svg")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"neither \.svg nor \.png"):
        figure.save(tmp_path / "all.gif")


# --- what the plan holds, the page holds -----------------------------------------------------------------------


def test_the_clinician_sees_every_source_of_the_plan(clinician: str, plan: Plan) -> None:
    keys = [attrs["data-key"] for attrs in Page(clinician).all("li") if "data-key" in attrs]
    assert set(plan.sources) <= set(keys) and len(keys) == len(set(keys))


def test_the_patients_page_lists_what_it_leans_on_and_nothing_else(page: Page) -> None:
    listed = [attrs["data-key"] for attrs in page.all("li") if "data-key" in attrs]
    leaned = [attrs["href"].removeprefix("#ref-") for attrs in page.all("a") if "#ref-" in attrs["href"]]
    assert listed == list(dict.fromkeys(leaned)), "numbered in the order in which they are first leaned on"


def test_sources_are_told_in_full(clinician: str, plan: Plan) -> None:
    for key in plan.sources:
        work = evidence().references[key]
        said = block(clinician, f'<li id="ref-{key}"', "li")
        assert str(work.year or "") in said
        if work.doi:
            assert f"https://doi.org/{work.doi}" in unescape(said)


def test_what_is_refused_says_what_is_missing(pages: dict[str, str], clinician: str, plan: Plan) -> None:
    assert {refusal.status for refusal in plan.refused} >= {"waiting", "closed", "refused"}
    change = clinician[clinician.index('<section id="change"') :]
    for refusal in plan.refused:
        said = _door(change if refusal.status == "refused" else pages["en"], refusal.therapy)
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
    assert "We are not sure at all" in html, "the patient reads what the grade means"


def test_it_says_that_it_is_a_simulation_and_no_decision(pages: dict[str, str]) -> None:
    assert pages["en"].count("simulation, not a photograph") >= 10
    assert "It never takes the place of one" in pages["en"]


def test_a_name_cannot_smuggle_in_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        (EXAMPLES / "woman-47-pattern.yaml")
        .read_text()
        .replace("id: woman-47-pattern", "id: '<script>alert(1)</script>'")
    )
    monkeypatch.setattr(page_module, "scenes", lambda *_: None)
    plan = advise(Patient.parse(text, "x.yaml"), "prp", draws=10)
    for audience in AUDIENCES:
        html = report(plan, "ar", audience=audience).html
        assert "<script>alert" not in html and "&lt;script&gt;" in html


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


# --- the top of the page ----------------------------------------------------------------------------------------


def test_the_top_says_what_to_expect_what_to_do_next_and_when_to_come_back(
    pages: dict[str, str], plan: Plan
) -> None:
    top = block(pages["en"], '<section id="outlook"', "section")
    better = next(benefit.of_100 for benefit in plan.benefits if benefit.label == "benefit")
    assert (f"about {better} will see more hair" in top) == bool(better)
    assert top.index("What to do next") < top.index("When to come back") < top.index("What to watch for")
    assert all(f'datetime="{look.date.isoformat()}"' in top for look in plan.visits if look.date)
    assert "platelet count" in top, "the test that is due first"
    assert pages["en"].index('id="outlook"') < pages["en"].index('id="likely"')


def test_benefit_and_harm_stand_side_by_side_on_one_denominator(pages: dict[str, str], plan: Plan) -> None:
    picture = block(pages["en"], '<figure class="balance"', "figure")
    assert picture.count("<svg") >= 3
    for arm in (plan.untreated, plan.chosen):
        people = [arm.of_100[kind] for kind in ("gain", "hold", "lose")]
        assert re.search(rf"of 100 people, {people[0]} gain, {people[1]} hold, {people[2]} lose", picture)
    commonest = max((harm for harm in plan.harms if harm.of_100), key=lambda harm: harm.of_100)
    assert picture.count('href="#who-harm"') == round(commonest.of_100) + 1, "and one in the key"


# --- the clinician's page ---------------------------------------------------------------------------------------


def test_every_therapy_is_traced_to_its_rules_facts_verdicts_and_sources(clinician: str, plan: Plan) -> None:
    trace = block(clinician, '<section id="trace"', "section")
    hair = [s for s in plan.assessment.therapies if evidence().therapies[s.therapy].body == "hair"]
    assert trace.count("data-therapy=") == len(hair)
    for screened in hair:
        told = trace.split(f'data-therapy="{screened.therapy}"')[1].split("data-therapy=")[0]
        for tried in screened.trace:
            assert f">{tried.rule}</code>" in told
            assert all(f'<code dir="ltr">{name}: ' in told for name in tried.facts)
        assert told.count('<tr><th scope="row">') == len(screened.trace)


def test_each_diagnosis_has_its_probability_and_its_reasons(clinician: str, plan: Plan) -> None:
    table = cells(block(clinician, '<section id="diagnoses"', "section"))
    assert len(table) == len(plan.assessment.diagnoses)
    shares = [float(row[1]) for row in table]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(100 * max(d.probability for d in plan.assessment.diagnoses), abs=0.05)


def test_forecasts_stand_with_intervals_for_every_open_arm_and_no_other(clinician: str, plan: Plan) -> None:
    rows = cells(block(clinician, '<table class="twin arms"', "table"))
    told = [arm for arm in plan.forecast.arms if arm.refused is None]
    assert len(rows) == len(told)
    for row, arm in zip(rows, told, strict=True):
        curve = arm.curves["terminal_density"]
        assert row[4] == f"{curve.median[12]:.0f} ({curve.low[12]:.0f}–{curve.high[12]:.0f})"


def test_where_sources_disagree_both_sides_stand_with_their_sources(clinician: str, plan: Plan) -> None:
    told = corrections(plan.regimen.therapies)
    assert len(told) >= 5
    for one in told:
        card = block(clinician, f'<div class="card dispute" id="dispute-{one.id}"', "div")
        assert card.count("<li>") == len(one.sides)
        assert all(f"#ref-{key}" in card for key in one.sources)


def test_the_note_is_plain_text_that_needs_no_script(clinician: str, plan: Plan) -> None:
    text = unescape(block(clinician, '<pre id="note-text"', "pre"))
    text = text.split(">", 1)[1].removesuffix("</pre")
    page = page_module.Page(plan, "en", "clinician", "medium", "dark-brown")
    assert text == note(page)
    for wanted in (
        "PRP injections",
        "very low",
        "2026-12-24",
        "¥344,200",
        "about 95 of 100",
        "never replaces",
    ):
        assert wanted in text, wanted
    assert "user-select: all" in clinician, "one click marks it where no script runs"
    assert '<button type="button" id="copy" hidden>' in clinician, "the button shows only where it works"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_speaks_every_language(both: dict[tuple[str, str], str], language: str) -> None:
    text = block(both[language, "clinician"], '<pre id="note-text"', "pre")
    assert "prp" in text.lower() and speech(language).say("The choice") in text.replace("<", " <")


def test_every_criterion_for_decision_aids_is_told_with_how_it_is_met(clinician: str) -> None:
    ipdas = evidence().checklists["ipdas"]
    kinds = [item.when for item in ipdas.items.values()]
    assert [kinds.count(kind) for kind in ("qualifying", "certification", "quality")] == [6, 10, 28]
    rows = cells(block(clinician, '<table class="twin standard"', "table"))
    assert [row[2] for row in rows] == [item.met for item in ipdas.items.values()]
    assert all(row[3] for row in rows)


def test_what_a_criterion_says_is_met_can_be_seen_on_the_page(pages: dict[str, str], clinician: str) -> None:
    met = {name for name, item in evidence().checklists["ipdas"].items.items() if item.met == "met"}
    seen = {
        "funding": "Nobody paid for this page",
        "update-policy": "made anew for each visit",
        "date": "22 November 2026",
        "what-matters": "Tick how much each one counts for you",
        "questions": "Questions to ask at your next visit",
        "uncertainty": "90 % interval",
        "natural-course": "No treatment",
        "steps": "What to do next",
    }
    assert set(seen) <= met
    for name, words in seen.items():
        assert words.lower() in pages["en"].lower(), name


# --- on paper ---------------------------------------------------------------------------------------------------


def test_without_a_browser_there_is_no_pdf_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paper.shutil, "which", lambda _: None)
    with pytest.raises(NothingToGive, match=r"Install Chromium, or open plan.html in a browser and print it"):
        Report("<p>x</p>", "en").save(tmp_path / "plan.pdf")
    assert not list(tmp_path.iterdir()), "nothing half-written is left"


def test_the_command_line_asks_for_a_browser_before_it_works(cli, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paper.shutil, "which", lambda _: None)
    out = tmp_path / "out"
    status, said, error = cli("plan", EXAMPLES / "woman-47-pattern.yaml", "--pdf", "--out", out)
    assert status == 3 and "no PDF" in error and not said and not out.exists()


def test_an_unknown_reader_is_refused(plan: Plan) -> None:
    with pytest.raises(InputError, match=r"no page is for 'clinican'. Did you mean 'clinician'"):
        report(plan, audience="clinican")


def test_a_plan_writes_both_pages(cli, tmp_path: Path) -> None:
    woman, how = EXAMPLES / "woman-47-pattern.yaml", ("--draws", "20", "--language", "vi")
    assert cli("plan", woman, "--choose", "prp", "--out", tmp_path, *how)[0] == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"plan.html", "clinician.html", "plan.json", "plan.ics"}
    for name, audience in (("plan.html", "patient"), ("clinician.html", "clinician")):
        html = (tmp_path / name).read_text(encoding="utf-8")
        assert f'<body class="{audience}">' in html and '<html lang="vi"' in html
    assert json.loads((tmp_path / "plan.json").read_text())["choice"] == "prp"


def test_sections_are_those_of_their_table_and_each_has_a_template() -> None:
    for sections in html_module.SECTIONS.values():
        names = [section.name for section in sections]
        assert len(names) == len(set(names))
        for section in sections:
            source = (Path(html_module.__file__).parent / "templates" / f"{section.name}.html").read_text()
            assert f'id="{section.name}"' in source


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
    assert "spironolactone tablet – What is missing: creatinine, potassium" in said.replace("\n  ", " ")


def test_a_red_flag_comes_first_on_the_terminal() -> None:
    from follicast.assessment import assess

    said = shown(assessment_summary(assess(patient("patchy-exclamation-hairs"))))
    assert said.index("See a doctor first") < said.index("What it is likely to be")


def test_a_refused_arm_is_told_on_the_terminal() -> None:
    found = expect(patient("woman-47-pattern"), [Regimen("exosomes")], draws=10)
    assert "no forecast" in shown(forecast_summary(found.forecast))
