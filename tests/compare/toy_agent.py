"""A stand-in for codex-cli: posts once, and says another word in those of its starts that are named.

`toy_agent.py COUNTER WORD,WORD... ARGV...` keeps the number of its starts in the file COUNTER and prints
the word of this start, the last one from then on.
"""

import os
import sys
import urllib.request
from pathlib import Path

counter, words = Path(sys.argv[1]), sys.argv[2].split(",")
starts = int(counter.read_text()) if counter.exists() else 0
counter.write_text(str(starts + 1))
config = (Path(os.environ["CODEX_HOME"]) / "config.toml").read_text()
base_url = next(line.split('"')[1] for line in config.splitlines() if line.startswith("base_url"))
body = b'{"model":"m","stream":true,"input":[]}'
request = urllib.request.Request(f"{base_url}/responses", body, {"Content-Type": "application/json"}, method="POST")
with urllib.request.urlopen(request) as response:
    response.read()
print(words[min(starts, len(words) - 1)])
