"""Words that promise more than anyone knows; what Follicast says in its own voice may hold none of them.

It reads words, not meaning: an overclaim put in fresh words passes. A claim quoted from elsewhere is let through.
"""

from __future__ import annotations

import re

_OVERCLAIMS = {
    "en": r"\bcure[sd]?\b|\bguarante\w+|\bmiracl\w+|\brisk[- ]free\b|\bno side effects\b|\bcompletely safe\b|"
    r"\bbreakthrough\b|\brevolutionary\b|\bpermanent(ly)? (cure|result|regrowth)|\binstant\w*",
    "vi": r"chữa khỏi|khỏi hẳn|cam kết|đảm bảo|bảo đảm|thần kỳ|kỳ diệu|dứt điểm|vĩnh viễn|an toàn tuyệt đối|"
    r"không có tác dụng phụ|đột phá",
    "ar": r"شفاء تام|علاج نهائي|مضمون|نضمن|معجز|سحري|نهائي[ًّ]?ا|بلا آثار جانبية|آمن تمام|ثور[ية]",
    "ja": r"完治|必ず|保証|奇跡|絶対|確実に|副作用(は|が)?(ない|なし|ありません)|永久|画期的|根治",
}
_EVERYWHERE = r"(?<!\d)100 ?[%٪％](?!\d)"
_QUOTED = re.compile(
    r"“[^”]*”|«[^»]*»|「[^」]*」|『[^』]*』|(?<!\w)'[^'\n]*'(?!\w)|<q>.*?</q>|<blockquote>.*?</blockquote>",
    re.S,
)


def overclaims(words: str, language: str = "en") -> list[str]:
    """Return the overclaiming words of a text in a language, those of quoted claims left out."""
    plain = _QUOTED.sub(" ", words)
    return [found.group() for found in re.finditer(f"{_OVERCLAIMS[language]}|{_EVERYWHERE}", plain, re.I)]
