from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.table import Row, read, rows
from comity.terms.item import Draft, Refused
from comity.terms.stix import check, derived_id, pattern_value

AT = datetime(2024, 3, 1, tzinfo=UTC)


def pairs(text: str) -> list[tuple[str, str] | str]:
    return [(row.kind, row.value) if isinstance(row, Row) else row.position for row in rows(text.encode().splitlines(keepends=True))]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "# list\na.example\n\n 192.0.2.1 \nb.example # why\nnot one\n",
            [("domain", "a.example"), ("ipv4", "192.0.2.1"), ("domain", "b.example"), "line 6"],
        ),
        (
            "0.0.0.0 a.example\n127.0.0.1\tb.example\n0.0.0.0 c.example\n",
            [("domain", "a.example"), ("domain", "b.example"), ("domain", "c.example")],
        ),
        (
            "#fields\tindicator\tindicator_type\tmeta.source\n# said\na.example\tIntel::DOMAIN\tx\nb.example/\\x23\tIntel::URL\tx\n"
            "192.0.2.0/24\tIntel::SUBNET\tx\na.exe\tIntel::FILE_NAME\tx\n" + "a" * 40 + "\tIntel::FILE_HASH\tx\n",
            [("domain", "a.example"), ("url", "http://b.example/"), ("cidr", "192.0.2.0/24"), "line 6", ("sha1", "a" * 40)],
        ),
        (
            "type,value\ndomain,A.example.\nurl,b.example/x\nip,192.0.2.0/24\n",
            [("domain", "a.example"), ("url", "http://b.example/x"), ("cidr", "192.0.2.0/24")],
        ),
        (
            "domain\t a.example\tfeed\nsha1\t" + "A" * 40 + "\tfeed\ndomain\tcom\tfeed\n",
            [("domain", "a.example"), ("sha1", "a" * 40), "line 3"],
        ),
        ('"value";"note"\n"a[.]example";"x;y"\n', [("domain", "a.example")]),
        ("id|ioc|x\n1|192.0.2.1|y\n2|2001:db8::1|y\n", [("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1")]),
        ("md5,name\n" + "a" * 32 + ",x\n", [("md5", "a" * 32)]),
        ("2024-01-01,192.0.2.1,x\n2024-01-02,192.0.2.2,y\n", [("ipv4", "192.0.2.1"), ("ipv4", "192.0.2.2")]),
        ("type,value\nip:port,192.0.2.1:443\ndomain,192.0.2.9\ndomain\n", [("ipv4", "192.0.2.1"), ("ipv4", "192.0.2.9"), "line 4"]),
        ("\ufeffvalue\na.example\n", [("domain", "a.example")]),
        (
            "127.0.0.1 localhost\n0.0.0.0 a.example\n0.0.0.0 b.example c.example # two\n",
            [("domain", "a.example"), ("domain", "b.example"), ("domain", "c.example")],
        ),
        (
            "! Title\n[Adblock Plus]\n||a.example^\n||b.example^\n@@||c.example^\n",
            [("domain", "a.example"), ("domain", "b.example"), "line 5"],
        ),
        ("x,192.0.2.1:80\ny,192.0.2.2:80\n", [("ipv4", "192.0.2.1"), ("ipv4", "192.0.2.2")]),
        (
            "uuid,event_id,category,type,value,comment,to_ids,date\n"
            '"x",1,"a","domain","a.example","",1,20240101\n"x",1,"a","domain","b.example","",0,20240101\n'
            '"x",1,"a","ip-dst|port","192.0.2.1|80","",1,20240101\n"x",1,"a","filename","setup.example","",1,20240101\n',
            [("domain", "a.example"), ("ipv4", "192.0.2.1"), "line 5"],
        ),
        ("", []),
        ("# nothing\n", []),
    ],
)
def test_lists_and_tables(text: str, want: list[tuple[str, str] | str]) -> None:
    assert pairs(text) == want


def test_columns_beside_the_value() -> None:
    text = (
        "first_seen,ioc,tlp,description,confidence,source\n"
        '2024-01-02 03:04:05,a.example,TLP:RED,"say ""hi"", twice",70,feed\n'
        ",b.example,,,x,\n"
        "2024-13-01,c.example,violet,,,\n"
    )
    first, second, third = rows(text.encode().splitlines())
    assert first == Row(2, "domain", "a.example", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "red", 'say "hi", twice', "feed", 70)
    assert second == Row(3, "domain", "b.example")
    # A marking that cannot be read must not be taken for none.
    assert isinstance(third, Refused)
    assert third.position == "line 4"
    assert "violet" in third.why


def test_rows_become_derived_indicators_that_repeat_exactly() -> None:
    lines = [b"value,tlp,first_seen", b"a.example,amber,2024-01-02", b"b.example,,", b"junk row,,"]
    first = list(read(lines, at=AT))
    assert first == list(read(lines, at=AT))
    drafts = [item for item in first if isinstance(item, Draft)]
    assert [item.position for item in first] == ["line 2", "line 3", "line 4"]
    assert [item.tlp for item in drafts] == ["amber", None]
    assert [item.obj["created"] for item in drafts] == ["2024-01-02T00:00:00.000Z", "2024-03-01T00:00:00.000Z"]
    for item, value in zip(drafts, ("a.example", "b.example"), strict=True):
        assert item.derived
        assert check(item.obj) is None
        assert pattern_value(item.obj["pattern"]) == [("domain", value)]
        assert item.obj["id"] == derived_id("indicator", "domain", value)


def test_rows_stream() -> None:
    def endless(count: int) -> Iterator[bytes]:
        for number in range(count):
            yield b"domain,n%d.example\n" % number

    tracemalloc.start()
    try:
        assert sum(isinstance(item, Draft) for item in read(endless(20_000), at=AT)) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@given(st.lists(st.text(max_size=30), max_size=12), st.sampled_from([",", "\t", ";", ""]))
def test_any_lines_give_rows_or_refusals(cells: list[str], delimiter: str) -> None:
    lines = [f"{cell}{delimiter}a.example".encode("utf-8", "replace") for cell in cells]
    for item in rows(lines):
        assert isinstance(item, Row | Refused)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a.example, b.example\nc.example", ["a.example", "b.example", "c.example"]),
        ('"a.example";"b.example"\n"c.example";', ["a.example", "b.example", "c.example"]),
        ("a.example, b.example; 192.0.2.9 # said\n", ["a.example", "b.example", "192.0.2.9"]),
        ("http://a.example/x,y", ["http://a.example/x,y"]),
        ("0.0.0.0 " + " ".join(f"n{n}.example" for n in range(1_500)), [f"n{n}.example" for n in range(1_500)]),
        ("a.example,feed.example\nb.example,feed.example", ["a.example", "b.example"]),
        ("a.example,https://feed.example/1\nb.example,https://feed.example/2", ["a.example", "b.example"]),
    ],
)
def test_several_values_in_a_line(text: str, want: list[str]) -> None:
    assert [row.value for row in rows(text.encode().splitlines()) if isinstance(row, Row)] == want
