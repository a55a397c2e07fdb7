"""The source of the generated sample files: `python tests/make_samples.py` writes them into comity/samples.

Deterministic on every machine and Python: all choices come from SHA-256 of a seed and a counter. A test compares files and output.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")
Json = dict[str, Any]

GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def words(text: str) -> list[str]:
    return text.split()


#: Indicators at even places are GREEN, at odd ones AMBER (see `stix_bundle` for the two exceptions).
DOMAINS = words(
    "steppe-post.example egov-signin.example heron-files.example passport-queue.example salyk-portal.example "
    "customs-forms.example notary-check.example parcel-track.example invoice-hub.example mail-verify.example "
    "cloud-docs.example tender-docs.example pay-notice.example bank-alert.example job-offers.example "
    "travel-refund.example pension-form.example water-bill.example update-agent.example beacon-relay.example "
    "static-fonts.example reed.example.org sync-heron.example.net heron-gate.example.com"
)
URLS = words(
    "http://egov-signin.example/kz/login.php http://steppe-post.example/track?id=7741 "
    "https://passport-queue.example/slot/confirm http://heron-files.example/d/Invoice_2021-10.iso "
    "http://lures.example.net/salyk/refund.html https://forms.example.org/customs/declaration.hta "
    "http://203.0.113.77/a/stage1.bin http://203.0.113.78:8080/gate.php "
    "https://update-agent.example/v2/check http://beacon-relay.example/q "
    "http://static-fonts.example/woff/heron.dat https://docs.example.com/shared/tender-4481.lnk"
)
IPV4 = [f"203.0.113.{last}" for last in (24, 41, 66, 77, 78, 90, 119, 150, 201, 233)]
IPV6 = ["2001:db8:41::7", "2001:db8:41::1f", "2001:db8:90:2::c2", "2001:db8:f00:d::1"]
FILES = ("stage1.bin", "Invoice_2021-10.iso", "tender-4481.lnk", "declaration.hta", "heron.dat")
HASHES = [sha256(f"STEPPE HERON sample {n}".encode()).hexdigest() for n in range(10)]


class Dice:
    """Repeatable choices: draw n is SHA-256 of the seed and n."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.drawn = 0

    def bits(self) -> int:
        self.drawn += 1
        return int.from_bytes(sha256(f"{self.seed}/{self.drawn}".encode()).digest()[:16], "big")

    def below(self, limit: int) -> int:
        return self.bits() % limit

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def uuid(self) -> str:
        return str(UUID(int=self.bits(), version=4))


def stix_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# --- the STIX bundle -------------------------------------------------------------------------------------------------------------


class Bundle:
    """Collects objects of one author, each with its marking and a time a little after the one before."""

    def __init__(self) -> None:
        self.dice = Dice("steppe-heron")
        self.at = datetime(2021, 10, 11, 6, 30, tzinfo=UTC)
        self.objects: list[Json] = []
        self.author = f"identity--{self.dice.uuid()}"

    def add(self, type_: str, marking: str, **properties: Any) -> str:
        id_ = self.author if type_ == "identity" else f"{type_}--{self.dice.uuid()}"
        self.at += timedelta(seconds=40 + self.dice.below(200))
        head = {"type": type_, "spec_version": "2.1", "id": id_, "created_by_ref": self.author}
        times = {"created": stix_time(self.at), "modified": stix_time(self.at)}
        self.objects.append(head | times | properties | {"object_marking_refs": [marking]})
        return id_

    def link(self, marking: str, source: str, how: str, target: str) -> str:
        return self.add("relationship", marking, relationship_type=how, source_ref=source, target_ref=target)


def observed() -> Iterator[tuple[str, str, str]]:
    """(value, STIX pattern, what it is) for the 60 indicators."""
    for domain in DOMAINS:
        yield domain, f"[domain-name:value = '{domain}']", "domain"
    for url in URLS:
        yield url, f"[url:value = '{url}']", "URL"
    for address in IPV4:
        yield address, f"[ipv4-addr:value = '{address}']", "IPv4 address"
    for address in IPV6:
        yield address, f"[ipv6-addr:value = '{address}']", "IPv6 address"
    for digest in HASHES:
        yield digest, f"[file:hashes.'SHA-256' = '{digest}']", "file"


