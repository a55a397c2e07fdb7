"""A written report (HTML page or plain text) as STIX 2.1: its clean text as an artifact, its technical indicators, a report.

Only what the writer marked as an indicator counts: defanged names, addresses and URLs, and file hashes standing free. The
page's own links, footers, contacts and phone numbers are none. People confirm extracts before they go anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import parse_loosely
from comity.errors import SenderFault
from comity.forms import html_text
from comity.terms.item import Draft, Refused
from comity.terms.observable import HASH_KINDS, guess, refang
from comity.terms.stix import derived_id, indicator, sco_id, timestamp

#: Most of a report's text that its description repeats.
MAX_DESCRIPTION = 4000
_encode = msgspec.json.Encoder().encode

_HEAD_DATE = re.compile(r"\s*date\s+(\d{4}-\d\d-\d\d)\b")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}")
_PHONE = re.compile(r"\+\d[\d ()-]{7,20}\d")
_HEX = re.compile(r"(?=[a-fA-F]*[0-9])(?=[0-9]*[a-fA-F])[0-9a-fA-F]+\Z")
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\[:\]|\[://\]|hxxps?", re.IGNORECASE)
#: Headings after which a page lists other pages.
_ELSEWHERE = frozenset(
    (
        "popular",
        "most popular",
        "most read",
        "read also",
        "read more",
        "related",
        "related news",
        "related articles",
        "see also",
        "news partner",
        "latest news",
        "популярное",
        "читайте также",
        "самое читаемое",
        "热门",
        "相关新闻",
        "相关阅读",
    )
)


def read(raw: bytes, *, at: datetime, html: bool | None = None) -> Iterator[Draft | Refused]:
    """The drafts of one report: its text, its indicators, the report itself. Without a date of its own it is dated `at`.

    `html` None: see by the first character. Raises SenderFault for a PDF, which this node cannot read yet, and for what is no
    text.
    """
    if raw.startswith(b"%PDF-"):
        raise SenderFault("PDF reports are not read yet", next="save the report as text or HTML and add that")
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    if "\0" in text or text.count("\ufffd") * 20 > len(text):
        raise SenderFault("this is no UTF-8 text", next="convert it, for example with: iconv -f UTF-16 -t UTF-8")
    if html if html is not None else text.lstrip()[:1] == "<":
        page = html_text.parse(text)
        title, date, lines = page.title, page.published, list(page.blocks)
    else:
        lines = [" ".join(line.split()) for line in text.splitlines()]
        title, date = _title(lines), _date(lines)
    body = clean(lines)
    if not body:
        yield Refused(position="document", why="no line of it is a sentence, and none has an indicator")
        return
    yield from _drafts(title or body[0][:120], _moment(date) or at, "\n\n".join(body))


def clean(lines: list[str]) -> list[str]:
    """The lines that are the report: sentences, once each, without contacts, machine text and lists of other pages."""
    kept: dict[str, None] = {}
    for line in lines:
        line = line.strip()
        if line.lower().rstrip(":") in _ELSEWHERE:
            break
        if _EMAIL.search(line) and (_PHONE.search(line) or len(line) < 120):
            continue
        if _HEAD_DATE.match(line) or line.startswith(("http://", "https://", "/html/")) or _ISO.fullmatch(line):
            continue
        if len(line.split()) >= 5 or _DEFANGED.search(line) or _hashes(line) or ("。" in line and len(line) >= 10):
            kept[line] = None
    return list(kept)


def extract(text: str) -> list[tuple[str, str]]:
    """The (kind, value) of what a text marks as indicators: defanged observables and free-standing file hashes. No e-mails:
    `name[at]office` is how offices write their own addresses.
    """
    found: dict[tuple[str, str], None] = {}
    for token in text.split():
        token = token.strip("\"'`,;<>“”«»").rstrip(".:!?)")
        if _DEFANGED.search(token):
            pair = guess(refang(token)) or guess(refang(token.strip("()[]{}")))
            if pair and pair[0] != "email":
                found[pair] = None
    for value in _hashes(text):
        pair = guess(value)
        if pair:
            found[pair] = None
    return list(found)


def _hashes(text: str) -> list[str]:
    """Tokens that are hashes: of a hash's length, hexadecimal, with digits and letters, and not part of a longer word or URL."""
    lengths = set(HASH_KINDS.values())
    tokens = (word.strip("\"'`,;:.()[]{}<>|“”«»") for word in text.split())
    return [token for token in tokens if len(token) in lengths and _HEX.match(token)]


def _title(lines: list[str]) -> str:
    """The first line that reads like a headline: four words or more, no bread crumbs, not the dump's own first line."""
    for line in lines:
        if len(line.split()) >= 4 and not line.endswith(">") and not _HEAD_DATE.match(line) and "://" not in line:
            return line[:300]
    return ""


def _date(lines: list[str]) -> str:
    """The dump's date, to the minute where a time stamp of the same day stands in the text."""
    head = next((found.group(1) for found in map(_HEAD_DATE.match, lines[:3]) if found), "")
    stamps = [found.group() for line in lines for found in _ISO.finditer(line)]
    return next((stamp for stamp in stamps if stamp.startswith(head)), head)


def _moment(text: str) -> datetime | None:
    for form in (text, text[:10]):
        try:
            return parse_loosely(form) if form else None
        except ValueError:
            continue
    return None


def _drafts(title: str, published: datetime, text: str) -> Iterator[Draft]:
    raw = text.encode("utf-8")
    artifact: dict[str, Any] = {
        "type": "artifact",
        "spec_version": "2.1",
        "id": "",
        "mime_type": "text/plain",
        "payload_bin": base64.b64encode(raw).decode("ascii"),
    }
    artifact["id"] = sco_id(artifact)
    yield Draft(raw=_encode(artifact), obj=artifact, position="text", derived=True)
    refs = [artifact["id"]]
    for number, (kind, value) in enumerate(extract(text)):
        found = indicator(kind, value, created=published)
        refs.append(found["id"])
        yield Draft(raw=_encode(found), obj=found, position=f"indicator[{number}]", derived=True)
    report = {
        "type": "report",
        "spec_version": "2.1",
        "id": derived_id("report", hashlib.sha256(raw).hexdigest()),
        "created": timestamp(published),
        "modified": timestamp(published),
        "name": title,
        "description": text[:MAX_DESCRIPTION],
        "published": timestamp(published),
        "object_refs": refs,
    }
    yield Draft(raw=_encode(report), obj=report, position="report", derived=True)
