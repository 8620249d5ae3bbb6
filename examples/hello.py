"""One question, one answer, no tools. Model and provider come from config.toml, as for `pycodex exec`."""

import asyncio

from pycodex import AgentLoop, ContextManager, ResponsesModelClient, ToolRegistry


async def main() -> None:
    model = ResponsesModelClient.from_codex_config()
    agent = AgentLoop(model, ToolRegistry(), ContextManager.from_codex_config())
    result = await agent.run_turn("What is the capital of Austria?")
    print(result.failure.message if result.failure else result.output_text)
    await model.aclose()


if __name__ == "__main__":
    asyncio.run(main())
