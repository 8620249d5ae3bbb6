"""Reading config.toml. `config_errors.json` holds what two binaries printed for about 70 broken or odd files,
`-c` flags and profiles: `old` and `new`, null where the file was accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex import open_settings
from pycodex.config import Config, ConfigError, ConfigStyle, codex_home, load_config, read_dotenv
from pycodex.features import FeatureStyle

OLD = ConfigStyle(
    profiles="table",
    reasoning_efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
    warn_unknown_keys=False,
    service_tiers=("fast", "flex"),
)
NEW = ConfigStyle(
    profiles="file",
    reasoning_efforts=None,
    warn_unknown_keys=True,
    web_search=("disabled", "cached", "indexed", "live"),
    name_is_required=False,
    end_counts_newline=False,
    features=FeatureStyle(file_warnings={"multi_agent": "no more"}, keys={"old_key": "unified_exec"}),
    ignored_in_projects=("model_provider", "notify"),
)
ROWS = json.loads((Path(__file__).parent / "config_errors.json").read_text())
PROVIDER = '[model_providers.fake]\nname = "fake"\nbase_url = "http://127.0.0.1:1/v1/"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "home"
    folder.mkdir()
    (folder / "empty.md").write_text("  \n")
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "ws"
    (folder / ".git").mkdir(parents=True)
    return folder


def load(home: Path, text: str, style: ConfigStyle = NEW, cwd: Path | None = None, **options: Any) -> Config:
    (home / "config.toml").write_text(text, newline="")
    return load_config(home, cwd or home, **{"env": {}, "style": style, **options})


# A row without `new` was refused by that binary's command line already.
@pytest.mark.parametrize(("row", "name"), [(row, name) for row in ROWS for name in ("old", "new") if name in row])
def test_messages_are_those_of_the_binaries(row: dict[str, Any], name: str, home: Path) -> None:
    options: dict[str, Any] = {
        "overrides": [row["override"]] if "override" in row else [],
        "profile": row.get("profile"),
    }
    style = OLD if name == "old" else NEW
    if row[name] is None:
        load(home, row["toml"], style, **options)
        return
    with pytest.raises(ConfigError) as caught:
        load(home, row["toml"], style, **options)
    assert str(caught.value).replace(str(home), "<home>") == row[name]


def test_typed_view(home: Path) -> None:
    (home / "i.md").write_text("x")
    config = load(
        home,
        f"""
