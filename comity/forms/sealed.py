"""Sealed objects: a STIX object of our own type around one whose bytes only those it is addressed to can read (ADR 17).

    {"type": "comity-sealed", "id": ..., "created": ..., "modified": ..., "object_marking_refs": [TLP],
     "contains": "indicator", "threat": ["c2"], "said": {...}, "algorithm": ..., "keys": [base64, ...], "body": base64, "extensions": ...}

The body is encrypted once, under a key of its own, with the origin and everything else as associated data: who changes a word of that makes
it impossible to open. That key is encrypted to each sealing key by HPKE (RFC 9180, base mode), with id, version, origin and
the recipient's party as info. Nothing says which of `keys` is whose, and others that nobody can open fill their number up to a power of
two: a recipient cannot tell who else is one. The body is filled up with spaces, so its size says little.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from comity.errors import OperatorFault, SenderFault
from comity.forms import wire_envelope
from comity.forms.sealing_key import OpeningKey, SealingKey
from comity.forms.wire_envelope import Said
from comity.terms.key_text import decode_base64
from comity.terms.stix import COMITY_EXTENSION, OWN_TYPES, PUBLIC_TYPES, SEALED_TYPE, derived_id, version
from comity.terms.tlp import TLP2_IDS
from comity.terms.traits import threat_of

#: The one method there is: HPKE's key encapsulation, its key derivation, and the cipher of keys and body (RFC 9180 section 7).
ALGORITHM = "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305"
#: Types that are never sealed, nor taken out of a seal: governance, what everybody has to read, and seals.
UNSEALED = OWN_TYPES | PUBLIC_TYPES | {SEALED_TYPE, "bundle"}
#: A body's size is a multiple of this, and an object has at most so many keys.
BLOCK, MOST_KEYS = 1_024, 256

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
#: Bytes of an encrypted content key: encapsulation, key, tag.
_WRAP = 32 + 32 + 16
#: Each content key encrypts one body, so that its nonce may be fixed.
_NONCE = bytes(12)
_EXTENSIONS = {COMITY_EXTENSION: {"extension_type": "new-sdo"}}
_PROPERTIES = frozenset(
    {"type", "spec_version", "id", "created", "modified", "object_marking_refs", "contains", "threat", "said", "algorithm", "keys",
     "body", "extensions"}
)  # fmt: skip


class _Inside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is encrypted: the object as its origin has it, and the secret that makes the sealed object's id of its id."""

    salt: str
    object: msgspec.Raw


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed object as everybody may read it: the type and threat kinds inside, and what its origin says of its handling."""

    contains: str
    threat: tuple[str, ...]
    said: Said
    keys: tuple[bytes, ...]
    body: bytes


def sealed_id(salt: str, id_: str) -> str:
    """The id of the sealed object around an object, the same for all its versions; without the salt it tells nothing of that."""
    return derived_id(SEALED_TYPE, salt, id_)


def seal(raw: bytes, said: Said, *, origin: str, to: Mapping[str, Sequence[SealingKey]], salt: str, at: str) -> bytes:
    """The sealed object around an object's bytes, for these parties' keys. `at` dates what has no date; `said` is without `to`.

    Raises SenderFault for a type that is not sealed.
    """
    obj: dict[str, Any] = msgspec.json.decode(raw)
    if obj["type"] in UNSEALED:
        raise SenderFault(f"a {obj['type']} is not sealed", next="share it as it is")
    threat = threat_of(obj)
    shell: dict[str, Any] = {
        "type": SEALED_TYPE,
        "spec_version": "2.1",
        "id": sealed_id(salt, obj["id"]),
        "created": obj.get("created", at),
        "modified": version(obj) or at,
        "object_marking_refs": [TLP2_IDS[said.tlp]],
        "contains": obj["type"],
        **({"threat": list(threat)} if threat else {}),
        "said": msgspec.to_builtins(said),
        "algorithm": ALGORITHM,
        "extensions": _EXTENSIONS,
    }
    inside = msgspec.json.encode(_Inside(salt=salt, object=msgspec.Raw(raw)))
    content_key = ChaCha20Poly1305.generate_key()
    shell["keys"] = [_text(each) for each in _wrapped(content_key, shell, origin, to)]
    body = ChaCha20Poly1305(content_key).encrypt(_NONCE, inside + b" " * (-len(inside) % BLOCK), _bound(shell, origin))
    return msgspec.json.encode({**shell, "body": _text(body)})


def _wrapped(content_key: bytes, shell: Mapping[str, Any], origin: str, to: Mapping[str, Sequence[SealingKey]]) -> list[bytes]:
    """The content key to each sealing key, and to keys that nobody has; in an order that says nothing."""
    wraps = [_SUITE.encrypt(content_key, key.x25519, info=_info(shell, origin, party)) for party, keys in to.items() for key in keys]
    if not 1 <= len(wraps) <= MOST_KEYS:
        raise SenderFault(f"{len(wraps)} keys to seal to", next=f"name 1 to {MOST_KEYS} keys' parties")
    fill = (1 << (len(wraps) - 1).bit_length()) - len(wraps)
    wraps += [_SUITE.encrypt(content_key, X25519PrivateKey.generate().public_key(), info=b"") for _ in range(fill)]
    return sorted(wraps)


def read(obj: Mapping[str, Any]) -> Shell:
    """A sealed object as it can be read without a key. Raises SenderFault, naming the property, for one that is malformed."""
    stray = sorted(obj.keys() - _PROPERTIES)
    if stray:
        raise SenderFault(f"{stray[0][:80]}: a sealed object has no such property")
    if not all(isinstance(obj.get(name), str) for name in ("id", "created", "modified")):
        raise SenderFault("a sealed object has id, created and modified")
    if (obj.get("type"), obj.get("spec_version"), obj.get("extensions")) != (SEALED_TYPE, "2.1", _EXTENSIONS):
        raise SenderFault(f"not a {SEALED_TYPE} of STIX 2.1 with Comity's extension")
    if obj.get("algorithm") != ALGORITHM:
        raise SenderFault(f"algorithm: {str(obj.get('algorithm'))[:80]!r} is not one that is known here", next=f"seal with {ALGORITHM}")
    contains, threat = obj.get("contains"), obj.get("threat", [])
    if not isinstance(contains, str) or contains in UNSEALED:
        raise SenderFault(f"contains: {str(contains)[:80]!r} is not a type that is sealed")
    if not isinstance(threat, list) or not all(isinstance(word, str) for word in threat) or threat != sorted(set(threat)):
        raise SenderFault("threat: not a list of words, each once and in order")
    try:
        said = wire_envelope.checked(msgspec.convert(obj.get("said"), Said), "said")
    except msgspec.ValidationError as error:
        raise SenderFault(f"said: {error}") from None
    if said.to is not None:
        raise SenderFault("said: `to` stands beside a sealed object, never in it")
    if obj.get("object_marking_refs") != [TLP2_IDS[said.tlp]]:
        raise SenderFault("object_marking_refs: not the one marking of the TLP level that it says")
    keys = _many(obj.get("keys"))
    if len(keys) & (len(keys) - 1) or any(len(key) != _WRAP for key in keys) or list(keys) != sorted(set(keys)):
        raise SenderFault("keys: not a power of two of encrypted keys, each once and in order")
    body = _bytes("body", obj.get("body"))
    if len(body) % BLOCK != 16 or len(body) < BLOCK:
        raise SenderFault(f"body: {len(body)} bytes are no encrypted body")
    return Shell(contains=contains, threat=tuple(threat), said=said, keys=keys, body=body)


def unseal(obj: Mapping[str, Any], origin: str, party: str, keys: Iterable[OpeningKey]) -> bytes:
    """The bytes of the object inside, for a party with these keys.

    1. One of the keys opens one of the object's. 2. With that its body opens, which was so sealed. 3. What is inside is what it says.
    Raises OperatorFault (1), SenderFault (2, 3).
    """
    shell, own = read(obj), tuple(keys)
    # 1.
    info = _info(obj, origin, party)
    content_key = next(filter(None, (_unwrapped(wrap, key, info) for key in own for wrap in shell.keys)), None)
    if content_key is None:
        known = ", ".join(key.public.key_id for key in own) or "none"
        raise OperatorFault(
            f"no sealing key of this node opens it ({known}): it is sealed to another key of {party}, or to another party",
            next=f"restore an older keys/sealing; or give {origin} what `comity party key show --sealing` prints, and ask it to send again",
        )
    # 2.
    try:
        inside = ChaCha20Poly1305(content_key).decrypt(_NONCE, shell.body, _bound(obj, origin))
        found = msgspec.json.decode(inside, type=_Inside)
        within = msgspec.json.decode(found.object, type=dict[str, Any])
    except (InvalidTag, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise SenderFault(
            "it was altered after it was sealed", next=f"ask {origin} to send it again, and look at who passed it on"
        ) from None
    # 3.
    next_ = f"tell {origin}: its node says of this object what it is not"
    if within.get("type") != shell.contains or threat_of(within) != shell.threat:
        raise SenderFault(f"what is inside is no {shell.contains} as it says", next=next_)
    if version(within) not in ("", obj["modified"]):
        raise SenderFault(f"what is inside is another version than {obj['modified']}, as it says", next=next_)
    if sealed_id(found.salt, str(within.get("id"))) != obj["id"]:
        raise SenderFault("what is inside has another id than it was sealed under", next=next_)
    return bytes(found.object)


def _unwrapped(wrap: bytes, key: OpeningKey, info: bytes) -> bytes | None:
    try:
        content_key: bytes = _SUITE.decrypt(wrap, key.secret, info=info)
    except (InvalidTag, ValueError):
        return None
    return content_key if len(content_key) == 32 else None


def _info(shell: Mapping[str, Any], origin: str, party: str) -> bytes:
    return rfc8785.dumps(["comity sealed key v1", origin, shell["id"], shell["modified"], party])


def _bound(shell: Mapping[str, Any], origin: str) -> bytes:
    return rfc8785.dumps(["comity sealed body v1", origin, {key: shell[key] for key in shell if key != "body"}])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(name: str, text: Any) -> bytes:
    try:
        return decode_base64(text if isinstance(text, str) else "-")
    except ValueError as error:
        raise SenderFault(f"{name}: {error}") from None


def _many(texts: Any) -> tuple[bytes, ...]:
    if not isinstance(texts, list) or not 1 <= len(texts) <= MOST_KEYS:
        raise SenderFault(f"keys: not a list of 1 to {MOST_KEYS}")
    return tuple(_bytes("keys", text) for text in texts)
