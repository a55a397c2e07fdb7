from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from comity.errors import SenderFault
from comity.peer import certificate
from comity.peer.certificate import answering, calling, keep, label, make, pin


def kept(folder: Path, name: str) -> tuple[Path, bytes]:
    keep(folder / name, make())
    return folder / name, certificate.certificate((folder / name).read_bytes())


async def exchange(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes | None:
    """The certificate that the server saw; raises what either side does not like."""
    seen: list[bytes | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("ssl_object").getpeercert(True))
        writer.write(b"ok\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server)
    try:
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="x")
        said = await reader.readline()
        writer.close()
        if said != b"ok\n":
            raise ssl.SSLError("the server hung up")
        return seen[0]
    finally:
        listening.close()


@pytest.mark.loop
def test_both_sides_know_each_other_by_their_keys_alone(tmp_path):
    (one, one_der), (two, two_der) = kept(tmp_path, "one"), kept(tmp_path, "two")
    assert asyncio.run(exchange(answering(one, [two_der]), calling(two, [one_der]))) == two_der


@pytest.mark.loop
def test_a_caller_without_a_certificate_is_let_in_and_has_none(tmp_path):
    one, der = kept(tmp_path, "one")
    assert asyncio.run(exchange(answering(one, []), calling(None, [der]))) is None


@pytest.mark.loop
def test_a_forged_certificate_ends_the_handshake(tmp_path):
    (one, one_der), (two, two_der), (forged, _) = kept(tmp_path, "one"), kept(tmp_path, "two"), kept(tmp_path, "forged")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asyncio.run(exchange(answering(one, [two_der]), calling(forged, [one_der])))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asyncio.run(exchange(answering(forged, [two_der]), calling(two, [one_der])))


@pytest.mark.loop
def test_older_tls_is_not_spoken(tmp_path):
    one, der = kept(tmp_path, "one")
    old = calling(None, [der])
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asyncio.run(exchange(answering(one, []), old))


def test_a_certificate_has_no_end_and_no_name(tmp_path):
    path, der = kept(tmp_path, "one")
    found = x509.load_der_x509_certificate(der)
    assert found.not_valid_after_utc.year == 9999
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        keep(path, b"")


def test_a_pin_is_of_the_key():
    one = certificate.certificate(make())
    assert pin(one) == pin(one) != pin(certificate.certificate(make()))
    assert len(label(pin(one))) < 64
    for wrong in (b"", b"x", one[:-10]):
        with pytest.raises(SenderFault):
            pin(wrong)
    with pytest.raises(SenderFault):
        certificate.certificate(b"nothing")
