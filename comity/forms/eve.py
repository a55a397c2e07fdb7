"""Suricata's EVE JSON, one event per line (Suricata user guide, section EVE JSON format); and JSON logs of unknown make."""

from __future__ import annotations

from comity.forms import zeek
from comity.forms.candidates import EMAIL, HASH, HOST, URL
from comity.forms.json_events import JsonReader

#: What EVE's keys mean for matching. Inside `grouped` the keys are record types, whose lists hold names and addresses.
ROLES = {
    **dict.fromkeys(("rrname", "rdata", "hostname", "sni", "helo"), HOST),
    **dict.fromkeys(("A", "AAAA", "CNAME", "NS", "MX", "PTR"), HOST),
    **dict.fromkeys(("http_refer", "url"), URL),
    **dict.fromkeys(("md5", "sha1", "sha256"), HASH),
    **dict.fromkeys(("mail_from", "rcpt_to", "from", "to", "cc"), EMAIL),
}


def eve_json() -> JsonReader:
    """A reader of EVE JSON."""
    return JsonReader(ROLES, {"hostname": "url"})


def any_json() -> JsonReader:
    """A reader of JSON events of unknown make: the keys of Zeek and EVE, and other common names for the same things."""
    others = dict.fromkeys(("domain", "dest_host", "dst_host", "request_host", "http_host"), HOST)
    return JsonReader({**others, **zeek.ROLES, **ROLES}, {"hostname": "url", "host": "uri"})
