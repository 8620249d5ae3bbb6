"""Fixtures of the conformance tests."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from compare.cells import CellName
from tests.conformance.candidate import Candidate, record_candidate
from tests.conformance.extension import AGENT, REFUSED, RecordingExtension


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    if config.getoption("update_snapshots", default=False) and any(here in item.path.parents for item in items):
        raise pytest.UsageError(REFUSED)
    # Last: the worker that has the second half of all tests makes the recordings, and the other one has enough to do
    # until they are there.
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def candidate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Candidate:
    """The candidate's recordings of all cells that this session tests."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "candidate"
    cells: set[CellName] = set()
    for item in request.session.items:
        values = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        cell = values.get("cell")
        if "surface" in values and isinstance(cell, CellName):
            cells.add(cell)
    return record_candidate(AGENT, cells, shared)


@pytest.fixture
def upstream(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The recordings of the real codex-cli, as snapshots."""
    return snapshot.use_extension(RecordingExtension)
