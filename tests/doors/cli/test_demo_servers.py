"""Servers of a demo, as far as one can tell without starting them; `test_demo_nodes` starts some."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from comity.doors.cli import demo_servers
from comity.doors.cli.demo_servers import Servers, free_port


def test_a_port_that_was_free_can_be_listened_on():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", free_port()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc: run on Linux")
def test_peak_memory_is_that_of_this_process_at_least():
    assert Servers().peak_memory() > 10_000_000
    assert demo_servers._peak(os.getpid()) <= Servers().peak_memory()


def test_peak_memory_of_what_is_not_there_is_none():
    assert demo_servers._peak(1 << 30) == 0


def test_the_running_package_is_found_by_the_servers_from_any_folder(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    paths = demo_servers._environment()["PYTHONPATH"].split(os.pathsep)
    assert os.path.isfile(os.path.join(paths[0], "comity", "__main__.py"))
    assert paths[1] == "elsewhere"
    monkeypatch.delenv("PYTHONPATH")
    assert demo_servers._environment()["PYTHONPATH"] == paths[0]
