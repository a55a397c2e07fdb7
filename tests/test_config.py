"""Settings: written and read back, wrong ones are the operator's to correct."""

from __future__ import annotations

import os

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.config import History, Limits, Peering, Settings, Sightings, cache_folder, node_folder, read_settings, write_settings
from comity.errors import OperatorFault

PLAIN = Settings(party="KZ", name="KZ-sco", body="sco")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("COMITY_NODE", "COMITY_STORE", "COMITY_TITLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "change",
    [
        {}, {"title": "KZ-CERT"}, {"store": "sqlite:/var/lib/comity/a b.db"}, {"hosts": ("node.example", "192.0.2.1")}, {"hosts": ()},
        {"sightings": Sightings(parties=2, delay=0, named=True)}, {"history": History(keep=True, folder="/var/a b")},
        {"limits": Limits(page=10)}, {"peering": Peering(port=8444, url="https://centre.example:8444/", front=True)}, {"limits": Limits(object_bytes=1, content_bytes=2, objects=3, page=4), "hosts": ("node.example",)},
    ],
)  # fmt: skip
def test_settings_are_read_as_they_were_written(tmp_path, change):
    given_ = msgspec.structs.replace(PLAIN, **change)
    write_settings(tmp_path, given_)
    assert read_settings(tmp_path) == given_


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_title_survives(tmp_path, title):
    write_settings(tmp_path, msgspec.structs.replace(PLAIN, title=title))
    assert read_settings(tmp_path).title == title


def test_only_what_differs_from_the_defaults_is_written(tmp_path):
    write_settings(tmp_path, PLAIN)
    assert (tmp_path / "node.toml").read_text() == 'party = "KZ"\nname = "KZ-sco"\nbody = "sco"\n'


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    write_settings(tmp_path, msgspec.structs.replace(PLAIN, title="from the file", store="sqlite:file.db"))
    monkeypatch.setenv("COMITY_TITLE", "from the environment")
    assert (read_settings(tmp_path).title, read_settings(tmp_path).store) == ("from the environment", "sqlite:file.db")
    monkeypatch.setenv("COMITY_STORE", "sqlite:other.db")
    assert read_settings(tmp_path).store == "sqlite:other.db"


def test_whose_node_it_is_does_not_come_from_the_environment(tmp_path, monkeypatch):
    write_settings(tmp_path, PLAIN)
    monkeypatch.setenv("COMITY_PARTY", "UZ")
    assert read_settings(tmp_path).party == "KZ"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("delay = -1", "hours, 0 to 8,760"), ("window = 0", "days, 1 to 10,000"), ('window = "1w"', "days, 1 to 10,000"), ("parties = 0", "parties`$")],
)  # fmt: skip
def test_a_number_that_is_wrong_is_told_with_its_unit(tmp_path, wrong, said):
    (tmp_path / "node.toml").write_text(f'party = "KZ"\n[sightings]\n{wrong}\n')
    with pytest.raises(OperatorFault, match=said):
        read_settings(tmp_path)


def test_a_folder_that_is_not_there_is_not_called_a_node(tmp_path):
    with pytest.raises(OperatorFault, match="there is no folder") as fault:
        read_settings(tmp_path / "none")
    assert "--node DIR or COMITY_NODE" in fault.value.next


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="nothing is forbidden to root")
def test_settings_of_another_user_are_not_called_wrong(tmp_path):
    write_settings(tmp_path, PLAIN)
    (tmp_path / "node.toml").chmod(0)
    with pytest.raises(OperatorFault, match="may not be read") as fault:
        read_settings(tmp_path)
    assert "user who owns" in fault.value.next


def test_a_folder_without_settings_is_no_node(tmp_path):
    with pytest.raises(OperatorFault, match=r"no node\.toml") as fault:
        read_settings(tmp_path)
    assert "comity init" in fault.value.next


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"party = KZ", b'party = "KZ"', b'party = "KZ"\nname = "n"\nbody = "sco"\nunknown = 1', b'party = 1\nname = "n"\nbody = "sco"', b"\xff\xfe",
        b'party = "KZ"\nname = "n"\nbody = "sco"\n[limits]\npages = 1', b'party = "KZ"\nname = "n"\nbody = "sco"\n[limits]\npage = "many"',
    ],
)  # fmt: skip
def test_a_wrong_file_is_named(tmp_path, raw):
    (tmp_path / "node.toml").write_bytes(raw)
    with pytest.raises(OperatorFault, match=r"node\.toml") as fault:
        read_settings(tmp_path)
    assert fault.value.next


def test_a_folder_in_the_files_place_is_named(tmp_path):
    (tmp_path / "node.toml").mkdir()
    with pytest.raises(OperatorFault, match=r"node\.toml"):
        read_settings(tmp_path)


def test_the_nodes_folder_flag_then_environment_then_default(monkeypatch):
    assert str(node_folder(None)) == "comity-node"
    monkeypatch.setenv("COMITY_NODE", "elsewhere")
    assert str(node_folder(None)) == "elsewhere"
    assert str(node_folder("given")) == "given"
    monkeypatch.setenv("COMITY_NODE", "")
    assert str(node_folder(None)) == "comity-node"


def test_only_loopback_names_are_answered_by_default():
    assert set(PLAIN.hosts) == {"localhost", "127.0.0.1", "::1"}


def test_what_can_be_made_again_is_kept_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder() == tmp_path / "cache/comity"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache/comity"
