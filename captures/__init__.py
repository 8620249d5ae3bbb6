"""Scenarios, the driver that runs agents through them, and recordings of what the agents did."""

__all__: list[str] = []
