"""Local model servers (`--oss`): is the server there, does it have the model, and fetching it where it has not.

The requests and their order are captured in request/oss_*; `ensure_ready` is called before the prompt is read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pycodex.config import ConfigError
from pycodex.transports.base import TransportError
from pycodex.transports.http import HttpTransport

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["DEFAULT_MODELS", "OssError", "PullProgress", "ensure_ready"]

DEFAULT_MODELS: Mapping[str, str] = {"ollama": "gpt-oss:20b", "lmstudio": "openai/gpt-oss-20b"}

_FAILED = "OSS setup failed: "
_NO_OLLAMA = (
    "No running Ollama server detected. Start it with: `ollama serve` (after installing). "
    "Install instructions: https://github.com/ollama/ollama?tab=readme-ov-file#ollama"
)
_NO_LMSTUDIO = "LM Studio is not responding. Install from https://lmstudio.ai/download and run 'lms server start'."
_NO_LMS = "LM Studio not found. Please install LM Studio from https://lmstudio.ai/"
_OLDEST_OLLAMA = (0, 13, 4)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[-+].*)?")
_GIB = 1024.0**3
_MIB = 1024.0**2


class OssError(ConfigError):
    """The local server cannot be used; `str(error)` is the line for stderr."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Error: {text}")


async def ensure_ready(settings: Settings) -> None:
    """Ask the local provider for the model. A provider that is none of the two is taken as it is. Raises OssError."""
    match settings.config.provider.id:
        case "ollama":
            await _ensure_ollama(settings)
        case "lmstudio":
            await _ensure_lmstudio(settings)
        case _:
            pass


