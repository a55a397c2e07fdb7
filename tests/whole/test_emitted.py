"""What Comity makes is STIX in the eyes of others: the validator of OASIS, as reference, finds no error in any of it."""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity import samples
from comity.errors import SenderFault
from comity.forms import misp, report, stix_json, table
from comity.intake.deeds import deed, record, sign, take
from comity.intake.govern import add_key
from comity.ledger.keys import LogKey, write_verifier
from comity.match.hit import Hit
from comity.match.sighted import sightings
from comity.terms.item import Draft
from comity.terms.stix_strict import findings
from comity.terms.stix_types import OWN_TYPES
from tests.consortium import Body
from tests.terms.stix_examples import U4

validator = pytest.importorskip("stix2validator", reason="the reference validator: pip install '.[test]'")

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
TABLE = [
    b"value,kind,comment\n",
    b"a.example,domain,one\n",
    b"192.0.2.1,ipv4,two\n",
    b"http://a.example/x,url,\n",
    b"2001:db8::/32,cidr,\n",
    b"x@a.example,email,\n",
    b"a" * 64 + b",sha256,three\n",
]
REPORT = b"Report on a made-up thing\n1 March 2024\nThe hosts evil[.]example and 192.0.2[.]5, and hxxp://evil[.]example/x were used.\n"
HIT = Hit(
    file="dns.log", line=1, field="query", kind="domain", value="a.example", observed="a.example", how="exact", indicator=f"indicator--{U4}"
)
#: Recommendations that we do not follow, by the validator's number, and why.
NOT_FOLLOWED = {
    "103": "ids are derived, so that the same row or attribute makes the same object at every node (UUIDv5, allowed by section 2.9)",
    "202": "what a MISP event says of how two things relate is kept in its own words",
    "271": "a MISP attribute's own words for a media type are kept",
    "301": "a MISP attribute or object knows one port or none",
    "302": "nobody fetches what a link leads to in order to hash it",
    "303": "a row or attribute without a comment has nothing to describe it with",
}


def _objects(drafts: Iterable[object]) -> list[Mapping[str, Any]]:
    return [draft.obj for draft in drafts if isinstance(draft, Draft)]


def _governance() -> list[Mapping[str, Any]]:
    body = Body()
    body.member("KZ")
    key = LogKey.generate("comity.example/acts")
    add_key(body.world, "KZ", write_verifier(key.verifier), by="test")
    signed = deed(body.world, "test", "sign", party="KZ", on=AT)
    record(body.world, signed, "test")
    take(body.world, sign(signed, key), "test")
    store = body.world.store
    items = [row.item for type_ in OWN_TYPES for row in store.by_type(type_)]
    return [msgspec.json.decode(raw) for raw in store.bodies(items).values()]


MADE = {
    "a MISP event": lambda: _objects(misp.read(samples.read("kz-phishing.misp.json"))),
    "our STIX sample": lambda: _objects(stix_json.read(samples.read("kz-threat-report.stix.json"))),
    "a table": lambda: _objects(table.read(TABLE, at=AT)),
    "a report": lambda: _objects(report.read(REPORT, at=AT)),
    "a sighting": lambda: _objects(sightings([HIT], "2024-03-01T12:00:00.000Z")),
    "agreements and standings": _governance,
}


def _said(obj: Mapping[str, Any], **options: Any) -> tuple[list[str], list[str]]:
    """The validator's errors and warnings on an object."""
    with contextlib.redirect_stdout(io.StringIO()):
        result = validator.validate_instance(dict(obj), validator.ValidationOptions(**options))
    return list(map(str, result.errors)), list(map(str, result.warnings))


def _all_said(objects: Iterable[Mapping[str, Any]]) -> tuple[list[str], Counter[str]]:
    errors: list[str] = []
    numbers: Counter[str] = Counter()
    for obj in objects:
        wrong, warned = _said(obj)
        errors += wrong
        numbers.update(found.group(1) if (found := re.search(r"\{(\d+)\}", each)) else each for each in warned)
    return errors, numbers


@pytest.mark.parametrize("name", MADE)
def test_the_reference_validator_finds_no_error_and_no_warning_that_we_have_not_chosen(name: str) -> None:
    objects = MADE[name]()
    assert objects
    errors, numbers = _all_said(objects)
    assert errors == []
    assert set(numbers) <= set(NOT_FOLLOWED)


@pytest.mark.parametrize("name", MADE)
def test_our_own_strict_check_says_the_same(name: str) -> None:
    assert [str(each) for obj in MADE[name]() for each in findings(obj) if each.level == "must"] == []


def test_our_sample_bundle_holds_all_that_it_relates() -> None:
    bundle = msgspec.json.decode(samples.read("kz-threat-report.stix.json"))
    assert _said(bundle, enforce_refs=True, strict=True, disabled="relationship-types,uuid-check") == ([], [])


def _events(folder: Path) -> Iterator[Draft]:
    for path in sorted(folder.rglob("*.json")):
        # What is no event (a collection of attributes, a STIX file) makes nothing.
        with contextlib.suppress(SenderFault):
            yield from (draft for draft in misp.read(path.read_bytes()) if isinstance(draft, Draft))


def test_what_real_misp_events_become_has_no_error(shared_data: Path) -> None:
    objects = _objects(_events(shared_data / "public/misp"))
    assert len(objects) > 500
    errors, numbers = _all_said(objects)
    assert errors == []
    assert set(numbers) <= set(NOT_FOLLOWED)
    assert [str(each) for obj in objects for each in findings(obj) if each.level == "must"] == []
