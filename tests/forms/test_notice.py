"""A notice as mail: its label, its values, what it does not say, and that any reader of mail reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import msgspec
import pytest

from comity.forms.notice import Notice, Report, Sealed, Value, entity, mail, text

AT = datetime(2021, 11, 1, 9, 30, tzinfo=UTC)
ADDRESS = Value(kind="ipv4", value="192.0.2.1", holding="192.0.2.0/24")


def report(level: str = "amber", *values: Value, **more) -> Report:
    return Report(tlp=level, type="indicator", threat=("phishing",), added=AT, values=values or (ADDRESS,), **more)


def notice(*reports: Report, **more) -> Notice:
    given = {"owner": "Банк «Пример»", "sender": "cert@kz.example", "to": "abuse@bank.example", "redress": "", **more}
    return Notice(reference="ntc-1", party="KZ", at=AT, reports=reports or (report(),), **given)


def read(raw: bytes):
    return message_from_bytes(raw, policy=SMTP)


@pytest.mark.parametrize(("levels", "label"), [(["clear"], "CLEAR"), (["green", "clear"], "GREEN"), (["green", "amber", "clear"], "AMBER")])
def test_the_strictest_label_stands_in_the_subject_and_before_the_information(levels, label):
    made = notice(*(report(level) for level in levels))
    assert read(mail(made))["Subject"].startswith(f"[TLP:{label}] KZ: {len(levels)} report")
    assert text(made).startswith(f"TLP:{label}: ")
    assert all(f"{number}. TLP:{level.upper()}" in text(made) for number, level in enumerate(levels, 1))


def test_it_is_a_message_that_any_reader_reads():
    raw = mail(notice())
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
    found = read(raw)
    assert (found["From"], found["To"], found["Message-ID"]) == ("cert@kz.example", "abuse@bank.example", "<ntc-1@kz.example>")
    assert (found["Subject"], found["Auto-Submitted"]) == ("[TLP:AMBER] KZ: 1 report about Банк «Пример»", "auto-generated")
    assert found["Date"].datetime == AT
    assert found.get_content_type() == "text/plain" and found.get_content_charset() == "utf-8"
    assert found.get_content().replace("\r\n", "\n") == text(notice())


def test_values_are_defanged_and_mail_addresses_are_of_nobody():
    said = text(
        notice(
            report("green", Value(kind="url", value="https://www.bank.example/x", holding="bank.example")),
            report("green", Value(kind="email", value="a.person@bank.example", holding="bank.example")),
            report("green", Value(kind="asn", value="AS64496", holding="AS64496")),
        )
    )
    assert "hxxps://www[.]bank[.]example/x  (in bank[.]example)" in said
    assert "a mail address at bank[.]example" in said and "person" not in said
    assert "AS64496  (yours)" in said
    assert "indicator (phishing), 2021-11-01 09:30 UTC" in said


def test_whom_to_ask_is_said():
    assert "answer this message. Name ntc-1" in text(notice())
    assert "write to KZ. Name ntc-1" in text(notice(sender="noreply@kz.invalid"))
    assert "https://kz.example/redress. Name ntc-1" in text(notice(redress="https://kz.example/redress"))


def test_one_report_and_several_are_said_as_people_say_it():
    assert "1 report that concerns" in text(notice())
    assert "2 reports that concern Банк" in text(notice(report(), report()))


def test_what_is_sealed_is_the_whole_entity_and_no_header_says_more():
    inner = read(entity(notice()))
    assert inner.get_content().replace("\r\n", "\n") == text(notice())
    armored = b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"
    outer = read(mail(notice(), Sealed(kind="openpgp", content=armored)))
    assert (outer.get_content_type(), outer.get_param("protocol")) == ("multipart/encrypted", "application/pgp-encrypted")
    control, content = outer.iter_parts()
    assert (control.get_content_type(), control.get_payload(decode=True).strip()) == ("application/pgp-encrypted", b"Version: 1")
    assert content.get_payload(decode=True).replace(b"\r\n", b"\n") == armored
    smime = read(mail(notice(), Sealed(kind="x509", content=b"\x30\x00\xff")))
    assert (smime.get_content_type(), smime.get_param("smime-type")) == ("application/pkcs7-mime", "enveloped-data")
    assert smime.get_payload(decode=True) == b"\x30\x00\xff"
    for each in (outer, smime):
        assert b"192[.]0" not in each.as_bytes() and each["Subject"].startswith("[TLP:AMBER]")


def test_a_header_cannot_be_broken_into():
    hostile = msgspec.structs.replace(notice(), owner="Bank\r\nBcc: x@x.example")
    with pytest.raises(ValueError):
        mail(hostile)
