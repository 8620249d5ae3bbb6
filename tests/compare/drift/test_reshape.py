from captures.noise import NoiseRule
from captures.recording import Recording
from compare.drift.reshape import by_name, reshape, reworded, tool_name
from compare.surfaces import Path, surface_of
from tests.compare.samples import tree_115, tree_169


def reshaped(tree: dict[str, object], *rules: NoiseRule, version: str = "0.115.0", model: str = "") -> Recording:
    recording = Recording(lane=f"{version}/direct", scenario="exec/hello", tree=tree, noise=rules)
    return reshape(recording, version, model)


def moved(tree: dict[str, object], path: Path) -> Path | None:
    rules = reshaped(tree, NoiseRule(path=path, kind="optional")).noise
    return rules[0].path if rules else None


def test_headers_and_tools_are_known_by_name_in_their_order() -> None:
    request = reshaped(tree_115()).tree["requests"][0]
    assert list(request["head"])[:2] == ["x-codex-turn-metadata", "session_id"]
    assert request["head"]["session_id"] == "<uuid7:thread>"
    assert list(request["body"]["tools"]) == ["exec_command", "write_stdin", "web_search"]


def test_tools_in_the_input_and_in_a_namespace_are_too() -> None:
    tree = tree_169()
    tree["requests"][0]["body"]["input"][0]["tools"] = [{"type": "namespace", "name": "a", "tools": [{"name": "b"}]}]
    assert reshaped(tree).tree["requests"][0]["body"]["input"][0]["tools"]["a"]["tools"] == {"b": {"name": "b"}}


def test_the_base_prompt_is_one_thing_wherever_it_stands() -> None:
    old, new = (reshaped(tree).tree["requests"][0]["body"] for tree in (tree_115(), tree_169()))
    assert old["instructions"]["text"] == new["instructions"]["text"] == "You are Codex."
    assert old["instructions"]["place"] != new["instructions"]["place"]
    assert [item["type"] for item in new["input"]] == ["additional_tools", "message", "message"]


def test_a_run_is_the_run_of_its_number() -> None:
    assert list(reshaped(tree_115()).tree["runs"]) == [0]
    assert moved(tree_115(), ("runs", "*", "stderr", 1)) == ("runs", "*", "stderr", 1)


def test_surfaces_stay_what_they_are() -> None:
    tree = reshaped(tree_169()).tree
    body: Path = ("requests", 0, "body")
    assert surface_of((*body, "instructions", "text"), tree) == "instructions"
    assert surface_of((*body, "input", 0, "tools", "exec_command"), tree) == "tools"
    assert surface_of(("requests", 0, "head", "thread-id"), tree) == "head"


def test_noise_moves_with_its_place() -> None:
    head: Path = ("requests", 0, "head")
    assert moved(tree_115(), head) == head
    assert moved(tree_115(), (*head, 1, 1)) == (*head, "session_id")
    assert moved(tree_115(), (*head, 1, 0)) is None
    assert moved(tree_115(), ("runs", 0, "stderr", 1)) == ("runs", 0, "stderr", 1)
    items: Path = ("requests", 1, "body", "input")
    assert moved(tree_115(), (*items, 4, "output")) == (*items, 4, "output")
    assert moved(tree_169(), (*items, 5, "output")) == (*items, 4, "output")
    assert moved(tree_169(), (*items, 1, "content")) is None
    assert moved(tree_169(), ("requests", "*", "body", "input", 5)) == ("requests", "*", "body", "input", 4)


def test_version_and_model_of_the_lane_are_put_back() -> None:
    tree = {"runs": [{"stdout": ["v0.115.0 10.115.0 0.115.01 gpt-5.4 gpt-5.4-mini"]}], "requests": []}
    assert reworded(tree, "0.115.0")["runs"][0]["stdout"] == ["v<version> 10.115.0 0.115.01 gpt-5.4 gpt-5.4-mini"]
    assert reworded(tree, "0.115.0", "gpt-5.4")["runs"][0]["stdout"] == [
        "v<version> 10.115.0 0.115.01 <model> gpt-5.4-mini"
    ]


def test_the_noise_speaks_of_the_same_words() -> None:
    rule = NoiseRule(path=("runs", 0, "stderr", 0), kind="text", args={"template": "v0.115.0 in {0}s", "slots": []})
    assert reshaped(tree_115(), rule).noise[0].args["template"] == "v<version> in {0}s"


def test_a_name_that_comes_again_is_counted() -> None:
    assert by_name(["a", "b", "a"], str) == {"a": "a", "b": "b", "a (2)": "a"}
    assert [tool_name(tool) for tool in ({"name": "x", "type": "function"}, {"type": "web_search"}, "odd")] == [
        "x",
        "web_search",
        "odd",
    ]
