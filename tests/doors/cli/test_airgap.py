"""`comity airgap`: the page about it is walked through, and its errors end as it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity import samples
from comity.doors.cli.airgap import _bytes
from comity.errors import SenderFault
from tests.consortium import indicator
from tests.doors.cli.walk import Walk, blocks, commands, fits

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "airgap.md").read_text("utf-8")


def test_the_page_does_what_it_says(monkeypatch, tmp_path):
    walk, run = Walk(monkeypatch, tmp_path), 0
    (tmp_path / "ours.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    (tmp_path / "one.json").write_text(json.dumps(indicator()))
    for node, party in (("centre", "SCO-CENTRE"), ("kz", "KZ")):
        walk.run(f"comity init --party {party} --node {node}")
        walk.run(f"comity agreement add ours.toml --node {node}")
    walk.run("comity add one.json --node kz")
    for kind, content in blocks(PAGE):
        assert kind == "console"
        for command, expected in commands(content):
            said = walk.run(command)
            assert fits(said, expected), f"$ {command}\n{said}"
            run += 1
    assert run == 17


@pytest.fixture
def nodes(comity, tmp_path):
    """KZ's node with something for the centre's, linked; the folder."""
    (tmp_path / "ours.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    (tmp_path / "one.json").write_text(json.dumps(indicator()))
    for node, party in (("centre", "SCO-CENTRE"), ("kz", "KZ")):
        comity("init", "--party", party, node=node)
        comity("agreement", "add", "ours.toml", node=node)
        comity("airgap", "identity", f"{node}.id", node=node)
    comity("airgap", "link", "centre.id", "--name", "centre", node="kz")
    comity("airgap", "link", "kz.id", node="centre")
    comity("add", "one.json", node="kz")
    return tmp_path


def rows(done) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_wrong_is_said_with_whose_fault_it_is(comity, nodes):
    (packed,) = rows(comity("airgap", "pack", "centre", "--out", "stick", node="kz"))
    file = nodes / str(packed["file"])
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    done = comity("airgap", "import", "stick", node="centre", code=8)
    assert b"is cut off" in done.stderr and b"copy comity-KZ-SCO-CENTRE-000001-001of001.airgap from the medium again" in done.stderr
    assert "is cut off" in str(rows(done)[0]["problem"])
    file.write_bytes(whole)
    assert b"is for SCO-CENTRE/SCO-CENTRE-sco" in comity("airgap", "import", "stick", node="kz", code=2).stderr
    comity("peer", "remove", "kz", node="centre")
    assert b"comity airgap link FILE" in comity("airgap", "verify", "stick", node="centre", code=3).stderr
    comity("airgap", "link", "kz.id", node="centre")
    comity("airgap", "import", "stick", node="centre")
    comity("fsck", node="centre")
    (nodes / "empty").mkdir()
    assert b"no *.airgap file" in comity("airgap", "import", "empty", node="centre", code=3).stderr


def test_a_part_that_is_missing_is_named(comity, nodes):
    (nodes / "many.json").write_text(
        json.dumps({"type": "bundle", "id": f"bundle--{indicator()['id'][11:]}", "objects": [indicator() for _ in range(40)]})
    )
    comity("add", "many.json", node="kz")
    files = [str(row["file"]) for row in rows(comity("airgap", "pack", "centre", "--out", "stick", "--media-size", "20kB", node="kz"))]
    assert len(files) > 2
    done = comity("airgap", "verify", *files[:1], *files[2:], node="centre", code=3)
    assert Path(files[1]).name.encode() in done.stderr
    assert rows(comity("airgap", "import", *reversed(files), node="centre"))[0]["objects"] == 41


def test_a_gap_is_named_and_mended(comity, nodes):
    comity("airgap", "pack", "centre", "--out", "lost", "--diode", node="kz")
    (nodes / "two.json").write_text(json.dumps(indicator()))
    comity("add", "two.json", node="kz")
    comity("airgap", "pack", "centre", "--out", "stick", "--diode", node="kz")
    done = comity("airgap", "import", "stick", node="centre", code=7)
    assert b"a medium between is missing" in done.stderr and b"--after 0" in done.stderr
    comity("airgap", "pack", "centre", "--out", "again", "--after", "0", node="kz")
    assert rows(comity("airgap", "import", "again", node="centre"))[0]["objects"] == 2


def test_rules_and_keys_for_sealing_travel_on_media(comity, nodes):
    comity("init", "--party", "UZ", node="uz")
    comity("airgap", "identity", "uz.id", node="uz")
    comity("airgap", "identity", "with-rules.id", "--rules", node="centre")
    comity("airgap", "link", "with-rules.id", "--name", "centre", node="uz")
    comity("airgap", "link", "uz.id", node="centre")
    for party in ("KZ", "UZ"):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", "member", "--from", "2020-01-01", node="centre")
    key = rows(comity("party", "key", "show", "--sealing", node="kz"))[0]["key"]
    comity("party", "key", "add", "--party", "KZ", "--key", str(key), node="centre")
    comity("airgap", "pack", "uz", "--out", "rules", node="centre")
    comity("airgap", "import", "rules", node="uz")
    assert key in [row["key"] for row in rows(comity("party", "key", "list", node="uz"))]
    (nodes / "three.json").write_text(json.dumps(indicator()))
    comity("add", "three.json", "--sealed", "--to", "KZ", node="uz")
    other = nodes / "forged.id"
    other.write_bytes(b"comity rules nonsense\n" + (nodes / "kz.id").read_bytes())
    assert b"not a verifier key" in comity("airgap", "link", "forged.id", "--name", "x", node="uz", code=8).stderr


def test_options_that_do_not_go_together_are_refused(comity, nodes):
    for options in (["--overlap", "2"], ["--diode", "--receipts"], ["--diode", "--after", "1"], ["--media-size", "much"]):
        comity("airgap", "pack", "centre", *options, node="kz", code=2)
    assert b"parcels 41 to 41" in comity("airgap", "pack", "centre", "--past", "40", "--out", "stick", node="kz").stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [("650MB", 650_000_000), ("4.7GB", 4_700_000_000), ("25MiB", 25 << 20), ("1 kB", 1_000), ("20000", 20_000), ("3KiB", 3_072)],
)
def test_sizes(text, size):
    assert _bytes(text) == size


@pytest.mark.parametrize("text", ["", "MB", "1TBit", "-1MB", "1e9", "٣MB"])
def test_no_sizes(text):
    with pytest.raises(SenderFault):
        _bytes(text)


def test_a_centre_that_makes_the_rules_says_by_which_keys_its_members_sign(comity, tmp_path):
    for node, party in (("centre", "SCO-CENTRE"), ("kz", "KZ"), ("uz", "UZ")):
        comity("init", "--party", party, node=node)
    for node in ("kz", "uz"):
        comity("airgap", "identity", f"{node}.id", node=node)
    comity("airgap", "link", "kz.id", node="centre")
    assert rows(comity("party", "key", "list", node="centre")) == []
    comity("airgap", "identity", "centre.id", "--rules", node="centre")
    comity("airgap", "link", "uz.id", node="centre")
    assert [each["party"] for each in rows(comity("party", "key", "list", node="centre"))] == ["KZ", "UZ"]


def test_new_keys_are_taken_by_a_link_that_stands_and_what_waited_goes_under_them(comity, nodes):
    for code in ("KZ", "UZ"):
        comity("party", "add", "--party", code, "--body", "sco", "--standing", "member", "--from", "2020-01-01", node="centre")
    two = indicator()
    (nodes / "two.json").write_text(json.dumps(two))
    comity("airgap", "pack", "centre", "--out", "stick", node="kz")
    comity("airgap", "import", "stick", node="centre")
    comity("add", "two.json", node="centre")
    comity("airgap", "pack", "kz", "--out", "back", node="centre")
    comity("airgap", "import", "back", node="kz")
    said = comity("peer", "rotate", "--parcels", "-o", "ndjson", node="kz")
    assert "comity airgap link" in str(rows(said)[0]["keys"])
    (nodes / "three.json").write_text(json.dumps(indicator()))
    comity("add", "three.json", node="kz")
    packed = comity("airgap", "pack", "centre", "--out", "new", node="kz")
    assert b"parcels 2 to 2, 1 answer" in packed.stderr
    done = comity("airgap", "import", "new", node="centre", code=8)
    assert b"is not KZ/KZ-sco's" in done.stderr and b"comity airgap link FILE" in done.stderr
    comity("airgap", "identity", "kz2.id", node="kz")
    assert b"leave out --name" in comity("airgap", "link", "kz2.id", "--name", "other", node="centre", code=6).stderr
    comity("airgap", "link", "kz2.id", node="centre")
    comity("airgap", "link", "kz2.id", node="centre")
    (found,) = rows(comity("airgap", "import", "new", node="centre"))
    assert (found["objects"], found["answers"], found["problem"]) == (1, 1, "")
    arrival = json.loads(comity("why", two["id"], "KZ", "--arrival", node="centre").stdout)["arrival"]
    assert (arrival["state"], arrival["proven"]) == ("arrived", True)
    assert b"keys known for it did not sign" in comity("airgap", "link", "kz.id", node="centre", code=8).stderr
