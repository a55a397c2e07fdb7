"""What in an object leads to a person: by its type, its fields' names, in nested parts, patterns and texts; and what its producer's word does."""

from __future__ import annotations

import base64

import msgspec
import pytest

from comity.terms.persons import findings, held, told
from tests.consortium import indicator, report, sdo

MAIL, OTHER = "anna.b@mail.example", "boris@post.example"


def found(obj, person="unknown", raw=None):
    return {(each.kind, each.where) for each in findings(obj, raw or msgspec.json.encode(obj), person)}


def stops(obj, person):
    return {(each.kind, each.where) for each in held(findings(obj, msgspec.json.encode(obj), person), person)}


def sco(type_, **properties):
    return {"type": type_, "spec_version": "2.1", "id": f"{type_}--5b6a7c8d-1f2e-5d3c-8b4a-0123456789ab", **properties}


def by_sender(mail=MAIL, **more):
    return indicator(pattern=f"[email-message:from_ref.value = '{mail}']", **more)


PLACES = [
    (sdo("identity", identity_class="individual", name="x"), "identity", "/name"),
    (sco("email-addr", value=MAIL), "e-mail", "/value"),
    (sco("user-account", account_login="anna"), "account", "/account_login"),
    (sco("user-account", user_id="1001", display_name="Anna B"), "account", "/display_name"),
    (sco("email-message", is_multipart=False, additional_header_fields={"Reply-To": [MAIL]}), "e-mail", "/additional_header_fields/Reply-To/0"),
    (sco("x509-certificate", subject=f"CN=x, emailAddress={MAIL}"), "e-mail", "/subject"),
    (sco("file", name="\\".join(("C:", "Users", "anna", "x.doc"))), "account", "/name"),
    (sco("artifact", mime_type="message/rfc822", payload_bin=base64.b64encode(f"To: {MAIL}".encode()).decode()), "e-mail", "/payload_bin"),
    (sco("artifact", mime_type="text/plain", payload_bin=base64.b64encode(f"To: {MAIL}".encode("utf-16")).decode()), "e-mail", "/payload_bin"),
    (sco("file", name=f"CV {MAIL}.pdf"), "e-mail", "/name"),
    (indicator(kill_chain_phases=[{"kill_chain_name": MAIL, "phase_name": "x"}]), "e-mail", "/kill_chain_phases/0/kill_chain_name"),
    (indicator(pattern="[email-addr:value LIKE 'anna.b@%.example']"), "e-mail", "/pattern"),
    (sdo("x-misp-attribute", x_misp_type="iban", x_misp_value="GB82"), "account", "/x_misp_value"),
    (indicator(x_bank_account_nr="12345678"), "account", "/x_bank_account_nr"),
    (indicator(pattern="[user-account:account_login = 'anna']"), "account", "/pattern"),
    (by_sender(), "e-mail", "/pattern"),
    (report("x", description=f"ask {MAIL}"), "e-mail", "/description"),
    (sdo("note", content="тел. +7 701 000 00 00", object_refs=[]), "phone", "/content"),
    (indicator(labels=["ok", MAIL]), "e-mail", "/labels/1"),
    (indicator(x_a={"b": [{"c": MAIL}]}), "e-mail", "/x_a/b/0/c"),
    (indicator(x_a={MAIL: 1}), "e-mail", "/x_a/*"),
    (indicator(x_a={MAIL: {"full_name": "Anna B"}}), "identity", "/x_a/*/full_name"),
    (indicator(extensions={"extension-definition--1": {"victim_name": "Anna B"}}), "identity", "/extensions/extension-definition--1/victim_name"),
    (indicator(x_phone_number=77010000000), "phone", "/x_phone_number"),
    (indicator(x_subscriber_id="4711-88"), "subscriber-address", "/x_subscriber_id"),
    (indicator(x_passport_no="N1"), "national-id", "/x_passport_no"),
    (indicator(external_references=[{"source_name": "x", "description": f"by {MAIL}"}]), "e-mail", "/external_references/0/description"),
    (sdo("x-misp-attribute", x_misp_type="whois-registrant-name", x_misp_value="Anna B"), "identity", "/x_misp_value"),
    (sdo("x-misp-object", x_misp_attributes=[{"type": "whois-registrant-phone", "value": "12345"}]), "phone", "/x_misp_attributes/0/value"),
    (
        {"type": "observed-data", "id": "observed-data--5b6a7c8d-1f2e-4d3c-8b4a-0123456789ab", "objects": {"0": {"type": "email-addr", "value": "x"}}},
        "e-mail",
        "/objects/0/value",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("obj", "kind", "where"), PLACES)
def test_g3_found_wherever_it_stands(obj, kind, where):
    assert (kind, where) in found(obj)
    assert (kind, where) in stops(obj, "victim") & stops(obj, "unknown")


def test_g3_found_in_any_spelling_of_json():
    obj = report("x", description=f"ask {MAIL}")
    raw = msgspec.json.encode(obj).replace(b"@", b"\\u0040").replace(b"a", b"\\u0061")
    assert found(obj, raw=raw) == {("e-mail", "/description")}


EXEMPT = [
    sdo("attack-pattern", name="x", x_mitre_contributors=[f"Anna B, {MAIL}", "Boris, @boris on Twitter"]),
    sdo("note", content="x", authors=[f"Anna B <{MAIL}>"], object_refs=[]),
    sdo("identity", name="CERT", contact_information=f"{MAIL}, +7 701 000 00 00"),
    sco("email-addr", value="abuse@mail.example"),
    sco("user-account", account_login="Administrator"),
    indicator(pattern="[email-message:from_ref.value = 'noreply@mail.example']"),
    indicator(pattern=f"rule x {{\n meta:\n  author = \"{MAIL}\"\n condition: true }}", pattern_type="yara"),
    indicator(external_references=[{"source_name": "x", "url": "https://twitter.com/anna_b/status/1"}]),
    indicator(description="hosted at 198.51.100.7, CVE-2021-12345, 2021-10-01T00:00:00Z"),
    sdo("identity", name="unnamed", identity_class="unknown"),
]  # fmt: skip


@pytest.mark.parametrize("obj", EXEMPT)
def test_g3_listed_exemptions_and_look_alikes(obj):
    assert found(obj) == set()


def test_g3_an_attackers_technical_values_pass():
    for obj in (by_sender(), sco("email-addr", value=MAIL), sco("user-account", account_login="anna"), by_sender(name=f"mail of {MAIL}")):
        assert found(obj) and stops(obj, "attacker") == set()


def test_g3_an_attackers_word_covers_nobody_else():
    assert stops(by_sender(description=f"sent to {OTHER}"), "attacker") == {("e-mail", "/description")}
    assert stops(report("x", description=MAIL), "attacker") == {("e-mail", "/description")}
    assert stops(sdo("identity", identity_class="individual"), "attacker") == {("identity", "/name")}
    assert stops(indicator(pattern=f"[email-message:to_refs[*].value = '{MAIL}']"), "attacker") == {("e-mail", "/pattern")}
    recipient = sco("email-message", is_multipart=False, additional_header_fields={"Delivered-To": MAIL})
    assert stops(recipient, "attacker") == {("e-mail", "/additional_header_fields/Delivered-To")}
    to = "email-message:additional_header_fields.'X-Original-To'"
    assert stops(indicator(pattern=f"[{to} = '{MAIL}']"), "attacker") == {("e-mail", "/pattern")}
    assert stops(sco("email-message", is_multipart=False, body=f"Dear {OTHER}"), "attacker") == {("e-mail", "/body")}
    target = sdo("x-misp-attribute", x_misp_type="email-dst", x_misp_value=MAIL)
    assert stops(target, "attacker") == {("e-mail", "/x_misp_value")}


def test_g3_a_victims_addresses_are_a_subscribers():
    address, mac = sco("ipv4-addr", value="198.51.100.7"), sco("mac-addr", value="00:00:5e:00:53:01")
    pattern = indicator(pattern="[ipv4-addr:value = '198.51.100.7']")
    for obj, where in ((address, "/value"), (mac, "/value"), (pattern, "/pattern")):
        assert stops(obj, "unknown") == stops(obj, "attacker") == set()
        assert stops(obj, "victim") == {("subscriber-address", where)}


def test_kinds_and_places_are_told_and_no_value():
    obj = indicator(labels=[f"a{n}@mail.example" for n in range(7)], x_a={MAIL: 1})
    said = told(findings(obj, msgspec.json.encode(obj)))
    assert said == "e-mail at /labels/0, e-mail at /labels/1, e-mail at /labels/2, e-mail at /labels/3, e-mail at /labels/4 and 3 more"
