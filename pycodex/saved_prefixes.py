"""Commands that a person allows for good, by how they begin: the model's wish, the user's rule, what the model is told
(captured: interactive/approved_prefix)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.exec_rules import Rule
from pycodex.protocol import Item, NotesRecorded
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.settings import Settings

__all__ = ["allow_prefix", "tell_prefix", "wanted_prefix", "with_prefix"]

_TOO_WIDE = frozenset(
    ["bash", "dash", "env", "git", "node", "perl", "pwsh", "python", "python3", "ruby", "sh", "sudo", "zsh"]
)
"""Programs that can do anything: their name alone is no beginning to allow."""
_KIND = "permissions.approved_command_prefix_saved"
_TOLD = "Approved command prefix saved:\n- {prefix}"


def wanted_prefix(history: Sequence[Item], call_id: str) -> tuple[str, ...]:
    """What the call's arguments would like to be allowed for good; nothing, where that would be too much."""
    call = next((item for item in reversed(history) if item.get("call_id") == call_id), None)
    try:
        wanted = json.loads((call or {}).get("arguments", "{}")).get("prefix_rule") or ()
    except (ValueError, AttributeError):
        return ()
    if not isinstance(wanted, list) or not all(isinstance(word, str) and word for word in wanted):
        return ()
    wide = len(wanted) == 1 and wanted[0].rpartition("/")[2] in _TOO_WIDE
    return () if wide else tuple(wanted)


def allow_prefix(home: Path, prefix: Sequence[str]) -> None:
    """A rule of the user's."""
    path = home / "rules" / "default.rules"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    line = f'prefix_rule(pattern={_json(prefix)}, decision="allow")\n'
    if line not in before:
        path.write_text(before + ("\n" if before and not before.endswith("\n") else "") + line, encoding="utf-8")


def with_prefix(settings: Settings, prefix: Sequence[str]) -> Settings:
    """The settings with that rule."""
    rule = Rule(pattern=tuple((word,) for word in prefix), decision="allow", justification=None)
    return replace(settings, rules=replace(settings.rules, rules=(*settings.rules.rules, rule)))


def tell_prefix(loop: AgentLoop, turn_id: str, prefix: Sequence[str]) -> None:
    """The rule counts from now on, and the model is told so."""
    loop.context.change(with_prefix(loop.context.settings, prefix))
    note = loop.context.record_note("developer", _TOLD.format(prefix=_json(prefix)), _KIND)
    loop.emit(NotesRecorded(turn_id=turn_id, items=(note,)))


def _json(prefix: Sequence[str]) -> str:
    return json.dumps(list(prefix), ensure_ascii=False)
