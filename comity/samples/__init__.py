"""Sample data for `comity demo` and `comity preview`: a made-up campaign, STEPPE HERON, seen by made-up national CERTs in October 2021.

Everything here is invented. Host names are under `.example` and `example.com/.net/.org` (RFC 2606), addresses from 192.0.2.0/24,
198.51.100.0/24, 203.0.113.0/24 (RFC 5737) and 2001:db8::/32 (RFC 3849), clients from 10.0.0.0/8; hashes are of made-up texts.

- `kz-threat-report.stix.json`: KZ's STIX 2.1 bundle: a report, the campaign, its malware and infrastructure, 60 indicators and what
  they indicate. 31 indicators are TLP:GREEN, 28 AMBER and one RED, which is for addressed recipients only. One GREEN indicator is
  of the type `anonymization`, which the sample agreement forbids.
- `kz-phishing.misp.json`: a MISP event of KZ with 40 attributes, TLP:AMBER, with GREEN on some of them. One attribute stays in its
  organisation (distribution 0), one goes to a sharing group that has no members yet.
- `uz-dns.log`: UZ's Zeek DNS log, 5,000 lines. 37 of them hit one GREEN or AMBER indicator each of KZ's bundle; look-alikes do not.
- `in-proxy.log`: IN's proxy access log, 500 lines, 6 of which hit.
- Four illustrative agreements, none of them the text of any treaty: `sco-ict-sample.toml` between members, observers and a centre;
  `cica-cbm-sample.toml` of a community of confidence-building measures; `hub-protocol-sample.toml` between two centres;
  `green-isac-sample.toml` of a sector's community that shares TLP:GREEN.
"""

from __future__ import annotations

from importlib.resources import files

from comity.errors import OurFault

#: The files that `read` gives.
NAMES = (
    *("kz-threat-report.stix.json", "kz-phishing.misp.json", "uz-dns.log", "in-proxy.log"),
    *("sco-ict-sample.toml", "cica-cbm-sample.toml", "hub-protocol-sample.toml", "green-isac-sample.toml"),
)


def read(name: str) -> bytes:
    """The bytes of one of `NAMES`. Raises OurFault for any other name."""
    if name not in NAMES:
        raise OurFault(f"no sample {name!r}: there are {', '.join(NAMES)}")
    return files(__name__).joinpath(name).read_bytes()
