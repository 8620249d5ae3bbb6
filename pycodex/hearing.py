"""What the user says joins the history of a turn, with the skills that it names."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pycodex.progress import Said
from pycodex.protocol import NotesRecorded, UserMessageRecorded
from pycodex.steering import Note, tell_notes

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.context import Turn
    from pycodex.progress import Progress
    from pycodex.protocol import Item

__all__ = ["hear", "hear_entered"]


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


def hear_entered(loop: AgentLoop, progress: Progress) -> bool:
    """What came while the turn ran joins it in its order, notes that stand together as one; whether something did."""
    entered = loop.steering.take_all()
    for _, run in groupby(entered, type):
        together = [*run]
        for text in together:
            if isinstance(text, str):
                progress.items.append(hear(loop, progress.turn, Said(text=text), joined=True))
        tell_notes(loop, progress.turn.id, [each for each in together if isinstance(each, Note)])
    return bool(entered)
