"""Responses requests -> chat requests. Each test is one law of the way there."""

from typing import Any

import pytest

from fake_server.chat_invariants import broken_chat
from pycodex.records import replace
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.sealed import seal
from tests.pycodex.responses_server.answers import BACKEND, PATCH, SEARCH, SHELL, SHELLS, SPACE, TOOLS, asked

Item = dict[str, Any]


def made(identity: str, name: str = "exec_command", **fields: Any) -> Item:
    return {"type": "function_call", "call_id": identity, "name": name, "arguments": "{}", **fields}


def came(identity: str, output: Any = "ok", kind: str = "function_call_output") -> Item:
    return {"type": kind, "call_id": identity, "output": output}


def said(text: str, role: str = "assistant") -> Item:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def messages(items: Any, **body: Any) -> list[Item]:
    found: list[Item] = asked(items, **body).body["messages"]
    return found


def names(**body: Any) -> list[str]:
    request = asked(**body)
    assert broken_chat(request.body) == []
    return [tool["function"]["name"] for tool in request.body.get("tools", ())]


def test_a_string_is_what_the_user_says() -> None:
    assert messages("hi", instructions="Be kind.") == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi"},
    ]


def test_the_developer_is_mapped_where_the_backend_lacks_the_role() -> None:
    items = [said("D1", "developer"), said("U", "user"), said("D2", "developer")]
    told = {"system": ["I\n\nD1", "U", "D2"], "user": ["I\n\nD1", "U", "D2"], "developer": ["I", "D1", "U", "D2"]}
    roles = {
        "system": "system user system",
        "user": "system user user",
        "developer": "developer developer user developer",
    }
    for mode, texts in told.items():
        backend = replace(BACKEND, developer_role=mode)
        found = asked(items, backend, instructions="I").body["messages"]
        assert [one["content"] for one in found] == texts
        assert [one["role"] for one in found] == roles[mode].split()


def test_tools_are_functions_with_flat_names() -> None:
    assert names(tools=[*TOOLS, SHELLS]) == [
        "exec_command",
        "apply_patch",
        "mcp__srv__echo",
        "mcp__srv__add",
        "tool_search",
        "local_shell",
    ]


def test_a_custom_tool_is_a_function_that_knows_its_grammar() -> None:
    (tool,) = asked(tools=[PATCH]).body["tools"]
    assert tool["function"]["parameters"]["required"] == ["input"]
    assert 'start: "x"' in tool["function"]["description"]


def test_names_that_chat_does_not_allow_are_changed_and_come_back() -> None:
    odd = [
        {"type": "function", "name": "a.b"},
        {"type": "function", "name": "a_b"},
        {"type": "custom", "name": "a_b"},
        {"type": "namespace", "name": "a", "tools": [{"type": "function", "name": "b" * 90}]},
        {"type": "namespace", "name": "mcp__x__", "tools": [{"type": "function", "name": "y"}]},
    ]
    request = asked(tools=odd)
    assert broken_chat(request.body) == []
    flat = [tool["function"]["name"] for tool in request.body["tools"]]
    assert flat[-1] == "mcp__x__y"
    back = [request.plan.restore(name) for name in flat]
    assert [(one.kind, one.namespace, one.name) for one in back] == [
        ("function", None, "a.b"),
        ("function", None, "a_b"),
        ("custom", None, "a_b"),
        ("function", "a", "b" * 90),
        ("function", "mcp__x__", "y"),
    ]


def test_the_same_request_has_the_same_names() -> None:
    assert names(tools=[SHELL, SPACE]) == names(tools=[SHELL, SPACE])
    history = [made("1", "a.b"), came("1")]
    assert names(items=history, tools=[SHELL, SPACE]) == names(tools=[SHELL, SPACE])


def test_tools_of_items_can_be_called() -> None:
    extra = {"type": "additional_tools", "role": "developer", "tools": [{**SPACE, "name": "functions"}]}
    assert names(items=[extra, said("U", "user")]) == ["echo", "add"]


