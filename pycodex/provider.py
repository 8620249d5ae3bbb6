"""A model provider as config.toml describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pycodex.records import dataclass, field, names

if TYPE_CHECKING:
    from pycodex.token_command import CommandTokens

__all__ = ["BUILT_IN_IDS", "ENDPOINT_KEY", "Provider", "built_in", "chat_provider", "provider_from_table"]

_OPENAI = "OpenAI"
BUILT_IN_IDS = ("openai", "ollama", "lmstudio")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One `[model_providers.<id>]` table, defaults filled in. Times are milliseconds."""

    id: str
    name: str
    base_url: str | None = None
    env_key: str | None = None
    env_key_instructions: str | None = None
    bearer_token: str | None = None
    wire_api: str = "responses"
    """`chat` of `chat_provider` only: no configuration may say it."""
    http_headers: Mapping[str, str] = field(default_factory=dict)
    env_http_headers: Mapping[str, str] = field(default_factory=dict)
    query_params: Mapping[str, str] = field(default_factory=dict)
    request_max_retries: int = 4
    stream_max_retries: int = 5
    stream_idle_timeout_ms: int = 300_000
    websocket_connect_timeout_ms: int = 15_000
    requires_openai_auth: bool = False
    supports_websockets: bool = False
    tokens: CommandTokens | None = None
    """What its command says the token is."""

    @property
    def is_openai(self) -> bool:
        """Whether it is OpenAI's own, which is told more: the name decides (measured)."""
        return self.name == _OPENAI

    def url(self, path: str) -> str:
        """`base_url` without trailing slashes + `/` + `path` + `?name=value&...`; of the parameters only
        spaces are escaped (captures: `&` in a value is left alone)."""
        url = f"{(self.base_url or '').rstrip('/')}/{path}"
        if not self.query_params:
            return url
        pairs = "&".join(f"{name}={value}" for name, value in self.query_params.items())
        return f"{url}?{quote(pairs, safe=_KEPT)}"


_KEPT = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "\"#'<>")
"""What the query of a URL may hold as it is (WHATWG, a special scheme)."""

_LAST_PORT = 65_535
_MOST_RETRIES = 100
"""codex-cli clamps both retry counts (captures: stream_max_retries = 101 counts to 1/100)."""


def provider_from_table(id_: str, table: Mapping[str, Any], *, commands: bool) -> Provider:
    """The provider of a table whose types were checked. `commands`: whether one may tell the token."""
    fields: dict[str, Any] = {key: value for key, value in table.items() if key in names(Provider) and key != "tokens"}
    if commands and "auth" in table:
        from pycodex.token_command import CommandTokens

        fields["tokens"] = CommandTokens.from_table(table["auth"])
    fields["bearer_token"] = table.get("experimental_bearer_token")
    for count in ("request_max_retries", "stream_max_retries"):
        if count in fields:
            fields[count] = min(fields[count], _MOST_RETRIES)
    return Provider(**{"id": id_, "name": "", **fields})


def built_in(id_: str, openai_base_url: str | None, env: Mapping[str, str]) -> Provider | None:
    """The providers that need no table. CODEX_OSS_BASE_URL, or CODEX_OSS_PORT, says where the local ones are."""
    if id_ == "openai":
        return Provider(
            id=id_,
            name=_OPENAI,
            base_url=openai_base_url or "https://api.openai.com/v1",
            requires_openai_auth=True,
            supports_websockets=True,
        )
    ports = {"ollama": 11434, "lmstudio": 1234}
    if id_ in ports:
        port = env.get("CODEX_OSS_PORT", "")
        number = int(port) if port.isascii() and port.isdigit() and int(port) <= _LAST_PORT else ports[id_]
        given = env.get("CODEX_OSS_BASE_URL", "")
        return Provider(id=id_, name="gpt-oss", base_url=given if given.strip() else f"http://localhost:{number}/v1")
    return None


ENDPOINT_KEY = "VLLM_API_KEY"
"""The variable with the key of the backend that `--vllm-endpoint` names."""


def chat_provider(endpoint: str, env: Mapping[str, str]) -> Provider:
    """A chat/completions backend, which is spoken to through `responses_server`. An address without a path means its
    `/v1`; VLLM_API_KEY is its key, if it wants one. Raises ValueError."""
    from pycodex.responses_server.backend import backend_url

    key = env.get(ENDPOINT_KEY, "").strip() or None
    return Provider(id="vllm", name="vLLM", base_url=backend_url(endpoint), wire_api="chat", bearer_token=key)
