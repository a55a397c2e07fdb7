"""`comity user`."""

from __future__ import annotations

import pytest

from comity.admin.sessions import enter
from comity.errors import NotAuthenticated
from comity.node import open_node


def test_a_link_signs_in_once(comity, tmp_path):
    comity("init", "--party", "KZ")
    link = comity("user", "link", "--url", "https://kz.example/").stdout.decode().strip()
    assert link.startswith("https://kz.example/enter/")
    world = open_node(tmp_path / "node")
    secret = link.rsplit("/", 1)[1]
    assert enter(world, secret)
    with pytest.raises(NotAuthenticated):
        enter(world, secret)
