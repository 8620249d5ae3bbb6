"""pycodex with one header of its 0.169.0 dialect under another name: `broken_agent.py --upstream VERSION ARGV...`.

Nothing else of it is touched, and nothing stands between it and the server.
"""

from pycodex.cli.main import main
from pycodex.records import replace
from pycodex.upstream import v0_169_0

RENAMED = ("session-id", "session_id")


def broken() -> None:
    old, new = RENAMED
    dialect = v0_169_0.DIALECT
    headers = tuple(replace(one, name=new) if one.name == old else one for one in dialect.head.headers)
    v0_169_0.DIALECT = replace(dialect, head=replace(dialect.head, headers=headers))


if __name__ == "__main__":
    broken()
    main()
