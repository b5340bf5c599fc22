"""Recognising the words of the intake: a sign, a disease or an allergy under any of its names.

What is not recognised is told as such. What is only nearly recognised (a misspelling), doubted ('possible lupus')
or denied in words that are not wholly understood makes the word it comes close to unknown, never absent: a
haemophilia that was misspelt must not open a needle. Only a plain denial ('no diabetes') answers as absent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from follicast.evidence.library import evidence
from follicast.names import folded

NEGATIONS = re.compile(
    r"\b(no|not|non|without|never|none|nil|nor|denie[sd]|deny|denying|absent|absence|negative|không|chưa|لا|بدون|بلا|ليس)\b"
    r"|n't\b|n't |なし|無し|ない|ません"
)
DOUBTS = re.compile(
    r"\b(possibl[ey]|suspected|probabl[ey]|maybe|perhaps|query|unsure|unclear|might|rule out|疑い)\b|\?|疑い"
)
DENIED = re.compile(
    r"(?:no (?:known |current |past |personal )?history of|never had|denie[sd]|denying|absence of|negative for"
    r"|without|no|not|never"
    r"|không (?:có|bị)|không|chưa (?:từng )?(?:có|bị)|لا يوجد|بدون|بلا)\s+(?P<what>.+)"
)
DENIED_AFTER = re.compile(r"(?P<what>.+?)\s*[:=,]?\s*(?:\b(?:no|none|nil|absent|denied|negative)|なし|無し)")
BEFORE_A_NAME = re.compile(
    r"^(?:(?:any|a|an|the|known|current|signs? of|evidence of|history of|symptoms? of) )+"
)
PARTS = re.compile(r"\s*(?:[,;/+、・]|\bor\b|\bnor\b|\band\b|\bhoặc\b|\bvà\b|أو)\s*")
REMEMBERED = 8192  # words; a clinic hears the same ones again
SHORTEST_INSIDE = 5  # letters; shorter names ('AA', 'RA') are too easily part of another word
NEAR = 0.8  # share of letters in common from which a word is a misspelling of another
Kinds = tuple[str, ...]


@dataclass
class Heard:
    """The terms heard in one list: `said` and `denied` for certain, `perhaps` by a misspelling or a doubt.

    `strange` holds each word that was not recognised with the name it comes close to, or "".
    """

    said: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    strange: dict[str, str] = field(default_factory=dict)

    @property
    def leaves_open(self) -> bool:
        """Whether a word could mean anything, so that what was not named is not known to be absent."""
        return "" in self.strange.values()


def hear(words: Iterable[str], kinds: Kinds) -> Heard:
    """Recognise each word as terms of the given kinds (the first kind that knows it wins)."""
    heard = Heard()
    for word in words:
        one = _hear_one(word, kinds)
        heard.said |= one.said
        heard.denied |= one.denied
        heard.perhaps |= one.perhaps
        heard.strange |= one.strange
    return heard


def term_called(word: str, kind: str) -> str | None:
    """Return the id of the term of one kind that bears this name, or None."""
    return _names(kind).get(folded(word))


@lru_cache(maxsize=REMEMBERED)
def _hear_one(word: str, kinds: Kinds) -> Heard:
    """Recognise one entry; what is kept is never changed by those who read it."""
    phrase = folded(word)
    exact = _exactly(phrase, kinds)
    if exact:
        return _said({exact})
    if NEGATIONS.search(phrase):
        return _denial(word, phrase, kinds)
    inside = _inside(phrase, kinds)
    if inside and not DOUBTS.search(phrase):
        return _with_near_parts(phrase, inside, kinds)
    near = _nearly(phrase, kinds)
    return _doubtful(word, inside or ({near} if near else set()))


def _said(terms: set[str]) -> Heard:
    held = evidence().terms
    ruled_out = {other for term in terms for other in held[term].denies}
    return Heard(said=_wider(terms), denied=_narrower(ruled_out))


def _doubtful(word: str, terms: set[str]) -> Heard:
    near = evidence().terms[sorted(terms)[0]].name if terms else ""
    return Heard(perhaps=_wider(terms), strange={word: near})


def _denial(word: str, phrase: str, kinds: Kinds) -> Heard:
    """Take a denial at its word only if all of it is understood: 'no diabetes or asthma', not 'no control of sugar'."""
    for shape in (DENIED, DENIED_AFTER):
        found = shape.fullmatch(phrase)
        parts = [BEFORE_A_NAME.sub("", part) for part in PARTS.split(found["what"]) if part] if found else []
        terms = [_exactly(folded(part), kinds) for part in parts]
        if terms and all(terms) and not DOUBTS.search(phrase):
            return Heard(denied=_narrower({term for term in terms if term}))
    return _doubtful(word, _inside(phrase, kinds, shortest=3))


def _with_near_parts(phrase: str, inside: set[str], kinds: Kinds) -> Heard:
    """Say what was found in a longer phrase, and leave open what another part of it comes close to."""
    heard = _said(inside)
    for part in PARTS.split(phrase):
        if part and not _exactly(folded(part), kinds) and not _inside(part, kinds):
            near = _nearly(folded(part), kinds)
            if near and near not in heard.said:
                heard.perhaps |= _wider({near})
                heard.strange[part] = evidence().terms[near].name
    return heard


def _wider(terms: set[str]) -> set[str]:
    return {wider for term in terms for wider in (term, *evidence().terms[term].implies)}


def _narrower(terms: set[str]) -> set[str]:
    """Return the terms and all that imply one of them: who has no heart disease has no heart failure."""
    return terms | {name for name, term in evidence().terms.items() if terms & set(term.implies)}


@cache
def _names(kind: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for term_id, term in evidence().terms.items():
        if term.kind == kind:
            for name in (term_id, term.name, *term.names):
                names.setdefault(folded(name), term_id)
    return names


@cache
def _as_words(name: str) -> re.Pattern[str]:
    """Return a name as whole words, one or many; compiled only for names that a phrase may hold."""
    return re.compile(rf"\b{re.escape(name)}s?\b")


def _exactly(phrase: str, kinds: Kinds) -> str | None:
    return next((term for kind in kinds if (term := _names(kind).get(phrase))), None)


def _inside(phrase: str, kinds: Kinds, shortest: int = SHORTEST_INSIDE) -> set[str]:
    """Find terms named inside a longer phrase."""
    if " " not in phrase:
        return set()
    return {
        term
        for kind in kinds
        for name, term in _names(kind).items()
        if len(name) >= shortest and name in phrase and _as_words(name).search(phrase)
    }


def _nearly(phrase: str, kinds: Kinds) -> str | None:
    for kind in kinds:
        close = difflib.get_close_matches(phrase, _alike(phrase, kind), n=1, cutoff=NEAR)
        if close:
            return _names(kind)[close[0]]
    return None


def _alike(phrase: str, kind: str) -> list[str]:
    """Return the names that could come close at all: letters that only one of the two has are too many in others."""
    own, length = _letters(phrase), len(phrase)
    return [
        name
        for name, letters in _lettered(kind)
        if (own ^ letters).bit_count() <= (1 - NEAR) * (length + len(name))
        and NEAR * (length + len(name)) <= 2 * min(length, len(name))
    ]


@cache
def _lettered(kind: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, _letters(name)) for name in _names(kind))


def _letters(text: str) -> int:
    """Return which letters occur, as bits; letters may share a bit, which only ever lets a name through."""
    bits = 0
    for letter in text:
        bits |= 1 << ord(letter) % 64
    return bits
