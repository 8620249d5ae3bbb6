"""What is a message of JSON-RPC to either version, row by row (captured: mcp_http/start_answered_*)."""

import json

import pytest

from pycodex.mcp.messages import debug_message, debug_option, fits_a_variant, fits_its_keys

ERROR = '"error":{"code":1,"message":"x"}'
ROWS = [  # the rest of a message, whether 0.115.0 takes it, whether 0.169.0 does
    ('"id":7,"result":{}', True, True),
    ('"id":-1,"result":null', True, True),
    ('"id":"a","result":"hi"', True, True),
    ('"id":9223372036854775807,"result":{}', True, True),
    ('"id":9223372036854775808,"result":{}', False, False),
    ('"id":1.5,"result":{}', False, False),
    ('"id":true,"result":{}', False, False),
    ('"id":null,"result":{}', False, False),
    ('"result":{}', False, False),
    ('"id":7', False, False),
    (f'"id":7,{ERROR}', True, True),
    (f'"id":null,{ERROR}', False, True),
    (ERROR, False, True),
    (f'"id":1.5,{ERROR}', False, False),
    ('"id":7,"error":{"code":"1","message":"x"}', False, False),
    ('"id":7,"error":{"code":"1","message":"x"},"result":{}', True, False),
    ('"id":7,"error":{"code":2147483648,"message":"x"}', False, False),
    ('"id":7,"error":{"code":1}', False, False),
    ('"id":7,"error":"x"', False, False),
    ('"method":"x"', True, True),
    ('"method":"x","params":null', True, True),
    ('"method":"x","params":{"a":1}', True, True),
    ('"method":"x","params":[]', False, False),
    ('"method":5', False, False),
    ('"method":"x","id":7', True, True),
    ('"method":"x","id":null', True, False),
    ('"method":"x","id":7.5', True, False),
    ('"method":"x","result":{}', True, False),
]


@pytest.mark.parametrize(("rest", "old", "new"), ROWS)
def test_which_version_takes_it(rest: str, old: bool, new: bool) -> None:
    value = json.loads(f'{{"jsonrpc":"2.0",{rest}}}')
    assert (fits_a_variant(value), fits_its_keys(value)) == (old, new)


@pytest.mark.parametrize("text", ['"hello"', "[]", '{"id":7,"result":{}}', '{"jsonrpc":"1.0","id":7,"result":{}}'])
def test_neither_takes_what_does_not_say_that_it_is_one(text: str) -> None:
    assert not fits_a_variant(json.loads(text))
    assert not fits_its_keys(json.loads(text))


DEBUG = [  # as the log of 0.115.0 had them
    ('"id":"a","result":{}', 'Response({}id: String("a"), result: EmptyResult(EmptyObject) }})'),
    (
        '"id":7,"result":{"a":{"b":[]}}',
        'Response({}id: Number(7), result: CustomResult(CustomResult(Object {{"a": Object {{"b": Array []}}}})) }})',
    ),
    (
        '"id":7,"error":{"code":1,"message":"x","data":[1]}',
        'Error({}id: Number(7), error: ErrorData {{ code: ErrorCode(1), message: "x", data: Some(Array [Number(1)]) '
        "}} }})",
    ),
    (
        '"id":null,"method":"x","params":{"a":["b",null,true,1.5]}',
        'Notification({}notification: CustomNotification(CustomNotification {{ method: "x", params: Some(Object {{"a": '
        'Array [String("b"), Null, Bool(true), Number(1.5)]}}), extensions: Extensions }}) }})',
    ),
    (
        '"id":7,"method":"x"',
        'Request({}id: Number(7), request: CustomRequest(CustomRequest {{ method: "x", params: None, extensions: '
        "Extensions }}) }})",
    ),
]


@pytest.mark.parametrize(("rest", "form"), DEBUG)
def test_the_debug_form(rest: str, form: str) -> None:
    kind = form.partition("(")[0]
    told = form.format(f"JsonRpc{kind} {{ jsonrpc: JsonRpcVersion2_0, ")
    assert debug_message(json.loads(f'{{"jsonrpc":"2.0",{rest}}}')) == told


def test_what_may_not_be_there() -> None:
    assert (debug_option(None), debug_option("a")) == ("None", 'Some("a")')
