"""Putting an agent together from config.toml: what `pycodex.open_settings` and the commands use."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.patch.program import Programs
    from pycodex.processes import ProcessManager
    from pycodex.protocol import Emit
    from pycodex.sandbox import SandboxMode
    from pycodex.settings import Settings
    from pycodex.tools.apply_patch import Patcher
    from pycodex.tools.base_tool import BaseTool, ToolRegistry
    from pycodex.tools.command_environment import CommandEnvironment

__all__ = ["builtin_tools", "open_settings"]


def open_settings(
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Sequence[str] = (),
    profile: str | None = None,
    model: str | None = None,
    sandbox_mode: SandboxMode | None = None,
    ephemeral: bool = False,
    upstream: str | None = None,
    attended: bool = False,
    vllm_endpoint: str | None = None,
) -> Settings:
    """Read `$CODEX_HOME/config.toml` and settle every choice.

    `attended`: somebody is asked (see AgentRuntime), and the model is told so, as codex-cli's terminal program does.
    `upstream`: version to speak as (default: $PYCODEX_UPSTREAM, else the newest). `vllm_endpoint`: a chat/completions
    backend that is asked in place of the configured provider; name its `model`. Raises ConfigError, DataError,
    UnknownVersion.
    """
    from pycodex.config_style import Launch
    from pycodex.settings import resolve
    from pycodex.upstream import load_dialect

    env = os.environ if env is None else env
    dialect = load_dialect(upstream or env.get("PYCODEX_UPSTREAM") or None)
    return resolve(
        dialect,
        cwd=Path(cwd) if cwd is not None else Path.cwd(),
        env=env,
        overrides=overrides,
        profile=profile,
        model=model,
        sandbox_mode=sandbox_mode,
        ephemeral=ephemeral,
        mode="prompt" if attended else "exec",
        launch=Launch(chat_endpoint=vllm_endpoint),
    )


def builtin_tools(settings: Settings, emit: Emit | None = None, *, after: ToolRegistry | None = None) -> ToolRegistry:
    """The dialect's tools for the model: declared in its order, with the handlers there are. `after`: they take the
    place of those tools, whose commands run on."""
    from pycodex.patch.program import Programs
    from pycodex.processes import ProcessManager
    from pycodex.protocol import CommandAbandoned
    from pycodex.tools.apply_patch import ApplyPatch, Patcher
    from pycodex.tools.base_tool import ToolRegistry
    from pycodex.tools.small import small_tools
    from pycodex.upstream.toolset import answered_names, declared_names, declared_tools, spaced_names, tools_for_code

    dialect = settings.dialect
    policy = settings.truncation_policy
    processes, programs = (after.running if after is not None else None) or (
        ProcessManager(
            buffer_bytes=dialect.truncate.buffer_bytes,
            omitted_marker=dialect.truncate.omitted_marker,
            waits_bounded=dialect.truncate.waits_bounded,
            signal_offset=dialect.processes.signal_offset,
        ),
        Programs(settings.config.codex_home, dialect.patch),
    )

    async def release() -> None:
        for session in processes.running():
            if emit is not None:
                text = session.all_output().decode(errors="replace")
                emit(CommandAbandoned(process_id=str(session.id), output=text))
        await processes.shutdown()
        programs.remove()

    def kill() -> None:
        processes.kill()
        programs.remove()

    late = _LateServers(settings)
    patcher = Patcher(dialect.patch, dialect.truncate, policy=policy, rules=settings.sandbox.rules)
    # Whether it is declared (in code mode it is not), a model that is made for patches can call it (captured).
    patches = (ApplyPatch(patcher, dialect.arguments),) if settings.model.get("apply_patch_tool_type") else ()
    declared = declared_tools(settings)
    names = answered_names(settings, declared)
    spaced = spaced_names([*declared, *tools_for_code(settings)])
    # A handler counts only while its tool may be used (captured: else `unsupported call`).
    optional = [*small_tools(settings, names | spaced), *_agent_tools(settings, names)]
    registry = ToolRegistry(
        tools=(
            *optional,
            *patches,
            *_mcp_tools(settings, names),
            *_search(settings, declared_names(declared)),
            *_command_tools(settings, processes, patcher, programs),
        ),
        release=release,
        kill=kill,
        running=(processes, programs),
        asked=None if settings.mcp is None else lambda: late.look(registry),
        declared=declared,
        known=names,
        texts=dialect.toolset.texts,
    )
    if dialect.toolset.code is not None and "exec" in declared_names(declared):
        from pycodex.code_mode.tools import code_mode_tools

        registry.add(code_mode_tools(settings, registry))
    if "js_repl" in names:
        from pycodex.js_repl.tools import repl_tools

        repl_tools(settings, registry, _environment(settings, programs))
    return registry


class _LateServers:
    """The tools of servers that came in since a request was made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = 0 if settings.mcp is None else settings.mcp.settled

    def look(self, registry: ToolRegistry) -> None:
        """Before a request is made."""
        from pycodex.upstream.toolset import answered_names, declared_names, declared_tools

        settings, servers = self._settings, self._settings.mcp
        if servers is None:
            return
        if servers.settled != self._seen:
            self._seen = servers.settled
            declared = declared_tools(settings)
            names = answered_names(settings, declared)
            tools = [*_mcp_tools(settings, names), *_search(settings, declared_names(declared))]
            registry.renew(tools, declared, names)
        servers.complain()


