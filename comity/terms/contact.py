"""How a party's team is reached: the fields of RFC 2350 that say so, of an office and never of persons (section 2.9 is left out)."""

from __future__ import annotations

import re

import msgspec

from comity.errors import SenderFault
from comity.terms.constituency import contact, key_kind
from comity.terms.party import party_code

#: The longest text of a field, in characters.
LONGEST = 2_000
_PHONE = re.compile(r"\+[0-9][0-9 ()./-]{4,30}\Z")
#: Local parts of office addresses have one of these somewhere; `given.family` has none.
_OFFICE = re.compile(
    "cert|csirt|cirt|soc|noc|security|abuse|incident|contact|office|duty|info|report|desk|team|admin|support|notify|centre|center|24x7"
)
_PERSON = re.compile(r"[a-z]+[._][a-z]+\Z")
_PHONES, _PAGES = ("telephone", "fax", "emergency"), ("website", "form")


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A team's record, each field a section of RFC 2350; empty is unknown. `emergency` is a telephone that is answered out of `hours`.

    Telephones begin with `+`, addresses of pages with https://; `key` is an OpenPGP key or an X.509 certificate as text.
    """

    party: str
    team: str = ""  # 2.1
    address: str = ""  # 2.2
    timezone: str = ""  # 2.3
    telephone: str = ""  # 2.4
    fax: str = ""  # 2.5
    mail: str = ""  # 2.7
    key: str = ""  # 2.8
    website: str = ""  # 2.10
    hours: str = ""  # 2.11
    emergency: str = ""  # 2.11
    out_of_hours: str = ""  # 2.11
    languages: str = ""  # 2.10
    mission: str = ""  # 3.1
    constituency: str = ""  # 3.2
    sponsorship: str = ""  # 3.3
    authority: str = ""  # 3.4
    policies: str = ""  # 4
    services: str = ""  # 5
    form: str = ""  # 6


#: What can be said of a team, in the order of RFC 2350.
FIELDS: tuple[str, ...] = tuple(name for name in Contact.__struct_fields__ if name != "party")


def checked(given: Contact) -> Contact:
    """The record in its one spelling. Raises SenderFault for what is no telephone, no office's address, no https page, or too long."""
    texts = {name: getattr(given, name).strip() for name in FIELDS}
    for name, text in texts.items():
        if name != "key" and (len(text) > LONGEST or not all(line.isprintable() for line in text.split("\n"))):
            raise SenderFault(f"{name} is too long, or not plain text", next=f"at most {LONGEST} characters")
    for name in _PHONES:
        if texts[name] and not _PHONE.match(texts[name]):
            raise SenderFault(f"{texts[name][:40]!r} is no telephone number", next="write it like +7 700 000 00 00")
    for name in _PAGES:
        if texts[name] and not re.match(r"https://[^\s/]+", texts[name]):
            raise SenderFault(f"{texts[name][:40]!r} is not the address of a page", next="write it like https://www.example.com/")
    told = contact(mail=texts["mail"], key=texts["key"])
    local = told.mail.partition("@")[0].lower()
    if _PERSON.match(local) and not _OFFICE.search(local):
        raise SenderFault(f"{told.mail} looks like a person's address", next="give the office's, like cert@example.com (guardrail G6)")
    return Contact(**{**texts, "party": party_code(given.party), "mail": told.mail, "key": told.key})


def key_name(given: Contact) -> str:
    """What kind of key a team has: `openpgp`, `x509` or empty."""
    return key_kind(given.key)
