"""An agent with a planted mistake, for the fuzzer to find: pycodex that says `cut` where it should say `truncated`."""

import sys

from pycodex import truncation
from pycodex.cli.main import main

_right = truncation.truncate_middle


def _wrong(text: str, policy: truncation.TruncationPolicy) -> str:
    return _right(text, policy).replace("tokens truncated", "tokens cut")


truncation.truncate_middle = _wrong

if __name__ == "__main__":
    sys.exit(main())
