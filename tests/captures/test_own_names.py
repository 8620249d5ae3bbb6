"""Which words of a run mean themselves, and which fell by chance."""

from captures.own_names import literal_ids, nicknames
from captures.scenario import Scenario, scenario_from_data

ID = "00000000-0000-7000-8000-000000000000"


def scenario(**config: object) -> Scenario:
    data = {"format": 1, "rule": "a rule that is long enough", "config": config, "runs": [{"argv": ["exec", ID]}]}
    return scenario_from_data(data, "x/y", "here")


def test_ids_of_the_scenario_mean_themselves() -> None:
    assert literal_ids(scenario()) == {ID}


def test_nicknames_are_those_that_the_scenario_does_not_give() -> None:
    rollouts = [b'{"agent_nickname":"Mill"}', b'{"output":"{\\"nickname\\":\\"Ann\\"}"}']
    assert nicknames(scenario(), rollouts, []) == {"Mill", "Ann"}
    assert nicknames(scenario(agents={"a": {"nickname_candidates": ["Ann"]}}), rollouts, []) == {"Mill"}
