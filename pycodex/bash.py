"""Shell scripts as codex-cli reads them: with tree-sitter's grammar of bash, which mends what it cannot read.

What codex-cli takes a script for (a patch, plain commands) follows from that grammar's tree, its mistakes included, so
the grammar itself is used here. It is imported when the first script is looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

__all__ = ["captures", "parse", "text_of"]


def parse(script: str) -> Node:
    """The root of the script's tree; `has_error` says that the grammar mended something."""
    return _parser().parse(script.encode()).root_node


def captures(pattern: str, root: Node) -> dict[str, str] | None:
    """What the first match of a tree-sitter query names, as text; None where nothing matches."""
    from tree_sitter import QueryCursor

    matches = QueryCursor(_query(pattern)).matches(root)
    if not matches:
        return None
    return {name: text_of(nodes[0]) for name, nodes in matches[0][1].items()}


def text_of(node: Node) -> str:
    """The piece of the script that a node stands for."""
    return (node.text or b"").decode()


@lru_cache(maxsize=1)
def _language() -> Language:
    import tree_sitter_bash
    from tree_sitter import Language

    return Language(tree_sitter_bash.language())


@lru_cache(maxsize=1)
def _parser() -> Parser:
    from tree_sitter import Parser

    return Parser(_language())


@lru_cache
def _query(pattern: str) -> Query:
    from tree_sitter import Query

    return Query(_language(), pattern)
