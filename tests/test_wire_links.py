"""The values of the JSON API about links go over the wire and come back."""

from __future__ import annotations

import msgspec

from comity.wire_links import Arrival, RecallStatuses


def test_they_are_read_as_written() -> None:
    said = {
        "id": "x--1",
        "version": "",
        "origin": "KZ",
        "party": "UZ",
        "state": "waiting",
        "why": "",
        "at": None,
        "over": None,
        "proven": False,
    }
    assert msgspec.to_builtins(msgspec.convert(said, Arrival)) == said
    answer = {"party": "UZ", "state": "kept", "why": "w", "at": "2021-11-01T00:00:00Z", "proven": True}
    recall = {"recall": "1.1", "id": "x--1", "version": "", "origin": "KZ", "cause": "recalled", "reason": "", "at": answer["at"]}
    whole = msgspec.json.encode({"items": [{**recall, "parties": [answer]}], "more": False})
    assert msgspec.json.encode(msgspec.json.decode(whole, type=RecallStatuses)) == whole
