"""The model's questions, one after the other: an option of each, or words of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.operations import QuestionsAsked

__all__ = ["Form"]

_ESCAPE = {False: "gives none and stops", True: "cancels"}


class Form:
    """`text()` is the question that is open, with the marked option; `answer()` goes on to the next one."""

    def __init__(self, asked: QuestionsAsked) -> None:
        self.call_id = asked.call_id
        self.answers: dict[str, list[str]] = {}
        self._questions = list(asked.questions)
        self._marked = 0

    def text(self) -> str:
        """The question and its options."""
        question = self._questions[len(self.answers)]
        rows = [f"{question['header']}: {question['question']}"]
        for number, option in enumerate(question["options"]):
            mark = "›" if number == self._marked else " "
            rows.append(f" {mark} {option['label']} - {option['description']}")
        rows.append(f"   up, down and Enter, or type an answer; Esc {_ESCAPE['escape' in question]}")
        return "\n".join(rows)

    def escaped(self) -> dict[str, list[str]] | None:
        """The answers where Esc is one of the options; else None: none are given."""
        question = self._questions[len(self.answers)]
        return None if "escape" not in question else {**self.answers, question["id"]: [question["escape"]]}

    def move(self, by: int) -> None:
        """Mark another option."""
        options = self._questions[len(self.answers)]["options"]
        self._marked = (self._marked + by) % len(options)

    def answer(self, words: str = "") -> bool:
        """Take the words, or else the marked option; whether it was the last question."""
        question = self._questions[len(self.answers)]
        self.answers[question["id"]] = [words or question["options"][self._marked]["label"]]
        self._marked = 0
        return len(self.answers) == len(self._questions)
