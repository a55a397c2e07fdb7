"""Passwords: length and surprise, one form, and a check that costs the same for nobody."""

from __future__ import annotations

import time

import pytest

from comity.admin import passwords
from comity.errors import SenderFault

GOOD = "lamp orbit walnut seven"


@pytest.mark.parametrize(
    "text", [GOOD, "пять жёлтых чайников на крыше", "云南的茶叶在山里慢慢发芽生长三年", "x9!Kq2#mW7$pL4z", "a" * 5 + GOOD]
)
def test_words_that_do_not_belong_together_are_taken(text):
    passwords.check(text, ["ann", "KZ", "comity"])


@pytest.mark.parametrize(
    "text",
    [
        "", "short", "a" * 14, "x" * 257, "aaaaaaaaaaaaaaaaaaaa", "abcdefghijklmnop", "12345678901234567890", "qwertyuiopasdfghjkl",
        "passwordpassword"[:8] * 3, "kz.ann-comity-kz.ann", "йцукенгшщзхъфывапр", "KZKZKZKZKZKZKZKZKZ", "9876543210987654",
    ],
)  # fmt: skip
def test_what_is_easily_guessed_is_not(text):
    with pytest.raises(SenderFault):
        passwords.check(text, ["kz.ann", "kz", "ann", "comity"])


def test_what_is_kept_is_not_the_password_and_never_the_same():
    one, two = passwords.hashed(GOOD), passwords.hashed(GOOD)
    assert one != two
    assert GOOD not in one
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.same(one, GOOD)
    assert not passwords.same(one, GOOD + " ")
    assert not passwords.same(one, "")


def test_one_password_however_it_is_typed():
    kept = passwords.hashed("\N{LATIN SMALL LETTER E WITH ACUTE}tang orbit walnut")
    assert passwords.same(kept, "e\N{COMBINING ACUTE ACCENT}tang orbit walnut")


@pytest.mark.parametrize("text", ["", GOOD, "\x00", "x" * 100_000])
def test_nobody_has_a_password(text):
    assert not passwords.same("", text)


def test_a_check_for_nobody_costs_what_one_for_somebody_does():
    """The work is the same by its parameters; measured as processor time, so that a busy machine changes little."""
    kept = passwords.hashed(GOOD)
    head = kept.rpartition("$")[0].rpartition("$")[0]
    assert passwords._NOBODY.startswith(head + "$")

    def cost(of: str) -> float:
        began = time.process_time()
        for _ in range(3):
            passwords.same(of, "a wrong password")
        return time.process_time() - began

    cost("")
    nobody, somebody = cost(""), cost(kept)
    assert 0.5 < nobody / somebody < 2