def test_deferred_tools_are_reached_through_their_search() -> None:
    searched = {"type": "tool_search_call", "call_id": "s", "execution": "client", "arguments": {"query": "x"}}
    found = {"type": "tool_search_output", "call_id": "s", "execution": "client", "tools": [SPACE]}
    items = [said("U", "user"), searched, found]
    assert names(items=items, tools=[SEARCH]) == ["tool_search", "mcp__srv__echo", "mcp__srv__add"]
    call, output = messages(items, tools=[SEARCH])[1:]
    assert call["tool_calls"][0]["function"] == {"name": "tool_search", "arguments": '{"query":"x"}'}
    assert "mcp__srv__echo" in output["content"], "the model is told what to call"
    request = asked(items, tools=[SEARCH])
    assert request.plan.restore("mcp__srv__echo").namespace == "mcp__srv"


def test_tools_that_the_provider_runs_are_left_out_loudly() -> None:
    request = asked(tools=[SHELL, {"type": "web_search"}, {"type": "tool_search", "execution": "server"}])
    assert len(request.body["tools"]) == 1
    assert [text for text in request.warnings if "web_search" in text]
    with pytest.raises(LayerError, match="tool_choice") as refused:
        asked(tools=[SHELL], tool_choice={"type": "web_search"})
    assert refused.value.param == "tool_choice"


def test_what_was_said_in_one_go_is_one_message() -> None:
    items = [
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
        said("I look."),
        made("1"),
        {"type": "custom_tool_call", "call_id": "2", "name": "apply_patch", "input": 'a "b"\n'},
        came("2", kind="custom_tool_call_output"),
        came("1"),
    ]
    answer, first, second = messages(items, tools=TOOLS)
    assert (answer["reasoning_content"], answer["content"]) == ("hm", "I look.")
    assert [call["id"] for call in answer["tool_calls"]] == ["1", "2"]
    assert answer["tool_calls"][1]["function"] == {"name": "apply_patch", "arguments": '{"input":"a \\"b\\"\\n"}'}
    assert [first["tool_call_id"], second["tool_call_id"]] == ["1", "2"], "outputs stand in the order of the calls"


def test_outputs_follow_their_calls_at_once() -> None:
    items = [made("1"), said("and hurry", "user"), came("1"), made("2"), came("2", "a"), came("2", "b")]
    found = messages(items)
    assert [one["role"] for one in found] == ["assistant", "tool", "user", "assistant", "tool"]
    assert found[-1]["content"] == "a\nb"


def test_an_id_that_comes_twice_is_two_calls() -> None:
    items = [made("1"), came("1", "a"), made("1"), came("1", "b"), made("2"), made("2"), came("2", "c"), came("2", "d")]
    request = asked(items)
    assert broken_chat(request.body) == []
    outputs = [one["content"] for one in request.body["messages"] if one["role"] == "tool"]
    assert outputs == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("items", "param"),
    [
        ([made("1")], "input"),
        ([came("1")], "input[0].call_id"),
        ([{"type": "novel"}], "input[0].type"),
        (["text"], "input[0]"),
        ([{"type": "message", "role": "critic", "content": "x"}], "input[0].role"),
        ([{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}], "input[0].content[0].file_id"),
        ([{"role": "user", "content": [{"type": "novel"}]}], "input[0].content[0].type"),
        ([{"type": "compaction", "encrypted_content": "gAAAA"}], "input[0].encrypted_content"),
        ([{"type": "function_call", "name": "f", "arguments": "{}"}], "input[0].call_id"),
    ],
)
def test_what_cannot_be_said_in_chat_is_refused_by_name(items: list[Any], param: str) -> None:
    with pytest.raises(LayerError) as refused:
        asked(items)
    assert (refused.value.status, refused.value.param) == (400, param)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"tools": [5]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": {}}, "tools"),
        ({"text": {"format": {"type": "novel"}}}, "text.format.type"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "name": "nope"}}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"reasoning": "high"}, "reasoning"),
        ({"model": None}, "model"),
    ],
)
def test_what_changes_the_request_is_refused_by_name(body: Item, param: str) -> None:
    with pytest.raises(LayerError) as refused:
        asked(**body)
    assert (refused.value.status, refused.value.param) == (400, param)


