"""Words that promise more than anyone knows; what Follicast says in its own voice may hold none of them.

It reads words, not meaning: an overclaim put in fresh words passes, and a word that is denied beside it ("no
treatment cures", "never proven") is let through, as is a claim that is quoted from elsewhere.
"""

from __future__ import annotations

import re

#: By language: what is refused wherever it stands.
_OVERCLAIMS = {
    "en": r"\bguarante\w+|\bmiracl\w+|\brisk[- ]free\b|\bno side effects\b|\bwithout (any )?(side effects|risk)\b|"
    r"\bbreakthrough\b|\brevolutionary\b|\bgame[- ]chang\w+|\binstant(ly)?\b|\bpermanent(ly)? (result|regrowth)|"
    r"\bworld['’]s (best|first)\b|\bworks for (everyone|everybody|all)\b|\bfoolproof\b|\bflawless\b|"
    r"\bpainless\b|\ball[- ]natural\b|\bforever\b|\bmagic(al)?\b|\b(totally|perfectly) (safe|cured)\b",
    "vi": r"cam kết|(?<!không )(?<!chưa )đảm bảo|bảo đảm|thần kỳ|kỳ diệu|thần dược|dứt điểm|an toàn tuyệt đối|"
    r"không có tác dụng phụ|không tác dụng phụ|đột phá|không rủi ro|không đau đớn|tức thì|hoàn toàn tự nhiên|"
    r"hiệu quả tuyệt đối|tốt nhất thế giới",
    "ar": r"شفاء تام|علاج نهائي|مضمون|نضمن|معجز|سحري|نهائي[ًّ]?ا|بلا آثار جانبية|دون آثار جانبية|آمن تمام|"
    r"(?<!\w)ثور[ية]|بلا مخاطر|بلا ألم|فوري النتائج|طبيعي تمام|الأفضل في العالم|حل سحري|إلى الأبد(?! ?من)",
    "ja": r"完治|(?<!とは)保証|奇跡|絶対|確実に|副作用(は|が)?(一切)?(ない|なし|ありません)|画期的|根治|万能|革命的|"
    r"即効|無痛|リスク(は|が)?(ない|なし|ゼロ)|世界一|魔法|永久に|必ず(生|効|治|増)",
}
_NOT_ARABIC = r"(?<!\w)[وف]?(لا|لم|لن|ليس|ليست|غير|دون|هل|تقول|يقال|القول)(?!\w)"
#: By language: a word, and what denies, doubts or qualifies it where it stands before or after in the sentence.
_UNLESS = {
    "en": [
        (r"\bcure[sd]?\b", r"\b(no|not|never|none|nobody|nothing|without|neither|cannot)\b|n't\b|n’t\b"),
        (
            r"\bproven\b|\bproves?\b",
            r"\b(no|not|never|nothing|none|nobody|neither|says?|calls|whether|cannot|without|how far)\b|n't\b|n’t\b",
        ),
        (r"\bharmless\b", r"\b(no|not|nor|never|nothing|none|neither)\b|n't\b|n’t\b"),
        (
            r"\bsafe(ly)?\b",
            r"\b(no|not|never|none|nobody|whether|how|if|says?|calls|held|called|cannot|against|only|as to|more|less|"
            r"than|until|for this person|what is|treatments are|may be)\b|n't\b|n’t\b|\?",
        ),
    ],
    "vi": [
        (r"chữa khỏi|khỏi hẳn|khỏi hoàn toàn", r"không|chưa|chẳng"),
        (r"đã được chứng minh", r"không|chưa|chẳng|nói"),
        (r"(?<!quy tắc )(?<!kém )an toàn", r"không|chưa|chẳng|có .* không|quy tắc|mức|cho rằng|nói"),
        (r"vĩnh viễn", r"không|chưa|sẹo|mất"),
    ],
    "ar": [
        (r"(?<!\w)(ي|ت)?شفي|الشفاء", _NOT_ARABIC),
        (r"مثبت|مُثبت|أُثبت", _NOT_ARABIC),
        (r"(?<!\w)آمن", _NOT_ARABIC),
    ],
    "ja": [
        (r"治り(ます|きる)|治せ(る|ます)", r"ない|ませ|かも|見込み|うちに|ことがあ"),
        (r"証明(済|され(ている|ています|た|ました|ます))", r"ない|ませ|かどうか|という"),
        (
            r"(?<!不)安全(?!規則|性|側|に関|法|かどうか)(です|な|に|と)",
            r"ない|ませ|かどうか|いえ|言え|とされ|という|か。",
        ),
    ],
}  # fmt: skip
_EVERYWHERE = r"(?<![\d.,])100 ?[%٪％](?!\d)"
_QUOTED = re.compile(
    r"“[^”]*”|\"[^\"\n]*\"|«[^»]*»|「[^」]*」|『[^』]*』|(?<!\w)'[^'\n]*'(?!\w)|<q>.*?</q>|<blockquote>.*?</blockquote>",
    re.S,
)
_SENTENCE = re.compile(r"[^.!?。！？؟\n]+[.!?。！？؟]?")


def overclaims(words: str, language: str = "en") -> list[str]:
    """Return the overclaiming words of a text in a language, those of quoted claims left out."""
    plain = _QUOTED.sub(" ", words)
    found = re.finditer(f"{_OVERCLAIMS[language]}|{_EVERYWHERE}", plain, re.I)
    return [one.group() for one in found] + [
        word for s in _SENTENCE.findall(plain) for word in _unqualified(s, language)
    ]


def _unqualified(sentence: str, language: str) -> list[str]:
    """Return words of one sentence that only a denial or a doubt in the same sentence would let through."""
    return [
        found.group()
        for word, unless in _UNLESS[language]
        for found in re.finditer(word, sentence, re.I)
        if not re.search(unless, sentence, re.I)
    ]
