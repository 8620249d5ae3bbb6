"""Which scripts are refused; measured on both binaries (the same in each sandbox mode)."""

from __future__ import annotations

import pytest

from pycodex.danger import any_forced_rm, plain_forced_rm

BOTH = [
    "rm -f x",
    "rm -rf x",
    "sudo rm -rf x",
    'bash -c "rm -rf x"',
    "bash -lc 'rm -f x'",
    "cd . && rm -rf b",
    "rm -f x; echo ok",
    "rm -f x | cat",
    "true || rm -f x",
    'rm "-f" x',
    "rm -rf x;",
    "rm -rf x\n\necho y",
    "echo a\n\nrm -f x",
]
ONLY_ANY = [
    "rm -fr x",
    "rm -r -f x",
    "rm --force x",
    "/bin/rm -f x",
    "rm -rfv x",
    "if true; then rm -f x; fi",
    "FOO=1 rm -f x",
    "(rm -f x)",
    "rm -f x > y",
    "rm -f $X",
    "echo $(rm -f x)",
    "env rm -f x",
    "'rm' -rf x",
    "rm -f x &",
    "touch $HOME/x; rm -f $HOME/zz; echo a > /dev/shm/x",
]
NONE = [
    "rm x",
    "echo rm -f",
    "rm -r x",
    "git reset --hard",
    "git rm -f x",
    "sudo -n rm -f x",
    "dd if=/dev/zero of=x count=0",
    "rm -- -f x",
    "xargs rm -f x </dev/null",
    "echo 'rm -f x'",
    "time rm -rf x",
    "\\rm -rf x",
    "",
]


@pytest.mark.parametrize("script", BOTH)
def test_refused_by_both_rules(script: str) -> None:
    assert (plain_forced_rm(script), any_forced_rm(script)) == (True, True)


@pytest.mark.parametrize("script", ONLY_ANY)
def test_refused_by_the_wide_rule(script: str) -> None:
    assert (plain_forced_rm(script), any_forced_rm(script)) == (False, True)


@pytest.mark.parametrize("script", NONE)
def test_not_refused(script: str) -> None:
    assert (plain_forced_rm(script), any_forced_rm(script)) == (False, False)
