"""Backups, made while the node goes on."""

from __future__ import annotations

import hashlib
import tarfile
import threading

import msgspec
import pytest

from comity.admin import backup
from comity.config import Settings
from comity.errors import IntegrityFault, OperatorFault
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from tests.consortium import Body, drafts, indicator


def test_a_backup_is_of_one_moment_though_the_node_goes_on(tmp_path):
    world = create_node(tmp_path / "node", Settings(party="KZ", name="kz", body="sco"), "member")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            list(submit(world, drafts([indicator()]), Submitter(party="KZ")))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        sizes = [backup.back_up(world, tmp_path / "node", tmp_path / f"b{number}").size for number in range(4)]
    finally:
        stop.set()
        thread.join()
    assert sizes == sorted(set(sizes))
    for number, size in enumerate(sizes):
        assert backup.check(tmp_path / f"b{number}").size == size
    world.store.close()


def test_a_store_in_memory_has_none(tmp_path):
    with pytest.raises(OperatorFault):
        backup.back_up(Body().world, tmp_path, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_only_the_parts_that_are_said_are_taken(tmp_path):
    world = create_node(tmp_path / "node", Settings(party="KZ", name="kz", body="sco"), "member")
    backup.back_up(world, tmp_path / "node", tmp_path / "b")
    with tarfile.open(tmp_path / "b") as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}
    said = msgspec.json.decode(parts["manifest.json"])

    def written(manifest: object, order: list[str]) -> None:
        with tarfile.open(tmp_path / "x", "w") as tar:
            sum_ = hashlib.sha256(msgspec.json.encode(manifest)).hexdigest().encode()
            for name in order:
                content = {"manifest.json": msgspec.json.encode(manifest), "manifest.sha256": sum_}.get(name) or parts.get(name, b"more")
                (tmp_path / "part").write_bytes(content)
                tar.add(tmp_path / "part", arcname=name)

    order = ["manifest.json", "comity.db", "node.toml", "manifest.sha256"]
    written(said, order)
    assert backup.check(tmp_path / "x").size == said["size"]
    for changed, names in (
        (said, [*order, "../../outside"]),
        (said, ["manifest.json", "node.toml", "comity.db", "manifest.sha256"]),
        (said, order[:-1]),
        (said, order[1:]),
        ({**said, "version": 2}, order),
        ({**said, "size": said["size"] + 1}, order),
        ({**said, "parts": {**said["parts"], "../outside": said["parts"]["node.toml"]}}, [*order[:-1], "../outside", order[-1]]),
        ({**said, "key": "x"}, order),
    ):
        written(changed, names)
        with pytest.raises(IntegrityFault):
            backup.check(tmp_path / "x")
    assert not (tmp_path.parent / "outside").exists()
    world.store.close()
