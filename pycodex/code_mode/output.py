"""What a cell has said since it was looked at last, within bounds, and how the model reads it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from pycodex.protocol import Item
from pycodex.records import dataclass
from pycodex.truncation import TruncationPolicy, approx_tokens, truncate_middle

__all__ = ["Retained", "Said", "cut_items", "text_item"]

_MARK = (
    "[Code Mode session output limit reached: omitted {bytes} text bytes; discarded {texts} text segments, "
    "{images} images, {audio} audio items]"
)
_KINDS = {"input_text": "texts", "input_image": "images", "input_audio": "audio"}


def text_item(text: str) -> Item:
    """A text for the model."""
    return {"type": "input_text", "text": text}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Items in order: the first part, the mark where something is missing, the rest. `one`: what is missing is the
    middle of one text."""

    head: Sequence[Item]
    mark: str | None = None
    tail: Sequence[Item] = ()
    one: bool = False


class Retained:
    """Items in order; of more than twice `half` bytes the first and the last half, with a mark where the rest was
    (captured: code_mode/session_limit). Memory stays bounded, however much a program says before anybody looks."""

    def __init__(self, half: int) -> None:
        self._half = half
        self._clear()

    def _clear(self) -> None:
        self._head: list[Item] = []
        self._tail: deque[Item] = deque()
        self._room = self._half
        self._size = 0
        self._split = False
        self._lost = {"bytes": 0, "texts": 0, "images": 0, "audio": 0}

    def add(self, item: Item, *, bytes_between: int = 0) -> None:
        """One more item. `bytes_between`: of a text that comes as its ends only, how long it is as a whole."""
        size = _size(item)
        if not self._tail and not self._lost["bytes"] and size <= self._room:
            self._head.append(item)
            self._room -= size
            return
        if item["type"] == "input_text" and not self._tail and self._room:
            first, rest = _cut_text(item["text"], self._room)
            if first:
                self._head.append(text_item(first))
                self._split = True
            item, self._room = text_item(rest), 0
            size = _size(item)
        self._room = 0
        self._tail.append(item)
        self._size += size
        self._lost["bytes"] += bytes_between
        while self._size > self._half:
            self._drop()

    def _drop(self) -> None:
        """The oldest of the last half goes, or its beginning where it is a text."""
        oldest = self._tail.popleft()
        size, over = _size(oldest), self._size - self._half
        if oldest["type"] == "input_text" and size > over:
            text = oldest["text"].encode()[over:].decode("utf-8", "ignore")
            kept = text_item(text)
            self._tail.appendleft(kept)
            gone = size - _size(kept)
            self._lost["bytes"] += gone
            self._size -= gone
            return
        self._size -= size
        self._lost[_KINDS[oldest["type"]]] += 1
        if oldest["type"] == "input_text":
            self._lost["bytes"] += size

    def take(self) -> Said:
        """What came, which then is here no longer."""
        head, tail = self._head, list(self._tail)
        mark = _MARK.format(**self._lost) if any(self._lost.values()) else None
        one = self._split and not self._lost["texts"]
        if mark is None:
            if one and tail:
                head = [*head[:-1], text_item(head[-1]["text"] + tail[0]["text"]), *tail[1:]]
            else:
                head = head + tail
            tail = []
        self._clear()
        return Said(head=head, mark=mark, tail=tail, one=one)


def _size(item: Item) -> int:
    text: str = item.get("text") or item.get("image_url") or item.get("audio_url") or ""
    return len(text.encode("utf-8", "surrogatepass"))


def _cut_text(text: str, room: int) -> tuple[str, str]:
    first = text.encode()[:room].decode("utf-8", "ignore")
    return first, text[len(first) :]


def cut_items(said: Said, tokens: int, *, warns: bool) -> list[Item]:
    """The items within that many tokens. Texts alone are cut as one, with a line that says so; beside images each is
    cut by itself, and what has no room is counted (captured: code_mode/truncation)."""
    head, mark, tail = said.head, said.mark, said.tail
    items = [*head, *tail]
    policy = TruncationPolicy(kind="tokens", limit=tokens)
    if any(item["type"] != "input_text" for item in items):
        cut = _cut_each(head, policy)
        return [*cut, *([text_item(mark)] if mark else []), *_cut_each(tail, policy)] if mark else cut
    parts = ["\n".join(item["text"] for item in part) for part in ((items,) if mark is None else (head, tail))]
    whole = ("" if said.one else "\n").join(parts)
    size = len(whole.encode())
    if size <= policy.bytes:
        return items if mark is None else [*head, text_item(mark), *tail]
    warning = f"Warning: truncated output (original token count: {approx_tokens(size)})\n" if warns else ""
    warning += f"Total output lines: {_lines(whole)}\n\n"
    told = truncate_middle(whole, policy)
    if mark is None:
        return [text_item(warning + told)]
    first, marker, last = told.partition("tokens truncated…")
    return [text_item(warning + first + marker), text_item(mark), text_item(last)]


def _cut_each(items: Iterable[Item], policy: TruncationPolicy) -> list[Item]:
    left, kept, omitted = policy.limit, [], 0
    for item in items:
        if item["type"] != "input_text":
            kept.append(item)
            continue
        if left <= 0:
            omitted += 1
            continue
        cut = truncate_middle(item["text"], TruncationPolicy(kind="tokens", limit=left))
        left = left - approx_tokens(len(item["text"].encode())) if cut == item["text"] else 0
        kept.append(text_item(cut))
    if omitted:
        kept.append(text_item(f"[omitted {omitted} text items ...]"))
    return kept


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
