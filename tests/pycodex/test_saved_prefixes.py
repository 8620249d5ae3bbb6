import json
from pathlib import Path

import pytest

from pycodex.approvals import Run, decide
from pycodex.saved_prefixes import allow_prefix, wanted_prefix, with_prefix
from tests.pycodex.sessions import settings_in


def call(arguments: str) -> list[dict[str, str]]:
    return [{"type": "function_call", "call_id": "c", "arguments": arguments}]


@pytest.mark.parametrize(
    ("arguments", "prefix"),
    [
        (json.dumps({"prefix_rule": ["touch"]}), ("touch",)),
        (json.dumps({"prefix_rule": ["git", "pull"]}), ("git", "pull")),
        (json.dumps({"prefix_rule": ["/usr/bin/python3"]}), ()),
        (json.dumps({"prefix_rule": "touch"}), ()),
        (json.dumps({"prefix_rule": [1]}), ()),
        ("{}", ()),
        ("[]", ()),
        ("{", ()),
    ],
)
def test_the_model_may_wish_for_a_beginning_that_is_not_too_wide(arguments: str, prefix: tuple[str, ...]) -> None:
    assert wanted_prefix(call(arguments), "c") == prefix
    assert wanted_prefix(call(arguments), "other") == ()


def test_the_rule_is_written_once(tmp_path: Path) -> None:
    for _ in range(2):
        allow_prefix(tmp_path, ["touch", "a b"])
    line = 'prefix_rule(pattern=["touch", "a b"], decision="allow")\n'
    assert (tmp_path / "rules" / "default.rules").read_text() == line


def test_what_begins_so_may_leave_the_sandbox(tmp_path: Path) -> None:
    settings = with_prefix(settings_in(tmp_path, upstream="0.169.0"), ["touch"])
    style = settings.dialect.exec.approval
    for script, confined in (("touch x", False), ("rm x", True)):
        verdict = decide("on-request", settings.rules, style, ["/bin/bash", "-lc", script])
        assert verdict == Run(confined=confined)
