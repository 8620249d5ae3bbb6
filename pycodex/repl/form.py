"""The model's questions, one after the other: an option of each, or words of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.operations import QuestionsAsked

__all__ = ["Form"]


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
        rows.append("   up, down and Enter, or type an answer; Esc gives none and stops")
        return "\n".join(rows)

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
