from __future__ import annotations

import json


def test_check(comity) -> None:
    done = comity("pattern", "check", "[domain-name:value = 'bad.example']", "-o", "json")
    assert json.loads(done.stdout) == {"valid": True, "errors": [], "warnings": []}
    done = comity("pattern", "check", "[file:size = ]", code=2)
    assert "a constant" in json.loads(done.stdout)["errors"][0]
    done = comity("pattern", "check", "[a:b IN ()]")
    assert json.loads(done.stdout)["warnings"]


def test_match(comity) -> None:
    url = {"type": "url", "spec_version": "2.1", "id": "url--a5ad2a2c-9c6b-5d1f-a1e4-3a8b9d4c1f10", "value": "http://a.example/"}
    seen = {
        "type": "observed-data",
        "first_observed": "2024-01-01T00:00:00Z",
        "last_observed": "2024-01-01T00:00:00Z",
        "number_observed": 1,
    }
    bundle = {"type": "bundle", "objects": [{**seen, "object_refs": [url["id"]]}, url]}
    cases = [
        ("[url:value LIKE '%a.example%']", [bundle]),
        ("[url:value = 'x']", [bundle]),
        ("[url:value", [bundle]),
        ("[url:value = 'x']", [{"type": "x"}]),
    ]
    lines = [json.dumps({"pattern": pattern, "observations": observations}) for pattern, observations in cases]
    done = comity("pattern", "match", "-", stdin="\n".join([*lines, "{"]).encode(), code=9)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said[0] == {"match": True}
    assert said[1] == said[3] == {"match": False}
    assert "error" in said[2]
    assert "error" in said[4]
