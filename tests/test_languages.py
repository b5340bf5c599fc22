"""What is said in four languages: every sentence there, nothing promised, and English that is easy to read."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import readability
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from pydantic import BaseModel

from follicast.errors import InputError
from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.plan import Plan, harms, preferences
from follicast.plan.of_skin import SkinPlan
from follicast.plan.walk import advise
from follicast.report import charts, choices, effects, outlook, report, trace
from follicast.report.text import LANGUAGES, isolated, marked, speech
from follicast.report.wording import overclaims

EXAMPLES = Path(__file__).parent.parent / "examples"
page_module = importlib.import_module("follicast.report.page")
html_module = importlib.import_module("follicast.report.html")
ROOM = Path(page_module.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
PLANS = [
    ("woman-47-pattern", "prp"),
    ("woman-47-pattern", None),
    ("woman-47-pattern", "minoxidil-oral"),
    ("woman-47-pattern", "watch"),
    ("man-28-vertex", None),
    ("man-28-vertex", "finasteride"),
    ("man-on-anticoagulant", None),
    ("woman-postpartum-4-months", None),
    ("woman-pregnant", None),
    ("woman-52-skin", None),
    ("woman-52-skin", "skin-mesotherapy-tranexamic-acid"),
]
HIGHEST_GRADE = 7.0
# Names of drugs and of what is measured are long in any words, and nobody is served by calling a drug otherwise.
_NAMES = re.compile(
    r"\b(minoxidil|finasteride|dutasteride|spironolactone|bicalutamide|cyproterone acetate|flutamide|"
    r"hyaluronic|tranexamic|testosterone|PRP|DHT|mesotherapy|osteopontin|platelets?|melasma)\b",
    re.I,
)


@pytest.fixture(scope="module")
def plans() -> list[Plan | SkinPlan]:
    """A plan for each bundled patient who may have one, and for some choices besides."""
    return [
        advise(Patient.load(EXAMPLES / f"{name}.yaml"), choice, months=12, draws=20) for name, choice in PLANS
    ]


@pytest.fixture(scope="module")
def pages(plans: list[Plan | SkinPlan]) -> dict[tuple[str, str], list[str]]:
    """Every plan for both readers in every language, without the drawings, which have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "scenes", lambda *_: None)
        patch.setattr(charts.vl_convert, "vegalite_to_svg", lambda _: '<svg viewBox="0 0 1 1"></svg>')
        few = {"patient": plans, "clinician": [plans[0], plans[-2]]}
        return {
            (language, audience): [report(plan, language, audience=audience).html for plan in some]
            for language in LANGUAGES
            for audience, some in few.items()
        }


def own_words() -> set[str]:
    """Every sentence that the templates and the modules of the room say in their own words."""
    found: set[str] = set()
    for path in sorted((ROOM / "templates").glob("*.html")):
        with path.open("rb") as file:
            found |= {
                str(words) for _, words, _, _ in extract("jinja2", file, keywords={"_": None, "say": None})
            }
    for path in sorted(ROOM.glob("*.py")):
        found |= set(_said(ast.parse(path.read_text(encoding="utf-8"))))
    found |= {words for pair in page_module.CLASSES.values() for words in pair}
    tables: list[dict[Any, str]] = [
        page_module.GRADES, html_module.REGIONS, outlook.SURE, effects.FINDINGS, effects.COMPARED, effects.BIAS,
        trace.VERDICTS, trace.EFFECTS, trace.HOW, choices.STOPS, choices.APPROVALS, preferences.CRITERIA,
        harms.WHEN_TO_STOP,
    ]  # fmt: skip
    found |= {words for table in tables for words in table.values()}
    heads = {section.head for sections in html_module.SECTIONS.values() for section in sections}
    met = {str(item.met) for item in evidence().checklists["ipdas"].items.values()}
    return found | heads | met | {"open", "waiting", "closed", "session", "at home", "review", "test"}


def _said(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("say", "html") and node.args:
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) > 1:
                    yield part.value


