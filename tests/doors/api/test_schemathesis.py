"""The API against its own document: whatever schemathesis makes of it, every answer is one that the document tells of."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from comity.doors.api.app import paths
from comity.doors.site import site
from tests.consortium import MEMBERS, Member, indicator, report
from tests.doors.api.meeting import CENTRE, Meeting

schemathesis = pytest.importorskip("schemathesis", reason="pip install schemathesis")

schemathesis.openapi.format("comity-agreement", st.just(MEMBERS))
WRITTEN = {
    "owner": ["", "Bank", "Банк «Пример»"], "netblock": ["192.0.2.0/24", "2001:db8::1"], "asn": ["AS64496", "1"], "domain": ["bank.example"],
    "mail": ["", "abuse@bank.example"], "webhook": ["", "https://hooks.example/x"],
    "key": ["", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----"],
}  # fmt: skip
for form, texts in WRITTEN.items():
    schemathesis.openapi.format(f"comity-{form}", st.sampled_from(texts))
MEETING = Meeting()
HEADERS = {"Authorization": f"Bearer {MEETING.secret(CENTRE)}", "Host": "localhost"}


def _schema():
    MEETING.body.member("KZ")
    item = indicator()
    Member(MEETING.body, "KZ").submits(item, report(item["id"]))
    return schemathesis.openapi.from_asgi("/api/openapi.json", site(MEETING.body.desk), headers={"Host": "localhost"})


SCHEMA = _schema()


@SCHEMA.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case):
    """All checks: no 5xx, statuses, types and schemas as told, what is malformed refused, what is sound not, tokens asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case.call_and_validate(headers=HEADERS)


def test_every_operation_is_met():
    met = {(found.ok().method.upper(), found.ok().path) for found in SCHEMA.get_all_operations()}
    assert met == set(paths())
