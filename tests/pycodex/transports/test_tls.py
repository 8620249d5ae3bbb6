"""A handshake that ends says why; faults/tls_untrusted has it on the wire, beside codex-cli."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fake_server import FakeServer, Script
from fake_server.certificates import Certificates
from pycodex.transports.base import TransportError, TransportStyle
from pycodex.transports.http import HttpTransport
from pycodex.transports.tls import refusal, start_tls, tls_context

HEAD = [("x-first", "1"), ("user-agent", "me/1"), ("host", ""), ("content-length", "")]
STYLE = TransportStyle(send_error="cannot send to {url}")
MODELS = "/v1/models"


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        made.load(Script.from_data({"main": []}), certificates=Certificates())
        yield made


async def handshakes(server: FakeServer) -> list[tuple[str, str]]:
    while not any(one.method == "HANDSHAKE" for one in server.journal):
        await asyncio.sleep(0.01)
    return [(one.target, one.end) for one in server.journal if one.method == "HANDSHAKE"]


async def test_the_server_is_told_why_its_certificate_is_refused(server: FakeServer) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    with pytest.raises(ssl.SSLCertVerificationError):
        await start_tls(writer, tls_context({}), "localhost")
    writer.close()
    assert await handshakes(server) == [("localhost", "error: unknown_ca")]


async def asked(server: FakeServer, url: str, env: dict[str, str], style: TransportStyle = STYLE) -> int:
    transport = HttpTransport(style, env)
    try:
        async with transport.stream(url, HEAD, b"", method="GET") as response:
            return response.status
    finally:
        await transport.aclose()


@pytest.fixture
def trust(server: FakeServer, tmp_path: Path) -> dict[str, str]:
    certificates = Certificates()
    server.load(Script.from_data({"main": []}), certificates=certificates)
    (tmp_path / "ca.pem").write_bytes(certificates.files["ca.pem"])
    return {"CODEX_CA_CERTIFICATE": str(tmp_path / "ca.pem")}


async def test_a_tunnel_has_the_head_of_the_dialect(server: FakeServer, trust: dict[str, str]) -> None:
    env = {**trust, "HTTPS_PROXY": server.url.replace("//", "//me:p%40ss@")}
    old = TransportStyle(send_error="", tunnel=(("user-agent", "{user_agent}"), ("proxy-authorization", "{login}")))
    assert await asked(server, f"https://any.invalid{MODELS}", env) == 200
    assert await asked(server, f"https://any.invalid{MODELS}", env, old) == 200
    heads = [one.head for one in server.journal if one.method == "CONNECT"]
    host, login = ("Host", "any.invalid:443"), "Basic bWU6cEBzcw=="
    assert heads == [
        (host, ("Proxy-Authorization", login)),
        (host, ("user-agent", "me/1"), ("proxy-authorization", login)),
    ]


async def test_a_plain_proxy_is_given_the_login_before_the_host(server: FakeServer) -> None:
    env = {"HTTP_PROXY": server.url.replace("//", "//me:p%40ss@")}
    assert await asked(server, f"http://any.invalid{MODELS}?a=b", env) == 200
    (one,) = server.journal
    assert one.target == f"http://any.invalid{MODELS}?a=b"
    assert [name for name, _ in one.head] == ["x-first", "user-agent", "proxy-authorization", "host", "content-length"]


async def test_a_proxy_over_tls_is_checked_and_given_the_request(server: FakeServer, trust: dict[str, str]) -> None:
    env = {**trust, "HTTP_PROXY": server.url.replace("http:", "https:")}
    assert await asked(server, f"http://any.invalid{MODELS}", env) == 200
    with pytest.raises(TransportError) as caught:
        await asked(server, f"http://any.invalid{MODELS}", {"HTTP_PROXY": env["HTTP_PROXY"]})
    assert caught.value.kind == "connect"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_used_is_an_unreachable_provider(server: FakeServer, proxy: str) -> None:
    with pytest.raises(TransportError, match="cannot send") as caught:
        await asked(server, "https://any.invalid/", {"HTTPS_PROXY": proxy})
    assert caught.value.kind == "connect"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stranger.invalid", "UnknownIssuer"),
        ("self-signed.invalid", "UnknownIssuer"),
        ("expired.invalid", "certificate expired"),
        ("early.invalid", "certificate not valid yet"),
        ("localhost", 'certificate not valid for name "localhost"'),
    ],
)
async def test_what_is_wrong_with_a_certificate(
    server: FakeServer, trust: dict[str, str], name: str, words: str
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    with pytest.raises(ssl.SSLError) as caught:
        await start_tls(writer, tls_context(trust), name)
    writer.close()
    assert refusal(caught.value, name) == f"invalid peer certificate: {words}"
    assert refusal(ConnectionResetError(), name) is None
