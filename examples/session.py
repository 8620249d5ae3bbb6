"""A session without a terminal: a program in the place of a person decides, joins in, interrupts and goes back."""

import asyncio
import contextlib

from pycodex import AgentLoop, AgentRuntime, Keeper, ResponsesModelClient, TurnResult, builtin_tools, open_settings
from pycodex.protocol import (
    ApprovalAsked,
    CommandEnded,
    CommandStarted,
    Decide,
    Event,
    GoBack,
    Interrupt,
    Rename,
    Shutdown,
    Steer,
    TextStreamed,
    UserTurn,
)


class Person:
    """Sees what happens, and answers."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.runtime: AgentRuntime | None = None
        self.impatient = False

    def __call__(self, event: Event) -> None:
        self.keeper(event)  # which writes the thread down
        if self.runtime is None:
            return
        match event:
            case ApprovalAsked():
                print("allowed:", event.action["command"][-1])
                self.runtime.submit(Decide(call_id=event.call_id, allowed=True))
            case CommandStarted():
                self.runtime.submit(Steer(text="In one word, please."))  # joins the turn after the command
            case CommandEnded():
                print("exit code:", event.exit_code)
            case TextStreamed() if self.impatient:
                self.impatient = False
                self.runtime.submit(Interrupt())


def said(result: TurnResult | None) -> str:
    """What came of a turn."""
    if result is None:
        return "nothing"
    return result.failure.message if result.failure else result.output_text


async def main() -> None:
    settings = open_settings(sandbox_mode="workspace-write", attended=True)
    keeper = await Keeper.begin(settings)
    person = Person(keeper)
    tools = builtin_tools(settings, person)
    loop = AgentLoop(ResponsesModelClient(settings), tools, keeper.context, emit=person)
    runtime = person.runtime = AgentRuntime(loop, attended=True, keeper=keeper)
    running = asyncio.create_task(runtime.run())

    first = runtime.submit(UserTurn(text="Make the folder ../other. Did it work?"))
    second = runtime.submit(UserTurn(text="And what is the capital of Austria?"))  # waits for the first
    print(said(await first), said(await second))

    runtime.submit(Rename(name="A session"))
    person.impatient = True
    with contextlib.suppress(asyncio.CancelledError):
        await runtime.submit(UserTurn(text="Tell me a long story."))
    await runtime.submit(GoBack(prompts=1))  # as if it had never been asked for
    print(keeper.name, keeper.prompts())
    print(said(await runtime.submit(UserTurn(text="And of France?"))))

    runtime.submit(Shutdown())
    await running
    keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
