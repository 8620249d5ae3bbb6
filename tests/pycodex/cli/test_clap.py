"""Command lines and what `codex exec` of two binaries said to them (the usage line is the one that
differs)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pycodex.cli.clap import Arg, Command, Parsed, UsageError, parse

MODES = ("read-only", "workspace-write", "danger-full-access")
CONFIG = Arg(id="config", long="config", short="c", value_name="key=value", action="append", global_=True)
JSON = Arg(id="json", long="json", aliases=("experimental-json",), action="flag", global_=True)
PROMPT = Arg(id="prompt", value_name="PROMPT")
RESUME = Command(
    name="resume",
    usage="codex exec resume [OPTIONS] [SESSION_ID] [PROMPT]",
    args=(
        Arg(id="session_id", value_name="SESSION_ID"),
        PROMPT,
        Arg(id="last", long="last", action="flag"),
    ),
)
SMART = Command(
    name="exec",
    usage="codex exec [OPTIONS] [PROMPT] [COMMAND]",
    path="codex exec",
    args=(
        CONFIG,
        Arg(id="images", long="image", short="i", value_name="FILE", action="append", many=True, delimiter=","),
        Arg(id="model", long="model", short="m", value_name="MODEL"),
        Arg(id="sandbox", long="sandbox", short="s", value_name="SANDBOX_MODE", choices=MODES),
        Arg(id="profile", long="profile", short="p", value_name="CONFIG_PROFILE"),
        Arg(id="full_auto", long="full-auto", action="flag", conflicts=("bypass",)),
        Arg(id="bypass", long="dangerously-bypass-approvals-and-sandbox", aliases=("yolo",), action="flag"),
        JSON,
        Arg(id="out", long="output-last-message", short="o", value_name="FILE"),
        PROMPT,
    ),
    subcommands={"resume": RESUME},
    help="the long help\n",
    short_help="the short help\n",
    version="codex-cli-exec 1.2.3",
)
TWO_LINES = "codex exec [OPTIONS] [PROMPT]\n       codex exec [OPTIONS] <COMMAND> [ARGS]"
FIXED = replace(SMART, path=None, usage=TWO_LINES)


def failure(spec: Command, line: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(spec, line.split(" "))
    assert (caught.value.exit_code, caught.value.stdout) == (2, False)
    return caught.value.text


@pytest.mark.parametrize(
    ("line", "message", "usage"),
    [
        (
            "--nope",
            "unexpected argument '--nope' found\n\n  tip: to pass '--nope' as a value, use '-- --nope'",
            "[OPTIONS] [PROMPT] [COMMAND]",
        ),
        (
            "--sandbx x",
            "unexpected argument '--sandbx' found\n\n  tip: a similar argument exists: '--sandbox'",
            "--sandbox <SANDBOX_MODE> [PROMPT]",
        ),
        (
            "--modle x",
            "unexpected argument '--modle' found\n\n  tip: a similar argument exists: '--model'",
            "--model <MODEL> [PROMPT]",
        ),
        (
            "--jso hi",
            "unexpected argument '--jso' found\n\n  tip: a similar argument exists: '--json'",
            "--json [PROMPT]",
        ),
        (
            "-c a --strict-confg",
            "unexpected argument '--strict-confg' found\n\n"
            "  tip: to pass '--strict-confg' as a value, use '-- --strict-confg'",
            "--config <key=value> [PROMPT]",
        ),
        (
            "resum --last",
            "unexpected argument '--last' found\n\n  tip: to pass '--last' as a value, use '-- --last'",
            "<PROMPT>",
        ),
        (
            "-jZ",
            "unexpected argument '-j' found\n\n  tip: to pass '-j' as a value, use '-- -j'",
            "[OPTIONS] [PROMPT] [COMMAND]",
        ),
        ("--json --json hi", "the argument '--json' cannot be used multiple times", "[OPTIONS] [PROMPT] [COMMAND]"),
        (
            "--output-last-message a -o b hi",
            "the argument '--output-last-message <FILE>' cannot be used multiple times",
            "[OPTIONS] [PROMPT] [COMMAND]",
        ),
        ("a b", "unexpected argument 'b' found", "[OPTIONS] [PROMPT] [COMMAND]"),
        ("--json=1 hi", "unexpected value '1' for '--json' found; no more were expected", "--json [PROMPT]"),
        (
            "--full-auto --dangerously-bypass-approvals-and-sandbox hi",
            "the argument '--full-auto' cannot be used with '--dangerously-bypass-approvals-and-sandbox'",
            "--full-auto <PROMPT>",
        ),
    ],
)
def test_errors_with_usage(line: str, message: str, usage: str) -> None:
    end = "For more information, try '--help'."
    assert failure(SMART, line) == f"error: {message}\n\nUsage: codex exec {usage}\n\n{end}"
    assert failure(FIXED, line) == f"error: {message}\n\nUsage: {TWO_LINES}\n\n{end}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-m", "a value is required for '--model <MODEL>' but none was supplied"),
        ("-i", "a value is required for '--image <FILE>...' but none was supplied"),
        ("-p --json hi", "a value is required for '--profile <CONFIG_PROFILE>' but none was supplied"),
        (
            "-s",
            "a value is required for '--sandbox <SANDBOX_MODE>' but none was supplied\n"
            "  [possible values: read-only, workspace-write, danger-full-access]",
        ),
        *(
            (
                line,
                "invalid value 'bogus' for '--sandbox <SANDBOX_MODE>'\n"
                "  [possible values: read-only, workspace-write, danger-full-access]",
            )
            for line in ("-s bogus hi", "--sandbox=bogus hi", "-sbogus hi", "-s=bogus hi")
        ),
    ],
)
def test_errors_without_usage(line: str, message: str) -> None:
    assert failure(SMART, line) == f"error: {message}\n\nFor more information, try '--help'."


def test_errors_in_a_subcommand() -> None:
    text = failure(SMART, "resume a b c")
    assert text.startswith("error: unexpected argument 'c' found\n\nUsage: codex exec resume [OPTIONS]")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--help", "the long help"),
        ("-h=3", "the short help"),
        ("-V", "codex-cli-exec 1.2.3"),
        ("--version", "codex-cli-exec 1.2.3"),
    ],
)
def test_help_and_version(line: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(SMART, ["--json", line])
    assert (caught.value.text, caught.value.exit_code, caught.value.stdout) == (text, 0, True)


def test_values() -> None:
    line = "-c a=1 --config=b=2 -i x.png,y.png z.png --experimental-json --yolo -m=gpt -s read-only -- --json"
    assert parse(SMART, line.split()) == Parsed(
        values={
            "config": ["a=1", "b=2"],
            "images": ["x.png", "y.png", "z.png"],
            "json": True,
            "bypass": True,
            "model": "gpt",
            "sandbox": "read-only",
            "prompt": "--json",
        }
    )
    assert parse(SMART, ["-"]).values == {"prompt": "-"}
    assert parse(SMART, []).values == {}


def test_global_options_stand_where_they_were_written() -> None:
    parsed = parse(SMART, ["--json", "resume", "-c", "a=1", "--last", "hi"])
    assert parsed.values == {"json": True}
    assert parsed.sub == ("resume", Parsed(values={"config": ["a=1"], "last": True, "session_id": "hi"}))


def test_a_prompt_is_no_subcommand() -> None:
    assert parse(SMART, ["resum"]).values == {"prompt": "resum"}
    assert parse(SMART, ["--", "resume"]).values == {"prompt": "resume"}


def test_needs() -> None:
    commit = Arg(id="commit", long="commit", value_name="SHA", conflicts=("base",))
    title = Arg(id="title", long="title", value_name="TITLE", needs=("commit",))
    spec = Command(
        name="r",
        usage="r [OPTIONS]",
        path="r",
        args=(Arg(id="base", long="base", value_name="BRANCH"), commit, title),
    )
    with pytest.raises(UsageError, match="--commit <SHA>\n\nUsage: r --commit <SHA> --title <TITLE>\n"):
        parse(spec, ["--title", "T"])
    # What conflicts with something that is there is not missed (captured: review/targets).
    assert parse(spec, ["--title", "T", "--base", "B"]).values == {"title": "T", "base": "B"}


def test_missing_required() -> None:
    spec = Command(name="x", usage="x [OPTIONS] <A>", args=(Arg(id="a", value_name="A", required=True),))
    assert failure_of_nothing(spec) == (
        "error: the following required arguments were not provided:\n  <A>\n\n"
        "Usage: x [OPTIONS] <A>\n\nFor more information, try '--help'."
    )


def failure_of_nothing(spec: Command) -> str:
    with pytest.raises(UsageError) as caught:
        parse(spec, [])
    return caught.value.text
