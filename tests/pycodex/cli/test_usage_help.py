"""The help of what codex-cli has no text for."""

import pytest

from pycodex.cli.clap import Arg, Command, UsageError, parse
from pycodex.cli.options import program
from pycodex.cli.usage_help import usage_help
from pycodex.upstream import load_dialect

VERSIONS = ("0.115.0", "0.169.0")


def helped(version: str, *words: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(program(load_dialect(version)), words)
    assert (caught.value.exit_code, caught.value.stdout) == (0, True)
    return caught.value.text


def own(spec: Command) -> list[Command]:
    """The commands whose help is made."""
    return [*([spec] if spec.help == "" else []), *(each for sub in spec.subcommands.values() for each in own(sub))]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_left_unsaid(version: str) -> None:
    commands = own(program(load_dialect(version)))
    assert {command.name for command in commands} >= {"codex", "resume", "features", "list"}
    for command in commands:
        assert command.about, command.name
        unsaid = [arg.shown for arg in command.args if not arg.about]
        assert unsaid == [], command.name
        assert max(map(len, usage_help(command).splitlines())) <= 120, command.name


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_program(version: str, words: tuple[str, ...]) -> None:
    text = helped(version, *words)
    for said in (
        "Usage: pycodex [OPTIONS] [PROMPT]\n       pycodex [OPTIONS] <COMMAND>",
        "  exec  ",
        "--upstream",
        "-a, ",
    ):
        assert text.count(said) == 1, said
    policies = load_dialect(version).cli.approval_policies
    assert f"runs: {', '.join(policies)}" in text


def test_commands_have_theirs() -> None:
    assert "Usage: pycodex resume [OPTIONS] [SESSION_ID] [PROMPT]" in helped("0.169.0", "resume", "--help")
    assert "Usage: pycodex features list" in helped("0.169.0", "help", "features", "list")


def test_an_alias_is_not_told_and_long_names_stand_alone() -> None:
    run = Command(name="run", usage="codex run", about="Runs", args=())
    arg = Arg(id="long", long="a-name-that-is-longer-than-its-column", action="flag", about="What it does")
    text = usage_help(Command(name="codex", usage="codex", args=(arg,), subcommands={"run": run, "r": run}))
    assert text.splitlines()[2:] == [
        "Commands:",
        f"  {'run':30}Runs",
        "",
        "Options:",
        "      --a-name-that-is-longer-than-its-column",
        f"{'':32}What it does",
        f"  {'-h, --help':30}This help",
    ]