#: The one RED indicator, and the one of a type that the sample agreement forbids.
RED_VALUE, FORBIDDEN_VALUE = "heron-gate.example.com", "203.0.113.233"
ROLES = {
    "domain": "Host name used by the campaign for lures or for its loader.",
    "URL": "Address from which a lure or a stage of the loader was fetched.",
    "IPv4 address": "Address that lure or relay hosts resolved to.",
    "IPv6 address": "Address that relay hosts resolved to.",
    "file": "File dropped or fetched by HERONLOAD.",
}


def stix_bundle() -> bytes:
    bundle = Bundle()
    bundle.add("identity", GREEN, name="KZ-CERT (sample)", identity_class="organization", sectors=["government-national"])
    campaign = bundle.add(
        "campaign",
        GREEN,
        name="STEPPE HERON",
        description="Phishing in the name of public services; those who open the attachment run a small loader.",
        first_seen="2021-09-20T00:00:00Z",
        objective="Stolen credentials and a first foothold",
    )
    malware = bundle.add(
        "malware",
        GREEN,
        name="HERONLOAD",
        description="Loader that fetches a second stage over HTTP and asks its relay for work every 15 minutes.",
        malware_types=["downloader"],
        is_family=True,
    )
    infrastructure = bundle.add(
        "infrastructure",
        AMBER,
        name="STEPPE HERON relays",
        description="Rented hosts that pass the loader's requests on.",
        infrastructure_types=["command-and-control", "hosting-malware"],
    )
    named = [campaign, malware, infrastructure]
    named.append(bundle.link(GREEN, campaign, "uses", malware))
    named.append(bundle.link(AMBER, campaign, "uses", infrastructure))
    named.append(bundle.link(AMBER, malware, "beacons-to", infrastructure))
    for number, (value, pattern, kind) in enumerate(observed()):
        marking = RED if value == RED_VALUE else AMBER if number % 2 and value != FORBIDDEN_VALUE else GREEN
        indicator = bundle.add(
            "indicator",
            marking,
            name=f"STEPPE HERON {kind} {number + 1:02d}",
            description=ROLES[kind],
            indicator_types=["anonymization" if value == FORBIDDEN_VALUE else "malicious-activity"],
            pattern=pattern,
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=stix_time(datetime(2021, 10, 1 + number % 10, tzinfo=UTC)),
            kill_chain_phases=[
                {
                    "kill_chain_name": "lockheed-martin-cyber-kill-chain",
                    "phase_name": "delivery" if kind in ("domain", "URL") else "command-and-control",
                }
            ],
            confidence=60 + 5 * bundle.dice.below(8),
        )
        link = bundle.link(marking, indicator, "indicates", campaign if kind in ("domain", "URL") else malware)
        if marking != RED and value != FORBIDDEN_VALUE:  # the report is for more readers than these two are
            named += [indicator, link]
    bundle.add(
        "report",
        AMBER,
        name="STEPPE HERON: phishing in the name of public services",
        description="What KZ-CERT (sample) knows of the campaign by mid-October 2021.",
        report_types=["campaign", "indicator"],
        published="2021-10-12T09:00:00.000Z",
        object_refs=named,
    )
    whole = {"type": "bundle", "id": f"bundle--{bundle.dice.uuid()}", "objects": bundle.objects}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


# --- the MISP event --------------------------------------------------------------------------------------------------------------

PORTALS = words("egov-login-kz gov-services-id tax-refund-kz salyk-online visa-desk edu-diploma mobile-topup city-permits")
#: (type, category, value, to_ids, comment, tlp tag or None, distribution)
Row = tuple[str, str, str, bool, str, str | None, str]


