"""Scripts full of what a shell and a display of its command line have to quote."""

from __future__ import annotations

from tests.fuzz.calls import Group, World, exec_command

__all__ = ["quoting"]

_LETTERS = tuple("abcdeXYZ")
_PUNCTUATION = (*tuple(" '\"\\`$!^*?[](){}<>|;#~=%+-_.,:@/\n\t"), "é", "…", "😀", "\xa0", "\x7f", "\r", "\x01", "$HOME")
_COMMANDS = ("echo ", "printf '%s|' ", "printf %s ", "echo -n ", "echo -e ", "ls -d ")
_SILENT = (": ", "true ", "set -- ", "test ")
_SAFE = tuple(' "\\`$!^*?[](){}<>|;#~=%+-_.,:@&\n\té…😀')


def quoting(world: World) -> Group:
    if world.chance(0.6):
        script = world.random.choice((*_COMMANDS, *_SILENT))
        words = [_word(world) for _ in range(world.random.randint(0, 4))]
        script += world.random.choice((" ", "  ", " \\\n")).join(words)
    else:
        script = world.random.choice(_SILENT) + _wild(world)
        if world.chance(0.5):
            # One pipe for both streams: which of two comes first is chance.
            script = f"exec 2>&1\n{world.random.choice(_COMMANDS)}{_wild(world)}"
    if world.chance(0.1):
        script = world.text((" ", "\n", "\t", "#"), 3) + script
    return (exec_command("quoting", script),)


def _word(world: World) -> str:
    """A word that the shell reads back as it is meant, in one of its ways to write it."""
    inside = world.text((*_LETTERS, *_SAFE), 8)
    ways = (
        f"'{inside}'",
        '"' + "".join("\\" + c if c in '"\\`$' else c for c in inside) + '"',
        "$'" + inside.replace("\\", "\\\\").replace("\n", "\\n") + "'",
        f"'{inside}'\"'\"'{world.text(_LETTERS, 3)}'",
        world.text(_LETTERS, 5, 1),
    )
    return world.random.choice(ways)


def _wild(world: World) -> str:
    """Anything: mostly a syntax error, or a word that the shell expands.

    Left out: what has another value in each run (`$$`, `$_`), and `/` where a redirection might meet it.
    """
    text = world.text((*_LETTERS, *_PUNCTUATION), 14, 1)
    if any(sign in text for sign in "<>|"):
        text = text.replace("/", "a").replace("$HOME", "a").replace("~", "a")
    # The parts of a pipeline run at once: which one complains first is chance (codex-cli: 22 times of 25 the one).
    text = text.replace("|", ";")
    for found, put in (("$$", "$a"), ("$_", "$b"), ("$-", "$c"), ("$\x01", "$d")):
        text = text.replace(found, put)
    return text.replace("$$", "$a")
