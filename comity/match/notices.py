"""What the owners in a party's constituency are to be told: their part of its inbox, as far as `release.outside` lets it go to clients.

    1. gather  the inbox, without what may not be told, and with `new` without what has been
    2. begin   a notice is recorded, and kept as begun
    3. finish  once it was delivered: it is told, and no longer begun

Crash story: 2 and 3 are a commit each. What was begun and not finished is gathered again, as the same notice under the same reference: an
owner may be told twice, and sees by the reference that it is the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from comity.admin.constituency import record_digest
from comity.clock import micros
from comity.forms.notice import Notice, Report, Value
from comity.match.inbox import Told, everything
from comity.match.routed import Noted
from comity.release import outside
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.store.protocol import Tx
from comity.terms.constituency import Constituent


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to one owner, and the items of the inbox that it is made of."""

    reference: str
    owner: Constituent
    told: tuple[Told, ...]


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """The notices that are due, by owner; `passed` counts what may not be told, by the reason."""

    due: tuple[Due, ...]
    passed: Mapping[str, int]


class _Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that was begun: of what."""

    keys: tuple[str, ...]


def _key(told: Told) -> str:
    """What an owner is told of: a version of an object by an origin."""
    return f"{told.owner.id}|{told.item.id}|{told.item.version}|{told.item.origin}"


def _told_of(told: Told) -> str:
    """Under what it is remembered when an owner was told of an object last."""
    return f"{told.owner.id}|{told.item.id}"


def _space(name: str, reader: Reader) -> str:
    return f"{name}|{reader.party}|{reader.body}"


def gather(desk: Desk, party: str, body: str, since: datetime | None = None, *, new: bool = False) -> Gathered:
    """Step 1. Notices that were begun come first, as they were."""
    reader, passed = outside.teller(party, body), Counter[str]()
    sight, free = desk.sight(reader), dict[str, Told]()
    told = {key: int(at) for key, at in desk.world.store.privates(_space("told", reader))} if new else {}

    def wanted(id_: str, each: Noted) -> bool:
        return any(told.get(f"{owner}|{id_}", -1) < each.at for owner in each.owners)

    for each in everything(desk, reader, since, wanted=wanted):
        if why := outside.hindrance(sight.traits(each.row.base), party):
            passed[why] += 1
        else:
            free[_key(each)] = each
    due = []
    for reference, begun in _begun(desk, reader):
        # What of it may not be told any more is left out; what came since is for another notice.
        again = tuple(free.pop(key) for key in begun.keys if key in free)
        due += [Due(reference=reference, owner=again[0].owner, told=again)] if again else []
    due += _grouped(each for each in free.values() if told.get(_told_of(each), -1) < micros(each.item.added))
    return Gathered(due=tuple(due), passed=passed)


def _begun(desk: Desk, reader: Reader) -> Iterator[tuple[str, _Begun]]:
    return ((name, msgspec.json.decode(raw, type=_Begun)) for name, raw in desk.world.store.privates(_space("notices", reader)))


def _grouped(found: Iterable[Told]) -> list[Due]:
    groups: dict[str, list[Told]] = {}
    for each in found:
        groups.setdefault(each.owner.id, []).append(each)
    return [Due(reference=_reference(group), owner=group[0].owner, told=tuple(group)) for group in groups.values()]


def _reference(group: Iterable[Told]) -> str:
    """The same for the same items of the same owner."""
    return "ntc-" + hashlib.sha256("\n".join(sorted(map(_key, group))).encode()).hexdigest()[:20]


def begin(desk: Desk, due: Due, body: str, ways: Iterable[str]) -> bool:
    """Step 2. False when something of it is not to be seen any more: gather again."""
    reader = outside.teller(due.owner.party, body)
    detail = {"owner": record_digest(due.owner), "notice": due.reference, "ways": sorted(ways)}

    def keep(tx: Tx) -> None:
        tx.put_private(_space("notices", reader), due.reference, msgspec.json.encode(_Begun(keys=tuple(map(_key, due.told)))))

    return outside.enter(desk, reader, [each.row for each in due.told], detail, keep)


def finish(desk: Desk, due: Due, body: str) -> None:
    """Step 3."""
    reader = outside.teller(due.owner.party, body)
    with desk.world.store.write() as tx:
        for each in due.told:
            tx.put_private(_space("told", reader), _told_of(each), str(micros(each.item.added)).encode())
        tx.put_private(_space("notices", reader), due.reference, None)


def notice(desk: Desk, due: Due, body: str, sender: str) -> Notice:
    """What the owner reads."""
    sight = desk.sight(outside.teller(due.owner.party, body))
    reports = tuple(
        Report(
            tlp=each.item.tlp, type=each.item.type, threat=sight.traits(each.row.base).threat, added=each.item.added,
            values=tuple(Value(kind=touch.kind, value=touch.value, holding=touch.holding) for touch in each.item.touches),
        )
        for each in due.told
    )  # fmt: skip
    return Notice(
        reference=due.reference, party=due.owner.party, owner=due.owner.owner, sender=sender, to=due.owner.contact.mail,
        at=desk.world.clock(), redress=desk.world.settings.notices.redress, reports=reports,
    )  # fmt: skip