def _agent_tools(settings: Settings, names: Collection[str]) -> list[BaseTool]:
    """The tools for other agents, whether they stand in the request or have to be searched for."""
    from pycodex.upstream.toolset import offered_agents

    style = settings.dialect.toolset.agents
    if offered_agents(settings) == "v2":
        from pycodex.tools.collaboration import collaboration_tools

        return [*collaboration_tools(settings.dialect.arguments)]
    if offered_agents(settings) != "v1" or (style.namespace is None and "spawn_agent" not in names):
        return []
    from pycodex.tools.agents import agent_tools

    return [*agent_tools(settings.dialect.arguments, style)]


def _mcp_tools(settings: Settings, names: Collection[str]) -> list[BaseTool]:
    """The tools of the servers that were started, and those for their resources, which there may be without servers."""
    if settings.mcp is None and "list_mcp_resources" not in names:
        return []
    from pycodex.mcp.toolbox import mcp_tools, no_servers

    return mcp_tools(settings.mcp or no_servers(settings), settings)


def _search(settings: Settings, declared: Collection[str]) -> list[BaseTool]:
    """The tool that finds those which are not declared."""
    if "tool_search" not in declared:
        return []
    from pycodex.tools.tool_search import ToolSearch
    from pycodex.upstream.toolset import deferred_spaces

    about = {} if settings.mcp is None else settings.mcp.words()
    return [ToolSearch(deferred_spaces(settings), about)]


def _environment(settings: Settings, programs: Programs) -> CommandEnvironment:
    from pycodex.command_env import command_rules
    from pycodex.tools.command_environment import CommandEnvironment

    style = settings.dialect.exec
    return CommandEnvironment(
        command_rules(settings.config.raw, snapshot="shell_snapshot" in settings.features),
        core=style.core_variables,
        filters_login=style.policy_filters_login,
        programs=programs.folder,
    )


def _command_tools(
    settings: Settings, processes: ProcessManager, patcher: Patcher, programs: Programs
) -> list[BaseTool]:
    """The tools that run commands: those with sessions, and the older ones. Where there are older ones, they answer
    whether they are declared or not, and the others only as the feature says (measured on the binary)."""
    from pycodex.tools.exec_command import ExecCommand
    from pycodex.tools.write_stdin import WriteStdin

    dialect, policy = settings.dialect, settings.truncation_policy
    environment = _environment(settings, programs)
    tools: list[BaseTool] = []
    if dialect.shells is None or "unified_exec" in settings.features:
        parts = (dialect.exec, dialect.truncate, processes)
        tools += [
            ExecCommand(
                *parts,
                policy=policy,
                environment=environment,
                patcher=patcher,
            ),
            WriteStdin(*parts, policy=policy),
        ]
    if dialect.shells is not None:
        from pycodex.tools.shell_tools import ShellCommand, ShellTool

        shared: dict[str, Any] = {"policy": policy, "environment": environment, "patcher": patcher}
        tools += [ShellTool(name, dialect.shells, processes, **shared) for name in dialect.shells.names]
        tools.append(ShellCommand(dialect.shells, processes, **shared))
    return tools
