"""Drift: what changed between two versions of codex-cli, and when, over several.

plan      two versions -> which model plays each role in both, and which scenarios are held against each other
record    what is not in the tree is recorded below `.work`, and kept for the next time
reshape   a recording as rules are told: headers and tools by name, the base prompt in one place
subjects  a difference -> what it is about: a header, a key, an item, a tool, an event, a line
changes   differences of all scenarios -> one change each, in the order of what must be done first
texts     how a prompt changed, word by word
render    the changes as text, Markdown and JSON
facts     what one version does, distilled from its recordings: `captures/timeline/<version>.json`
timeline  the facts of several versions -> `docs/TIMELINE.md`
command   `python -m compare drift`
"""
