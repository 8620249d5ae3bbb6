"""From the answer to the live request to a verdict, a sentence and what to do. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pycodex.doctor.places import answers_route, speaks_chat, url_of
from pycodex.doctor.secrets import bare_url
from pycodex.provider import ENDPOINT_KEY
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.doctor.report import Verdict
    from pycodex.sampling import Failure
    from pycodex.settings import Settings

__all__ = ["Answer", "explain"]

Told = tuple["Verdict", str, str | None]

_LONGEST = 200
_BROKEN = {
    "connect": ("no connection to the provider", "See the lines above: proxy, dns and tcp"),
    "tls": ("no TLS with the provider", "See the line above: tls"),
    "timeout": ("connecting took too long", "See the lines above: proxy, dns and tcp"),
    "reset": (
        "the server closed the connection without an answer",
        "Look into the server's log; a server for http may have been asked with https, or the other way round",
    ),
    "protocol": ("what came is no HTTP", "Check scheme and port of {base_url}: another program may listen there"),
    "decode": ("the answer broke off", "Look into the log of the server, and of the proxies before it"),
}
_CHAT = (
    "Run `pycodex --vllm-endpoint {root}`: pycodex then speaks chat/completions to this server; or use a server with "
    "/responses"
)
_CODES_OF_MODELS = ("model_not_found", "model_not_available", "invalid_model")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `body` is its beginning where it was no stream of Responses events (`events`)."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    completed: bool = False
    events: bool = False
    failure: Failure | None = None
    transport: str | None = None
    """The kind of the TransportError that ended it."""

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def explain(answer: Answer, settings: Settings, *, chat_route: bool) -> Told:
    """`chat_route`: a server that does not know /responses knows /chat/completions."""
    if answer.status is None:
        summary, remedy = _BROKEN.get(answer.transport or "", _BROKEN["protocol"])
        return "fail", summary, remedy.format(base_url=_base_url(settings))
    if 200 <= answer.status < 300:
        return _answered(answer, settings)
    return _refused(answer, settings, chat_route=chat_route)


def _answered(answer: Answer, settings: Settings) -> Told:
    model = settings.model.slug
    if answer.completed:
        return "ok", f"{model} answered", None
    if (failure := answer.failure) is not None:
        return _failed(failure, settings)
    kind, start = answer.header("content-type").lower(), answer.body.lstrip()[:_LONGEST]
    if "chat.completion" in answer.body:
        return "fail", "the server answered with chat/completions, not with Responses", _chat(settings)
    if _is_page(kind, start):
        return "fail", f"{_base_url(settings)} leads to a web page, not to an API", _other_root(settings)
    if answer.transport is not None:
        summary, remedy = _BROKEN["decode"]
        return "fail", summary, remedy
    if answer.events:
        remedy = "Look into the server's log; a proxy before it may cut long answers"
        return "fail", "the stream ended before response.completed", remedy
    remedy = "Use a server that streams Responses events (`stream: true`), or look at what stands before it"
    shown = kind.partition(";")[0] or "no content-type"
    return "fail", f"the answer is no stream of Responses events ({shown}): {_clipped(start) or 'it is empty'}", remedy


def _failed(failure: Failure, settings: Settings) -> Told:
    """The stream said that there is no answer."""
    if failure.kind == "incomplete":
        return "ok", f"{settings.model.slug} answered, and was cut short ({_clipped(failure.detail)})", None
    code = f" ({failure.code})" if failure.code else ""
    told = _clipped(failure.detail) or failure.kind
    if failure.code in _CODES_OF_MODELS:
        return "fail", f"the provider has no model {settings.model.slug}: {told}", _other_model(settings)
    if failure.code in ("insufficient_quota", "rate_limit_exceeded"):
        return _limited(str(failure.code), told, "")
    return "fail", f"the provider gave up{code}: {told}", "Try again; if it lasts, look at the provider's status page"


def _refused(answer: Answer, settings: Settings, *, chat_route: bool) -> Told:
    status, model = answer.status or 0, settings.model.slug
    code, message = _error_of(answer.body)
    told = f": {message}" if message else ""
    if status == 401:
        return "fail", f"401, the provider does not take the key{told}", _other_key(settings)
    if status == 403:
        remedy = f"Ask the provider whether this key may use {model}, from this address and organization"
        return "fail", f"403, the provider knows the key and does not allow this{told}", remedy
    if code in _CODES_OF_MODELS or (
        status in (400, 404) and re.search(r"(?i)\bmodel\b.*\b(not|exist|unknown)", message)
    ):
        return "fail", f"{status}, the provider has no model {model}{told}", _other_model(settings)
    if status in (404, 405, 501):
        if chat_route:
            return "fail", f"{status}: the server knows /chat/completions, but not /responses", _chat(settings)
        page = _is_page(answer.header("content-type"), answer.body)
        what = "leads to a web page" if page else f"has no /{answers_route(settings)}"
        return "fail", f"{status}, {_base_url(settings)} {what}{told}", _other_root(settings)
    if status == 429:
        return _limited(code, message, answer.header("retry-after"))
    if 300 <= status < 400:
        return "fail", f"{status}, the provider sends requests elsewhere", _other_root(settings)
    if status in (502, 503, 504):
        remedy = "Try again; if it lasts, look whether the server behind the gateway runs and has loaded its model"
        return "fail", f"{status}, what stands before the provider reaches no provider{told}", remedy
    if status >= 500:
        remedy = "Try again; if it lasts, look into the server's log, or at the provider's status page"
        return "fail", f"{status}, the provider failed{told}", remedy
    remedy = f"Correct what it names; the model is {model} (`model` in config.toml, or -m)"
    return "fail", f"{status}, the provider refuses the request{told}", remedy


def _limited(code: str, message: str, wait: str) -> Told:
    told = f": {message}" if message else ""
    if code == "insufficient_quota" or "quota" in message.lower():
        return "fail", f"429, there is no credit left{told}", "Look at plan and billing of this key's account"
    when = f" in {wait} s" if wait.isdigit() else ""
    return "fail", f"429, too many requests{told}", f"Try again{when}; ask for less at once, or for a higher limit"


def _error_of(body: str) -> tuple[str, str]:
    """Code and message of an error: OpenAI's form, or what other servers write."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        return "", "" if "<" in body[:_LONGEST] else _clipped(body)
    error = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(error, dict):
        return "", _clipped(str(error))
    message = error.get("message") or error.get("detail") or error.get("error") or ""
    return str(error.get("code") or error.get("type") or ""), _clipped(str(message))


