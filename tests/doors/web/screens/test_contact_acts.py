"""Writing how a party is reached on the pages."""

from __future__ import annotations

import pytest

from comity import registry
from tests.consortium import Body
from tests.doors.web.visitor import Visitor

PATH = "/members/KZ/contact"


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    return body


@pytest.fixture
def administrator(body):
    return Visitor(body, role="administrator", name="chief")


def test_what_is_written_is_on_record_and_what_is_left_empty_is_taken_away(body, administrator):
    assert f'href="{PATH}"' in administrator.see("/members/KZ")
    said = {"team": "KZ-CERT <1>", "telephone": "+7 700 000 00 00", "emergency": "+7 700 000 00 01", "mail": "cert@kz.example.com"}
    answer = administrator.client.post(PATH, data={**said, "hours": "09:00 to 18:00"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/members/KZ")
    assert "chief" in [*body.world.store.leaves()][-1].entry.decode()
    assert administrator.data("/members/KZ.json")["contact"] == {**said, "hours": "09:00 to 18:00"}
    assert "KZ-CERT &lt;1&gt;" in administrator.see(PATH)
    size = body.world.store.head().size
    administrator.client.post(PATH, data={**said, "hours": "09:00 to 18:00"})
    assert body.world.store.head().size == size
    administrator.client.post(PATH, data=said)
    assert "hours" not in administrator.data("/members/KZ.json")["contact"]


@pytest.mark.parametrize(
    "wrong",
    [{"telephone": "12"}, {"mail": "anna.b@example.com"}, {"website": "http://example.com"}, {"key": "none"}, {"team": "x" * 2_001}],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(body, administrator, wrong):
    size = body.world.store.head().size
    answer = administrator.client.post(PATH, data={"address": "1 <Street>", **wrong})
    assert (answer.status_code, body.world.store.head().size) == (422, size)
    assert "1 &lt;Street&gt;" in answer.text


def test_it_is_for_the_administrator_of_a_node_that_keeps_records_of_that_party(body):
    for visitor in (Visitor(body), Visitor(body, role="agreement-officer"), Visitor(body, party="KZ", role="administrator")):
        assert visitor.get(PATH).status_code == 404
        assert visitor.client.post(PATH, data={"team": "x"}).status_code == 404
        assert PATH not in visitor.see("/members/KZ")
    assert Visitor(body, role="administrator").get("/members/XX/contact").status_code == 404
    members = Body(party="KZ")
    members.member("KZ"), members.member("UZ")
    own = Visitor(members, role="administrator")
    assert (own.get(PATH).status_code, own.get("/members/UZ/contact").status_code) == (200, 404)
    assert registry.contacts(body.world.store) == {}
