"""What is retained of a thread."""

from __future__ import annotations

from pycodex.upstream.retained import SOURCE_BYTES, Retained


def test_long_texts_are_kept_at_both_ends() -> None:
    retained = Retained()
    source = {"id": {"message_id": "m", "turn_id": "t", "role": "user"}, "revision": "r", "complete": False}
    item = {"id": "m", "content": [{"type": "input_text", "text": "a" * 40_000 + "b"}]}
    retained.say(item, {"retained_source": source, "user_input_order": 0})
    told = retained.told(1)
    (message,) = told["user_messages"]
    assert len(message["text"]) == SOURCE_BYTES
    assert message["text"].endswith("ab")
    assert '<truncated omitted_approx_tokens="9101" />' in message["text"]
    assert told["next_order"] == 1


def test_answers_are_kept_without_their_kind() -> None:
    retained = Retained()
    retained.answer({"type": "verified_answer", "call_id": "c"})
    assert retained.told(0)["verified_answers"] == [{"call_id": "c"}]
