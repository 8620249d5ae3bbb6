"""Programs of code mode: values, exceptions, promises, timers and nested calls, put together at random.

What a program does follows from its text alone: timers stand wide apart, nested commands only echo.
"""

from __future__ import annotations

from tests.fuzz.calls import Call, Group, World

__all__ = ["program", "programs"]

_LITERALS = (
    "0",
    "-0",
    "1.5",
    "1e21",
    "NaN",
    "-Infinity",
    "10n",
    "0x1f",
    "1_000",
    '""',
    '"a"',
    '"é😀"',
    '"\\ud800"',
    "'l\\n'",
    "true",
    "null",
    "undefined",
    "[]",
    "[1, , 2]",
    "{}",
    "{a: 1, [1 + 1]: 'b'}",
    "/x+/gi",
    "Symbol('s')",
    "new Date(0)",
    "new Map([[1, 2]])",
    "new Set('ab')",
    "() => 1",
    "function named() {}",
    "class {}",
    "new Error('e')",
    "Math",
    "globalThis.none",
    "new Uint8Array(2)",
    "Object.create(null)",
    "Object('boxed')",
    "[[[]]]",
    "`t${1}`",
    "new Proxy([1], {})",
    "async () => 1",
)
_UNARY = ("!", "-", "+", "typeof ", "void ", "~", "await ", "...")
_BINARY = ("+", "-", "*", "/", "%", "**", "<", ">=", "==", "===", "&&", "||", "??", "in", "instanceof", "|", "<<", ",")
_MEMBERS = (
    ".length",
    ".x",
    "?.x",
    "?.x.y",
    "[0]",
    ".toString()",
    ".map(v => v)",
    ".at(-1)",
    ".toUpperCase?.()",
    ".constructor?.name",
    ".then",
    ".stack",
    ".message",
    "()",
    "?.()",
    ".valueOf()",
    ".toJSON?.()",
    ".x.y",
    ".concat('z')",
    ".at",
)
_CALLS = (
    "String",
    "Number",
    "JSON.stringify",
    "Object.keys",
    "Array.from",
    "Boolean",
    "BigInt",
    "Promise.resolve",
    "Object.entries",
    "structuredClone",
    "parseInt",
    "isNaN",
    "Array.isArray",
    "Object.freeze",
    "Reflect.ownKeys",
    "load",
    "text",
    "Symbol",
    "new Date",
    "new Error",
    "new TypeError",
    "encodeURIComponent",
    "JSON.parse",
    "Math.max",
    "notify",
    "image",
    "content",
    "clearTimeout",
)


