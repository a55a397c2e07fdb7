"""A text in the form in which it is looked through: one form of each character, ASCII digits, no invisible characters, nothing defanged.

Addresses that people write apart, to keep programs from reading them, stand joined behind the text that has them.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from comity.terms.expression import Expression
from comity.terms.person_words import MAIL

_AT = Expression(r"\s*[\[({<]\s*(?:at|@|ат|собака|собачка|艾特)\s*[\])}>]\s*|\s+(?:\(a\)|собака)\s+|%40|&#0*64;|&#x0*40;|&commat;|\\+@")
_ESCAPED_DOT = Expression("%2e")
_DOT = Expression(r"\s*[\[({<]\s*(?:dot|\.|точка|点|點)\s*[\])}>]\s*|\\+\.")
_SPOKEN = Expression(r"([\p{L}\p{N}._+-]+)\s+at\s+([\p{L}\p{N}-]+(?:\s+dot\s+[\p{L}\p{N}-]+)+)")
_SPACED = Expression(r"([\p{L}\p{N}]+[._][\p{L}\p{N}._+-]*)\s{1,3}@\s{1,3}([\p{L}\p{N}-]+(?:(?:\.|\s\.\s)[\p{L}\p{N}-]+)+)")
_NAMED_MAIL = Expression(
    rf"(?:^|[^\p{{L}}])(?:{MAIL})\s*[:：=]\s*([\p{{L}}\p{{N}}][\p{{L}}\p{{N}}._+-]*)\s{{1,3}}(?:@|(?-i:AT))\s{{1,3}}"
    r"([\p{L}\p{N}-]+(?:(?:\.|\s\.\s)[\p{L}\p{N}-]+)+)"
)
_BROKEN = Expression(r"([\p{L}\p{N}])@[ \t]?\r?\n\s{0,8}([\p{L}\p{N}])")
_SPOKEN_DOT = Expression(r"\s+dot\s+")


def plain(text: str) -> str:
    """The text in that form."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_table())
    if "%" in text:
        text = _ESCAPED_DOT.sub(".", text.replace("%20", " ").replace("%2B", "+").replace("%2b", "+"))
    if "at" in text.casefold() or any(each in text for each in ("%40", "&#", "&c", "(", "[", "{", "\\", "собак", "艾特")):
        text = _DOT.sub(".", _AT.sub("@", text))
        text += "".join(f" {said.group(1)}@{_SPOKEN_DOT.sub('.', said.group(2))}" for said in _SPOKEN.finditer(text))
    if "@" in text or "AT" in text:
        text = _joined(_NAMED_MAIL, text)
    if "@" in text:
        text = _joined(_SPACED, _BROKEN.sub(r"\1@\2", text))
    return text


def _joined(apart: Expression, text: str) -> str:
    """The text, and behind it the addresses in it that are written apart, without their spaces."""
    return text + "".join(f" {said.group(1)}@{said.group(2).replace(' ', '')}" for said in apart.finditer(text))


@cache
def _table() -> dict[int, str]:
    """How characters are read: the digits of any script as ASCII's, invisible ones as nothing."""
    digits = {point: str(unicodedata.digit(chr(point))) for point in range(0x660, 0x1FBFA) if unicodedata.category(chr(point)) == "Nd"}
    unseen = dict.fromkeys(
        (0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), ""
    )
    return digits | unseen | {0x3002: ".", 0xFF61: ".", 0xFE52: ".", 0xFE6B: "@"}
