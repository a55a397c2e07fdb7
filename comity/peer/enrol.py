"""How two nodes come to know each other, come to have newer keys, and part.

    invite  -> the file of an invitation, for the other node's administrator          on the node that will be called
    join    -> pins the inviting node, shows it the secret and who this node is       on the node that calls
    admit   -> pins the node that shows the secret, once                              on the node that is called
    turn    -> pins a node's next keys, which a pinned one signed
    revoke  -> nothing that these keys sign or hold counts from now on

Crash story: each is one critical section with its log entry. `join` writes when the other node has answered; cut off before, it is done
again, and `admit` gives the same node the same answer as long as the invitation lasts. What the rules say of a node's key for parcels is a
step of its own after that: cut off between, `admit` makes up for it when it is asked again, and `comity party key` does at any time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from comity.clock import micros, stamp
from comity.errors import Conflict, IntegrityFault, NotAuthenticated, NotFound, SenderFault
from comity.forms.http_signature import key_id
from comity.intake.govern import add_key
from comity.ledger.journal import Entry
from comity.ledger.keys import write_verifier
from comity.peer import book, invitation
from comity.peer.book import Peer
from comity.peer.identity import Identity, Own, open_identity, read_again
from comity.peer.identity import write as write_identity
from comity.peer.invitation import Invitation
from comity.peer.keyring import Keyring
from comity.peer.media import stands
from comity.store.protocol import Tx
from comity.terms.party import ADMINISTRATOR, party_code
from comity.world import World

_SPACE = "invitations"
#: The keys by which the rules of bodies are known: body -> verifier's text.
_RULES = "body-keys"
#: Keys that were revoked, by their ids: when. No node is linked by one of them again.
_ENDED = "revoked-keys"
_REFUSED = "this invitation has been used, has expired, or never was"
_AGAIN = "ask for a new one: comity peer invite"


class Invited(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the inviting node keeps: whom it invited, what the link will be called, until when, and by which key it was used.

    `rules`: it makes the body's rules, and so says to all of them by which key the invited party's node signs what it says of its objects.
    """

    party: str
    name: str
    until: datetime
    used: str = ""
    rules: bool = False


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What an invited node sends: the secret, and its identity as a signed note."""

    secret: str
    node: bytes


def invite(
    world: World, own: Own, party: str, url: str, *, name: str = "", hours: int = 48, front: bool = False, rules: str = "",
    by: str = ADMINISTRATOR,
) -> str:  # fmt: skip
    """The text of a new invitation. Raises SenderFault for a wrong code or URL, Conflict for the name of a link that stands."""
    code, at = party_code(party), world.clock()
    name = name or code.lower()
    made = Invitation(
        party=code, url=url if url.endswith("/") else f"{url}/", front=front, until=at + timedelta(hours=hours),
        secret=secrets.token_urlsafe(32), rules=rules, note=own.note,
    )  # fmt: skip
    text = invitation.write(made)
    invitation.read(text)
    with world.store.write() as tx:
        _free(world, name)
        _sweep(world, tx)
        key = invitation.digest(made.secret)
        tx.put_private(_SPACE, key, msgspec.json.encode(Invited(party=code, name=name, until=made.until, rules=bool(rules))))
        _log(world, tx, code, by, {"peer": name, "invitation": key[:16], "until": stamp(micros(made.until))})
    return text


def admit(world: World, hello: Hello, guest: Identity) -> Peer:
    """Link to the node that shows an invitation's secret, and has signed its request by the key in its identity.

    Raises NotAuthenticated for an invitation that is used up, expired, unknown, or another party's.
    """
    made, rules = _admit(world, hello, guest)
    if rules:
        add_key(world, guest.party, write_verifier(guest.parcels), by=f"link {made.name}")
    return made


def _admit(world: World, hello: Hello, guest: Identity) -> tuple[Peer, bool]:
    """Its link, and whether its key for parcels is to be told to all."""
    key = invitation.digest(hello.secret)
    with world.store.write() as tx:
        stored = world.store.private(_SPACE, key)
        invited = msgspec.json.decode(stored, type=Invited) if stored is not None else None
        why = _refusal(world, invited, guest)
        if invited is None or why:
            if invited is not None:
                _log(world, tx, guest.party, "", {"peer": invited.name, "invitation": key[:16], "refused": why})
        else:
            if invited.used:
                return book.peer(world, invited.name), invited.rules
            made = Peer(
                name=invited.name, party=guest.party, kind="comity", url="", user="", token="", push=True, node=write_identity(guest)
            )
            tx.put_private(_SPACE, key, msgspec.json.encode(msgspec.structs.replace(invited, used=guest.key_id)))
            book.put(tx, made)
            _log(world, tx, guest.party, "", {"peer": made.name, "invitation": key[:16], **_keys(guest)})
            return made, invited.rules
    raise NotAuthenticated(_REFUSED, next=_AGAIN)


def _refusal(world: World, invited: Invited | None, guest: Identity) -> str:
    if invited is None or invited.until <= world.clock():
        return "expired"
    if invited.party != guest.party:
        return f"it is for {invited.party}"
    if invited.used and invited.used != guest.key_id:
        return "used by another key"
    if revoked(world, guest):
        return "one of its keys was revoked"
    if _anothers(world, guest):
        return "one of its keys is another node's"
    if not invited.used and _standing(world, guest):
        return "there is a link to that node"
    try:
        kept = book.peer(world, invited.name)
    except NotFound:
        return "used, and its link was removed" if invited.used else ""
    if invited.used:
        return "its link was revoked" if kept.ended else ""
    return "" if kept.ended else "there is a link of that name"


def join(world: World, own: Own, text: str, name: str, call: Callable[[Invitation, Hello], None], by: str = ADMINISTRATOR) -> Peer:
    """Link to the node that invited this one. `call` shows the invitation there, and raises what its answer means.

    Raises SenderFault, IntegrityFault or NotAuthenticated for an invitation that is none, another's, or no longer good; Conflict.
    """
    given = invitation.read(text)
    host = given.inviter
    name = name or host.party.lower()
    if given.party != own.identity.party:
        raise SenderFault(
            f"this invitation is for {given.party}, and this is a node of {own.identity.party}", next="ask for one of your own"
        )
    if _anothers(world, host):
        raise Conflict(
            "one of its keys is pinned for another node here", next="ask its administrator to rotate: comity peer rotate --parcels"
        )
    if host.key_id == own.identity.key_id:
        raise SenderFault("this node wrote the invitation itself", next="give the file to the other node's administrator")
    _free(world, name)
    for each in _standing(world, host):
        raise Conflict(f"the peer {each.name!r} is that node already", next=f"comity peer status {each.name}")
    call(given, Hello(secret=given.secret, node=own.note))
    made = Peer(
        name=name, party=host.party, kind="comity", url=given.url, user="", token="", push=True, node=write_identity(host),
        front=given.front, centre=bool(given.rules), turn=own.identity.turn,
    )  # fmt: skip
    with world.store.write() as tx:
        _free(world, name)
        book.put(tx, made)
        _log(world, tx, host.party, by, {"peer": name, "url": given.url, **_keys(host)})
        if given.rules:
            pin_rules(world, tx, host.body, given.rules, by)
    return made


def link_by_hand(world: World, note: bytes, name: str = "", rules: str = "", by: str = ADMINISTRATOR) -> Peer:
    """Link to a node that no network leads to, whose identity (as `comity airgap identity` writes it there) came by a way that is trusted.
    `rules` is the key by which it makes its body's rules, "" if it makes none. Of a node that is linked already its next keys are pinned.

    Raises SenderFault or IntegrityFault for what is no identity, or one that the keys known for that node did not sign; Conflict for the
    name of a link that stands.
    """
    node = open_identity(note)
    for link in _standing(world, node):
        return _turn_by_hand(world, link, note, name, rules, by)
    name = name or node.party.lower()
    made = Peer(name=name, party=node.party, kind="comity", url="", user="", token="", push=True, node=write_identity(node))
    with world.store.write() as tx:
        _free(world, name)
        if revoked(world, node):
            raise NotAuthenticated("one of its keys was revoked here", next="have that node rotate: comity peer rotate")
        if _anothers(world, node):
            raise Conflict("one of its keys is pinned for another node here", next="have that node rotate: comity peer rotate --parcels")
        book.put(tx, made)
        _log(world, tx, node.party, by, {"peer": name, **_keys(node)})
        if rules:
            pin_rules(world, tx, node.body, rules, by)
    return made


def _turn_by_hand(world: World, link: Peer, note: bytes, name: str, rules: str, by: str) -> Peer:
    """The next keys of a node whose link stands."""
    if name not in ("", link.name):
        raise Conflict(
            f"the peer {link.name!r} is that node already", next=f"leave out --name: the node's newer keys are for {link.name!r}"
        )
    try:
        made = turn(world, note)
    except IntegrityFault as fault:
        next_ = f"ask its administrator; if its old keys are lost: comity peer revoke {link.name}, and link by this file again"
        raise IntegrityFault(
            f"the peer {link.name!r} is that node, and the keys known for it did not sign this: {fault}", next=next_
        ) from None
    if rules:
        with world.store.write() as tx:
            pin_rules(world, tx, known(made).body, rules, by)
    return made


def tell_keys(world: World) -> None:
    """Say to all, among the rules that this node makes, by which key each linked node of its body signs what it says of its objects."""
    for link in book.peers(world):
        node = known(link) if link.kind == "comity" and not link.ended else None
        if node is not None and node.body == world.settings.body:
            add_key(world, node.party, write_verifier(node.parcels), by=f"link {link.name}")


def pin_rules(world: World, tx: Tx, body: str, key: str, by: str) -> None:
    """Know a body's rules by a key from now on, within the critical section. Raises Conflict when another one is pinned."""
    known = world.store.private(_RULES, body)
    if known is not None and known.decode() != key:
        raise Conflict(f"the rules of {body} are known by another key", next="ask its centre which key is right before anything else")
    if known is None:
        tx.put_private(_RULES, body, key.encode())
        _log(world, tx, "", by, {"body": body, "rules": key})


