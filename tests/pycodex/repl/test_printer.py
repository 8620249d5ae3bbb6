import re
from pathlib import Path

from pycodex import protocol as p
from pycodex.repl.printer import Printer
from tests.pycodex.sessions import says


def printed(*events: p.Event, planning: bool = False) -> tuple[list[str], str]:
    lines: list[str] = []
    printer = Printer(lambda text: lines.append(re.sub(r"\x1b\[\d+m", "", text)), Path("/shop"))
    printer.planning = planning
    for event in events:
        printer(event)
    return lines, printer.partial


def done(text: str) -> p.ItemDone:
    return p.ItemDone(turn_id="t", item=says(text), at=0.0)


def ended(output: str, code: int = 0) -> p.CommandEnded:
    return p.CommandEnded(
        call_id="c",
        argv=("/bin/bash", "-lc", "make it"),
        cwd="/",
        process_id="1",
        exit_code=code,
        output=output,
        duration=0.1,
        status="completed",
    )


def test_an_answer_is_printed_line_by_line_as_it_streams() -> None:
    streamed = [p.TextStreamed(text=text) for text in ("one\ntw", "o")]
    assert printed(*streamed) == (["one"], "two")
    assert printed(*streamed, done("one\ntwo")) == (["one", "two"], "")
    assert printed(done("not streamed")) == (["not streamed"], "")


def test_an_answer_that_is_broken_off_is_kept_on_the_screen() -> None:
    aborted = p.TurnAborted(turn_id="t", item={}, started_at=0.0, completed_at=0.0)
    assert printed(p.TextStreamed(text="half"), aborted)[0] == ["half", "■ Conversation interrupted"]


def test_commands_are_told_in_a_line_with_a_bit_of_their_output() -> None:
    assert printed(ended("a\nb\n"))[0] == ["• Ran make it", "  │ a", "  │ b"]
    lines = printed(ended("x\n" * 9, code=2))[0]
    assert lines[0] == "• Ran make it (exit code 2)" and lines[-1] == "  │ … 4 more lines"


def test_a_plan_is_a_list() -> None:
    steps = (("look", "completed"), ("do", "in_progress"), ("rest", "pending"))
    assert printed(p.PlanUpdated(explanation=None, steps=steps))[0] == ["• Plan", "  ✔ look", "  ▸ do", "  □ rest"]


def test_a_patch_is_told_by_paths_from_here() -> None:
    changes = {
        "/shop/a.py": p.FileChange(kind="update", content=""),
        "/else/b.py": p.FileChange(kind="add", content=""),
    }
    ended_patch = p.PatchEnded(
        call_id="c", changes=changes, status="completed", stdout="", stderr="", exit_code=0, duration=0.1
    )
    assert printed(ended_patch)[0] == ["• Patch completed: update a.py, add /else/b.py"]


def test_a_plan_has_a_heading_in_plan_mode_only() -> None:
    text = "So:\n<proposed_plan>\nDo it.\n</proposed_plan>"
    assert printed(done(text))[0] == text.split("\n")
    assert printed(done(text), planning=True)[0] == ["So:", "• Proposed plan", "Do it."]
