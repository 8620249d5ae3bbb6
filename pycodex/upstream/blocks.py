"""The parts of the initial context: each function renders one, from the settings of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.upstream.instructions import personality_words
from pycodex.upstream.permissions import filesystem_element
from pycodex.upstream.toolset import SEATS, agents_version, offered_agents, seats

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "agents_md_for_cwd",
    "agents_md_for_projects",
    "agents_md_update",
    "agents_text",
    "base_instructions",
    "changed_tools",
    "collaboration_mode",
    "deferred_tools",
    "delegation",
    "developer_instructions",
    "developer_instructions_or_nothing",
    "environment",
    "environment_in_time",
    "environment_update",
    "environment_with_filesystem",
    "model_instructions",
    "model_switch",
    "multi_agent_hint",
    "multi_agent_mode",
    "multi_agent_role",
    "personality_changed",
    "removed_tools",
    "turn_aborted",
]

_DOCS_JOINT = "\n\n--- project-doc ---\n\n"


_PROACTIVE_EFFORT = "ultra"


def base_instructions(settings: Settings) -> str:
    """The base prompt."""
    return settings.base_instructions


def _messages(settings: Settings, *path: str) -> str | None:
    """A text of the model's catalog row, below `model_messages`."""
    value: Any = settings.model.get("model_messages")
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        return settings.data.text(value["$text"])
    return value if isinstance(value, str) else None


def collaboration_mode(settings: Settings) -> str | None:
    """How a person and the agent work together: what the model's catalog row says of it, else upstream's own words.

    A run without a person is told only the former.
    """
    text = _messages(settings, "collaboration_modes", settings.collaboration)
    if text is not None:
        return f"<collaboration_mode>{text}</collaboration_mode>"
    if not settings.collaborates:
        return None
    return settings.data.text(
        "collaboration_mode.plan.md" if settings.collaboration == "plan" else "collaboration_mode.md"
    )


def _in_team(settings: Settings) -> bool:
    return agents_version(settings) == "v2"


def _seated(text: str, settings: Settings) -> str:
    """The text with as many agents as there may be at once (captured: agents/v2_seats)."""
    words = "There are {seats} available concurrency slots, meaning that up to {seats} agents"
    return text.replace(words.format(seats=SEATS), words.format(seats=seats(settings)))


def multi_agent_role(settings: Settings) -> str | None:
    """Who the model is among agents, for models that work in teams; in the words of its catalog row."""
    if not _in_team(settings):
        return None
    role = _messages(settings, "multi_agent", "role", "root" if settings.subagent is None else "subagent")
    return (
        None if role is None else _seated(settings.data.text("multi_agent_role.md"), settings).replace("{role}", role)
    )


def multi_agent_hint(settings: Settings) -> str | None:
    """The same in the program's own words, for models whose catalog row has none."""
    if not _in_team(settings) or multi_agent_role(settings) is not None:
        return None
    text = settings.data.text(f"multi_agent_role.{'default' if settings.subagent is None else 'subagent'}.md")
    return _seated(text, settings)


def delegation(settings: Settings) -> str | None:
    """How free a model in a team is to delegate: the highest effort asks for it."""
    if not _in_team(settings):
        return None
    return "proactive" if settings.reasoning_effort == _PROACTIVE_EFFORT else "explicitRequestOnly"


def multi_agent_mode(settings: Settings) -> str | None:
    """The same in words."""
    mode = delegation(settings)
    return None if mode is None else settings.data.text(f"multi_agent_mode.{mode}.md")


def developer_instructions(settings: Settings) -> str | None:
    """`developer_instructions` of the configuration."""
    return settings.config.developer_instructions or None


def developer_instructions_or_nothing(settings: Settings) -> str | None:
    """The same; where they are empty, an empty text (captured: context/developer_instructions_empty)."""
    return settings.config.developer_instructions


_REPL_ONLY = "js_repl_tools_only"


def agents_text(settings: Settings) -> str | None:
    """The texts of all AGENTS.md files in one, and what is said of js_repl (captured: js_repl/declared); None when
    there is none."""
    home = settings.docs.home[1].strip() if settings.docs.home else ""
    projects = "\n\n".join(text for _, text in settings.docs.docs)
    text = home + _DOCS_JOINT + projects if home and projects else home or projects
    if "js_repl" in settings.features:
        more = settings.data.text("js_repl.only.md" if _REPL_ONLY in settings.features else "js_repl.md")
        text = f"{text}\n\n{more}" if text else more
    return text or None


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


