import zlib

import pytest

from pycodex.transports.frames import Deflate, Message, MessageReader, frame

MASK = b"\x01\x02\x03\x04"


def of_server(first: int, payload: bytes) -> bytes:
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2) if size < 65536 else b"\x7f" + size.to_bytes(8)
    return bytes([first]) + length + payload


def unmasked(data: bytes) -> bytes:
    return bytes(byte ^ MASK[i % 4] for i, byte in enumerate(data))


@pytest.mark.parametrize("size", [0, 1, 5, 125, 126, 65535, 65536, 70_001])
def test_a_text_is_one_masked_frame(size: int) -> None:
    text = b"x" * size
    sent = frame("text", text, mask=MASK)
    assert sent[0] == 0x81 and sent[1] & 0x80
    head = 2 + (0 if size < 126 else 2 if size < 65536 else 8)
    assert sent[head : head + 4] == MASK and unmasked(sent[head + 4 :]) == text


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_a_message_is_read_however_it_is_cut(size: int, cut: int) -> None:
    data = of_server(0x81, b"y" * size) + of_server(0x81, b"next")
    reader, found = MessageReader(), []
    for at in range(0, len(data), cut):
        found += reader.feed(data[at : at + cut])
    assert [(message.kind, message.data) for message in found] == [("text", b"y" * size), ("text", b"next")]


def test_a_message_in_parts_with_a_ping_between_them() -> None:
    reader = MessageReader()
    data = of_server(0x01, b"one ") + of_server(0x89, b"?") + of_server(0x00, b"two ") + of_server(0x80, b"three")
    assert reader.feed(data) == [Message(kind="ping", data=b"?"), Message(kind="text", data=b"one two three")]


@pytest.mark.parametrize("parameters", ["", " client_no_context_takeover; server_no_context_takeover"])
def test_compressed_messages_go_both_ways(parameters: str) -> None:
    deflate = Deflate(parameters)
    texts = [b"hello hello hello", b"hello again", b""]
    server = zlib.decompressobj(wbits=-15)
    for text in texts:
        sent = frame("text", text, deflate, mask=MASK)
        assert sent[0] == 0xC1
        if parameters:
            server = zlib.decompressobj(wbits=-15)
        assert server.decompress(unmasked(sent[6:]) + b"\x00\x00\xff\xff") == text
    packer = zlib.compressobj(wbits=-15)
    reader = MessageReader(deflate)
    for text in texts[:2]:
        packer = zlib.compressobj(wbits=-15) if parameters else packer
        packed = (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")
        assert reader.feed(of_server(0xC1, packed)) == [Message(kind="text", data=text)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x80" + MASK,
        of_server(0xC1, b"packed"),
        of_server(0x80, b"goes on"),
        of_server(0x83, b"unknown"),
        of_server(0x09, b"cut ping"),
        of_server(0x01, b"a") + of_server(0x01, b"b"),
    ],
    ids=["masked", "compressed", "no beginning", "unknown kind", "control in parts", "two beginnings"],
)
def test_what_is_no_websocket_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"frame|message|control"):
        MessageReader().feed(data)


def test_bad_compression_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a compressed message"):
        MessageReader(Deflate("")).feed(of_server(0xC1, b"\xff\xff"))
