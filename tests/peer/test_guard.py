from __future__ import annotations

import msgspec
import pytest

from comity.errors import Fault, NotAuthenticated
from comity.forms import http_signature
from comity.forms.http_signature import Signed, Stamp
from comity.peer import enrol, guard
from comity.peer.guard import AHEAD, LASTS, Asked, Busy, Guard, Stale
from comity.peer.identity import Own
from tests.peer.linking import Node, linked


class Met:
    """A centre's guard at a moment that can be moved, and the member KZ that asks."""

    def __init__(self, folder):
        self.centre, self.kz = linked(folder)
        self.now = 1_700_000_000.0
        self.guard = Guard(self.centre.world, self.centre.keys.own, lambda: self.now)
        self.nonces = 0

    def asked(self, own: Own | None = None, *, at: float | None = None, **more) -> Asked:
        own = own or self.kz.own
        self.nonces += 1
        created = int(self.now if at is None else at)
        stamp = Stamp(created=created, expires=created + LASTS, nonce=f"{self.nonces:022d}", keyid=own.identity.key_id)
        said = {"method": "POST", "path": "/peering/v1/parcels", "query": "", "body": b"parcel", "to": self.centre.own.identity.address}
        signed = http_signature.write(Signed(stamp=stamp, value=own.requests.sign(http_signature.message(stamp, **{**said, **more}))))
        return Asked(**{**said, **more}, signature_input=signed["Signature-Input"], signature=signed["Signature"], shown=own.identity.tls)


@pytest.fixture
def met(tmp_path):
    return Met(tmp_path)


def refused(met: Met) -> dict[str, int]:
    met.guard.flush()
    return {row["why"]: row["times"] for row in met.centre.log()[-1].detail["refused requests"]}


def test_a_linked_node_is_known(met):
    assert met.guard.link(met.asked()).name == "kz"
    size = len(met.centre.log())
    met.guard.flush()
    assert len(met.centre.log()) == size


def test_a_request_counts_once(met):
    asked = met.asked()
    met.guard.link(asked)
    with pytest.raises(NotAuthenticated, match="made before"):
        met.guard.link(asked)
    assert refused(met) == {"replayed": 1}


@pytest.mark.parametrize(
    ("part", "value"), [("body", b"other"), ("query", "after=1"), ("path", "/peering/v1/receipts"), ("method", "GET"), ("body", b"")]
)
def test_what_was_changed_on_its_way_is_refused(met, part, value):
    with pytest.raises(NotAuthenticated, match="not that of this request"):
        met.guard.link(msgspec.structs.replace(met.asked(), **{part: value}))
    assert refused(met) == {"wrong signature": 1}


def test_another_node_cannot_pass_a_request_on(met):
    with pytest.raises(NotAuthenticated, match="another node"):
        met.guard.link(met.asked(to="cica/CICA-CENTRE/CICA-CENTRE-cica"))
    with pytest.raises(NotAuthenticated, match="not that of this request"):
        met.guard.link(msgspec.structs.replace(met.asked(to="x"), to=met.centre.own.identity.address))


def test_a_stranger_is_refused(met, tmp_path):
    stranger = Node(tmp_path / "x", "KZ")
    with pytest.raises(NotAuthenticated, match="no link"):
        met.guard.link(met.asked(stranger.own))
    assert refused(met) == {"no link by that key": 1}


def test_another_members_key_is_not_this_ones(met, tmp_path):
    uz = Node(tmp_path / "uz", "UZ")
    uz.joins(met.centre.invites("UZ"), met.centre)
    own = msgspec.structs.replace(met.kz.own, requests=uz.own.requests)
    with pytest.raises(NotAuthenticated, match="not that of this request"):
        met.guard.link(met.asked(own))
    assert met.guard.link(met.asked(uz.own)).name == "uz"


