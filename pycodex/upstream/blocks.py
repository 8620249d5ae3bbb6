"""The parts of the initial context: each function renders one, from the settings of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.upstream.permissions import filesystem_element

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "agents_md_for_cwd",
    "agents_md_for_projects",
    "agents_text",
    "collaboration_mode",
    "deferred_tools",
    "developer_instructions",
    "environment",
    "environment_update",
    "environment_with_filesystem",
    "model_switch",
    "removed_tools",
    "turn_aborted",
]

_DOCS_JOINT = "\n\n--- project-doc ---\n\n"


def developer_instructions(settings: Settings) -> str | None:
    """`developer_instructions` of the configuration."""
    return settings.config.developer_instructions


def agents_text(settings: Settings) -> str | None:
    """The texts of all AGENTS.md files in one; None when there is none."""
    home = settings.docs.home[1].strip() if settings.docs.home else ""
    projects = "\n\n".join(text for _, text in settings.docs.docs)
    if home and projects:
        return home + _DOCS_JOINT + projects
    return home or projects or None


def _agents_md(settings: Settings, where: str) -> str | None:
    text = agents_text(settings)
    if text is None:
        return None
    return f"# AGENTS.md instructions{where}\n\n<INSTRUCTIONS>\n{text}\n</INSTRUCTIONS>"


def agents_md_for_cwd(settings: Settings) -> str | None:
    """AGENTS.md texts under a heading that always names the working directory."""
    return _agents_md(settings, f" for {settings.cwd}")


def agents_md_for_projects(settings: Settings) -> str | None:
    """AGENTS.md texts under a heading that names the working directory only if the project has such a file."""
    return _agents_md(settings, f" for {settings.cwd}" if settings.docs.docs else "")


def _lines(*lines: str) -> str:
    return "\n".join(("<environment_context>", *(f"  {line}" for line in lines), "</environment_context>"))


def _place(settings: Settings) -> tuple[str, str]:
    return f"<cwd>{settings.cwd}</cwd>", f"<shell>{settings.shell.name}</shell>"


def _time(settings: Settings) -> tuple[str, str]:
    return (
        f"<current_date>{settings.today}</current_date>",
        f"<timezone>{settings.timezone}</timezone>",
    )


def environment(settings: Settings) -> str:
    """environment_context: where and when."""
    return _lines(*_place(settings), *_time(settings))


def environment_with_filesystem(settings: Settings) -> str:
    """environment_context: where, when, and what may be read and written."""
    return _lines(*_place(settings), *_time(settings), filesystem_element(settings))


def environment_update(settings: Settings, *, moved: bool) -> str:
    """environment_context of a later turn: the place only when it changed."""
    place = _place(settings) if moved else ()
    return _lines(*place, *_time(settings), filesystem_element(settings))


def deferred_tools(settings: Settings) -> str | None:
    """The tool namespaces that have to be searched for, for models that can."""
    if not settings.model.get("supports_search_tool"):
        return None
    return settings.data.text("tools_deferred.prompt.md" if settings.mode == "prompt" else "tools_deferred.md")


def collaboration_mode(settings: Settings) -> str | None:
    """How a person and the agent work together; a run without a person is not told."""
    return settings.data.text("collaboration_mode.md") if settings.mode == "prompt" else None


def removed_tools(settings: Settings) -> str:
    """Says that no such namespace is left."""
    return settings.data.text("tools_removed.md")


def turn_aborted(settings: Settings) -> str:
    """What an interrupted turn leaves in its thread."""
    return settings.data.text("turn_aborted.md")


def model_switch(settings: Settings) -> str:
    """Tells a model that another one began the thread."""
    return settings.data.text("model_switch.md").replace(
        "{base_instructions}", settings.dialect.body.instructions(settings.model.base_instructions)
    )
