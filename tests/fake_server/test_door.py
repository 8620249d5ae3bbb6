"""One port for plain requests, TLS and tunnels; what a client breaks off is in the journal."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from fake_server.certificates import HOSTS, Certificates

SAY = {"output": [{"message": "hi there"}]}
POST = b"POST /v1/responses HTTP/1.1\r\nHost: h\r\nX-Odd-Case: 1\r\ncontent-length: 15\r\n\r\n" + b'{"stream":true}'

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


_opened: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def _hang_up() -> AsyncIterator[None]:
    yield
    for writer in _opened:
        writer.transport.abort()
    _opened.clear()


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        made.load(Script.from_data({"main": [SAY]}), certificates=certificates)
        yield made


@pytest.fixture(scope="module")
def trusting(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    path = tmp_path_factory.mktemp("certificates") / "ca.pem"
    path.write_bytes(certificates.files["ca.pem"])
    context = ssl.create_default_context(cafile=path)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def load(server: FakeServer, certificates: Certificates, **data: Any) -> None:
    server.load(Script.from_data(data), certificates=certificates)


async def reach(server: FakeServer) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    _opened.append(writer)
    return reader, writer


async def tunnel(server: FakeServer, target: str) -> tuple[Streams, bytes]:
    reader, writer = await reach(server)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic eDp5\r\n\r\n".encode())
    return (reader, writer), await reader.readuntil(b"\r\n\r\n")


async def ask(streams: Streams) -> bytes:
    reader, writer = streams
    writer.write(POST)
    return await reader.readuntil(b"\r\n")


async def test_the_port_speaks_plain_and_tls(server: FakeServer, trusting: ssl.SSLContext) -> None:
    load(server, Certificates(), main=[SAY])
    assert b"200" in await ask(await reach(server))
    load(server, Certificates(), main=[SAY])
    _, writer = await reach(server)
    with pytest.raises(ssl.SSLCertVerificationError):  # another run's authority
        await writer.start_tls(trusting, server_hostname="127.0.0.1")


async def test_a_request_over_tls_is_one_of_http_1_with_its_head(server: FakeServer, trusting: ssl.SSLContext) -> None:
    reader, writer = await reach(server)
    await writer.start_tls(trusting, server_hostname="127.0.0.1")
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
    assert b"200" in await ask((reader, writer))
    assert [(one.method, one.head[1]) for one in server.journal] == [("POST", ("X-Odd-Case", "1"))]


@pytest.mark.parametrize("name", HOSTS)
async def test_a_name_whose_certificate_is_wrong(server: FakeServer, trusting: ssl.SSLContext, name: str) -> None:
    (_, writer), answer = await tunnel(server, f"{name}:443")
    assert answer.startswith(b"HTTP/1.1 200 ")
    with pytest.raises(ssl.SSLCertVerificationError):
        await writer.start_tls(trusting, server_hostname=name)
    while len(server.journal) < 2:
        await asyncio.sleep(0.01)
    assert [(one.method, one.target) for one in server.journal] == [("CONNECT", f"{name}:443"), ("HANDSHAKE", name)]
    assert server.journal[1].end.startswith("error: ")


async def test_what_goes_through_a_tunnel_is_served(server: FakeServer, trusting: ssl.SSLContext) -> None:
    (reader, writer), _ = await tunnel(server, "any.invalid:443")
    await writer.start_tls(trusting, server_hostname="any.invalid")
    assert b"200" in await ask((reader, writer))
    connect, post = server.journal
    assert connect.head == (("Host", "any.invalid:443"), ("Proxy-Authorization", "Basic eDp5"))
    assert (connect.end, post.method, server.problems) == ("complete", "POST", [])


async def test_a_tunnel_may_be_without_tls(server: FakeServer) -> None:
    streams, _ = await tunnel(server, "any.invalid:80")
    assert b"200" in await ask(streams)


async def test_a_script_refuses_a_tunnel(server: FakeServer, certificates: Certificates) -> None:
    refused = {"http": {"status": 407, "headers": {"proxy-authenticate": "Basic"}, "body": "who?"}}
    load(server, certificates, door={"match": {"method": "CONNECT", "target": "any"}, "answers": [refused]})
    (reader, _), answer = await tunnel(server, "any.invalid:443")
    assert answer.startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n") and b"Basic\r\n" in answer
    assert await reader.read() == b"who?"
    assert [(one.step, one.status) for one in server.journal] == [("door/1", 407)]
    assert server.finish() == []


async def test_a_proxy_that_dies(server: FakeServer, certificates: Certificates) -> None:
    fault = {"fault": {"kind": "reset"}}
    load(server, certificates, door={"match": {"method": "CONNECT", "target": "any"}, "answers": [fault]})
    with pytest.raises(ConnectionResetError):
        await tunnel(server, "any.invalid:443")
    assert [one.end for one in server.journal] == ["fault: reset"]


async def test_a_client_that_goes_at_the_door_is_no_trouble(server: FakeServer) -> None:
    _, writer = await reach(server)
    writer.transport.abort()
    _, writer = await reach(server)
    writer.write(b"CONNECT nonsense\r\n\r\n")
    await writer.drain()
    streams = await reach(server)
    assert b"200" in await ask(streams)
    assert len(server.journal) == 1


def test_certificates_are_new_each_time(certificates: Certificates, tmp_path: Path) -> None:
    again = Certificates()
    assert certificates.files["ca.pem"] == certificates.files["ca.pem"] != again.files["ca.pem"]
