"""AgentRuntime: the submission loop. Operations are taken in order; what concerns the running turn overtakes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.agent import AgentLoop
from pycodex.protocol import (
    Answer,
    ApprovalAsked,
    ClearGoal,
    Compact,
    Decide,
    GoBack,
    Interrupt,
    Operation,
    QuestionsAsked,
    Rename,
    Rested,
    ReviewTurn,
    SetGoal,
    Shutdown,
    Steer,
    TextsReturned,
    TextsSent,
    TextWaits,
    ThreadNamed,
    ThreadStarted,
    TurnResult,
    UserShell,
    UserTurn,
)
from pycodex.records import dataclass, replace
from pycodex.steering import tell_note

if TYPE_CHECKING:
    from pycodex.guardian import Decision
    from pycodex.keeping import Keeper

__all__ = ["AgentRuntime"]


@dataclass(frozen=True, kw_only=True)
class _GoalTurn:
    """A turn for the thread's goal, and what the user says to it."""

    said: UserTurn | None


_Turn = UserTurn | ReviewTurn | Compact
_Run = _Turn | _GoalTurn
_Done = asyncio.Future[TurnResult | None]
_Submission = tuple[Operation, _Done]


class AgentRuntime:
    """Runs one AgentLoop. `submit` gives a future of the turn's result (None for an operation without one).

    `attended`: somebody reads the loop's events and answers what is asked; then the thread's goal begins turns of its
    own, for as long as nothing else is to be done. `prepare` is awaited before each turn.
    `keeper`: who keeps the thread, which only then can go back and be renamed; the loop's events go there, too.
    """

    def __init__(
        self,
        loop: AgentLoop,
        *,
        attended: bool = False,
        prepare: Callable[[], Awaitable[None]] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.loop = loop
        self._attended = attended
        self._keeper = keeper
        self._queue: asyncio.Queue[_Submission] = asyncio.Queue()
        self._turn: asyncio.Task[TurnResult] | None = None
        self._shell: asyncio.Task[None] | None = None
        """A command of the user that runs beside no turn."""
        self._sends_waiting = False
        self._prepare = prepare
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self._beside: set[asyncio.Task[None]] = set()
        """Commands of the user that run beside a turn."""
        if attended:
            loop.person, loop.person_beside, loop.questions = self._ask, self._allow, self._question

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        return self._turn is not None

    @property
    def runs_shell(self) -> bool:
        """Whether a command of the user runs, and no turn."""
        return self._shell is not None

    @property
    def waits(self) -> bool:
        """Whether something waits for the running turn to end, or to join it."""
        return not self._queue.empty() or self.loop.steering.waits

    def submit(self, operation: Operation) -> asyncio.Future[TurnResult | None]:
        """Hand in an operation."""
        done: _Done = asyncio.get_running_loop().create_future()
        match operation:
            case Interrupt():
                self._interrupt(operation)
            case Decide():
                self._settle(operation.call_id, operation)
            case Answer():
                self._settle(operation.call_id, operation.answers)
            case Rename() if self._keeper is not None:
                self._keeper.rename(operation.name)
                self.loop.emit(ThreadNamed(name=operation.name))
            case SetGoal() | ClearGoal():
                from pycodex.goal_changes import change_goal

                if change_goal(self.loop, operation) and not self.busy:
                    self._queue.put_nowait((operation, done))
                    return done
            case GoBack() | Rename() if self._keeper is None:
                done.set_exception(ValueError("the thread is not kept: give AgentRuntime a keeper"))
                return done
            case Steer() if self.busy:
                self.loop.steering.put(operation.text)
                self.loop.emit(TextWaits(text=operation.text))
            case UserShell() if self.busy:
                task = asyncio.create_task(self._run_shell(operation, done, beside=True))
                self._beside.add(task)
                task.add_done_callback(self._beside.discard)
                return done
            case Steer():
                self._queue.put_nowait((UserTurn(text=operation.text), done))
                return done
            case _:
                self._queue.put_nowait((operation, done))
                return done
        done.set_result(None)
        return done

    def _interrupt(self, operation: Interrupt) -> None:
        if self._turn is not None:
            self._sends_waiting = operation.waiting == "send"
            self._turn.cancel()
        elif self._shell is not None:
            self._shell.cancel()

    def _settle(self, call_id: str, answer: Any) -> None:
        asked = self._asked.pop(call_id, None)
        if asked is not None and not asked.done():
            asked.set_result(answer)

    async def _ask(self, call_id: str, action: Mapping[str, Any], reason: str | None) -> Decision:
        """The person allows it, or the turn is interrupted (captured: interactive/denied)."""
        decision = await self._allow(call_id, action, reason)
        if decision is None:
            await self._give_up()
        assert decision is not None
        return decision

    async def _allow(self, call_id: str, action: Mapping[str, Any], reason: str | None) -> Decision | None:
        """The person allows it. None: it is denied."""
        from pycodex.guardian import Decision
        from pycodex.saved_prefixes import allow_prefix, wanted_prefix

        prefix = wanted_prefix(self.loop.context.history, call_id)
        decided = await self._answer_to(ApprovalAsked(call_id=call_id, action=action, reason=reason, prefix=prefix))
        if not decided.allowed:
            return None
        if decided.for_good and prefix:
            allow_prefix(self.loop.context.settings.config.codex_home, prefix)
            self.loop.steering.put_prefix(prefix)
        return Decision()

    async def _question(self, call_id: str, questions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The person answers, or the turn is interrupted (captured: interactive/question_refused)."""
        answers = await self._answer_to(QuestionsAsked(call_id=call_id, questions=questions))
        if answers is None:
            await self._give_up()
        return {name: {"answers": list(chosen)} for name, chosen in answers.items()}

    async def _answer_to(self, asked: ApprovalAsked | QuestionsAsked) -> Any:
        waiting = self._asked[asked.call_id] = asyncio.get_running_loop().create_future()
        self.loop.emit(asked)
        try:
            return await waiting
        finally:
            self._asked.pop(asked.call_id, None)

    async def _give_up(self) -> None:
        self._interrupt(Interrupt())
        await asyncio.Event().wait()

    async def run(self) -> None:
        """Take operations until Shutdown, then release what the tools and the model hold."""
        try:
            await self._run_turns(*self._onward(None, asyncio.get_running_loop().create_future()))
            while True:
                operation, done = await self._queue.get()
                if isinstance(operation, Shutdown):
                    done.set_result(None)
                    return
                if isinstance(operation, _Turn):
                    await self._run_turns(operation, done)
                if isinstance(operation, SetGoal | ClearGoal):  # it is done; the goal may go on
                    done.set_result(None)
                    await self._run_turns(*self._onward(None, asyncio.get_running_loop().create_future()))
                if isinstance(operation, UserShell):
                    await self._run_shell(operation, done)
                if isinstance(operation, GoBack):
                    await self._go_back(operation, done)
        finally:
            for task in self._beside:
                task.cancel()
            await self.loop.aclose()

    async def _go_back(self, operation: GoBack, done: _Done) -> None:
        from pycodex.session import SessionError

        assert self._keeper is not None
        try:
            context = await self._keeper.go_back(operation.prompts)
        except SessionError as error:
            done.set_exception(error)
            return
        await self.loop.go_on(context)
        self.loop.emit(ThreadStarted(thread_id=context.thread.id, resumed=True))
        done.set_result(None)

    async def _run_shell(self, operation: UserShell, done: _Done, *, beside: bool = False) -> None:
        from pycodex.user_shell import run_user_shell

        work = run_user_shell(self.loop, operation.command, beside=beside)
        if beside:
            await work
        else:
            self._shell = asyncio.create_task(work)
            try:
                await self._shell
            finally:
                self._shell = None
        if not self.busy:
            self._note_left()
        if not done.done():
            done.set_result(None)

    def _note_left(self) -> None:
        """What was run beside a turn, and came too late to join it."""
        for note in self.loop.steering.take_notes():
            tell_note(self.loop, "", note)

    async def _run_turns(self, operation: _Run | None, done: _Done) -> None:
        """A turn, and those that come of it: of what was entered too late to join it, and for the thread's goal."""
        while operation is not None:
            ended = await self._run_one(operation, done)
            operation, done = self._left_over(), asyncio.get_running_loop().create_future()
            if ended:
                operation, done = self._onward(operation, done)

    def _onward(self, left: UserTurn | None, done: _Done) -> tuple[_Run | None, _Done]:
        """The turn for the goal, if it goes on now (captured: interactive/goal); what is left over, or queued first,
        joins it (measured, but no recording: codex-cli sends it while that turn begins, sometimes too late)."""
        goals = self.loop.goals
        if goals is None or not self._attended or not goals.go_on():
            return left, done
        match self._queued() if left is None else []:
            case [(UserTurn() as left, done), *queued]:
                pass
            case [_, *_] as queued:  # something else is asked for, and done first
                goals.goes_on = False
            case queued:
                pass
        for each in queued:
            self._queue.put_nowait(each)
        return _GoalTurn(said=left) if goals.goes_on else None, done

    def _queued(self) -> list[_Submission]:
        """What is to be done, taken out of the queue."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    def _left_over(self) -> UserTurn | None:
        self._note_left()
        texts = self.loop.steering.take()
        sends, self._sends_waiting = self._sends_waiting, True
        if not sends:
            texts += self._unqueued()
        if not texts:
            return None
        if sends:
            joined = "\n".join(texts)  # captured: interactive/interrupt_steered
            self.loop.emit(TextsSent(text=joined))
            return UserTurn(text=joined)
        self.loop.emit(TextsReturned(texts=tuple(texts)))
        return None

    def _unqueued(self) -> list[str]:
        """Texts that were to be turns of their own, which they are not to be now (captured:
        interactive/interrupt_queued)."""
        texts = []
        for operation, done in self._queued():
            if isinstance(operation, UserTurn) and not operation.images:
                texts.append(operation.text)
                done.cancel()
            else:
                self._queue.put_nowait((operation, done))
        return texts

    async def _begin(self, operation: _Run) -> TurnResult:
        if self._prepare is not None:
            await self._prepare()
        context = self.loop.context
        if not context.settings.introduced and (not isinstance(operation, _GoalTurn) or operation.said is not None):
            context.settings = replace(context.settings, introduced=True)
        if isinstance(operation, ReviewTurn):
            return await self.loop.run_review(operation)
        if isinstance(operation, Compact):
            return await self.loop.run_compaction()
        if isinstance(operation, _GoalTurn):
            said = operation.said
            return await self.loop.run_turn(*(None,) if said is None else (said.text, said.images))
        return await self.loop.run_turn(operation.text, operation.images)

    async def _run_one(self, operation: _Run, done: _Done) -> bool:
        """Whether it came to its end, and was not interrupted."""
        self._turn = asyncio.create_task(self._begin(operation))
        self._sends_waiting = True
        try:
            done.set_result(await self._turn)
        except asyncio.CancelledError:
            done.cancel()
            # Only the turn was interrupted, unless this loop itself is being cancelled.
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
        except Exception as error:
            done.set_exception(error)
        finally:
            self._turn = None
            self.loop.emit(Rested())
        return not done.cancelled()
