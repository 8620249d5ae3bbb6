"""A runtime: turns are handed in and taken one after the other; events tell what happens meanwhile."""

import asyncio

from pycodex import AgentLoop, AgentRuntime, ContextManager, ResponsesModelClient, builtin_tools, open_settings
from pycodex.protocol import CommandEnded, Event, Shutdown, UserTurn


def show(event: Event) -> None:
    """Prints each command that the agent ran."""
    if isinstance(event, CommandEnded):
        print(f"ran {event.argv[-1]!r}: exit code {event.exit_code}")


async def main() -> None:
    settings = open_settings(sandbox_mode="read-only")
    loop = AgentLoop(ResponsesModelClient(settings), builtin_tools(settings, show), ContextManager(settings), emit=show)
    runtime = AgentRuntime(loop)
    first = runtime.submit(UserTurn(text="How many files are in this folder?"))
    second = runtime.submit(UserTurn(text="And what is the capital of Austria?"))
    runtime.submit(Shutdown())
    await runtime.run()
    for turn in (first, second):
        result = turn.result()
        if result is not None:
            print(result.failure.message if result.failure else result.output_text)


if __name__ == "__main__":
    asyncio.run(main())
