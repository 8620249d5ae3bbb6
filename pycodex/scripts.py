"""The commands of a shell script, as far as they can be told without running it.

Three readings of one tree (`pycodex.bash`), as codex-cli has them; a script that the grammar had to mend has none:

- plain commands: the whole script is words, joined by `&&`, `||`, `;`, `|` and line breaks;
- the command before a here-document: the script is one command that is handed a text;
- literal commands: whatever commands stand in it, however deep, with those of their words that are literal.

A word is `literal` when no shell changes it: no expansion, no glob, no backslash. Captures: sandbox/rules_words,
sandbox/rules_scripts, shell/parsed_shapes; the shapes of tests/pycodex/rule_words.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Argv", "command_before_heredoc", "literal_commands", "plain_commands", "script_of"]

Argv = list[str]

_PLAIN_KINDS = frozenset(("program", "list", "pipeline", "command", "command_name", "concatenation"))
_WORD_KINDS = frozenset(("word", "number"))
_TEXT_KINDS = frozenset(("string", "string_content", "raw_string"))
_JOINTS = frozenset(("&&", "||", ";", "|", '"', "'"))
_CHANGED_BY_SHELLS = frozenset("{}*?[]\\~^#$`")
_ESCAPED_IN_QUOTES = ("\\$", "\\`", '\\"', "\\\\", "\\\n")
_BESIDE_HEREDOC = frozenset(
    ("comment", "heredoc_body", "heredoc_redirect", "herestring_redirect", "file_redirect", "variable_assignment")
)
_SHELLS = frozenset(("bash", "zsh", "sh"))


def script_of(argv: Sequence[str]) -> str | None:
    """The script of `[shell, "-c" or "-lc", script]`."""
    if len(argv) != 3 or argv[1] not in ("-c", "-lc"):
        return None
    name = argv[0].rpartition("/")[2]
    return argv[2] if name in _SHELLS or name.rpartition(".")[0] in _SHELLS else None


def plain_commands(script: str, *, literal: bool) -> list[Argv] | None:
    """The commands of a script of plain words; None for any other (with an expansion, a redirection, a group, a
    comment, a background job). `literal`: words that a shell changes are not plain either."""
    root = _tree(script)
    if root is None:
        return None
    commands = []
    for node in _nodes(root):
        if not _is_plain(node) or (literal and node.type in _WORD_KINDS and not _is_literal(node)):
            return None
        if node.type == "command":
            commands.append(_plain_words(node, literal))
    found = [words for words in commands if words is not None]
    return found if len(found) == len(commands) else None


def command_before_heredoc(script: str) -> Argv | None:
    """The words of the only command of a script with a here-document, if they are unquoted."""
    root = _tree(script)
    if root is None:
        return None
    nodes = list(_nodes(root))
    commands = [node for node in nodes if node.type == "command"]
    if len(commands) != 1 or all(node.type != "heredoc_redirect" for node in nodes):
        return None
    words = []
    for child in commands[0].named_children:
        word = child.named_children[0] if child.type == "command_name" and child.named_children else child
        if word.type in _WORD_KINDS and not word.named_children:
            words.append(_text(word))
        elif child.type not in _BESIDE_HEREDOC:
            return None
    return words or None


def literal_commands(script: str) -> list[Argv]:
    """All commands whose name is literal, with their literal words."""
    root = _tree(script)
    if root is None:
        return []
    return [words for node in _nodes(root) if node.type == "command" and (words := _literal_words(node))]


def _tree(script: str) -> Node | None:
    from pycodex.bash import parse

    root = parse(script)
    return None if root.has_error else root


def _nodes(root: Node) -> Iterator[Node]:
    """All nodes, in the order of the script."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _is_plain(node: Node) -> bool:
    if node.is_named:
        return node.type in _PLAIN_KINDS or node.type in _WORD_KINDS or node.type in _TEXT_KINDS
    return node.type in _JOINTS or not node.type.strip()


def _plain_words(command: Node, literal: bool) -> Argv | None:
    words = []
    for child in command.named_children:
        if child.type == "command_name":
            name = next(iter(child.named_children), None)
            word = _text(name) if name is not None and name.type == "word" else None
        else:
            word = _word(child, literal=literal)
        if word is None:
            return None
        words.append(word)
    return words


def _literal_words(command: Node) -> Argv:
    words: Argv = []
    for child in command.named_children:
        if child.type == "command_name":
            name = next(iter(child.named_children), None)
            word = None if name is None else _word(name, literal=True)
            if word is None:
                return []
            words.append(word)
        elif words and (word := _word(child, literal=True)) is not None:
            words.append(word)
    return words


def _word(node: Node, *, literal: bool) -> str | None:
    """What a word stands for, as far as its quotes go; None where that cannot be told."""
    if node.type in _WORD_KINDS:
        return _text(node) if not literal or _is_literal(node) else None
    if node.type == "raw_string":
        return _text(node)[1:-1]
    if node.type == "string":
        return _quoted(node, literal)
    if node.type == "concatenation":
        pieces = [_word(piece, literal=literal) for piece in node.named_children]
        return None if None in pieces else "".join(piece or "" for piece in pieces) or None
    return None


def _is_literal(word: Node) -> bool:
    text = _text(word)
    return not word.named_children and not text.startswith("=") and _CHANGED_BY_SHELLS.isdisjoint(text)


def _quoted(string: Node, literal: bool) -> str | None:
    if any(part.type != "string_content" for part in string.named_children):
        return None
    text = _text(string)[1:-1]
    return None if literal and any(pair in text for pair in _ESCAPED_IN_QUOTES) else text


def _text(node: Node) -> str:
    return (node.text or b"").decode()
