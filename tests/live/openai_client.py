"""What the `openai` SDK and `openai-agents` make of a Responses server, in an environment that has them.

    python openai_client.py BASE_URL CASE

Each case asks, and asserts what it got; every object is held strictly against the SDK's own types.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import openai
from pydantic import BaseModel

TOOL: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def strictly(value: Any) -> None:
    """Raises where an object of the SDK is not what its type says."""
    type(value).model_validate_json(json.dumps(json.loads(value.model_dump_json(by_alias=True))), strict=True)


def stream(client: Any) -> None:
    include = ["reasoning.encrypted_content"]
    events = list(client.responses.create(model="m", input="hi", tools=[TOOL], stream=True, include=include))
    for event in events:
        strictly(event)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    response = events[-1].response
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call"]
    assert (response.output_text, response.usage.total_tokens) == ("I look.", 15)


def plain(client: Any) -> None:
    response = client.responses.create(model="m", input="hi", instructions="Be kind.")
    strictly(response)
    assert (response.status, response.output_text) == ("completed", "Hi.")


def structured(client: Any) -> None:
    class Answer(BaseModel):
        a: str

    assert client.responses.parse(model="m", input="hi", text_format=Answer).output_parsed == Answer(a="b")


def tools(client: Any) -> None:
    with client.responses.stream(model="m", input="hi", tools=[TOOL]) as events:
        for event in events:
            strictly(event)
        first = events.get_final_response()
    (call,) = first.output
    assert call.parsed_arguments == {"city": "Graz"}
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = client.responses.create(model="m", input=[output], previous_response_id=first.id)
    assert second.output_text == "Sunny."
    assert [item.type for item in client.responses.input_items.list(second.id, order="asc")] == [
        "message",
        "function_call",
        "function_call_output",
    ]
    assert client.responses.retrieve(second.id).id == second.id
    client.responses.delete(second.id)
    try:
        client.responses.retrieve(second.id)
    except openai.NotFoundError as error:
        assert error.code == "not_found"


def custom(client: Any) -> None:
    response = client.responses.create(model="m", input="hi", tools=[{"type": "custom", "name": "patch"}])
    strictly(response)
    assert [(item.type, item.input) for item in response.output] == [("custom_tool_call", "abc")]


def errors(client: Any) -> None:
    try:
        client.responses.create(model="m", input="hi")
    except openai.RateLimitError as error:
        assert (error.code, error.response.headers["retry-after"]) == ("rate_limit_exceeded", "7")
    else:
        raise AssertionError("no error")
    try:
        client.responses.create(model="m", input="hi", background=True)
    except openai.BadRequestError as error:
        assert error.param == "background"
    else:
        raise AssertionError("no error")


def agents(client: Any) -> None:
    from agents import Agent, Runner, function_tool, set_default_openai_client, set_tracing_disabled

    set_tracing_disabled(True)
    mine = openai.AsyncOpenAI(base_url=str(client.base_url), api_key="k", max_retries=0)
    set_default_openai_client(mine, use_for_tracing=False)

    @function_tool
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    async def run() -> str:
        agent = Agent(name="a", instructions="i", tools=[get_weather], model="m")
        result = Runner.run_streamed(agent, "How is the weather?")
        async for _ in result.stream_events():
            pass
        return str(result.final_output)

    assert asyncio.run(run()) == "Sunny."


CASES: dict[str, Callable[[Any], None]] = {
    case.__name__: case for case in (stream, plain, structured, tools, custom, errors, agents)
}

if __name__ == "__main__":
    CASES[sys.argv[2]](openai.OpenAI(base_url=sys.argv[1], api_key="k", max_retries=0))
