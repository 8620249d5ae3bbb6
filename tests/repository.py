"""The repository as the repository-wide tests see it: its files, and its packages with their modules."""

import ast
import subprocess
from functools import cache
from pathlib import Path

__all__ = ["PACKAGES", "ROOT", "literal_all", "module_name", "modules", "parse", "project_files"]

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("pycodex", "fake_server", "captures", "compare", "tests")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is in git or would be added to it, sorted; this must be a checkout, and git there."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    command = [*git, "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() or path.is_symlink()))


def modules(package: str) -> tuple[Path, ...]:
    """The Python files of one package; empty when there is no such package."""
    top = ROOT / package
    return tuple(path for path in project_files() if path.suffix == ".py" and top in path.parents)


def module_name(path: Path) -> str:
    """`pycodex/tools/__init__.py` -> `pycodex.tools`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def literal_all(tree: ast.Module) -> list[str] | None:
    """The value of `__all__` if the module assigns one as a plain list or tuple of strings, else None."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                pass
            case _:
                continue
        names = ast.literal_eval(value)
        return [name for name in names if isinstance(name, str)]
    return None
