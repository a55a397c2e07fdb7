from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms import http_signature
from comity.forms.http_signature import COVERED, Signed, Stamp, digest, message, parameters, read, signature_base, write

STAMP = Stamp(created=1_700_000_000, expires=1_700_000_060, nonce="A" * 22, keyid="0a" * 32)
SIGNED = Signed(stamp=STAMP, value=bytes(64))
stamps = st.builds(
    Stamp,
    created=st.integers(1, 10**12 - 1),
    expires=st.integers(1, 10**12 - 1),
    nonce=st.from_regex(r"[A-Za-z0-9_-]{22,64}", fullmatch=True),
    keyid=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)


def test_the_vector_of_rfc_9421_b_2_6():
    # Key B.1.4 (test-key-ed25519) and the request of B.2, as facts.
    seed = base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU=")
    covered = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    listed = " ".join(f'"{name}"' for name, _ in covered)
    base = signature_base(covered, f'({listed});created=1618884473;keyid="test-key-ed25519"')
    made = base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(base)).decode()
    assert made == "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def test_the_digest_of_rfc_9530():
    assert digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_base_of_a_request():
    assert message(STAMP, method="post", path="/peering/v1/parcels", query="after=3", body=b"", to="sco/KZ/KZ-sco").decode().split(
        "\n"
    ) == [
        '"@method": POST',
        '"@path": /peering/v1/parcels',
        '"@query": ?after=3',
        f'"content-digest": {digest(b"")}',
        '"comity-to": sco/KZ/KZ-sco',
        f'"@signature-params": {parameters(STAMP)}',
    ]


@given(stamps, st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read_back(stamp, value):
    signed = Signed(stamp=stamp, value=value)
    fields = write(signed)
    assert read(fields["Signature-Input"], fields["Signature"]) == signed


@given(st.data())
def test_a_change_of_any_character_is_another_signature_or_none(data):
    fields = write(SIGNED)
    name = data.draw(st.sampled_from(sorted(fields)))
    at = data.draw(st.integers(0, len(fields[name]) - 1))
    other = data.draw(st.characters(min_codepoint=1, max_codepoint=300))
    changed = fields[name][:at] + other + fields[name][at + 1 :]
    fields[name], same = changed, changed == fields[name]
    try:
        found = read(fields["Signature-Input"], fields["Signature"])
    except SenderFault:
        assert not same
        return
    assert write(found) == fields
    assert same or found != SIGNED


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        f"{http_signature.LABEL}=();created=1;expires=2",
        write(SIGNED)["Signature-Input"].replace('"content-digest" ', ""),
        write(SIGNED)["Signature-Input"].replace("ed25519", "hmac-sha256"),
        write(SIGNED)["Signature-Input"].replace("created=1", "created=01"),
        write(SIGNED)["Signature-Input"] + ", other=();created=1",
        write(SIGNED)["Signature-Input"] + "\n",
        write(SIGNED)["Signature-Input"].replace('tag="comity"', 'tag="other"'),
    ],
)
def test_other_inputs_are_refused(wrong):
    with pytest.raises(SenderFault):
        read(wrong, write(SIGNED)["Signature"])


@pytest.mark.parametrize("wrong", ["", "comity=::", write(SIGNED)["Signature"].replace("A==:", "B==:"), write(SIGNED)["Signature"] + " "])
def test_other_signatures_are_refused(wrong):
    with pytest.raises(SenderFault):
        read(write(SIGNED)["Signature-Input"], wrong)


@pytest.mark.parametrize("part", ["path", "query", "to"])
def test_no_part_can_pass_for_two_lines(part):
    given_ = {"method": "GET", "path": "/", "query": "", "body": b"", "to": "x", part: 'x\n"@query": ?y'}
    with pytest.raises(SenderFault):
        message(STAMP, **given_)


def test_every_part_changes_what_is_signed():
    parts = {"method": "GET", "path": "/a", "query": "b", "body": b"c", "to": "d"}
    bases = {message(STAMP, **parts), *(message(STAMP, **{**parts, each: parts[each] * 2}) for each in parts)}
    assert len(bases) == len(parts) + 1
    assert len(COVERED) == len(parts)
