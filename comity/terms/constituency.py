"""Constituencies: the networks, autonomous systems and domains that a party answers for, by the organisations that own them.

An owner is the party itself or a customer of its, always an organisation. Kinds and their normal forms:

* `netblock`  a network in the form of `terms.observable`'s `cidr`, either version; an address alone is a network of one.
* `asn`       `AS64496`; `AS1.10` (RFC 5396) is read too.
* `domain`    a domain in its normal form; `*.` before it says nothing more. A single label stands for a whole top level domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from comity.errors import SenderFault
from comity.terms.observable import normal
from comity.terms.party import party_code

KINDS = ("netblock", "asn", "domain")
#: Bits that a network of an owner's names at least, of version 4 and of version 6: what regional registries are given themselves (IANA).
_LARGEST = (8, 12)
#: The most characters of an owner's name.
LONGEST_NAME = 200
#: The most characters of a key.
LONGEST_KEY = 65_536
_ASN = re.compile(r"(?:AS[ N]?)?(?:([0-9]{1,5})\.)?([0-9]{1,10})\Z", re.IGNORECASE)
_HERE = ("localhost", "127.0.0.1", "[::1]")


class Holding(msgspec.Struct, frozen=True, order=True):
    """One thing that an owner answers for: its kind, and its normal form."""

    kind: str
    value: str


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an owner is told: an office's mail address, a webhook, and a key for mail (OpenPGP, or an X.509 certificate as PEM); "": none."""

    mail: str = ""
    webhook: str = ""
    key: str = ""


class Constituent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An owner with what it answers for, sorted. `id` is its name in the log and in keys, where its real name would be told."""

    id: str
    party: str
    owner: str
    holdings: tuple[Holding, ...]
    contact: Contact = Contact()


_NONE = Contact()


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be added to a party's owner; of its contact, what is not empty takes the place of what was."""

    party: str
    owner: str
    holdings: tuple[Holding, ...]
    contact: Contact = Contact()


def holding(kind: str, text: str) -> Holding:
    """Something to answer for, in its normal form. Raises SenderFault that says what is wrong with it."""
    forms = {"netblock": _netblock, "asn": _asn, "domain": _domain}
    if kind not in forms:
        raise SenderFault(f"{kind!r} is not a kind of constituency", next="one of " + ", ".join(KINDS))
    try:
        return Holding(kind, forms[kind](text.strip()))
    except ValueError as error:
        raise SenderFault(str(error)) from None


def _netblock(text: str) -> str:
    found = normal("cidr", text if "/" in text else f"{text}/{128 if ':' in text else 32}")
    if int(found.rpartition("/")[2]) < _LARGEST[":" in found]:
        raise ValueError(f"{found} is no owner's network: at most a /{_LARGEST[':' in found]}")
    return found


def _asn(text: str) -> str:
    found = _ASN.match(text)
    high, low = (int(found[1] or 0), int(found[2])) if found else (0, 0)
    number = (high << 16) + low
    if found is None or (found[1] and (low > 0xFFFF or high > 0xFFFF)) or not 0 < number < 1 << 32:
        raise ValueError(f"{text!r} is not an autonomous system's number: like AS64496, from 1 to 4294967295")
    return f"AS{number}"


def _domain(text: str) -> str:
    name = text.removeprefix("*").removeprefix(".")
    return normal("domain", name) if "." in name.rstrip(".") else normal("domain", f"x.{name}").removeprefix("x.")


def addition(party: str, owner: str, holdings: Iterable[tuple[str, str]], contact: Contact = _NONE) -> Addition:
    """An addition with everything in its normal form; without an owner's name it is the party itself. Raises SenderFault."""
    code = party_code(party)
    found = tuple(holding(kind, text) for kind, text in holdings)
    return Addition(party=code, owner=owner_name(owner if owner.strip() else code), holdings=found, contact=contact)


def owner_name(text: str) -> str:
    """An owner's name, white space made one blank. Raises SenderFault for one that is empty, too long, or a mail address."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SenderFault(f"{text[:80]!r} is not an owner's name", next=f"1 to {LONGEST_NAME} characters")
    if "@" in name:
        raise SenderFault(f"{text[:80]!r} is a mail address: an owner is an organisation", next="name the organisation, and give --mail")
    return name


def contact(mail: str = "", webhook: str = "", key: str = "") -> Contact:
    """How to tell an owner. Raises SenderFault for what is no address, no https URL, or no public key."""
    try:
        mail = normal("email", mail) if mail.strip() else ""
        webhook = normal("url", webhook) if webhook.strip() else ""
    except ValueError as error:
        raise SenderFault(str(error)) from None
    if mail and not (mail.isascii() and re.fullmatch(r"[^\s<>()\[\],;:\\\"]+", mail)):
        raise SenderFault(f"{mail!r} is not a plain mail address", next="give one like abuse@example.com")
    scheme, _, rest = webhook.partition("://")
    if webhook and scheme != "https" and not (scheme == "http" and rest.partition("/")[0].rpartition(":")[0] in _HERE):
        raise SenderFault(f"{webhook!r} is not an https URL", next="a webhook is called over TLS")
    if key and (key_kind(key) == "" or len(key) > LONGEST_KEY):
        raise SenderFault("the key is neither an OpenPGP public key nor an X.509 certificate", next="give it ASCII-armored, or as PEM")
    if key_kind(key) == "x509":
        _usable(key)
    return Contact(mail=mail, webhook=webhook, key=key.strip())


def _usable(key: str) -> None:
    """Raises SenderFault for a certificate to which no mail can be sealed (RFC 8551 section 2.3, key transport)."""
    from cryptography import x509  # it takes a while to load
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        rsa = isinstance(x509.load_pem_x509_certificate(key.encode()).public_key(), RSAPublicKey)
    except ValueError:
        raise SenderFault("the certificate cannot be read", next="give it whole, as PEM") from None
    if not rsa:
        raise SenderFault("the certificate's key is no RSA key: no mail can be sealed to it", next="give one with an RSA key, or OpenPGP")


def key_kind(key: str) -> str:
    """`openpgp` or `x509` by the first line of a key's text; "" for anything else, a private key above all."""
    if "PRIVATE KEY" in key:
        return ""
    start = key.lstrip()
    if start.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----"):
        return "openpgp"
    return "x509" if start.startswith("-----BEGIN CERTIFICATE-----") else ""
