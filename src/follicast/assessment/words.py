"""Recognising the words of the intake: a sign, a disease or an allergy under any of its names.

What is not recognised is told as such. What is only nearly recognised (a misspelling) makes the word it comes
close to unknown, never absent: a haemophilia that was misspelt must not open a needle.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from follicast.evidence.library import evidence
from follicast.patient import folded

NEGATIONS = re.compile(r"\b(no|not|without|never|none|denies|absent)\b")
REMEMBERED = 8192  # words; a clinic hears the same ones again
SHORTEST_INSIDE = 5  # letters; shorter names ('AA', 'RA') are too easily part of another word


@dataclass
class Heard:
    """The terms heard in one list: `said` for certain, `perhaps` by a misspelling, `strange` not at all."""

    said: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)
    strange: dict[str, str] = field(default_factory=dict)


def hear(words: list[str], kinds: tuple[str, ...]) -> Heard:
    """Recognise each word as terms of the given kinds (the first kind that knows it wins)."""
    heard = Heard()
    for word in words:
        terms = _terms(word, kinds)
        if terms:
            heard.said |= terms
            continue
        near = _nearly(word, kinds)
        heard.strange[word] = evidence().terms[near].name if near else ""
        if near:
            heard.perhaps |= {near, *evidence().terms[near].implies}
    return heard


@lru_cache(maxsize=REMEMBERED)
def _terms(word: str, kinds: tuple[str, ...]) -> frozenset[str]:
    terms = _exactly(word, kinds) or _inside(word, kinds)
    return frozenset(wider for term in terms for wider in (term, *evidence().terms[term].implies))


def term_called(word: str, kind: str) -> str | None:
    """Return the id of the term of one kind that bears this name, or None."""
    return _names(kind).get(folded(word))


@cache
def _names(kind: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for term_id, term in evidence().terms.items():
        if term.kind == kind:
            for name in (term_id, term.name, *term.names):
                names.setdefault(folded(name), term_id)
    return names


@cache
def _phrases(kind: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    long = [(name, term) for name, term in _names(kind).items() if len(name) >= SHORTEST_INSIDE]
    return tuple((re.compile(rf"\b{re.escape(name)}s?\b"), term) for name, term in long)


def _exactly(word: str, kinds: tuple[str, ...]) -> set[str]:
    for kind in kinds:
        term = _names(kind).get(folded(word))
        if term:
            return {term}
    return set()


def _inside(word: str, kinds: tuple[str, ...]) -> set[str]:
    """Find terms named inside a longer phrase, unless the phrase denies something."""
    phrase = folded(word)
    if " " not in phrase or NEGATIONS.search(phrase):
        return set()
    return {term for kind in kinds for pattern, term in _phrases(kind) if pattern.search(phrase)}


@lru_cache(maxsize=REMEMBERED)
def _nearly(word: str, kinds: tuple[str, ...]) -> str | None:
    if NEGATIONS.search(folded(word)):
        return None
    for kind in kinds:
        close = difflib.get_close_matches(folded(word), list(_names(kind)), n=1, cutoff=0.8)
        if close:
            return _names(kind)[close[0]]
    return None