def rules_key(world: World, body: str) -> str:
    """The key (a verifier's text) by which a body's rules are known here, "" if none is."""
    return (world.store.private(_RULES, body) or b"").decode()


def turn(world: World, note: bytes) -> Peer:
    """Pin the next keys of a node that is linked. The same again changes nothing.

    Raises NotAuthenticated when no link is to that node, SenderFault or IntegrityFault for what is not signed by both old and new key.
    """
    said = open_identity(note)
    with world.store.write() as tx:
        found = _standing(world, said)
        if len(found) != 1:
            raise NotAuthenticated("this node has no link with that node", next="ask for an invitation")
        before = known(found[0])
        if said == before:
            return found[0]
        after = open_identity(note, before=before)
        if revoked(world, after):
            raise NotAuthenticated("one of these keys was revoked here", next="rotate once more: comity peer rotate")
        if _anothers(world, after):
            raise NotAuthenticated("one of these keys is another node's", next="rotate once more: comity peer rotate")
        made = msgspec.structs.replace(found[0], node=write_identity(after))
        book.put(tx, made)
        _log(world, tx, made.party, "", {"peer": made.name, "turn": after.turn, "before": before.key_id, **_keys(after)})
    if after.parcels != before.parcels and _give_up(world, before, f"link {made.name}"):
        add_key(world, made.party, write_verifier(after.parcels), by=f"link {made.name}")
    return made