model = "m"
model_provider = "fake"
approval_policy = "never"
project_doc_fallback_filenames = ["A.md"]
model_instructions_file = "{home}/i.md"
[features]
a = true
[sandbox_workspace_write]
network_access = true
[skills.bundled]
enabled = false
[history]
persistence = "none"
[model_providers.fake]
name = "fake"
base_url = "http://127.0.0.1:1/v1/"
env_key = "K"
http_headers = {{ a = "1" }}
query_params = {{ v = "a b", w = "c&d" }}
request_max_retries = 101
experimental_bearer_token = "t"
""",
    )
    assert (config.model, config.approval_policy, config.sandbox_mode) == ("m", "never", None)
    assert config.model_instructions_file == home / "i.md"
    assert config.project_doc_fallback_filenames == ("A.md",)
    assert (config.features, config.skills_bundled, config.history_persistence) == ({"a": True}, False, "none")
    assert config.sandbox_workspace_write == {"network_access": True}
    provider = config.provider
    assert (provider.id, provider.env_key, provider.bearer_token) == ("fake", "K", "t")
    assert (provider.request_max_retries, provider.stream_max_retries) == (100, 5)
    assert provider.url("responses") == "http://127.0.0.1:1/v1/responses?v=a%20b&w=c&d"


def test_built_in_provider(home: Path) -> None:
    assert load(home, "").provider.base_url == "https://api.openai.com/v1"
    provider = load(home, 'openai_base_url = "http://x/v1"').provider
    assert (provider.id, provider.name, provider.url("responses")) == ("openai", "OpenAI", "http://x/v1/responses")


def test_overrides_are_toml_or_text(home: Path) -> None:
    flags = [
        "model=a.b",
        'review_model="q"',
        "features.x=true",
        "model_context_window = 5",
        "mcp_servers.s.command='c d'",
    ]
    config = load(home, 'model = "m"\n[features]\ny = false\n', overrides=flags)
    assert (config.model, config.review_model, config.model_context_window) == ("a.b", "q", 5)
    assert config.features == {"y": False, "x": True}
    assert config.mcp_servers == {"s": {"command": "c d"}}


def test_profile_table_wins_over_flags(home: Path) -> None:
    text = 'model = "m"\nprofile = "p"\n[profiles.p]\nmodel = "of profile"\n[profiles.q]\nmodel = "of q"\n'
    assert load(home, text, OLD, overrides=["model=flag"]).model == "of profile"
    config = load(home, text, OLD, profile="q")
    assert (config.model, config.profile) == ("of q", "q")


def test_flags_win_over_a_profile_file(home: Path) -> None:
    (home / "p.config.toml").write_text('model = "of profile"\nreview_model = "r"\n')
    config = load(home, 'model = "m"\n', profile="p", overrides=["model=flag"])
    assert (config.model, config.review_model) == ("flag", "r")


def test_project_layers_need_trust(home: Path, workspace: Path) -> None:
    (workspace / "sub").mkdir()
    (workspace / ".git/HEAD").write_text("ref: refs/heads/main\n")
    for folder, model in ((workspace, "of root"), (workspace / "sub", "of sub")):
        (folder / ".codex").mkdir()
        (folder / ".codex/config.toml").write_text(f'model = "{model}"\nmodel_provider = "nope"\nzzz = 1\n')
    plain = load(home, 'model = "m"\n', cwd=workspace / "sub")
    assert (plain.model, plain.project_trusted, plain.ignores_project) == ("m", None, True)
    trust = f'model = "m"\n[projects."{workspace}"]\ntrust_level = "{{}}"\n'
    untrusted = load(home, trust.format("untrusted"), cwd=workspace / "sub")
    assert (untrusted.model, untrusted.project_trusted, untrusted.ignores_project) == ("m", False, True)
    trusted = load(home, trust.format("trusted"), cwd=workspace / "sub")
    assert (trusted.model, trusted.project_trusted) == ("of sub", True)
    assert trusted.warnings[0] == (
        f"Ignored unsupported project-local config keys in {workspace}/.codex/config.toml: model_provider. "
        "If you want these settings to apply, manually set them in your user-level config.toml."
    )
    assert f"\n  project ({workspace}/.codex/config.toml): `zzz` is ignored." in trusted.warnings[2]


def test_unknown_keys_are_listed(home: Path) -> None:
    features = "[features]\nbogus = true\nunified_exec = true\n"
    text = f"nope = 1\nsandbox_modes = 2\n[nope2]\na = 1\n{PROVIDER}zzz = 1\n{features}"
    where = f"user ({home}/config.toml)"
    assert load(home, text, features=lambda: {"unified_exec"}).warnings == (
        "Codex is ignoring 5 unrecognized configuration settings. Check for typos or deprecated settings.\n"
        f"  {where}: `features.bogus` is ignored.\n  {where}: `model_providers.fake.zzz` is ignored.\n"
        f"  {where}: `nope` is ignored.\n  ... and 2 more ignored settings.",
    )
    assert load(home, "", overrides=["nope=1"]).warnings == (
        "Codex is ignoring 1 unrecognized configuration setting. Check for typos or deprecated settings.\n"
        "  session-flags: `nope` is ignored.",
    )
    assert load(home, text, OLD).warnings == ()


def test_features_of_a_file_and_of_flags(home: Path) -> None:
    text = "old_key = true\n[features]\nmulti_agent = true\n"
    config = load(home, text, overrides=["features.x=false"])
    assert config.feature_tables == ({"old_key": True}, {"multi_agent": True, "x": False})
    assert config.warnings[0] == "no more"
    assert load(home, "", overrides=["features.multi_agent=true"]).warnings == ()


def test_features_of_a_profile_table_come_last(home: Path) -> None:
    text = "[features]\na = true\nb = true\n[profiles.p.features]\na = false\n"
    config = load(home, text, OLD, profile="p")
    assert config.feature_tables == ({}, {"a": True, "b": True}, {}, {"a": False})
    assert config.features == {"a": True, "b": True}


def test_dotenv_wins_and_brings_no_codex_names(home: Path) -> None:
    (home / ".env").write_text("KEY=file\nCODEX_HOME=/x\ncodex_y=1\nOTHER=$KEY2\n")
    env = {"KEY": "real", "KEY2": "two"}
    assert read_dotenv(home, env) == {"KEY": "file", "OTHER": "two"}
    assert load(home, "", env=env).environment == {"KEY": "file", "KEY2": "two", "OTHER": "two"}


def test_codex_home(home: Path) -> None:
    assert codex_home({"CODEX_HOME": str(home)}) == home
    assert codex_home({"HOME": "/somewhere", "CODEX_HOME": ""}) == Path("/somewhere/.codex")
    for path, problem in ((home / "no", "does not exist"), (home / "empty.md", "is not a directory")):
        with pytest.raises(ConfigError) as caught:
            codex_home({"CODEX_HOME": str(path)})
        assert str(caught.value) == f'Error finding codex home: CODEX_HOME points to "{path}", but that path {problem}'


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("tools=5", "invalid type: integer `5`, expected struct ToolsToml\nin `tools`\n"),
        ("agents.x=1", "invalid type: integer `1`, expected struct AgentRoleToml\nin `agents`\n"),
        ("history.max_bytes=-1", "invalid value: integer `-1`, expected usize\nin `history.max_bytes`\n"),
        ("projects.a.trust_level='maybe'", "unknown variant `maybe`, expected `trusted` or `untrusted`\n"),
        ("skills.max_context_tokens=0", "invalid value: integer `0`, expected a nonzero usize\n"),
        ("tools.web_search={location=5}", "data did not match any variant of untagged enum WebSearchToolConfigInput\n"),
    ],
)
def test_tables_have_types(tmp_path: Path, override: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        open_settings(cwd=tmp_path, env={"CODEX_HOME": str(tmp_path)}, upstream="0.169.0", overrides=[override])
    assert f"Error loading config.toml: {told}" in str(error.value)
