"""Messages to the user that the model does not wait for (captures: tools/async_messages): the user reads them at once,
and may answer with a message of their own."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.arguments import STRING, STRINGS, Field, ListOf, Struct
from pycodex.protocol import MessageSent
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["AskAsync", "SendAsync"]

_ACCEPTED = '{"accepted":true}'
_QUESTION = Struct(
    name="AsyncQuestion",
    fields=(Field("title", STRING, required=True), Field("options", STRINGS, optional=True)),
    deny_unknown=True,
)


async def _send(context: ToolContext, text: str, questions: Sequence[Mapping[str, Any]] = ()) -> str:
    await context.answer_ended()
    context.emit(MessageSent(call_id=context.call_id, text=text, questions=tuple(questions), at=time.time()))
    return _ACCEPTED


class SendAsync(FunctionTool):
    """`send_message_to_user_async`."""

    name = "send_message_to_user_async"
    struct = Struct(name="SendMessageArgs", fields=(Field("message", STRING, required=True),), deny_unknown=True)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if not (text := args["message"].strip()):
            raise ToolError("message must not be empty")
        return await _send(context, text)


class AskAsync(FunctionTool):
    """`request_user_input_async`."""

    name = "request_user_input_async"
    struct = Struct(name="AskArgs", fields=(Field("questions", ListOf(_QUESTION), required=True),), deny_unknown=True)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if not args["questions"]:
            raise ToolError("questions must not be empty")
        texts = [_told(question) for question in args["questions"]]
        return await _send(context, "\n\n".join(texts), args["questions"])


def _told(question: Mapping[str, Any]) -> str:
    title: str = question["title"].strip()
    if not title:
        raise ToolError("question titles must not be empty")
    if question["options"] is None:
        return title
    options = [option.strip() for option in question["options"] if option.strip()]
    if not options:
        raise ToolError("options must contain at least one non-empty answer")
    return "\n".join([title, *(f"- {option}" for option in options)])
