"""Cutting the middle out of long texts, as codex-cli does before a tool's output reaches the model.

A token is counted as four bytes. A budget of N tokens keeps 2N bytes of the head and 2N bytes of the tail,
each cut back to a character boundary, with one marker between them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pycodex.records import dataclass, replace

__all__ = [
    "BYTES_PER_TOKEN",
    "Output",
    "TruncateStyle",
    "TruncationPolicy",
    "approx_tokens",
    "cap_parts",
    "format_output",
    "history_cap",
    "history_policy",
    "truncate_middle",
]

BYTES_PER_TOKEN = 4


@dataclass(frozen=True, kw_only=True)
class TruncationPolicy:
    """How much of a text is kept: `limit` tokens (of four bytes) or bytes. A catalog row gives one per
    model."""

    kind: Literal["tokens", "bytes"] = "tokens"
    limit: int = 10_000

    @property
    def bytes(self) -> int:
        """The budget in bytes."""
        return self.limit * BYTES_PER_TOKEN if self.kind == "tokens" else self.limit


@dataclass(frozen=True, kw_only=True)
class TruncateStyle:
    """What differs between versions. `default_tokens`: budget of a command's output without
    `max_output_tokens`."""

    warning_line: bool
    """Whether a cut command output begins with `Warning: truncated output (original token count: T)`."""
    policy_caps_output: bool
    """Whether the model's policy also bounds `max_output_tokens` (else the tool's own budget is in tokens,
    unbounded)."""
    history_in_tokens: bool
    """Whether the history counts in tokens whatever the policy counts in, when it cuts a whole output once more."""
    fits_history: bool
    """Whether a command's output is cut so far that the history need not."""
    default_tokens: int = 10_000
    buffer_bytes: int = 1024 * 1024
    """Raw output kept of one command: the first and the last half of this many bytes."""
    waits_bounded: bool = True
    """Whether that also bounds what comes while a call waits for it, or only what nobody waits for (measured)."""
    omitted_marker: bool = True
    """Whether the two halves of an overfull buffer are joined by a line `... N bytes omitted ...`."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a command printed. `omitted`: bytes that the buffer dropped between the two halves of `text`."""

    text: str
    total: int
    """Bytes printed, as they came from the command."""
    omitted: int = 0


def approx_tokens(n_bytes: int) -> int:
    """Bytes / 4, rounded up."""
    return -(-n_bytes // BYTES_PER_TOKEN)


def truncate_middle(text: str, policy: TruncationPolicy) -> str:
    """`text` unchanged when it fits; otherwise head, marker (`…N tokens truncated…`, `…N chars truncated…`),
    tail."""
    data = text.encode("utf-8", "surrogatepass")
    budget = policy.bytes
    if len(data) <= budget:
        return text
    half = budget // 2
    # A character that would be split is left out: the head is cut back, the tail starts later.
    head = data[:half].decode("utf-8", "ignore")
    tail = data[len(data) - (budget - half) :].decode("utf-8", "ignore")
    if policy.kind == "tokens":
        marker = f"…{approx_tokens(len(data) - budget)} tokens truncated…"
    else:
        marker = f"…{len(text) - len(head) - len(tail)} chars truncated…"
    return head + marker + tail


def format_output(
    output: Output, *, max_output_tokens: int | None, policy: TruncationPolicy, style: TruncateStyle, before: int = 0
) -> str:
    """The text of a command's output as the model reads it: the middle cut, with the lines that announce the
    cut. `before`: bytes of what is told before it, with which it has to fit into the history."""
    budget = _budget(max_output_tokens, policy, style)
    told = _told(output, budget, style)
    if not style.fits_history or (over := before + len(told.encode()) - history_policy(policy, style).bytes) <= 0:
        return told
    # The most tokens, or bytes, with which all of it fits (captured: shell/output_limit, shell/output_limit_small).
    room = history_policy(policy, style).bytes - before
    unit = BYTES_PER_TOKEN if budget.kind == "tokens" else 1
    kept = max((min(budget.bytes, len(output.text.encode())) - over) // unit, 0)

    def told_with(limit: int) -> str:
        return _told(output, replace(budget, limit=limit), style)

    while kept > 0 and len(told_with(kept).encode()) > room:
        kept -= 1
    while len(told_with(kept + 1).encode()) <= room:
        kept += 1
    return told_with(kept)


def _tokens(limit: int) -> TruncationPolicy:
    return TruncationPolicy(kind="tokens", limit=limit)


def _told(output: Output, budget: TruncationPolicy, style: TruncateStyle) -> str:
    text = output.text
    cut = truncate_middle(text, budget)
    if cut == text:
        return text
    lines = f"Total output lines: {_count_lines(text)}\n\n"
    if not style.warning_line:
        return lines + cut
    tokens = approx_tokens(len(text.encode()))
    if output.omitted:
        tokens = approx_tokens(output.total)
        lines = f"... {output.omitted} bytes omitted ...\n\n"
    return f"Warning: truncated output (original token count: {tokens})\n{lines}{cut}"


def history_cap(text: str, policy: TruncationPolicy, style: TruncateStyle) -> str:
    """`text` as it is kept in the history."""
    return truncate_middle(text, history_policy(policy, style))


def cap_parts(
    parts: Sequence[Mapping[str, Any]], policy: TruncationPolicy, style: TruncateStyle
) -> list[dict[str, Any]]:
    """Parts of an output as they are kept in the history: texts until it is full, then how many are left out
    (captured: mcp/long_text_new)."""
    whole = history_policy(policy, style)
    room, left_out = whole.limit, 0
    kept: list[dict[str, Any]] = []
    for part in parts:
        if part["type"] != "input_text":
            kept.append(dict(part))
            continue
        size = len(part["text"].encode("utf-8", "surrogatepass"))
        cost = approx_tokens(size) if whole.kind == "tokens" else size
        if room == 0:
            left_out += 1
            continue
        text = part["text"] if cost <= room else truncate_middle(part["text"], replace(whole, limit=room))
        kept.append({**part, "text": text})
        room = max(room - cost, 0)
    return [*kept, {"type": "input_text", "text": f"[omitted {left_out} text items ...]"}] if left_out else kept


def history_policy(policy: TruncationPolicy, style: TruncateStyle) -> TruncationPolicy:
    """What the history holds of an output, with the words around it: the policy and a fifth."""
    if style.history_in_tokens:
        return _tokens(math.ceil(approx_tokens(policy.bytes) * _HISTORY_FACTOR))
    return TruncationPolicy(kind=policy.kind, limit=math.ceil(policy.limit * _HISTORY_FACTOR))


_HISTORY_FACTOR = 1.2


def _budget(max_output_tokens: int | None, policy: TruncationPolicy, style: TruncateStyle) -> TruncationPolicy:
    """What one command may print: the call's `max_output_tokens`, unless the policy is tighter and counts."""
    tokens = style.default_tokens if max_output_tokens is None else max_output_tokens
    if style.policy_caps_output and approx_tokens(policy.bytes) <= tokens:
        return policy
    return TruncationPolicy(kind="tokens", limit=tokens)


def _count_lines(text: str) -> int:
    """Lines ended by \\n; what follows the last one counts when it is not empty."""
    return text.count("\n") + (not text.endswith("\n"))
