"""The index of warninglists: all entries of all lists as bytes that are looked up where they lie, in a file that is mapped, say.

    magic | length of the header | header (JSON) | words | first addresses of stretches of IPv4 | their owners

A word is 52 bits of a salted hash of an entry, then the number of its list. Two values share a hash with a chance of less than one in a
million million; nobody can look for such a pair without the salt, which is made anew for every index. What cannot be hashed stands in the
header: substrings, expressions, and the stretches of IPv6.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from ipaddress import ip_network
from itertools import accumulate, pairwise
from typing import Any

import msgspec

from comity.errors import IntegrityFault, SenderFault
from comity.terms.linear_regex import searcher
from comity.terms.networks import Owners, stretches
from comity.terms.observable import HASH_KINDS, KINDS, normal

#: Changes with the layout, and with what is taken from the lists.
FORMAT = 1
#: Numbers stand as this machine writes them: an index is for the machine that built it.
_MAGIC = b"comity-warn-%d-%b\n" % (FORMAT, b"little" if array("H", [1]).tobytes()[0] else b"big")
_ALIGNED = 8
#: Bits of a word that number its list.
_NUMBER = 12
#: MISP's attribute types -> our kinds. Of composite types the parts are looked up, so that these need no line.
_KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("domain", "hostname"), ("domain",)),
    **dict.fromkeys(("ip-src", "ip-dst"), ("ipv4", "ipv6", "cidr")),
    **dict.fromkeys(("url", "uri", "link"), ("url",)),
    **dict.fromkeys(("email", "email-src", "email-dst", "target-email", "whois-registrant-email", "dns-soa-email"), ("email",)),
    **{kind: (kind,) for kind in HASH_KINDS},
    "ALL": KINDS,
}


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One list. `type` is how MISP compares it: string, hostname, cidr, substring or regex; `kinds` of values it says something of.

    `refused` are those of its entries that are not looked up: no such network, an expression that takes more than linear time.
    """

    name: str
    type: str
    version: str
    description: str
    kinds: tuple[str, ...]
    entries: int
    refused: tuple[str, ...] = ()


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the words. `substrings` and `expressions` are (list, text); `ipv6` (first address in hexadecimal, owners)."""

    salt: str
    lists: tuple[About, ...]
    owners: tuple[tuple[int, ...], ...]
    substrings: tuple[tuple[int, str], ...]
    expressions: tuple[tuple[int, str], ...]
    ipv6: tuple[tuple[str, int], ...]
    words: int
    ipv4: int


class Index(msgspec.Struct, frozen=True):
    """An index that was read: its header, and views of what follows it."""

    header: Header
    words: memoryview
    starts: memoryview
    of: memoryview


def word(salt: bytes, type_: str, value: str) -> int:
    """The smallest word of an entry of a list of a type: the hash, and list number 0."""
    digest = blake2b(salt + type_[0].encode() + value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> _NUMBER << _NUMBER


def numbered(words: memoryview, at: int, hash_: int) -> int:
    """The number of the list of the word at a place, -1 if it is of another entry."""
    found: int = words[at] - hash_ if at < len(words) else -1
    return found if 0 <= found < 1 << _NUMBER else -1


def build(lists: Iterable[Mapping[str, Any]], salt: bytes) -> bytes:
    """The index of warninglists in MISP's format (`name`, `type`, `version`, `list`, `matching_attributes`)."""
    return b"".join(pieces(lists, salt))


def pieces(lists: Iterable[Mapping[str, Any]], salt: bytes) -> Iterator[bytes]:
    """The same in pieces, so that it need not be in memory as a whole."""
    making = _Making(salt)
    for each in lists:
        making.add(each)
    return making.written()


def read(raw: memoryview) -> Index:
    """The inverse of `build`, without copying. Raises IntegrityFault."""
    try:
        if bytes(raw[: len(_MAGIC)]) != _MAGIC:
            raise ValueError("it begins otherwise")
        size = int.from_bytes(raw[len(_MAGIC) : len(_MAGIC) + 4], "little")
        body = len(_MAGIC) + 4
        header = msgspec.json.decode(raw[body : body + size], type=Header)
        bounds = list(accumulate((header.words * 8, header.ipv4 * 4, header.ipv4 * 2), initial=_aligned(body + size)))
        if bounds[-1] != len(raw):
            raise ValueError("it has another length")
        words, starts, of = (raw[start:end] for start, end in pairwise(bounds))
        return Index(header, words.cast("Q"), starts.cast("I"), of.cast("H"))
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise IntegrityFault(f"the index of warninglists is damaged: {error}", next="delete it: it is built anew") from None


