"""A tool of your own: the model calls `echo`, and gets back what it sent."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pycodex import AgentLoop, BaseTool, ContextManager, ResponsesModelClient, ToolContext, ToolError, ToolRegistry


class EchoTool(BaseTool):
    """`echo`: a text, and how often."""

    name = "echo"
    description = "Repeats a text."
    input_schema = {  # noqa: RUF012 (a tool may also set it on the instance)
        "type": "object",
        "properties": {"text": {"type": "string"}, "times": {"type": "integer"}},
        "required": ["text"],
        "additionalProperties": False,
    }

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        times = args.get("times", 1)
        if not 1 <= times <= 10:
            raise ToolError("times must be between 1 and 10")  # the model reads this and may try again
        return " ".join([args["text"]] * times)


async def main() -> None:
    model = ResponsesModelClient.from_codex_config()
    agent = AgentLoop(model, ToolRegistry([EchoTool()]), ContextManager.from_codex_config())
    result = await agent.run_turn("Use the echo tool to say hello three times.")
    for item in result.items:
        if item["type"] == "function_call_output":
            print("echo gave:", item["output"])
    print(result.failure.message if result.failure else result.output_text)
    await model.aclose()


if __name__ == "__main__":
    asyncio.run(main())
