"""A stand-in for an interactive agent: a prompt, one request for each line, `/quit`."""

import os
import sys
import termios
import tty
import urllib.request
from pathlib import Path


def line() -> str:
    """What is pasted, up to Enter."""
    text = ""
    while not text.endswith("\r"):
        text += os.read(0, 1024).decode()
    return text.replace("\x1b[200~", "").replace("\x1b[201~", "").rstrip("\r")


def main() -> None:
    before = termios.tcgetattr(0)
    tty.setraw(0)
    config = (Path(os.environ["CODEX_HOME"]) / "config.toml").read_text()
    base_url = next(line.split('"')[1] for line in config.splitlines() if line.startswith("base_url"))
    sys.stdout.write("\x1b[6n")  # a program that wants to know where it is, and gets an answer
    sys.stdout.flush()
    while not os.read(0, 100).endswith(b"R"):
        pass
    while True:
        sys.stdout.write(f"\x1b[?2004h{os.get_terminal_size().columns} wide\r\n> ")
        sys.stdout.flush()
        text = line()
        if text == "/quit":
            break
        body = b'{"model":"' + text.encode() + b'","stream":true,"input":[]}'
        request = urllib.request.Request(f"{base_url}/responses", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            response.read()
        sys.stdout.write(f"\r\ntold {text}\r\n")
    termios.tcsetattr(0, termios.TCSADRAIN, before)


main()
