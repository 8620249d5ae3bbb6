"""The way to the provider: proxy, name, connection, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from pycodex.doctor.report import Check
from pycodex.doctor.way import check_dns, check_proxy, check_tcp, check_tls, way_to
from pycodex.transports.tunnel import hang_up
from tests.pycodex.doctor.subjects import canned, provider, subject

AWAY = "https://provider.invalid/v1"


def test_straight_to_the_provider(tmp_path: Path) -> None:
    looked = subject(tmp_path, provider(AWAY))
    assert check_proxy(looked).status == "ok"
    way = way_to(looked)
    assert (way.host, way.port, way.encrypted, way.place) == ("provider.invalid", 443, True, "provider.invalid:443")


def test_a_proxy_is_named_without_its_login(tmp_path: Path) -> None:
    looked = subject(tmp_path, provider(AWAY), env={"HTTPS_PROXY": "http://me:test-hidden@127.0.0.1:3128"})
    check = check_proxy(looked)
    assert check.status == "ok" and "http://127.0.0.1:3128" in check.summary and "test-hidden" not in str(check)
    assert way_to(looked).place == "127.0.0.1:3128 (the proxy)"


@pytest.mark.parametrize(
    ("url", "env", "status", "said"),
    [
        (AWAY, {"ALL_PROXY": "socks5://127.0.0.1:1080"}, "fail", "ALL_PROXY"),
        ("http://127.0.0.1:1/v1", {"http_proxy": "http://127.0.0.1:3128"}, "warning", "NO_PROXY"),
        ("http://127.0.0.1:1/v1", {"http_proxy": "http://127.0.0.1:3128", "NO_PROXY": "127.0.0.1"}, "ok", ""),
    ],
)
def test_a_proxy_that_cannot_be_used(tmp_path: Path, url: str, env: dict[str, str], status: str, said: str) -> None:
    check = check_proxy(subject(tmp_path, provider(url), env=env))
    assert check.status == status and said in (check.remedy or "")


def test_a_name_that_is_known(tmp_path: Path) -> None:
    check = asyncio.run(check_dns(subject(tmp_path, provider("http://127.0.0.1:1/v1"))))
    assert check.status == "ok" and check.detail("addresses") == "127.0.0.1"


def test_a_name_that_is_not_known(tmp_path: Path) -> None:
    check = asyncio.run(check_dns(subject(tmp_path, provider(AWAY))))
    assert check.status == "fail" and "provider.invalid" in check.summary and "base_url" in (check.remedy or "")
    proxied = subject(tmp_path, provider("http://127.0.0.1:1/v1"), env={"http_proxy": "http://proxy.invalid:1"})
    check = asyncio.run(check_dns(proxied))
    assert check.status == "fail" and "the proxy variables" in (check.remedy or "")


def test_somebody_listens(tmp_path: Path) -> None:
    with canned({}) as (url, _):
        assert asyncio.run(check_tcp(subject(tmp_path, provider(url)))).status == "ok"


@pytest.mark.parametrize(("env", "said"), [({}, "Start the server"), ({"http_proxy": "{url}"}, "Start the proxy")])
def test_nobody_listens(tmp_path: Path, env: dict[str, str], said: str) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        env = {name: value.format(url=url) for name, value in env.items()}
        check = asyncio.run(check_tcp(subject(tmp_path, provider(f"{url}/v1"), env=env)))
    assert check.status == "fail" and "Connection refused" in check.summary and said in (check.remedy or "")


def test_without_tls_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    assert asyncio.run(check_tls(subject(tmp_path, provider("http://127.0.0.1:1/v1")))).status == "skipped"


def test_a_port_that_speaks_plain_http(tmp_path: Path) -> None:
    with canned({}) as (url, _):
        check = asyncio.run(check_tls(subject(tmp_path, provider(url.replace("http:", "https:")))))
    assert check.status == "fail" and "http://" in (check.remedy or "")


def test_a_ca_file_that_is_not_there(tmp_path: Path) -> None:
    looked = subject(tmp_path, provider("https://127.0.0.1:1/v1"), env={"CODEX_CA_CERTIFICATE": "/nowhere/ca.pem"})
    check = asyncio.run(check_tls(looked))
    assert check.status == "fail" and "CODEX_CA_CERTIFICATE" in check.summary and check.remedy


Certificate = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """One that signs itself, for localhost, and a server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    public, both = folder / "cert.pem", folder / "both.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    both.write_bytes(
        public.read_bytes() + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return public, context


def tls_of(home: Path, certificate: Certificate, host: str, *, trusted: bool) -> Check:
    with canned({}, certificate[1]) as (url, _):
        env = {"SSL_CERT_FILE": str(certificate[0])} if trusted else {}
        return asyncio.run(check_tls(subject(home, provider(url.replace("127.0.0.1", host)), env=env)))


def test_a_certificate_of_ones_own(tmp_path: Path, certificate: Certificate) -> None:
    check = tls_of(tmp_path, certificate, "localhost", trusted=False)
    assert check.status == "fail" and "self-signed" in check.summary.replace("self signed", "self-signed")
    assert "CODEX_CA_CERTIFICATE" in (check.remedy or "")


def test_a_certificate_that_is_trusted(tmp_path: Path, certificate: Certificate) -> None:
    check = tls_of(tmp_path, certificate, "localhost", trusted=True)
    assert check.status == "ok" and (check.detail("certificate") or "").startswith("localhost, by localhost, until ")


def test_a_certificate_for_another_name(tmp_path: Path, certificate: Certificate) -> None:
    check = tls_of(tmp_path, certificate, "127.0.0.1", trusted=True)
    assert check.status == "fail" and "base_url" in (check.remedy or "")


def test_a_proxy_that_refuses_the_tunnel(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
        await hang_up(writer)

    async def run() -> Check:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        check = await check_tls(subject(tmp_path, provider(AWAY), env={"https_proxy": proxy}))
        server.close()
        return check

    check = asyncio.run(run())
    assert check.status == "fail" and "407" in check.summary and "proxy" in (check.remedy or "")
