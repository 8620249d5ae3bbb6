import json
import subprocess
from pathlib import Path

import pytest

from pycodex import review
from pycodex.upstream import load_dialect
from tests.pycodex.sessions import settings_in

STYLE = load_dialect().review
ARGUMENTS = load_dialect().arguments
FINDING = {
    "title": "T",
    "body": "one\ntwo\n",
    "confidence_score": 0.1,
    "priority": 1,
    "code_location": {"absolute_file_path": "/p", "line_range": {"start": 1, "end": 2}},
}
WHOLE = {
    "findings": [FINDING],
    "overall_correctness": "c",
    "overall_explanation": " e ",
    "overall_confidence_score": 0.123456789,
}


@pytest.mark.parametrize("around", ["%s", "Here:\n```json\n%s\n```\nBye"])
def test_json_is_found_amid_words(around: str) -> None:
    found = review.parse(around % json.dumps(WHOLE), ARGUMENTS)
    assert found.record() == {**WHOLE, "overall_confidence_score": 0.12345679}


@pytest.mark.parametrize(
    "text", ["fine", "{}", "", '{"findings":[]}', json.dumps({**WHOLE, "findings": [{**FINDING, "priority": None}]})]
)
def test_anything_else_is_the_explanation(text: str) -> None:
    assert review.parse(text, ARGUMENTS) == review.Review(explanation=text)


def test_how_it_is_told() -> None:
    one = review.parse(json.dumps(WHOLE), ARGUMENTS)
    comment = "Review comment:\n\n- T — /p:1-2\n  one\n  two"
    assert review.told(one, STYLE) == f"e\n\n{comment}"
    assert review.results(one, STYLE) == f"e\n\n{comment}"
    two = review.Review(findings=[FINDING, {**FINDING, "body": ""}])
    assert review.told(two, STYLE).startswith("Full review comments:\n\n- T")
    assert review.told(two, STYLE).endswith("\n\n- T — /p:1-2")
    assert review.told(review.Review(explanation=" "), STYLE) == "Reviewer failed to output a response."
    assert review.results(review.Review(explanation=" "), STYLE) == ""


@pytest.mark.parametrize(
    ("target", "words", "record"),
    [
        (review.Uncommitted(), "current changes", {"type": "uncommittedChanges"}),
        (review.BaseBranch(branch=" main "), "changes against 'main'", {"type": "baseBranch", "branch": "main"}),
        (
            review.Commit(sha="0123456789", title=" "),
            "commit 0123456",
            {"type": "commit", "sha": "0123456789", "title": None},
        ),
        (review.Commit(sha="ab", title="T"), "commit ab: T", {"type": "commit", "sha": "ab", "title": "T"}),
        (review.Custom(instructions=" look "), "look", {"type": "custom", "instructions": "look"}),
    ],
)
def test_targets(target: review.Target, words: str, record: dict[str, str]) -> None:
    normal = review.normal(target)
    assert review.hint(normal, STYLE) == words
    assert review.described(normal) == record


async def test_a_branch_is_asked_about_from_where_it_parts(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    unknown = await review.prompt(review.BaseBranch(branch="main"), settings)
    assert "main@{upstream}" in unknown

    def git(*words: str) -> str:
        who = ("-c", "user.name=n", "-c", "user.email=e@example.com")
        done = subprocess.run(["git", *who, *words], cwd=settings.cwd, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("branch", "side")
    git("commit", "-q", "--allow-empty", "-m", "two")
    asked = await review.prompt(review.BaseBranch(branch="side"), settings)
    assert f"`git diff {git('rev-parse', 'side')}`" in asked
    titled = await review.prompt(review.Commit(sha="abc", title="T"), settings)
    assert 'commit abc ("T")' in titled
    assert await review.prompt(review.Custom(instructions="look"), settings) == "look"