def catalogue(language: str) -> dict[str, str]:
    with (ROOM / "locale" / f"{language}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


# --- everything is said ----------------------------------------------------------------------------------------


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


def test_each_language_has_the_same_sentences() -> None:
    assert set(catalogue("vi")) == set(catalogue("ar")) == set(catalogue("ja"))


@pytest.mark.parametrize("audience", ["patient", "clinician"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language_and_direction_and_that_nobody_has_reviewed_it(
    pages: dict[tuple[str, str], list[str]], language: str, audience: str
) -> None:
    for html in pages[language, audience]:
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
        assert ('<p class="unreviewed" role="note">' in html) == (language != "en")


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_of_the_patients_page_is_left_untranslated(
    pages: dict[tuple[str, str], list[str]], language: str
) -> None:
    for html in pages[language, "patient"]:
        left = re.findall(r'<span lang="en" dir="ltr">(.*?)</span>', html, re.S)
        assert not left


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_sentence_hides_in_the_patients_page(
    pages: dict[tuple[str, str], list[str]], language: str
) -> None:
    english = re.compile(r"(?:[A-Za-z'’]+[ ,]+){3,}[A-Za-z'’]+")
    telling = re.compile(r"\b(the|and|of|with|is|are|that|from|was|not|for)\b")
    for html in pages[language, "patient"]:
        for words in _blocks(_without_marked_english(html.split("<main>")[1])):
            runs = [run for run in english.findall(words) if telling.search(run)]
            assert not runs, f"{language}: {runs}"


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_clinicians_page_leaves_in_english_is_marked_so(
    pages: dict[tuple[str, str], list[str]], language: str
) -> None:
    html = pages[language, "clinician"][0]
    assert '<span lang="en" dir="ltr">' in html, "rules are told in their own words"
    english = re.compile(r"(?:\b(?:the|and|of|with|is|are|that|from|was|not|for)\b.*){3,}")
    for words in _blocks(_without_marked_english(html.split("<main>")[1])):
        assert not english.search(words), words


def _without_marked_english(html: str) -> str:
    """Drop what is marked as English, code, citations and drawings."""
    html = re.sub(r"<(svg|style|script|sup|code)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r'<ol class="refs".*?</ol>', " ", html, flags=re.S)
    return re.sub(r'<(\w+)[^>]*\blang="en"[^>]*>.*?</\1>', " ", html, flags=re.S)


def _blocks(html: str) -> list[str]:
    """The words of a page, one string for each block of text."""
    inline = r"</?(?:a|b|strong|em|span|bdi|sup|small|code|time|br)\b[^>]*>"
    text = unescape(re.sub(r"<[^>]+>", "\n", re.sub(inline, " ", html)))
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


# --- how it is put together ------------------------------------------------------------------------------------


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


def test_a_language_without_a_catalogue_is_refused(plans: list[Plan | SkinPlan]) -> None:
    with pytest.raises(InputError, match="no language is called 'jp'"):
        report(plans[0], "jp")


# --- how hard it is to read ------------------------------------------------------------------------------------


def test_every_section_of_the_english_page_reads_at_grade_seven_or_below(
    pages: dict[tuple[str, str], list[str]],
) -> None:
    hard = {
        (PLANS[i], name): round(grade, 1)
        for i, html in enumerate(pages["en", "patient"])
        for name, sentences in _sections(html)
        if len(sentences) >= 3 and (grade := _grade(sentences)) > HIGHEST_GRADE
    }
    assert not hard


def test_what_is_put_right_is_told_at_grade_seven_or_below() -> None:
    library = evidence()
    told = [c.kindly for c in [*library.conflicts.values(), *library.claims.values()] if c.kindly]
    assert len(told) >= 20
    for words in told:
        assert _grade(re.split(r"(?<=[.!?]) ", words)) <= HIGHEST_GRADE, words


def test_the_measure_of_reading_tells_easy_from_hard() -> None:
    easy = ["You may stop at any time.", "Ask your doctor if it hurts."]
    hard = ["Pharmacological intervention necessitates comprehensive haematological surveillance beforehand."]
    assert _grade(easy) < 5 < HIGHEST_GRADE < 15 < _grade(hard)


def _sections(html: str) -> Iterator[tuple[str, list[str]]]:
    main = html.split("<main>")[1].split("</main>")[0]
    for found in re.finditer(r'<section id="(\w+)".*?</section>', main, re.S):
        sentences = [
            s for b in _blocks(_without_marked_english(found[0])) for s in re.split(r"(?<=[.!?])\s", b)
        ]
        yield found[1], [s for s in sentences if len(re.findall(r"[A-Za-z]+", s)) >= 4]


def _grade(sentences: list[str]) -> float:
    """Return the Flesch-Kincaid grade, names left out."""
    words = [" ".join(re.findall(r"[A-Za-z'’]+", _NAMES.sub(" ", s))) for s in sentences]
    measured = readability.getmeasures("\n".join(f"{line} ." for line in words if line), lang="en")
    return float(measured["readability grades"]["Kincaid"])


# --- nothing is promised ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised_in_what_we_say(language: str) -> None:
    said = own_words() if language == "en" else set(catalogue(language).values())
    assert not [(words, overclaims(words, language)) for words in said if overclaims(words, language)]


@pytest.mark.parametrize("audience", ["patient", "clinician"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_promised_on_any_page(
    pages: dict[tuple[str, str], list[str]], language: str, audience: str
) -> None:
    for html in pages[language, audience]:
        shown = re.sub(r'<ol class="refs".*?</ol>|<section id="disputes".*?</section>', " ", html, flags=re.S)
        english = " ".join(re.findall(r'lang="en"[^>]*>(.*?)<', shown))
        found = overclaims("\n".join(_blocks(_without_marked_english(shown))), language) + overclaims(english)
        assert not found


def test_nothing_is_promised_in_the_evidence_but_by_those_who_are_quoted() -> None:
    """A claim is the page's, a side is the other's, and a study's own result is as printed."""
    quoted = ("says", "replaces", "found", "title", "place", "unit", "honoured_by", "shown_at")
    library = evidence()
    shelves = ("therapy", "condition", "rule", "red-flag", "conflict", "checklist", "text", "use", "harm", "grade",
               "lab", "scale", "claim", "study")  # fmt: skip
    promised = [
        (shelf, name, words)
        for shelf in shelves
        for name, held in library.shelves[shelf].items()
        for field, words in _texts(held)
        if field not in quoted and overclaims(words)
    ]
    assert not promised


def _texts(held: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(held, str):
        yield field, held
    elif isinstance(held, BaseModel):
        for name in type(held).model_fields:
            yield from _texts(getattr(held, name), name)
    elif isinstance(held, dict):
        for value in held.values():
            yield from _texts(value, field)
    elif isinstance(held, list | tuple):
        for value in held:
            yield from _texts(value, field)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("A cure for baldness", "en"), ("Guaranteed hair", "en"), ("works in 100 % of people", "en"),
        ("It is proven to work", "en"), ("PRP is safe", "en"), ("a miracle lotion", "en"),
        ("There are no side effects", "en"), ("a painless method", "en"), ("works for everyone", "en"),
        ("Chữa khỏi rụng tóc", "vi"), ("Hiệu quả đã được chứng minh", "vi"), ("PRP rất an toàn", "vi"),
        ("không có tác dụng phụ", "vi"), ("đảm bảo mọc tóc", "vi"),
        ("نتيجة مضمونة", "ar"), ("العلاج آمن للجميع", "ar"), ("علاج مُثبت علميًا", "ar"), ("بلا آثار جانبية", "ar"),
        ("必ず生えます", "ja"), ("安全な治療です", "ja"), ("効果は証明されています", "ja"),
        ("副作用はありません", "ja"), ("100%の人に効く", "ja"),
    ],
)  # fmt: skip
def test_promises_are_found(words: str, language: str) -> None:
    assert overclaims(words, language)
    assert not overclaims(f"The page says “{words}”.", language)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("No treatment cures pattern hair loss.", "en"), ("Nobody can say that it is safe.", "en"),
        ("Never called proven.", "en"), ("1 of 100 people", "en"), ("safety rules: Japan", "en"),
        ("Không ai nói được nó an toàn.", "vi"), ("quy tắc an toàn: Nhật", "vi"),
        ("لا أحد يستطيع القول إنه آمن.", "ar"), ("قواعد السلامة", "ar"),
        ("安全とは言えません。", "ja"), ("安全規則：日本", "ja"), ("100人中3人", "ja"),
    ],
)  # fmt: skip
def test_denials_and_counts_are_let_through(words: str, language: str) -> None:
    assert not overclaims(words, language)
