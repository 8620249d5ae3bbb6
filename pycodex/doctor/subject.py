"""What the checks look at: the command line, and the settings that it comes to, or why it comes to none."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.records import dataclass, replace

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.doctor.style import DoctorStyle
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["Broken", "Subject", "open_subject"]

_PLACED = re.compile(r"Error loading config\.toml:\n(?P<file>.+):(?P<line>\d+):(?P<column>\d+): (?P<reason>[^\n]*)")
_KEYED = re.compile(r"\nin `(?P<key>[^`\n]+)`")
_MISSING = ("not found", "os error 2)")


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A configuration that cannot be used. `kind`: placed (in a file) · missing (what it names) · options · other."""

    kind: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`settings` or `broken`, never both. `environment` has `.env` on top as far as it could be read."""

    dialect: Dialect
    style: DoctorStyle
    cwd: Path
    environment: Mapping[str, str]
    home: Path | None = None
    model: str | None = None
    """The model that was named, by flag or configuration."""
    settings: Settings | None = None
    broken: Broken | None = None
    milliseconds: int = 0
    """How long it took to load the configuration."""

    @property
    def loaded(self) -> Settings:
        """The settings, for checks that need a configuration."""
        assert self.settings is not None
        return self.settings


def open_subject(dialect: Dialect, parsed: Parsed, env: Mapping[str, str]) -> Subject:
    """Load the configuration. What is wrong with it is a finding; raises Refused for a flag that names no feature."""
    from pycodex.cli.exec_options import ExecOptions, Refused
    from pycodex.cli.features import check_flags
    from pycodex.config import ConfigError, Launch, codex_home, read_dotenv
    from pycodex.settings import resolve
    from pycodex.upstream.data import DataError

    check_flags(dialect, parsed)
    style = dialect.doctor()
    client = replace(dialect.client, originator=style.originator, user_agent=style.user_agent)
    dialect = replace(dialect, client=client)
    subject = Subject(dialect=dialect, style=style, cwd=Path.cwd(), environment=dict(env))
    started = time.monotonic()
    try:
        subject = replace(subject, home=codex_home(env))
        assert subject.home is not None
        subject = replace(subject, environment={**env, **read_dotenv(subject.home, env)})
        options = ExecOptions.from_parsed(parsed)
        subject = replace(subject, cwd=options.cwd)
        settings = resolve(
            dialect,
            cwd=options.cwd,
            env=env,
            overrides=options.overrides,
            profile=options.profile,
            model=options.model,
            sandbox_mode=options.sandbox,
            launch=Launch(chat_endpoint=options.vllm_endpoint),
        )
    except Refused as error:
        return replace(subject, broken=Broken(kind="options", message=str(error)))
    except (ConfigError, DataError) as error:
        return replace(subject, broken=_broken(str(error), subject))
    except OSError as error:
        where = f"{error.strerror} (os error {error.errno})" + (f": {error.filename}" if error.filename else "")
        return replace(subject, broken=Broken(kind="other", message=where))
    return replace(
        subject,
        settings=settings,
        model=options.model or settings.config.model,
        milliseconds=int((time.monotonic() - started) * 1000),
    )


def _broken(message: str, subject: Subject) -> Broken:
    placed = _PLACED.match(message)
    if placed is not None:
        line = int(placed["line"])
        return Broken(
            kind="placed",
            message=placed["reason"],
            file=placed["file"],
            line=line,
            column=int(placed["column"]),
            key=_key_in(placed["file"], line),
        )
    text = message.removeprefix("Error: ").removeprefix("Error loading config.toml: ").strip()
    if message.startswith(("Error parsing -c overrides", "Error: --vllm-endpoint")):
        return Broken(kind="options", message=text)
    keyed = _KEYED.search(message)
    key = keyed["key"] if keyed else _named_key(text)
    file, line_of_key = _place(key, subject) if key is not None else (_auth_file(text, subject), None)
    kind = "missing" if any(word in message for word in _MISSING) else "other"
    return Broken(kind=kind, message=text.split("\nin `")[0], file=file, line=line_of_key, key=key)


def _auth_file(text: str, subject: Subject) -> str | None:
    """auth.json, where that is what the error is about: a version may run nothing with a file that it cannot use."""
    from pycodex.auth import parse_auth
    from pycodex.json_cursor import ArgumentsError

    if subject.home is None:
        return None
    path = subject.home / "auth.json"
    try:
        parse_auth(path.read_text(encoding="utf-8"), subject.dialect.auth, subject.dialect.arguments)
    except ArgumentsError as error:
        return str(path) if str(error) == text else None
    except (OSError, UnicodeDecodeError):
        pass
    return None


def _named_key(text: str) -> str | None:
    """The key of the errors that speak of one without saying `in`."""
    for pattern, key in (
        (r"Model provider `[^`]*` not found", "model_provider"),
        (r"model instructions file", "model_instructions_file"),
        (r"compact prompt file", "experimental_compact_prompt_file"),
        (r"approval_policy", "approval_policy"),
        (r"legacy `profile", "profile"),
        (r"config profile `[^`]*` not found", "profile"),
    ):
        if re.search(pattern, text):
            return key
    return None


def _place(key: str, subject: Subject) -> tuple[str | None, int | None]:
    """The file and the line where the key stands: the one that counts most; none where it was given by a flag."""
    from pycodex.config_files import project_files
    from pycodex.toml_errors import locate_value

    if subject.home is None:
        return None, None
    files = [subject.home / "config.toml", *project_files(subject.cwd, subject.home, (".git",))]
    for path in reversed(files):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found = locate_value(text, tuple(key.split(".")))
        if found is not None:
            return str(path), found[0]
    return None, None


def _key_in(file: str, line: int) -> str | None:
    """The key that the line begins with, if it does."""
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found = re.match(r"\s*\[*\s*([^\s=\[\]]+)", lines[line - 1]) if 0 < line <= len(lines) else None
    return found[1] if found else None
