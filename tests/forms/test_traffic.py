from __future__ import annotations

from typing import Any

import pytest

from comity.forms.eve import eve_json
from comity.forms.traffic import Traffic, file_names, traffic_of
from comity.forms.zeek import ZeekReader

ONE, OTHER = "192.0.2.1", "198.51.100.2"


@pytest.mark.parametrize(
    "record",
    [
        {"id.orig_h": ONE, "id.resp_h": OTHER, "id.orig_p": "50000", "id.resp_p": "443", "proto": "tcp", "service": "ssl"},
        {"id_orig_h": ONE, "id_resp_h": OTHER, "id_orig_p": 50000, "id_resp_p": 443, "proto": "tcp", "service": "ssl"},
        {"src_ip": ONE, "dest_ip": OTHER, "src_port": 50000, "dest_port": 443, "proto": "TCP", "app_proto": "ssl"},
        {"source": {"ip": ONE, "port": 50000}, "destination.ip": OTHER, "destination.port": 443, "network": {"transport": "tcp", "protocol": "ssl"}},
        {"id": {"orig_h": ONE, "resp_h": OTHER, "orig_p": 50000, "resp_p": 443}, "proto": "tcp,ssl"},
    ],
)  # fmt: skip
def test_who_spoke_to_whom(record: dict[str, Any]) -> None:
    assert traffic_of(record) == Traffic(ONE, OTHER, 50_000, 443, ("tcp", "ssl"))


def test_what_is_not_said() -> None:
    assert traffic_of({"src_ip": ONE}) is None
    assert traffic_of({"src_ip": [ONE], "dest_ip": OTHER}) is None
    odd = {"src_ip": ONE, "dest_ip": OTHER, "src_port": True, "dest_port": "70000", "proto": 6}
    assert traffic_of(odd) == Traffic(ONE, OTHER, None, None, ())


def test_names_of_files() -> None:
    assert file_names({"filename": "x.exe"}) == [("", "x.exe")]
    assert file_names({"fileinfo": {"filename": "/a/x"}}) == [("fileinfo", "x")]
    assert file_names({"file": {"name": "c:\\a\\y"}, "filename": ""}) == [("file", "y")]
    assert file_names({"filename": "/"}) == []


def test_readers_give_records() -> None:
    reader = ZeekReader()
    for line in (b"#separator \\x09", b"#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tservice"):
        reader.candidates(line)
    row = b"1700000000\t192.0.2.1\t198.51.100.2\t443\ttcp\t-"
    assert traffic_of(reader.record(row)) == Traffic(ONE, OTHER, None, 443, ("tcp",))
    assert reader.record(b'{"filename":"x"}') == {"filename": "x"}
    assert eve_json().record(b"no event") == {}
