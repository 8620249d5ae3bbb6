"""Roles of other agents in the declaration of the tool that starts one."""

from __future__ import annotations

from pathlib import Path

from pycodex.agent_roles import Role, configured_roles, with_roles

TOOL = {
    "type": "function",
    "name": "spawn_agent",
    "parameters": {
        "properties": {
            "agent_type": {
                "type": "string",
                "description": "Pick.\nAvailable roles:\ndefault: {\nPlain.\n}\nworker: {\nWorks.\n- {x}\n}",
            }
        }
    },
}


def described(*roles: Role) -> str:
    tool = with_roles(TOOL, roles)
    return str(tool["parameters"]["properties"]["agent_type"]["description"])


def test_the_users_roles_come_first_and_win() -> None:
    assert described(Role(name="worker", description="Mine.")) == (
        "Pick.\nAvailable roles:\nworker: {\nMine.\n}\ndefault: {\nPlain.\n}"
    )


def test_what_a_role_fixes_is_told() -> None:
    text = described(
        Role(name="a", description="A.", model="m", effort="low"),
        Role(name="b", description="B.", model="m"),
        Role(name="c", description="C.", effort="low"),
        Role(name="d", description=None),
    )
    assert "A.\n- This role's model is set to `m` and its reasoning effort is set to `low`. These settings" in text
    assert "B.\n- This role's model is set to `m` and cannot be changed.\n}" in text
    assert "C.\n- This role's reasoning effort is set to `low` and cannot be changed.\n}" in text
    assert "\nd: no description\n" in text


def test_a_file_fixes_model_and_effort_and_its_description_counts(tmp_path: Path) -> None:
    path = tmp_path / "cook.toml"
    path.write_text('description = "From the file."\nmodel = "m"\n')
    raw = {
        "agents": {
            "max_threads": 3,
            "scout": {"description": "Looks."},
            "cook": {"description": "Cooks.", "config_file": str(path)},
            "lost": {"description": "Lost.", "config_file": str(tmp_path / "none.toml")},
        }
    }
    assert configured_roles(raw) == [
        Role(name="cook", description="From the file.", model="m"),
        Role(name="lost", description="Lost."),
        Role(name="scout", description="Looks."),
    ]
