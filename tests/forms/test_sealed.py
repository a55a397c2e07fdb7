"""Sealed objects: who can open them, and what cannot be changed about them."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Fault, OperatorFault, SenderFault
from comity.forms.sealed import ALGORITHM, BLOCK, read, seal, sealed_id, unseal
from comity.forms.sealing_key import OpeningKey
from comity.forms.wire_envelope import Said
from comity.terms.stix import check
from tests.consortium import indicator

UZ, KG, TJ = (OpeningKey(f"{code}.example/sealing", code.encode() * 16) for code in ("UZ", "KG", "TJ"))
SAID = Said(tlp="red", purposes=("network-defence",), handling=("H1",))
AT = "2021-11-01T09:00:00.000Z"
OBJ = indicator(indicator_types=["malicious-activity"])
RAW = msgspec.json.encode(OBJ)


def sealed(raw: bytes = RAW, said: Said = SAID, origin: str = "KZ", **keys: list[OpeningKey]) -> dict[str, Any]:
    to = {code: [key.public for key in each] for code, each in (keys or {"UZ": [UZ], "KG": [KG]}).items()}
    return msgspec.json.decode(seal(raw, said, origin=origin, to=to, salt="salt", at=AT))


def test_each_that_it_is_sealed_to_opens_it_and_nobody_else() -> None:
    shell = sealed()
    assert unseal(shell, "KZ", "UZ", [UZ]) == unseal(shell, "KZ", "KG", [TJ, KG]) == RAW
    for party, keys in (("TJ", [TJ]), ("UZ", [TJ]), ("UZ", [KG]), ("KG", [UZ]), ("UZ", [])):  # a key opens for its own party only
        with pytest.raises(OperatorFault, match="no sealing key of this node opens it"):
            unseal(shell, "KZ", party, keys)


def test_it_is_a_stix_object_that_says_nothing_of_its_inside_but_type_and_kinds() -> None:
    text = seal(RAW, SAID, origin="KZ", to={"UZ": [UZ.public]}, salt="salt", at=AT)
    shell = msgspec.json.decode(text)
    assert check(shell) is None
    assert (read(shell).contains, read(shell).threat, read(shell).said) == ("indicator", ("malicious-activity",), SAID)
    # Shorter ones are in what is random now and then.
    for secret in (b"bad.example", OBJ["id"].encode(), OBJ["id"].partition("--")[2].encode(), b'"UZ"', b'"salt"'):
        assert secret not in text and base64.b64encode(secret) not in text
    assert shell["id"] == sealed_id("salt", OBJ["id"]) != sealed_id("other", OBJ["id"])


def test_recipients_cannot_be_told_from_it_nor_counted() -> None:
    three = sealed(UZ=[UZ], KG=[KG], TJ=[TJ])
    four = sealed(UZ=[UZ, OpeningKey.generate("a/b")], KG=[KG], TJ=[TJ])
    assert len(three["keys"]) == len(four["keys"]) == 4
    assert {len(base64.b64decode(key)) for key in three["keys"]} == {80}
    assert three["keys"] != sealed(UZ=[UZ], KG=[KG], TJ=[TJ])["keys"]  # nor by comparing two


def test_its_size_is_rounded() -> None:
    sizes = {len(base64.b64decode(sealed(msgspec.json.encode({**OBJ, "name": "n" * n}))["body"])) for n in range(200)}
    assert len(sizes) <= 2 and all(size % BLOCK == 16 for size in sizes)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"said": {"tlp": "green", "purposes": ["network-defence"]}, "object_marking_refs": None}, "altered|marking"),
        ({"said": {"tlp": "red", "purposes": ["network-defence", "training"], "handling": ["H1"]}}, "altered"),
        ({"contains": "report"}, "altered"),
        ({"threat": []}, "altered"),
        ({"id": "comity-sealed--00000000-0000-4000-8000-000000000001"}, "no sealing key"),
        ({"modified": "2021-12-01T00:00:00.000Z"}, "no sealing key"),
        ({"created": "2021-12-01T00:00:00.000Z"}, "altered"),
    ],
)
def test_an_altered_word_opens_nothing(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault, match=fault):
        unseal({**sealed(), **change}, "KZ", "UZ", [UZ])


def test_it_opens_for_no_other_origin_and_not_around_another_body() -> None:
    one, other = sealed(), sealed()
    with pytest.raises(OperatorFault):
        unseal(one, "TJ", "UZ", [UZ])
    for mixed in ({**one, "body": other["body"]}, {**one, "keys": other["keys"]}):
        with pytest.raises(SenderFault, match="altered"):
            unseal(mixed, "KZ", "UZ", [UZ])
    replayed = {**sealed(TJ=[TJ]), "keys": one["keys"]}  # another audience's object under these keys
    with pytest.raises(SenderFault, match="altered"):
        unseal(replayed, "KZ", "UZ", [UZ])


def test_a_lie_about_the_inside_is_told() -> None:
    lying = sealed_as({"contains": "report"})
    with pytest.raises(SenderFault, match="no report"):
        unseal(lying, "KZ", "UZ", [UZ])
    with pytest.raises(SenderFault, match="no indicator"):
        unseal(sealed_as({"threat": []}), "KZ", "UZ", [UZ])
    with pytest.raises(SenderFault, match="another version"):
        unseal(sealed_as({"modified": "2022-01-01T00:00:00.000Z"}), "KZ", "UZ", [UZ])
    with pytest.raises(SenderFault, match="another id"):
        unseal(sealed_as({"id": sealed_id("salt", "indicator--ffffffff-ffff-4fff-8fff-ffffffffffff")}), "KZ", "UZ", [UZ])


def sealed_as(lie: dict[str, Any]) -> dict[str, Any]:
    """What a node makes that seals honestly but says something else of it."""
    from comity.forms import sealed as form

    shell = {key: value for key, value in sealed().items() if key not in ("keys", "body")} | lie
    inside = msgspec.json.encode({"salt": "salt", "object": msgspec.Raw(RAW)})
    content_key = form.ChaCha20Poly1305.generate_key()
    shell["keys"] = [form._text(key) for key in form._wrapped(content_key, shell, "KZ", {"UZ": [UZ.public]})]
    body = form.ChaCha20Poly1305(content_key).encrypt(bytes(12), inside + b" " * (-len(inside) % BLOCK), form._bound(shell, "KZ"))
    return {**shell, "body": form._text(body)}


@given(raw=st.fixed_dictionaries({}, optional={"name": st.text(max_size=300), "x_odd": st.text(max_size=2_000)}), parties=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_what_comes_out_is_what_went_in(raw: dict[str, Any], parties: int) -> None:
    body = msgspec.json.encode({**OBJ, **raw})
    keys = {f"P{n}": [OpeningKey.generate(f"p{n}/sealing")] for n in range(parties)}
    shell = sealed(body, **keys)
    assert all(unseal(shell, "KZ", party, [key]) == body for party, [key] in keys.items())


def test_white_space_in_an_object_is_kept() -> None:
    body = msgspec.json.format(RAW, indent=3)
    assert unseal(sealed(body), "KZ", "UZ", [UZ]) == body


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_truncated_or_bent_text_opens(data: st.DataObject) -> None:
    text = bytearray(msgspec.json.encode(sealed()))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 127))
    bent = bytes(text[:at]) if data.draw(st.booleans()) else bytes(text)
    try:
        obj = msgspec.json.decode(bent, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    with pytest.raises(Fault):
        unseal(obj, "KZ", "UZ", [UZ])


@pytest.mark.parametrize(
    "change",
    [
        {"x_more": 1}, {"algorithm": "none"}, {"contains": "comity-standing"}, {"contains": "marking-definition"}, {"contains": "comity-sealed"},
        {"contains": 3}, {"threat": ["b", "a"]}, {"threat": "a"}, {"said": {}}, {"said": {"tlp": "puce", "purposes": []}}, {"said": None},
        {"said": {"tlp": "red", "purposes": ["network-defence"], "to": ["TJ"]}}, {"object_marking_refs": []}, {"keys": []}, {"keys": ["AA=="]},
        {"keys": 1}, {"body": "AA=="}, {"body": 1}, {"extensions": {}}, {"spec_version": "2.0"}, {"modified": 7},
    ],
)  # fmt: skip
def test_a_malformed_one_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SenderFault):
        read({**sealed(), **change})


def test_governance_and_definitions_are_not_sealed() -> None:
    for type_ in ("comity-standing", "marking-definition", "comity-sealed"):
        with pytest.raises(SenderFault, match="is not sealed"):
            sealed(msgspec.json.encode({"type": type_, "id": f"{type_}--x"}))
    with pytest.raises(SenderFault, match="keys to seal to"):
        seal(RAW, SAID, origin="KZ", to={}, salt="salt", at=AT)


def test_the_method_is_the_one_that_the_text_names() -> None:
    assert sealed()["algorithm"] == ALGORITHM == "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305"
