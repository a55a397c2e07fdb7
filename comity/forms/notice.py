"""A notice to an owner, as mail (RFC 5322): what is said about its networks, with values that nothing follows by itself.

It says nothing of who reported it, of other owners, or of persons: of a mail address its domain alone. The TLP label stands in the subject
and before the information (TLP 2.0). Sealed with a key it is PGP/MIME (RFC 3156) or S/MIME (RFC 8551).
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import msgspec

from comity.terms import tlp
from comity.terms.observable import defang

#: How each level is to be read, in a line (TLP 2.0, FIRST).
_MEANS = {
    "clear": "there is no limit on passing it on",
    "green": "for your community, not for the public",
    "amber": "for your organisation and its clients, for whom it is needed",
}


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A value of the owner's, and what of the owner's holds it."""

    kind: str
    value: str
    holding: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one object says: its level, its type, what it is said to be (STIX vocabularies), since when it is known, and about what."""

    tlp: str
    type: str
    threat: tuple[str, ...]
    added: datetime
    values: tuple[Value, ...]


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner is told. `redress` says whom to ask when something is wrong; "": whoever sent it."""

    reference: str
    party: str
    owner: str
    sender: str
    to: str
    at: datetime
    redress: str
    reports: tuple[Report, ...]

    @property
    def level(self) -> str:
        """The strictest level in it."""
        return tlp.strictest(each.tlp for each in self.reports) or "clear"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """An entity made unreadable to all but one: `openpgp` (armored) or `x509` (PKCS #7, DER)."""

    kind: str
    content: bytes


def text(notice: Notice) -> str:
    """The notice as it is read."""
    count = len(notice.reports)
    lines = [
        f"TLP:{notice.level.upper()}: {_MEANS[notice.level]}.",
        "",
        f"{notice.party} knows of {count} report{'s' if count != 1 else ''} that concern{'s' if count == 1 else ''} {notice.owner}.",
        "",
    ]
    for number, each in enumerate(notice.reports, 1):
        said = f" ({', '.join(each.threat)})" if each.threat else ""
        lines.append(f"{number}. TLP:{each.tlp.upper()}  {each.type}{said}, {each.added:%Y-%m-%d %H:%M} UTC")
        lines += [f"   {_shown(value)}  ({_held(value)})" for value in each.values]
    answers = not notice.sender.endswith(".invalid")
    redress = notice.redress or ("answer this message" if answers else f"write to {notice.party}")
    lines += [
        "",
        "Values are written so that nothing follows them by itself: [.] is a dot, [:] a colon, hxxp is http.",
        f"If something here is wrong, or is not yours: {redress}. Name {notice.reference}; you get an answer, and a correction goes back.",
    ]
    return "\n".join(lines) + "\n"


def _shown(value: Value) -> str:
    # What stands before the @ is of a person.
    return f"a mail address at {defang(value.value.rpartition('@')[2])}" if value.kind == "email" else defang(value.value)


def _held(value: Value) -> str:
    return "yours" if value.value == value.holding else f"in {defang(value.holding)}"


def entity(notice: Notice) -> bytes:
    """The text as a MIME entity of its own: what is sealed."""
    part = MIMEPart(policy=SMTP)
    part.set_content(text(notice), charset="utf-8", cte="quoted-printable")
    return part.as_bytes()


def mail(notice: Notice, sealed: Sealed | None = None) -> bytes:
    """The whole message, in the clear or around what was sealed."""
    message = EmailMessage(policy=SMTP)
    domain = parseaddr(notice.sender)[1].rpartition("@")[2]
    count = len(notice.reports)
    message["From"] = notice.sender
    message["To"] = notice.to
    message["Subject"] = f"[TLP:{notice.level.upper()}] {notice.party}: {count} report{'s' if count != 1 else ''} about {notice.owner}"
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = f"<{notice.reference}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if sealed is None:
        message.set_content(text(notice), charset="utf-8", cte="quoted-printable")
    elif sealed.kind == "x509":
        message.set_content(sealed.content, maintype="application", subtype="pkcs7-mime", cte="base64", filename="smime.p7m")
        message.set_param("smime-type", "enveloped-data")
        message.set_param("name", "smime.p7m")
    else:
        _openpgp(message, notice.reference, sealed.content)
    return message.as_bytes()


def _openpgp(message: EmailMessage, reference: str, armored: bytes) -> None:
    """RFC 3156 section 4: a part that names the version, and the message."""
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=_{reference}"'
    control, content = MIMEPart(policy=SMTP), MIMEPart(policy=SMTP)
    control.set_content(b"Version: 1\r\n", maintype="application", subtype="pgp-encrypted", cte="7bit")
    content.set_content(armored, maintype="application", subtype="octet-stream", cte="7bit", disposition="inline", filename="encrypted.asc")
    message.set_payload([control, content])
