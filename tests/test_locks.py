"""The locks: each package pinned and hashed, no host named, all that `pyproject.toml` asks for in them."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.repository import ROOT, project_files

LOCKS = {
    f"{name}.txt": name for name in ("dev", "litellm", "mitmproxy", "openai", "openresponses", "python-codex")
}  # file in requirements/ -> dependency group

_PIN = re.compile(r"(?P<name>[a-z0-9-]+)==[\w.+!]+( ; [^\\]+?)?(?P<hashes>( --hash=sha256:[0-9a-f]{64})+)")
_HOST = re.compile(r"://|\b(?:[a-z0-9-]+\.)+(?:org|com|net|io|dev|cn|cc|cloud)\b|file:|(?<![\w.])/\w", re.IGNORECASE)
_OPTION = re.compile(r"^\s*-", re.MULTILINE)
_FOREIGN = re.compile(
    r"(uv|poetry|pdm|pixi|Pipfile|yarn|bun)\.lockb?"
    r"|pylock.*\.toml|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml"
)


def _without_comments(text: str) -> str:
    return "\n".join(line.partition("#")[0].rstrip() for line in text.splitlines())


def pins(text: str) -> dict[str, int]:
    """Name -> number of hashes; ValueError with the line that is not a pin with its hashes."""
    found: dict[str, int] = {}
    for line in _without_comments(text).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        match = _PIN.fullmatch(re.sub(r"\s+", " ", line.strip()))
        if match is None:
            raise ValueError(f"not a pinned and hashed requirement: {line.strip()[:80]}")
        found[match["name"]] = found.get(match["name"], 0) + match["hashes"].count("--hash")
    return found


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def test_the_locks_are_these_and_no_others() -> None:
    assert {path.name for path in project_files() if path.parent == ROOT / "requirements"} == set(LOCKS)
    foreign = [path for path in project_files() if _FOREIGN.fullmatch(path.name)]
    assert foreign == [], "requirements/*.txt are the only locks"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_pinned_and_hashed(lock: str) -> None:
    assert pins((ROOT / "requirements" / lock).read_text())


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_what_pyproject_asks_for(lock: str) -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs = set(pyproject["dependency-groups"][LOCKS[lock]])
    if lock == "dev.txt":
        needs |= {*pyproject["project"]["dependencies"], *pyproject["build-system"]["requires"]}
    assert {_name(need) for need in needs} - set(pins((ROOT / "requirements" / lock).read_text())) == set()


def _installing_files() -> list[Path]:
    """The files that say where packages come from, or could."""
    tops = {ROOT / "requirements", ROOT / ".ci", ROOT / ".github"}
    named = {ROOT / "Makefile", ROOT / "pyproject.toml"}
    return [path for path in project_files() if path in named or tops & set(path.parents)]


@pytest.mark.parametrize("path", _installing_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_host_is_named(path: Path) -> None:
    text = path.read_text()
    if path.parent == ROOT / "requirements":
        assert _HOST.findall(text) == []
        assert _OPTION.findall(re.sub(r"^    --hash", "", text, flags=re.MULTILINE)) == []
    assert [url for url in re.findall(r"\w+://\S+", text) if url] == []


@pytest.mark.parametrize(
    "line",
    [
        "httpx",
        "httpx>=0.28",
        "httpx==0.28.1",
        "httpx==0.28.1 --hash=md5:" + "0" * 32,
        "httpx @ https://example.org/httpx.whl --hash=sha256:" + "0" * 64,
        "--extra-index-url https://example.org/simple",
    ],
)
def test_what_is_no_pin(line: str) -> None:
    with pytest.raises(ValueError, match="not a pinned"):
        pins(line)


def test_a_pin_may_have_a_marker_and_comments() -> None:
    hashed = "--hash=sha256:" + "0" * 64
    text = f"h11==0.14.0 ; python_version < '3.12' \\\n    {hashed} \\\n    {hashed}\n    # via httpcore\n"
    assert pins(text) == {"h11": 2}
    assert _HOST.findall("https://example.org /opt/wheels") == ["://", "example.org", "/o"]