def test_settings_keep_their_meaning() -> None:
    schema = {"type": "object", "properties": {}}
    body = asked(
        tools=[SHELL],
        tool_choice={"type": "function", "name": "exec_command"},
        parallel_tool_calls=False,
        reasoning={"effort": "high", "summary": "auto"},
        text={"verbosity": "low", "format": {"type": "json_schema", "name": "out", "schema": schema, "strict": True}},
        max_output_tokens=9,
        temperature=0,
        top_p=0.5,
        top_logprobs=2,
        stream=True,
        store=False,
        prompt_cache_key="k",
    ).body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "exec_command"}}
    assert (body["parallel_tool_calls"], body["reasoning_effort"], body["verbosity"]) == (False, "high", "low")
    wanted = {"name": "out", "schema": schema, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": wanted}
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (9, 0, 0.5)
    assert (body["logprobs"], body["top_logprobs"]) == (True, 2)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert not {"store", "prompt_cache_key", "text", "reasoning", "input", "instructions"} & set(body)


def test_a_choice_without_tools_is_not_told() -> None:
    body = asked(tools=[{"type": "web_search"}], tool_choice="auto", parallel_tool_calls=True).body
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(body)


def test_allowed_tools_are_those_that_are_told_of() -> None:
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "custom", "name": "apply_patch"}]}
    request = asked(tools=TOOLS, tool_choice=allowed)
    assert [tool["function"]["name"] for tool in request.body["tools"]] == ["apply_patch"]
    assert request.body["tool_choice"] == "required"


def test_fields_that_nobody_knows_are_left_out_loudly() -> None:
    request = asked(novel=1, service_tier="flex", include=["file_search_call.results"])
    assert "novel" not in request.body
    assert len(request.warnings) == 3
    assert asked(service_tier="auto", truncation="disabled", background=False).warnings == ()


def test_images_and_files() -> None:
    content = [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "original"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"},
    ]
    (message,) = messages([{"role": "user", "content": content}])
    assert message["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "high"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}},
    ]


def test_an_image_of_a_tool_is_shown_by_the_user() -> None:
    shown = {"type": "input_image", "image_url": "data:image/png;base64,AA"}
    items = [made("1"), made("2"), came("1", [{"type": "input_text", "text": "a"}, shown]), came("2")]
    found = messages(items)
    assert [one["role"] for one in found] == ["assistant", "tool", "tool", "user"]
    assert found[1]["content"].startswith("a\n")
    assert found[3]["content"][-1] == {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}


def test_reasoning_that_only_its_maker_can_read_is_passed_on() -> None:
    sealed = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    (message,) = messages([sealed, said("A")])
    details = [{"type": "reasoning.encrypted", "data": "gAAAA", "id": "rs_1"}]
    assert message == {"role": "assistant", "content": "A", "reasoning_details": details}
    assert messages([sealed, said("U", "user")]) == [{"role": "user", "content": "U"}]
    told = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "short"}], "encrypted_content": "gAAAA"}
    (message,) = messages([told, said("A")])
    assert message["reasoning_content"] == "short"


def test_a_summary_stands_for_what_it_sums_up() -> None:
    item = {"type": "compaction", "encrypted_content": seal("compaction", {"text": "They met."})}
    (message,) = messages([item])
    assert message["role"] == "user"
    assert message["content"].endswith("They met.")


def test_a_trigger_asks_for_a_summary_without_tools() -> None:
    request = asked([said("U", "user"), {"type": "compaction_trigger"}], tools=TOOLS)
    assert request.compacts
    assert "tools" not in request.body
    assert [one["role"] for one in request.body["messages"]] == ["user", "user"]


def test_a_refusal_of_the_history_stays_one() -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert messages([item]) == [{"role": "assistant", "content": None, "refusal": "No."}]


def test_the_configured_model_is_asked() -> None:
    assert asked(backend=replace(BACKEND, model="local")).body["model"] == "local"
