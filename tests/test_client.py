"""The client against the real API, and against servers that do what they should not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from comity.admin.constituency import add
from comity.client import Client, check_url
from comity.errors import Denied, NotAuthenticated, NotFound, OperatorFault, PeerFault, SenderFault
from comity.ledger import audit
from comity.ledger.export import read_head, read_leaf
from comity.ledger.keys import read_verifier
from comity.ledger.proof import read_proof, verify
from comity.terms.constituency import addition
from comity.wire_constituency import AddOwner
from tests.consortium import MEMBERS, Body, Member, indicator, report
from tests.doors.api.meeting import CENTRE, Meeting

URL = "https://node.example"


class Direct(httpx2.BaseTransport):
    """Requests answered by a meeting in this process."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.raw_path.decode()
        answer = self.meeting.http.request(
            request.method, path, headers=dict(request.headers), content=request.read(), follow_redirects=False
        )
        return httpx2.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


class Scripted(httpx2.BaseTransport):
    """A server that gives prepared answers in turn (a response, or what is raised), the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, headers, content = answer
        return httpx2.Response(status, headers=headers, content=content)


@pytest.fixture
def meeting():
    found = Meeting(Body())
    found.body.member("KZ")
    found.body.member("UZ")
    return found


@pytest.fixture
def client(meeting) -> Callable[..., Client]:
    return lambda code, **options: Client(URL, meeting.secret(code), transport=Direct(meeting), **options)


def scripted(*answers: Any) -> tuple[Client, Scripted, list[float]]:
    transport, waits = Scripted(*answers), []
    return Client(URL, "token", transport=transport, wait=waits.append), transport, waits


ME = (200, {}, msgspec.json.encode({"token": "x", "party": "KZ", "body": None, "name": "", "scopes": [], "purposes": [], "tlp": "amber", "expires": "2031-01-01T00:00:00Z", "node": {"party": "KZ", "name": "n", "title": "", "body": "sco"}, "page": 1, "content_bytes": 1}))  # fmt: skip


# With a real node


def test_the_whole_way_round(client):
    kz, uz = client("KZ"), client("UZ", party="UZ")
    item = indicator(pattern="[domain-name:value = 'bad.example']")
    raw = msgspec.json.encode({"objects": [item, {"id": "x"}]})
    assert sorted(outcome.outcome for outcome in kz.add(raw, "application/json", tlp="amber", purpose=("network-defence",))) == [
        "accepted",
        "rejected",
    ]
    (found,) = uz.items(type=("indicator",), after=datetime(2021, 1, 1, tzinfo=UTC))
    assert msgspec.json.decode(found.object) == item
    assert bytes(found.object) == msgspec.json.encode(item)
    assert [each.id for each in uz.search("bad[.]example")] == [item["id"]]
    assert [(each.value, each.known) for each in uz.known(["bad.example", "other.example"])] == [
        ("bad.example", True),
        ("other.example", False),
    ]
    assert [each.origin for each in uz.claims(item["id"])] == ["KZ"]
    assert {each.party: each.effect for each in kz.audience(item["id"])}["UZ"] == "permit"
    assert kz.why(item["id"], "UZ", on="2020-01-01T00:00:00Z").effect == "deny"
    assert kz.withdraw(item["id"]).versions == (item["modified"],)
    assert list(uz.items()) == []


def test_the_rules_and_who_one_is(client):
    kz = client("KZ")
    assert kz.me().party == "KZ"
    assert [each.agreement for each in kz.agreements()] == ["test@1"]
    assert kz.agreement("test@1").clauses == 2
    assert {each.party: each.bound for each in kz.agreement("test@1").parties}["KZ"]
    assert kz.lint("[agreement]")[0].level == "error"
    assert kz.simulate(MEMBERS, since="1d").agreement == "test@1"
    assert [each.party for each in kz.parties()] == ["KZ", "UZ"]
    assert list(kz.parties(on=datetime(2001, 1, 1, tzinfo=UTC))) == []


def test_the_log(client):
    centre = client(CENTRE)
    said = centre.log_head()
    assert [entry.index for entry in centre.log_entries(1)] == list(range(1, said.size))
    assert centre.log_entry(0).kind == "govern"
    head, *leaves = centre.log_copy()
    checked = audit.verify(map(read_leaf, leaves), read_head(head), read_verifier(said.key), origin=said.origin)
    assert (checked.ok, checked.size) == (True, said.size)
    assert verify(read_proof(centre.proof("0")), [read_verifier(said.key)]).index == 0


def test_lists_go_over_pages(meeting, client):
    objects = [indicator() for _ in range(25)]
    Member(meeting.body, "KZ").submits(*objects)
    assert [item.id for item in client("UZ").items(page=10)] == [each["id"] for each in objects]
    assert [item.id for item in client("UZ").items(id=[each["id"] for each in objects[3:6]], page=2)] == [
        each["id"] for each in objects[3:6]
    ]


def test_any_number_of_values(client, monkeypatch):
    monkeypatch.setattr("comity.client.MOST_VALUES", 7)
    values = [f"host{n}.example" for n in range(20)]
    assert [each.value for each in client("KZ").known(iter(values))] == values


def test_ids_are_quoted(client):
    for id_ in ("../me", "a/b", "x?limit=1", "a b", "ü"):
        with pytest.raises(NotFound):
            list(client("KZ").claims(id_))


def test_refusals_are_the_faults_they_are(meeting, client):
    item = indicator()
    Member(meeting.body, "KZ").submits(item, report(item["id"]))
    uz = client("UZ")
    with pytest.raises(Denied) as denied:
        uz.why(item["id"], "KZ")
    assert denied.value.next == "ask about your own objects, or about yourself"
    with pytest.raises(Denied):
        uz.log_head()
    with pytest.raises(SenderFault):
        list(uz.items(type=("no such type!",)))
    with pytest.raises(NotAuthenticated):
        Client(URL, "wrong", transport=Direct(meeting)).me()


# With others


def test_a_busy_node_is_asked_again_politely():
    client, transport, waits = scripted((503, {"Retry-After": "7"}, b""), (429, {}, b""), ME)
    assert client.me().party == "KZ"
    assert (len(transport.requests), waits) == (3, [7.0, 2.0])


@pytest.mark.parametrize("answer", [(503, {}, b""), (429, {"Retry-After": "1"}, b""), (502, {}, b"")])
def test_not_for_ever(answer):
    client, transport, waits = scripted(answer)
    with pytest.raises(PeerFault):
        client.me()
    assert (len(transport.requests), waits) == (4, [1.0, 2.0, 4.0])


@pytest.mark.parametrize("error", [httpx2.ConnectError("no"), httpx2.ConnectTimeout("no")])
def test_a_node_that_is_not_there_is_called_twice(error):
    client, transport, waits = scripted(error)
    with pytest.raises(PeerFault):
        client.me()
    assert (len(transport.requests), waits) == (2, [0.5])
    client, transport, waits = scripted(error, (503, {}, b""), error, ME)
    assert client.me().party == "KZ"
    assert waits == [0.5, 2.0, 0.5]


@pytest.mark.parametrize("after", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_node_that_wants_a_long_rest_gets_it(after):
    client, transport, waits = scripted((503, {"Retry-After": after}, b""))
    with pytest.raises(PeerFault, match="rest"):
        client.me()
    assert (len(transport.requests), waits) == (1, [])


def test_what_was_perhaps_begun_is_not_sent_again():
    for answer in ((502, {}, b""), (504, {}, b""), httpx2.ReadError("cut"), httpx2.ReadTimeout("slow")):
        client, transport, _ = scripted(answer)
        with pytest.raises(PeerFault):
            list(client.add(b"{}", "application/json"))
        assert len(transport.requests) == 1
    client, transport, _ = scripted((503, {}, b""), (200, {}, b""))
    assert list(client.add(b"{}", "application/json")) == []
    assert len(transport.requests) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_token_nowhere(status):
    client, transport, _ = scripted((status, {"Location": "https://elsewhere.example/api/v1/me"}, b""))
    with pytest.raises(PeerFault, match=r"elsewhere\.example"):
        client.me()
    assert [request.url.host for request in transport.requests] == ["node.example"]


def test_bearer_or_basic():
    for party, scheme in ((None, "Bearer token"), ("KZ", "Basic S1o6dG9rZW4=")):
        transport = Scripted(ME)
        Client(URL, "token", party, transport=transport).me()
        assert transport.requests[0].headers["authorization"] == scheme


def test_the_environments_proxies_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:8080")
    client, transport, _ = scripted(ME)
    client.me()
    assert transport.requests[0].url.host == "node.example"
    assert not client._http._mounts


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"party":1}', b"[" * 100_000, b"<html>"])
def test_an_answer_of_another_sort(content):
    client, _, _ = scripted((200, {}, content))
    with pytest.raises(PeerFault):
        client.me()


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [(500, b"", PeerFault), (404, b"<html>", PeerFault), (401, b"no", NotAuthenticated), (418, b"{}", PeerFault)],
)
def test_a_refusal_of_another_sort(status, content, fault):
    client, _, _ = scripted((status, {}, content))
    with pytest.raises(fault):
        client.me()


@pytest.mark.parametrize("word", ["node", "operator", "made up"])
def test_what_the_node_gets_wrong_is_its_fault(word):
    problem = {"title": "x", "status": 500, "detail": "it broke", "fault": word}
    client, _, _ = scripted((500, {}, msgspec.json.encode(problem)))
    with pytest.raises(PeerFault, match="it broke"):
        client.me()


def test_a_node_that_turns_in_circles():
    page = msgspec.json.encode({"items": [], "more": True, "next": "00"})
    client, transport, _ = scripted((200, {}, page))
    with pytest.raises(PeerFault, match="again"):
        list(client.items())
    assert len(transport.requests) == 2


def test_an_answer_without_end(monkeypatch):
    monkeypatch.setattr("comity.client._MOST", 1_000)
    client, _, _ = scripted((200, {}, b"[" + b" " * 2_000))
    with pytest.raises(PeerFault, match="more than"):
        client.me()
    with pytest.raises(PeerFault, match="line"):
        list(client.add(b"{}", "application/json"))


def test_lines_are_cut_at_line_ends_alone():
    outcome = '{"outcome":"accepted","position":"a\u2028\u0085b"}\n'.encode()
    client, _, _ = scripted((200, {}, outcome * 3 + outcome.rstrip(b"\n")))
    assert [each.position for each in client.add(b"{}", "application/json")] == ["a\u2028\u0085b"] * 4


@pytest.mark.parametrize(
    "url", ["https://node.example", "https://node.example:8443/", "http://localhost:8000", "http://127.0.0.1", "http://[::1]:1"]
)
def test_addresses(url):
    check_url(url)
    assert not Client(url, "x", transport=Scripted(ME)).url.endswith("/")


@pytest.mark.parametrize(
    "url",
    ["", "node.example", "http://node.example", "http://192.0.2.1", "ftp://node.example", "https://", "https://u:p@node.example", "https://node.example?x", "https://node.example#x", "https://node.example:0", "https://node.example:x", "https://[", "http://localhost.example"],
)  # fmt: skip
def test_addresses_that_would_not_do(url):
    with pytest.raises(SenderFault):
        Client(url, "x")


def test_certificates_that_are_none(tmp_path):
    for path in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_text("nothing")
        with pytest.raises(OperatorFault):
            Client(URL, "x", ca=path)


def test_the_inbox_comes_newest_first(meeting, client):
    add(meeting.body.world, [addition("UZ", "Bank", [("netblock", "192.0.2.0/24")])])
    sent = [indicator(pattern=f"[ipv4-addr:value = '192.0.2.{n}']") for n in range(3)]
    meeting.body.member("KZ").submits(*sent)
    with client("UZ") as node:
        assert [(item.owner, item.id) for item in node.inbox(owner="Bank")] == [("Bank", each["id"]) for each in sent[::-1]]
        assert list(node.inbox(since=datetime(2031, 1, 1, tzinfo=UTC))) == []


def test_the_constituency_is_kept_over_the_api(client):
    with client("UZ") as node:
        made = node.add_to_constituency(AddOwner(owner="Bank", netblocks=("192.0.2.0/24",), domains=("bank.example",)))
        assert list(node.constituency()) == [made]
        node.remove_from_constituency(domain=["bank.example"])
        assert [each.domains for each in node.constituency()] == [()]
        with pytest.raises(NotFound):
            node.remove_from_constituency(owner="Nobody")
