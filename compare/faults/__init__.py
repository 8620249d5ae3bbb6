"""The fault table: what codex-cli does before each fault of a provider, as its recordings show it.

`rows.yaml` says which fault is shown by which run of which scenario; everything else on the page is read from
recordings.
"""
