"""Letters between agents of a team."""

from __future__ import annotations

from pycodex.crew.mail import Letter, Mailbox, letter_item
from pycodex.upstream import load_dialect


def _letter(kind: str = "MESSAGE", *, triggers: bool = False) -> Letter:
    return Letter(kind=kind, author="/root", recipient="/root/one", text="hey", triggers=triggers)  # type: ignore[arg-type]


def test_what_a_model_wrote_stands_apart_from_its_head() -> None:
    item = letter_item(_letter(), load_dialect("0.169.0").ids)
    head = "Message Type: MESSAGE\nTask name: /root/one\nSender: /root\nPayload:\n"
    assert item["content"] == [
        {"type": "input_text", "text": head},
        {"type": "encrypted_content", "encrypted_content": "hey"},
    ]


def test_an_answer_is_one_text() -> None:
    (part,) = letter_item(_letter("FINAL_ANSWER"), load_dialect("0.169.0").ids)["content"]
    assert part["text"].endswith("Payload:\nhey")


def test_a_mailbox_says_that_something_waits() -> None:
    mailbox = Mailbox()
    assert not mailbox.come.is_set()
    mailbox.put(_letter())
    assert mailbox.come.is_set() and not mailbox.triggers
    mailbox.put(_letter(triggers=True))
    assert mailbox.triggers
    assert len(mailbox.take()) == 2
    assert not mailbox.come.is_set()
