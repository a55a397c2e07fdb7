"""The sample files are what their description says: generated, valid, reserved names only, hits counted by hand."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import re
import tomllib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity import samples
from comity.agree.agreement import check as check_agreement
from comity.agree.agreement import read as read_agreement
from comity.agree.decide import Question, Rules, decide
from comity.agree.lint import lint
from comity.errors import OurFault
from comity.terms.party import Register, Standing
from comity.terms.stix import check, pattern_value, references
from comity.terms.tlp import BY_ID
from comity.terms.traits import Traits

RESERVED = re.compile(r"(?:[a-z0-9_-]+\.)*(?:example|example\.(?:com|net|org)|in-addr\.arpa)\Z")
NETS = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32")]
FILE_ENDS = {"php", "iso", "hta", "bin", "lnk", "dat", "js", "png", "html", "zip"}


@cache
def bundle() -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(samples.read("kz-threat-report.stix.json"))["objects"]
    return objects


def of_type(type_: str) -> list[dict[str, Any]]:
    return [obj for obj in bundle() if obj["type"] == type_]


def tlp_of(obj: dict[str, Any]) -> str:
    (marking,) = obj["object_marking_refs"]
    return BY_ID[marking]


@cache
def generator() -> ModuleType:
    path = Path(__file__).parents[1] / "make_samples.py"
    spec = importlib.util.spec_from_file_location("make_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [n for n in samples.NAMES if not n.endswith(".toml")])
def test_files_equal_what_the_generator_makes(name: str) -> None:
    assert samples.read(name) == generator().MADE[name]()


def test_only_the_named_files_are_given() -> None:
    with pytest.raises(OurFault, match="uz-dns"):
        samples.read("../samples/__init__.py")
    folder = Path(samples.__file__).parent
    assert {path.name for path in folder.iterdir() if path.is_file()} == {*samples.NAMES, "__init__.py"}


def names_in(text: str) -> set[str]:
    """Whatever looks like a host name: two labels or more, the last alphabetic."""
    return {name.lower() for name in re.findall(r"(?<![\w.-])(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,}(?![\w-])", text)}


@pytest.mark.parametrize("name", samples.NAMES)
def test_names_and_addresses_are_reserved(name: str) -> None:
    text = re.sub(r"^(#.*|\[(party|cap|profile|map)\..*)$", "", samples.read(name).decode(), flags=re.MULTILINE)
    for host in names_in(text):
        assert RESERVED.match(host) or host.rpartition(".")[2] in FILE_ENDS, host
    found = set(re.findall(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", text)) | set(
        re.findall(r"(?<![\w:])[0-9a-f:]*::[0-9a-f:]*", text)
    )
    assert found or name.endswith(".toml")
    for address in found:
        assert any(ipaddress.ip_address(address) in net for net in NETS), address


def test_the_bundle_is_valid_stix() -> None:
    ids = [obj["id"] for obj in bundle()]
    assert len(set(ids)) == len(ids) == 128
    assert {id_[-22] for id_ in ids} == {"4"}  # UUIDv4
    for obj in bundle():
        assert check(obj) is None, obj["id"]
        assert obj["created"] == obj["modified"]
        assert obj["created"].startswith("2021-10")
        assert set(references(obj)) <= set(ids)
        assert obj["created_by_ref"] in ids


def test_another_implementation_reads_the_bundle() -> None:
    stix2 = pytest.importorskip("stix2", reason="install the test extra: pip install '.[test]'")
    read = stix2.parse(samples.read("kz-threat-report.stix.json").decode(), allow_custom=False)
    assert len(read.objects) == 128


def test_indicators_by_kind_and_marking() -> None:
    indicators = of_type("indicator")
    values = [pattern_value(obj["pattern"]) for obj in indicators]
    assert all(len(value) == 1 for value in values)
    assert Counter(kind for [(kind, _)] in values) == {"domain": 24, "url": 12, "ipv4": 10, "ipv6": 4, "sha256": 10}
    assert Counter(map(tlp_of, indicators)) == {"green": 31, "amber": 28, "red": 1}
    assert [tlp_of(obj) for obj in indicators if obj["indicator_types"] == ["anonymization"]] == ["green"]
    assert all(60 <= obj["confidence"] <= 95 for obj in indicators)
    (report,) = of_type("report")
    red = {obj["id"] for obj in bundle() if tlp_of(obj) == "red"}
    assert len(red) == 2
    assert red.isdisjoint(report["object_refs"])
    for link in of_type("relationship"):  # a link is never less restricted than what it speaks of
        assert link["id"] in red or not red & {link["source_ref"], link["target_ref"]}


def test_the_misp_event() -> None:
    event = json.loads(samples.read("kz-phishing.misp.json"))["Event"]
    attributes = event["Attribute"] + [a for obj in event["Object"] for a in obj["Attribute"]]
    assert len(attributes) == int(event["attribute_count"]) == 40
    assert len({a["uuid"] for a in attributes}) == len({a["id"] for a in attributes}) == 40
    assert [tag["name"] for tag in event["Tag"]] == ["tlp:amber"]
    assert Counter(a["distribution"] for a in attributes) == {"5": 38, "0": 1, "4": 1}
    (grouped,) = [a for a in attributes if a["distribution"] == "4"]
    assert grouped["SharingGroup"]["SharingGroupOrg"] == []
    green = [a for a in attributes if a.get("Tag")]
    assert len(green) == 10
    assert {tag["name"] for a in green for tag in a["Tag"]} == {"tlp:green"}
    assert {obj["name"] for obj in event["Object"]} == {"file"}
    assert event["Orgc"]["name"] == "KZ-CERT (sample)"


@cache
def shared_values() -> dict[str, str]:
    """Value -> id of the GREEN and AMBER indicators."""
    return {pattern_value(obj["pattern"])[0][1]: obj["id"] for obj in of_type("indicator") if tlp_of(obj) != "red"}


def hits(tokens: list[str]) -> set[str]:
    """The GREEN and AMBER indicators that these observed values hit, by the plainest possible reading of the matching rule."""
    values = shared_values()
    found = set()
    for token in (t.lower() for t in tokens):
        labels = token.split(".")
        for candidate in {token} | {".".join(labels[n:]) for n in range(len(labels) - 1)}:
            if candidate in values:
                found.add(values[candidate])
    return found


def test_hits_in_the_dns_log() -> None:
    data = samples.read("uz-dns.log")
    lines = data.decode().splitlines()
    assert len(data) < 600_000
    assert len(lines) == 5000
    fields = lines[6].split("\t")[1:]
    assert lines[6].startswith("#fields\t")
    rows = [dict(zip(fields, line.split("\t"), strict=True)) for line in lines if not line.startswith("#")]
    assert [float(row["ts"]) for row in rows] == sorted(float(row["ts"]) for row in rows)
    found = [hits([row["query"], *row["answers"].split(",")]) for row in rows]
    assert sum(map(bool, found)) == 37
    assert all(len(one) <= 1 for one in found)
    forbidden = {obj["id"] for obj in of_type("indicator") if obj["indicator_types"] == ["anonymization"]}
    assert forbidden.isdisjoint(set().union(*found))
    assert sum("steppe-post" in row["query"].lower() for row in rows) > sum("steppe-post" in "".join(one) for one in found)
    assert {name for row in rows for name in generator().LOOKALIKES if row["query"] == name} == set(generator().LOOKALIKES)


def test_hits_in_the_proxy_log() -> None:
    lines = samples.read("in-proxy.log").decode().splitlines()
    assert len(lines) == 500
    urls = [line.split('"')[1].split(" ")[1] for line in lines]
    assert sum(bool(hits([url, url.split("/")[2].split(":")[0]])) for url in urls) == 6


def test_the_agreement() -> None:
    text = samples.read("sco-ict-sample.toml").decode()
    assert check_agreement(text) == []
    agreement = read_agreement(text)
    assert agreement.illustrative
    assert agreement.body == "sco"
    assert {clause.id: clause.effect for clause in agreement.clauses} == {
        "art-2.1": "permit",
        "art-2.2": "permit",
        "art-3.1": "permit",
        "art-4.1": "permit",
        "art-5.1": "forbid",
    }
    for clause in agreement.clauses:
        assert re.fullmatch(r"[A-Z][^.]*\.", clause.text), clause.text  # one plain sentence
    assert [p.party for p in agreement.parties if p.role == "centre"] == ["SCO-CENTRE"]
    now = datetime(2021, 11, 1, tzinfo=UTC)
    assert {p.party for p in agreement.parties if p.in_force and p.in_force <= now} == {"SCO-CENTRE", "KZ", "UZ", "IN", "IR"}
    assert tomllib.loads(text)["agreement"]["illustrative"] is True


AGREEMENTS = [name for name in samples.NAMES if name.endswith(".toml")]


@pytest.mark.parametrize("name", AGREEMENTS)
def test_the_agreements_are_sound_and_say_that_they_are_samples(name: str) -> None:
    text = samples.read(name).decode()
    assert "not the text of any treaty" in text.splitlines()[0]
    found = read_agreement(text)
    assert found.illustrative
    assert found.id == name.removesuffix(".toml")
    ids = [read_agreement(samples.read(other).decode()).id for other in AGREEMENTS]
    assert check_agreement(text) == []
    assert [finding for finding in lint(found, held=ids) if finding.level != "info"] == []


def test_the_agreements_together_use_all_that_clauses_can_say() -> None:
    clauses = [clause for name in AGREEMENTS for clause in read_agreement(samples.read(name).decode()).clauses]
    assert {clause.approval.kind for clause in clauses if clause.approval} == {"silence", "sponsors", "two-persons"}
    for field in ("pap_max", "handling", "redact", "duty", "retain", "threat", "from_"):
        assert any(getattr(clause, field) for clause in clauses), field
    assert {"none", "parties", "cica-cbm-sample"} <= {clause.onward for clause in clauses}


@pytest.mark.parametrize(
    ("name", "origin", "recipient", "change", "effect"),
    [
        ("cica-cbm-sample.toml", "KZ", "UZ", {"tlp": "green"}, "permit"),
        ("cica-cbm-sample.toml", "KZ", "UZ", {"tlp": "amber"}, "approve"),
        ("cica-cbm-sample.toml", "TJ", "UZ", {"tlp": "green", "purposes": ("training",)}, "approve"),
        ("cica-cbm-sample.toml", "KZ", "AF", {"tlp": "green"}, "deny"),
        ("hub-protocol-sample.toml", "KZ", "KR", {"tlp": "green"}, "permit"),
        ("hub-protocol-sample.toml", "KZ", "KR", {"tlp": "amber"}, "deny"),
        ("hub-protocol-sample.toml", "KZ", "KR", {"tlp": "amber", "to": ("KR",)}, "permit"),
        ("hub-protocol-sample.toml", "KR", "KZ", {"tlp": "green", "type": "report"}, "permit"),
        ("hub-protocol-sample.toml", "KZ", "KR", {"tlp": "green", "type": "report"}, "deny"),
        ("hub-protocol-sample.toml", "KZ", "CICA-SECRETARIAT", {"tlp": "green", "type": "report", "purposes": ("training",)}, "redact"),
        ("hub-protocol-sample.toml", "KZ", "KR", {"tlp": "green", "threat": ("attribution",)}, "deny"),
        ("green-isac-sample.toml", "GRID-NORTH", "GRID-SOUTH", {"tlp": "green"}, "permit"),
        ("green-isac-sample.toml", "GRID-NORTH", "VENDOR-ONE", {"tlp": "green"}, "redact"),
        ("green-isac-sample.toml", "GRID-SOUTH", "VENDOR-ONE", {"tlp": "green"}, "deny"),  # a reservation
        ("green-isac-sample.toml", "GRID-NORTH", "GRID-SOUTH", {"tlp": "amber", "purposes": ("incident-response",)}, "approve"),
    ],
)
def test_what_the_agreements_come_to(name: str, origin: str, recipient: str, change: dict[str, Any], effect: str) -> None:
    agreement = read_agreement(samples.read(name).decode())
    at = datetime(2022, 6, 1, tzinfo=UTC)
    held = {each.party: each.standing or "member" for each in agreement.parties if each.role != "centre"} | {"KZ": "member", "UZ": "member"}
    since = datetime(2001, 1, 1, tzinfo=UTC)
    claims = [Standing(party=p, body=agreement.body, standing=s, since=since) for p, s in held.items()]
    register = Register([*claims, Standing(party="KR", body="cica", standing="member", since=since)])
    traits = Traits(**{"type": "indicator", "origin": origin, "purposes": ("network-defence",), **change})
    question = Question(recipient=recipient, body=agreement.body, purposes=traits.purposes, holder=origin, valid_at=at)
    assert decide(question, traits, Rules([agreement], register)).effect == effect
