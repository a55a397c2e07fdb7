from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, SenderFault
from comity.ledger.keys import LogKey
from comity.peer import certificate
from comity.peer.identity import Identity, open_identity, read, read_again, sign, write

OLD, NEW, OTHER = (LogKey.generate(f"comity.example/sco/KZ/requests-{turn}") for turn in (0, 1, 2))
PEM = certificate.make()


def identity(key: LogKey = OLD, turn: int = 0, **more: object) -> Identity:
    made = Identity(
        party="KZ", body="sco", name="KZ-sco", turn=turn, requests=key.verifier, parcels=OTHER.verifier, tls=certificate.certificate(PEM)
    )
    return msgspec.structs.replace(made, **more)


def test_a_node_is_read_back_as_it_was_written():
    made = identity()
    assert read(write(made)) == made == read_again(write(made))
    assert made.address == "sco/KZ/KZ-sco"
    assert len(made.key_id) == len(made.pin) == 64


@given(st.data())
def test_no_other_text_is_the_same_node(data):
    text = write(identity())
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(max_codepoint=200)) + text[at + 1 :]
    try:
        found = read(changed)
    except SenderFault:
        return
    assert write(found) == changed


@pytest.mark.parametrize(
    "change", [("KZ-sco", "KZ sco"), ("turn 0", "turn 00"), ("party KZ", "party kz"), ("comity node\n", ""), ("body sco\n", "")]
)
def test_texts_that_are_no_node(change):
    with pytest.raises(SenderFault):
        read(write(identity()).replace(*change))


def test_a_certificate_of_another_kind_is_refused():
    with pytest.raises(SenderFault):
        read(write(identity(tls=b"\x30\x03\x02\x01\x01")))


def test_the_keys_in_it_signed_it():
    made = identity()
    assert open_identity(sign(made, OLD, OTHER)) == made
    for keys in ((NEW, OTHER), (OLD, NEW), (OLD,), (OTHER,)):  # nobody shows another node's key for parcels as its own
        with pytest.raises(IntegrityFault):
            open_identity(sign(made, *keys))
    with pytest.raises(SenderFault):
        open_identity(b"nothing")


def test_the_next_one_is_signed_by_both_keys():
    after = identity(NEW, 1)
    assert open_identity(sign(after, NEW, OTHER, OLD), before=identity()) == after
    with pytest.raises(IntegrityFault):
        open_identity(sign(after, NEW, OTHER), before=identity())


@pytest.mark.parametrize("wrong", [{"party": "UZ"}, {"body": "cica"}, {"name": "other"}, {"turn": 0}])
def test_the_next_one_is_of_the_same_node_and_later(wrong):
    after = identity(NEW, **{"turn": 1, **wrong})
    with pytest.raises(IntegrityFault):
        open_identity(sign(after, NEW, OTHER, OLD), before=identity())


def test_a_step_back_is_refused():
    with pytest.raises(IntegrityFault):
        open_identity(sign(identity(), OLD, NEW), before=identity(NEW, 1))
