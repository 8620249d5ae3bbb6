"""What a server answers to a call, and what the model gets of it."""

from typing import Any

import pytest

from pycodex.mcp.results import UnexpectedResponse, call_result, plain_output, told_output, without_audio

TEXT = {"type": "text", "text": "a"}
IMAGE = {"type": "image", "data": "AA==", "mimeType": "image/png"}
SHOWN = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}


@pytest.mark.parametrize(
    "answer",
    [{}, {"content": "text"}, {"content": [{"type": "text"}]}, {"content": [{"type": "video"}]}, [], {"content": [5]}],
)
def test_an_answer_of_another_shape_is_none(answer: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        call_result(answer, empty=True)


def test_no_content_is_a_result_only_where_the_version_says_so() -> None:
    assert call_result({"content": []}, empty=True) == {"content": []}
    with pytest.raises(UnexpectedResponse):
        call_result({"content": []}, empty=False)
    assert call_result({"structuredContent": [1]}, empty=False) == {"content": [], "structuredContent": [1]}


def test_known_fields_are_kept_in_order() -> None:
    block = {"annotations": {"priority": 1}, "odd": 1, "text": "a", "type": "text", "_meta": {"k": 1}}
    result = call_result({"isError": False, "content": [block]}, empty=False)
    assert list(result["content"][0]) == ["type", "text", "_meta", "annotations"]
    assert list(result) == ["content", "isError"]


def test_the_model_gets_structured_content_before_all_else() -> None:
    result = {"content": [TEXT], "structuredContent": {"b": 1.0}}
    assert plain_output(result) == told_output(result) == '{"b":1.0}'


def test_the_model_gets_blocks_in_the_form_of_the_version() -> None:
    assert plain_output({"content": [TEXT]}) == '[{"type":"text","text":"a"}]'
    assert told_output({"content": [TEXT]}) == [{"type": "input_text", "text": "a"}]
    assert plain_output({"content": [TEXT, IMAGE]}) == [{"type": "input_text", "text": "a"}, SHOWN]


def test_what_cannot_be_heard_is_a_text() -> None:
    (block,) = without_audio({"content": [{"type": "audio", "data": "", "mimeType": "audio/wav"}]})["content"]
    assert block["type"] == "text"
