import uuid
from pathlib import Path

import pytest

from pycodex.context import ContextManager
from pycodex.protocol import Item
from pycodex.records import replace
from pycodex.upstream.toolset import agents_version
from tests.pycodex.sessions import calls, says, settings_in


def roles(items: list[Item]) -> list[str]:
    return [str(item.get("role", item["type"])) for item in items]


def test_initial_context_once(tmp_path: Path) -> None:
    context = ContextManager(settings_in(tmp_path, upstream="0.115.0"))
    recorded, initial = context.open_turn()
    context.record_user("hi")
    assert (initial, len(recorded)) == (True, 2)
    assert roles(context.request_input()) == ["developer", "user", "user"]
    again, initial = context.open_turn()
    assert (again, initial) == ([], False)


def test_base_prompt_message_has_a_derived_id(tmp_path: Path) -> None:
    """Checked against captures: uuid5(uuid5(OID, thread), text)."""
    context = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    first = context.request_input()[0]
    namespace = uuid.uuid5(uuid.NAMESPACE_OID, context.thread.id)
    assert first["id"] == f"msg_{uuid.uuid5(namespace, first['content'][0]['text'])}"
    assert first["role"] == "developer"


@pytest.mark.parametrize(
    ("identity", "sent"),
    [("m1", False), ("msg_", False), ("_x", False), ("msg_x y", True), ("xmsg_1", True), ("call_abc", True)],
)
def test_malformed_ids_are_not_sent(tmp_path: Path, identity: str, sent: bool) -> None:
    context = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    context.record_model(says("x", identity))
    assert ("id" in context.request_input()[-1]) is sent
    assert context.history[-1]["id"] == identity


def test_ids_are_stripped_or_minted_by_dialect(tmp_path: Path) -> None:
    old = ContextManager(settings_in(tmp_path, upstream="0.115.0"))
    new = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    for context in (old, new):
        context.record_model(says("x", "msg_1"))
        call = calls("f")
        del call["id"]
        context.record_model(call)
        context.record_output(call, "out")
    assert all("id" not in item for item in old.request_input())
    assert [item["id"].split("_")[0] for item in new.request_input()] == ["msg", "msg", "fc", "fco"]


def test_unknown_items_are_dropped_and_reasoning_is_completed(tmp_path: Path) -> None:
    context = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    assert context.record_model({"type": "mystery", "id": "my_1"}) is None
    kept = context.record_model({"type": "reasoning", "id": "rs_1", "summary": [], "foo": 1})
    assert kept == {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": None}


def test_calls_and_outputs_are_paired(tmp_path: Path) -> None:
    context = ContextManager(settings_in(tmp_path, upstream="0.115.0"))
    context.history = [calls("f", call_id="a"), {"type": "function_call_output", "call_id": "lost", "output": "x"}]
    sent = context.request_input()
    assert [(item["call_id"], item.get("output")) for item in sent] == [("a", None), ("a", "aborted")]


def test_what_changed_is_said_on_resume(tmp_path: Path) -> None:
    first = ContextManager(settings_in(tmp_path, upstream="0.169.0"))
    first.open_turn()
    settings = settings_in(tmp_path, upstream="0.169.0", sandbox_mode="danger-full-access")
    later = ContextManager(settings, previous=first._previous)
    recorded, initial = later.open_turn()
    assert not initial
    assert [each.parts[0].kind for each in recorded] == [
        "permissions.instructions", "environments.environment_context",
    ]  # fmt: skip
    assert "<cwd>" not in recorded[1].item["content"][0]["text"]


TOOLS: list[Item] = [{"type": "additional_tools", "role": "developer", "tools": []}]


@pytest.mark.parametrize(("history", "kind"), [(TOOLS, "model.instructions"), ([], "model_switch.instructions")])
def test_what_changed_is_told_in_one_message_per_role(tmp_path: Path, history: list[Item], kind: str) -> None:
    """Captured: rollout/switch_models request 3, the model's part stands apart; rollout/opened_late: of a thread that
    did not begin with its tools."""
    began = settings_in(tmp_path, upstream="0.169.0", model="gpt-6-astra")
    now = settings_in(tmp_path, upstream="0.169.0", model="gpt-6.1-sol", overrides=["model_reasoning_effort=ultra"])
    previous = now.dialect.context.snapshot(began, bool(history))
    context = ContextManager(now, history=history, previous=previous)
    recorded, initial = context.open_turn([{"type": "function", "name": "f"}])
    told = [[part.kind for part in each.parts] for each in recorded]
    assert not initial
    assert told == [[kind], ["collaboration_mode.instructions", "multi_agent.mode_instructions"]]
    opening = [item["type"] for item in context.request_input(tools=[{"type": "function", "name": "f"}])[:2]]
    assert opening == ["additional_tools", "message"]


def test_a_thread_keeps_its_kind_of_agents(tmp_path: Path) -> None:
    alone = settings_in(tmp_path, upstream="0.169.0", model="gpt-6.1-sol")
    assert agents_version(alone) == "v2"
    assert agents_version(replace(alone, agents="v1")) == "v1"


LEFT_OUT = (
    "include_permissions_instructions=false",
    "include_environment_context=false",
    "include_collaboration_mode_instructions=false",
    "skills.include_instructions=false",
)


def kinds(context: ContextManager) -> list[str]:
    return [part.kind for item in context.open_turn()[0] for part in item.parts]


def test_parts_of_the_context_are_left_out(tmp_path: Path) -> None:
    lay_skill(tmp_path)
    every = kinds(ContextManager(settings_in(tmp_path)))
    assert every.index("host_skills.instructions") < every.index("permissions.instructions")
    assert kinds(ContextManager(settings_in(tmp_path, overrides=LEFT_OUT))) == ["tools.deferred_namespaces"]
    old = settings_in(tmp_path, upstream="0.115.0")
    old_off = settings_in(tmp_path, upstream="0.115.0", overrides=LEFT_OUT)
    assert kinds(ContextManager(old_off)) == kinds(ContextManager(old))


def test_without_permissions_the_skills_come_last(tmp_path: Path) -> None:
    lay_skill(tmp_path)
    settings = settings_in(tmp_path, overrides=LEFT_OUT[:1])
    assert kinds(ContextManager(settings))[:2] == ["tools.deferred_namespaces", "host_skills.instructions"]


def test_what_is_left_out_later_is_said_of_skills_alone(tmp_path: Path) -> None:
    lay_skill(tmp_path)
    every, few = settings_in(tmp_path), settings_in(tmp_path, overrides=LEFT_OUT)
    snapshot = every.dialect.context.snapshot
    went = ContextManager(few, previous=snapshot(every, False))
    assert kinds(went) == ["skills.instructions", "host_skills.instructions"]
    assert "not listed automatically" in str(went.history)
    assert kinds(ContextManager(every, previous=snapshot(few, False))) == [
        "host_skills.instructions",
        "permissions.instructions",
        "environments.environment_context",
        "skills.instructions",
    ]


def lay_skill(root: Path) -> None:
    folder = root / "home/skills/one"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: one\ndescription: First.\n---\n")
