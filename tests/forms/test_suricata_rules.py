"""Suricata rules: each as its documentation reads it, whatever the values and texts are."""

from __future__ import annotations

from base64 import b64decode

from hypothesis import given, settings

from comity.forms.suricata_rules import SIDS, _Sids, write
from tests.forms.lists import FRAME, HASHES, HOSTILE, entries, entry, one_of_each
from tests.forms.suricata_parser import Rule, content, parse


def rules(written) -> list[Rule]:
    return [parse(line) for line in written.text.splitlines() if not line.startswith("#")]


def found(written) -> set[tuple[str, str]]:
    """What a set of rules and lists looks for, read back."""
    values: set[tuple[str, str]] = set()
    for rule in rules(written):
        names = [name for name, _ in rule.options]
        if rule.protocol == "ip" and rule.target != "any":
            values.add(("cidr" if "/" in rule.target else "ipv6" if ":" in rule.target else "ipv4", rule.target))
        elif "http.uri.raw" in names:
            host, path = [content(value) for name, value in rule.options if name == "content"]
            sizes = [int(value) for name, value in rule.options if name == "bsize"]
            assert sizes == [len(host), len(path)]
            port = "" if rule.port == "any" else f":{rule.port}"
            values.add(("url", f"http://{host.decode()}{port}{path.decode()}"))
        elif "dotprefix" in names:
            assert content(rule["content"])[:1] == b"."
            values.add(("domain", content(rule["content"])[1:].decode()))
        elif "tls.cert_fingerprint" in names:
            values.add(("cert-sha1", content(rule["content"]).decode().replace(":", "")))
        for kind in ("md5", "sha1", "sha256"):
            if f"file{kind}" in names:
                lines = written.beside[rule[f"file{kind}"]].splitlines()
                values |= {(kind, line.split()[0]) for line in lines}
        if "dataset" in names:
            command, set_, type_, load = rule["dataset"].split(",")
            assert command == "isset" and set_
            lines = written.beside[load.removeprefix("load ")].splitlines()
            if type_ == "type string":
                values |= {("domain", b64decode(line).decode()) for line in lines}
            else:
                values |= {("ipv6" if ":" in line else "ipv4", line) for line in lines}
    return values


def wanted(listed, written) -> set[tuple[str, str]]:
    left = {(one.kind, one.value) for one, _ in written.left_out}
    return {(one.kind, one.value.replace("https://", "http://", 1)) for one in listed if (one.kind, one.value) not in left}


def test_what_is_written_reads_back():
    written = write(one_of_each(), FRAME, name="comity")
    assert found(written) == wanted(one_of_each(), written)
    assert {one.kind for one, _ in written.left_out} == {"email", "sha512"}
    assert set(written.beside) == {"comity.md5.lst", "comity.sha1.lst", "comity.sha256.lst"}


def test_a_domain_is_looked_for_with_all_below_it_in_three_protocols():
    three = rules(write([entry()], FRAME))
    assert [rule.protocol for rule in three] == ["dns", "tls", "http"]
    assert all(rule.has("dotprefix") and rule.has("endswith") for rule in three)
    # Suricata refuses nocase on a buffer that is lower case already.
    assert [rule.has("nocase") for rule in three] == [True, True, False]


def test_names_and_addresses_as_datasets():
    written = write(one_of_each(), FRAME, name="k z", datasets=True)
    assert found(written) == wanted(one_of_each(), written)
    assert "login.example.net" not in written.text and "198.51.100.7" not in written.text
    assert written.beside["k z.ip.lst"].splitlines() == ["198.51.100.7", "2001:db8::1:0:0:7"]


def test_hash_lists_say_where_each_hash_comes_from():
    line = write([entry("sha256", HASHES["sha256"])], FRAME, name="c").beside["c.sha256.lst"]
    assert line.startswith(HASHES["sha256"] + "  UZ indicator--a932fcc6") and "TLP:AMBER" in line


def test_without_a_place_for_lists_hashes_are_left_out_and_said():
    written = write(one_of_each(), FRAME)
    assert not written.beside
    assert {one.kind for one, _ in written.left_out} == {"email", "sha512", "md5", "sha1", "sha256"}


def test_a_rule_says_whose_word_it_is():
    (rule,) = rules(write([entry("ipv4", "198.51.100.7", also=2)], FRAME))
    assert rule["msg"] == '"COMITY UZ malicious-activity ipv4 198.51.100.7"'
    said = dict(each.strip().split(" ", 1) for each in rule["metadata"].split(","))
    assert said == {
        "comity_indicator": "indicator--a932fcc6-e032-476c-826f-cb970a5a1ade",
        "comity_origin": "UZ",
        "comity_claims": "3",
        "tlp": "amber",
        "confidence": "75",
        "expires": "2022-01-01",
        "evidence": "https___cert.example_report_7",
    }


def test_sids_stay_with_what_is_looked_for():
    one, other = entry("ipv4", "198.51.100.7"), entry("ipv4", "198.51.100.8")
    alone = rules(write([other], FRAME))[0]["sid"]
    both = rules(write([one, entry(), other], FRAME))
    assert alone in [rule["sid"] for rule in both]
    assert all(SIDS[0] <= int(rule["sid"]) < sum(SIDS) for rule in both)
    newer = rules(write([entry("ipv4", "198.51.100.8", said=other.said.replace(year=2023), score=1)], FRAME))[0]
    assert newer["sid"] == alone and int(newer["rev"]) > int(rules(write([other], FRAME))[0]["rev"])


def test_no_two_rules_have_one_sid():
    sids = _Sids()
    assert len({sids.of(("ip any any -> any any", "")) for _ in range(50)}) == 50


def test_urls_that_no_rule_can_say_are_left_out():
    odd = [entry("url", "ftp://files.example.net/a"), entry("url", "http://me@files.example.net/a"), entry("url", "http://[2001:db8::1]/a")]
    written = write([*odd, entry("url", "http://files.example.net/" + "%" * 4000)], FRAME)
    assert not rules(written) and len(written.left_out) == 4
    assert any("longer than Suricata reads" in why for _, why in written.left_out)


def test_hostile_texts_end_nothing():
    listed = [entry("url", 'http://a.example/";sid:1;)|x:y\\'), entry(evidence=HOSTILE, threat=(HOSTILE,), origin="U;Z", id=HOSTILE)]
    written = write(listed, FRAME, name="comity")
    assert found(written) == wanted(listed, written)


@settings(max_examples=60, deadline=None)
@given(entries)
def test_whatever_the_values_it_reads_back_and_is_the_same_again(listed):
    written = write(listed, FRAME, name="comity")
    assert found(written) == wanted(listed, written)
    sids = [rule["sid"] for rule in rules(written)]
    assert len(set(sids)) == len(sids)
    assert write(listed[::-1], FRAME, name="comity") == written