def agents_md_update(settings: Settings, *, replaced: bool) -> str:
    """What a thread that goes on is told of its AGENTS.md; `replaced`: of one in place of another (captured:
    context/agents_md_changed)."""
    text = agents_md_for_projects(settings)
    if text is None:
        return settings.data.text("agents_md_gone.md")
    if not replaced:
        return text
    head, _, rest = text.partition("<INSTRUCTIONS>\n")
    return f"{head}<INSTRUCTIONS>\n{settings.data.text('agents_md_replaced.md')}\n\n{rest}"


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


def environment_in_time(settings: Settings) -> str:
    """environment_context: only when."""
    return _lines(*_time(settings))


def environment_with_filesystem(settings: Settings) -> str:
    """environment_context: where, when, and what may be read and written."""
    return _lines(*_place(settings), *_time(settings), filesystem_element(settings))


def environment_update(settings: Settings, *, moved: bool) -> str:
    """environment_context of a later turn: the place only when it changed."""
    place = _place(settings) if moved else ()
    return _lines(*place, *_time(settings), filesystem_element(settings))


def deferred_tools(settings: Settings) -> str | None:
    """The tool namespaces that have to be searched for, for models that can."""
    if "deferred_tool_world_state" not in settings.features or not settings.model.get("supports_search_tool"):
        return None
    searched = offered_agents(settings) == "v1"
    found = settings.data.text("tools_deferred.md") if searched else None
    if settings.mode == "prompt":
        found = settings.data.text("tools_deferred.prompt.md" if searched else "tools_deferred.prompt.no_agents.md")
    spaces = {} if settings.mcp is None else settings.mcp.summaries()
    if not spaces:
        return found
    # The usual ones give the words around the list (captured: mcp/call).
    opening, heading, *rows, ending = (found or settings.data.text("tools_deferred.md")).split("\n")
    more = [f"- {name}: {told}" if told else f"- {name}" for name, told in spaces.items()]
    return "\n".join([opening, heading, *sorted([*(rows if found else ()), *more]), ending])


def changed_tools(settings: Settings, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Says which such namespaces are new, or which are gone (captured: interactive/compact_resumed,
    interactive/resume_exec_thread)."""
    more = {name: told for name, told in now.items() if name not in before}
    gone = {name: told for name, told in before.items() if name not in now}
    if not before or not (more or gone):
        return deferred_tools(settings) or ""
    opening, added, _, ending = settings.data.text("tools_added.md").split("\n")
    _, removed, _, nothing_left, _ = settings.data.text("tools_removed.md").split("\n")
    rows = []
    for heading, names in ((added, more), (removed, gone)):
        rows += [heading, *(f"- {name}: {told}" if told else f"- {name}" for name, told in names.items())] * bool(names)
    return "\n".join([opening, *rows, *([] if now else [nothing_left]), ending])


def removed_tools(names: Sequence[str]) -> str:
    """Says which of the tools that a thread began with are gone (captured: agents/v2_waited_for)."""
    return "\n".join(
        ["The following tools are no longer available. Do not call them:", *(f"- {name}" for name in names)]
    )


def turn_aborted(settings: Settings) -> tuple[str, str]:
    """What an interrupted turn leaves in its thread, and who says so: among agents not the user (captured:
    code_mode/interactive/interrupt_in_text, direct/interactive/interrupt_in_team)."""
    if _in_team(settings):
        return "developer", settings.data.text("turn_aborted.team.md")
    return "user", settings.data.text("turn_aborted.md")


def model_instructions(settings: Settings, *, switched: bool) -> str:
    """The base prompt that counts from here on, where it is an item of the history; `switched`: and another model."""
    text = settings.data.text("model_instructions.md")
    if not switched:  # captured: context/base_instructions_changed
        text = "".join(line for line in text.splitlines(keepends=True) if "{model}" not in line)
    return text.replace("{model}", settings.model.slug).replace("{base_instructions}", settings.base_instructions)


def personality_changed(settings: Settings) -> str | None:
    """Tells a model of another personality, where it has words for it."""
    words = personality_words(settings)
    if words is None:
        return None
    return settings.data.text("personality_changed.md").replace("{personality}", words)


def model_switch(settings: Settings) -> str:
    """Tells a model that another one began the thread: its prompt is its own, not the thread's, or the user's."""
    custom = settings.custom_instructions
    text = settings.dialect.models.base_instructions(settings) if custom is None else custom
    return settings.data.text("model_switch.md").replace(
        "{base_instructions}", settings.dialect.body.instructions(text, settings)
    )
