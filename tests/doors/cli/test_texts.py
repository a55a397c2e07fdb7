"""Naming an agreement: a file, or one that a node holds."""

from __future__ import annotations

from comity.doors.cli.texts import is_file


def test_a_name_is_a_file_if_it_looks_like_one_or_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example").write_text("")
    assert is_file("absent.toml")
    assert is_file("example")
    assert not is_file("example-ict@1")


def test_a_file_is_read_and_an_id_is_looked_up_newest_first(comity, tmp_path):
    from comity import samples

    text = samples.read("sco-ict-sample.toml").decode()
    comity("init", "--party", "KZ")
    for version in (1, 2):
        (tmp_path / "a.toml").write_text(text.replace("version = 1", f"version = {version}"))
        comity("agreement", "add", "a.toml")
    assert b"version = 2" in comity("agreement", "show", "sco-ict-sample", "--toml", "-o", "table").stdout
    assert b"version = 1" in comity("agreement", "show", "sco-ict-sample@1", "--toml", "-o", "table").stdout
    assert comity("agreement", "show", "absent.toml", code=3).stderr
    assert b"comity agreement list" in comity("agreement", "show", "absent", code=3).stderr
