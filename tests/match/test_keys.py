from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.match import keys as module
from comity.match.keys import handles, key, keys


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_many_keys_are_the_keys_one_by_one(texts: list[bytes]) -> None:
    assert keys(texts).tolist() == [key(text) for text in texts]


def test_long_inputs_go_in_chunks(monkeypatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", 10)
    texts = [b"a" * length for length in range(25)]
    assert keys(texts).tolist() == [key(text) for text in texts]


def test_an_indicator_is_recognised_by_its_host() -> None:
    found = handles(
        [
            ("domain", "a.example"), ("url", "http://u@h.example:81/x@y"), ("email", "me@m.example"), ("url", "http://[2001:db8::1]/"), ("ipv6", "2001:db8::1"),
            ("cidr", "192.0.2.0/24"), ("cidr", "2001:db8::/32"), ("md5", "0" * 32),
        ]
    )  # fmt: skip
    assert found.texts == [b"a.example", b"h.example", b"m.example", b"0" * 32]
    assert found.sixes[0] == found.sixes[1] != found.sixes[2]
    assert [str(network) for network in found.networks] == ["192.0.2.0/24"]
    assert found.lengths == {32}
