"""What commands inherit (captures: shell/environment_*)."""

from __future__ import annotations

from pycodex.command_env import CommandRules, EnvironmentPolicy, command_rules

CORE = frozenset({"HOME", "PATH"})
ENV = {"HOME": "/h", "PATH": "/bin", "MY_KEY": "k", "keyboard": "b", "PLAIN": "p", "A[B": "x"}


def test_everything_by_default() -> None:
    assert EnvironmentPolicy().apply(ENV, CORE) == ENV


def test_core_and_none() -> None:
    assert EnvironmentPolicy(inherit="core").apply(ENV, CORE) == {"HOME": "/h", "PATH": "/bin"}
    assert EnvironmentPolicy(inherit="none", set={"A": "1"}).apply(ENV, CORE) == {"A": "1"}


def test_names_of_secrets() -> None:
    policy = EnvironmentPolicy(ignore_default_excludes=False, set={"MY_KEY": "set"})
    assert policy.apply(ENV, CORE) == {"HOME": "/h", "PATH": "/bin", "PLAIN": "p", "A[B": "x", "MY_KEY": "set"}


def test_patterns() -> None:
    assert EnvironmentPolicy(exclude=("p*", "HOM?", "a[b")).apply(ENV, CORE) == {"MY_KEY": "k", "keyboard": "b"}
    policy = EnvironmentPolicy(include_only=("*KEY*",), set={"OTHER": "o", "key": "s"})
    assert policy.apply(ENV, CORE) == {"MY_KEY": "k", "keyboard": "b", "key": "s"}


def test_from_the_configuration() -> None:
    assert command_rules({}, snapshot=True) == CommandRules()
    table = {
        "inherit": "core",
        "ignore_default_excludes": False,
        "exclude": ["A"],
        "set": {"B": "c"},
        "include_only": ["D"],
    }
    rules = command_rules({"shell_environment_policy": table, "allow_login_shell": False}, snapshot=False)
    assert rules.environment == EnvironmentPolicy(
        inherit="core", ignore_default_excludes=False, exclude=("A",), set={"B": "c"}, include_only=("D",)
    )
    assert (rules.login_allowed, rules.snapshot) == (False, False)
