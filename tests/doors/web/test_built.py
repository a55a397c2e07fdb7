"""Scripts as they were built, and what a page that loads them must allow."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from comity.doors.web import built
from comity.doors.web.render import ASSETS
from tests.consortium import Body
from tests.doors.web.visitor import Visitor

needs_scripts = pytest.mark.skipif(not built.FILES, reason="the scripts are not built: python hatch_build.py")


def test_a_package_without_scripts_has_none(tmp_path):
    assert built.read(tmp_path) == (built.Manifest(), {})


def test_what_was_built_is_read(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"inputs": "x", "bundles": {"app": "app-1.js"}, "files": ["app-1.js"]}))
    (tmp_path / "app-1.js").write_bytes(b"1")
    manifest, found = built.read(tmp_path)
    assert (manifest.bundles, found) == ({"app": "app-1.js"}, {"app-1.js": b"1"})


def test_a_script_that_was_not_built_has_no_tag_and_changes_no_policy():
    loaded = built.Loaded()
    assert loaded("no-such") == ""
    assert loaded.policy() == built.policy([])


def test_a_policy_names_sources_of_our_own_only():
    for scripts in ([], ["app"], ["app", "graph"]):
        told = dict(part.strip().split(" ", 1) for part in built.policy(scripts).split(";"))
        assert told["default-src"] == "'none'"
        assert told["script-src"] == "'self'"
        assert told["connect-src"] == "'self'"
        assert told["style-src"].startswith("'self'")
        assert ("sha256-" in told["style-src"]) == ("graph" in scripts)
        assert not re.search("unsafe|http|\\*", str(told))


@needs_scripts
def test_a_page_loads_a_script_once_and_it_is_served_for_ever():
    loaded = built.Loaded()
    tag = loaded("app")
    assert loaded("app") == ""
    path = re.search(r'src="([^"]+)"', tag)
    assert path is not None
    visitor = Visitor(Body(), signed_in=False)
    answer = visitor.get(path[1])
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == built.FILES[path[1].removeprefix("/static/")]
    assert str(tag) in visitor.get("/").text


@needs_scripts
def test_the_licences_of_what_is_bundled_are_told():
    hashed, text = ASSETS[built.LICENCES]
    assert b"htmx.org" in text
    assert hashlib.sha256(text).hexdigest()[:16] in hashed
    page = Visitor(Body()).see("/")
    assert f"/static/{hashed}" in page
