"""Patterns over logs: whatever the plain engine says of the same events, no more and no less; and what bounds it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.clock import EPOCH, micros
from comity.errors import SenderFault
from comity.forms.event_time import moment_of
from comity.forms.zeek import zeek_json
from comity.match import parallel
from comity.match.event_view import Event
from comity.match.hit import Hit
from comity.match.index import Index
from comity.match.parallel import scan_all
from comity.match.pattern_set import MOST, PatternSet
from comity.match.patterns import Observed, Pattern
from comity.match.scan import scan
from comity.terms.pattern import Observation, parse
from comity.terms.pattern_atoms import PATTERN, normalised
from comity.terms.pattern_check import joins_types
from comity.terms.pattern_extent import alternatives, timed

A, B, C = "[domain-name:value = 'a.example']", "[domain-name:value = 'b.example']", "[ipv4-addr:value = '192.0.2.1']"


def event(at: float | None, **more: object) -> str:
    return json.dumps(({} if at is None else {"ts": 1_700_000_000 + at}) | more)


def dns(at: float | None, name: str) -> str:
    return event(at, query=name)


def found(folder: Path, text: str, lines: Sequence[str], *, every: bool = False, told: list[str] | None = None) -> list[Hit]:
    path = folder / "x.log"
    path.write_text("\n".join(lines) + "\n")
    index = Index.build([(PATTERN, text, "indicator--1")])
    index = index.on_each_line() if every else index
    return list(scan([str(path)], index, "zeek-json", None if told is None else told.append))


def lines_hit(folder: Path, text: str, lines: Sequence[str], *, every: bool = False, told: list[str] | None = None) -> list[int]:
    return [hit.line for hit in found(folder, text, lines, every=every, told=told)]


def test_a_hit_of_a_pattern(tmp_path: Path) -> None:
    text = f"{A} FOLLOWEDBY {B} WITHIN 10 SECONDS"
    lines = [dns(0, "a.example"), dns(1, "c.example"), dns(2, "B.Example."), dns(3, "b.example")]
    (hit,) = found(tmp_path, text, lines)
    assert (hit.line, hit.kind, hit.value, hit.how, hit.indicator) == (3, "pattern", text, "pattern", "indicator--1")
    assert (hit.field, hit.observed) == ("query", "B.Example.")
    assert hit.at is not None
    assert hit.at.timestamp() == 1_700_000_002


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        (f"{A} AND {B}", [2]),
        (f"{A} AND {C}", [3]),
        (f"{A} FOLLOWEDBY {B}", [2]),
        (f"{B} FOLLOWEDBY {A}", [4]),
        (f"({B} FOLLOWEDBY {A}) WITHIN 2 SECONDS", []),
        (f"{A} REPEATS 2 TIMES", [4]),
        (f"{A} REPEATS 2 TIMES WITHIN 6 SECONDS", [4]),
        (f"{A} REPEATS 2 TIMES WITHIN 5 SECONDS", []),
        (f"{A} OR {C}", [1, 3, 4]),
        (f"{A} START t'2023-11-14T22:13:24Z' STOP t'2024-01-01T00:00:00Z'", [4]),
        ("[domain-name:value LIKE '%.example' AND domain-name:value != 'b.example' AND domain-name:value IN ('a.example', 'b.example')]", [1, 4]),
        ("[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]", [3]),
        ("[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 80]", []),
        ("[network-traffic:dst_ref.value ISSUBSET '192.0.2.0/24' AND network-traffic:protocols[*] = 'tcp']", [3]),
        ("[domain-name:value = 'a.example' AND ipv4-addr:value = '192.0.2.1']", []),
    ],
)  # fmt: skip
def test_operators(tmp_path: Path, text: str, hits: list[int]) -> None:
    flow = {"id.orig_h": "198.51.100.7", "id.orig_p": 50_000, "id.resp_h": "192.0.2.1", "id.resp_p": 443, "proto": "tcp"}
    lines = [dns(0, "a.example"), dns(1, "b.example"), event(2, **flow), dns(5, "a.example")]
    assert lines_hit(tmp_path, text, lines) == hits


def test_events_of_several_logs_are_joined_by_their_times(tmp_path: Path) -> None:
    (tmp_path / "1").write_text(dns(5, "a.example") + "\n" + dns(9, "b.example") + "\n")
    (tmp_path / "2").write_text(event(7, **{"id.resp_h": "192.0.2.1"}) + "\n")
    index = Index.build([(PATTERN, f"({A} FOLLOWEDBY {C} FOLLOWEDBY {B}) WITHIN 5 SECONDS", "x")])
    assert [(Path(hit.file).name, hit.line) for hit in scan([str(tmp_path / "1"), str(tmp_path / "2")], index)] == [("2", 1)]


def test_events_without_a_time(tmp_path: Path) -> None:
    lines = [dns(None, "a.example"), dns(None, "b.example")]
    told: list[str] = []
    assert lines_hit(tmp_path, f"{A} AND {B}", lines, told=told) == [2]
    assert told == []
    assert lines_hit(tmp_path, f"{A} FOLLOWEDBY {B}", lines, told=told) == []
    assert len(told) == 1
    assert "2 that it fits do not say it" in told[0]
    with pytest.raises(SenderFault, match="do not say it"):
        found(tmp_path, f"{A} FOLLOWEDBY {B}", lines)


def test_what_is_remembered_is_bounded_and_told(tmp_path: Path) -> None:
    told: list[str] = []
    flood = [dns(1, "b.example"), *(dns(2 + number / 10_000, "a.example") for number in range(MOST + 5))]
    hits = lines_hit(tmp_path, f"{B} FOLLOWEDBY {A} FOLLOWEDBY {C}", [*flood, event(9, x="192.0.2.1")], told=told)
    assert hits == [len(flood) + 1]  # the rare one is not what is forgotten
    assert len(told) == 1
    assert f"line {MOST + 1:,}" in told[0]
    told.clear()
    slow = [dns(number, "a.example") for number in range(MOST + 5)]
    assert lines_hit(tmp_path, f"({A} AND {C}) WITHIN 9 SECONDS", [*slow, event(MOST + 9, x="192.0.2.1")], told=told) == [MOST + 6]
    assert told == []  # what is out of its window is no loss


def test_what_takes_too_long_is_told_and_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.match.patterns.EFFORT", 3)
    told: list[str] = []
    found(tmp_path, f"({A} FOLLOWEDBY {B} FOLLOWEDBY {A}) AND {C}", [event(0, x="192.0.2.1"), dns(1, "b.example"), dns(2, "a.example"), dns(3, "a.example")], told=told)  # fmt: skip
    assert any("begins anew" in each for each in told)


@pytest.mark.parametrize(
    "text",
    [
        " AND ".join([A] * 10_000),
        "[" + " AND ".join(["domain-name:value = 'a.example'"] * 10_000) + "]",
        "[" + " OR ".join(f"domain-name:value = 'a{number}.example'" for number in range(10_000)) + f"] AND {B}",
        "(" * 64 + A + ")" * 64,
        "(" * 65 + A + ")" * 65,
        f"{A} REPEATS 999999999999 TIMES",
        f"[domain-name:value = 'a.example' AND domain-name:value MATCHES '{'(a+)+' * 50}$']",
        r"[domain-name:value MATCHES '(a)\\1']",
        "[domain-name:value = t'2024-01-01T00:00:00Z']",
        f"{A} START t'2024-02-31T00:00:00Z' STOP t'2024-03-01T00:00:00Z'",
        "[" + "file:name = 'x' AND " * 9 + "process:pid = 5]",
    ],
    ids=range(11),
)
def test_hostile_patterns_end_soon(tmp_path: Path, text: str) -> None:
    lines = [dns(0, "a.example"), dns(1, "b.example"), *(dns(number, "a" * 200 + ".a.example") for number in range(50))]
    found(tmp_path, text, lines, every=True, told=[])


def test_processes_give_the_same_hits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_SMALL", 0)
    monkeypatch.setattr("comity.match.units.PART", 20_000)
    path = tmp_path / "x"
    path.write_text("".join(dns(number, ("a", "b", "c")[number % 7 % 3] + ".example") + "\n" for number in range(3_000)))
    index = Index.build([(PATTERN, f"({A} FOLLOWEDBY {B} FOLLOWEDBY {A}) WITHIN 4 SECONDS", "x"), ("domain", "c.example", "y")])
    alone = list(scan([str(path)], index))
    assert {hit.kind for hit in alone} == {"pattern", "domain"}
    assert list(scan_all([str(path)], index, jobs=2)) == alone


atoms = st.sampled_from([
    "domain-name:value = 'a.example'", "domain-name:value IN ('a.example', 'b.example')", "domain-name:value LIKE '%.b.example'",
    "domain-name:value != 'a.example'", "ipv4-addr:value ISSUBSET '192.0.2.0/30'", "ipv4-addr:value = '192.0.2.0/24'", "url:value LIKE 'http://a.example/%'",
    "url:value = 'http://A.example:80/x'", "domain-name:value MATCHES '^x'", "network-traffic:dst_port = 443", "network-traffic:dst_port > 80",
    "network-traffic:src_ref.value = '192.0.2.1'", "network-traffic:dst_ref.value IN ('198.51.100.0/24', '192.0.2.2')", "network-traffic:protocols[*] = 'tcp'",
    "file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E'", "file:name = 'x.exe'", "file:hashes.'SHA256' NOT = 'ab'", "email-addr:value = 'me@a.example'",
    "NOT EXISTS file:name", "EXISTS network-traffic:dst_port", "process:name = 'x'", "domain-name:value = 5", "ipv4-addr:value NOT IN ('192.0.2.1', '198.51.100.0/25')",
    "ipv6-addr:value ISSUBSET '2001:db8::/32'",
])  # fmt: skip
comparisons = st.recursive(
    atoms, lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"), max_leaves=3
)


def of_one_object(text: str) -> bool:
    """Whether one object could meet a `[ ... ]`: an AND of two object types is refused, which other tests ask."""
    tree = parse(text)
    return isinstance(tree, Observation) and not joins_types(tree.of)


leaves = comparisons.map(lambda text: f"[{text}]").filter(of_one_object)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR", "FOLLOWEDBY"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, st.integers(1, 5)).map(lambda parts: f"({parts[0]}) WITHIN {parts[1]} SECONDS"),
        st.tuples(inner, st.integers(1, 3)).map(lambda parts: f"({parts[0]}) REPEATS {parts[1]} TIMES"),
        inner.map(lambda text: f"({text}) START t'2023-11-14T22:13:22Z' STOP t'2023-11-14T22:13:26Z'"),
    ),
    max_leaves=4,
)
texts = st.sampled_from(
    ["a.example", "B.EXAMPLE.", "x.b.example", "xa.example", "c.example", "192.0.2.1", "192.0.2.9", "::ffff:192.0.2.2", "2001:db8::1"]
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "query": texts, "host": texts, "uri": st.sampled_from(["/x", "/y", "http://a.example/z"]), "mailfrom": st.sampled_from(["<me@A.example>", "x@b.example"]),
        "md5": st.just("d41d8cd98f00b204e9800998ecf8427e"), "sha256": st.just("ab" * 32), "filename": st.sampled_from(["x.exe", "y"]),
        "id.orig_h": st.sampled_from(["192.0.2.1", "198.51.100.7"]), "id.resp_h": st.sampled_from(["192.0.2.2", "198.51.100.200", "2001:db8::2"]),
        "id.resp_p": st.sampled_from([80, 443]), "proto": st.sampled_from(["tcp", "udp"]),
    },
)  # fmt: skip
events = st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 9)), fields).map(lambda pair: event(pair[0], **pair[1])), max_size=8)


def observations(lines: Sequence[str]) -> list[Observed]:
    """The events of some lines; one without a time is at 0."""
    reader = zeek_json()
    moments = [micros(moment_of(line.encode()) or EPOCH) * 1_000 for line in lines]
    return [
        Observed(at, at, 1, Event(reader.candidates(line.encode()), reader.record(line.encode())).objects)
        for at, line in zip(moments, lines)
    ]


def plain(text: str, lines: Sequence[str]) -> list[int]:
    """By the plain engine: each alternative by itself, over what came since it was last met."""
    hits: set[int] = set()
    for tree in alternatives(normalised(parse(text))):
        pattern, since = Pattern(tree), list[Observed]()
        for number, seen in enumerate(observations(lines), 1):
            if seen.first or not timed(tree):
                since.append(seen)
            if since[-1:] == [seen] and pattern.matches(since):
                hits.add(number)
                since.clear()
    return sorted(hits)


@settings(max_examples=400, deadline=None)
@given(text=expressions, lines=events)
def test_as_the_plain_engine_says(tmp_path_factory: pytest.TempPathFactory, text: str, lines: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    said = plain(text, lines)
    if all('"ts"' in line for line in lines):
        assert bool(said) == Pattern(normalised(parse(text))).matches(observations(lines))
    assert lines_hit(folder, text, lines, every=True, told=[]) == said
    left = PatternSet([(text, "x")]).left_out
    fast = lines_hit(folder, text, lines, told=[])
    assert set(fast) <= set(said) if left else fast == said
