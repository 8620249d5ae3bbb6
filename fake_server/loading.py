"""Files -> Script, for the command line. Every error is a LoadError or ScriptError that names the file."""

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from fake_server.journal import Exchange
from fake_server.replay import exchanges_script, responses_script
from fake_server.script import Script, ScriptError

__all__ = ["LoadError", "load_replay", "load_scenario", "load_script"]


class LoadError(Exception):
    """A file that cannot be used; the message names it and says what to do."""


def load_script(path: Path) -> Script:
    """A YAML or JSON file that holds the tracks themselves."""
    return _script(_yaml(path), path)


def load_scenario(path: Path) -> Script:
    """The `answers` of a scenario file; its other keys are not looked at."""
    data = _yaml(path)
    if not isinstance(data, Mapping) or "answers" not in data:
        raise LoadError(f"{path}: no key `answers`; if the file holds the tracks themselves, use --script")
    return _script(data["answers"], path)


def load_replay(folder: Path, scenario: Script | None = None) -> Script:
    """A folder with `responses.json` (a recording) or `exchanges.jsonl` (written by --record)."""
    responses, exchanges = folder / "responses.json", folder / "exchanges.jsonl"
    if responses.is_file():
        return _replayed(responses, scenario)
    if not exchanges.is_file():
        raise LoadError(f"{folder}: neither responses.json nor exchanges.jsonl is in it; there is nothing to replay")
    read = []
    for number, line in enumerate(_text(exchanges).splitlines(), 1):
        try:
            read.append(Exchange.from_json(json.loads(line)))
        except (ValueError, TypeError, AttributeError) as error:
            raise LoadError(f"{exchanges} line {number}: {error}") from None
    return exchanges_script(read)


def _replayed(path: Path, scenario: Script | None) -> Script:
    try:
        data = json.loads(_text(path))
    except ValueError as error:
        raise LoadError(f"{path}: not JSON: {error}") from None
    listed = data.get("responses") if isinstance(data, Mapping) else data
    if not isinstance(listed, list):
        raise LoadError(f"{path}: must be a list of responses, or an object with the list under `responses`")
    try:
        return responses_script(listed, scenario)
    except ScriptError as error:
        raise LoadError(f"{path}: {error}") from None


def _script(data: Any, path: Path) -> Script:
    try:
        return Script.from_data(data)
    except ScriptError as error:
        raise LoadError(f"{path}: {error}") from None


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(_text(path), _Loader)
    except yaml.YAMLError as error:
        raise LoadError(f"{path}: not YAML: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise LoadError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error: the first would be lost without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
