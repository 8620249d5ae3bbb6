"""The heads of requests to servers at a URL: rows of what is configured, and what comes of it."""

import pytest

from pycodex.mcp.configured import ServerConfig
from pycodex.mcp.http_heads import DELETE_ORDER, configured_lines, request_head
from pycodex.upstream.servers import flat_servers, spaced_servers

KNOWN = {"authorization": "Bearer t", "mcp-session-id": "s", "accept": "a/b", "content-type": "c/d"}
KNOWN["mcp-protocol-version"] = "P"


def names(head: list[tuple[str, str]]) -> str:
    return " ".join(f"{name}={value}" for name, value in head)


def test_what_cannot_be_sent_is_left_out() -> None:
    config = ServerConfig(
        name="x",
        headers={"X-One": "1", "bad name": "2", "X-Two": "a\nb"},
        header_variables={"X-Three": "THREE", "X-Four": "FOUR", "X-Five": "FIVE"},
        startup_timeout=1,
        tool_timeout=1,
    )
    assert configured_lines(config, {"THREE": "3", "FOUR": " "}) == [("x-one", "1"), ("x-three", "3")]


@pytest.mark.parametrize(
    ("configured", "old", "new"),
    [
        (
            [("x", "1")],
            "accept=a/b authorization=Bearer t mcp-session-id=s content-type=c/d x=1 host=",
            "user-agent=U x=1 mcp-protocol-version=P accept=a/b content-type=c/d authorization=Bearer t "
            "mcp-session-id=s host=",
        ),
        (
            [("accept", "mine"), ("authorization", "Basic")],
            "accept=a/b authorization=Bearer t mcp-session-id=s content-type=c/d host=",
            "user-agent=U accept=a/b authorization=Bearer t mcp-protocol-version=P content-type=c/d "
            "mcp-session-id=s host=",
        ),
        (
            [("mcp-protocol-version", "1"), ("user-agent", "me")],
            "accept=a/b authorization=Bearer t mcp-session-id=s content-type=c/d mcp-protocol-version=1 "
            "user-agent=me host=",
            "user-agent=me mcp-protocol-version=1 mcp-protocol-version=P accept=a/b content-type=c/d "
            "authorization=Bearer t mcp-session-id=s host=",
        ),
    ],
    ids=["added", "the request's own", "the client's own"],
)
def test_a_message_in_both_versions(configured: list[tuple[str, str]], old: str, new: str) -> None:
    for style, wanted in ((flat_servers().http, old), (spaced_servers().http, new)):
        head = request_head(style, configured, style.post_order, KNOWN, "V")
        assert names(head).replace("codex-mcp-client/V", "U") == wanted


def test_what_is_configured_says_what_is_taken_where_the_request_does_not() -> None:
    known = {"authorization": "Bearer t", "mcp-session-id": "s"}
    for style in (flat_servers().http, spaced_servers().http):
        assert ("accept", "*/*") in request_head(style, [], DELETE_ORDER, known, "V")
        assert ("accept", "mine") in request_head(style, [("accept", "mine")], DELETE_ORDER, known, "V")