def misp_rows() -> list[Row]:
    network, payload = "Network activity", "Payload delivery"
    rows: list[Row] = []
    for n, name in enumerate(PORTALS):
        rows.append(("domain", network, f"{name}.example", True, "Copy of a sign-in page", "tlp:green" if n < 4 else None, "5"))
    for n, name in enumerate(PORTALS[:6]):
        rows.append(("url", network, f"https://{name}.example/auth/step{n + 1}", True, "", "tlp:green" if n < 2 else None, "5"))
    for n in range(4):
        rows.append(("hostname", network, f"mx{n + 1}.bulk-sender.example.net", True, "Sends the letters", None, "5"))
    for n, last in enumerate((12, 13, 87, 140)):
        rows.append(("ip-dst", network, f"198.51.100.{last}", True, "Hosts the pages", "tlp:green" if n < 2 else None, "5"))
    rows += [
        ("ip-src", network, "2001:db8:77::25", True, "Sends the letters", None, "5"),
        ("ip-dst|port", network, "198.51.100.87|8443", True, "Panel", None, "5"),
        ("domain|ip", network, "kit-panel.example|198.51.100.140", True, "Panel", None, "5"),
        ("email-src", payload, "service@bulk-sender.example.net", True, "Sender in the header", None, "5"),
        ("email-subject", payload, "Your refund is ready", False, "", None, "5"),
        ("sha256", payload, sha256(b"kit sample 1").hexdigest(), True, "Kit archive", "tlp:green", "5"),
        ("sha256", payload, sha256(b"kit sample 2").hexdigest(), True, "Kit archive", None, "5"),
        ("md5", payload, md5(b"kit sample 1").hexdigest(), True, "", None, "5"),
        ("sha1", payload, sha1(b"kit sample 1").hexdigest(), True, "", None, "5"),
        ("filename|sha256", payload, f"refund.zip|{sha256(b'kit sample 3').hexdigest()}", True, "", None, "5"),
        ("domain", network, "staging-kit.example", True, "Still being watched: not to leave the organisation", None, "0"),
        ("domain", network, "drop-kit.example", True, "For the banking group", None, "4"),
        ("link", "External analysis", "https://kz.example/advisories/2021-17", False, "Public advisory", "tlp:green", "5"),
        ("text", "Other", "Letters arrive on weekdays between 09:00 and 11:00 Astana time.", False, "", None, "5"),
    ]
    return rows


def misp_tag(name: str) -> Json:
    colour, id_ = {"tlp:green": ("#33FF00", "2"), "tlp:amber": ("#FFC000", "3")}[name]
    return {"id": id_, "name": name, "colour": colour, "exportable": True, "local": False, "relationship_type": None}


def misp_attribute(dice: Dice, number: int, row: Row, **more: Any) -> Json:
    type_, category, value, to_ids, comment, tag, distribution = row
    attribute: Json = {
        "id": str(4100 + number),
        "type": type_,
        "category": category,
        "to_ids": to_ids,
        "uuid": dice.uuid(),
        "event_id": "217",
        "distribution": distribution,
        "timestamp": str(1633946400 + 60 * number),
        "comment": comment,
        "sharing_group_id": "9" if distribution == "4" else "0",
        "deleted": False,
        "disable_correlation": False,
        "object_id": "0",
        "object_relation": None,
        "first_seen": None,
        "last_seen": None,
        "value": value,
        "Galaxy": [],
        "ShadowAttribute": [],
    }
    if tag:
        attribute["Tag"] = [misp_tag(tag)]
    if distribution == "4":
        attribute["SharingGroup"] = {
            "id": "9",
            "name": "Banking group (being set up)",
            "releasability": "Members of the group",
            "uuid": dice.uuid(),
            "SharingGroupOrg": [],
            "SharingGroupServer": [],
        }
    return attribute | more


def misp_file(dice: Dice, first: int) -> Json:
    digest = sha256(b"kit sample 4").hexdigest()
    parts: list[tuple[str, Row]] = [
        ("filename", ("filename", "Payload delivery", "gov-services-id.zip", False, "", None, "5")),
        ("sha256", ("sha256", "Payload delivery", digest, True, "", None, "5")),
        ("md5", ("md5", "Payload delivery", md5(b"kit sample 4").hexdigest(), True, "", None, "5")),
        ("size-in-bytes", ("size-in-bytes", "Other", "48211", False, "", None, "5")),
    ]
    return {
        "id": "88",
        "name": "file",
        "meta-category": "file",
        "description": "A file and what is known of it",
        "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215",
        "template_version": "24",
        "event_id": "217",
        "uuid": dice.uuid(),
        "timestamp": "1633950000",
        "distribution": "5",
        "sharing_group_id": "0",
        "comment": "Kit as found on a compromised host",
        "deleted": False,
        "first_seen": None,
        "last_seen": None,
        "ObjectReference": [],
        "Attribute": [
            misp_attribute(dice, first + n, row, object_id="88", object_relation=relation) for n, (relation, row) in enumerate(parts)
        ],
    }


