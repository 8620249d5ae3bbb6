from pathlib import Path
from typing import Any

import pytest

from pycodex.plans import heard, split_plan
from pycodex.progress import Sample
from pycodex.records import replace
from tests.pycodex.sessions import says, settings_in

PLAN = "<proposed_plan>\nDo it.\n</proposed_plan>"


@pytest.mark.parametrize(
    ("text", "said", "plan"),
    [
        ("No plan.", "No plan.", None),
        (PLAN, "", "Do it.\n"),
        (f"Before.\n  {PLAN} \t\nAfter.", "Before.\nAfter.", "Do it.\n"),
        ("<proposed_plan>\nNo end", "", "No end"),
        ("<proposed_plan>\n</proposed_plan>\n", "", ""),
        ("A <proposed_plan>\n</proposed_plan>\n", "A <proposed_plan>\n</proposed_plan>\n", None),
        ("<proposed_plan>\nA\n<proposed_plan>\nB", "", "A\n<proposed_plan>\nB"),
        (f"{PLAN}\nand\n<proposed_plan>\nThat.", "and\n", "That."),
        ("<proposed_plan>\na\u2028</proposed_plan>\x0b\n", "", "a\u2028</proposed_plan>\x0b\n"),
    ],
)
def test_a_plan_is_what_stands_between_two_lines(text: str, said: str, plan: str | None) -> None:
    assert split_plan(text) == (said, plan)


def test_plan_mode_hears_the_first_plan_of_an_answer(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    planning, sample = replace(settings, collaboration="plan"), Sample()
    assert heard(says(PLAN), sample, settings) == (None, None)
    assert heard(says("No plan."), sample, planning) == (None, None)
    assert heard(says(f"So:\n{PLAN}"), sample, planning) == ("So:\n", "Do it.\n")
    assert heard(says(PLAN), sample, planning) == ("", None)
    assert heard(says(PLAN), Sample(), planning) == ("", "Do it.\n")
    user: dict[str, Any] = {**says(PLAN), "role": "user"}
    assert heard(user, Sample(), planning) == (None, None)
