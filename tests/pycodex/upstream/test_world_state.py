from pathlib import Path

from pycodex.upstream.data import UpstreamData
from pycodex.upstream.world_state import apply_patch, fragment_hash, merge_patch


def test_hash_of_captured_permissions() -> None:
    """captures of 0.169.0: world_state.permissions.instructions of two sandbox modes."""
    data = UpstreamData("0.169.0")
    captured = {
        "read-only": "fed2f53df24dd05a217b734cf7ad9abefa7cc6a2",
        "danger-full-access": "32ca25d6d85edaeb6f1e19b2a5cc4e08d2a631cd",
    }
    for mode, digest in captured.items():
        assert fragment_hash("developer", data.text(f"permissions.{mode}.never.md")) == digest


def test_crlf_counts_as_lf() -> None:
    assert fragment_hash("user", "a\r\nb") == fragment_hash("user", "a\nb")


def test_patch_says_first_what_is_gone() -> None:
    old = {"a": {"x": 1, "y": 2}, "b": 1, "tools": {"t": 1}}
    new = {"a": {"x": 1, "y": 3}, "b": 1, "c": 0}
    patch = merge_patch(old, new)
    assert list(patch.items()) == [("tools", None), ("a", {"y": 3}), ("c", 0)]
    assert apply_patch(old, patch) == new
    assert merge_patch(new, new) == {}


def test_data_error_names_the_file(tmp_path: Path) -> None:
    import pytest

    from pycodex.upstream.data import DataError

    with pytest.raises(DataError, match=r"nothing\.md"):
        UpstreamData("0.0.0", tmp_path).text("nothing.md")
