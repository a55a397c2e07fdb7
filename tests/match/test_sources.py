from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import zstandard

from comity.errors import NotFound, SenderFault
from comity.match import openfile
from comity.match.index import Index
from comity.match.sources import load
from comity.terms.pattern_atoms import PATTERN

T = "2024-03-01T12:00:00.000Z"
ID = "indicator--12345678-1234-4234-8234-123456789012"
OTHER = "indicator--12345678-1234-4234-8234-123456789013"


def indicator(pattern: str, **more: object) -> dict[str, object]:
    return {"type": "indicator", "id": ID, "created": T, "modified": T, "pattern": pattern, "pattern_type": "stix", "valid_from": T, **more}


def put(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_lists_and_tables_with_what_was_wrong(tmp_path: Path) -> None:
    told: list[str] = []
    one = put(tmp_path, "a.txt", b"a.example\nnot one\n192.0.2.0/24\n")
    two = put(tmp_path, "b.csv.gz", gzip.compress(b"type,value\nsha1," + b"A" * 40 + b"\n"))
    assert list(load([one, two], told.append)) == [("domain", "a.example", None), ("cidr", "192.0.2.0/24", None), ("sha1", "a" * 40, None)]
    assert len(told) == 1
    assert told[0].startswith(f"{one}: line 2: ")


@pytest.mark.parametrize(
    "text",
    [
        '["a.example", "192.0.2.1"]',
        '[{"indicator": "a.example", "type": "domain"}, {"indicator": "192.0.2.1", "type": "ip"}]',
        '{"ioc": "a.example", "ioc_type": "domain"}\n{"ioc": "192.0.2.1:80", "ioc_type": "ip:port"}\n',
        '{"value": "a.example"}\n{"value": "192.0.2.1"}\n',
        '[{"domain": "a.example", "ip": "192.0.2.1"}]',
        '{"results": [{"name": "x", "references": ["https://b.example/"], "indicators": [{"indicator": "a.example"}, {"ip": "192.0.2.1"}]}]}',
    ],
)
def test_json_of_values(tmp_path: Path, text: str) -> None:
    assert list(load([put(tmp_path, "a.json", text.encode())])) == [("domain", "a.example", None), ("ipv4", "192.0.2.1", None)]


def test_of_very_much_that_is_wrong_the_rest_is_counted(tmp_path: Path) -> None:
    told: list[str] = []
    path = put(tmp_path, "a.log", b"GET / from nowhere\n" * 1_234 + b"a.example\n")
    assert list(load([path], told.append)) == [("domain", "a.example", None)]
    assert len(told) == 101
    assert told[99].startswith(f"{path}: line 100: ") and told[100].startswith(f"{path}: and 1,134 more")


def test_a_log_is_no_list(tmp_path: Path) -> None:
    path = put(tmp_path, "a.json", b'{"ts": 1, "url": "http://a.example/", "md5": "' + b"a" * 32 + b'"}\n' * 2)
    with pytest.raises(SenderFault, match="no list of indicators"):
        list(load([path]))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_exports_of_windows(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "a.txt", "a.example\r\n192.0.2.1\r\n".encode(encoding))
    assert list(load([path])) == [("domain", "a.example", None), ("ipv4", "192.0.2.1", None)]


def test_stix_gives_live_indicators_with_their_ids(tmp_path: Path) -> None:
    objects = [
        indicator("[domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']"),
        indicator("[domain-name:value = 'gone.example']", revoked=True),
        indicator("[process:name = 'x']"),
        indicator("alert tcp", pattern_type="snort"),
        {"type": "domain-name", "id": ID, "value": "seen.example"},
    ]
    told: list[str] = []
    path = put(tmp_path, "x", json.dumps({"type": "bundle", "objects": objects}).encode())
    assert list(load([path], told.append)) == [
        ("domain", "a.example", ID),
        ("ipv4", "192.0.2.1", ID),
        (PATTERN, "[process:name = 'x']", ID),
    ]
    assert [message.split(": ")[1] for message in told] == ["objects[3]"]


def test_misp_events_are_a_source(tmp_path: Path) -> None:
    uuid = "12345678-1234-4234-8234-123456789012"
    event = {
        "uuid": uuid,
        "info": "x",
        "timestamp": "1700000000",
        "Attribute": [{"uuid": uuid, "type": "domain", "value": "a.example", "to_ids": True}],
    }
    assert list(load([put(tmp_path, "m", json.dumps({"Event": event}).encode())])) == [("domain", "a.example", f"indicator--{uuid}")]


def test_what_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list(load([str(tmp_path / "none")]))
    with pytest.raises(SenderFault, match="zeek"):
        list(load([put(tmp_path, "z", b"#separator \\x09\n#fields\tts\n")]))
    with pytest.raises(SenderFault, match="damaged"):
        list(load([put(tmp_path, "d", gzip.compress(b"a.example\n" * 100_000)[:-400])]))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("text", [b'{"type": "bundle", "objects": []}', b'{"Event": {"info": "x"}}'])
def test_a_document_that_is_too_large_to_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack, text) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(openfile, "MOST", 1_000)
    with pytest.raises(SenderFault, match="more than the 1000"):
        list(load([put(tmp_path, "x", pack(text + b" " * 1_000))]))


def test_of_several_versions_the_newest_counts(tmp_path: Path) -> None:
    def version(day: int, pattern: str, **more: object) -> dict[str, object]:
        return indicator(pattern, modified=f"2021-01-{day:02}T00:00:00.000Z", **more)

    old, new = "[domain-name:value = 'old.example']", "[domain-name:value = 'new.example' OR domain-name:value = 'both.example']"
    both, odd = "[domain-name:value = 'both.example']", "[file:name = 'x' AND file:size = 1]"
    one = put(tmp_path, "one.json", json.dumps([version(1, old), version(2, both), {**version(1, odd), "id": OTHER}]).encode())
    two = put(tmp_path, "two.json", json.dumps([version(3, new), version(1, old), {**version(2, old, revoked=True), "id": OTHER}]).encode())
    for paths in ([one, two], [two, one]):
        index = Index.build(load(paths))
        assert [index.host(f"{name}.example") != () for name in ("old", "new", "both")] == [False, True, True]
        assert index.host("both.example")[0].ids == (ID,)
        assert not index.patterns.parts