def misp_event() -> bytes:
    dice = Dice("kz-phishing")
    org = {"id": "1", "name": "KZ-CERT (sample)", "uuid": dice.uuid(), "local": True}
    rows = misp_rows()
    attributes = [misp_attribute(dice, number, row) for number, row in enumerate(rows)]
    event: Json = {
        "id": "217",
        "orgc_id": "1",
        "org_id": "1",
        "date": "2021-10-11",
        "threat_level_id": "2",
        "info": "Copies of public-service sign-in pages, October 2021",
        "published": True,
        "uuid": dice.uuid(),
        "attribute_count": str(len(rows) + 4),
        "analysis": "1",
        "timestamp": "1633953600",
        "distribution": "3",
        "proposal_email_lock": False,
        "locked": False,
        "publish_timestamp": "1633957200",
        "sharing_group_id": "0",
        "disable_correlation": False,
        "extends_uuid": "",
        "protected": None,
        "Org": org,
        "Orgc": org,
        "Attribute": attributes,
        "ShadowAttribute": [],
        "RelatedEvent": [],
        "Galaxy": [],
        "Object": [misp_file(dice, len(rows))],
        "EventReport": [],
        "CryptographicKey": [],
        "Tag": [misp_tag("tlp:amber")],
    }
    return (json.dumps({"Event": event}, indent=1, ensure_ascii=False) + "\n").encode()


# --- the logs --------------------------------------------------------------------------------------------------------------------

ORDINARY = words(
    "www.example.com mail.example.com api.example.com img.example.net cdn.example.net edge3.example.net time.example.org "
    "www.example.org wiki.example.org updates.os.example fonts.web.example news.tashkent.example www.uni.uz.example "
    "mail.uz.example ldap.corp.uz.example portal.gov.uz.example video.stream.example chat.messenger.example ads.example.net "
    "telemetry.example.com repo.packages.example bank.uz.example weather.example maps.example.org"
)
#: Names and addresses that resemble indicators and must not hit.
LOOKALIKES = words(
    "notsteppe-post.example my-egov-signin.example heron-files.example.org bank-alert.example.net xreed.example.org example.org "
    "steppe-post-example.example.com mail.verify.example invoice-hubs.example cloud-docs.example.com"
)
NEAR_ADDRESSES = (
    "203.0.113.6",
    "203.0.113.2",
    "203.0.113.25",
    "203.0.113.20",
    "2001:db8:41::70",
    "2001:db8:41::",
    "2001:db8:90:2::c",
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
FIELDS = words("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query qtype_name rcode_name answers")
TYPES = words("time string addr port addr port enum string string string vector[string]")
Lookup = tuple[str, str, str, str]


def plain_address(dice: Dice) -> str:
    return f"{dice.pick(('192.0.2', '198.51.100'))}.{1 + dice.below(254)}"


def ordinary_lookup(dice: Dice) -> Lookup:
    """(query, query type, answer code, answers) of everyday traffic."""
    kind, name = dice.below(100), dice.pick(ORDINARY)
    if kind < 64:
        alias = dice.pick(("", "", "edge3.example.net,", "cdn.example.net,"))
        return name, "A", "NOERROR", alias + plain_address(dice)
    if kind < 78:
        return name, "AAAA", "NOERROR", f"2001:db8:{dice.below(32):x}::{1 + dice.below(200):x}" if kind < 72 else "-"
    if kind < 86:
        return (
            f"{dice.below(250)}.{dice.below(8)}.40.10.in-addr.arpa",
            "PTR",
            "NOERROR",
            f"host-{dice.below(900)}.corp.uz.example",
        )
    if kind < 90:
        return f"_ldap._tcp.site{dice.below(4)}.corp.uz.example", "SRV", "NOERROR", "dc1.corp.uz.example"
    if kind < 96:
        return f"wpad.{name}", "A", "NXDOMAIN", "-"
    if kind < 98:
        return dice.pick(LOOKALIKES), "A", "NOERROR", plain_address(dice)
    return name, "A", "NOERROR", dice.pick(NEAR_ADDRESSES[:4])


def planted_lookups(dice: Dice) -> list[Lookup]:
    """The 37 that hit, each exactly one GREEN or AMBER indicator: 12 names, 13 sub-domains, 8 IPv4 and 4 IPv6 answers."""
    exact = [(name, "A", "NOERROR", plain_address(dice)) for name in DOMAINS[:10]]
    exact += [("STEPPE-POST.example", "A", "NOERROR", plain_address(dice)), (DOMAINS[21], "AAAA", "NXDOMAIN", "-")]
    fronts = ("www", "login", "a1.mail", "x7f3q", "cdn", "Www", "n4.q", "img", "m", "static.eu", "id", "u", "_dmarc")
    below = [(f"{front}.{DOMAINS[8 + n]}", "A", "NOERROR", plain_address(dice)) for n, front in enumerate(fronts)]
    v4 = [(dice.pick(ORDINARY[:8]), "A", "NOERROR", f"edge3.example.net,{address}") for address in IPV4[:8]]
    v6 = [(dice.pick(ORDINARY[:8]), "AAAA", "NOERROR", address) for address in IPV6]
    return exact + below + v4 + v6


def dns_log() -> bytes:
    dice, lines = Dice("uz-dns"), 5000 - 9
    planted = planted_lookups(dice)
    places: set[int] = set()
    while len(places) < len(planted):
        places.add(dice.below(lines))
    queue = iter(planted)
    moment = 1634544000.0  # 2021-10-18 08:00 UTC
    out = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tdns",
        "#open\t2021-10-18-08-00-00",
    ]
    out += ["#fields\t" + "\t".join(FIELDS), "#types\t" + "\t".join(TYPES)]
    for place in range(lines):
        query, qtype, code, answers = next(queue) if place in places else ordinary_lookup(dice)
        moment += dice.below(8_000_000) / 1_000_000
        uid = "C" + "".join(_ALPHABET[dice.below(62)] for _ in range(15))
        client = f"10.40.{dice.below(8)}.{10 + dice.below(200)}"
        row = (
            f"{moment:.6f}",
            uid,
            client,
            str(1024 + dice.below(60000)),
            "10.40.0.53",
            "53",
            "udp",
            query,
            qtype,
            code,
            answers,
        )
        out.append("\t".join(row))
    out.append("#close\t2021-10-18-14-00-00")
    return ("\n".join(out) + "\n").encode()


