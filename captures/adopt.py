"""A session recorded before a live provider (`python -m fake_server --proxy URL --record FOLDER`) as a recording.

Such a session has requests and responses only: who ran the agent, and where, is not known here. What it gives is
enough for `promote`, which makes a scenario of it.
"""

from __future__ import annotations

import json
from pathlib import Path

from captures.canonical import RawExchange, RawRun, canonical_tree
from captures.host import host_facts
from captures.placeholders import Window
from captures.recording import Recording, RecordingError
from fake_server.journal import Exchange

__all__ = ["EXCHANGES", "adopt"]

EXCHANGES = "exchanges.jsonl"


def adopt(folder: Path, lane: str = "live/any") -> Recording:
    """The recording of the `exchanges.jsonl` in `folder`; its scenario is the folder's name.

    Raises RecordingError with the line where the file is not what `--record` writes.
    """
    path = folder / EXCHANGES
    exchanges = []
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror}; `python -m fake_server --record` writes it") from None
    for number, line in enumerate(text.splitlines(), 1):
        try:
            exchanges.append(Exchange.from_json(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{path}, line {number}: not an exchange ({error!r})") from None
    if not exchanges:
        raise RecordingError(f"{path}: no exchange was recorded")
    raw = RawRun(
        window=Window(start=min(e.started for e in exchanges), end=max(e.finished for e in exchanges)),
        root="",
        ports=(),
        host=host_facts(),
        exchanges=[RawExchange(run=1, exchange=exchange) for exchange in exchanges],
        results=(),
        files={},
        home={},
        rollouts={},
        scripted=False,
    )
    return Recording(lane=lane, scenario=folder.resolve().name, tree=canonical_tree(raw))