def rotate(world: World, keys: Keyring, by: str = ADMINISTRATOR, *, parcels: bool = False) -> Own:
    """Make this node's next keys, signed by those before them, and record it. `parcels`: the key for what it sends, too."""
    before = keys.own().identity
    own = keys.rotate(parcels=parcels)
    with world.store.write() as tx:
        detail = {"turn": own.identity.turn, "before": before.key_id, "identity": own.note.decode(), **_keys(own.identity)}
        _log(world, tx, own.identity.party, by, detail)
    return own


def had_by_all(world: World, latest: int) -> int:
    """Which turn of our keys, of so many, every linked node has: by what was shown over its link, or what its bundles said."""
    links = [each for each in book.peers(world) if each.kind == "comity" and not each.ended]
    return min((max(each.turn, stands(world, each.name).turn) for each in links), default=latest)


def told(world: World, link: Peer, latest: int) -> None:
    """Note which turn of our keys a linked node has."""
    if link.turn != latest:
        with world.store.write() as tx:
            book.put(tx, msgspec.structs.replace(book.peer(world, link.name), turn=latest))


def revoke(world: World, name: str, why: str, by: str = ADMINISTRATOR) -> Peer:
    """End a link: from now on nothing counts that its keys sign or hold. Raises NotFound, or Conflict for one that ended before."""
    with world.store.write() as tx:
        link = book.peer(world, name)
        if link.kind != "comity":
            raise SenderFault(f"{name!r} is no link to a Comity node", next=f"comity peer remove {name}; comity token revoke")
        if link.ended:
            raise Conflict(f"the link {name!r} ended {link.ended}", next="comity peer invite makes a new one")
        ended = msgspec.structs.replace(link, ended=stamp(micros(world.clock())), why=why)
        book.put(tx, ended)
        for each in _ids(known(link)):
            tx.put_private(_ENDED, each, ended.ended.encode())
        for key, value in list(world.store.privates(_SPACE)):
            invited = msgspec.json.decode(value, type=Invited)
            if invited.party == link.party and not invited.used:
                tx.put_private(_SPACE, key, None)
        _log(world, tx, link.party, by, {"peer": name, "revoked": why, **_keys(known(link))})
    _give_up(world, known(link), by)
    return ended


