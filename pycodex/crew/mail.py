"""What agents of a team write to each other, and where it waits to be read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from pycodex.ids import uuid7
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.upstream.dialect import IdStyle

__all__ = ["Letter", "Mailbox", "letter_item"]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message; `triggers`: one who does nothing begins a turn on it."""

    kind: Literal["NEW_TASK", "MESSAGE", "FINAL_ANSWER"]
    author: str
    recipient: str
    text: str
    triggers: bool = False


class Mailbox:
    """The letters that an agent has yet to read, in the order in which they came."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []
        self.come = asyncio.Event()
        """Set while something waits."""

    def put(self, letter: Letter) -> None:
        """A letter comes."""
        self._letters.append(letter)
        self.come.set()

    def take(self) -> list[Letter]:
        """All of them, which then wait no longer."""
        letters, self._letters = self._letters, []
        self.come.clear()
        return letters

    @property
    def triggers(self) -> bool:
        """Whether one waits that begins a turn."""
        return any(letter.triggers for letter in self._letters)


def letter_item(letter: Letter, ids: IdStyle) -> Item:
    """The item of the history for a letter. What a model wrote stands apart, as if it were encrypted: the provider
    makes it so, and upstream passes it on as it comes; what the program says of an agent's end does not (captured:
    agents/v2_waited_for)."""
    head = "\n".join(
        (f"Message Type: {letter.kind}", f"Task name: {letter.recipient}", f"Sender: {letter.author}", "Payload:\n")
    )
    if letter.kind == "FINAL_ANSWER":
        content = [{"type": "input_text", "text": head + letter.text}]
    else:
        content = [
            {"type": "input_text", "text": head},
            {"type": "encrypted_content", "encrypted_content": letter.text},
        ]
    prefix = ids.minted.get("agent_message")
    return {
        "type": "agent_message",
        **({"id": f"{prefix}_{uuid7()}"} if prefix else {}),
        "author": letter.author,
        "recipient": letter.recipient,
        "content": content,
    }
