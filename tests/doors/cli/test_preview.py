"""`comity preview` as it is typed: options, forms, exit codes, and nothing left behind."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity import samples

BUNDLE, AGREEMENT = "kz-threat-report.stix.json", "sco-ict-sample.toml"
Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (BUNDLE, AGREEMENT, "kz-phishing.misp.json"):
        (tmp_path / name).write_bytes(samples.read(name))
    return tmp_path


def test_every_form(comity: Run, folder: Path, changed: str) -> None:
    (folder / "next.toml").write_text(changed)
    call = ("preview", BUNDLE, "--agreement", AGREEMENT, "--on", "2021-11-01", "--change", "next.toml")
    whole = json.loads(comity(*call, "-o", "json", "--html", "out.html").stdout)
    assert (whole["as"], len(whole["items"]), len(whole["changes"])) == ("KZ", 128, 28)
    lines = [json.loads(line) for line in comity(*call).stdout.splitlines()]  # no terminal: NDJSON
    assert sum(line["record"] == "item" for line in lines) == 128
    rows = list(csv.DictReader(io.StringIO(comity(*call, "-o", "csv").stdout.decode())))
    assert len(rows) == 128 * 4
    table = comity(*call, "-o", "table")
    assert "it gives 1 observer (IR) 28 indicators up to TLP:AMBER" in table.stdout.decode()
    assert "\x1b" not in table.stdout.decode()
    assert "submitted as KZ" in table.stderr.decode()
    assert "What KZ would send" in (folder / "out.html").read_text(encoding="utf-8")
    assert sorted(os.listdir(folder)) == sorted([BUNDLE, AGREEMENT, "kz-phishing.misp.json", "next.toml", "out.html"])


def test_who_when_and_what_for(comity: Run, folder: Path) -> None:
    call = ("preview", BUNDLE, "--agreement", AGREEMENT, "-o", "json")
    other = json.loads(comity(*call, "--as", "ir", "--party", "UZ=observer", "--party", "AF").stdout)
    assert other["as"] == "IR"
    assert {each["party"]: each["standing"] for each in other["parties"]}["UZ"] == "observer"
    assert other["summary"]["IN"]["permit"] == 0  # what an observer sends, no clause gives to anybody
    denied = json.loads(comity(*call, "--purpose", "training").stdout)
    assert {item["decisions"]["UZ"]["fact"] for item in denied["items"]} <= {"purpose", "addressed to"}
    early = comity(*call, "--on", "2021-09-01")
    assert "is not in force on 2021-09-01" in early.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("missing.json", "--agreement", AGREEMENT), 3, "no such file: missing.json"),
        ((BUNDLE, "--agreement", "missing.toml"), 3, "missing.toml"),
        ((BUNDLE, "--agreement", "faulty.toml"), 1, "line 4"),
        ((BUNDLE, "--agreement", AGREEMENT, "--change", "other.toml"), 2, "no --agreement has that id"),
        ((BUNDLE, "--agreement", AGREEMENT, "--party", "uz=membre"), 2, "'membre' is not a standing"),
        ((BUNDLE, "--agreement", AGREEMENT, "--purpose", "fun"), 2, "'fun' is not a purpose"),
        ((BUNDLE, "--agreement", AGREEMENT, "--tlp", "blue"), 2, "TLP"),
        ((BUNDLE, "--agreement", AGREEMENT, "--on", "soon"), 2, "neither a date"),
        ((BUNDLE, "--agreement", AGREEMENT, "--html", "no/such/folder.html"), 1, "cannot write"),
        (("junk.json", "--agreement", AGREEMENT), 1, ""),
        ((BUNDLE,), 2, "--agreement"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(comity: Run, folder: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    (folder / "faulty.toml").write_text('[agreement]\nid = "a"\nversion = 1\ntitel = "T"\nbody = "sco"\ntitle = "T"\n')
    (folder / "other.toml").write_text('[agreement]\nid = "b"\nversion = 1\nbody = "sco"\ntitle = "T"\n')
    (folder / "junk.json").write_text("[1, 2]")
    assert said in comity("preview", *arguments, code=code).stderr.decode()


def test_standard_input_and_other_kinds(comity: Run, folder: Path) -> None:
    event = samples.read("kz-phishing.misp.json")
    found = json.loads(comity("preview", "-", "--agreement", AGREEMENT, "-o", "json", stdin=event).stdout)
    assert [each["kind"] for each in found["tlp_breaks"]] == ["misp-distribution"]
    listed = comity("preview", "-", "--agreement", AGREEMENT, "-o", "json", "--tlp", "clear", stdin=b"198.51.100.7\nlogin[.]example\n")
    assert [item["value"] for item in json.loads(listed.stdout)["items"]] == ["198.51.100.7", "login.example"]
    assert {item["tlp"] for item in json.loads(listed.stdout)["items"]} == {"clear"}
    assert "2 of 2 items carry no TLP and are taken as TLP:CLEAR" in listed.stderr.decode()


def test_an_agreement_for_other_purposes_brings_its_own(comity: Run, folder: Path) -> None:
    (folder / "train.toml").write_text((folder / AGREEMENT).read_text().replace("network-defence", "training"))
    found = json.loads(comity("preview", BUNDLE, "--agreement", "train.toml", "-o", "json").stdout)
    assert found["purposes"] == ["training"]
    assert found["summary"]["UZ"]["permit"] == 124


def test_a_real_export_and_a_real_bundle(comity: Run, folder: Path, shared_data: Path) -> None:
    events = sorted((shared_data / "public" / "report-extraction" / "ioc" / "eset").glob("**/*misp*event*.json"))
    bundles = sorted((shared_data / "public" / "taxii-serving" / "stix").glob("attack-stix-data/**/*.json"))
    assert events
    for path in [*events[:3], *bundles[:1]]:
        found = json.loads(comity("preview", str(path), "--agreement", AGREEMENT, "-o", "json").stdout)
        assert found["items"], path.name
