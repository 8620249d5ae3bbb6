"""A stand-in for an agent: posts once and leaves files, so that the driver is tested without codex-cli or pycodex."""

import json
import os
import sys
import time
import urllib.request
import uuid
from pathlib import Path

HOME = Path(os.environ["CODEX_HOME"])


def uuid7() -> str:
    value = (time.time_ns() // 1_000_000 << 80) | (7 << 76) | (0b10 << 62) | (uuid.uuid4().int & ((1 << 62) - 1))
    return str(uuid.UUID(int=value))


def main() -> int:
    if sys.argv[1] == "hang":
        if os.fork() == 0:
            os.setsid()  # a child that leaves the process group
        time.sleep(600)
    config = (HOME / "config.toml").read_text()
    base_url = next(line.split('"')[1] for line in config.splitlines() if line.startswith("base_url"))
    thread = uuid7()
    text = sys.argv[1] if sys.argv[1] != "-" else sys.stdin.read()
    body = json.dumps(
        {
            "model": "m",
            "stream": True,
            "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}],
        },
        separators=(",", ":"),
    )
    request = urllib.request.Request(f"{base_url}/responses", body.encode(), {"Session-Id": thread}, method="POST")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as response:
        answer = response.read().decode()
    words = [json.loads(line[6:]).get("delta", "") for line in answer.splitlines() if line.startswith("data: ")]
    print("".join(words))
    folder = HOME / "sessions" / time.strftime("%Y/%m/%d")
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S")
    (folder / f"rollout-{stamp}-{thread}.jsonl").write_text(f'{{"id":"{thread}","cwd":"{os.getcwd()}"}}\n')
    (HOME / "cache.bin").write_bytes(b"\0\1")
    Path("made.txt").write_text("made\n")
    print(f"thread {thread}", file=sys.stderr)
    return 3 if text == "fail" else 0


sys.exit(main())
