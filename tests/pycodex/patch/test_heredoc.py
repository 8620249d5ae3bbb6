"""Which scripts are a patch; each row was measured on both binaries (captured: patch/heredoc_forms, heredoc_others)."""

from __future__ import annotations

import pytest

from pycodex.patch.heredoc import find_patch

BODY = "*** Begin Patch\n+x $HOME\n*** End Patch"


@pytest.mark.parametrize(
    ("script", "folder"),
    [
        (f"apply_patch <<'EOF'\n{BODY}\nEOF", None),
        (f"\n  applypatch <<EOF\n{BODY}\nEOF\n\n", None),
        (f'apply_patch << "E F" \n{BODY}\nE F', None),
        (f"apply_patch <<\\EOF\n{BODY}\nEOF", None),
        (f"FOO=1 apply_patch <<EOF\n{BODY}\nEOF;", None),
        (f"apply_patch <<EOF\n{BODY}\nEOF &", None),
        (f"apply_patch <<EOF\n{BODY}\nEOFoo\nEOF", None),
        (f"apply_patch <<EOF\n{BODY}\nEOF; echo x", None),
        (f"apply_patch <<EOF\n{BODY}\nEOF oo bar # c\nx", None),
        (f"apply_patch <<EOF\n{BODY}\nEOF\\\n", None),
        (f"apply_patch <<a'b\n{BODY}\na'b", None),
        (f"cd sub && apply_patch <<EOF\n{BODY}\nEOF", "sub"),
        (f"cd sub&&\n\napply_patch -x 'y z' <<EOF\n{BODY}\nEOF", "sub"),
        (f"cd 'a b' && apply_patch <<EOF\n{BODY}\nEOF", "a b"),
        (f"cd '' && apply_patch <<EOF\n{BODY}\nEOF", ""),
        (f'cd "a b" && apply_patch <<EOF\n{BODY}\nEOF', "a b"),
        (f'cd "$HOME/sub" && apply_patch <<EOF\n{BODY}\nEOF', "/sub"),
        (f"cd sub\\ x \\\n && apply_patch <<EOF\n{BODY}\nEOF", "sub\\ x"),
        (f"cd s*b && apply_patch <<EOF\n{BODY}\nEOF", "s*b"),
    ],
)
def test_a_script_that_is_a_patch(script: str, folder: str | None) -> None:
    found = find_patch(script)
    assert found is not None
    assert (found.text, found.folder) == (BODY, folder)


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (f"apply_patch <<-EOF\n{BODY}\n\tEOF", f"{BODY}\n\t"),
        (f"apply_patch <<EOF\n{BODY}\n EOF\nEOF", f"{BODY}\n EOF"),
        (f"apply_patch <<EOF\n{BODY}", "*** Begin Patch\n+x $HOME"),
        ("applypatch<<'E\n\nt\n", "t"),
        ("apply_patch <<'EOF'\n***\n", "***"),
    ],
)
def test_what_the_grammar_takes_for_the_patch(script: str, text: str) -> None:
    found = find_patch(script)
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize(
    "script",
    [
        f"cd sub; apply_patch <<EOF\n{BODY}\nEOF",
        f"cd sub || apply_patch <<EOF\n{BODY}\nEOF",
        f"cd $HOME && apply_patch <<EOF\n{BODY}\nEOF",
        f'cd "" && apply_patch <<EOF\n{BODY}\nEOF',
        f'cd "su"b && apply_patch <<EOF\n{BODY}\nEOF',
        f"cd sub{{a}} && apply_patch <<EOF\n{BODY}\nEOF",
        f"cd a b && apply_patch <<EOF\n{BODY}\nEOF",
        f"cd && apply_patch <<EOF\n{BODY}\nEOF",
        f"echo x && apply_patch <<EOF\n{BODY}\nEOF",
        f"apply_patch -x <<EOF\n{BODY}\nEOF",
        f"apply_patch <<EOF\n{BODY}\nEOF\necho done",
        f"apply_patch <<EOF\n{BODY}\nEOFX",
        "apply_patch <<EOF\n*** Begin Patch\n+x\n*** End Patch\n EOF\nEOF",
        f"apply_patch <<EOF\n{BODY}\nEOF\n# c",
        f"apply_patch <<EOF\n{BODY}\nEOFoo\n)",
        f"apply_patch <<EOF\n{BODY}\nEOF1\nEOF",
        f"apply_patch <<EOF\n{BODY}\nEOF && echo x",
        f"apply_patch <<EOF\n{BODY}\nEOFoo | cat\nx",
        f"apply_patch <<'é'\n{BODY}\né",
        f"apply_patch <<EOF | cat\n{BODY}\nEOF",
        f"apply_patch > out <<EOF\n{BODY}\nEOF",
        "apply_patch <<EOF\n*** Begin Patch",
        f"apply_patch <<'EOF'\n{BODY}",
        f"apply_patch '{BODY}'",
        f"# c\napply_patch <<EOF\n{BODY}\nEOF",
        f'"apply_patch" <<EOF\n{BODY}\nEOF',
        BODY,
    ],
)
def test_a_script_that_is_left_to_the_shell(script: str) -> None:
    assert find_patch(script) is None
