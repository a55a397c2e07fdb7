"""What is left to tell of an object."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from comity.forms.tombstone import Tombstone, note, revoked
from comity.terms.stix_check import check
from tests.consortium import indicator, sdo
from tests.terms.stix_examples import DOMAIN

AT = datetime(2021, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("obj", DOMAIN.values(), ids=list(DOMAIN))
def test_every_type_has_a_last_version_that_is_stix_or_none(obj):
    raw = revoked(obj, AT)
    if raw:
        last = msgspec.json.decode(raw)
        assert check(last) is None and last["revoked"] is True and last["modified"] > obj["modified"]
        assert {key: last.get(key) for key in ("id", "created", "created_by_ref")} == {
            key: obj.get(key) for key in ("id", "created", "created_by_ref")
        }


def test_it_repeats_nothing_of_what_the_object_said():
    obj = indicator(name="a secret", description="a secret", labels=["a secret"], x_more="a secret")
    raw = revoked({**obj, "pattern": "[url:value = 'a secret']"}, AT)
    assert raw and b"secret" not in raw
    assert b"secret" not in revoked(sdo("threat-actor", name="a secret"), AT)


def test_what_has_no_versions_or_was_revoked_has_none():
    assert revoked({"type": "domain-name", "id": "domain-name--" + "0" * 8, "value": "a.example"}, AT) == b""
    assert revoked(indicator(revoked=True), AT) == b""


def test_a_note_is_stix_says_why_and_is_the_same_each_time():
    tomb = Tombstone(recalls=("7.1",), origin="KZ", id=indicator()["id"], at=AT, reason="wrong host", markings=())
    said = msgspec.json.decode(note(tomb))
    assert check(said) is None and note(tomb) == note(tomb)
    assert (said["object_refs"], said["content"]) == ([tomb.id], "wrong host") and "KZ" in said["abstract"]
