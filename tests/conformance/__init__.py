"""The candidate against the recordings of the real codex-cli, one test per scenario, lane and surface."""
