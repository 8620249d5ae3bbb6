"""What of a compaction differs between versions: what of the thread is kept, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.items import said_by_user
from pycodex.protocol import Item
from pycodex.records import dataclass
from pycodex.truncation import BYTES_PER_TOKEN, TruncationPolicy, approx_tokens, truncate_middle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycodex.upstream.dialect import Header
    from pycodex.upstream.item_styles import IdStyle

__all__ = [
    "PROMPT",
    "SUMMARY",
    "CompactStyle",
    "Endpoint",
    "Kept",
    "before_last_message",
    "json_tokens",
    "keep_messages",
    "keep_texts",
    "kept_messages",
    "text_tokens",
]

PROMPT = "compact.md"
"""Name of the text that asks for a summary."""
SUMMARY = "compacted.md"
"""Name of the text before one."""
_IMAGE_BYTES = 7373
_KEPT_TOKENS = 20_000
"""What the user said is kept up to so many."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A message of the user that outlives a compaction; `cut`: only in part."""

    item: Item
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address that compacts: below the provider's own; of a request's body it gets these keys."""

    path: str
    headers: tuple[Header, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CompactStyle:
    """A compaction: by a prompt, as each provider gets it that does not compact by itself; or by the provider."""

    estimate: Callable[[Item], int]
    """The tokens of an item of the history."""
    keep: Callable[[Item, int, IdStyle], Kept]
    """A message of the user as it is kept, in so many tokens."""
    context_at_once: bool
    """Whether the context is part of the new history also before a turn, and not said with the turn."""
    retries_all: bool
    """Whether every failure is tried again, whatever the table of failures says."""
    summary_of_turn: bool
    """Whether the model that had the thread is asked for such a summary of its thoughts as the next one."""
    hash_counts: bool
    """Whether a model that reads the history otherwise than the one before makes a compaction due."""
    keeps_prompt: bool
    """Whether what the user said joins the history also where the compaction before it fails."""
    endpoint: Endpoint | None
    """Where the provider of OpenAI compacts by itself; None: where it is asked for all else."""
    remote_failed: str
    """What is said where that fails; may use {error}."""
    remote_log: tuple[str, str] | None
    """Target and text of the log line about that; may use {turn_id} {total} {history} {added_tokens} {added_bytes}
    {window} {request} {error}: tokens, and bytes of what the model sees. None: nothing is logged."""
    not_one_sealed: str
    """An {error} of that: not one sealed item came back but {count}, among so many {items}."""
    warning: str | None
    """What people are told after it."""
    shortened: tuple[str, str]
    """Target and text of the log line where the history is too long to be summed up; may use {error}."""
    failed: tuple[str, str]
    """The same where a compaction before a turn fails."""


def json_tokens(item: Item) -> int:
    """A token is four bytes of the item as JSON; an image is worth a fixed number, encrypted reasoning what it is
    thought to hold."""
    from pycodex.request import compact

    if (hidden := _hidden(item)) is not None:
        return hidden
    parts = [part for part in item.get("content") or () if isinstance(part, dict) and part.get("type") == "input_image"]
    urls = [part["image_url"] for part in parts if part["image_url"].startswith("data:")]
    payload = sum(len(url.partition(",")[2]) for url in urls)
    return approx_tokens(len(compact(item).encode()) - payload + len(urls) * _IMAGE_BYTES)


def text_tokens(item: Item) -> int:
    """A token is four bytes of what a message or an output says; of other items, of their JSON."""
    from pycodex.request import compact

    if item["type"] == "compaction":  # measured on the binary with 4 to 20,000 characters
        return approx_tokens(-(-len(item["encrypted_content"] or "") // 3))
    if (hidden := _hidden(item)) is not None:
        return hidden
    if item["type"] == "additional_tools":
        return approx_tokens(len(compact(item["tools"]).encode()))
    said = item.get("content") if item["type"] == "message" else item.get("output")
    if isinstance(said, str):
        return approx_tokens(len(said.encode()))
    if not isinstance(said, list):
        return approx_tokens(len(compact(item).encode()))
    texts = [part["text"] for part in said if isinstance(part.get("text"), str)]
    images = sum(part.get("type") == "input_image" for part in said)
    return approx_tokens(len("".join(texts).encode()) + images * _IMAGE_BYTES)


def _hidden(item: Item) -> int | None:
    if item["type"] in ("reasoning", "compaction") and item.get("encrypted_content"):
        return approx_tokens(max(len(item["encrypted_content"]) * 3 // 4 - 650, 0))
    return None


def keep_texts(item: Item, tokens: int, ids: IdStyle) -> Kept:
    """Its text alone, in one part, in a message of its own."""
    from pycodex import items

    text = "".join(_texts(item))
    shown = truncate_middle(text, TruncationPolicy(limit=tokens))
    return Kept(item=items.message("user", [shown], ids), cut=shown != text)


def keep_messages(item: Item, tokens: int, ids: IdStyle) -> Kept:
    """The message as it is, without images; where it is cut, the mark stands in a part of its own."""
    texts = _texts(item)
    text = "".join(texts)
    shown = truncate_middle(text, TruncationPolicy(limit=tokens))
    if shown != text:
        half = tokens * BYTES_PER_TOKEN // 2
        data = text.encode()
        head = data[:half].decode(errors="ignore")
        tail = data[len(data) - half :].decode(errors="ignore")
        texts = [head, shown[len(head) : len(shown) - len(tail)], tail]
    content = [{"type": "input_text", "text": each} for each in texts]
    return Kept(item={**item, "content": content}, cut=shown != text)


def _texts(item: Item) -> list[str]:
    texts = [part["text"] for part in item["content"] if part.get("type") == "input_text"]
    return [text for text in texts if not (text.startswith("<image name=") or text == "</image>")]


def kept_messages(history: Sequence[Item], summary: str, style: CompactStyle, ids: IdStyle) -> list[Kept]:
    """What the user said, without earlier summaries: the newest, as far as there is room (captured:
    compact/long_messages)."""
    kept: list[Kept] = []
    room = _KEPT_TOKENS
    said = [item for item in history if said_by_user(item) and not "".join(_texts(item)).startswith(f"{summary}\n")]
    for item in reversed(said):
        tokens = approx_tokens(len("".join(_texts(item)).encode()))
        if room == 0:
            break
        kept.insert(0, style.keep(item, room, ids))
        if tokens > room:
            break
        room -= tokens
    return kept


def before_last_message(kept: Sequence[Kept]) -> int:
    """Where the context stands in a new history: before the last thing that the user said (captured:
    compact/later_turn)."""
    return max(len(kept) - 1, 0)