class _Server:
    """A server below one address, asked over one set of connections."""

    def __init__(self, settings: Settings) -> None:
        self._transport = HttpTransport(settings.dialect.transport, settings.environment, keeps_all=True)

    async def status(self, url: str) -> int:
        """The status. Raises TransportError."""
        return (await self.get(url))[0]

    async def get(self, url: str) -> tuple[int, Any]:
        """Status and JSON (None: no JSON). Raises TransportError."""
        head = [("accept", "*/*"), ("host", "")]
        async with self._transport.stream(url, head, b"", method="GET") as response:
            body = b"".join([chunk async for chunk in response.chunks])
            try:
                return response.status, json.loads(body)
            except ValueError:
                return response.status, None

    async def post(self, url: str, value: Mapping[str, Any]) -> AsyncIterator[bytes | int]:
        """The status, then the body as it comes. Raises TransportError."""
        head = [("content-type", "application/json"), ("accept", "*/*"), ("host", ""), ("content-length", "")]
        body = json.dumps(value, separators=(",", ":")).encode()
        async with self._transport.stream(url, head, body) as response:
            yield response.status
            async for chunk in response.chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def _ok(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


# --- ollama


async def _ensure_ollama(settings: Settings) -> None:
    base = (settings.config.provider.base_url or "").rstrip("/")
    root = base.removesuffix("/v1").rstrip("/")
    probe = f"{root}/v1/models" if base.endswith("/v1") else f"{root}/api/tags"
    server = _Server(settings)
    try:
        await _probe(server, probe)
        await _check_version(server, root)
        if settings.dialect.cli.probes_local_server_again:
            await server.aclose()
            server = _Server(settings)
            await _probe(server, probe)
        models = await _ollama_models(server, root)
        if models is not None and settings.model.slug not in models:
            await _pull(server, root, settings.model.slug)
    finally:
        await server.aclose()


async def _probe(server: _Server, url: str) -> None:
    try:
        status = await server.status(url)
    except TransportError:
        raise OssError(_FAILED + _NO_OLLAMA) from None
    if not _ok(status):
        raise OssError(_FAILED + _NO_OLLAMA)


async def _check_version(server: _Server, root: str) -> None:
    """A server that does not say its version is taken as new enough."""
    try:
        status, value = await server.get(f"{root}/api/version")
    except TransportError:
        return
    text = value.get("version") if _ok(status) and isinstance(value, Mapping) else None
    match = _VERSION.fullmatch(text.strip().removeprefix("v")) if isinstance(text, str) else None
    version = tuple(int(part) for part in match.groups()) if match is not None else _OLDEST_OLLAMA
    # 0.0.0 is what a server says that was built without a version.
    if version < _OLDEST_OLLAMA and any(version):
        oldest, shown = (".".join(map(str, numbers)) for numbers in (_OLDEST_OLLAMA, version))
        raise OssError(f"{_FAILED}Ollama {shown} is too old. Codex requires Ollama {oldest} or newer.")


async def _ollama_models(server: _Server, root: str) -> Sequence[str] | None:
    """None: the server does not say."""
    try:
        status, value = await server.get(f"{root}/api/tags")
    except TransportError:
        return None
    if _ok(status) and value is None:
        return None
    rows = value.get("models") if _ok(status) and isinstance(value, Mapping) else None
    rows = rows if isinstance(rows, list) else []
    return [str(row["name"]) for row in rows if isinstance(row, Mapping) and isinstance(row.get("name"), str)]


async def _pull(server: _Server, root: str, model: str) -> None:
    progress = PullProgress()
    _err(progress.status(f"Pulling model {model}..."))
    rest = b""
    try:
        async for part in server.post(f"{root}/api/pull", {"model": model, "stream": True}):
            if isinstance(part, int):
                if not _ok(part):
                    raise OssError(f"{_FAILED}{_FAILED}failed to start pull: HTTP {_status(part)}")
                continue
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                if _pulled(line, progress):
                    return
    except TransportError as error:
        raise OssError(f"{_FAILED}{_FAILED}{error.message}") from None
    raise OssError(f"{_FAILED}{_FAILED}Pull stream ended unexpectedly without success.")


def _pulled(line: bytes, progress: PullProgress) -> bool:
    """Show one line of a pull; True at its success."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    if not isinstance(value, Mapping):
        return False
    status = value.get("status")
    if isinstance(status, str):
        _err(progress.status(status))
    if isinstance(digest := value.get("digest"), str) or "total" in value or "completed" in value:
        total, completed = value.get("total"), value.get("completed")
        _err(progress.chunk(str(digest or ""), total, completed, time.monotonic()))
    if isinstance(error := value.get("error"), str):
        raise OssError(f"{_FAILED}{_FAILED}Pull failed: {error}")
    if status == "success":
        _err("\n")
    return status == "success"


class PullProgress:
    """What a pull writes over the same line of a terminal, piece by piece."""

    def __init__(self) -> None:
        self._width = 0
        self._head_shown = False
        self._done = 0
        self._at = time.monotonic()
        self._layers: dict[str, tuple[int, int]] = {}

    def status(self, text: str) -> str:
        """A status in words."""
        return "" if text.lower() == "pulling manifest" else self._over(text)

    def chunk(self, digest: str, total: int | None, completed: int | None, now: float) -> str:
        """How far a layer is."""
        before = self._layers.get(digest, (0, 0))
        if total is not None or completed is not None:
            self._layers[digest] = (
                before[0] if total is None else total,
                before[1] if completed is None else completed,
            )
        whole, done = (sum(layer[i] for layer in self._layers.values()) for i in (0, 1))
        if not whole:
            return ""
        head = "" if self._head_shown else f"\r\x1b[2KDownloading model: total {whole / _GIB:.2f} GB\n"
        self._head_shown = True
        speed = max(done - self._done, 0) / _MIB / max(now - self._at, 0.001)
        self._done, self._at = done, now
        text = f"{done / _GIB:.2f}/{whole / _GIB:.2f} GB ({done * 100.0 / whole:.1f}%) {speed:.1f} MB/s"
        return head + self._over(text)

    def _over(self, text: str) -> str:
        padding = " " * (self._width - len(text))
        self._width = len(text)
        return f"\r{text}{padding}"


def _err(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


# --- LM Studio


async def _ensure_lmstudio(settings: Settings) -> None:
    base = (settings.config.provider.base_url or "").rstrip("/")
    server = _Server(settings)
    model = settings.model.slug
    try:
        try:
            status = await server.status(f"{base}/models")
        except TransportError:
            raise OssError(_FAILED + _FAILED + _NO_LMSTUDIO) from None
        if not _ok(status):
            raise OssError(f"{_FAILED}{_FAILED}Server returned error: {_status(status)} {_NO_LMSTUDIO}")
        models = await _lmstudio_models(server, base)
        if models is not None and model not in models:
            _download(model, settings.environment)
        await _load(server, base, model)
    finally:
        await server.aclose()


async def _lmstudio_models(server: _Server, base: str) -> Sequence[str] | None:
    """None: the server does not say."""
    try:
        status, value = await server.get(f"{base}/models")
    except TransportError:
        return None
    rows = value.get("data") if _ok(status) and isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        return None
    return [row["id"] for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)]


def _download(model: str, env: Mapping[str, str]) -> None:
    lms = "lms" if shutil.which("lms", path=env.get("PATH", os.defpath)) else f"{env.get('HOME', '')}/.lmstudio/bin/lms"
    if lms != "lms" and not os.path.exists(lms):
        raise OssError(_FAILED + _FAILED + _NO_LMS)
    _err(f"Downloading model: {model}\n")
    command = [lms, "get", "--yes", model]
    try:
        done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        raise OssError(f"{_FAILED}{_FAILED}Failed to execute '{' '.join(command)}': {reason}") from None
    if done.returncode:
        code = done.returncode if done.returncode > 0 else -1
        raise OssError(f"{_FAILED}{_FAILED}Model download failed with exit code: {code}")


async def _load(server: _Server, base: str, model: str) -> None:
    """Have the model loaded; whether that worked, the turn will show."""
    value = {"model": model, "input": "", "max_output_tokens": 1}
    try:
        async for _ in server.post(f"{base}/responses", value):
            pass
    except TransportError:
        return
