"""The sentences about who would receive more or less."""

from __future__ import annotations

from itertools import product
from typing import get_args

from comity.release.shifts import gains, loses, sentences
from comity.wire import Effect, Shift

PLAIN = Shift(
    party="UZ", type="indicator", items=120, tlp="green", before="deny", after="permit", clause_before="", clause="x@2/art-2",
    withheld_before=(), withheld=(),
)  # fmt: skip


def shift(**changes):
    return Shift(**{**{name: getattr(PLAIN, name) for name in Shift.__struct_fields__}, **changes})


def test_types_that_go_the_same_way_are_one_sentence():
    said = sentences([PLAIN, shift(type="malware", items=1), shift(type="identity", items=2, tlp="clear", clause="x@2/art-3")])
    assert said == [
        "UZ: 120 more indicators and 1 more malware up to TLP:GREEN (clause art-2); 2 more identities up to TLP:CLEAR (clause art-3)",
        "nobody loses anything",
    ]


def test_a_copy_says_what_it_leaves_out():
    said = sentences([shift(before="permit", after="redact", items=14, type="report", withheld=("created_by_ref", "lang"))])
    assert said[0] == "UZ: 14 reports up to TLP:GREEN become copies without created_by_ref and lang (clause art-2)"
    said = sentences([shift(before="redact", after="redact", withheld_before=("lang",), withheld=("name",))])
    assert said == ["UZ: 120 indicators up to TLP:GREEN as copies without name, no longer without lang (clause art-2)"]


def test_what_is_lost_names_the_prohibition_or_else_the_clause_that_gave():
    lost = shift(before="permit", after="deny", clause_before="x@1/art-1", clause="")
    assert sentences([lost])[0] == "UZ: no longer 120 indicators up to TLP:GREEN (clause art-1 gave them)"
    forbidden = shift(before="permit", after="deny", clause_before="x@1/art-1", clause="x@2/no")
    assert sentences([forbidden])[0] == "UZ: no longer 120 indicators up to TLP:GREEN (clause no)"
    assert sentences([lost])[1:] == ["nobody receives more"]
    assert sentences([lost, PLAIN])[1:] == []


def test_nothing_is_said_to_be_nothing():
    assert sentences([]) == ["nobody receives more or less"]


def test_every_pair_of_effects_has_its_words_and_is_a_gain_or_a_loss():
    for before, after in product(get_args(Effect), repeat=2):
        if before == after and before in ("permit", "deny"):
            continue
        one = shift(before=before, after=after, withheld_before=("lang",) if before == after else (), withheld=())
        assert sentences([one])[0].startswith("UZ: ")
        assert gains(one) or loses(one)
        assert not (gains(one) and loses(one))