def _is_page(kind: str, text: str) -> bool:
    return "html" in kind.lower() or text.lstrip()[:15].lower().startswith(("<!doctype", "<html"))


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _base_url(settings: Settings) -> str:
    name = "--vllm-endpoint" if speaks_chat(settings) else "base_url"
    return f"{name} ({bare_url(settings.config.provider.base_url or '')})"


def _other_root(settings: Settings) -> str:
    url = bare_url(settings.config.provider.base_url or "").rstrip("/")
    hint = "" if url.endswith("/v1") else f", as in {url}/v1"
    name = "--vllm-endpoint" if speaks_chat(settings) else "base_url"
    return f"Set {name} to the root of the API{hint}: `/{answers_route(settings)}` is added to it"


def _other_model(settings: Settings) -> str:
    return f"Name a model that it has: `model` in config.toml, or -m (its list: {_models(settings)})"


def _models(settings: Settings) -> str:
    return f"GET {bare_url(url_of(settings, 'models'))}"


def _other_key(settings: Settings) -> str:
    provider = settings.config.provider
    if speaks_chat(settings):
        return f"Set {ENDPOINT_KEY} to a key that the backend takes"
    if provider.env_key is not None:
        return f"Set {provider.env_key} to a key of {provider.name}, without spaces or line breaks"
    if settings.follows_login:
        return "Set CODEX_API_KEY to a key that is valid, or log in again with `codex login`"
    return f"Give [model_providers.{provider.id}] an `env_key`: the variable with its key"


def _chat(settings: Settings) -> str:
    root = bare_url(settings.config.provider.base_url or "").rstrip("/")
    return _CHAT.format(root=root)
