import asyncio

import pytest

from compare.session import README, play_session, with_session


def test_the_session_in_the_readme_is_what_a_run_shows() -> None:
    readme = README.read_text(encoding="utf-8")
    assert with_session(readme, asyncio.run(play_session())) == readme, "run `python -m compare session --write`"


def test_a_readme_without_a_place_for_it_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no line"):
        with_session("# other", "text")
