"""Random JSON that is nearly right: objects as raw pairs of texts, so that they can be wrong in every way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

__all__ = ["mutated"]

_ODD = (
    *("null", "true", "false", "0", "-0", "-1", "1", "7", "250", "1.5", "500.0", "1e3", "1E2", "1e400", "-1e-400"),
    *("2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616"),
    *("123456789012345678901234567890", "0.1", "1e-7", "123456789.125", "1e15", "1e16", "1e17", "3.0e20"),
    *("[]", "[1]", '["a"]', '["a","b"]', '[["a"]]', "[null]", "{}", '{"a":1}', '{"x":null}', '{"enabled":true}'),
    *('""', '"x"', '"."', '"é😀"', '"\\u0041"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00x"', '"\\n\\t\\"\\\\"'),
    *('"use_default"', '"require_escalated"', '"with_additional_permissions"', '"bash"', '"/bin/sh"', '"in_progress"'),
    *("01", "+1", ".5", "1.", "1e", "-", "--1", "NaN", "Infinity", "tru", "nul", "truex", "'x'", '"open', '"\\x"'),
    *('"\\u12"', '"\\u12G4"', '"a\nb"', '"a\tb"', '"\x01"', "[1,]", "[", "[1", '{"a":1,}', '{"a"}', "{a:1}", "", " "),
)
"""Values, valid and not, that a parser may have an opinion about."""

_NAMES = ("cmd", "Cmd", "command", "session_id", "chars", "x", "", "é", "a b", "workdir", "plan", "explanation", "tty")
_NOISE = ("", " ", "\n", "\t", "\r\n", "  \n", "\f", "\ufeff", "x", "}", "{", "]", ",", ":", '"', "\\", "/* */", "null")

_Pairs = list[tuple[str, str]]


def mutated(random: Random, valid: Mapping[str, Any]) -> str:
    """The JSON text of `valid` after one to three random changes, of its values or of the text itself."""
    pairs: _Pairs = [(_dump(key), _dump(value)) for key, value in valid.items()]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        pairs = random.choice(_CHANGES)(random, pairs)
    text = _written(random, pairs)
    if random.random() < 0.1:
        text = random.choice(_ODD)
    if random.random() < 0.1:
        text = random.choice(("[" + text + "]", "[]", "[" + ",".join(value for _, value in pairs) + "]"))
    if random.random() < 0.25:
        text = random.choice(_SPOILERS)(random, text)
    return text


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _written(random: Random, pairs: _Pairs) -> str:
    comma, colon = random.choice(((",", ":"), (",", ":"), (", ", ": "), (",\n ", ":")))
    return "{" + comma.join(key + colon + value for key, value in pairs) + "}"


def _replace(random: Random, pairs: _Pairs) -> _Pairs:
    if not pairs:
        return pairs
    at = random.randrange(len(pairs))
    return [*pairs[:at], (pairs[at][0], random.choice(_ODD)), *pairs[at + 1 :]]


def _drop(random: Random, pairs: _Pairs) -> _Pairs:
    at = random.randrange(len(pairs)) if pairs else 0
    return [*pairs[:at], *pairs[at + 1 :]]


def _add(random: Random, pairs: _Pairs) -> _Pairs:
    at = random.randint(0, len(pairs))
    return [*pairs[:at], (_dump(random.choice(_NAMES)), random.choice(_ODD)), *pairs[at:]]


def _twice(random: Random, pairs: _Pairs) -> _Pairs:
    return [*pairs, random.choice(pairs)] if pairs else pairs


def _shuffle(random: Random, pairs: _Pairs) -> _Pairs:
    return random.sample(pairs, len(pairs))


def _escape_key(random: Random, pairs: _Pairs) -> _Pairs:
    """A key written with an escape: the same key to a parser."""
    if not pairs or len(pairs[0][0]) < 3:
        return pairs
    key, value = pairs[0]
    return [(f'"\\u{ord(key[1]):04x}{key[2:]}', value), *pairs[1:]]


def _nest(random: Random, pairs: _Pairs) -> _Pairs:
    """An unknown key with a deep value: parsers have a limit."""
    depth = random.choice((3, 100, 126, 127, 128, 129, 200))
    return [*pairs, ('"deep"', "[" * depth + "]" * depth)]


_CHANGES: Sequence[Any] = (_replace, _replace, _replace, _drop, _add, _add, _twice, _shuffle, _escape_key, _nest)


def _cut(random: Random, text: str) -> str:
    return text[: random.randint(0, len(text))]


def _insert(random: Random, text: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(_NOISE) + text[at:]


def _delete(random: Random, text: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + text[at + 1 :]


def _trail(random: Random, text: str) -> str:
    return text + random.choice(_NOISE)


_SPOILERS: Sequence[Any] = (_cut, _insert, _delete, _trail)