@pytest.mark.parametrize("whose", ["none", "another"])
def test_the_certificate_is_the_links(met, tmp_path, whose):
    shown = b"" if whose == "none" else Node(tmp_path / "x", "UZ").own.identity.tls
    asked = msgspec.structs.replace(met.asked(), shown=shown)
    with pytest.raises(NotAuthenticated, match="certificate"):
        met.guard.expected(asked)
    assert met.guard.link(msgspec.structs.replace(asked, front=True)).name == "kz"
    assert refused(met) == {"another certificate": 1}


@pytest.mark.parametrize("off", [-LASTS - 1, AHEAD + 1, 86_400, -86_400])
def test_another_time_is_stale(met, off):
    met.now += 1_000
    with pytest.raises(Stale):
        met.guard.link(met.asked(at=met.now + off))


def test_a_signature_good_for_longer_is_refused(met):
    asked = met.asked()
    with pytest.raises(NotAuthenticated):
        met.guard.link(msgspec.structs.replace(asked, signature_input=asked.signature_input.replace("expires=17", "expires=18")))
    own = met.kz.own
    stamp = Stamp(created=int(met.now), expires=int(met.now) + 3_600, nonce="n" * 22, keyid=own.identity.key_id)
    parts = {"method": asked.method, "path": asked.path, "query": asked.query, "body": asked.body, "to": asked.to}
    fields = http_signature.write(Signed(stamp=stamp, value=own.requests.sign(http_signature.message(stamp, **parts))))
    with pytest.raises(Stale):
        met.guard.link(msgspec.structs.replace(asked, signature_input=fields["Signature-Input"], signature=fields["Signature"]))


def test_what_was_seen_before_a_restart_is_stale_after_it(met):
    asked = met.asked()
    met.guard.link(asked)
    met.now += 0.5
    met.guard = Guard(met.centre.world, met.centre.keys.own, lambda: met.now)
    with pytest.raises(Stale):
        met.guard.link(asked)
    met.now += 1
    assert met.guard.link(met.asked()).name == "kz"


def test_nonces_are_forgotten_with_their_signatures_and_bounded(met, monkeypatch):
    monkeypatch.setattr(guard, "MOST", 3)
    for _ in range(3):
        met.guard.link(met.asked())
    with pytest.raises(Busy):
        met.guard.link(met.asked())
    met.now += LASTS + 1
    assert met.guard.link(met.asked()).name == "kz"
    assert sum(map(len, met.guard._seen.values())) == 1


def test_a_revoked_link_is_refused_at_once(met):
    met.guard.link(met.asked())
    enrol.revoke(met.centre.world, "kz", "stolen")
    with pytest.raises(NotAuthenticated, match="no link"):
        met.guard.link(met.asked())


@pytest.mark.parametrize(("part", "value"), [("signature", ""), ("signature_input", "x"), ("query", "a\nb")])
def test_what_is_not_signed_as_nodes_sign(met, part, value):
    with pytest.raises(Fault):
        met.guard.link(msgspec.structs.replace(met.asked(), **{part: value}))
    assert sum(refused(met).values()) == 1


def test_reasons_are_bounded(met, monkeypatch):
    monkeypatch.setattr(guard, "_COUNTED", 1)
    for asked in (met.asked(to="x"), msgspec.structs.replace(met.asked(), signature=""), msgspec.structs.replace(met.asked(), body=b"")):
        with pytest.raises(NotAuthenticated):
            met.guard.link(asked)
    assert refused(met) == {"further": 2, "for another node": 1}


def test_a_guest_is_checked_by_the_identity_it_shows(met, tmp_path):
    stranger = Node(tmp_path / "x", "UZ")
    asked = msgspec.structs.replace(met.asked(stranger.own), front=True)
    met.guard.guest(asked, stranger.own.identity)
    assert met.guard._seen == {}  # strangers' keys are without end: nothing is kept of them
    with pytest.raises(NotAuthenticated):
        met.guard.guest(msgspec.structs.replace(met.asked(stranger.own), front=True), met.kz.own.identity)
