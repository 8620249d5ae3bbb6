"""What one run is about: the dialect, the model, the configuration and the flags, resolved once and never changed."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pycodex import host
from pycodex.config_layers import walk_keys
from pycodex.exec_rules import Rules, load_rules
from pycodex.header_values import valid_value
from pycodex.records import dataclass, replace
from pycodex.skills import Skills, find_skills
from pycodex.upstream.data import ModelInfo, UpstreamData

if TYPE_CHECKING:
    from pycodex.approvals import ApprovalPolicy
    from pycodex.auth import Auth
    from pycodex.config import Config, Launch
    from pycodex.features import Features
    from pycodex.mcp.servers import McpServers
    from pycodex.permission_profiles import PermissionProfile
    from pycodex.project_docs import ProjectDocs
    from pycodex.sandbox import SandboxMode, SandboxPolicy
    from pycodex.shell import Shell
    from pycodex.subagents import Subagent
    from pycodex.truncation import TruncationPolicy
    from pycodex.upstream.dialect import Dialect

__all__ = ["Mode", "Settings", "resolve"]

Mode = Literal["exec", "prompt", "title"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run. `ephemeral`: nothing is written to $CODEX_HOME/sessions."""

    dialect: Dialect
    data: UpstreamData
    config: Config
    model: ModelInfo
    model_listed: bool
    cwd: Path
    sandbox: SandboxPolicy
    shell: Shell
    docs: ProjectDocs
    skills: Skills
    rules: Rules = Rules()
    catalog: Sequence[Mapping[str, Any]] | None = None
    """The models of a file that was given in place of the version's own."""
    added_roots: tuple[Path, ...] = ()
    """Folders of --add-dir."""
    output_schema: Any = None
    """JSON schema that the final message has to fit."""
    output_schema_strict: bool = True
    auto_review: bool = False
    """--approve-for-me, or the configuration: what the sandbox does not allow is put to a reviewing model."""
    approvals_reviewer: str = "user"
    thread_source: str | None = None  # what began the thread, where the command line says so
    access_program: str | None = None
    """The Cyber access program that the provider of OpenAI is asked for."""
    profile: PermissionProfile | None = None
    """The permission profile of the user's own that stands in place of a sandbox mode."""
    sandbox_asked_for: bool = False
    """Whether the sandbox mode was chosen by flag or configuration (else: by trust)."""
    ephemeral: bool = False
    agents: Literal["v1", "v2", "disabled"] | None = None
    """Which kind of other agents there may be, where the thread that is taken up leaves no choice."""
    asked: Config | None = None
    """The configuration, where the thread that is taken up keeps some settings of its own."""
    recorded_instructions: str | None = None
    """The base prompt of the thread that is taken up with the model that it began with."""
    subagent: Subagent | None = None
    """What sub-agent runs with these settings; None: it is the user's thread."""
    companions: str = ""
    """The agents that this one has begun, a line each."""
    mcp: McpServers | None = None  # those that were started
    offer_kept: bool = False  # whether the models that the provider offers are those that it told earlier
    introduced: bool = True
    """Whether the program that a person talks to has told its own settings: it does with the first turn."""
    collaboration: Literal["default", "plan"] = "default"
    """How a person and the agent work together: in plan mode the agent asks and plans, and changes nothing."""
    keeps_collaboration: bool = False
    """Whether the thread was a person's, and is still told of that where nobody is asked."""
    mode: Mode = "exec"
    """`exec` runs without a person; `prompt` is one turn of the program that a person talks to, `title` what that
    program asks for itself."""
    today: str = ""
    timezone: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """Process environment with `.env` on top."""
        return self.config.environment

    @property
    def told_sandbox_mode(self) -> str:
        """The mode that the model is told, which is the one that comes nearest to a permission profile."""
        everything = self.profile is not None and self.profile.writes_everything
        return "danger-full-access" if everything else self.sandbox.mode

    @property
    def reasoning_effort(self) -> str | None:
        """The effort that requests carry: configured, else the model's default."""
        return self.config.model_reasoning_effort or self.model.get("default_reasoning_level")

    @property
    def sampling_effort(self) -> str | None:
        """The effort as the body has it: the one that asks for delegation is a lower one to the model.

        Of those that the row lists that is the row's own for it, or max, or the last (captured:
        request/reasoning_ultra_catalog).
        """
        effort = self.reasoning_effort
        if effort != "ultra":
            return effort
        rows = self.model.get("supported_reasoning_levels") or ()
        levels = [str(row["effort"]) for row in rows if row["effort"] != effort]
        wanted = (self.model.get("multi_agent_reasoning_effort"), "max")
        return next((level for level in wanted if level in levels), levels[-1] if levels else "medium")

    @property
    def reasoning_summary(self) -> str:
        """The kind of reasoning summary: configured, else the model's default."""
        default = self.model.get("default_reasoning_summary", "none")
        return str(self.config.model_reasoning_summary or default)

    @property
    def verbosity(self) -> str | None:
        """The verbosity that requests carry, for models that know it."""
        if not self.model.get("support_verbosity", False):
            return None
        return self.config.model_verbosity or self.model.get("default_verbosity")

    @property
    def service_tier(self) -> str | None:
        """The service tier in the provider's word."""
        tier = self.config.service_tier
        if tier is None and self.dialect.models.row_tier and self.mode == "prompt" and self.subagent is None:
            tier = self.model.get("default_service_tier")  # captured: interactive/tier_of_model, request/tier_of_model
        tier = "priority" if tier == "fast" else tier
        if self.dialect.models.unlisted_tier is None:
            return tier or None
        return None if tier == "priority" and "fast_mode" not in self.features else tier

    @property
    def sent_tier(self) -> str | None:
        """The service tier that requests carry (captured: request/service_tiers)."""
        return None if self.service_tier == "default" or self.unlisted_tier is not None else self.service_tier

    @property
    def unlisted_tier(self) -> str | None:
        """The service tier, where the model's row does not list it and that counts."""
        tier, rows = self.service_tier, self.model.get("service_tiers") or ()
        if tier in (None, "default", "flex") or self.dialect.models.unlisted_tier is None:
            return None
        return None if any(row["id"] == tier for row in rows) else tier

    @cached_property
    def auth(self) -> Auth:
        """Who the user is to OpenAI. Raises ConfigError."""
        from pycodex.auth import read_auth

        return read_auth(self.config, self.dialect.auth, self.dialect.arguments)

    @property
    def follows_login(self) -> bool:
        """Whether the provider is given what the user logged in with: not where it has a key of its own."""
        provider = self.config.provider
        return provider.requires_openai_auth and provider.env_key is None and provider.bearer_token is None

    @property
    def memory_mode(self) -> Literal["disabled"] | None:
        """What the thread's first record says of memories, where none may be made of it."""
        return "disabled" if walk_keys(self.config.raw, "memories").get("generate_memories") is False else None

    @property
    def context_window(self) -> int | None:
        """Usable tokens of the model."""
        return self.model.usable(self.config.model_context_window)

    @cached_property
    def custom_instructions(self) -> str | None:
        """The base prompt that a sub-agent or the configuration has in place of the model's own."""
        if self.subagent is not None and self.subagent.instructions is not None:
            return self.subagent.instructions
        if self.config.model_instructions_file is not None:
            return self.config.model_instructions_file.read_text(encoding="utf-8").strip()
        return self.config.instructions if self.dialect.models.instructions_key else None

    @property
    def compact_prompt(self) -> str | None:
        """The prompt that asks for a summary, where the configuration has one."""
        return self.config.compact_prompt

    @cached_property
    def base_instructions(self) -> str:
        """The base prompt."""
        custom = self.recorded_instructions if self.custom_instructions is None else self.custom_instructions
        return self.dialect.models.base_instructions(self) if custom is None else custom

    @cached_property
    def features(self) -> Features:
        """The feature flags, without those that need a Node that is not there."""
        style = self.dialect.config.features.node
        if style is None:
            return self.flags
        from pycodex.node_runtime import with_node

        return with_node(self, style)

    @cached_property
    def flags(self) -> Features:
        """The feature flags as they are set."""
        from pycodex.features import resolve_features

        style, config = self.dialect.config.features, self.config
        found = resolve_features(self.data.features, style, config.feature_tables, config.features)
        return found if self.subagent is None else found.without(self.subagent.features_off)

    @property
    def truncation_policy(self) -> TruncationPolicy:
        """How much of a text the model is given."""
        from pycodex.truncation import BYTES_PER_TOKEN, TruncationPolicy

        row = self.model.get("truncation_policy", {"mode": "tokens", "limit": 10_000})
        tokens = self.config.raw.get("tool_output_token_limit")
        if tokens is None:
            return TruncationPolicy(kind=row["mode"], limit=row["limit"])
        return TruncationPolicy(kind=row["mode"], limit=tokens * (BYTES_PER_TOKEN if row["mode"] == "bytes" else 1))

    @property
    def approval_policy(self) -> ApprovalPolicy:
        """exec never asks a person, nor a sub-agent unless the model began it (interactive/wait_agent_goes_on)."""
        alone = self.subagent is not None and (self.mode == "exec" or self.subagent.agents == "disabled")
        asks = self.auto_review if self.mode == "exec" else self.config.approval_policy != "never"
        return "on-request" if asks and not alone else "never"

    def collaborating(self, mode: Literal["default", "plan"]) -> Settings:
        """These settings in that mode, which has an effort of its own (captured: interactive/plan_later).

        `self` are those of the default mode.
        """
        if mode == "default":
            return self
        effort = self.config.raw.get("plan_mode_reasoning_effort") or "medium"
        return replace(self, collaboration=mode, config=replace(self.config, model_reasoning_effort=effort))

    @property
    def collaborates(self) -> bool:
        """Whether the model is told how a person and it work together, whatever its row says."""
        there = self.mode == "prompt" or self.keeps_collaboration
        return there and self.subagent is None and self.introduced

    @cached_property
    def originator(self) -> str:
        """Who sends the requests."""
        client = self.dialect.client
        usual = client.originator if self.mode == "exec" else client.prompt_originator
        given = self.environment.get(client.originator_variable)
        if given is None:
            return usual
        return given if valid_value(given) else client.fallback_originator

    @cached_property
    def user_agent(self) -> str:
        """The user agent."""
        client = self.dialect.client
        template = client.user_agent if self.mode == "exec" else client.prompt_user_agent
        return template.format(
            originator=self.originator,
            version=self.dialect.client.version,
            os=host.system(),
            arch=host.architecture(),
            terminal=host.terminal(self.environment, tmux=self.dialect.client.names_tmux),
        )


