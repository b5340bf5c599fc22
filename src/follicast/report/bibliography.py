"""The works that an answer rests on, for a reference manager."""

from __future__ import annotations

from collections.abc import Iterable

from follicast.evidence.library import evidence
from follicast.evidence.reference import Reference

_TYPES = {"article": "article", "review": "article", "book": "book"}  # all else is `misc`


def bibtex(citekeys: Iterable[str]) -> str:
    """Return the works as BibTeX, one entry a citekey, sorted.

    Each entry carries in `annote` how much of the work was read; none is cited as read that was not.
    """
    from pybtex.database import BibliographyData

    known = evidence().references
    entries = {key: _entry(known[key]) for key in sorted(set(citekeys))}
    return str(BibliographyData(entries=entries).to_string("bibtex"))


def _entry(work: Reference) -> object:
    from pybtex.database import Entry, Person

    kind = _TYPES.get(work.kind, "misc") if work.where else "misc"
    people = [Person(last=f"{{{name}}}" if "," in name else name) for name in _names(work.authors or "")]
    return Entry(kind, fields=_fields(work, kind), persons={"author": people} if people else {})


def _names(authors: str) -> list[str]:
    """Split "A and B" or "A et al." into names; "others" is BibTeX's own word for the rest."""
    return [name for name in authors.replace(" et al.", " and others").split(" and ") if name]


def _fields(work: Reference, kind: str) -> dict[str, str]:
    place = {"article": "journal", "book": "publisher"}.get(kind, "howpublished")
    fields = {
        "title": work.title, "year": work.year, place: work.where, "doi": work.doi, "pmid": work.pmid,
        "url": work.url, "annote": f"read: {work.read}",
    }  # fmt: skip
    return {name: str(value) for name, value in fields.items() if value}
