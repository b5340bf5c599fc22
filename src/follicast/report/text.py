"""What is said, in the reader's language: one catalogue for words, numbers, dates and money.

English is the language of the catalogue itself. A sentence that has no translation is shown in English and
marked as such; no sentence here has yet been read by a native clinician of another language.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import Translations
from markupsafe import Markup, escape

from follicast.errors import InputError, did_you_mean

#: Each language by its own name, and the way it is written.
LANGUAGES = {
    "en": ("English", "ltr"),
    "vi": ("Tiếng Việt", "ltr"),
    "ar": ("العربية", "rtl"),
    "ja": ("日本語", "ltr"),
}
_LONG_DATE = {"en": "d MMMM y", "vi": "d MMMM, y", "ar": "d MMMM y", "ja": "y年M月d日"}
_DAY_DATE = {"en": "EEE d MMM y", "vi": "EEEE, d/M/y", "ar": "EEEE d MMMM y", "ja": "y年M月d日(EEE)"}
_HERE = Path(__file__).parent / "locale"
_FIXED = 6  # letters that a sentence must have of its own before it may serve as a pattern
_MARKS = {
    "en": {": ": ": ", ", ": ", "},
    "vi": {": ": ": ", ", ": ", "},
    "ar": {": ": ": ", ", ": "، "},
    "ja": {": ": "：", ", ": "、"},
}
_MANY = 12  # sentences that are looked through for ones that are known
_ALONE = ".,;:!?()[]'\"«»،؛ "


@dataclass(frozen=True)
class Speech:
    """One language: `say` for our own words, `told` for the words of the evidence, and figures as it writes them."""

    language: str

    @property
    def direction(self) -> str:
        """ "ltr", or "rtl" for Arabic."""
        return LANGUAGES[self.language][1]

    def say(self, words: str, /, **values: object) -> str:
        """Return our own words in this language, with values put in their places."""
        said = _catalogue(self.language).get(words, words)
        said = said.format(**{name: str(value) for name, value in values.items()}) if values else said
        return marked(said) if self.direction == "rtl" else said

    def told(self, words: str) -> str | None:
        """Return words of the evidence or of a plan in this language; None where nobody has translated them."""
        if self.language == "en":
            return words
        return _told(self.language, " ".join(words.split()))

    def html(self, words: str, /, **values: object) -> Markup:
        """Return our own words as safe HTML; values and Latin words keep their direction inside Arabic lines."""
        said = _catalogue(self.language).get(words)
        if said is None:
            return self._english(_filled(words, values, rtl=False))
        return _filled(said, values, rtl=self.direction == "rtl")

    def told_html(self, words: object) -> Markup:
        """Return words of the evidence as safe HTML, marked as English where they are not translated."""
        said = self.told(str(words))
        if said is None:
            return self._english(escape(words))
        return isolated(said) if self.direction == "rtl" else escape(said)

    def _english(self, words: Markup) -> Markup:
        if self.language == "en":
            return words
        return Markup('<span lang="en" dir="ltr">{}</span>').format(words)

    def listed(self, parts: Iterable[str]) -> Markup:
        """Return parts with this language's comma between them, as safe HTML."""
        return Markup(_MARKS[self.language][", "]).join(parts)

    @property
    def stop(self) -> str:
        """The full stop."""
        return "。" if self.language == "ja" else "."

    def sentences(self, parts: Iterable[str]) -> str:
        """Return parts as sentences in a row."""
        return ("" if self.language == "ja" else " ").join(part + self.stop for part in parts)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with so many digits after the point, in Latin digits."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = round(value, digits)
        said = str(format_decimal(abs(rounded), pattern, locale=self.language, numbering_system="latn"))
        return "−" + said if rounded < 0 else said

    def signed(self, value: float, digits: int = 0) -> str:
        """Return a number with its sign shown, for changes."""
        said = self.number(abs(value), digits)
        if round(value, digits) == 0:
            return said
        return ("+" if value > 0 else "−") + said

    def money(self, amount: float, currency: str) -> str:
        """Return an amount of money as this language writes it."""
        said = str(format_currency(amount, currency, locale=self.language, numbering_system="latn"))
        return said.replace("JP¥", "¥").replace("￥", "¥").replace("\N{RIGHT-TO-LEFT MARK}", "")

    def date(self, day: dt.date) -> str:
        """Return a date in full words."""
        return str(format_date(day, _LONG_DATE[self.language], locale=self.language))

    def day(self, day: dt.date) -> str:
        """Return a date with its day of the week."""
        return str(format_date(day, _DAY_DATE[self.language], locale=self.language))


@cache
def speech(language: str = "en") -> Speech:
    """Return the speech of a language; refuses one that has no catalogue."""
    if language not in LANGUAGES:
        hint = did_you_mean(language, LANGUAGES)
        raise InputError(f"report: no language is called '{language}'.{hint} All: {', '.join(LANGUAGES)}.")
    return Speech(language)


def isolated(words: str) -> Markup:
    """Return words as safe HTML with every Latin run of a right-to-left line kept together."""
    return Markup("").join(
        Markup('<bdi dir="ltr">{}</bdi>').format(run) if turns else escape(run) for run, turns in _runs(words)
    )


