"""The skill folder that a codex-cli version writes into its home: it is upstream's, so it is never kept in git.

An installed codex-cli of that version writes it once below `.work`; from there it is laid for other agents. Nothing is
installed for it: where that version is not installed, a scenario that needs the folder is not run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from captures.agents import AgentError, load_agent
from captures.install import installed
from captures.workplace import BASE

__all__ = ["FOLDER", "bundled_skills"]

FOLDER = Path("skills/.system")
"""Where it is, in CODEX_HOME."""

# The version writes its folder before it finds that the key is missing; it sends nothing.
_CONFIG = """model_provider = "none"
[model_providers.none]
name = "none"
base_url = "http://127.0.0.1:9/v1"
env_key = "NO_SUCH_KEY"
wire_api = "responses"
"""


def bundled_skills(version: str, tools: Path) -> Path:
    """The folder, made once per version below `tools`. Raises AgentError where that codex-cli is not installed."""
    kept = tools / "bundled-skills" / version
    if not kept.is_dir():
        package = load_agent("codex-cli").npm_package
        assert package is not None
        found = installed(package, version, tools)
        if found is None:
            raise AgentError(
                f"codex-cli {version} is not installed here, and its own skill folder is not shipped; "
                f"install it with: python -m captures install {version}"
            )
        _write(found.binary, kept)
    return kept


def _write(binary: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pycodex-", dir=BASE) as home:
        (Path(home) / "config.toml").write_text(_CONFIG)
        subprocess.run(
            [binary, "exec", "--skip-git-repo-check", "nothing"],
            cwd=home,
            env={"PATH": os.defpath, "HOME": home, "CODEX_HOME": home},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        if not (Path(home) / FOLDER).is_dir():
            raise AgentError(f"{binary}: it wrote no folder {FOLDER}")
        partial = Path(tempfile.mkdtemp(prefix=f"{kept.name}.partial-", dir=kept.parent))
        shutil.copytree(Path(home) / FOLDER, partial, dirs_exist_ok=True)
        with contextlib.suppress(OSError):  # another worker was first
            partial.rename(kept)
        shutil.rmtree(partial, ignore_errors=True)
