from __future__ import annotations

from comity.match.pattern_set import MOST, NEEDS_ALL, PatternSet

A, LIKE = "[domain-name:value = 'a.example']", "[domain-name:value LIKE '%a%']"


def test_what_is_left_out_and_why() -> None:
    texts = {
        "fits": f"{A} AND [ipv4-addr:value ISSUBSET '192.0.2.0/24']",
        "all": LIKE,
        "half": f"{A} OR {LIKE}",
        "none": "[process:name = 'x']",
        "both": f"{A} AND [process:name = 'x']",
        "much": f"{A} REPEATS {MOST + 1} TIMES",
        "wrong": "[a",
    }
    found = PatternSet((text, id_) for id_, text in texts.items())
    assert [part.id for part in found.parts] == ["fits", "half"]
    left = dict(found.left_out)
    assert [id_ for id_, why in left.items() if why == NEEDS_ALL] == ["all", "half"]
    assert [id_ for id_, why in left.items() if "do not show" in why] == ["none", "both", "much"]
    assert "wrong" in left
    assert not found.on_each


def test_every_line() -> None:
    found = PatternSet([(f"{A} OR ({LIKE} AND {A})", "x")], every=True)
    assert found.left_out == []
    assert found.on_each == {1: [0]}


def test_atoms_lead_to_their_part_and_leaf() -> None:
    found = PatternSet([("[process:name = 'x'] OR [file:hashes.MD5 = '" + "AB" * 16 + "']", "x"), (f"{A} FOLLOWEDBY {A}", "y")])
    assert list(found.entries()) == [("md5", "ab" * 16, "0.0"), ("domain", "a.example", "1.0"), ("domain", "a.example", "1.1")]
