"""`python -m pycodex.responses_server`."""

import asyncio
import os
import signal
import subprocess
import sys

import aiohttp
import pytest

from fake_server.chat import ChatServer
from pycodex.responses_server.backend import backend_url
from tests.repository import ROOT

ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
WORDS = (sys.executable, "-m", "pycodex.responses_server")


async def test_it_serves_until_it_is_ended() -> None:
    pipe = asyncio.subprocess.PIPE
    async with ChatServer() as backend:
        backend.load([{"text": "Hi."}])
        argv = (
            "--backend",
            backend.base_url.removesuffix("/v1"),
            "--port",
            "0",
            "--api-key-env",
            "KEY",
            "--model",
            "x",
        )
        program = await asyncio.create_subprocess_exec(
            *WORDS, *argv, env={**ENV, "KEY": "secret"}, stdout=pipe, stderr=pipe
        )
        try:
            async with asyncio.timeout(60):
                assert program.stdout is not None
                url = (await program.stdout.readline()).decode().split()[0]
                body = {"model": "m", "input": "hi", "tools": [{"type": "web_search"}]}
                async with aiohttp.ClientSession() as client, client.post(f"{url}/responses", json=body) as got:
                    assert (await got.json())["output"][0]["content"][0]["text"] == "Hi."
                program.send_signal(signal.SIGTERM)
                _, err = await program.communicate()
        finally:
            if program.returncode is None:
                program.kill()
        assert (program.returncode, b"web_search" in err) == (0, True)
        assert (backend.requests[0]["model"], backend.heads[0]["authorization"]) == ("x", "Bearer secret")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "--backend"),
        (("--backend", "ftp://x"), "is not an address"),
        (("--backend", "http://x", "--api-key-env", "NO_SUCH"), "NO_SUCH"),
        (("--backend", "http://x", "--header", "nothing"), "is no header"),
        (("--backend", "http://x", "--port", "99999"), "is no port"),
        (("--backend", "http://x", "--store-mb", "-1"), "megabytes"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(argv: tuple[str, ...], words: str) -> None:
    done = subprocess.run([*WORDS, *argv], env=ENV, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, words in done.stderr.splitlines()[-1]) == (2, True), done.stderr


def test_without_aiohttp_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['aiohttp'] = None\nfrom pycodex.responses_server.__main__ import main\n"
    code += "sys.exit(main(['--backend', 'http://127.0.0.1:1']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, "python-codex[server]" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://h:1", "http://h:1/v1"),
        ("http://h:1/", "http://h:1/v1"),
        ("h:1", "http://h:1/v1"),
        ("https://h/api/v3/", "https://h/api/v3"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1"),
        ("https://h?v=1", "https://h/v1?v=1"),
        ("http://[::1]:8", "http://[::1]:8/v1"),
    ],
)
def test_an_address_without_a_path_means_v1(given: str, base: str) -> None:
    assert backend_url(given) == base
