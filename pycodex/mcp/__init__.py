"""MCP servers: what the configuration says of them, the connection, their tools and resources.

`servers` starts them, `server` is one (`stdio`: a process; `http_server`: at a URL, of which `http` carries the
messages, `http_heads` and `http_failures` are the pure parts), `rpc` pairs requests with answers, `tools` are what the
model calls, `style` says what differs between versions of codex-cli. The rest of pycodex imports nothing of this before
a server is configured, but events and the style.

The connection is our own and not the official SDK's (`mcp` 2.3.0, measured against recordings of the binary): the SDK
takes 3 s and 45 MB to import here, where a run without it takes 0.1 s and 20 MB, and brings 27 packages; its session
refuses what codex-cli takes (a server that names another version of the protocol, a result with `structuredContent`
and no `content`), writes other messages (ids from 1, no `progressToken`, another `protocolVersion`), and its transport
fixes the head of HTTP requests, which is recorded here.
"""

__all__: list[str] = []
