"""Suricata's EVE JSON, one event per line (Suricata user guide, section EVE JSON format); and JSON logs of unknown make."""

from __future__ import annotations

from comity.forms.candidates import EMAIL, HASH, HOST, URL
from comity.forms.json_events import AnyReader, JsonReader, Parts
from comity.forms.textlines import LineReader

#: What EVE's keys mean for matching. Inside `grouped` the keys are record types, whose lists hold names and addresses.
ROLES = {
    **dict.fromkeys(("rrname", "rdata", "hostname", "sni", "subjectaltname", "mname", "helo"), HOST),
    **dict.fromkeys(("A", "AAAA", "CNAME", "NS", "MX", "PTR"), HOST),
    **dict.fromkeys(("http_refer", "url"), URL),
    **dict.fromkeys(("md5", "sha1", "sha256"), HASH),
    **dict.fromkeys(("mail_from", "rcpt_to", "from", "to", "cc"), EMAIL),
}


#: Where JSON logs divide a URL: Zeek and EVE, Elastic Common Schema (nested or dotted), web servers.
PARTS = (
    Parts("hostname", "url", port="http_port"),
    Parts("host", "uri"),
    Parts("host", "url"),
    Parts("host", "path", "query", "scheme"),
    Parts("host", "request_uri", "query", "scheme"),
    Parts("http_host", "request_uri", "query", "scheme"),
    Parts("server_name", "request_uri", "query", "scheme"),
    Parts("domain", "path", "query", "scheme", "port"),
    Parts("domain", "original", "query", "scheme", "port"),
    Parts("url.domain", "url.path", "url.query", "url.scheme", "url.port"),
    Parts("url.domain", "url.original", "url.query", "url.scheme", "url.port"),
)


def eve_json(*, addresses: bool = True) -> JsonReader:
    """A reader of EVE JSON."""
    return JsonReader(ROLES, PARTS[:1], addresses=addresses)


def any_json() -> AnyReader:
    """A reader of JSON events of unknown make: Elastic Common Schema, events of Windows and Sysmon, web servers, and the like."""
    return AnyReader(PARTS, LineReader())


def any_text() -> LineReader:
    """A reader of lines of text, also those that carry an event as JSON behind a header of syslog."""
    return LineReader(any_json().event)
