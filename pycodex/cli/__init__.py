"""The commands, one file each; `main` finds the one that is meant."""

__all__: list[str] = []