PROXY_HITS = (
    URLS[0],
    URLS[4],
    URLS[6],
    "http://invoice-hub.example/view/88",
    "http://img.job-offers.example/logo.png",
    f"http://{IPV4[1]}/",
)
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:92.0)", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "curl/7.79.1")


def proxy_log() -> bytes:
    dice, lines = Dice("in-proxy"), 500
    places: list[int] = []
    while len(places) < len(PROXY_HITS):
        place = dice.below(lines)
        places += [place] if place not in places else []
    moment, out = datetime(2021, 10, 19, 3, 30, tzinfo=UTC), []
    for place in range(lines):
        moment += timedelta(seconds=dice.below(50))
        if place in places:
            url = PROXY_HITS[places.index(place)]
        else:
            host = dice.pick(LOOKALIKES) if dice.below(60) == 0 else dice.pick(ORDINARY)
            url = f"{dice.pick(('http', 'https'))}://{host}/{dice.pick(('', 'index.html', 'a/b.js', 'search?q=rain', 'img/1.png'))}"
        client, size = f"10.91.{dice.below(4)}.{2 + dice.below(200)}", 200 + dice.below(40000)
        when = moment.strftime("%d/%b/%Y:%H:%M:%S +0000")
        out.append(f'{client} - - [{when}] "GET {url} HTTP/1.1" {dice.pick((200, 200, 200, 304, 404))} {size} "-" "{dice.pick(AGENTS)}"')
    return ("\n".join(out) + "\n").encode()


#: File name -> its contents.
MADE = {
    "kz-threat-report.stix.json": stix_bundle,
    "kz-phishing.misp.json": misp_event,
    "uz-dns.log": dns_log,
    "in-proxy.log": proxy_log,
}

if __name__ == "__main__":
    folder = Path(__file__).parents[1] / "comity" / "samples"
    for name, make in MADE.items():
        folder.joinpath(name).write_bytes(make())
