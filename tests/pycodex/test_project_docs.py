"""AGENTS.md discovery as measured on both binaries."""

from __future__ import annotations

from pathlib import Path

from pycodex.project_docs import DocsStyle, ProjectDocs, discover

QUIET = DocsStyle(cut_warning=None)
LOUD = DocsStyle(
    cut_warning="{kept}/{size} {path} {budget}", skipped_warning="{path} {budget}", combined_warning="{size}"
)


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in {"ws/.git/HEAD": "", "ws/sub/dir/x": "", "home/x": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def found(root: Path, *, max_bytes: int = 32768, style: DocsStyle = QUIET, cwd: str = "ws/sub/dir") -> ProjectDocs:
    return discover(root / cwd, root / "home", max_bytes=max_bytes, fallback_names=("FALL.md",), style=style)


def test_root_to_cwd_and_home(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {"home/AGENTS.md": "  home\n\n", "ws/AGENTS.md": "root\n", "ws/sub/AGENTS.md": "sub\n\n", "AGENTS.md": "no"},
    )
    docs = found(root)
    assert docs.home == (root / "home/AGENTS.md", "home")
    assert docs.docs == ((root / "ws/AGENTS.md", "root\n"), (root / "ws/sub/AGENTS.md", "sub\n\n"))
    assert docs.text() == "home\n\n--- project-doc ---\n\nroot\n\n\nsub\n\n"


def test_override_fallback_and_blank_files(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "home/AGENTS.override.md": "  ",
            "home/AGENTS.md": "hh",
            "ws/AGENTS.md": "   \n",
            "ws/sub/AGENTS.override.md": "over",
            "ws/sub/AGENTS.md": "plain",
            "ws/sub/dir/FALL.md": "fall",
        },
    )
    assert found(root).text() == "hh\n\n--- project-doc ---\n\nover\n\nfall"


def test_only_cwd_without_a_root(tmp_path: Path) -> None:
    root = tree(tmp_path, {"free/AGENTS.md": "up", "free/sub/AGENTS.md": "here"})
    assert found(root, cwd="free/sub").text() == "here"


def test_budget_cuts_bytes_and_then_skips(tmp_path: Path) -> None:
    root = tree(tmp_path, {"ws/AGENTS.md": "0123456789é\n", "ws/sub/AGENTS.md": "sub", "ws/sub/dir/AGENTS.md": "dir"})
    docs = found(root, max_bytes=11, style=LOUD)
    assert docs.text() == "0123456789\ufffd"
    assert docs.warnings == (f"11/13 {root}/ws/AGENTS.md 11", f"{root}/ws/sub/AGENTS.md 11", "13")
    assert found(root, max_bytes=11).warnings == ()
    assert found(root, max_bytes=0, style=LOUD) == ProjectDocs(home=None, docs=())


def test_where_no_file_can_be_looked_for_none_of_the_project_counts(tmp_path: Path) -> None:
    root = tree(tmp_path, {"home/AGENTS.md": "home", "ws/AGENTS.md": "root"})
    loud = DocsStyle(cut_warning=None, failure_log=("target", "{error}"))
    docs = found(root, style=loud, cwd="ws/sub/dir/x")
    assert isinstance(docs.failure, NotADirectoryError)
    assert (docs.text(), docs.docs) == ("home", ())
    assert found(root, style=loud, max_bytes=0, cwd="ws/sub/dir/x").failure is None
    assert found(root, style=loud).text() == "home\n\n--- project-doc ---\n\nroot"
