"""The tool request_user_input: asks the person questions. Without a person (exec) nobody answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import BOOL, STRING, ArgumentStyle, Field, ListOf, Struct
from pycodex.protocol import LogLine
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool
from pycodex.tools.small import NO_ANSWERS, QuestionStyle

__all__ = ["RequestUserInput"]

_OPTION = Struct(
    name="RequestUserInputQuestionOption",
    fields=(Field("label", STRING, required=True), Field("description", STRING, required=True)),
)
_QUESTION = Struct(
    name="RequestUserInputQuestion",
    fields=(
        Field("id", STRING, required=True),
        Field("header", STRING, required=True),
        Field("question", STRING, required=True),
        Field("isOther", BOOL, default=False),
        Field("isSecret", BOOL, default=False),
        Field("options", ListOf(_OPTION), optional=True),
    ),
)


class RequestUserInput(FunctionTool):
    """`request_user_input`, in plan mode; `allowed`: whether it may ask in default mode too."""

    name = "request_user_input"

    def __init__(self, style: ArgumentStyle, questions: QuestionStyle, *, allowed: bool) -> None:
        fields = (Field("questions", ListOf(_QUESTION), required=True),)
        super().__init__(style, struct=Struct(name=questions.struct, fields=fields))
        self._allowed = allowed
        self._log = questions.log

    def parse(self, arguments: str) -> Mapping[str, Any]:
        # The mode is looked at before the arguments are (captured: any arguments get the same answer).
        return {"arguments": arguments}

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if not self._allowed and not context.plans:
            raise ToolError("request_user_input is unavailable in Default mode")
        questions = super().parse(args["arguments"])["questions"]
        if any(not question["options"] for question in questions):
            raise ToolError("request_user_input requires non-empty options for every question")
        if context.ask is not None:
            answers = await context.ask(context.call_id, questions)
            return json.dumps({"answers": answers}, separators=(",", ":"), ensure_ascii=False)
        if self._log is not None:
            target, text = self._log
            context.emit(LogLine(level="ERROR", target=target, message=text.format(thread_id=context.thread_id)))
        return NO_ANSWERS
