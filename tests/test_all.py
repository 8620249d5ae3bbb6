"""Every public module says exactly what it offers.

The rule. A module of pycodex, fake_server, captures or compare is public unless a part of its dotted name
starts with an underscore (`__init__` counts as its package, `__main__` is nobody's to import). A public
module that holds anything beside a docstring has an `__all__`: a plain list or tuple of strings, each once.
Each name in it exists in the module, and each class and function that the module defines at its top level is
in it, unless the name starts with an underscore. Constants and re-exports are listed when they are offered;
ruff (F401, RUF022) watches those.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository import PACKAGES, ROOT, literal_all, module_name, modules, parse

OFFERING = tuple(package for package in PACKAGES if package != "tests")


def _is_public(path: Path) -> bool:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return not any(part.startswith("_") and part != "__init__" for part in parts)


def _is_empty(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module's top level, those in `if`, `try` and `with` among them."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in (node.body, getattr(node, "orelse", []), getattr(node, "finalbody", [])):
                yield from _statements(part)
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _defined(tree: ast.Module) -> set[str]:
    """Names of the classes and functions of a module's top level."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in _statements(tree.body) if isinstance(node, kinds)}


def _bound(tree: ast.Module) -> set[str]:
    """All names that a module's top level binds."""
    names = _defined(tree)
    for node in _statements(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            leaves = (leaf for leaf in ast.walk(node) if isinstance(leaf, ast.Name))
            names |= {leaf.id for leaf in leaves if isinstance(leaf.ctx, ast.Store)}
    return names


def problems(tree: ast.Module, name: str) -> list[str]:
    """What is wrong with the `__all__` of a module, in words; an empty list when nothing is."""
    if _is_empty(tree):
        return []
    offered = literal_all(tree)
    if offered is None:
        return ["has no __all__"]
    found = [f"lists {each} twice" for each in sorted(set(offered)) if offered.count(each) > 1]
    missing = set(offered) - _bound(tree)
    if missing and "__getattr__" in _defined(tree):
        module = importlib.import_module(name)
        missing = {each for each in missing if not hasattr(module, each)}
    found += [f"lists {each}, which it does not have" for each in sorted(missing)]
    public = {each for each in _defined(tree) if not each.startswith("_")}
    return found + [f"does not list {each}" for each in sorted(public - set(offered))]


@pytest.mark.parametrize("package", OFFERING)
def test_package_exists(package: str) -> None:
    assert ROOT / package / "__init__.py" in modules(package)


@pytest.mark.parametrize(
    "path", [path for package in OFFERING for path in modules(package) if _is_public(path)], ids=module_name
)
def test_all_is_exact(path: Path) -> None:
    name = module_name(path)
    assert [f"{name} {problem}" for problem in problems(parse(path), name)] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""Only words."""', []),
        ("def run(): ...", ["has no __all__"]),
        ('__all__ = ["run"]\ndef run(): ...\ndef _help(): ...\nLIMIT = 1', []),
        ('__all__ = ["LIMIT", "Path"]\nfrom pathlib import Path\nLIMIT: int = 1', []),
        ("__all__ = []\nif True:\n    class Turn: ...", ["does not list Turn"]),
        ('__all__ = ["gone"]\nLIMIT = 1', ["lists gone, which it does not have"]),
        ('__all__ = ["run", "run"]\ndef run(): ...', ["lists run twice"]),
    ],
)
def test_the_rule_itself(source: str, expected: list[str]) -> None:
    assert problems(ast.parse(source), "invented") == expected
