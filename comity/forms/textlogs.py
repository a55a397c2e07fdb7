"""Free text and anything unknown: proxy and access logs, syslog, junk. Candidates are tokens at boundaries.

What counts: the host of every URL and the URL itself, IP addresses, hashes and e-mail addresses standing free, and bare
names between white space, quotes, brackets, commas or after `=`; with a slash behind them where a key stands before them
(`host=bad.example/path`) or a type or class of DNS after them (`bad.example/A/IN`, as BIND writes names). What does not: any other name
before a path, a name inside a path or query, or in an e-mail address. In pretty-printed JSON (`bare=False`) bare names are left out:
there, most quoted dotted words are not hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL, Candidate, text_of
from comity.terms.observable import HASH_KINDS

_SEPARATORS = bytes(range(32)) + b"\x7f\"'`,;=:()[]<>|{}"
_SPLIT = bytes(0x20 if byte in _SEPARATORS else byte for byte in range(256))
_NAME = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\Z")
#: A name as people write it, in letters of any script (RFC 5890 section 2.3.2.1).
_WIDE_NAME = re2.compile(r"[\pL\pM\pN_-]+(?:\.[\pL\pM\pN_-]+)+\.?$")
#: Quotation marks, full stops and the like of other scripts, which part words as those of ASCII do.
_SIGNS = re2.compile(r"[^\x00-\x7f\pL\pM\pN\p{Cf}\x{fffd}]")
_HEX = re.compile(rb"[0-9A-Fa-f]+\Z")
_V4 = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_V4_INSIDE = re.compile(rb"(?<![\w.-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w-]|\.[\w-])")
_V6 = re.compile(
    rb"(?<![\w:.\x80-\xff])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{1,4})?(?![\w\x80-\xff]|:[\w:\x80-\xff])"
)
_BEFORE_SLASH = (
    re.compile(rb"(?<![\w.=&?/%-])[\w.-]{1,64}=[\"']?((?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*\.?)/"),
    re.compile(
        rb"(?<![\w.=&?/%@-])((?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*\.?)/[A-Z][A-Z0-9]{0,10}(?:/[A-Z][A-Z0-9]{0,10})?(?![\w./?%-])"
    ),
)
_AFTER = re.compile(rb"[\w-]|\.[\w-]")
_REST = re.compile(rb"(?:\.[0-9]{1,3}){3}")
_EMAIL = re.compile(rb"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*\Z")
_URL_REST = re.compile(rb"[^\x00-\x20\x7f\"'<>\\`]*")
#: What no URL has (RFC 3986 section 2) but some are written with, and what logs write between fields (LEEF).
_SEPARATOR = re.compile(rb"[\^|]")
_WEB_SCHEMES = (b"https", b"http", b"ftp")
_TRAIL = b".,;:!?)]}'"
_MOST_INSIDE = 16
_LENGTHS = frozenset(HASH_KINDS.values())


class TextReader:
    """Reads lines as free text. `field` names the candidates: `text`, or `url` for what stands in a URL."""

    def __init__(self, *, bare: bool = True) -> None:
        self._bare = bare

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line."""
        found: list[Candidate] = []
        if b"://" in line:
            found.extend(("url", URL, text_of(url)) for url in _urls(line))
        self._tokens(line, found)
        if b"@" in line:
            found.extend(("text", EMAIL, text_of(match.group())) for match in _EMAIL.finditer(line))
        if self._bare and b"/" in line:
            found.extend(("text", HOST, text_of(match.group(1))) for each in _BEFORE_SLASH for match in each.finditer(line))
        if b"::" in line or line.count(b":") >= 7:
            found.extend(("text", ADDRESS, _address6(match)) for match in _V6.finditer(line) if not _goes_on(line, match))
        return found

    def _tokens(self, line: bytes, found: list[Candidate]) -> None:
        for token in line.translate(_SPLIT).split():
            word = token.rstrip(b".")
            if not token.isascii():
                for part in _SIGNS.sub(" ", text_of(token)).split():
                    if "." in part.rstrip("."):
                        self._dotted(part.encode(), found)
            elif b"." in word:
                self._dotted(token, found)
            elif len(word) in _LENGTHS and _HEX.match(word):
                found.append(("text", HASH, word.decode("ascii")))

    def _dotted(self, token: bytes, found: list[Candidate]) -> None:
        if _NAME.match(token) or (token[-1:] == b"." and _NAME.match(token[:-1])):
            if _V4.match(token.rstrip(b".")):
                found.append(("text", ADDRESS, token.rstrip(b".").decode("ascii")))
            elif self._bare:
                found.append(("text", HOST, token.decode("ascii")))
        elif self._bare and not token.isascii() and _WIDE_NAME.match(text_of(token)):
            found.append(("text", HOST, text_of(token)))
        elif token.count(b".") >= 3:
            found.extend(("text", ADDRESS, match.group().decode("ascii")) for match in _V4_INSIDE.finditer(token))


def _address6(match: re.Match[bytes]) -> str:
    """What was found without the colon of a sentence behind it (`from 2001:db8::1: refused`)."""
    text = text_of(match.group())
    return text[:-1] if text.endswith(":") and (text.endswith(":::") or not text.endswith("::")) else text


def _goes_on(line: bytes, match: re.Match[bytes]) -> bool:
    """Whether an address is only the beginning of something: as for one of version 4 where it ends like one, else before such an end."""
    return (_AFTER if b"." in match.group() else _REST).match(line, match.end()) is not None


def _urls(line: bytes) -> Iterator[bytes]:
    """Every URL in a line, those inside other URLs too (a few per run: a hostile line must not cost a square)."""
    at, end, inside = line.find(b"://"), 0, 0
    while at >= 0:
        if at >= end:
            rest = _URL_REST.match(line, at + 3)
            end, inside = rest.end() if rest else at + 3, 0
        found = _SCHEME.search(line, max(0, at - 16), at)
        if found and inside < _MOST_INSIDE:
            inside += 1
            scheme = found.group().lower()
            begin = at - len(next((web for web in _WEB_SCHEMES if scheme.endswith(web)), scheme))
            yield line[begin:end].rstrip(_TRAIL)
            cut = _SEPARATOR.search(line, at, end)
            if cut:
                yield line[begin : cut.start()].rstrip(_TRAIL)
        at = line.find(b"://", at + 3)