class _Writer:
    def __init__(self, world: World) -> None:
        self.world = world
        self.random = world.random
        self.names: list[str] = []
        self.count = 0
        self.calls = True
        """Whether there may be nested calls: one that is cut off is logged or not, from run to run."""

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def expression(self, depth: int = 2) -> str:
        random = self.random
        if depth == 0 or self.world.chance(0.25):
            return random.choice([*_LITERALS, *self.names])
        inner = self.expression(depth - 1)
        match random.randrange(7):
            case 0:
                return f"{random.choice(_UNARY[:-1])}({inner})"
            case 1:
                return f"({inner}) {random.choice(_BINARY)} ({self.expression(depth - 1)})"
            case 2:
                return f"({inner}){random.choice(_MEMBERS)}"
            case 3:
                return f"{random.choice(_CALLS)}({inner})"
            case 4:
                return f"[{inner}, {self.expression(depth - 1)}]"
            case 5:
                return f"({{k: {inner}, ...({self.expression(depth - 1)})}})"
            case _:
                return f"(({inner}) ? {self.expression(depth - 1)} : {self.expression(depth - 1)})"

    def block(self, depth: int) -> str:
        known = len(self.names)
        lines = [self.statement(depth) for _ in range(self.random.randint(1, 3))]
        del self.names[known:]
        return "{\n" + "\n".join(lines) + "\n}"

    def statement(self, depth: int = 2) -> str:
        simple = (self._said, self._said, self._kept, self._thrown, self._stored, self._nested, self._stack)
        deep = (self._tried, self._branch, self._loop, self._function, self._promises, self._timer, self._class)
        return self.random.choice(simple + (deep if depth else ()))(depth)

    def _said(self, depth: int) -> str:
        return f"text({self.expression()});"

    def _kept(self, depth: int) -> str:
        value = self.expression()
        self.names.append(name := self.name())
        return f"{self.random.choice(('const', 'let', 'var'))} {name} = {value};"

    def _thrown(self, depth: int) -> str:
        if self.world.chance(0.6):
            return f"text({self.expression(1)});"
        if self.world.chance(0.1):
            return "exit();"
        return f"throw {self.expression(1)};"

    def _stored(self, depth: int) -> str:
        key = self.random.choice(("a", "b"))
        return f"store('{key}', {self.expression()}); text(load('{key}'));"

    def _nested(self, depth: int) -> str:
        if not self.calls:
            return self._said(depth)
        word = self.random.choice(("one", "two"))
        return self.random.choice(
            (
                f"text((await tools.exec_command({{cmd: 'echo {word}'}})).output);",
                f"text((await tools.exec_command({{cmd: 'exit {self.random.randint(0, 9)}'}})).exit_code);",
                f"text(await tools.exec_command({self.expression(1)}).then(r => r.output, e => [typeof e, e]));",
                f"text(await tools.apply_patch({self.expression(1)}).catch(e => e));",
                f"await tools.exec_command({{cmd: {self.random.randint(0, 9)}}});",
                "text(await tools.view_image({path: 'x'}).catch(e => e.length > 5));",
            )
        )

    def _stack(self, depth: int) -> str:
        return f"try {{ {self.expression(1)}; null.f() }} catch (e) {{ text(e?.stack) }}"

    def _tried(self, depth: int) -> str:
        last = f" finally {self.block(depth - 1)}" if self.world.chance(0.3) else ""
        return f"try {self.block(depth - 1)} catch (e) {{ text(e); text(e?.message) }}{last}"

    def _branch(self, depth: int) -> str:
        return f"if ({self.expression(1)}) {self.block(depth - 1)} else {self.block(depth - 1)}"

    def _loop(self, depth: int) -> str:
        wait = self.random.choice(("", " await"))
        return f"for{wait} (const {self.name()} of [1, Promise.resolve(2)]) {self.block(depth - 1)}"

    def _function(self, depth: int) -> str:
        name = self.name()
        kind = self.random.choice(("function ", "async function ", "function* ", "async function* "))
        could, self.calls = self.calls, self.calls and kind.startswith("async")
        body = self.block(depth - 1)
        self.calls = could
        if not kind.startswith("async"):
            body = body.replace("await ", "")
        call = f"{name}()" if "*" not in kind else f"{name}().next()"
        return f"{kind}{name}() {body}\ntext(await {call});"

    def _promises(self, depth: int) -> str:
        how = self.random.choice(("all", "allSettled", "race", "any"))
        could, self.calls = self.calls, False
        inputs = ", ".join(self._promise(depth) for _ in range(2))
        self.calls = could
        end = self.random.choice(("", ".catch(e => [e, e?.errors])", ".finally(() => text('last'))"))
        return f"text(await Promise.{how}([{inputs}]){end});"

    def _promise(self, depth: int) -> str:
        return self.random.choice(
            (
                f"Promise.resolve({self.expression(1)})",
                f"Promise.reject({self.expression(1)})",
                f"(async () => {self.block(depth - 1)})()",
                f"new Promise((yes, no) => {{ yes({self.expression(0)}); no(1) }})",
                f"Promise.resolve().then(() => {{ throw {self.expression(1)} }})",
                self.expression(0),
            )
        )

    def _timer(self, depth: int) -> str:
        """Both are over before the next statement; forty milliseconds keep them apart. Where nothing may be awaited
        neither fires: a call of the program would race with it."""
        first, second = self.random.choice(((0, 40), (40, 80), (80, 20), (20, 60)))
        if not self.calls:
            first, second = 60_000, 70_000
        could, self.calls = self.calls, False
        body = self.block(0).replace("await ", "")
        self.calls = could
        return (
            f"setTimeout(() => {body}, {first}); const {self.name()} = setTimeout(() => text('{second}'), {second});\n"
            "await new Promise(r => setTimeout(r, 160));"
        )

    def _class(self, depth: int) -> str:
        name = self.name()
        could, self.calls = self.calls, False
        body = self.block(depth - 1).replace("await ", "")
        self.calls = could
        return (
            f"class {name} extends Error {{ #p = 1; get g() {{ return this.#p }} m() {body} }}\n"
            f"text(new {name}('c').m()); text(new {name}().g);"
        )


def program(world: World) -> str:
    """The source of a program; some cannot be parsed."""
    writer = _Writer(world)
    source = "\n".join(writer.statement() for _ in range(world.random.randint(1, 5)))
    if world.chance(0.1):
        at = world.random.randrange(len(source) + 1)
        spoiler = world.random.choice(
            ("", "(", "}", "await", "'", "`", ";", "return ", "import ", "@", "\n", "let v1;")
        )
        source = source[:at] + spoiler + source[at + world.random.randint(0, 2) :]
    return source


def programs(world: World) -> Group:
    """A call of `exec`."""
    return (Call(kind="programs", item={"custom_call": {"name": "exec", "input": program(world) or "text(0)"}}),)
