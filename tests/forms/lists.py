"""Entries for the tests of block-list formats, and hostile values among them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from comity.forms.blocklist import Entry, Frame
from comity.terms.observable import normal

MADE = datetime(2021, 11, 1, 9, tzinfo=UTC)
FRAME = Frame(party="KZ", made=MADE, dispute="mail abuse@cert.example, naming the indicator")
HASHES = {"md5": "ab" * 16, "sha1": "cd" * 20, "sha256": "ef" * 32, "sha512": "01" * 64, "cert-sha1": "4a" * 20}
#: What ends comments, strings, options, fields and lines somewhere.
HOSTILE = 'x"; sid:1;) \\ ;\n\r\t# drop all\u2028,$(reboot)=cmd|\x1b[2J\x00'


def entry(kind: str = "domain", value: str = "login.example.net", **more) -> Entry:
    given = {
        "kind": kind,
        "value": value,
        "id": "indicator--a932fcc6-e032-476c-826f-cb970a5a1ade",
        "origin": "UZ",
        "tlp": "amber",
        "threat": ("malicious-activity",),
        "evidence": "https://cert.example/report/7",
        "said": MADE,
        "expires": datetime(2022, 1, 1, tzinfo=UTC),
        "score": 80,
        "confidence": 75,
    }
    return Entry(**{**given, **more})


def one_of_each() -> list[Entry]:
    return [
        entry(),
        entry("ipv4", "198.51.100.7"),
        entry("ipv6", "2001:db8::1:0:0:7"),
        entry("cidr", "203.0.113.0/24"),
        entry("cidr", "2001:db8:7::/48"),
        entry("url", "https://files.example.net/a/%22;b?x=1&y='"),
        entry("url", "http://198.51.100.9:8080/gate.php"),
        entry("email", "sender@mail.example.net"),
        *(entry(kind, value) for kind, value in HASHES.items()),
    ]


_label = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,10}[a-z0-9_])?", fullmatch=True)
domains = st.lists(_label, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"])).map(lambda n: normal("domain", n))
addresses = st.ip_addresses(v=4).map(str)
addresses6 = st.ip_addresses(v=6).map(lambda a: normal("ipv6", str(a)))
networks = st.one_of(st.tuples(st.ip_addresses(v=4), st.integers(1, 32)), st.tuples(st.ip_addresses(v=6), st.integers(1, 128))).map(
    lambda pair: normal("cidr", f"{pair[0]}/{pair[1]}")
)
_path = st.text(
    st.characters(exclude_characters=" #\x7f\x85\xa0\u2028\u2029", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=40
)
urls = st.tuples(domains, _path).map(lambda pair: normal("url", f"http://{pair[0]}/{pair[1]}"))
_local = st.text(
    st.characters(exclude_characters="@ \x7f\x85\xa0\u2028\u2029[](){}\\", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=20,
)
emails = st.tuples(_local, domains).map(lambda pair: f"{pair[0]}@{pair[1]}")
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
values = st.one_of(
    st.tuples(st.just("domain"), domains),
    st.tuples(st.just("ipv4"), addresses),
    st.tuples(st.just("ipv6"), addresses6),
    st.tuples(st.just("cidr"), networks),
    st.tuples(st.just("url"), urls),
    st.tuples(st.just("email"), emails),
    st.tuples(st.just("sha256"), hashes),
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.just(HOSTILE)
entries = st.lists(
    st.builds(
        lambda pair, evidence, word, also: entry(*pair, evidence=evidence, threat=(word,), also=also), values, text, text, st.integers(0, 9)
    ),
    max_size=8,
    unique_by=lambda one: (one.kind, one.value),
)
