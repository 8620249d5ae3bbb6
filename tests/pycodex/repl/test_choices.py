"""What a choice makes of the settings, before the first turn of a thread and after it."""

from __future__ import annotations

from pathlib import Path

from pycodex.repl.choices import efforts, listed_models, usual_effort, with_effort, with_model
from pycodex.upstream.toolset import agents_version
from tests.pycodex.sessions import settings_in

OTHER = "gpt-6-sol"
"""A model with another kind of agents, and with a service tier in its row."""


def test_before_the_first_turn_all_is_of_the_other_model(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0")
    chosen = with_model(settings, OTHER)
    assert (agents_version(settings), agents_version(chosen)) == ("v1", "v2")
    assert chosen.model.slug == OTHER and chosen.base_instructions != settings.base_instructions


def test_a_thread_keeps_the_agents_and_the_tier_that_it_began_with(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0")
    chosen = with_model(settings, OTHER, begun=True)
    assert agents_version(chosen) == "v1"
    assert (settings.service_tier, chosen.service_tier, chosen.sent_tier) == (None, "default", None)


def test_an_effort_of_ones_own_and_the_models(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.115.0")
    assert with_effort(settings, "high").reasoning_effort == "high"
    assert with_effort(with_effort(settings, "high"), None).reasoning_effort == "medium"
    assert usual_effort(settings, settings.model.slug) == "medium" and usual_effort(settings, "unknown") is None
    assert settings.model.slug in listed_models(settings)
    assert "high" in [effort for effort, _ in efforts(settings, settings.model.slug)]
