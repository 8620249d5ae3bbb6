"""Patches: valid ones from random edits of the tree, and the same spoilt.

Valid patches keep to `v/`, and the world's files follow them; spoilt ones keep to `w/`, whose state nobody knows
after the first of them.
"""

from __future__ import annotations

from random import Random

from tests.fuzz.calls import Group, World, exec_command, patch
from tests.fuzz.kinds.patch_spoilers import spoilt

__all__ = ["FILES", "heredocs", "mutated_patches", "valid_patches"]

_SHARED = {
    "short.txt": "one\ntwo\nthree\n",
    "long.txt": "".join(f"line {n}\n" for n in range(1, 31)),
    "code.py": "def f(a):\n    if a:\n        return 1\n    return 2\n\n\ndef g(b):\n    return b\n",
    "repeated.txt": "x\nsame\ny\nsame\nz\nsame\n",
    "unicode.txt": "naïve café\n“quoted” — dash\n漢字\n😀 smile\nplain\n",
    "no_newline.txt": "first\nlast",
    "blank.txt": "\n\na\n\nb\n\n",
    "tabs.txt": "\tone\n\t\ttwo\n  three \n",
    "crlf.txt": "one\r\ntwo\r\nthree\r\nfour\r\n",
    "empty.txt": "",
}
FILES = {f"{folder}/{name}": text for folder in ("v", "w") for name, text in _SHARED.items()}

_WORDS = (
    "alpha",
    "beta",
    "x = 1",
    "",
    "  indented",
    "\ttab",
    "é…😀",
    "“q”",
    "+plus",
    "-minus",
    "@@ at",
    "*** stars",
    "end ",
)


def valid_patches(world: World) -> Group:
    return (patch("patch", _wrapped(world.random, _valid(world, "v/"))),)


def mutated_patches(world: World) -> Group:
    body = _valid(World(random=world.random, files=dict(FILES)), "w/")
    return (patch("patch_mutated", spoilt(world.random, body)),)


def heredocs(world: World) -> Group:
    """Patches as a script that the agent takes for itself, and scripts that are nearly that."""
    random = world.random
    text = _valid(world, "v/")
    if world.chance(0.25):
        text = spoilt(random, _valid(World(random=random, files=dict(FILES)), "w/"))
    word = random.choice(("EOF", "EOF", "PATCH", "E_1"))
    quoted = random.choice((f"'{word}'", f"'{word}'", f"'{word}'", f'"{word}"', word))
    name = random.choice(("apply_patch", "apply_patch", "apply_patch", "applypatch"))
    gap = random.choice((" ", " ", "", "  "))
    tail = random.choice(("", "", "\n", "\n\n", " "))
    script = f"{name}{gap}<<{gap.strip()}{quoted}\n{text.rstrip(chr(10))}\n{word}{tail}"
    if world.chance(0.15):
        script = random.choice(("cd . && ", "cd ./ && ", "cd nowhere && ", "cd v/.. && ")) + script
    workdir = {"workdir": random.choice((".", "./", ""))} if world.chance(0.1) else {}
    return (exec_command("heredoc", script, **workdir),)


def _wrapped(random: Random, text: str) -> str:
    """The same patch as models write it: with and without a last newline, blanks around, in a heredoc."""
    ways = ("{}", "{}", "{}", "{}\n", "\n{}\n", "  {}  ", "<<EOF\n{}\nEOF", "<<'EOF'\n{}\nEOF\n", '<<"EOF"\n{}\nEOF')
    return random.choice(ways).replace("{}", text)


def _valid(world: World, folder: str) -> str:
    """A patch of one to three operations that fits the world's files, which are changed by it."""
    random = world.random
    parts = []
    touched: set[str] = set()
    for _ in range(random.choice((1, 1, 1, 1, 2, 3))):
        there = [name for name in sorted(world.files) if name.startswith(folder) and name not in touched]
        make = random.choice((_add, _delete, _update, _update, _update, _update, _move))
        if make is _add or not there:
            parts.append(_add(world, folder, touched))
        else:
            parts.append(make(world, random.choice(there), touched))
    return "\n".join(["*** Begin Patch", *parts, "*** End Patch"])


def _add(world: World, folder: str, touched: set[str]) -> str:
    random = world.random
    name = (
        f"{folder}{random.choice(('', 'd/', 'd/e/'))}{random.choice(('n', 'new file', 'é'))}{random.randint(1, 99)}.txt"
    )
    while name in touched:
        name += "x"
    touched.add(name)
    lines = [random.choice(_WORDS) for _ in range(random.choice((0, 1, 1, 2, 5)))]
    world.files[name] = "".join(f"{line}\n" for line in lines)
    return "\n".join([f"*** Add File: {name}", *(f"+{line}" for line in lines)])


def _delete(world: World, name: str, touched: set[str]) -> str:
    touched.add(name)
    del world.files[name]
    return f"*** Delete File: {name}"


def _move(world: World, name: str, touched: set[str]) -> str:
    folder = name.partition("/")[0]
    target = f"{folder}/{world.random.choice(('moved', 'm/o'))}{world.random.randint(1, 99)}.txt"
    if target in world.files or target in touched:
        return _update(world, name, touched)
    text = _update(world, name, touched)
    touched.add(target)
    world.files[target] = world.files.pop(name)
    head, _, rest = text.partition("\n")
    return f"{head}\n*** Move to: {target}\n{rest}"


def _update(world: World, name: str, touched: set[str]) -> str:
    """Hunks in the order of the file, each with some context and some change."""
    random = world.random
    touched.add(name)
    old = world.files[name].replace("\r\n", "\n").splitlines()
    hunks: list[str] = []
    new: list[str] = []
    at = 0
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if at > len(old):
            break
        start = random.randint(at, max(at, min(len(old), at + 8)))
        gone = random.randint(0, min(3, len(old) - start))
        put = [random.choice(_WORDS) for _ in range(random.choice((0, 1, 1, 2)))]
        before = random.randint(0, min(3, start - at))
        after = random.randint(0, min(3, len(old) - start - gone))
        if not before and not gone and not after and old:
            continue  # an insertion that nothing holds goes to the end of the file
        if not gone and not put:
            put = ["put"]
        lines = [f" {line}" for line in old[start - before : start]]
        lines += [f"-{line}" for line in old[start : start + gone]] + [f"+{line}" for line in put]
        lines += [f" {line}" for line in old[start + gone : start + gone + after]]
        if start + gone + after == len(old) and random.random() < 0.2:
            lines.append("*** End of File")
        hunks += [_header(random, old, at, start - before), *lines]
        new += [*old[at:start], *put, *old[start + gone : start + gone + after]]
        at = start + gone + after
    if not hunks:
        line = "put" if not old else old[0]
        hunks = ["@@", *([] if not old else [f"-{line}"]), "+put"]
        new, at = ["put"], min(1, len(old))
    new += old[at:]
    world.files[name] = "".join(f"{line}\n" for line in new)
    return "\n".join([f"*** Update File: {name}", *hunks])


def _header(random: Random, old: list[str], at: int, start: int) -> str:
    """`@@`, sometimes with a line above the hunk to look for."""
    above = [line for line in old[at:start] if line.strip() and old.count(line) == 1]
    return f"@@ {random.choice(above)}" if above and random.random() < 0.4 else "@@"
