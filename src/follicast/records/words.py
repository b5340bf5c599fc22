"""How records are spelt: ids, JSON, hashes, and names as they are compared."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from typing import Any

from follicast.errors import RecordsError

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another when read aloud or copied
_LENGTH = 14
_OWN_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ـ": ""}
)


def new_id() -> str:
    """Return a new random id; 68 bits, so that none is met twice or guessed."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def spelt(document: object, what: str) -> str:
    """Return a document as JSON text, always the same for the same content; raises `RecordsError` where it is none."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
        return text
    except (TypeError, ValueError):
        raise RecordsError(
            f"{what}: this is not plain JSON (numbers, words, lists, mappings; nothing infinite), so it is not kept."
        ) from None


def read(text: str) -> Any:
    """Return the document that `spelt` wrote."""
    return json.loads(text)


def digest(*parts: str | bytes) -> str:
    """Return the SHA-256 of parts, each with its length, so that no two lists of parts have one hash."""
    found = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        found.update(f"{len(raw)}:".encode() + raw)
    return found.hexdigest()


def fingerprint(content: bytes) -> str:
    """Return the plain SHA-256 of a file, as `sha256sum` prints it."""
    return hashlib.sha256(content).hexdigest()


def compared(text: str) -> str:
    """Return a name as it is compared: no case, no accents, no doubled blanks; for any script."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return " ".join(bare.translate(_OWN_LETTERS).split())


def short(text: str, what: str, most: int = 200, empty: bool = False) -> str:
    """Return a word without blanks around it; raises `RecordsError` where it is empty or too long, never quoting it."""
    bare = text.strip()
    if not bare and not empty:
        raise RecordsError(f"{what}: it is empty. Give a word or a few.")
    if len(bare) > most:
        raise RecordsError(f"{what}: it has {len(bare)} characters; at most {most} are kept.")
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in bare):
        raise RecordsError(f"{what}: it holds a sign that is no letter of any script. Type it anew.")
    return bare


def shown(id: str) -> str:
    """Return an id as a message may quote it: what is no id of ours may be a name, and is not repeated."""
    ours = (len(id) == _LENGTH and set(id) <= set(_LETTERS)) or id in ("local", "system")
    return f"id '{id}'" if ours else "the id that was given"


def pretty(document: object) -> str:
    """Return a document as JSON text that a person can read."""
    return json.dumps(document, ensure_ascii=False, indent=2)
