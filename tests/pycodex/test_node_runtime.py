"""What Node must be: the rest is in the recordings of config/js_repl_without_node."""

import os
from pathlib import Path

import pytest

from pycodex.settings import Settings, resolve
from pycodex.upstream import load_dialect


def settings(tmp_path: Path, *flags: str, version: str = "0.115.0") -> Settings:
    env = {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}
    return resolve(load_dialect(version), cwd=tmp_path, env=env, overrides=[f"features.{flag}=true" for flag in flags])


def node(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bin" / "node"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o755)


def test_a_node_that_is_new_enough_leaves_the_feature_on(tmp_path: Path) -> None:
    node(tmp_path, "echo v22.22.0")
    features = settings(tmp_path, "js_repl").features
    assert "js_repl" in features
    assert features.warnings == ()


def test_node_runs_only_for_a_feature_that_needs_it(tmp_path: Path) -> None:
    node(tmp_path, f"touch {tmp_path}/ran; echo v1.0.0")
    assert settings(tmp_path, "apps").features.warnings == ()
    assert not (tmp_path / "ran").exists()
    assert "js_repl" not in settings(tmp_path, "js_repl").features
    assert (tmp_path / "ran").exists()


def test_a_version_without_such_features_asks_for_no_node(tmp_path: Path) -> None:
    assert settings(tmp_path, "js_repl", "code_mode", version="0.169.0").features.warnings == ()


@pytest.mark.parametrize("number", ["99999999999999999999", "+", "1_0", "٣"])
def test_what_is_no_number(tmp_path: Path, number: str) -> None:
    node(tmp_path, f"echo v{number}.0.0")
    (warning,) = settings(tmp_path, "js_repl").features.warnings
    assert "invalid major version" in warning
