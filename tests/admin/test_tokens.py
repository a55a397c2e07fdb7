"""Tokens: shown once, kept as digests, answered in the same words whatever is wrong."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec
import pytest

from comity.admin import users
from comity.admin.tokens import APPROVE, SCOPES, authenticate, create, revoke, tokens
from comity.admin.told import Told
from comity.errors import NotAuthenticated, NotFound, SenderFault
from comity.ledger.journal import read_entry
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def make(world_of: Body, **options):
    return create(world_of.world, **{"party": "KZ", "scopes": SCOPES, "expires": world_of.clock() + timedelta(days=1), **options})


def refused(body: Body, text: str, user: str | None = None) -> str:
    with pytest.raises(NotAuthenticated) as fault:
        authenticate(body.world, text, user)
    return str(fault.value) + fault.value.next


def test_a_token_is_the_one_its_text_names(body):
    token, text = make(body, name="sensor", purposes=("statistics", "network-defence"), tlp="green", body="sco")
    assert authenticate(body.world, text) == token
    assert (token.party, token.name, token.tlp, token.body) == ("KZ", "sensor", "green", "sco")
    assert token.purposes == ("network-defence", "statistics")
    assert token.scopes == SCOPES
    assert token.role == "robot"


def test_its_text_has_256_random_bits_and_its_id(body):
    token, text = make(body)
    head, id_, secret = text.split("_")
    assert (head, id_, len(bytes.fromhex(secret))) == ("cmt", token.id, 32)
    assert make(body)[1] != text


def test_its_secret_is_kept_nowhere(body, tmp_path):
    token, text = make(body)
    secret = text.rpartition("_")[2].encode()
    kept = [value for _, value in body.world.store.privates("tokens")]
    kept += [leaf.entry for leaf in body.world.store.leaves()]
    assert not any(secret in value for value in kept)
    assert token.digest == hashlib.sha256(text.encode()).hexdigest()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_names_are_brought_to_their_one_spelling(body):
    token, text = make(body, party="kz", body="SCO")
    assert (token.party, token.body) == ("KZ", "sco")
    assert authenticate(body.world, text, "kz") == token


@pytest.mark.parametrize(
    "options",
    [
        {"scopes": ("taxii:approve",)},
        {"scopes": ("taxii:read", "admin")},
        {"purposes": ("surveillance",)},
        {"party": "K"},
        {"body": "s c o"},
        {"tlp": "purple"},
    ],
)
def test_unknown_words_are_refused_and_leave_nothing(body, options):
    size = body.world.store.head().size
    with pytest.raises(SenderFault):
        make(body, **options)
    assert tokens(body.world) == []
    assert body.world.store.head().size == size


def test_no_tool_may_approve(body):
    """G10."""
    assert set(SCOPES) == {"api:read", "api:write", "log:read", "taxii:read", "taxii:write"}
    with pytest.raises(SenderFault, match="a tool may not approve") as fault:
        make(body, scopes=("api:read", APPROVE))
    assert "--user" in fault.value.next
    assert tokens(body.world) == []


def test_a_persons_token_has_their_party_and_role_and_may_approve(body):
    users.add(body.world, "uz.contact1", "UZ", "point-of-contact")
    token, text = make(body, party=None, user="uz.contact1", scopes=("api:read", APPROVE))
    assert (token.user, token.party, token.role, token.scopes) == ("uz.contact1", "UZ", "point-of-contact", ("api:read", "approve"))
    assert authenticate(body.world, text) == token == make_sure_it_is_sound(body, token)
    assert make(body, party="uz", user="uz.contact1")[0].party == "UZ"


def make_sure_it_is_sound(body: Body, token):
    assert said(body) == []
    return token


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"party": "KZ", "user": "uz.contact1"}, SenderFault),
        ({"party": None, "user": "nobody"}, NotFound),
        ({"party": None}, SenderFault),
        ({"party": None, "user": ""}, NotFound),
    ],
)
def test_a_token_is_of_a_person_who_is_there_or_of_a_party(body, options, fault):
    users.add(body.world, "uz.contact1", "UZ", "analyst")
    with pytest.raises(fault):
        make(body, **options)
    assert tokens(body.world) == []


def test_a_removed_persons_tokens_are_none_at_once_and_never_come_back(body):
    users.add(body.world, "uz.contact1", "UZ", "analyst")
    other, other_text = make(body, party="UZ")
    texts = [make(body, party=None, user="uz.contact1")[1] for _ in range(2)]
    assert users.remove(body.world, "uz.contact1") == 2
    users.add(body.world, "uz.contact1", "KZ", "analyst")
    for text in texts:
        refused(body, text)
    assert authenticate(body.world, other_text) == other
    assert said(body) == []


def test_making_and_revoking_are_in_the_log(body):
    token, _ = make(body, by="the administrator")
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.actor) == ("token", "KZ", "the administrator")
    record = hashlib.sha256(body.world.store.private("tokens", token.id)).hexdigest()
    assert entry.detail == {"token": token.id, "scopes": list(SCOPES), "purposes": ["network-defence"], "record": record}
    revoke(body.world, token.id, by="somebody")
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.actor, entry.detail) == ("token", "somebody", {"token": token.id, "revoked": True})


def test_a_token_ends(body):
    token, text = make(body)
    body.clock.at = token.expires - timedelta(milliseconds=2)
    assert authenticate(body.world, text) == token
    body.clock.at = token.expires - timedelta(milliseconds=1)
    assert refused(body, text)
    assert tokens(body.world) == [token]


def test_a_revoked_token_is_none(body):
    token, text = make(body)
    other, other_text = make(body)
    assert revoke(body.world, token.id)
    refused(body, text)
    assert authenticate(body.world, other_text) == other
    assert tokens(body.world) == [other]
    size = body.world.store.head().size
    assert not revoke(body.world, token.id)
    assert not revoke(body.world, "nonesuch")
    assert body.world.store.head().size == size


@pytest.mark.parametrize("user", ["KZ", "kz", "Kz", "sensor", "ID"])
def test_the_user_name_is_party_or_name_or_id(body, user):
    token, text = make(body, name="sensor")
    assert authenticate(body.world, text, token.id if user == "ID" else user) == token


@pytest.mark.parametrize("user", ["UZ", "", "Sensor", "KZ ", "sensor2", "admin"])
def test_any_other_user_name_is_refused(body, user):
    _, text = make(body, name="sensor")
    make(body, party="UZ", name="sensor2")
    refused(body, text, user)


def test_a_token_without_a_name_has_no_empty_one(body):
    _, text = make(body)
    refused(body, text, "")


def test_every_refusal_says_the_same(body):
    token, text = make(body, name="sensor")
    gone, gone_text = make(body)
    revoke(body.world, gone.id)
    _, other_text = make(body, party="UZ")
    flipped = text[:-1] + ("0" if text[-1] != "0" else "1")
    wrong = [
        refused(body, flipped), refused(body, gone_text), refused(body, text, "UZ"), refused(body, f"cmt_{token.id}_"),
        refused(body, f"cmt_{token.id}_{other_text.rpartition('_')[2]}"), refused(body, ""), refused(body, "cmt__"), refused(body, "cmt_00000000_00"),
        refused(body, text.upper()), refused(body, text + " "), refused(body, " " + text), refused(body, text + "_1"), refused(body, "\udcff_x_\x00"),
    ]  # fmt: skip
    body.clock.at = token.expires
    wrong.append(refused(body, text))
    assert len(set(wrong)) == 1


def test_a_digest_is_no_token(body):
    token, _ = make(body)
    refused(body, f"cmt_{token.id}_{token.digest}")
    refused(body, token.digest)


def test_all_tokens_are_listed_by_id(body):
    made = [make(body, party=party)[0] for party in ("KZ", "UZ", "TJ")]
    assert tokens(body.world) == sorted(made, key=lambda token: token.id)
    assert [msgspec.json.decode(value)["party"] for _, value in body.world.store.privates("tokens")] == [
        t.party for t in tokens(body.world)
    ]


def said(body) -> list[str]:
    """What a check of records against the log says."""
    return list(Told().problems(body.world, 0))