def resolve(
    dialect: Dialect,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    home: Path | None = None,
    overrides: Sequence[str] = (),
    profile: str | None = None,
    model: str | None = None,
    sandbox_mode: SandboxMode | None = None,
    ephemeral: bool = False,
    added_roots: Sequence[Path] = (),
    mode: Mode = "exec",
    launch: Launch | None = None,
    auto_review: bool = False,
    thread_source: str | None = None,
    access_program: str | None = None,
    ignore_rules: bool = False,
) -> Settings:
    """Read the configuration and settle every choice. Raises ConfigError, DataError."""
    from pycodex import config as configuration
    from pycodex.project_docs import discover, project_folders
    from pycodex.sandbox_choice import choose_sandbox
    from pycodex.shell import user_shell

    env = os.environ if env is None else env
    home = home or configuration.codex_home(env)
    launch = launch or configuration.Launch()
    data = UpstreamData(dialect.version)
    config = configuration.load_config(
        home,
        cwd,
        overrides=overrides,
        profile=profile,
        env=env,
        style=dialect.config,
        launch=launch,
        features=lambda: data.features,
    )
    if launch.chat_endpoint is not None:
        from pycodex.provider import chat_provider

        try:
            provider = chat_provider(launch.chat_endpoint, config.environment)
        except ValueError as error:
            raise configuration.ConfigError(f"Error: --vllm-endpoint: {error}") from None
        config = replace(config, provider=provider)
    if config.provider.id == "openai":
        from pycodex.auth import provider_for, read_auth

        auth = read_auth(config, dialect.auth, dialect.arguments)
        config = replace(config, provider=provider_for(config, auth))
    if launch.oss and model is None:
        from pycodex.oss import DEFAULT_MODELS

        model = DEFAULT_MODELS.get(config.provider.id)
    catalog, slug = None, config.model if model is None else model
    if config.model_catalog_json is not None:
        from pycodex.catalog import read_catalog

        catalog = read_catalog(config.model_catalog_json, dialect.models.catalog, dialect.arguments)
    if slug is None:
        from pycodex.catalog import default_model

        slug = default_model(list(data.models.values()) if catalog is None else catalog)
    info, listed = data.model(slug, dialect.models.fallback, catalog)
    chosen = choose_sandbox(dialect, config, cwd, env, home, flag=sandbox_mode, added_roots=added_roots)
    docs = discover(
        cwd,
        home,
        max_bytes=config.project_doc_max_bytes,
        fallback_names=config.project_doc_fallback_filenames,
        root_markers=config.project_root_markers,
        style=dialect.docs,
    )
    folders = project_folders(cwd, config.project_root_markers)
    skills = find_skills(
        folders,
        home,
        Path(env["HOME"]) if env.get("HOME") else None,
        dialect.skills,
        bundled=config.skills_bundled,
        switches=walk_keys(config.raw, "skills").get("config", ()),
    )
    reviewer = config.raw.get("approvals_reviewer") if dialect.guardian is not None else None
    # Without --approve-for-me the policy must not say that nobody is asked (captured: approvals/config).
    reviewed = reviewer == "auto_review" and config.raw.get("approval_policy", "on-request") == "on-request"
    return Settings(
        dialect=dialect,
        data=data,
        config=chosen.config,
        model=info,
        model_listed=listed,
        catalog=catalog,
        cwd=cwd,
        sandbox=chosen.policy,
        shell=user_shell(),
        docs=docs,
        skills=skills,
        rules=load_rules(() if ignore_rules else _rules_folders(home, folders, config), dialect.exec.approval.rules),
        added_roots=tuple(added_roots),
        auto_review=auto_review or reviewed,
        approvals_reviewer="auto_review" if auto_review or reviewer == "auto_review" else "user",
        thread_source=thread_source,
        access_program=access_program,
        profile=chosen.profile,
        sandbox_asked_for=chosen.asked_for,
        ephemeral=ephemeral,
        mode=mode,
        today=host.local_date(time.time()),
        timezone=host.timezone(),
    )


def _rules_folders(home: Path, project: Sequence[Path], config: Config) -> list[Path]:
    """Where `*.rules` files count: the user's, and those of a trusted project."""
    return [home / "rules", *(folder / ".codex" / "rules" for folder in project if config.project_trusted)]
