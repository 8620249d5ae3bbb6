"""The comparison itself under test: recordings made wrong in every small way."""
