"""Zeek intelligence files: a tab-separated table for the Intelligence Framework (Zeek manual, Intelligence Framework; Intel::Type).

`#fields` names the columns; a line that begins with `#` is a comment. A value's own `#`, backslash and whatever is not printable ASCII are
written `\\xHH`, which Zeek's reader takes back.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.forms.blocklist import Entry, Frame, Written, harmless, ordered, preamble, provenance

#: Kind of value -> Intel::Type. A CERT_HASH is the SHA-1 of a certificate, a FILE_HASH any hash that Zeek computes of files.
TYPES = {
    "domain": "Intel::DOMAIN",
    "ipv4": "Intel::ADDR",
    "ipv6": "Intel::ADDR",
    "cidr": "Intel::SUBNET",
    "url": "Intel::URL",
    "email": "Intel::EMAIL",
    "cert-sha1": "Intel::CERT_HASH",
    "md5": "Intel::FILE_HASH",
    "sha1": "Intel::FILE_HASH",
    "sha256": "Intel::FILE_HASH",
}
FIELDS = ("indicator", "indicator_type", "meta.source", "meta.desc", "meta.url")


def write(entries: Iterable[Entry], frame: Frame) -> Written:
    """An intel file; URLs stand in it without their scheme, as Zeek compares them."""
    listed = [entry for entry in ordered(entries) if entry.kind in TYPES]
    lines = ["\t".join(("#fields", *FIELDS)), *(f"# {said}" for said in preamble(listed, frame))]
    seen: set[tuple[str, str]] = set()
    for entry in listed:
        value = entry.value.partition("://")[2] if entry.kind == "url" else entry.value
        # Without their schemes two URLs may be one.
        if (value, TYPES[entry.kind]) not in seen:
            seen.add((value, TYPES[entry.kind]))
            lines.append("\t".join((escaped(value), TYPES[entry.kind], "comity", provenance(entry), _reference(entry))))
    left = tuple((entry, f"Zeek has no intelligence type for a {entry.kind}") for entry in ordered(entries) if entry.kind not in TYPES)
    return Written(text="\n".join(lines) + "\n", left_out=left)


def escaped(value: str) -> str:
    """A value as a field: it ends no field or line, is no comment, and is none of the reader's words for nothing."""
    text = "".join(char if "!" <= char <= "~" and char not in "#\\" else _bytes(char) for char in value)
    return _bytes(text[0]) + text[1:] if text in ("-", "(empty)") else text


def _bytes(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))


def _reference(entry: Entry) -> str:
    """The evidence where it is a web address that may stand unchanged, else Zeek's word for nothing."""
    fits = entry.evidence.startswith(("https://", "http://")) and harmless(entry.evidence) == entry.evidence and " " not in entry.evidence
    return entry.evidence if fits else "-"