class _Making:
    """An index in the making."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._lists: list[About] = []
        #: By their highest byte: sorted one after another they need little memory.
        self._words = [array("Q") for _ in range(256)]
        self._networks: dict[int, dict[tuple[int, int], list[int]]] = {4: {}, 6: {}}
        self._substrings: list[tuple[int, str]] = []
        self._expressions: list[tuple[int, str]] = []

    def add(self, found: Mapping[str, Any]) -> None:
        number, type_ = len(self._lists), str(found.get("type"))
        if number >> _NUMBER:
            raise SenderFault(f"there are more than {1 << _NUMBER} warninglists")
        enter = {
            "string": self._exact, "hostname": self._host, "cidr": self._network, "substring": self._substring, "regex": self._expression,
        }.get(type_)  # fmt: skip
        count, refused = 0, list[str]()
        for entry in map(str, found.get("list", ())):  # one by one: some lists have a million
            count += 1
            if enter is None or not enter(number, entry):
                refused.append(entry)
        named = found.get("matching_attributes") or ("ALL",)
        self._lists.append(
            About(
                name=str(found.get("name")),
                type=type_,
                version=str(found.get("version", "")),
                description=str(found.get("description", "")),
                kinds=tuple(dict.fromkeys(kind for name in named for kind in _KINDS.get(name, ()))),
                entries=count - len(refused),
                refused=tuple(refused),
            )
        )

    def _exact(self, number: int, entry: str, type_: str = "string") -> bool:
        found = word(self._salt, type_, entry.lower()) | number
        self._words[found >> 56].append(found)
        return True

    def _host(self, number: int, entry: str) -> bool:
        name = entry.strip(".").lower()
        if not name.isascii():
            try:
                name = normal("domain", name)
            except ValueError:
                return False
        return bool(name) and self._exact(number, name, "hostname")

    def _network(self, number: int, entry: str) -> bool:
        try:
            network = ip_network(entry.strip(), strict=False)
        except ValueError:
            return False
        key = int(network.network_address), int(network.broadcast_address)
        self._networks[network.version].setdefault(key, []).append(number)
        return True

    def _substring(self, number: int, entry: str) -> bool:
        if entry:
            self._substrings.append((number, entry.lower()))
        return bool(entry)

    def _expression(self, number: int, entry: str) -> bool:
        """PHP writes expressions between slashes, with flags behind them."""
        body, slash, flags = entry.removeprefix("/").rpartition("/")
        text = body if slash and entry.startswith("/") else entry
        whole = f"(?i){text}" if slash and "i" in flags else text
        try:
            searcher(whole)
        except SenderFault:
            return False
        self._expressions.append((number, whole))
        return True

    def written(self) -> Iterator[bytes]:
        sets: dict[Owners, int] = {}
        # A network that ends with the last address is followed by nothing.
        ipv4, ipv6 = ([each for each in stretches(self._networks[version]) if each[0] < 1 << bits] for version, bits in ((4, 32), (6, 128)))
        of = {version: [sets.setdefault(owners, len(sets)) for _, owners in found] for version, found in ((4, ipv4), (6, ipv6))}
        header = Header(
            salt=self._salt.hex(),
            lists=tuple(self._lists),
            owners=tuple(tuple(sorted(each)) for each in sets),
            substrings=tuple(self._substrings),
            expressions=tuple(self._expressions),
            ipv6=tuple((f"{start:x}", number) for (start, _), number in zip(ipv6, of[6], strict=True)),
            words=sum(map(len, self._words)),
            ipv4=len(ipv4),
        )
        raw = msgspec.json.encode(header)
        head = _MAGIC + len(raw).to_bytes(4, "little") + raw
        yield head.ljust(_aligned(len(head)), b"\0")
        for each in self._words:
            yield array("Q", sorted(each)).tobytes()
        yield array("I", (start for start, _ in ipv4)).tobytes()
        yield array("H", of[4]).tobytes()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
