"""What the user says joins the history of a turn, with the skills that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.protocol import NotesRecorded, UserMessageRecorded

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.context import Turn
    from pycodex.progress import Said
    from pycodex.protocol import Item

__all__ = ["hear"]


def hear(loop: AgentLoop, turn: Turn, said: Said, *, joined: bool = False) -> Item:
    """The item that is heard. What is `joined` to a turn names no skill (captured: interactive/steer_skill)."""
    context = loop.context
    if loop.goals is not None:
        loop.goals.hear()
    item = context.record_user(said.text, said.images, said.parts)
    loop.emit(
        UserMessageRecorded(
            turn_id=turn.id,
            item=item,
            text=said.text,
            images=said.images,
            at=loop.now(),
            parts=said.parts,
            sources=said.sources,
            skills=context.named_skills(said.text),
            joined=joined,
        )
    )
    if not joined and (named := context.record_skills(said.text)):
        loop.emit(NotesRecorded(turn_id=turn.id, items=tuple(named)))
    return item
