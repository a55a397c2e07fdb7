from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.clock import parse
from comity.errors import Fault, SenderFault
from comity.ledger.keys import write_verifier
from comity.peer.identity import sign
from comity.peer.invitation import LONGEST, Invitation, digest, read, write
from tests.peer.test_identity import OLD, OTHER, identity

MADE = Invitation(
    party="UZ", url="https://centre.example:8444/", front=False, until=parse("2026-01-01T00:00:00Z"), secret="s" * 43, rules="",
    note=sign(identity(), OLD, OTHER),
)  # fmt: skip


@pytest.mark.parametrize("change", [{}, {"front": True, "url": "http://127.0.0.1:8443/"}, {"rules": write_verifier(OTHER.verifier)}])
def test_an_invitation_is_read_back_as_it_was_written(change):
    made = msgspec.structs.replace(MADE, **change)
    assert read(write(made)) == made == read(f"\n  {write(made)}\n\n")
    assert made.inviter == identity()


@given(st.data())
def test_a_changed_one_is_another_or_refused(data):
    text = write(MADE)
    at = data.draw(st.integers(0, len(text) - 2))
    changed = text[:at] + data.draw(st.characters(max_codepoint=200)) + text[at + 1 :]
    try:
        found = read(changed)
    except Fault:
        return
    assert write(found) == changed.strip() + "\n"


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://centre.example/"},
        {"url": "http://127.0.0.1:8443/"},
        {"url": "https://user@centre.example/"},
        {"secret": "short"},
        {"rules": "x"},
        {"note": b"x"},
    ],
)
def test_what_is_wrong_is_refused(change):
    with pytest.raises(Fault):
        read(write(msgspec.structs.replace(MADE, **change)))


def test_a_long_text_is_not_looked_at():
    with pytest.raises(SenderFault, match="too long"):
        read("x" * (LONGEST + 1))


def test_what_is_kept_of_a_secret_does_not_show_it():
    assert len(digest("secret")) == 64 != digest("other")
