"""`comity log watch` and `comity log compare`, with a log that is exported as tiles: it grows, it is cut, it is another."""

from __future__ import annotations

import json
import shutil

import pytest


@pytest.fixture
def log(comity, tmp_path):
    comity("init", "--party", "KZ")
    key = json.loads(comity("log", "witness", "key", "-o", "json").stdout)["log"]
    comity("log", "export", "--tiles", "public")

    def watch(**more):
        return comity("log", "watch", "public", "--key", key, "--keep", "kept", node="nowhere", **more)

    return watch, key


def test_a_log_that_grows_is_followed(comity, tmp_path, log):
    watch, _ = log
    first = json.loads(watch().stdout)["size"]
    watch()
    comity("token", "create", "--party", "UZ")
    comity("log", "export", "--tiles", "public")
    assert json.loads(watch().stdout)["size"] > first


def test_a_log_that_was_cut_or_changed_is_told_and_kept(comity, tmp_path, log):
    watch, key = log
    shutil.copytree(tmp_path / "node", tmp_path / "yesterday")
    comity("token", "create", "--party", "UZ")
    comity("log", "export", "--tiles", "public")
    watch()
    kept = (tmp_path / "kept").read_bytes()
    comity("log", "export", "--tiles", "other", node="yesterday")
    assert b"its end was removed" in comity("log", "watch", "other", "--key", key, "--keep", "kept", code=8).stderr
    comity("token", "create", "--party", "IR", node="yesterday")
    comity("log", "export", "--tiles", "other", node="yesterday")
    assert b"two pasts" in comity("log", "watch", "other", "--key", key, "--keep", "kept", code=8).stderr
    assert (tmp_path / "kept").read_bytes() == kept
    assert b"two pasts" in comity("log", "compare", "kept", "kept.fork", "--key", key, code=8).stderr
    comity("token", "create", "--party", "IR", node="yesterday")
    comity("log", "export", "--tiles", "other", node="yesterday")
    assert b"does not extend" in comity("log", "watch", "other", "--key", key, "--keep", "kept", code=8).stderr
    comity("log", "compare", "kept", "kept", "--key", key)


def test_tiles_of_another_log_are_left_alone(comity, tmp_path, log):
    comity("init", "--party", "UZ", node="uz")
    assert b"not of this log" in comity("log", "export", "--tiles", "public", node="uz", code=6).stderr
    comity("log", "watch", "nothing", "--key", log[1], "--keep", "x", code=3)
