"""No secret and no path of somebody's machine in any file of the repository.

What a test may use in place of a key starts with one of FAKES. Absolute paths are looked for where a machine
would put a checkout or a home; `/root/task` alone is the name of an agent in codex-cli, so under that folder
only a dot file or a name with a suffix counts as a path.
"""

import re
from collections.abc import Iterator

import pytest

from tests.repository import ROOT, project_files

FAKES = ("sk-x", "sk-fake", "sk-test", "sk-dummy", "sk-example", "fake", "test", "dummy", "example")
EXAMPLE_USERS = ("user", "me", "you", "alice", "bob", "name")

_EXAMPLES = f"(?:{'|'.join(EXAMPLE_USERS)})"
_START = r"(?<![\w.$>})~/-])"  # not after something that makes the slash a separator
_SECRETS = {
    "bearer token": re.compile(r"(?i:bearer)\s+(?P<token>(?=[^\s\"']*\d)[\w.~+/=-]{12,})"),
    "API key": re.compile(r"\b(?P<token>sk-[A-Za-z0-9_-]{12,})"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})"),
    "AWS key": re.compile(r"\bA[KS]IA[0-9A-Z]{16}\b"),
    "Google key": re.compile(r"\bAIza[\w-]{35}"),
    "Slack token": re.compile(r"\bxox[abeprs]-[\w-]{10,}"),
    "npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "PyPI token": re.compile(r"\bpypi-AgE[\w-]{50,}"),
    "JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{16}"),
    "password in a URL": re.compile(r"\w://[^\s/:@\"'<>{}$]+:(?P<token>[^\s/:@\"'<>{}$]{6,})@"),
}
_PATHS = {
    "home folder": re.compile(_START + rf"/(?:home|Users)/(?!{_EXAMPLES}\b)[A-Za-z][\w.-]+"),
    "folder of the superuser": re.compile(_START + r"/root/(?:\.\w|[\w/]*\w[.-]\w)[\w./-]*"),
    "work folder": re.compile(_START + r"/works?(?:pace)?s?/\w[\w./-]*"),
    "work folder of a build machine": re.compile(_START + r"/(?:mnt|srv|builds?)/\w[\w./-]*"),
    "this checkout": re.compile(re.escape(str(ROOT)) + r"(?=[/\s\"'`:;,)]|$)"),
}


def findings(text: str) -> Iterator[str]:
    """What must not be in a file, one short line each."""
    for kind, pattern in _SECRETS.items():
        for match in pattern.finditer(text):
            token = match.groupdict().get("token") or match[0]
            if not token.lower().startswith(FAKES):
                yield f"{kind} {token[:6]}…"
    for kind, pattern in _PATHS.items():
        yield from (f"{kind} {match[0]}" for match in pattern.finditer(text))


def _line(text: str, finding: str) -> int:
    start = text.find(finding.rstrip("…").rpartition(" ")[2])
    return text.count("\n", 0, start) + 1


def test_no_file_holds_a_secret_or_a_machine_path() -> None:
    found = []
    for path in project_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}:{_line(text, each)}: {each}" for each in findings(text)]
    assert found == []


def test_no_link_leads_out_of_the_repository() -> None:
    links = {path: path.readlink() for path in project_files() if path.is_symlink()}
    outside = [path for path in links if not path.resolve().is_relative_to(ROOT)]
    assert outside + [path for path, target in links.items() if target.is_absolute()] == []


# Written in two halves, so that this file passes its own test.
@pytest.mark.parametrize(
    ("halves", "kind"),
    [
        (("Authorization: Bearer ", "q8Zr5TtKx20aLm"), "bearer token"),
        (("sk-", "proj-Zq81mNkd02LxTT"), "API key"),
        (("ghp_", "0123456789abcdefghijABCDEFGHIJ"), "GitHub token"),
        (("AKIA", "IOSFODNN7EXAMPLE"), "AWS key"),
        (("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2lnbmF0dXJl"), "JSON web token"),
        (("-----BEGIN RSA PRIVATE ", "KEY-----\nMIIEowIBAAKCAQEA"), "private key"),
        (("https://bob:", "hunter22@example.org"), "password in a URL"),
        (("cd /home", "/carol/src"), "home folder"),
        (('"/Users', '/carol.b"'), "home folder"),
        (("/root", "/.pyenv/versions"), "folder of the superuser"),
        (("/root", "/src/app.py"), "folder of the superuser"),
        (("cwd=/work", "/main"), "work folder"),
        (("/workspace", "/repo"), "work folder"),
        ((str(ROOT.parent) + "/", ROOT.name + "/Makefile"), "this checkout"),
    ],
)
def test_these_are_found(halves: tuple[str, str], kind: str) -> None:
    assert kind in [each[: len(kind)] for each in findings("".join(halves))]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer sk-x",
        "authorization: Bearer sk-fake-0123456789",
        "a bearer token goes into the header, Bearer $OPENAI_API_KEY",
        "agents are named /root, /root/t1 and `/root/task1/task_3`.",
        "<root>/home/x <home>/work/y $HOME/work/z ../work/a https://example.org/home/carol",
        "/home/user/project /Users/me/project /etc/passwd /usr/bin/bash /tmp/x /dev/null",
        "http://localhost:8080/v1 http://user@example.org/",
    ],
)
def test_these_are_not(text: str) -> None:
    assert list(findings(text)) == []
