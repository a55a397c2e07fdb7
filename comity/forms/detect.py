"""What a piece of input is, by its content first and its name only where content cannot tell.

`kind` names what `comity add` may read: stix, misp, csv, list, html, pdf, text, or a log (zeek, eve, json).
`log_format` names how `comity match` reads a log (`LOG_FORMATS`); `oddity` says what speaks against one.
"""

from __future__ import annotations

import re

from comity.forms.columns import header_of
from comity.forms.textlines import make_of
from comity.terms.observable import guess

_PACKINGS = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    "bzip2": re.compile(rb"BZh[1-9](?:\x31\x41\x59\x26\x53\x59|\x17\x72\x45\x38\x50\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
}
KINDS = ("stix", "misp", "csv", "list", "html", "pdf", "text", "zeek", "eve", "json", *_PACKINGS, "binary")
LOG_FORMATS = ("zeek", "zeek-json", "eve", "json", "csv", "w3c", "json-text", "text")
#: How much of the input is looked at, and of it for how it is packed.
HEAD, PACKED = 65_536, 10

_STIX = re.compile(rb'"type"\s*:\s*"bundle"|"id"\s*:\s*"[a-z0-9-]{2,80}--[0-9a-fA-F]{8}-')
_MISP = re.compile(rb'"(?:Event|Attribute|Object|Orgc|threat_level_id|distribution)"\s*:')
_EVE = re.compile(rb'"event_type"\s*:')
_ZEEK = re.compile(rb'"(?:id[._]orig_h|id[._]resp_h|_path|@stream|uid)"\s*:')
_INTEL = re.compile(rb"#fields\t(?:[^\n]*\t)?indicator\t(?:[^\n]*\t)?indicator_type\b")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p)\b", re.IGNORECASE)
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[{\[\"\]]")
_BOM = b"\xef\xbb\xbf"
#: What stands around lines and says nothing; zeros are what a log has that was emptied while it was written.
_BLANK = b" \t\r\n\v\f\0"


def kind(head: bytes, name: str = "") -> str:
    """The kind of input of which `head` is the beginning (up to `HEAD` bytes are looked at)."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if packing := packed(head):
        return packing
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:4096]:
        return "binary"
    text = head[:HEAD].removeprefix(_BOM).lstrip()
    if _JSON.match(text):
        return _json_kind(text)
    if text.startswith((b"#separator", b"#fields")):
        return "csv" if _INTEL.match(text) else "zeek"
    if text[:1] == b"<" and _HTML.search(text[:4096]):
        return "html"
    return _lines_kind(text, name)


def packed(head: bytes) -> str:
    """How input is packed of which `head` is the beginning (`PACKED` bytes tell): `gzip`, `zstd`, `bzip2`, `xz`, `zip`, or "".

    A zstandard file may begin with a skippable frame (RFC 8878 section 3.1.2), as pzstd writes it.
    """
    return next((name for name, magic in _PACKINGS.items() if magic.match(head)), "")


def _json_kind(text: bytes) -> str:
    if _EVE.search(text):
        return "eve"
    if _STIX.search(text):
        return "stix"
    if _MISP.search(text):
        return "misp"
    return "zeek" if _ZEEK.search(text) else "json"


def _lines_kind(text: bytes, name: str) -> str:
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()[:200]]
    lines = [line for line in lines if line and not line.startswith(("#", ";", "//"))][:50]
    if not lines:
        return "list" if text else "text"
    single = sum(guess(line.split("#")[0]) is not None for line in lines)
    if single * 2 >= len(lines):
        return "list"
    for delimiter in "\t,;|":
        rows = [line.split(delimiter) for line in lines]
        hits = sum(any(guess(cell.strip(" \"'")) for cell in row) for row in rows if len(row) > 1)
        if hits * 2 >= len(lines) and min(len(row) for row in rows) > 1:
            return "csv"
    if sum(line.startswith(("0.0.0.0", "127.0.0.1")) for line in lines) * 2 >= len(lines):
        return "list"
    if name.lower().endswith((".csv", ".tsv")):
        return "csv"
    return "html" if _HTML.search(text[:4096]) and name.lower().endswith((".html", ".htm")) else "text"


def oddity(head: bytes, format: str) -> str:
    """Why input read in a log format is likely no log, empty when nothing speaks for that. `head` is its (unpacked) beginning."""
    if head.startswith(b"%PDF-") or b"\0" in head[:4096]:
        return "it looks binary: a log is text"
    if format not in ("json", "json-text"):
        return ""
    text = head[:HEAD].removeprefix(_BOM).lstrip()
    more = text.partition(b"\n")[2].lstrip()
    if format == "json" and more[:1] == b"{":
        return ""  # one event a line, whatever its keys
    found = _json_kind(text)
    if found in ("stix", "misp"):
        return f"it looks like {found.upper()}, which is no log: it may be meant for --indicators"
    return "it is JSON over several lines, read as plain text without bare names: write one event a line" if format == "json-text" else ""


def log_format(head: bytes) -> str:
    """How to read a log of which `head` is the beginning."""
    return explained(head)[0]


def explained(head: bytes) -> tuple[str, str]:
    """How to read a log of which `head` is the beginning, and what told."""
    text = head[:HEAD].removeprefix(_BOM).lstrip(_BLANK)
    for number, line in enumerate((line.lstrip(b"\0") for line in text.split(b"\n", 20)[:20]), 1):
        if line.startswith((b"#separator", b"#fields")):
            return "zeek", f"line {number} is a header of Zeek"
        if line.startswith(b"#Fields:"):
            return "w3c", f"line {number} is a header of the W3C extended log format"
        if line[:1] in (b"{", b"["):
            return _json_log(text, line.strip(_BLANK), number)
        if header_of(line.rstrip(b"\r")) is not None:
            return "csv", f"line {number} names columns"
        if line[:1] != b"#" and number > 5:
            break
    made = next((made for line in text.split(b"\n", 20)[:20] if (made := make_of(line))), None)
    return "text", f"its lines are those of a {made[0]}" if made else "no header and no JSON: lines of text"


def _json_log(text: bytes, first: bytes, number: int) -> tuple[str, str]:
    if first in (b"[", b"{") or (first[:1] == b"{" and first[-1:] not in (b"}", b",") and len(first) <= 2000):
        rest = b"".join(text.split(b"\n", number)[number:]).lstrip(_BLANK).partition(b"\n")[0].strip(_BLANK).rstrip(b",")
        event = rest[:1] == b"{" and rest[-1:] == b"}"
        if first == b"[" and event:
            return "json", f"line {number} begins an array with an event in each line"
        if not event:
            return "json-text", f"line {number} begins JSON that goes over several lines"
    if first[:1] == b"[":
        event = first[1:].lstrip()[:1] == b"{"
        return (
            ("json", f"line {number} is an array of events in JSON")
            if event
            else ("text", f"line {number} is neither a header nor an event")
        )
    if _EVE.search(text):
        return "eve", f"line {number} is JSON with the key event_type, as Suricata writes it"
    if _ZEEK.search(text):
        return "zeek-json", f"line {number} is JSON with keys of Zeek"
    return "json", f"line {number} is an event in JSON"
