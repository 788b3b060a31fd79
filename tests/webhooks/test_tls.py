"""Over TLS: the certificate is checked for the host's name, though its address is what is connected to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lenticular.app.webhooks.send import Sender
from lenticular.webhooks.address import networks_of
from tests.webhooks.receiver import Receiver

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "hooks.example.com"


def certificate(folder: Path) -> Path:
    """Write a certificate of its own authority for a name, with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "both.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    found = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=context)
    found.url = str(server.sockets[0].getsockname()[1])
    yield found
    server.close()
    await server.wait_closed()


async def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_only_who_has_the_certificate_of_the_name_is_told(receiver: Receiver, tmp_path: Path) -> None:
    sender = Sender(networks_of("127.0.0.1", "X"), resolve=here)
    answer = await sender.send(f"https://{NAME}:{receiver.url}/x", {}, b"{}")
    assert answer.status is None and "certificate" in answer.error.lower() and receiver.got == []
    sender.tls = ssl.create_default_context(cafile=str(tmp_path / "both.pem"))
    assert (await sender.send(f"https://{NAME}:{receiver.url}/x", {}, b"{}")).status == 204
    assert receiver.got[0].headers["host"] == f"{NAME}:{receiver.url}"
    other = await sender.send(f"https://other.example.com:{receiver.url}/x", {}, b"{}")
    assert other.status is None and "certificate" in other.error.lower() and len(receiver.got) == 1