def _give_up(world: World, node: Identity, by: str) -> bool:
    """Trust a node's key for parcels no more, if it was entered among the rules; whether it was."""
    trusted = node.parcels in world.rulebook.parcel_keys(node.party)
    if trusted:
        add_key(world, node.party, write_verifier(node.parcels), by=by, trusted=False)
    return trusted


def revoked(world: World, node: Identity) -> bool:
    """Whether a key of this identity was revoked here."""
    return any(world.store.private(_ENDED, each) is not None for each in _ids(node))


def _anothers(world: World, node: Identity) -> bool:
    """Whether a key of this identity is pinned here for another node: whoever then revoked one of the two would lock out both."""
    others = [known(each) for each in book.peers(world) if each.kind == "comity" and not each.ended]
    return any(each.address != node.address and not set(_ids(each)).isdisjoint(_ids(node)) for each in others)


def _ids(node: Identity) -> tuple[str, str, str]:
    return node.key_id, node.pin, key_id(node.parcels.public)


def known(link: Peer) -> Identity:
    """The identity that a link to a Comity node is pinned to. Raises IntegrityFault for a record that was tampered with."""
    try:
        return read_again(link.node)
    except SenderFault as fault:
        raise IntegrityFault(f"the record of the peer {link.name!r} is damaged: {fault}", next="restore a backup") from None


def _standing(world: World, node: Identity) -> list[Peer]:
    """The links to a node that stand: one, or none."""
    links = [each for each in book.peers(world) if each.kind == "comity" and not each.ended]
    return [each for each in links if known(each).address == node.address]


def _free(world: World, name: str) -> None:
    """Raises Conflict for the name of a link that stands; one that was revoked may be made anew."""
    try:
        kept = book.peer(world, name)
    except NotFound:
        return
    if kept.kind != "comity" or not kept.ended:
        raise Conflict(f"there is a peer {name!r} already", next="choose another name with --name")


def _keys(node: Identity) -> dict[str, str]:
    return {"node": node.address, "key": node.key_id, "tls": node.pin}


def _sweep(world: World, tx: Tx) -> None:
    now = world.clock()
    for key, value in list(world.store.privates(_SPACE)):
        if msgspec.json.decode(value, type=Invited).until <= now:
            tx.put_private(_SPACE, key, None)


def _log(world: World, tx: Tx, party: str, by: str, detail: dict[str, object]) -> None:
    world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=party, actor=by, detail=detail))
