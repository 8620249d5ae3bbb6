"""The heads of requests to a server at a URL: the lines of the request, and what is configured (captured:
mcp_http/call, mcp_http/heads_old, mcp_http/heads_new)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pycodex.header_values import valid_name, valid_value

if TYPE_CHECKING:
    from pycodex.mcp.configured import ServerConfig
    from pycodex.mcp.http_style import HttpStyle

__all__ = ["DELETE_ORDER", "GET_ORDER", "PROTOCOL", "SESSION", "configured_lines", "request_head"]

Line = tuple[str, str]

PROTOCOL = "mcp-protocol-version"
SESSION = "mcp-session-id"
GET_ORDER = ("accept", SESSION, "last-event-id", "authorization")
DELETE_ORDER = ("authorization", SESSION)
_ANYTHING = ("accept", "*/*")


def configured_lines(config: ServerConfig, env: Mapping[str, str]) -> list[Line]:
    """`http_headers`, then those of `env_http_headers` whose variable says something. One that cannot be sent is left
    out. Upstream's order within each table is another in every run."""
    from_env = [(name, env.get(variable, "")) for name, variable in config.header_variables.items()]
    lines = [*config.headers.items(), *((name, value) for name, value in from_env if value.strip())]
    return _inserted([], [(name, value) for name, value in lines if valid_name(name) and valid_value(value)])


def request_head(
    style: HttpStyle, configured: Sequence[Line], order: Sequence[str], known: Mapping[str, str], version: str
) -> list[Line]:
    """The lines of `order` that are `known`, with what is configured; `version`: the client's own."""
    own = [(name, known[name]) for name in order if name in known]
    if style.own_first:
        names = {name for name, _ in own}
        lines = [*own, *(line for line in _inserted([_ANYTHING], configured) if line[0] not in names)]
    else:
        agent = [] if style.user_agent is None else [("user-agent", style.user_agent.format(version=version))]
        lines = _inserted(agent, configured)
        if style.tells_protocol and PROTOCOL in known:
            lines = _appended(lines, (PROTOCOL, known[PROTOCOL]))
        lines = _inserted(lines, own)
        if "accept" not in dict(lines):
            lines.append(_ANYTHING)
    return [*lines, ("host", "")]


def _inserted(lines: Sequence[Line], more: Sequence[Line]) -> list[Line]:
    """`more` in place of lines of the same name, or behind them all."""
    made = list(lines)
    for name, value in more:
        line = (name.lower(), value)
        places = [at for at, (known, _) in enumerate(made) if known == line[0]]
        if not places:
            made.append(line)
        else:
            made[places[0]] = line
            made = [each for at, each in enumerate(made) if at not in places[1:]]
    return made


def _appended(lines: Sequence[Line], line: Line) -> list[Line]:
    """Behind the one of that name, if there is one."""
    names = [name for name, _ in lines]
    at = names.index(line[0]) + 1 if line[0] in names else len(lines)
    return [*lines[:at], line, *lines[at:]]