def marked(words: str) -> str:
    """Return words with every Latin run kept together by marks that no one sees, for charts and terminals."""
    plain = words.replace(_APART, "").replace(_AGAIN, "")
    return "".join(f"{_APART}{run}{_AGAIN}" if turns else run for run, turns in _runs(plain))


def _runs(words: str) -> Iterator[tuple[str, bool]]:
    """Yield stretches of a line, and whether each would turn round in a right-to-left line."""
    for i, piece in enumerate(_LATIN.split(words)):
        core = piece.strip(_ALONE) if i % 2 else ""
        if not core or not _TURNS.search(core):
            yield piece, False
            continue
        before, after = piece.split(core, 1)
        yield from ((before, False), (core, True), (after, False))


# A Latin run may hold spaces and marks, and turns round in an Arabic line where it has a letter or a sign.
_APART, _AGAIN = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_LATIN = re.compile(r"([0-9A-Za-zµ+−¥][0-9A-Za-zµ²³%.,'’+\-–−/:×= ]*)")
_TURNS = re.compile(r"[A-Za-zµ%+−–¥/×=-]")


def _filled(words: str, values: dict[str, object], rtl: bool) -> Markup:
    """Put values into words as safe HTML; a value that is HTML already stays as it is."""
    wrap = isolated if rtl else escape
    parts = []
    for literal, name, _, _ in string.Formatter().parse(words):
        parts.append(wrap(literal))
        if name:
            parts.append(_value(values[name]) if rtl else escape(values[name]))
    return Markup("").join(parts)


def _value(value: object) -> Markup:
    """Keep a value apart from the right-to-left line around it, in its own direction."""
    said = escape(value)
    way = "auto" if any("\u0590" <= letter <= "\u08ff" for letter in said) else "ltr"
    return Markup('<bdi dir="{}">{}</bdi>').format(way, said)


@cache
def _catalogue(language: str) -> dict[str, str]:
    """Return English words to the words of a language; English needs none."""
    if language == "en":
        return _Same()
    with (_HERE / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language)
    binary = io.BytesIO()
    write_mo(binary, read)
    binary.seek(0)
    known: dict[Any, Any] = Translations(binary)._catalog
    return {words: said for words, said in known.items() if isinstance(words, str) and words and said}


class _Same(dict[str, str]):
    """The English catalogue: every sentence stands for itself."""

    def get(self, words: str, default: Any = None) -> Any:
        return words


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences with places in them, as patterns, the most particular first."""
    found = []
    for words, said in _catalogue(language).items():
        names = [name for _, name, _, _ in string.Formatter().parse(words) if name]
        fixed = sum(len(literal) for literal, *_ in string.Formatter().parse(words))
        if names and fixed >= _FIXED and len(set(names)) == len(names):
            found.append((re.compile(_pattern(words)), said))
    return sorted(found, key=lambda pair: -len(pair[0].pattern))


def _pattern(words: str) -> str:
    pieces = ((re.escape(literal), name) for literal, name, _, _ in string.Formatter().parse(words))
    return "".join(literal + (f"(?P<{name}>.+?)" if name else "") for literal, name in pieces) + r"\Z"


@lru_cache(maxsize=20_000)
def _told(language: str, words: str) -> str | None:
    """Return the translation of words that are known, or are put together of words that are."""
    return _whole(language, words) or _by_sentences(language, words)


def _whole(language: str, words: str) -> str | None:
    """Return the translation of words that are known, fit a pattern, or are two or more known parts."""
    known = _catalogue(language).get(words) or _by_pattern(language, words)
    return known or _joined(language, words, ": ", 1) or _joined(language, words, ", ", -1)


def _joined(language: str, words: str, mark: str, times: int) -> str | None:
    """Return the translation of parts with a mark between them, if each part is known."""
    parts = words.split(mark, times)
    said = [_catalogue(language).get(part) or _by_pattern(language, part) for part in parts]
    if len(parts) < 2 or None in said:
        return None
    return _MARKS[language][mark].join(filter(None, said))


def _by_sentences(language: str, words: str) -> str | None:
    """Return the translation of sentences that were joined, if each stretch of them is known."""
    sentences = re.split(r"(?<=[.!?]) ", words)
    said: list[str] = []
    while sentences:
        for k in range(len(sentences), 0, -1):
            found = _whole(language, " ".join(sentences[:k])) if len(sentences) < _MANY else None
            if found:
                said, sentences = [*said, found], sentences[k:]
                break
        else:
            return None
    return ("" if language == "ja" else " ").join(said)


def _by_pattern(language: str, words: str) -> str | None:
    """Return the translation of words that a sentence with places made, its values translated in turn."""
    for pattern, said in _patterns(language):
        found = pattern.match(words)
        if found:
            values = {name: _part(language, value) for name, value in found.groupdict().items()}
            if None not in values.values():
                return said.format(**values)
    return None


def _part(language: str, value: str) -> str | None:
    """Return a value of a pattern in a language; numbers stand as they are."""
    return speech(language).told(value) if re.search(r"[A-Za-z]{2}", value) else value
